package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"iamd/gateway"
	"iamd/sigv4"
)

// The documents of AWS's tables: what a policy says, and what comes of two.
const (
	allowed  = "allow"
	neither  = "neither"
	denies   = "deny"
	explicit = "explicit deny"
	implicit = "implicit deny"
)

// says is a resource policy that allows or denies everybody, or is about something
// else.
func says(effect string) string {
	statement := func(effect, resource string) string {
		return `{"Effect":"` + effect + `","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/` + resource + `"}`
	}
	list := statement("Allow", "*/PUT/elsewhere")
	switch effect {
	case allowed:
		list += "," + statement("Allow", "*")
	case denies:
		list += "," + statement("Deny", "*")
	}
	return `{"Version":"2012-10-17","Statement":[` + list + `]}`
}

// TestEvaluationTables is AWS's tables A and B, whole, for both contracts that ask
// for a signature.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html#apigateway-resource-policies-iam-policies-interaction
func TestEvaluationTables(t *testing.T) {
	tables := []struct{ identity, resource, same, cross string }{
		{allowed, allowed, allowed, allowed},
		{allowed, neither, allowed, implicit},
		{allowed, denies, explicit, explicit},
		{neither, allowed, allowed, implicit},
		{neither, neither, implicit, implicit},
		{neither, denies, explicit, explicit},
		{denies, allowed, explicit, explicit},
		{denies, neither, explicit, explicit},
		{denies, denies, explicit, explicit},
	}
	same := map[string]sigv4.Credentials{allowed: alice, neither: bob, denies: dave}
	cross := map[string]sigv4.Credentials{allowed: eve, neither: frank, denies: grace}
	for _, authorization := range []string{gateway.AuthorizationIAM, gateway.AuthorizationIAMLWA} {
		for _, row := range tables {
			w := newWorld(t, func(c *gateway.Config) {
				c.APIs[0].Authorization, c.APIs[0].ResourcePolicy = authorization, says(row.resource)
			})
			for _, side := range []struct {
				account, want string
				cred          sigv4.Credentials
			}{{owner, row.same, same[row.identity]}, {other, row.cross, cross[row.identity]}} {
				name := authorization + ", identity policy " + row.identity + ", resource policy " + row.resource + ", account " + side.account
				r := w.request(t, "GET", "/orders/secret", nil)
				w.sign(t, r, side.cred, nil)
				r.Header.Set("X-Amz-Access-Token", "Atza|any/A1")
				if authorization == gateway.AuthorizationIAM {
					w.sign(t, r, side.cred, nil)
				}
				w.outcome(t, name, r, side.want)
			}
		}
	}
}

// Without a signature the resource policy must allow by itself, if there is one.
func TestResourcePolicyOnly(t *testing.T) {
	for _, authorization := range []string{gateway.AuthorizationNone, gateway.AuthorizationLWA} {
		for what, c := range map[string]struct{ policy, want string }{
			"none":  {"", allowed},
			allowed: {says(allowed), allowed},
			neither: {says(neither), implicit},
			denies:  {says(denies), explicit},
			// A stranger is of no account.
			"allow to accounts": {strings.ReplaceAll(says(allowed), `"Principal":"*"`, `"Principal":{"AWS":["`+owner+`","`+other+`"]}`), implicit},
		} {
			w := newWorld(t, func(cfg *gateway.Config) {
				cfg.APIs[0].Authorization, cfg.APIs[0].ResourcePolicy = authorization, c.policy
			})
			r := w.request(t, "GET", "/orders", nil)
			r.Header.Set("X-Amz-Access-Token", "Atza|any/A1")
			w.outcome(t, authorization+", "+what, r, c.want)
		}
	}
}

// outcome sends a request and compares what policies made of it.
func (w *world) outcome(t *testing.T, name string, r *http.Request, want string) {
	t.Helper()
	got := do(t, r)
	e := <-w.events
	switch {
	case want == allowed && got.status != http.StatusAccepted, want != allowed && got.status != http.StatusForbidden:
		t.Errorf("%s: %d %s, want %s", name, got.status, got.body, want)
	case want == explicit != strings.Contains(e.Message, "explicit deny"), want == implicit != strings.Contains(e.Message, "because no "):
		t.Errorf("%s: %s, want %s", name, e.Message, want)
	}
}

// TestResourcePolicyConditions: what a resource policy may ask of a call, of the
// caller, and of where the caller's account stands.
func TestResourcePolicyConditions(t *testing.T) {
	const here, elsewhere = `["127.0.0.0/8","::1"]`, `["192.0.2.0/24"]`
	when := func(effect, principal, condition string) string {
		return `{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{` + condition + `}}`
	}
	for name, c := range map[string]struct {
		statement string
		bob, eve  string // of this account without a policy, of another with one
		stranger  string // under NONE
	}{
		"address":           {when("Allow", `"*"`, `"IpAddress":{"aws:SourceIp":`+here+`}`), allowed, allowed, allowed},
		"another address":   {when("Allow", `"*"`, `"IpAddress":{"aws:SourceIp":`+elsewhere+`}`), implicit, implicit, implicit},
		"not this address":  {when("Deny", `"*"`, `"NotIpAddress":{"aws:SourceIp":`+elsewhere+`}`), explicit, explicit, explicit},
		"organization":      {when("Allow", `"*"`, `"StringEquals":{"aws:PrincipalOrgID":"o-others"}`), implicit, allowed, implicit},
		"not organization":  {when("Deny", `"*"`, `"StringNotEquals":{"aws:PrincipalOrgID":"o-others"}`), explicit, implicit, explicit},
		"tag":               {when("Allow", `"*"`, `"StringEquals":{"aws:PrincipalTag/team":"bob"}`), allowed, implicit, implicit},
		"another's tag":     {when("Allow", `"*"`, `"StringEquals":{"aws:PrincipalTag/team":"eve"}`), implicit, allowed, implicit},
		"account":           {when("Allow", `{"AWS":"`+other+`"}`, `"StringEquals":{"aws:PrincipalAccount":"`+other+`"}`), implicit, allowed, implicit},
		"plain connections": {when("Deny", `"*"`, `"Bool":{"aws:SecureTransport":"false"}`), explicit, explicit, explicit},
	} {
		w := newWorld(t, func(cfg *gateway.Config) {
			cfg.APIs[0].ResourcePolicy = `{"Version":"2012-10-17","Statement":[` + c.statement + `]}`
			open := cfg.APIs[0]
			open.ID, open.Hosts, open.Authorization = "open", []string{"open.example.com"}, gateway.AuthorizationNone
			cfg.APIs = append(cfg.APIs, open)
		})
		w.outcome(t, name+", bob", w.signed(t, bob, "GET", "/orders", nil), c.bob)
		w.outcome(t, name+", eve", w.signed(t, eve, "GET", "/orders", nil), c.eve)
		r := w.request(t, "GET", "/orders", nil)
		r.Host = "open.example.com"
		w.outcome(t, name+", a stranger", r, c.stranger)
	}
}
