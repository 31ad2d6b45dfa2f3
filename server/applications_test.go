package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/iam"
	"iamd/store"
)

// applicationCall is a signed request about applications, and what it told.
func applicationCall(t *testing.T, by *Credentials, url, method, path, body string) (status int, told map[string]string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url+"/spapi/applications"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(body))
	keys := aws.Credentials{AccessKeyID: by.AccessKeyID, SecretAccessKey: by.SecretAccessKey}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hex.EncodeToString(hash[:]), "sellingpartnerapi", "eu-west-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	return answered(t, r)
}

func answered(t *testing.T, r *http.Request) (status int, told map[string]string) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]any{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &raw); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	told = map[string]string{}
	for name, v := range raw {
		if s, ok := v.(string); ok {
			told[name] = s
		}
	}
	return res.StatusCode, told
}

// tokens asks for tokens of an application.
func tokens(t *testing.T, at string, app map[string]string, pairs ...string) map[string]string {
	t.Helper()
	v := url.Values{"client_id": {app["client_id"]}, "client_secret": {app["client_secret"]}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at+"/auth/o2/token", strings.NewReader(v.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, told := answered(t, r)
	return told
}

// TestApplicationEvents: each call is in the account's history, writes as soon as
// they are answered, and nothing secret with them.
func TestApplicationEvents(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	first := s.FirstStart()
	arn := "arn:aws:iam::" + first.AccountID + ":user/seller"
	if _, err := sdk.NewFromConfig(root(first, front.URL)).CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("seller")}); err != nil {
		t.Fatal(err)
	}
	var secrets []string
	call := func(method, path, body string) map[string]string {
		_, told := applicationCall(t, first, front.URL, method, path, body)
		secrets = append(secrets, told["client_secret"], told["refresh_token"], told["spapi_oauth_code"])
		return told
	}
	app := call("POST", "", `{"name":"orders","iam_arn":"`+arn+`","selling_partner_id":"A2EXAMPLE12345"}`)
	path := "/" + app["client_id"]
	call("POST", path+"/secret", "")
	call("POST", path+"/authorizations", `{"selling_partner_id":"A3EXAMPLE12345","code":true}`)
	call("DELETE", path+"/authorizations/A3EXAMPLE12345", "")
	call("DELETE", path, "")
	// Their events were committed with them; those of the rest may wait.
	told := map[string]string{}
	read := func() {
		list, err := s.backend.Events(t.Context(), accountPrefix+first.AccountID, store.EventQuery{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			var event struct {
				EventSource, EventName, ErrorCode string
			}
			if err := json.Unmarshal(e.Data, &event); err != nil {
				t.Fatal(err)
			}
			if event.EventSource == "sellingpartnerapi.amazonaws.com" {
				told[event.EventName+event.ErrorCode] = string(e.Data)
			}
			for _, secret := range secrets {
				if secret != "" && strings.Contains(string(e.Data), secret) {
					t.Errorf("a secret stands in %s", e.Data)
				}
			}
		}
	}
	read()
	for name, parts := range map[string][]string{
		"RegisterApplication":           {`"name":"orders"`, `"iamArn":"` + arn + `"`, `"clientId":"` + app["client_id"] + `"`, `"readOnly":false`, `"type":"Root"`, `"awsRegion":"eu-west-1"`},
		"RotateApplicationClientSecret": {`"oldSecretExpires":`, `"clientId":"` + app["client_id"] + `"`},
		"AuthorizeApplication":          {`"requestParameters":{"clientId":"` + app["client_id"] + `","code":true,"sellingPartnerId":"A3EXAMPLE12345"}`},
		"RevokeAuthorization":           {`"sellingPartnerId":"A3EXAMPLE12345"`},
		"DeleteApplication":             {`"responseElements":null`},
	} {
		for _, part := range parts {
			if !strings.Contains(told[name], part) {
				t.Errorf("%s has no %s: %s", name, part, told[name])
			}
		}
	}
	call("GET", path, "")
	call("GET", "", "")
	if err := s.audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	read()
	if !strings.Contains(told["ListApplications"], `"readOnly":true`) || !strings.Contains(told["GetApplicationResourceNotFoundException"], `"errorMessage":"The account has no application`) {
		t.Errorf("%v", told)
	}
}

// TestApplicationsLast: applications, their secrets' hashes and used codes outlive
// a restart; with the account closed they are nobody's.
func TestApplicationsLast(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{DataDir: dir})
	front := httptest.NewServer(s.Handler())
	first := s.FirstStart()
	if _, err := sdk.NewFromConfig(root(first, front.URL)).CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("seller")}); err != nil {
		t.Fatal(err)
	}
	_, app := applicationCall(t, first, front.URL, "POST", "", `{"name":"orders","iam_arn":"arn:aws:iam::`+first.AccountID+`:user/seller"}`)
	_, code := applicationCall(t, first, front.URL, "POST", "/"+app["client_id"]+"/authorizations", `{"code":true}`)
	if got := tokens(t, front.URL, app, "grant_type", "authorization_code", "code", code["spapi_oauth_code"]); got["access_token"] == "" {
		t.Fatalf("%v", got)
	}
	front.Close()
	closed(t, s)

	s = start(t, Config{DataDir: dir})
	defer closed(t, s)
	front = httptest.NewServer(s.Handler())
	defer front.Close()
	if got := tokens(t, front.URL, app, "grant_type", "authorization_code", "code", code["spapi_oauth_code"]); got["error"] != "invalid_grant" {
		t.Errorf("a used code, after a restart: %v", got)
	}
	refresh := []string{"grant_type", "refresh_token", "refresh_token", app["refresh_token"]}
	if got := tokens(t, front.URL, app, refresh...); got["access_token"] == "" {
		t.Errorf("after a restart: %v", got)
	}
	err := s.accounts.Update(t.Context(), first.AccountID, func(d *iam.Draft) error { d.Close(time.Now()); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := tokens(t, front.URL, app, refresh...); got["error"] != "invalid_client" {
		t.Errorf("with the account closed: %v", got)
	}
}
