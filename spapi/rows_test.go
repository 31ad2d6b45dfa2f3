package spapi_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestRows(t *testing.T) {
	w := start(t)
	w.user(t, "seller", "")
	arn := "arn:aws:iam::" + w.id + ":user/seller"
	if got := w.call(t, w.root, "GET", "applications", ""); string(got.body) != `{"applications":[]}` {
		t.Errorf("none: %s", got.body)
	}
	made := w.call(t, w.root, "POST", "applications", `{"name":"orders & more","iam_arn":"`+arn+`","selling_partner_id":"A2EXAMPLE12345"}`)
	id := made.text("client_id")
	if made.status != http.StatusCreated || len(made.fields) != 8 || made.text("name") != "orders & more" || made.text("selling_partner_id") != "A2EXAMPLE12345" ||
		!strings.HasPrefix(made.text("client_secret"), "amzn1.oa2-cs.v1.") || !strings.HasPrefix(made.text("refresh_token"), "Atzr|") {
		t.Fatalf("%d %s", made.status, made.body)
	}
	if !strings.HasPrefix(string(made.body), `{"client_id":"`) || made.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", made.body, made.header)
	}
	one := `{"client_id":"` + id + `","application_id":"` + made.text("application_id") + `","name":"orders & more","iam_arn":"` + arn +
		`","created":"` + made.text("created") + `","authorizations":[{"selling_partner_id":"A2EXAMPLE12345","created":"` + made.text("created") + `"}]}`
	if got := w.call(t, w.root, "GET", "applications/"+id, ""); got.status != 200 || string(got.body) != one {
		t.Errorf("%s", got.body)
	}
	if got := w.call(t, w.root, "GET", "applications", ""); string(got.body) != `{"applications":[`+one+`]}` {
		t.Errorf("%s", got.body)
	}
	again := w.call(t, w.root, "POST", "applications/"+id+"/authorizations", `{"selling_partner_id":"A2EXAMPLE12345"}`)
	if again.status != 200 || len(again.fields) != 2 || again.text("refresh_token") == "" {
		t.Errorf("%d %s", again.status, again.body)
	}
	another := w.call(t, w.root, "POST", "applications/"+id+"/authorizations", ``)
	if another.status != 200 || another.text("selling_partner_id") == "A2EXAMPLE12345" {
		t.Errorf("%d %s", another.status, another.body)
	}
	if got := w.call(t, w.root, "DELETE", "applications/"+id, ""); got.status != http.StatusNoContent || len(got.body) != 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.call(t, w.root, "DELETE", "applications/"+id, ""); got.status != http.StatusNotFound || got.text("code") != "ResourceNotFoundException" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.token(t, "client_id", id, "client_secret", made.text("client_secret"), "grant_type", "refresh_token", "refresh_token", made.text("refresh_token")); got.text("error") != "invalid_client" {
		t.Errorf("of an application that is gone: %s", got.body)
	}
}

func TestRowsRefused(t *testing.T) {
	w := start(t)
	a := w.app(t)
	nobody, lister := w.user(t, "nobody", ""), w.user(t, "lister",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sellingpartnerapi:ListApplications","sellingpartnerapi:GetApplication"],"Resource":"arn:aws:sellingpartnerapi::`+w.id+`:application/*"}]}`)
	if got := w.call(t, lister, "GET", "applications/"+a.id, ""); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	for what, c := range map[string]struct {
		got    answer
		status int
		code   string
	}{
		"unsigned":          {do(t, must(http.NewRequestWithContext(t.Context(), "GET", w.url+"/spapi/applications", nil))), 403, "MissingAuthenticationTokenException"},
		"another service's": {w.callAs(t, w.root, "execute-api", "GET", "applications", ""), 403, "InvalidSignatureException"},
		"nobody's key":      {w.call(t, aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, "GET", "applications", ""), 403, "UnrecognizedClientException"},
		"another secret":    {w.call(t, aws.Credentials{AccessKeyID: w.root.AccessKeyID, SecretAccessKey: "x"}, "GET", "applications", ""), 403, "InvalidSignatureException"},
		"not allowed":       {w.call(t, nobody, "GET", "applications/"+a.id, ""), 403, "AccessDeniedException"},
		"to write":          {w.call(t, lister, "DELETE", "applications/"+a.id, ""), 403, "AccessDeniedException"},
		"nowhere":           {w.call(t, w.root, "GET", "applications/", ""), 404, "UnknownOperationException"},
		"another method":    {w.call(t, w.root, "PUT", "applications", ""), 404, "UnknownOperationException"},
		"below":             {w.call(t, w.root, "GET", "applications/"+a.id+"/secret/x", ""), 404, "UnknownOperationException"},
		"no client id":      {w.call(t, w.root, "GET", "applications/*", ""), 404, "ResourceNotFoundException"},
		"nobody's":          {w.call(t, w.root, "GET", "applications/amzn1.application-oa2-client."+strings.Repeat("0", 32), ""), 404, "ResourceNotFoundException"},
		"another partner":   {w.call(t, w.root, "DELETE", "applications/"+a.id+"/authorizations/A3EXAMPLE12345", ""), 404, "ResourceNotFoundException"},
		"no JSON":           {w.call(t, w.root, "POST", "applications", "x"), 400, "ValidationException"},
		"twice":             {w.call(t, w.root, "POST", "applications", `{"name":"a","name":"b"}`), 400, "ValidationException"},
		"unknown member":    {w.call(t, w.root, "POST", "applications", `{"Name":"a"}`), 400, "ValidationException"},
		"wrong type":        {w.call(t, w.root, "POST", "applications", `{"name":true}`), 400, "ValidationException"},
		"nothing":           {w.call(t, w.root, "POST", "applications", ``), 400, "ValidationException"},
		"a body to list":    {w.call(t, w.root, "GET", "applications", `{"name":"a"}`), 400, "ValidationException"},
		"no such role":      {w.call(t, w.root, "POST", "applications", `{"name":"a","iam_arn":"arn:aws:iam::`+w.id+`:role/none"}`), 400, "ValidationException"},
		"too long":          {w.call(t, w.root, "POST", "applications", `{"name":"`+strings.Repeat("a", 16<<10)+`"}`), 413, "RequestEntityTooLargeException"},
	} {
		if c.got.status != c.status || c.got.text("code") != c.code || c.got.text("message") == "" || c.got.header.Get("X-Amzn-Errortype") != c.code {
			t.Errorf("%s: %d %s", what, c.got.status, c.got.body)
		}
	}
	denied := w.call(t, nobody, "DELETE", "applications/"+a.id, "")
	want := "User: arn:aws:iam::" + w.id + ":user/nobody is not authorized to perform: sellingpartnerapi:DeleteApplication on resource: arn:aws:sellingpartnerapi::" + w.id +
		":application/" + a.id + " because no identity-based policy allows the sellingpartnerapi:DeleteApplication action"
	if denied.text("message") != want || denied.header.Get("X-Iamd-Encoded-Authorization-Message") == "" {
		t.Errorf("%s %v", denied.body, denied.header)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestFirstApplications: many who register an account's first application at once
// all get one.
func TestFirstApplications(t *testing.T) {
	w := start(t)
	w.user(t, "seller", "")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got := w.call(t, w.root, "POST", "applications", `{"name":"orders","iam_arn":"arn:aws:iam::`+w.id+`:user/seller"}`); got.status != http.StatusCreated {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	group.Wait()
	if got := w.call(t, w.root, "GET", "applications", ""); len(got.fields["applications"].([]any)) != 8 {
		t.Errorf("%s", got.body)
	}
}

// TestUserMadeAnew: an application stays with the user who was registered, under
// whatever name.
func TestUserMadeAnew(t *testing.T) {
	w := start(t)
	a := w.app(t)
	c := w.iam(w.root)
	if _, err := c.UpdateUser(t.Context(), &iam.UpdateUserInput{UserName: aws.String("seller"), NewUserName: aws.String("vendor")}); err != nil {
		t.Fatal(err)
	}
	if got := w.token(t, a.with("grant_type", "refresh_token", "refresh_token", a.refresh)...); got.status != 200 {
		t.Errorf("%s", got.body)
	}
	if got := w.call(t, w.root, "POST", "applications", `{"name":"a","iam_arn":"arn:aws:iam::`+w.id+`:user/seller"}`); got.status != 400 {
		t.Errorf("the old name: %s", got.body)
	}
}
