package authzen_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestUnsigned: nobody learns anything who is not known.
func TestUnsigned(t *testing.T) {
	w := newWorld(t)
	ann := w.user(t, "ann", "/", "")
	body := marshal(t, about("user", ann, "s3:GetObject", "*"))
	unknown := aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}
	for name, do := range map[string]func(r *http.Request){
		"unsigned":        func(*http.Request) {},
		"a bearer token":  func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") },
		"an unknown key":  func(r *http.Request) { sign(t, r, []byte(body), unknown, "authzen", time.Now()) },
		"another service": func(r *http.Request) { sign(t, r, []byte(body), w.root, "iam", time.Now()) },
		"another body":    func(r *http.Request) { sign(t, r, []byte(body+" "), w.root, "authzen", time.Now()) },
		"an hour ago":     func(r *http.Request) { sign(t, r, []byte(body), w.root, "authzen", time.Now().Add(-time.Hour)) },
		"another endpoint": func(r *http.Request) {
			r.URL.Path += "s"
			sign(t, r, []byte(body), w.root, "authzen", time.Now())
			r.URL.Path = evaluation
		},
		"bad JSON, unsigned": func(r *http.Request) {
			r.Header.Set("Content-Type", "text/plain")
		},
	} {
		for _, path := range []string{evaluation, evaluations, search + "subject", search + "resource", search + "action"} {
			r, err := http.NewRequest(http.MethodPost, w.url+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if name == "another endpoint" && path != evaluation {
				continue
			}
			do(r)
			a := w.send(t, r)
			if a.status != 401 || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "AWS4-HMAC-SHA256 ") || strings.Contains(a.body, "decision") || strings.Contains(a.body, ann) {
				t.Errorf("%s at %s: %d %v %s", name, path, a.status, a.header, a.body)
			}
		}
	}
}

// TestRights: who may not ask is told no more than that, whether there is a subject
// or not.
func TestRights(t *testing.T) {
	w := newWorld(t)
	ann := w.user(t, "ann", "/", "")
	w.user(t, "nobody", "/", "")
	w.user(t, "some", "/", `{"Effect":"Allow","Action":["iam:SimulatePrincipalPolicy"],"Resource":"`+ann+`"},{"Effect":"Allow","Action":["iam:ListUsers","iam:ListRoles"],"Resource":"*"}`)
	ben := w.user(t, "ben", "/", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`)
	said := map[string]string{}
	for _, id := range []string{ann, ann + "x", "arn:aws:iam::" + account + ":root", "AIDAAAAAAAAAAAAAAAAAA", "x"} {
		a := w.ask(t, w.keys["nobody"], evaluation, marshal(t, about("aws", id, "s3:GetObject", "*")))
		said[strings.ReplaceAll(a.body, id, "ID")] = id
		if a.status != 403 || !strings.Contains(a.body, "is not authorized to perform: iam:SimulatePrincipalPolicy on resource: "+id) {
			t.Errorf("%s: %d %s", id, a.status, a.body)
		}
	}
	if len(said) != 1 {
		t.Errorf("the answers differ: %v", said)
	}
	if a := w.ask(t, w.keys["some"], evaluation, marshal(t, about("user", ann, "s3:GetObject", "*"))); a.decision(t) {
		t.Error(a.body)
	}
	// Of several, each for itself.
	a := w.ask(t, w.keys["some"], evaluations, marshal(t, m{
		"action": m{"name": "s3:GetObject"}, "resource": m{"type": "x", "id": "*"},
		"evaluations": []m{{"subject": m{"type": "user", "id": ann}}, {"subject": m{"type": "user", "id": ben}}},
	}))
	if strings.Count(a.body, `"decision":false`) != 2 || strings.Count(a.body, `"status":403`) != 1 {
		t.Errorf("several: %s", a.body)
	}
	// Searches leave out who may not be asked about, and need the right to list.
	find := func(by string) answered {
		return w.ask(t, w.keys[by], search+"subject", marshal(t, m{"subject": m{"type": "user"}, "action": m{"name": "s3:GetObject"}, "resource": m{"type": "x", "id": "*"}}))
	}
	if a := find("some"); a.status != 200 || strings.Contains(a.body, "ben") {
		t.Errorf("found: %s", a.body)
	}
	if a := find("nobody"); a.status != 403 || !strings.Contains(a.body, "iam:ListUsers") {
		t.Errorf("listed: %d %s", a.status, a.body)
	}
	// A request is judged for whom the API's owner lets.
	q := marshal(t, invoked(held(t, w.root, "GET", "/orders", "")))
	if a := w.ask(t, w.keys["some"], evaluation, q); a.status != 403 || !strings.Contains(a.body, "authzen:EvaluateRequest on resource: arn:aws:execute-api:"+region+":"+account+":shop/prod") {
		t.Errorf("a request: %d %s", a.status, a.body)
	}
	// The denials are on record, with the reason.
	id := w.ask(t, w.keys["nobody"], evaluation, marshal(t, about("user", ann, "s3:GetObject", "*"))).header.Get("X-Amzn-Requestid")
	trace, err := w.server.Trace(t.Context(), id)
	if err != nil || trace.Action != "iam:SimulatePrincipalPolicy" {
		t.Errorf("the trace: %+v, %v", trace, err)
	}
}

// TestOtherAccounts: another account's principals are nobody's to ask about, not
// even its root user's here.
func TestOtherAccounts(t *testing.T) {
	w := newWorld(t)
	other, err := w.server.CreateAccount(t.Context(), "other", "")
	if err != nil {
		t.Fatal(err)
	}
	ann := w.user(t, "ann", "/", "")
	stranger := aws.Credentials{AccessKeyID: other.AccessKeyID, SecretAccessKey: other.SecretAccessKey}
	for _, id := range []string{ann, "arn:aws:iam::" + account + ":root", account, "arn:aws:iam::" + account + ":user/nobody"} {
		a := w.ask(t, stranger, evaluation, marshal(t, about("aws", id, "s3:GetObject", "*")))
		if a.status != 403 || !strings.Contains(a.body, "does not have access to policies in account "+account) {
			t.Errorf("%s: %d %s", id, a.status, a.body)
		}
	}
	// By its unique id a principal of another account is unknown.
	if a := w.ask(t, stranger, evaluation, marshal(t, about("user", "AIDAAAAAAAAAAAAAAAAAA", "s3:GetObject", "*"))); a.decision(t) {
		t.Error(a.body)
	}
	q := marshal(t, invoked(held(t, w.root, "GET", "/orders", "")))
	if a := w.ask(t, stranger, evaluation, q); a.status != 403 {
		t.Errorf("another's API: %d %s", a.status, a.body)
	}
	// Nor does a subject search find them.
	if got := w.ask(t, stranger, search+"subject", marshal(t, m{"subject": m{"type": "aws"}, "action": m{"name": "s3:GetObject"}, "resource": m{"type": "x", "id": "*"}})); got.status != 200 || !strings.Contains(got.body, `"results":[]`) {
		t.Errorf("found: %s", got.body)
	}
}

// TestSmuggled: what iamd knows of a principal no context can change.
func TestSmuggled(t *testing.T) {
	w := newWorld(t)
	ann := w.user(t, "ann", "/", `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:username":"root"}}},{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"*:user/admin"}}}`)
	for _, key := range []string{
		"aws:PrincipalArn", "AWS:PRINCIPALARN", "aws:username", "aws:UserId", "aws:PrincipalAccount", "aws:PrincipalTag/admin", "aws:PrincipalOrgID",
		"aws:PrincipalType", "aws:PrincipalIsAWSService", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:CurrentTime", "aws:EpochTime", "aws:ViaAWSService", "aws:CalledVia", "aws:AssumedRoot",
	} {
		for _, path := range []string{evaluation, search + "action", search + "resource", search + "subject"} {
			q := about("user", ann, "s3:GetObject", "arn:aws:s3:::x")
			if path == search+"resource" {
				q["resource"] = m{"type": "user"}
			}
			q["context"] = m{key: "root"}
			if a := w.ask(t, w.root, path, marshal(t, q)); a.status != 400 || !strings.Contains(a.body, "not the asker's to say") {
				t.Errorf("%s at %s: %d %s", key, path, a.status, a.body)
			}
		}
	}
	// In properties nothing of the kind is read.
	q := about("user", ann, "s3:GetObject", "arn:aws:s3:::x")
	q["subject"].(m)["properties"] = m{"aws:username": "root", "arn": "arn:aws:iam::111122223333:root"}
	if a := w.ask(t, w.root, evaluation, marshal(t, q)); a.decision(t) {
		t.Error(a.body)
	}
}

// TestContexts: a context is read strictly.
func TestContexts(t *testing.T) {
	w := newWorld(t)
	many := m{}
	for i := range 300 {
		many[fmt.Sprintf("x:k%d", i)] = "v"
	}
	long := make([]any, 300)
	for i := range long {
		long[i] = "v"
	}
	for name, ctx := range map[string]m{
		"null": {"x:a": nil}, "an object": {"x:a": m{}}, "an empty list": {"x:a": []any{}}, "a list in a list": {"x:a": []any{[]any{}}}, "two spellings": {"x:a": "1", "X:A": "2"},
		"too many": many, "too many values": {"x:a": long}, "too long": {"x:a": strings.Repeat("v", 5000)}, "a long name": {"x:" + strings.Repeat("a", 600): "v"},
	} {
		q := about("root", account, "s3:GetObject", "*")
		q["context"] = ctx
		if a := w.ask(t, w.root, evaluation, marshal(t, q)); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for name, properties := range map[string]m{
		"an account": {"account": "12"}, "another account": {"account": "444455556666"}, "a list of tags": {"tags": []any{}}, "a tag's number": {"tags": m{"a": 1}},
		"a policy's number": {"policy": 1}, "a policy's null": {"policy": nil}, "no policy": {"policy": "{"},
	} {
		q := about("root", account, "s3:GetObject", "arn:aws:s3::111122223333:x")
		q["resource"].(m)["properties"] = properties
		if a := w.ask(t, w.root, evaluation, marshal(t, q)); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// TestBounds: no request is long, deep or of two minds.
func TestBounds(t *testing.T) {
	w := newWorld(t)
	whole := marshal(t, about("root", account, "s3:GetObject", "*"))
	items := make([]m, 257)
	for i := range items {
		items[i] = m{}
	}
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"deep":           {`{"a":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + `}`, 400},
		"deep enough":    {strings.TrimSuffix(strings.TrimSpace(whole), "}") + `,"x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, 200},
		"too deep":       {strings.TrimSuffix(strings.TrimSpace(whole), "}") + `,"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, 400},
		"twice":          {strings.TrimSuffix(strings.TrimSpace(whole), "}") + `,"action":{"name":"iam:GetUser"}}`, 400},
		"twice, escaped": {strings.TrimSuffix(strings.TrimSpace(whole), "}") + `,"\u0061ction":{"name":"iam:GetUser"}}`, 400},
		"another case":   {strings.Replace(whole, `"subject"`, `"Subject"`, 1), 400},
		"no UTF-8":       {strings.Replace(whole, "root", "ro\xffot", 1), 400},
		"too long":       {whole + strings.Repeat(" ", 1<<20), 413},
		"too many":       {marshal(t, m{"evaluations": items}), 400},
	} {
		path := evaluation
		if name == "too many" {
			path = evaluations
		}
		if a := w.ask(t, w.root, path, c.body); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// TestForgedPages: a page's token serves the search and the asker that it was
// given to.
func TestForgedPages(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.user(t, name, "/", `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	}
	q := func(action, token string) string {
		return marshal(t, m{"subject": m{"type": "user"}, "action": m{"name": action}, "resource": m{"type": "x", "id": "*"}, "page": m{"limit": 1, "token": token}})
	}
	a := w.ask(t, w.root, search+"subject", q("s3:GetObject", ""))
	token := a.object(t)["page"].(map[string]any)["next_token"].(string)
	if token == "" || strings.Contains(token, "user") {
		t.Fatal(a.body)
	}
	if a := w.ask(t, w.root, search+"subject", q("s3:GetObject", token)); a.status != 200 || !strings.Contains(a.body, "user/b") {
		t.Errorf("the second page: %s", a.body)
	}
	flipped := []byte(token)
	flipped[len(flipped)/2] ^= 1
	for name, c := range map[string]struct {
		by                  aws.Credentials
		path, action, token string
	}{
		"another action": {w.root, "subject", "s3:PutObject", token},
		"another search": {w.root, "resource", "s3:GetObject", token},
		"another asker":  {w.keys["a"], "subject", "s3:GetObject", token},
		"a bit":          {w.root, "subject", "s3:GetObject", string(flipped)},
		"made up":        {w.root, "subject", "s3:GetObject", "dXNlci9h"},
		"no base64":      {w.root, "subject", "s3:GetObject", "***"},
		"very long":      {w.root, "subject", "s3:GetObject", strings.Repeat("A", 100000)},
		"cut":            {w.root, "subject", "s3:GetObject", token[:len(token)-4]},
	} {
		body := q(c.action, c.token)
		if c.path == "resource" {
			body = strings.Replace(body, `"subject":{"type":"user"}`, `"subject":{"type":"root","id":"`+account+`"}`, 1)
			body = strings.Replace(body, `"type":"x"`, `"type":"user"`, 1)
		}
		if a := w.ask(t, c.by, search+c.path, body); a.status != 400 || !strings.Contains(a.body, "page.token") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
