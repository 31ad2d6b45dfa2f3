package gateway_test

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/sigv4"
)

// partners has the shop's API under both contracts of the Selling Partner API.
func partners(c *gateway.Config) {
	both, token := c.APIs[0], c.APIs[0]
	both.ID, both.Hosts, both.Authorization = "both", []string{"both.example.com"}, gateway.AuthorizationIAMLWA
	token.ID, token.Hosts, token.Authorization = "token", []string{"token.example.com"}, gateway.AuthorizationLWA
	c.APIs = append(c.APIs, both, token)
}

// ask makes a request to a host; cred nil leaves it unsigned, token "" without one.
func (w *world) ask(t *testing.T, host string, cred *sigv4.Credentials, token string) *http.Request {
	t.Helper()
	r := w.request(t, "GET", "/orders/v0/orders", nil)
	r.Host = host
	if cred != nil {
		w.sign(t, r, *cred, nil)
	}
	if token != "" {
		r.Header.Set("x-amz-access-token", token) // after signing, as some clients do
	}
	return r
}

func TestContracts(t *testing.T) {
	w := newWorld(t, partners)
	role := w.session(t)
	wrong := alice
	wrong.Secret = "guess"
	const (
		denied    = "Access to requested resource is denied."
		missing   = "Access token is missing in the request header."
		revoked   = "The access token you provided is revoked, malformed or invalid."
		expired   = "The access token you provided has expired."
		signature = "The request signature we calculated does not match the signature you provided."
		both      = "both.example.com"
		token     = "token.example.com"
	)
	for _, c := range []struct {
		name, host        string
		cred              *sigv4.Credentials
		token             string
		kind              string // "" lets it through
		code, text, extra string
	}{
		{"role", both, &role, "Atza|shop/A1", "", "", "", ""},
		{"user", both, &alice, "Atza|alice/A1", "", "", "", ""},
		{"unsigned", both, nil, "Atza|alice/A1", "MissingAuthenticationTokenException", "MissingAuthenticationToken", denied, ""},
		{"without token", both, &alice, "", "AccessDeniedException", "Unauthorized", denied, missing},
		{"token of nobody", both, &alice, "Atza|mallory", "AccessDeniedException", "Unauthorized", denied, revoked},
		{"refresh token", both, &alice, "Atzr|alice/A1", "AccessDeniedException", "Unauthorized", denied, revoked},
		{"old token", both, &alice, "Atza|old", "AccessDeniedException", "Unauthorized", denied, expired},
		{"another's token", both, &alice, "Atza|shop/A1", "AccessDeniedException", "Unauthorized", denied, ""},
		{"grantless token", both, &alice, "Atza|alice", "AccessDeniedException", "Unauthorized", denied, ""},
		{"not allowed", both, &bob, "Atza|alice/A1", "AccessDeniedException", "Unauthorized", denied, ""},
		{"wrong secret", both, &wrong, "Atza|alice/A1", "InvalidSignatureException", "InvalidSignature", signature, ""},
		{"unknown key", both, &mallory, "Atza|alice/A1", "UnrecognizedClientException", "InvalidInput", "The security token included in the request is invalid.", ""},
		{"token alone", token, nil, "Atza|alice/A1", "", "", "", ""},
		{"signature for nothing", token, &wrong, "Atza|shop/A1", "", "", "", ""},
		{"no token", token, nil, "", "AccessDeniedException", "Unauthorized", denied, missing},
		{"no token, signed", token, &alice, "", "AccessDeniedException", "Unauthorized", denied, missing},
		{"old", token, nil, "Atza|old", "AccessDeniedException", "Unauthorized", denied, expired},
		{"malformed", token, nil, "x", "AccessDeniedException", "Unauthorized", denied, revoked},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.ask(t, c.host, c.cred, c.token)
			if c.kind == "" {
				if got := do(t, r); got.status != http.StatusAccepted {
					t.Errorf("%d %s", got.status, got.body)
				}
				return
			}
			w.refusedWith(t, r, http.StatusForbidden, c.kind, c.text)
			got := do(t, w.ask(t, c.host, c.cred, c.token))
			if !strings.Contains(got.body, `"code": "`+c.code+`"`) || !strings.Contains(got.body, c.extra) || strings.Contains(got.body, "arn:") {
				t.Errorf("%s", got.body)
			}
		})
	}
	if got := do(t, w.ask(t, token, nil, "Atza|broken")); got.status != http.StatusInternalServerError || !strings.Contains(got.body, `"code": "InternalFailure"`) || strings.Contains(got.body, "store") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// A user's federated user is not the user who registered an application.
func TestFederatedUserIsNotTheUser(t *testing.T) {
	w := newWorld(t, partners)
	cred := w.federated(t, "AIDAALICE", "Fred", allowAll)
	w.refusedWith(t, w.ask(t, "both.example.com", &cred, "Atza|alice/A1"), 403, "AccessDeniedException", "Access to requested resource is denied.")
}

func TestExpiredSessionInApplicationsWords(t *testing.T) {
	w := newWorld(t, partners)
	cred, end := w.session(t), noon.Add(time.Hour)
	w.now.Store(&end)
	w.refusedWith(t, w.ask(t, "both.example.com", &cred, "Atza|shop/A1"), 403, "ExpiredTokenException",
		`"message": "The security token included in the request is expired"`)
	early := noon.Add(54 * time.Minute)
	r := w.ask(t, "both.example.com", &cred, "Atza|shop/A1") // signed an hour after noon
	w.now.Store(&early)
	w.refusedWith(t, r, 403, "InvalidSignatureException", `"message": "Signature not yet current: 20260301T130000Z is still later than 20260301T125900Z (20260301T125400Z + 5 min.)"`)
}

// What Amazon's own answers were long shows that the layout is theirs.
func TestLayout(t *testing.T) {
	w := newWorld(t, partners)
	for _, c := range []struct {
		name string
		r    *http.Request
		want string
		size int
	}{
		{"denied", w.ask(t, "both.example.com", &bob, "Atza|alice/A1"), `{
  "errors": [
    {
      "message": "Access to requested resource is denied.",
     "code": "Unauthorized",
     "details": ""
    }
  ]
}`, 141},
		{"unsigned", w.ask(t, "both.example.com", nil, ""), `{
  "errors": [
    {
      "message": "Access to requested resource is denied.",
     "code": "MissingAuthenticationToken"
    }
  ]
}`, 135},
		{"by token", w.ask(t, "token.example.com", nil, "x"), `{
  "errors": [
    {
      "code": "Unauthorized",
      "message": "Access to requested resource is denied.",
      "details": "The access token you provided is revoked, malformed or invalid."
    }
  ]
}`, 206},
	} {
		if got := do(t, c.r); got.body != c.want || len(got.body) != c.size {
			t.Errorf("%s: %d bytes\n%s", c.name, len(got.body), got.body)
		}
	}
}

// What a token is written in otherwise, or twice, is none, and no spelling of it
// reaches the upstream.
func TestTokenHeader(t *testing.T) {
	w := newWorld(t, partners)
	send := func(host string, headers ...string) reply {
		return raw(t, w, "GET /orders HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n"+strings.Join(headers, "\r\n")+"\r\n\r\n")
	}
	for _, headers := range [][]string{
		{"x_amz_access_token: Atza|alice/A1"}, {"x-amz_access-token: Atza|alice/A1"}, {"x.amz.access.token: Atza|alice/A1"}, {"x-amz-access-token:"},
		{"x-amz-access-token: Atza|alice/A1", "X-Amz-Access-Token: Atza|alice/A1"}, {"x-amz-access-token: Atza|alice/A1", "x-amz-access-token: x"},
		{"Authorization: Bearer Atza|alice/A1"},
	} {
		if got := send("token.example.com", headers...); got.status != 403 || !strings.Contains(got.body, `"Unauthorized"`) {
			t.Errorf("%q: %d %s", headers, got.status, got.body)
		}
	}
	signed := w.ask(t, "both.example.com", &alice, "").Header
	for _, more := range []string{"Authorization: " + signed.Get("Authorization"), "authorization: Bearer x"} {
		got := send("both.example.com", "X-Amz-Date: "+signed.Get("X-Amz-Date"), "Authorization: "+signed.Get("Authorization"), more, "x-amz-access-token: Atza|alice/A1")
		if got.status != 403 || !strings.Contains(got.body, "more than one 'Authorization'") {
			t.Errorf("%s twice: %d %s", more, got.status, got.body)
		}
	}
	if w.calls() != 0 {
		t.Fatal("the upstream was called")
	}
	got := send("token.example.com", "X-AMZ-Access-Token: Atza|alice/A1", "x_amz_access_token: forged", "X-Iamd-Client-Id: forged", "X_Iamd-Selling-Partner-Id: forged",
		"Authorization: Bearer mine", "Authorization: AWS4-HMAC-SHA256 x", "X-Amz-Date: never")
	if got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	h := w.last(t).Header
	if h.Get("X-Iamd-Client-Id") != "client-alice" || h.Get("X-Iamd-Selling-Partner-Id") != "A1" || h.Get("X-Iamd-Principal-Arn") != "" {
		t.Errorf("the upstream got %v", h)
	}
	for name, values := range h {
		if strings.Contains(strings.Join(values, ""), "forged") || strings.Contains(strings.Join(values, ""), "Atza") || name == "Authorization" || name == "X-Amz-Date" {
			t.Errorf("the upstream got %s: %q", name, values)
		}
	}
	e := <-w.events
	for e.Application == "" {
		e = <-w.events
	}
	if e.Application != "client-alice" || e.SellingPartner != "A1" || !e.Allowed {
		t.Errorf("%+v", e)
	}
}

// unlisted signs with only these headers in the list; the others are added
// afterwards, as clients of the Selling Partner API do.
func unlisted(t *testing.T, w *world, r *http.Request, cred sigv4.Credentials, body []byte, keep ...string) {
	t.Helper()
	sent := http.Header{}
	w.sign(t, r, cred, body)
	for _, name := range []string{"X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "X-Amz-Access-Token"} {
		if v := r.Header[name]; v != nil {
			sent[name] = v
		}
	}
	signOnly(t, r, sha256.Sum256(body), cred, *w.now.Load(), keep)
	for name, v := range sent {
		r.Header[name] = v
	}
}

func TestUnsignedHeaders(t *testing.T) {
	w := newWorld(t, partners)
	role := w.session(t)
	for _, c := range []struct {
		client string
		signed []string
	}{
		{"Python", []string{"host", "x-amz-date"}},
		{"Python with a role", []string{"host", "x-amz-date", "x-amz-security-token"}},
		{"Node", []string{"host", "user-agent", "x-amz-access-token", "x-amz-date"}},
		{"PHP", []string{"accept", "content-type", "host", "user-agent"}},
		{"Ruby", []string{"content-type", "host", "user-agent", "x-amz-access-token", "x-amz-date", "x-amz-security-token"}},
		{"nothing but the host", []string{"host"}},
	} {
		make := func(host string) *http.Request {
			r := w.request(t, "GET", "/orders/v0/orders?b=1&a=2", nil)
			r.Host = host
			for name, v := range map[string]string{"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "Shop/1.0", "X-Amz-Access-Token": "Atza|shop/A1"} {
				r.Header.Set(name, v)
			}
			unlisted(t, w, r, role, nil, c.signed...)
			return r
		}
		if got := do(t, make("both.example.com")); got.status != http.StatusAccepted {
			t.Errorf("%s: %d %s", c.client, got.status, got.body)
		}
		// Nobody here reads the token of an API that asks for none.
		want := http.StatusForbidden
		for _, name := range c.signed {
			if name == "x-amz-access-token" {
				want = http.StatusAccepted
			}
		}
		if got := do(t, make(apiHost)); got.status != want {
			t.Errorf("%s, AWS_IAM: %d %s", c.client, got.status, got.body)
		}
		// What is not signed is bound all the same.
		for name, value := range map[string]string{
			"X-Amz-Date": "20260301T120001Z", "X-Amz-Security-Token": w.session(t).Token, "X-Amz-Content-Sha256": strings.Repeat("0", 64),
			"X-Amz-Access-Token": "Atza|alice/A1", "X-Amz-Target": "other",
		} {
			r := make("both.example.com")
			r.Header.Set(name, value)
			if got := do(t, r); got.status != http.StatusForbidden {
				t.Errorf("%s with another %s: %d %s", c.client, name, got.status, got.body)
			}
		}
		r := make("both.example.com")
		r.Header["x-amz-security-token"] = r.Header["X-Amz-Security-Token"]
		if got := do(t, r); got.status != http.StatusForbidden {
			t.Errorf("%s with two tokens: %d %s", c.client, got.status, got.body)
		}
	}
}

// A long body is taken in for whom it may be worth it.
func TestTokenBeforeBody(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { partners(c); c.MemoryBody, c.MaxBody = 16, 1024 })
	post := func(token string, size int) reply {
		r := w.request(t, "POST", "/orders", make([]byte, size))
		r.Host = "token.example.com"
		r.Header.Set("X-Amz-Access-Token", token)
		return do(t, r)
	}
	if got := post("Atza|alice/A1", 1000); got.status != http.StatusAccepted || len(got.body) != 1000 {
		t.Errorf("%d, %d bytes", got.status, len(got.body))
	}
	if got := post("Atza|alice/A1", 2000); got.status != 413 || !strings.Contains(got.body, `"code": "RequestTooLarge"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := post("x", 2000); got.status != 403 || !strings.Contains(got.body, "malformed") {
		t.Errorf("%d %v", got.status, got.header)
	}
}
