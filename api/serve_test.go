package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/sigv4"
)

// raw is a request made by hand: what the SDK would never send.
type raw struct {
	method  string // POST when empty
	query   string
	body    string
	headers map[string]string
	service string // of the scope; iam when empty
	region  string
	at      time.Duration // from now
	unsign  bool
	presign bool
	after   func(*http.Request) // changes after signing
}

type errorAnswer struct {
	Error struct{ Type, Code, Message string }
	// RequestID is what a log is searched by.
	RequestID string `xml:"RequestId"`
}

func (w *world) send(t *testing.T, key sigv4.Credentials, in raw) (int, errorAnswer, string) {
	t.Helper()
	if in.method == "" {
		in.method = http.MethodPost
	}
	r, err := http.NewRequest(in.method, w.url+"/"+in.query, strings.NewReader(in.body))
	if err != nil {
		t.Fatal(err)
	}
	if in.body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range in.headers {
		r.Header.Set(k, v)
	}
	if in.service == "" {
		in.service = "iam"
	}
	if in.region == "" {
		in.region = "us-east-1"
	}
	opt := sigv4.Options{Service: in.service, Region: in.region, DoubleEncode: true, AllowUnsigned: !in.presign}
	hash, now := sha256.Sum256([]byte(in.body)), time.Now().Add(in.at)
	switch {
	case in.presign:
		err = sigv4.Presign(r, hash, key, 15*time.Minute, now, opt)
	case !in.unsign:
		err = sigv4.Sign(r, hash, key, now, opt)
	}
	if err != nil {
		t.Fatal(err)
	}
	if in.after != nil {
		in.after(r)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer errorAnswer
	if res.StatusCode != http.StatusOK {
		if err := xml.Unmarshal(body, &answer); err != nil {
			t.Fatalf("%s: %s", err, body)
		}
		if answer.RequestID == "" || answer.RequestID != res.Header.Get("X-Amzn-Requestid") {
			t.Errorf("request id %q in the body, %q in the header", answer.RequestID, res.Header.Get("X-Amzn-Requestid"))
		}
	}
	return res.StatusCode, answer, string(body)
}

// rootKey makes an account and gives its key.
func (w *world) rootKey(t *testing.T) sigv4.Credentials {
	t.Helper()
	c, err := w.server.CreateAccount(context.Background(), "raw", "")
	if err != nil {
		t.Fatal(err)
	}
	return sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey}
}

const listUsers = "Action=ListUsers&Version=2010-05-08"

// TestForms: POST and GET, headers and presigned, any region's scope.
func TestForms(t *testing.T) {
	w := newWorld(t)
	key := w.rootKey(t)
	for name, in := range map[string]raw{
		"POST":                   {body: listUsers},
		"POST, charset":          {body: listUsers, headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}},
		"GET":                    {method: "GET", query: "?" + listUsers},
		"GET, presigned":         {method: "GET", query: "?" + listUsers, presign: true},
		"POST, action in query":  {query: "?" + listUsers},
		"another region's scope": {body: listUsers, region: "eu-south-2"},
		"a clock 14 minutes off": {body: listUsers, at: -14 * time.Minute},
	} {
		if status, answer, _ := w.send(t, key, in); status != http.StatusOK {
			t.Errorf("%s: %d %+v", name, status, answer.Error)
		}
	}
}

// TestRefusals: what is malformed, forged or unknown gets AWS's error, a 4xx
// that no SDK retries.
func TestRefusals(t *testing.T) {
	w := newWorld(t)
	key := w.rootKey(t)
	unknown := sigv4.Credentials{KeyID: "AKIAIOSFODNN7EXAMPLE", Secret: key.Secret}
	wrong := sigv4.Credentials{KeyID: key.KeyID, Secret: key.Secret + "x"}
	forged := sigv4.Credentials{KeyID: "ASIAIOSFODNN7EXAMPLE", Secret: key.Secret, Token: "AQAAAAE="}
	withToken := sigv4.Credentials{KeyID: key.KeyID, Secret: key.Secret, Token: "AQAAAAE="}
	for _, c := range []struct {
		name    string
		key     sigv4.Credentials
		in      raw
		status  int
		code    string
		message string
	}{
		{"unsigned", key, raw{body: listUsers, unsign: true}, 403, "MissingAuthenticationToken", "Request is missing Authentication Token"},
		{"unknown key", unknown, raw{body: listUsers}, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
		{"wrong secret", wrong, raw{body: listUsers}, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match"},
		{"forged token", forged, raw{body: listUsers}, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
		{"token with a long-term key", withToken, raw{body: listUsers}, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
		{"slow clock", key, raw{body: listUsers, at: -16 * time.Minute}, 403, "SignatureDoesNotMatch", "Signature expired: "},
		{"fast clock", key, raw{body: listUsers, at: 16 * time.Minute}, 403, "SignatureDoesNotMatch", "Signature not yet current: "},
		{"changed body", key, raw{body: listUsers, after: func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(listUsers, "Users", "Roles", 1)))
		}}, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match"},
		{"changed query", key, raw{method: "GET", query: "?" + listUsers, after: func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "Users", "Roles", 1)
		}}, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match"},
		{"unsigned payload", key, raw{body: listUsers, headers: map[string]string{"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}}, 403, "SignatureDoesNotMatch", ""},
		{"broken authorization", key, raw{body: listUsers, unsign: true, headers: map[string]string{"Authorization": "AWS4-HMAC-SHA256 nonsense"}}, 403, "IncompleteSignature", ""},
		{"another service's scope", key, raw{body: listUsers, service: "s3"}, 403, "SignatureDoesNotMatch", "Credential should be scoped to correct service"},
		{"STS action in IAM's scope", key, raw{body: "Action=GetCallerIdentity&Version=2010-05-08"}, 400, "InvalidAction", "Could not find operation GetCallerIdentity for version 2010-05-08"},
		{"no action", key, raw{body: "Version=2010-05-08"}, 400, "MissingAction", ""},
		{"unknown action", key, raw{body: "Action=Nonsense&Version=2010-05-08"}, 400, "InvalidAction", "Could not find operation Nonsense for version 2010-05-08"},
		{"unknown version", key, raw{body: "Action=ListUsers&Version=2009-01-01"}, 400, "InvalidAction", "Could not find operation ListUsers for version 2009-01-01"},
		{"action twice", key, raw{body: listUsers + "&Action=ListUsers"}, 400, "MalformedQueryString", ""},
		{"action in query and body", key, raw{query: "?Action=ListUsers", body: listUsers}, 400, "MalformedQueryString", ""},
		{"broken encoding", key, raw{body: listUsers + "&PathPrefix=%zz"}, 400, "MalformedQueryString", ""},
		{"not UTF-8", key, raw{body: listUsers + "&PathPrefix=%ff"}, 400, "MalformedQueryString", ""},
		{"unknown parameter", key, raw{body: listUsers + "&Nonsense=1"}, 400, "UnknownParameter", "Nonsense"},
		{"wrong type", key, raw{body: listUsers + "&MaxItems=many"}, 400, "MalformedInput", ""},
		{"out of range", key, raw{body: listUsers + "&MaxItems=0"}, 400, "ValidationError", "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"missing parameter", key, raw{body: "Action=CreateUser&Version=2010-05-08"}, 400, "ValidationError", "Value at 'userName' failed to satisfy constraint: Member must not be null"},
		{"broken marker", key, raw{body: listUsers + "&Marker=nonsense"}, 400, "ValidationError", "Invalid Marker."},
		{"too large", key, raw{body: listUsers + "&PathPrefix=" + strings.Repeat("a", 1<<20)}, 413, "RequestEntityTooLarge", ""},
		{"another type", key, raw{body: listUsers, headers: map[string]string{"Content-Type": "text/plain"}}, 400, "MalformedInput", "The body of a query request is application/x-www-form-urlencoded."},
		{"another method", key, raw{method: "PUT", query: "?" + listUsers}, 405, "MethodNotAllowed", ""},
	} {
		status, answer, _ := w.send(t, c.key, c.in)
		if status != c.status || answer.Error.Code != c.code || !strings.Contains(answer.Error.Message, c.message) || answer.Error.Type != "Sender" {
			t.Errorf("%s: got %d %+v, want %d %s …%s…", c.name, status, answer.Error, c.status, c.code, c.message)
		}
	}
}

// TestTooLargeUnread: a body that claims to be large is refused unread.
func TestTooLargeUnread(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequest(http.MethodPost, w.url, io.LimitReader(endless{}, 64<<20))
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = 64 << 20
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return // the connection was cut while sending: refused too
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// TestKeysEnd: an inactive or deleted key, and the key of a deleted user, are
// no keys.
func TestKeysEnd(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	root := w.account(t)
	name := aws.String("Bob")
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	k, err := root.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	key := sigv4.Credentials{KeyID: *k.AccessKey.AccessKeyId, Secret: *k.AccessKey.SecretAccessKey}
	who := raw{body: "Action=GetCallerIdentity&Version=2011-06-15", service: "sts"}
	want := func(what string, status int, code string) {
		t.Helper()
		if got, answer, _ := w.send(t, key, who); got != status || answer.Error.Code != code {
			t.Errorf("%s: %d %+v", what, got, answer.Error)
		}
	}
	want("new", 200, "")
	set := func(s types.StatusType) {
		t.Helper()
		if _, err := root.IAM.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: &key.KeyID, Status: s}); err != nil {
			t.Fatal(err)
		}
	}
	set(types.StatusTypeInactive)
	want("inactive", 403, "InvalidClientTokenId")
	set(types.StatusTypeActive)
	want("active again", 200, "")
	if _, err := root.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: &key.KeyID}); err != nil {
		t.Fatal(err)
	}
	want("deleted", 403, "InvalidClientTokenId")
}

// TestDocumentsComeBack: a document with everything that could be mangled comes
// back byte for byte through the SDK.
func TestDocumentsComeBack(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	root := w.account(t)
	document := "{\"Version\": \"2012-10-17\",\t\"Statement\" : [ {\"Effect\":\"Allow\", \"Action\":\"s3:*\",\r\n" +
		`"Resource":"arn:aws:s3:::a%2Fb+c d&<e>;=?ÿ~é*"} ] }` + "  \n"
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: aws.String("Bob"), PolicyName: aws.String("p"), PolicyDocument: aws.String(document),
	}); err != nil {
		t.Fatal(err)
	}
	out, err := root.IAM.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: aws.String("Bob"), PolicyName: aws.String("p")})
	if err != nil {
		t.Fatal(err)
	}
	for name, decode := range map[string]func(string) (string, error){"as a path": url.PathUnescape, "as a query": url.QueryUnescape} {
		if got, err := decode(*out.PolicyDocument); err != nil || got != document {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if i := bytes.IndexAny([]byte(*out.PolicyDocument), " +{}\"<>&;=?/:*"); i >= 0 {
		t.Errorf("not encoded: %q", (*out.PolicyDocument)[i:])
	}
}

// TestPagesStayRight: users come and go between pages; those that stayed are
// listed once each.
func TestPagesStayRight(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	root := w.account(t)
	create := func(name string) {
		t.Helper()
		if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		create(fmt.Sprintf("user-%02d", i*10))
	}
	seen := map[string]int{}
	var marker *string
	for page := 0; ; page++ {
		out, err := root.IAM.ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(3), Marker: marker})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range out.Users {
			seen[*u.UserName]++
		}
		if !out.IsTruncated {
			break
		}
		marker = out.Marker
		// The one the marker stands for goes; one before it comes.
		last := *out.Users[len(out.Users)-1].UserName
		if _, err := root.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &last}); err != nil {
			t.Fatal(err)
		}
		create(fmt.Sprintf("another-%02d", page))
	}
	for i := range 10 {
		if n := seen[fmt.Sprintf("user-%02d", i*10)]; n != 1 {
			t.Errorf("user-%02d was listed %d times", i*10, n)
		}
	}
}
