package gateway_test

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iamd/gateway"
	"iamd/sigv4"
)

func TestAllowed(t *testing.T) {
	w := newWorld(t, nil)
	for name, cred := range map[string]sigv4.Credentials{"user": alice, "role": w.session(t)} {
		t.Run(name, func(t *testing.T) {
			got := do(t, w.signed(t, cred, "POST", "/orders/v0/orders?a=b", []byte("hello")))
			if got.status != http.StatusAccepted || got.body != "hello" || got.header.Get("X-Upstream") != "yes" {
				t.Fatalf("%d %s %v", got.status, got.body, got.header)
			}
			if ids := got.header.Values("X-Amzn-Requestid"); len(ids) != 1 || strings.Contains(ids[0], "upstream") {
				t.Errorf("request ids %q", ids)
			}
			if s := w.last(t); s.Method != "POST" || s.URI != "/orders/v0/orders?a=b" || string(s.Body) != "hello" || s.Length != 5 {
				t.Errorf("the upstream got %+v", s)
			}
		})
	}
}

func TestPresigned(t *testing.T) {
	w := newWorld(t, nil)
	r := w.request(t, "GET", "/orders?a=b%20c&z=1", nil)
	if err := sigv4.Presign(r, sha256.Sum256(nil), w.session(t), time.Hour, noon, options(nil)); err != nil {
		t.Fatal(err)
	}
	again := r.Clone(t.Context())
	if got := do(t, r); got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if s := w.last(t); s.URI != "/orders?a=b%20c&z=1" {
		t.Errorf("the upstream got %s", s.URI)
	}
	later := noon.Add(6 * time.Minute)
	w.now.Store(&later)
	w.refusedWith(t, again, 403, "InvalidSignatureException", "Signature expired")
}

// A presigned URL lives as long as it says.
func TestPresignedExpires(t *testing.T) {
	w := newWorld(t, nil)
	presigned := func(life time.Duration) *http.Request {
		r := w.request(t, "GET", "/orders", nil)
		if err := sigv4.Presign(r, sha256.Sum256(nil), alice, life, noon, options(nil)); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		life, age time.Duration
		status    int
	}{
		{time.Second, time.Second, 202}, {time.Second, 2 * time.Second, 403},
		{time.Minute, 59 * time.Second, 202}, {time.Minute, 290 * time.Second, 403},
		{time.Hour, 5 * time.Minute, 202}, {time.Hour, 301 * time.Second, 403},
	} {
		r, later := presigned(c.life), noon.Add(c.age)
		w.now.Store(&later)
		if c.status == 403 {
			w.refusedWith(t, r, 403, "InvalidSignatureException", "Signature expired")
		} else if got := do(t, r); got.status != c.status {
			t.Errorf("%v after %v: %d %s", c.life, c.age, got.status, got.body)
		}
	}
	w.now.Store(&noon)
	endless := presigned(time.Minute)
	endless.URL.RawQuery = strings.Replace(endless.URL.RawQuery, "X-Amz-Expires=60&", "", 1)
	w.refusedWith(t, endless, 403, "IncompleteSignatureException", "must include 'X-Amz-Expires'")
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, nil)
	scoped := func(change func(*sigv4.Options)) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request {
			r := w.request(t, "GET", "/orders", nil)
			if err := sigv4.Sign(r, sha256.Sum256(nil), alice, noon, options(change)); err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	at := func(when time.Time) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request {
			r := w.request(t, "GET", "/orders", nil)
			if err := sigv4.Sign(r, sha256.Sum256(nil), alice, when, options(nil)); err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	by := func(cred sigv4.Credentials, path string) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request { return w.signed(t, cred, "GET", path, nil) }
	}
	header := func(name, value string) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request {
			r := w.signed(t, alice, "GET", "/orders", nil)
			r.Header.Set(name, value)
			return r
		}
	}
	body := func(claim string) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request {
			r := w.request(t, "POST", "/orders", []byte("sent"))
			r.Header.Set("X-Amz-Content-Sha256", claim)
			cred := aws.Credentials{AccessKeyID: alice.KeyID, SecretAccessKey: alice.Secret}
			// The SDK's signer takes the client's word for the body.
			if err := v4.NewSigner().SignHTTP(t.Context(), cred, r, claim, "execute-api", region, noon); err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	const (
		mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
		unknown  = `{"message":"The security token included in the request is invalid."}`
		mask     = "execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:shop/prod/GET/"
	)
	stolen := w.session(t)
	stolen.KeyID = w.session(t).KeyID
	tokenless := w.session(t)
	tokenless.Token = ""
	withToken := alice
	withToken.Token = w.session(t).Token
	wrong := alice
	wrong.Secret = "guess"
	for _, c := range []struct {
		name    string
		request func(*testing.T) *http.Request
		kind    string
		words   string
	}{
		{"unsigned", func(t *testing.T) *http.Request { return w.request(t, "GET", "/orders", nil) },
			"MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`},
		{"unknown key", by(mallory, "/orders"), "UnrecognizedClientException", unknown},
		{"inactive key", by(carol, "/orders"), "UnrecognizedClientException", unknown},
		{"token of another key", by(stolen, "/orders"), "UnrecognizedClientException", unknown},
		{"session without token", by(tokenless, "/orders"), "UnrecognizedClientException", unknown},
		{"user with a token", by(withToken, "/orders"), "UnrecognizedClientException", unknown},
		{"wrong secret", by(wrong, "/orders"), "InvalidSignatureException", mismatch},
		{"not AWS", header("Authorization", "Bearer abc"), "IncompleteSignatureException", "Authorization header"},
		{"no signature", header("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260301/us-east-1/execute-api/aws4_request"),
			"IncompleteSignatureException", "Authorization header requires 'Signature' parameter."},
		{"wrong region", scoped(func(o *sigv4.Options) { o.Region = "eu-west-1" }), "InvalidSignatureException",
			"Credential should be scoped to a valid region, not 'eu-west-1'."},
		{"wrong service", scoped(func(o *sigv4.Options) { o.Service = "sts" }), "InvalidSignatureException",
			"Credential should be scoped to correct service: 'execute-api'."},
		{"late", at(noon.Add(-5*time.Minute - time.Second)), "InvalidSignatureException", "Signature expired: 20260301T115459Z is now earlier than 20260301T115500Z"},
		{"early", at(noon.Add(5*time.Minute + time.Second)), "InvalidSignatureException", "Signature not yet current: "},
		{"unsigned x-amz header", header("X-Amz-Access-Token", "thief's"), "InvalidSignatureException", "must be a 'SignedHeader'"},
		{"other body", body(strings.Repeat("0", 64)), "InvalidSignatureException", "x-amz-content-sha256"},
		{"unsigned payload", body("UNSIGNED-PAYLOAD"), "InvalidSignatureException", ""},
		{"streaming payload", body("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), "InvalidSignatureException", ""},
		{"not allowed", by(bob, "/orders/v0"), "AccessDeniedException",
			`{"Message":"User: arn:aws:iam::123456789012:user/bob is not authorized to perform: ` + mask +
				`orders/v0 because no identity-based policy allows the execute-api:Invoke action"}`},
		{"explicitly denied", by(dave, "/orders/secret"), "AccessDeniedException",
			mask + "orders/secret with an explicit deny in an identity-based policy"},
		{"narrowed session", by(w.session(t, denySome), "/orders"), "AccessDeniedException",
			"User: arn:aws:sts::123456789012:assumed-role/Shop/s1 is not authorized to perform: "},
		{"another account", by(eve, "/orders"), "AccessDeniedException",
			mask + "orders because no resource-based policy allows the execute-api:Invoke action"},
	} {
		t.Run(c.name, func(t *testing.T) { w.refusedWith(t, c.request(t), http.StatusForbidden, c.kind, c.words) })
	}
	if got := do(t, body("7afbb3347fb7252e533d58d99d72d9106fc6fdb3f30df23fa70b764c15ac42c5")(t)); got.status != http.StatusAccepted {
		t.Errorf("true hash: %d %s", got.status, got.body)
	}
	// The twins: just inside the clock's bounds, and what the deny leaves.
	for name, r := range map[string]*http.Request{
		"late": at(noon.Add(-5 * time.Minute))(t), "early": at(noon.Add(5 * time.Minute))(t), "dave": by(dave, "/orders/open")(t),
	} {
		if got := do(t, r); got.status != http.StatusAccepted {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestExpiredSession(t *testing.T) {
	w := newWorld(t, nil)
	cred := w.session(t)
	end := noon.Add(time.Hour)
	w.now.Store(&end)
	w.refusedWith(t, w.signed(t, cred, "GET", "/", nil), 403, "ExpiredTokenException",
		`{"message":"The security token included in the request is expired"}`)
}

func TestUnknownHost(t *testing.T) {
	w := newWorld(t, nil)
	r := w.signed(t, alice, "GET", "/orders", nil)
	r.Host = "other.example.com"
	w.refusedWith(t, r, 404, "NotFoundException", `"message":"Not Found"`)
}

func TestNoAuthorization(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke",
		"Resource":"execute-api:/prod/GET/open/*"}]}`
	w := newWorld(t, func(c *gateway.Config) {
		open := c.APIs[0]
		open.ID, open.Hosts, open.Authorization = "open", []string{"open.example.com"}, gateway.AuthorizationNone
		limited := open
		limited.ID, limited.Hosts, limited.ResourcePolicy = "limited", []string{"limited.example.com"}, policy
		c.APIs = append(c.APIs, open, limited)
	})
	to := func(host, path string) *http.Request {
		r := w.request(t, "GET", path, nil)
		r.Host = host
		r.Header.Set("Authorization", "Bearer mine")
		r.Header.Set("X-Iamd-Principal-Arn", "arn:aws:iam::123456789012:root")
		return r
	}
	for _, r := range []*http.Request{to("open.example.com", "/any"), to("limited.example.com", "/open/x")} {
		if got := do(t, r); got.status != http.StatusAccepted {
			t.Fatalf("%s: %d %s", r.Host, got.status, got.body)
		}
		if h := w.last(t).Header; h.Get("X-Iamd-Principal-Arn") != "" || h.Get("Authorization") != "Bearer mine" {
			t.Errorf("the upstream got %v", h)
		}
	}
	w.refusedWith(t, to("limited.example.com", "/closed"), 403, "AccessDeniedException",
		"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:limited/prod/GET/closed")
	// A signature makes no difference where none is asked for, and goes no further.
	signed := w.request(t, "GET", "/any", nil)
	signed.Host = "open.example.com"
	w.sign(t, signed, mallory, nil)
	if got := do(t, signed); got.status != http.StatusAccepted || w.last(t).Header.Get("Authorization") != "" {
		t.Errorf("%d %v", got.status, w.last(t).Header)
	}
}

// A resource policy lets another account's user in, together with their own.
func TestCrossAccount(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		c.APIs[0].ResourcePolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + other + `"},
			"Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`
	})
	if got := do(t, w.signed(t, eve, "GET", "/orders", nil)); got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := w.last(t).Header.Get("X-Iamd-Account"); got != other {
		t.Errorf("account %q", got)
	}
	w.refusedWith(t, w.signed(t, bob, "GET", "/orders", nil), 403, "AccessDeniedException", "user/bob")
}
