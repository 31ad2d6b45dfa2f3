package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/console"
	"iamd/gateway"
	"iamd/server/servertest"
	"iamd/sigv4"
	"iamd/store"
)

// asked asks a signed row of the console by somebody's keys.
func asked(t *testing.T, s *Server, by aws.Config, path, body string) (int, string) {
	t.Helper()
	key, err := by.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/console/api/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	opt := sigv4.Options{Service: "signin", Region: by.Region, DoubleEncode: true}
	if err := sigv4.Sign(r, sha256.Sum256([]byte(body)), sigv4.Credentials{KeyID: key.AccessKeyID, Secret: key.SecretAccessKey, Token: key.SessionToken}, time.Now(), opt); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// person makes a user with a key and one inline policy.
func person(t *testing.T, admin *sdk.Client, url, name, policy string) aws.Config {
	t.Helper()
	if _, err := admin.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	if policy != "" {
		document := `{"Version":"2012-10-17","Statement":` + policy + `}`
		if _, err := admin.PutUserPolicy(t.Context(), &sdk.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("p"), PolicyDocument: &document}); err != nil {
			t.Fatal(err)
		}
	}
	key, err := admin.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return servertest.Config(url, "us-east-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
}

// TestConsoleDenials: who may decode authorization messages reads why a call of the
// own account was denied, and nothing of another's.
func TestConsoleDenials(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	other, err := s.CreateAccount(t.Context(), "other", "")
	if err != nil {
		t.Fatal(err)
	}
	admin, theirs := sdk.NewFromConfig(root(s.FirstStart(), front.URL)), sdk.NewFromConfig(root(other, front.URL))
	bob := person(t, admin, front.URL, "Bob", "")
	reader := person(t, admin, front.URL, "reader", `{"Effect":"Allow","Action":"sts:DecodeAuthorizationMessage","Resource":"*"}`)
	al := person(t, theirs, front.URL, "Al", `{"Effect":"Allow","Action":"sts:*","Resource":"*"}`)
	refused := func(err error) string {
		t.Helper()
		var denied *awshttp.ResponseError
		if !errors.As(err, &denied) || denied.RequestID == "" {
			t.Fatal(err)
		}
		return denied.RequestID
	}
	_, err = sdk.NewFromConfig(bob).ListUsers(t.Context(), nil)
	id := refused(err)
	asking := func(id string) string { return `{"requestId":"` + id + `"}` }

	status, body := asked(t, s, reader, "denials", asking(id))
	var got Trace
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || got.RequestID != id || got.Action != "iam:ListUsers" ||
		got.Principal.ARN != "arn:aws:iam::"+s.FirstStart().AccountID+":user/Bob" || got.Reason != "There is no identity-based policy, and so nothing allows it." {
		t.Errorf("%d %s", status, body)
	}
	whole, err := s.Trace(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(whole); err != nil || string(text) != body {
		t.Errorf("the operator reads %s, %v, and the account %s", text, err, body)
	}
	if status, body := asked(t, s, bob, "denials", asking(id)); status != http.StatusForbidden || !strings.Contains(body, "is not authorized to perform: sts:DecodeAuthorizationMessage") {
		t.Errorf("without the right: %d %s", status, body)
	}
	unknownStatus, unknown := asked(t, s, reader, "denials", asking("11111111-2222-4333-8444-555555555555"))
	if unknownStatus < 400 || !strings.Contains(unknown, "NoSuchEntity") {
		t.Errorf("%d %s", unknownStatus, unknown)
	}
	for what, ask := range map[string]struct {
		by   aws.Config
		body string
	}{
		"another account's": {al, asking(id)}, "nothing": {reader, asking("")}, "too long": {reader, asking(strings.Repeat("x", 10_000))},
		"a path": {reader, asking("../" + id)}, "another's spelling": {reader, asking(strings.ToUpper(id) + " ")},
	} {
		if status, body := asked(t, s, ask.by, "denials", ask.body); status != unknownStatus || body != unknown {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
	for _, bad := range []string{"", "{}x", `{"requestId":1}`, `{"requestID":"` + id + `","more":1}`, `[]`} {
		if status, body := asked(t, s, reader, "denials", bad); status != http.StatusBadRequest {
			t.Errorf("%q: %d %s", bad, status, body)
		}
	}

	// A role of the other account refuses Al's neighbour: which statement of its trust
	// policy did so, is not told across accounts.
	trust := `{"Version":"2012-10-17","Statement":{"Sid":"HiddenSid","Effect":"Allow","Principal":{"AWS":"` + other.AccountID + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"hidden-id"}}}}`
	role, err := theirs.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: aws.String("R"), AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatal(err)
	}
	mover := person(t, admin, front.URL, "mover", `{"Effect":"Allow","Action":"sts:*","Resource":"*"}`)
	_, err = sts.NewFromConfig(mover).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("session")})
	across := refused(err)
	if status, body = asked(t, s, mover, "denials", asking(across)); status != http.StatusOK || !strings.Contains(body, *role.Role.Arn) ||
		strings.Contains(body, "HiddenSid") || strings.Contains(body, "hidden-id") || strings.Contains(body, "aws:ResourceAccount") {
		t.Errorf("%d %s", status, body)
	}
	if status, body = asked(t, s, al, "denials", asking(across)); status != unknownStatus || body != unknown {
		t.Errorf("the owner of the role: %d %s", status, body)
	}

	if err := s.audit.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	events, err := s.backend.Events(t.Context(), accountPrefix+s.FirstStart().AccountID, store.EventQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range events {
		if text := string(e.Data); strings.Contains(text, `"eventName":"DecodeAuthorizationMessage"`) && strings.Contains(text, `"requestParameters":{"requestId":"`+id+`"}`) {
			found++
		}
		if len(e.Data) > 8<<10 {
			t.Errorf("an event of %d bytes", len(e.Data))
		}
	}
	if found != 2 { // the reader's, and Bob's refusal
		t.Errorf("%d events of it", found)
	}
}

// TestConsoleApplications: the guarded APIs of the caller's account, for who may see
// API Gateway's.
func TestConsoleApplications(t *testing.T) {
	const account = "123456789012"
	document := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}}`
	s := start(t, Config{DataDir: t.TempDir(), Root: Root{AccountID: account}, Gateway: gateway.Config{APIs: []gateway.API{
		{ID: "shop", Account: account, Hosts: []string{"shop.example.com", "store.example.com"}, Upstream: "http://127.0.0.1:1", ResourcePolicy: document},
		{ID: "open", Account: account, Region: "eu-west-1", Stage: "v1", PathPrefix: "/open", Upstream: "https://127.0.0.1:2/x", Authorization: gateway.AuthorizationNone},
		{ID: "theirs", Account: "210987654321", PathPrefix: "/theirs", Upstream: "http://127.0.0.1:3"},
	}}})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	both := person(t, admin, front.URL, "both", `{"Effect":"Allow","Action":"apigateway:GET","Resource":"arn:aws:apigateway:*::/restapis"}`)
	one := person(t, admin, front.URL, "one", `{"Effect":"Allow","Action":"apigateway:GET","Resource":"arn:aws:apigateway:eu-west-1::/restapis"}`)
	status, body := asked(t, s, both, "applications", "{}")
	var got []console.Application
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || len(got) != 2 {
		t.Fatalf("%d %s", status, body)
	}
	open, shop := got[0], got[1]
	if open.ARN != "arn:aws:execute-api:eu-west-1:"+account+":open/v1/*/*" || open.Authorization != "NONE" || open.Hosts == nil || open.PathPrefix != "/open" || open.Upstream != "https://127.0.0.1:2/x" {
		t.Errorf("%+v", open)
	}
	if shop.ARN != "arn:aws:execute-api:us-east-1:"+account+":shop/prod/*/*" || shop.Authorization != "AWS_IAM" || len(shop.Hosts) != 2 || shop.ResourcePolicy != document || shop.Stage != "prod" {
		t.Errorf("%+v", shop)
	}
	if status, body := asked(t, s, one, "applications", "{}"); status != http.StatusForbidden || !strings.Contains(body, "apigateway:GET on resource: arn:aws:apigateway:us-east-1::/restapis") {
		t.Errorf("one region of two: %d %s", status, body)
	}
	alone, err := s.CreateAccount(t.Context(), "alone", "")
	if err != nil {
		t.Fatal(err)
	}
	if status, body := asked(t, s, root(alone, front.URL), "applications", "{}"); status != http.StatusOK || body != "[]" {
		t.Errorf("an account without any: %d %s", status, body)
	}
}

// TestConsolePages: the app's address answers with its headers, whatever is asked
// below it, and takes nothing from the AWS APIs.
func TestConsolePages(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string][]int{
		"/console/": {http.StatusOK, http.StatusServiceUnavailable}, "/console": {http.StatusMovedPermanently},
		"/console/nonsense": {http.StatusNotFound, http.StatusServiceUnavailable}, "/console/../healthz": {http.StatusNotFound, http.StatusServiceUnavailable},
		"/console//api/about": {http.StatusNotFound, http.StatusServiceUnavailable}, "/console/api//about": {http.StatusNotFound},
		"/console/api/nonsense": {http.StatusNotFound}, "/console/api/": {http.StatusNotFound}, "/console/api/about": {http.StatusOK},
	} {
		r, err := http.NewRequest(http.MethodGet, front.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = path
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != want[0] && res.StatusCode != want[len(want)-1] ||
			!strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "default-src 'none'; ") || res.Header.Get("X-Frame-Options") != "DENY" ||
			res.Header.Get("X-Content-Type-Options") != "nosniff" || bytes.Contains(text, []byte("MissingAuthenticationToken")) {
			t.Errorf("%s: %d %v %.200s", path, res.StatusCode, res.Header, text)
		}
	}
}
