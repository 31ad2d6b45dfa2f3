package spapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// TestForeignClient: an OAuth client that knows nothing of this server does all
// three grants, by either way to say who it is.
func TestForeignClient(t *testing.T) {
	w := start(t)
	a := w.app(t)
	code := w.call(t, w.root, "POST", "applications/"+a.id+"/authorizations", `{"selling_partner_id":"A9EXAMPLE12345","code":true}`)
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader} {
		cfg := oauth2.Config{ClientID: a.id, ClientSecret: a.secret, Endpoint: oauth2.Endpoint{TokenURL: w.url + "/auth/o2/token", AuthStyle: style}}
		got, err := cfg.TokenSource(t.Context(), &oauth2.Token{RefreshToken: a.refresh}).Token()
		if err != nil {
			t.Fatal(err)
		}
		if left := time.Until(got.Expiry); !strings.HasPrefix(got.AccessToken, "Atza|") || got.RefreshToken != a.refresh || got.TokenType != "bearer" || left > time.Hour || left < 59*time.Minute {
			t.Errorf("refresh: %+v", got)
		}
		grantless := clientcredentials.Config{ClientID: a.id, ClientSecret: a.secret, TokenURL: cfg.Endpoint.TokenURL, Scopes: []string{"sellingpartnerapi::notifications"}, AuthStyle: style}
		if got, err = grantless.Token(t.Context()); err != nil || !strings.HasPrefix(got.AccessToken, "Atc|") || got.RefreshToken != "" {
			t.Errorf("client credentials: %+v, %v", got, err)
		}
	}
	cfg := oauth2.Config{ClientID: a.id, ClientSecret: a.secret, RedirectURL: "https://example.com/back", Endpoint: oauth2.Endpoint{TokenURL: w.url + "/auth/o2/token"}}
	got, err := cfg.Exchange(t.Context(), code.text("spapi_oauth_code"))
	if err != nil || !strings.HasPrefix(got.AccessToken, "Atza|") || !strings.HasPrefix(got.RefreshToken, "Atzr|") {
		t.Fatalf("code: %+v, %v", got, err)
	}
	if _, err := cfg.TokenSource(t.Context(), &oauth2.Token{RefreshToken: got.RefreshToken}).Token(); err != nil {
		t.Errorf("the code's refresh token: %v", err)
	}
	_, err = cfg.Exchange(t.Context(), code.text("spapi_oauth_code"))
	var no *oauth2.RetrieveError
	if !errors.As(err, &no) || no.ErrorCode != "invalid_grant" {
		t.Errorf("the code once more: %v", err)
	}
}

var requestID = regexp.MustCompile(`^[0-9a-f-]{36}$`)

// TestTokenWire: what stands on the wire, to the byte.
func TestTokenWire(t *testing.T) {
	w := start(t)
	a := w.app(t)
	asJSON, err := json.Marshal(map[string]any{"grant_type": "refresh_token", "refresh_token": a.refresh, "client_id": a.id, "client_secret": a.secret, "extra": nil})
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]answer{
		"form": w.token(t, a.with("grant_type", "refresh_token", "refresh_token", a.refresh)...),
		"JSON": w.post(t, "application/json; charset=utf-8", string(asJSON)),
	} {
		want := `{"access_token":"` + got.text("access_token") + `","refresh_token":"` + a.refresh + `","token_type":"bearer","expires_in":3600}`
		if got.status != http.StatusOK || string(got.body) != want {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
		h := got.header
		if h.Get("Content-Type") != "application/json;charset=UTF-8" || h.Get("Cache-Control") != "no-store" || h.Get("Pragma") != "no-cache" || !requestID.MatchString(h.Get("X-Amzn-Requestid")) {
			t.Errorf("%s: %v", what, h)
		}
	}
	got := w.token(t, a.with("grant_type", "client_credentials", "scope", "sellingpartnerapi::migration")...)
	if want := `{"access_token":"` + got.text("access_token") + `","scope":"sellingpartnerapi::migration","token_type":"bearer","expires_in":3600}`; string(got.body) != want {
		t.Errorf("grantless: %s", got.body)
	}
}

func TestTokenRefused(t *testing.T) {
	w := start(t)
	a := w.app(t)
	b := w.call(t, w.root, "POST", "applications", `{"name":"other","iam_arn":"arn:aws:iam::`+w.id+`:user/seller"}`)
	refresh := a.with("grant_type", "refresh_token", "refresh_token", a.refresh)
	const badClient = `{"error_description":"Client authentication failed","error":"invalid_client"}`
	const bad = `{"error_description":"Malformed request","error":"invalid_request"}`
	says := func(word, description string) string {
		return `{"error_description":"` + description + `","error":"` + word + `"}`
	}
	grant := func(name string) string {
		return says("invalid_grant", "The request has an invalid grant parameter : "+name)
	}
	missing := func(name string) string {
		return says("invalid_request", "The request is missing a required parameter : "+name)
	}
	unsupported := says("unsupported_grant_type", "The authorization grant type is not supported by the authorization server")
	unknown := "amzn1.application-oa2-client." + strings.Repeat("0", 32)
	basic := func(id, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(id, secret) }
	}
	for what, c := range map[string]struct {
		got    answer
		status int
		want   string
	}{
		"another secret":       {w.token(t, "client_id", a.id, "client_secret", "x", "grant_type", "refresh_token", "refresh_token", a.refresh), 401, badClient},
		"an unknown client":    {w.token(t, "client_id", unknown, "client_secret", a.secret, "grant_type", "refresh_token", "refresh_token", a.refresh), 401, badClient},
		"no client":            {w.token(t, "grant_type", "refresh_token", "refresh_token", a.refresh), 400, missing("client_id")},
		"no secret":            {w.token(t, "client_id", a.id, "grant_type", "refresh_token", "refresh_token", a.refresh), 400, missing("client_secret")},
		"no grant":             {w.token(t, a.with()...), 400, unsupported},
		"password":             {w.token(t, a.with("grant_type", "password", "username", "u", "password", "p")...), 400, unsupported},
		"implicit":             {w.token(t, a.with("grant_type", "__implicit")...), 400, unsupported},
		"JSON as a form":       {w.post(t, formType, `{"grant_type":"refresh_token"}`), 400, unsupported},
		"no refresh token":     {w.token(t, a.with("grant_type", "refresh_token")...), 400, missing("refresh_token")},
		"no code":              {w.token(t, a.with("grant_type", "authorization_code")...), 400, missing("code")},
		"no scope":             {w.token(t, a.with("grant_type", "client_credentials")...), 400, missing("scope")},
		"a bad refresh token":  {w.token(t, a.with("grant_type", "refresh_token", "refresh_token", "Atzr|x")...), 400, grant("refresh_token")},
		"a bad code":           {w.token(t, a.with("grant_type", "authorization_code", "code", "x")...), 400, grant("code")},
		"a verifier":           {w.token(t, a.with("grant_type", "authorization_code", "code", "x", "code_verifier", "y")...), 400, grant("code_verifier")},
		"a bad scope":          {w.token(t, a.with("grant_type", "client_credentials", "scope", "profile")...), 400, says("invalid_scope", "The request has an invalid parameter : scope")},
		"a scope to refresh":   {w.token(t, append(refresh, "scope", "profile")...), 400, says("invalid_scope", "The request has an invalid parameter : scope")},
		"another client's":     {w.token(t, "client_id", b.text("client_id"), "client_secret", b.text("client_secret"), "grant_type", "refresh_token", "refresh_token", a.refresh), 400, says("unauthorized_client", "Not authorized for requested operation")},
		"twice":                {w.token(t, append(refresh, "client_id", a.id)...), 400, bad},
		"twice in JSON":        {w.post(t, "application/json", `{"grant_type":"refresh_token","grant_type":"refresh_token"}`), 400, bad},
		"nested":               {w.post(t, "application/json", `{"grant_type":["refresh_token"]}`), 400, bad},
		"a number":             {w.post(t, "application/json", `{"grant_type":1}`), 400, bad},
		"a list":               {w.post(t, "application/json", `[]`), 400, bad},
		"cut off":              {w.post(t, "application/json", `{"grant_type":"refresh_token"`), 400, bad},
		"more after it":        {w.post(t, "application/json", `{} {}`), 400, bad},
		"no type":              {w.post(t, "", form(refresh...).Encode()), 400, bad},
		"plain text":           {w.post(t, "text/plain", form(refresh...).Encode()), 400, bad},
		"semicolons":           {w.post(t, formType, "grant_type=refresh_token;x=y"), 400, bad},
		"too long":             {w.post(t, formType, "x="+strings.Repeat("a", 16<<10)), 413, bad},
		"in the query":         {w.post(t, formType, form(refresh...).Encode(), func(r *http.Request) { r.URL.RawQuery = "x=y" }), 400, bad},
		"GET":                  {w.post(t, formType, "", func(r *http.Request) { r.Method = http.MethodGet }), 405, bad},
		"two ways":             {w.post(t, formType, form(refresh...).Encode(), basic(a.id, a.secret)), 400, bad},
		"two clients":          {w.post(t, formType, form("client_id", unknown, "grant_type", "refresh_token", "refresh_token", a.refresh).Encode(), basic(a.id, a.secret)), 400, bad},
		"another's, by header": {w.post(t, formType, form("grant_type", "refresh_token", "refresh_token", a.refresh).Encode(), basic(a.id, "x")), 401, badClient},
	} {
		if c.got.status != c.status || string(c.got.body) != c.want {
			t.Errorf("%s: %d %s", what, c.got.status, c.got.body)
		}
		if h := c.got.header; h.Get("Cache-Control") != "no-store" || h.Get("Content-Type") != "application/json;charset=UTF-8" {
			t.Errorf("%s: %v", what, h)
		}
		if asked := c.got.header.Get("Www-Authenticate") != ""; asked != (what == "another's, by header") {
			t.Errorf("%s: WWW-Authenticate %v", what, asked)
		}
	}
	if got := w.call(t, w.root, "DELETE", "applications/"+a.id+"/authorizations/"+a.partner, ""); got.status != http.StatusNoContent {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := w.token(t, refresh...); string(got.body) != grant("refresh_token. User may have revoked or didn't grant the permission.") {
		t.Errorf("revoked: %s", got.body)
	}
}

// TestOldSecret: a rotated secret works for seven days, a code for five minutes,
// by the server's clock and not the library's.
func TestOldSecret(t *testing.T) {
	w := start(t)
	a := w.app(t)
	rotated := w.call(t, w.root, "POST", "applications/"+a.id+"/secret", "")
	ends, err := time.Parse(time.RFC3339, rotated.text("old_secret_expires"))
	if left := ends.Sub(w.now()); err != nil || left > 7*24*time.Hour || left < 7*24*time.Hour-time.Minute {
		t.Errorf("%s", rotated.body)
	}
	works := func(what, secret string, want int) {
		t.Helper()
		if got := w.token(t, "client_id", a.id, "client_secret", secret, "grant_type", "refresh_token", "refresh_token", a.refresh); got.status != want {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}
	works("the old one", a.secret, 200)
	works("the new one", rotated.text("client_secret"), 200)
	code := w.call(t, w.root, "POST", "applications/"+a.id+"/authorizations", `{"code":true}`).text("spapi_oauth_code")
	w.ahead.Store(int64(5 * time.Minute))
	if got := w.token(t, a.with("grant_type", "authorization_code", "code", code)...); got.text("error") != "invalid_grant" {
		t.Errorf("an old code: %s", got.body)
	}
	w.ahead.Store(int64(7*24*time.Hour + time.Minute))
	works("the old one, a week later", a.secret, 401)
	works("the new one, a week later", rotated.text("client_secret"), 200)
}

// TestCodeRace: of sixteen who use a code at once, one gets tokens.
func TestCodeRace(t *testing.T) {
	w := start(t)
	a := w.app(t)
	code := w.call(t, w.root, "POST", "applications/"+a.id+"/authorizations", `{"code":true}`).text("spapi_oauth_code")
	answers := make([]answer, 16)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = w.token(t, a.with("grant_type", "authorization_code", "code", code)...) })
	}
	group.Wait()
	won := 0
	for _, got := range answers {
		switch {
		case got.status == http.StatusOK && got.text("refresh_token") != "":
			won++
		case got.text("error") != "invalid_grant":
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if won != 1 {
		t.Errorf("%d got tokens for one code", won)
	}
}
