package e2e_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// callers are the keys that the refusals need.
type callers struct {
	user                      aws.Credentials // may assume the role, may not invoke
	userARN                   string
	role, other               aws.Credentials // two sessions of the role, both may invoke
	roleSession, otherSession string          // their ARNs
	inactive, deleted         aws.Credentials
}

const (
	mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
	unknown  = "The security token included in the request is invalid."
	resource = "arn:aws:execute-api:us-east-1:********3333:orders/prod/GET/orders/v0/"
)

// refusals sends every kind of request that must not come through. The role
// must be denied /orders/v0/secret.
func (g gate) refusals(t *testing.T, who callers) {
	t.Helper()
	const (
		signature = "InvalidSignatureException"
		token     = "UnrecognizedClientException"
		denied    = "AccessDeniedException"
	)
	changed := func(change func(*http.Request)) *http.Request {
		r := g.signed(t, who.role, ask{method: "POST", target: "/orders/v0/orders?status=open", body: `{"order":1}`})
		change(r)
		return r
	}
	// A token that was used is at hand in the server's memory, where it must stay
	// bound to its key as well.
	g.passes(t, who.other, ask{at: time.Now().Add(-4 * time.Minute)}, who.otherSession)
	forged, swapped, tokenless := who.role, who.role, who.role
	forged.SessionToken = forge(who.role.SessionToken)
	swapped.SessionToken = who.other.SessionToken
	tokenless.SessionToken = ""
	guessed := who.role
	guessed.SecretAccessKey = strings.Repeat("a", 40)
	late, early := time.Now().Add(-5*time.Minute-10*time.Second), time.Now().Add(5*time.Minute+10*time.Second)

	for _, c := range []struct {
		what, kind, words string
		request           *http.Request
	}{
		{"the user's own keys", denied, "User: " + who.userARN + " is not authorized to perform: execute-api:Invoke on resource: " +
			resource + "orders because no identity-based policy allows the execute-api:Invoke action", g.signed(t, who.user, ask{})},
		{"no signature", "MissingAuthenticationTokenException", "Missing Authentication Token", g.unsigned(t, ask{})},
		{"changed path", signature, mismatch, changed(func(r *http.Request) { r.URL.Path = "/orders/v0/orders2" })},
		{"changed query", signature, mismatch, changed(func(r *http.Request) { r.URL.RawQuery = "status=all" })},
		{"added query", signature, mismatch, changed(func(r *http.Request) { r.URL.RawQuery += "&all=1" })},
		{"changed header", signature, mismatch, changed(func(r *http.Request) { r.Header.Set("X-Orders-Note", "changed") })},
		{"changed method", signature, mismatch, changed(func(r *http.Request) { r.Method = "PUT" })},
		{"changed body", signature, mismatch, changed(func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"order":2}`)) })},
		{"changed date", signature, mismatch, changed(func(r *http.Request) {
			r.Header.Set("X-Amz-Date", time.Now().Add(time.Second).UTC().Format("20060102T150405Z"))
		})},
		{"guessed secret", signature, mismatch, g.signed(t, guessed, ask{})},
		{"forged token", token, unknown, g.signed(t, forged, ask{})},
		{"token of another session", token, unknown, g.signed(t, swapped, ask{})},
		{"no token", token, unknown, g.signed(t, tokenless, ask{})},
		{"inactive key", token, unknown, g.signed(t, who.inactive, ask{})},
		{"deleted key", token, unknown, g.signed(t, who.deleted, ask{})},
		{"clock too slow", signature, "Signature expired: ", g.signed(t, who.role, ask{at: late})},
		{"clock too fast", signature, "Signature not yet current: ", g.signed(t, who.role, ask{at: early})},
		{"another region", signature, "Credential should be scoped to a valid region, not 'eu-west-1'.",
			g.signed(t, who.role, ask{region: "eu-west-1"})},
		{"another service", signature, "Credential should be scoped to correct service: 'execute-api'.",
			g.signed(t, who.role, ask{service: "sts"})},
		{"a policy that denies", denied, "User: " + who.roleSession +
			" is not authorized to perform: execute-api:Invoke on resource: " + resource +
			"secret with an explicit deny in an identity-based policy", g.signed(t, who.role, ask{target: "/orders/v0/secret"})},
	} {
		g.refuses(t, c.what, c.request, c.kind, c.words)
	}
	// The twin of what was changed: the same request, as it was signed.
	g.passes(t, who.role, ask{method: "POST", target: "/orders/v0/orders?status=open", body: `{"order":1}`}, who.roleSession)
}

// forge changes one character in the middle of a token.
func forge(token string) string {
	b := []byte(token)
	i := len(b) / 2
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// sessionARN is the ARN of a session of a role without path.
func sessionARN(roleARN, session string) string {
	part := strings.Split(roleARN, ":")
	return "arn:aws:sts::" + part[4] + ":assumed-role/" + strings.TrimPrefix(part[5], "role/") + "/" + session
}
