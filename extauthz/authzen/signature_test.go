package authzen_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"iamd/gateway"
)

// held is a request that somebody received, as it is described.
func held(t testing.TB, by aws.Credentials, method, target, body string) m {
	t.Helper()
	r, err := http.NewRequest(method, "https://"+apiHost+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Iamd-Principal-Arn", "arn:aws:iam::111122223333:root")
	if by.AccessKeyID != "" {
		sign(t, r, []byte(body), by, "execute-api", time.Now())
	}
	hash := sha256.Sum256([]byte(body))
	headers := m{}
	for name, values := range r.Header {
		headers[name] = values
	}
	if body != "" { // which the signer signs
		headers["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	return m{
		"method": method, "scheme": "https", "host": apiHost, "target": target, "headers": headers,
		"body_sha256": hex.EncodeToString(hash[:]), "source_ip": "192.0.2.7",
	}
}

// invoked is the question whether a held request may be made.
func invoked(properties m) m {
	return m{"subject": m{"type": "signature", "id": "", "properties": properties}, "action": m{"name": "execute-api:Invoke"}, "resource": m{"type": "request", "id": "*"}}
}

func (a answered) context(t *testing.T, name string) any {
	t.Helper()
	c, _ := a.object(t)["context"].(map[string]any)
	return c[name]
}

const orders = `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:shop/prod/*/orders*"},{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/clerk"}`

// TestSignature: a request that somebody received is judged as the gateway would,
// and who asks learns who sent it and what to do with it.
func TestSignature(t *testing.T) {
	w := newWorld(t)
	ann := w.user(t, "ann", "/", orders)
	w.role(t, "clerk", orders)
	w.user(t, "front", "/", `{"Effect":"Allow","Action":"authzen:EvaluateRequest","Resource":"arn:aws:execute-api:`+region+`:`+account+`:shop/prod"}`)
	front := w.keys["front"]

	a := w.ask(t, front, evaluation, marshal(t, invoked(held(t, w.keys["ann"], "POST", "/orders?b=2&a=1", "two"))))
	set, _ := a.context(t, "set_headers").(map[string]any)
	if !a.decision(t) || a.context(t, "principal_arn") != ann || a.context(t, "account") != account || a.context(t, "resource") != "arn:aws:execute-api:"+region+":"+account+":shop/prod/POST/orders" {
		t.Fatal(a.body)
	}
	if got := set["X-Iamd-Principal-Arn"].([]any); len(got) != 1 || got[0] != ann {
		t.Errorf("headers for the upstream: %v", set)
	}
	removed := strings.Join(texts(a.context(t, "remove_headers")), " ")
	for _, name := range []string{"Authorization", "X-Amz-Date"} {
		if !strings.Contains(removed, name) {
			t.Errorf("%s goes on: %s", name, removed)
		}
	}

	session := w.assume(t, w.keys["ann"], w.roles["clerk"], "")
	for name, c := range map[string]struct {
		change func(p m)
		by     aws.Credentials
		target string
		want   string // in the answer
	}{
		"not allowed":         {by: w.keys["ann"], target: "/secret", want: `is not authorized to perform: execute-api:Invoke`},
		"unsigned":            {target: "/orders", want: "MissingAuthenticationToken"},
		"an unknown key":      {by: aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, target: "/orders", want: "UnrecognizedClientException"},
		"another body":        {by: w.keys["ann"], target: "/orders", change: func(p m) { p["body_sha256"] = strings.Repeat("0", 64) }, want: "InvalidSignatureException"},
		"another method":      {by: w.keys["ann"], target: "/orders", change: func(p m) { p["method"] = "DELETE" }, want: "InvalidSignatureException"},
		"another path":        {by: w.keys["ann"], target: "/orders", change: func(p m) { p["target"] = "/orders/2" }, want: "InvalidSignatureException"},
		"another query":       {by: w.keys["ann"], target: "/orders", change: func(p m) { p["target"] = "/orders?a=1" }, want: "InvalidSignatureException"},
		"another host":        {by: w.keys["ann"], target: "/orders", change: func(p m) { p["host"] = "other.example.com" }, want: `"status":404`},
		"a host twice over":   {by: w.keys["ann"], target: "/orders", change: func(p m) { p["host"] = apiHost + "," + apiHost }, want: `"status":400`},
		"dots in the path":    {by: w.keys["ann"], target: "/orders", change: func(p m) { p["target"] = "/x/../orders" }, want: `"status":400`},
		"an escaped slash":    {by: w.keys["ann"], target: "/orders", change: func(p m) { p["target"] = "/orders%2F" }, want: `"status":400`},
		"a method of no case": {by: w.keys["ann"], target: "/orders", change: func(p m) { p["method"] = "post" }, want: `"status":400`},
	} {
		p := held(t, c.by, "POST", c.target, "")
		if c.change != nil {
			c.change(p)
		}
		a := w.ask(t, front, evaluation, marshal(t, invoked(p)))
		if a.decision(t) || !strings.Contains(a.body, c.want) || a.context(t, "set_headers") != nil {
			t.Errorf("%s: %s", name, a.body)
		}
	}

	// Several at a time, of callers of both kinds.
	list := []any{}
	for _, by := range []aws.Credentials{w.keys["ann"], session, w.root, front} {
		list = append(list, invoked(held(t, by, "GET", "/orders/1", "")))
	}
	a = w.ask(t, front, evaluations, marshal(t, m{"evaluations": list}))
	if got := strings.Count(a.body, `"decision":true`); got != 3 || strings.Count(a.body, `"decision":false`) != 1 {
		t.Errorf("several: %s", a.body)
	}
	if !strings.Contains(a.body, "arn:aws:sts::"+account+":assumed-role/clerk/session") {
		t.Errorf("no session: %s", a.body)
	}
}

func texts(v any) (list []string) {
	for _, one := range anyList(v) {
		list = append(list, one.(string))
	}
	return list
}

// TestFurther: what else the caller of a request may do, by its session's own
// policies too.
func TestFurther(t *testing.T) {
	w := newWorld(t)
	w.user(t, "ann", "/", orders+`,{"Effect":"Allow","Action":"shop:Refund","Resource":"arn:aws:shop:::order/*","Condition":{"StringEquals":{"aws:ResourceTag/state":"paid"},"NumericLessThan":{"shop:Value":"100"}}},
		{"Effect":"Allow","Action":"shop:Here","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"Bool":{"aws:SecureTransport":"true"}}}`)
	w.role(t, "clerk", orders+`,{"Effect":"Allow","Action":"shop:*","Resource":"*"}`)
	narrow := w.assume(t, w.keys["ann"], w.roles["clerk"], orders+`,{"Effect":"Allow","Action":"shop:View","Resource":"*"}`)
	wide := w.assume(t, w.keys["ann"], w.roles["clerk"], "")
	for name, c := range map[string]struct {
		by               aws.Credentials
		action, resource string
		properties, keys m
		want             bool
		status           int // instead, if not 0
		says             string
	}{
		"a tag and a key":     {by: w.keys["ann"], action: "shop:Refund", resource: "arn:aws:shop:::order/1", properties: m{"tags": m{"state": "paid"}}, keys: m{"shop:Value": 99}, want: true},
		"too much":            {by: w.keys["ann"], action: "shop:Refund", resource: "arn:aws:shop:::order/1", properties: m{"tags": m{"state": "paid"}}, keys: m{"shop:Value": 100}},
		"no tag":              {by: w.keys["ann"], action: "shop:Refund", resource: "arn:aws:shop:::order/1", keys: m{"shop:Value": 1}, says: "no identity-based policy allows the shop:Refund action"},
		"where it came from":  {by: w.keys["ann"], action: "shop:Here", resource: "*", want: true},
		"a session":           {by: wide, action: "shop:Refund", resource: "*", want: true},
		"a narrow session":    {by: narrow, action: "shop:Refund", resource: "*", says: "no session policy allows the shop:Refund action"},
		"what it may":         {by: narrow, action: "shop:View", resource: "*", want: true},
		"not the address":     {by: w.keys["ann"], action: "shop:Here", resource: "*", keys: m{"aws:SourceIp": "192.0.2.1"}, status: 400},
		"not the principal":   {by: w.keys["ann"], action: "shop:Here", resource: "*", keys: m{"AWS:principalARN": "x"}, status: 400},
		"not another's keys":  {by: w.keys["ann"], action: "shop:Here", resource: "*", keys: m{"saml:sub": "x"}, status: 400},
		"nor STS's":           {by: wide, action: "sts:AssumeRole", resource: w.roles["clerk"], keys: m{"sts:ExternalId": "x"}, status: 400},
		"another account":     {by: w.keys["ann"], action: "shop:Here", resource: "arn:aws:shop::444455556666:x", status: 403},
		"another, by word":    {by: w.keys["ann"], action: "shop:Here", resource: "arn:aws:shop:::x", properties: m{"account": "444455556666"}, status: 403},
		"no ARN":              {by: w.keys["ann"], action: "shop:Here", resource: "x", says: "has no ARN"},
		"no action":           {by: w.keys["ann"], action: "here", resource: "*", says: "none of IAM's"},
		"the resource's deny": {by: wide, action: "shop:Refund", resource: "arn:aws:shop:::order/1", properties: m{"policy": m{"Version": "2012-10-17", "Statement": m{"Effect": "Deny", "Principal": "*", "Action": "shop:*", "Resource": "*"}}}, says: "with an explicit deny in a resource-based policy"},
		"no policy":           {by: wide, action: "shop:Refund", resource: "arn:aws:shop:::order/1", properties: m{"policy": "{}"}, status: 400},
	} {
		q := invoked(held(t, c.by, "GET", "/orders/1", ""))
		q["action"] = m{"name": c.action}
		on := m{"type": "order", "id": c.resource}
		if c.properties != nil {
			on["properties"] = c.properties
		}
		if q["resource"] = on; c.keys != nil {
			q["context"] = c.keys
		}
		a := w.ask(t, w.root, evaluation, marshal(t, q))
		if c.status != 0 {
			if a.status != c.status {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
			continue
		}
		if a.decision(t) != c.want || !strings.Contains(a.reason(t), c.says) {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	// Without the right to make the request, nothing further is allowed.
	w.user(t, "eve", "/", `{"Effect":"Allow","Action":"shop:*","Resource":"*"}`)
	q := invoked(held(t, w.keys["eve"], "GET", "/orders/1", ""))
	q["action"] = m{"name": "shop:Refund"}
	if a := w.ask(t, w.root, evaluation, marshal(t, q)); a.decision(t) {
		t.Errorf("without the request: %s", a.body)
	}
}

// TestNoAPI: without APIs nothing can be said of requests.
func TestNoAPI(t *testing.T) {
	w := newWorld(t, []gateway.API{}...)
	a := w.ask(t, w.root, evaluation, marshal(t, invoked(held(t, w.root, "GET", "/orders", ""))))
	if a.status != 400 || !strings.Contains(a.body, "No API is configured here") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestRequestForms: a request's description is read strictly.
func TestRequestForms(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(p m){
		"no method":          func(p m) { delete(p, "method") },
		"a number":           func(p m) { p["method"] = 1 },
		"another scheme":     func(p m) { p["scheme"] = "ws" },
		"no address":         func(p m) { p["source_ip"] = "localhost" },
		"a zone":             func(p m) { p["source_ip"] = "fe80::1%eth0" },
		"a short hash":       func(p m) { p["body_sha256"] = "00" },
		"no hexadecimal":     func(p m) { p["body_sha256"] = strings.Repeat("x", 64) },
		"a whole URL":        func(p m) { p["target"] = "https://" + apiHost + "/orders" },
		"another authority":  func(p m) { p["target"] = "//" + apiHost + "/orders" },
		"an asterisk":        func(p m) { p["target"] = "*" },
		"no headers":         func(p m) { delete(p, "headers") },
		"headers as text":    func(p m) { p["headers"] = m{"A": "b"} },
		"a header's number":  func(p m) { p["headers"] = m{"A": []any{1}} },
		"a line break":       func(p m) { p["headers"] = m{"A": []any{"b\r\nC: d"}} },
		"a name of none":     func(p m) { p["headers"] = m{"A B": []any{"c"}} },
		"a name of nothing":  func(p m) { p["headers"] = m{"": []any{"c"}} },
		"two spellings":      func(p m) { p["headers"] = m{"X-A": []any{"1"}, "x-a": []any{"2"}} },
		"the host as header": func(p m) { p["headers"] = m{"host": []any{apiHost}} },
		"two lengths":        func(p m) { p["headers"] = m{"Content-Length": []any{"1", "2"}} },
		"a signed length":    func(p m) { p["headers"] = m{"Content-Length": []any{"-1"}} },
	} {
		p := held(t, w.root, "GET", "/orders", "")
		change(p)
		if a := w.ask(t, w.root, evaluation, marshal(t, invoked(p))); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
