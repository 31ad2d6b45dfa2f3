package extauthz_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iamd/extauthz"
	"iamd/gateway"
)

// forward is the door, on a real connection.
func forward(tb testing.TB, w *world, change func(*extauthz.ForwardConfig)) *httptest.Server {
	tb.Helper()
	cfg := extauthz.ForwardConfig{Ask: w.gateway, Origin: trusting, Trusted: func(*http.Request) bool { return true }, MaxBody: 1 << 20}
	if change != nil {
		change(&cfg)
	}
	f, err := extauthz.NewForward(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s := httptest.NewServer(f)
	tb.Cleanup(s.Close)
	return s
}

// telling is what a proxy asks about r, as nginx does.
func telling(tb testing.TB, at string, r *http.Request, body string) *http.Request {
	tb.Helper()
	out, err := http.NewRequest("GET", at+"/any/path", nil)
	if err != nil {
		tb.Fatal(err)
	}
	out.Header = r.Header.Clone()
	out.Header.Set("X-Forwarded-Method", r.Method)
	out.Header.Set("X-Forwarded-Proto", "https")
	out.Header.Set("X-Forwarded-Host", apiHost)
	out.Header.Set("X-Forwarded-Uri", r.URL.RequestURI())
	out.Header.Set("X-Forwarded-For", "192.0.2.7")
	out.Header.Set("X-Iamd-Body", body)
	return out
}

type reply struct {
	status int
	header http.Header
	body   string
}

func do(tb testing.TB, r *http.Request) reply {
	tb.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(b)}
}

func (r reply) is(t *testing.T, status int, own, kind, words string) {
	t.Helper()
	if r.status != status || r.header.Get("X-Iamd-Status") != own || r.header.Get("X-Amzn-Errortype") != kind || !strings.Contains(r.body, words) {
		t.Errorf("answer %d (%s) %q %s; want %d (%s) %q with %q", r.status, r.header.Get("X-Iamd-Status"), r.header.Get("X-Amzn-Errortype"), r.body, status, own, kind, words)
	}
	if reason := r.header.Get("X-Iamd-Reason"); !json.Valid([]byte(reason)) || !json.Valid([]byte(r.body)) || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("reason %q, headers %v", reason, r.header)
	}
}

func TestForwardPassesTheCallerOn(t *testing.T) {
	w := newWorld(t)
	door := forward(t, w, nil)
	in := telling(t, door.URL, signed(t, w.session(t), "GET", "/orders/1?a=b", nil), "HTTP/1.1 /")
	in.Header.Set("X-Iamd-Principal-Arn", "arn:aws:iam::111122223333:root")
	in.Header.Set("X-Original-Uri", "/evil")
	got := do(t, in)
	for name, want := range map[string]string{
		"X-Iamd-Principal-Arn": "arn:aws:sts::111122223333:assumed-role/Shop/s1", "X-Iamd-Account": owner, "X-Iamd-User-Id": "AROASHOP:s1",
		"X-Iamd-Uri": "/orders/1?a=b", "Cache-Control": "no-store", "Authorization": "", "X-Iamd-Reason": "",
	} {
		if got.status != http.StatusOK || got.header.Get(name) != want {
			t.Errorf("%d, %s: %q, want %q", got.status, name, got.header.Get(name), want)
		}
	}
	if id := got.header.Get("X-Amzn-Requestid"); id == "" || id != got.header.Get("X-Iamd-Request-Id") {
		t.Errorf("request id %q", id)
	}
	if e := w.recorded(t); e.From.SourceIP != "192.0.2.7" || !e.From.Secure || e.Method != "GET" || e.Path != "/orders/1" {
		t.Errorf("recorded %+v", e)
	}
}

func TestForwardRefuses(t *testing.T) {
	w := newWorld(t)
	door := forward(t, w, nil)
	with := func(change func(h http.Header)) *http.Request {
		r := telling(t, door.URL, signed(t, alice, "GET", "/orders/1", nil), "HTTP/1.1 /")
		change(r.Header)
		return r
	}
	set := func(name string, values ...string) *http.Request {
		return with(func(h http.Header) { h[name] = values })
	}
	do(t, telling(t, door.URL, signed(t, alice, "GET", "/orders/secret", nil), "HTTP/1.1 /")).is(t, 403, "403", "AccessDeniedException", "explicit deny")
	do(t, with(func(h http.Header) { h.Del("Authorization") })).is(t, 403, "403", "MissingAuthenticationTokenException", "Missing Authentication Token")
	do(t, set("X-Forwarded-Uri", "/orders/2")).is(t, 403, "403", "InvalidSignatureException", "")
	do(t, set("X-Forwarded-Method", "DELETE")).is(t, 403, "403", "InvalidSignatureException", "")
	do(t, set("X-Forwarded-Host", "evil.example.com")).is(t, 404, "404", "NotFoundException", "")
	for _, uri := range []string{"/a/../orders/1", "//orders/1", "/orders%2f1", "/%2e%2e/orders/1", "/orders;x", "http://x/orders/1", "orders", "/%zz"} {
		do(t, set("X-Forwarded-Uri", uri)).is(t, 400, "400", "BadRequestException", "")
	}
	do(t, set("X-Forwarded-Host", "a.example.com, orders.example.com")).is(t, 400, "400", "BadRequestException", "Host")
	do(t, set("Upgrade", "h2c")).is(t, 400, "400", "BadRequestException", "websocket")
	for _, name := range []string{"X-Http-Method-Override", "X-Rewrite-Url", "X_Iamd_Account", "X_forwarded_For", "x.amz.date"} {
		do(t, set(name, "1")).is(t, 400, "400", "BadRequestException", "not accepted here")
	}
	for _, name := range []string{"X-Forwarded-Method", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Uri", "X-Forwarded-For"} {
		do(t, set(name)).is(t, 500, "500", "InternalServerErrorException", "does not send "+name)
		do(t, set(name, "1", "2")).is(t, 500, "500", "InternalServerErrorException", name+" more than once")
	}
	do(t, set("X-Forwarded-Proto", "gopher")).is(t, 500, "500", "InternalServerErrorException", "must be http or https")
	if got := do(t, set("X-Forwarded-Proto", "wss")); got.status != http.StatusOK {
		t.Errorf("wss: %+v", got)
	}
	stranger := forward(t, w, func(c *extauthz.ForwardConfig) { c.Trusted = func(*http.Request) bool { return false } })
	do(t, telling(t, stranger.URL, signed(t, alice, "GET", "/orders/1", nil), "HTTP/1.1 /")).is(t, 500, "500", "InternalServerErrorException", "trusted_proxies")
}

func TestForwardBodies(t *testing.T) {
	const body = "hello"
	strict, open := newWorld(t), newWorld(t, func(a *gateway.API) { a.AcceptUncheckedBodies = true })
	for name, test := range map[string]struct {
		world  *world
		said   []string
		body   string
		hash   bool
		status int
		words  string
	}{
		"none":                          {strict, []string{"HTTP/1.1 /"}, "", false, 200, ""},
		"none, declared":                {strict, []string{"HTTP/1.1 0/"}, "", false, 200, ""},
		"none, HTTP/2":                  {strict, []string{"HTTP/2.0 0/"}, "", false, 200, ""},
		"none, looked for":              {strict, []string{"HTTP/2.0 /none"}, "", false, 200, ""},
		"perhaps, HTTP/2":               {strict, []string{"HTTP/2.0 /"}, "", false, 500, "does not tell"},
		"no header":                     {strict, nil, "", false, 500, "X-Iamd-Body once"},
		"two headers":                   {strict, []string{"HTTP/1.1 /", "HTTP/1.1 /"}, "", false, 500, "X-Iamd-Body once"},
		"nonsense":                      {strict, []string{"none"}, "", false, 500, "must look like"},
		"a sign":                        {strict, []string{"HTTP/1.1 +0/"}, "", false, 500, "must look like"},
		"two lengths":                   {strict, []string{"HTTP/1.1 0, 5/"}, "", false, 500, "must look like"},
		"a body":                        {strict, []string{"HTTP/1.1 5/"}, body, false, 403, "accept_unchecked_bodies"},
		"a body, hash":                  {strict, []string{"HTTP/1.1 5/"}, body, true, 403, "accept_unchecked_bodies"},
		"a body, accepted, hash":        {open, []string{"HTTP/1.1 5/"}, body, true, 200, ""},
		"a body, accepted, no hash":     {open, []string{"HTTP/1.1 5/"}, body, false, 403, "X-Amz-Content-Sha256"},
		"a body, accepted, hash, other": {open, []string{"HTTP/1.1 6/"}, body, true, 403, "signature"},
		"chunked":                       {strict, []string{"HTTP/1.1 /chunked"}, body, true, 403, "accept_unchecked_bodies"},
		"both":                          {strict, []string{"HTTP/1.1 0/chunked"}, "", false, 403, "accept_unchecked_bodies"},
		"looked for, and declared":      {strict, []string{"HTTP/1.1 5/none"}, body, true, 403, "accept_unchecked_bodies"},
	} {
		t.Run(name, func(t *testing.T) {
			door := forward(t, test.world, nil)
			var change []func(*http.Request)
			if test.hash {
				change = append(change, withHash([]byte(test.body)))
			}
			r := telling(t, door.URL, signed(t, alice, "POST", "/orders", []byte(test.body), change...), "")
			r.Header["X-Iamd-Body"] = test.said
			if got := do(t, r); got.status != test.status || !strings.Contains(got.body, test.words) {
				t.Errorf("answer %d %s", got.status, got.body)
			}
		})
	}
	t.Run("sent along unannounced", func(t *testing.T) {
		door := forward(t, strict, nil)
		r := telling(t, door.URL, signed(t, alice, "POST", "/orders", nil), "HTTP/1.1 /")
		r.Method, r.Body, r.ContentLength = "POST", io.NopCloser(strings.NewReader(body)), 5
		do(t, r).is(t, 500, "500", "InternalServerErrorException", "forward_auth.bodies")
	})
}

func TestForwardedBodies(t *testing.T) {
	w := newWorld(t)
	door := forward(t, w, func(c *extauthz.ForwardConfig) { c.Bodies = extauthz.ForwardedBodies })
	sent := func(asked, body string, length int64) reply {
		r := telling(t, door.URL, signed(t, alice, "POST", "/orders", []byte(asked)), "HTTP/1.1 /")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), length
		return do(t, r)
	}
	if got := sent("hello", "hello", 5); got.status != 200 {
		t.Errorf("a body: %+v", got)
	}
	if got := sent("hello", "hello", -1); got.status != 200 { // and content-length is signed
		t.Errorf("a body in chunks: %+v", got)
	}
	if got := sent("", "", 0); got.status != 200 {
		t.Errorf("no body: %+v", got)
	}
	sent("hello", "hullo", 5).is(t, 403, "403", "InvalidSignatureException", "")
	sent("", "hello", -1).is(t, 403, "403", "InvalidSignatureException", "")
	long := strings.Repeat("x", 2<<20)
	sent(long, long, -1).is(t, 413, "413", "RequestEntityTooLargeException", "")
	sent(long, long, int64(len(long))).is(t, 413, "413", "RequestEntityTooLargeException", "")
}

func TestForwardPresigned(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequest("GET", "https://"+apiHost+"/orders/1?a=b&X-Amz-Expires=60&c", nil)
	if err != nil {
		t.Fatal(err)
	}
	hash := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	uri, _, err := v4.NewSigner().PresignHTTP(context.Background(), w.session(t), r, hash, "execute-api", region, noon)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = http.NewRequest("GET", uri, nil); err != nil {
		t.Fatal(err)
	}
	strict, open := forward(t, w, nil), forward(t, w, func(c *extauthz.ForwardConfig) { c.Presigned = true })
	do(t, telling(t, strict.URL, r, "HTTP/1.1 /")).is(t, 400, "400", "BadRequestException", "Presigned")
	if got := do(t, telling(t, open.URL, r, "HTTP/1.1 /")); got.status != 200 || got.header.Get("X-Iamd-Uri") != "/orders/1?a=b&c=" {
		t.Errorf("answer %+v", got)
	}
}

// says answers with what a test wants.
type says gateway.Answer

func (s says) Ask(context.Context, gateway.Asked) gateway.Answer { return gateway.Answer(s) }

// TestForwardNeverSaysYesByMistake: proxies take any status of 2xx for a yes.
func TestForwardNeverSaysYesByMistake(t *testing.T) {
	w := newWorld(t)
	for status, want := range map[int]int{0: 403, 100: 403, 200: 403, 204: 403, 302: 403, 399: 403, 400: 400, 429: 429, 503: 503, 700: 403} {
		for denial, as := range map[int]int{0: want, 403: 403} {
			door := forward(t, w, func(c *extauthz.ForwardConfig) {
				c.Ask, c.DenialStatus = says{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Text: []byte(`{}`)}, denial
			})
			if got := do(t, telling(t, door.URL, signed(t, alice, "GET", "/orders/1", nil), "HTTP/1.1 /")); got.status != as {
				t.Errorf("%d, denial_status %d: %d", status, denial, got.status)
			}
		}
	}
	for _, c := range []extauthz.ForwardConfig{
		{}, {Ask: w.gateway, Origin: trusting},
		{Ask: w.gateway, Origin: trusting, Trusted: func(*http.Request) bool { return true }, DenialStatus: 200},
		{Ask: w.gateway, Origin: trusting, Trusted: func(*http.Request) bool { return true }, Bodies: "some"},
	} {
		if _, err := extauthz.NewForward(c); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

// TestForwardReason: whatever a reason holds, it is one short line of ASCII.
func TestForwardReason(t *testing.T) {
	w := newWorld(t)
	for text, want := range map[string]string{
		`{"message":"Größe \u0007 😀"}`:                    `{"message":"Gr\u00f6\u00dfe \u0007 \ud83d\ude00"}`,
		"{\"message\":\"a\r\nX-Iamd-Account: 1\x7f\"}":    `{"message":"a  X-Iamd-Account: 1 "}`,
		`{"message":"` + strings.Repeat("a", 5000) + `"}`: `{"message":"The reason is too long for a header: see the body of the answer, or the log."}`,
		"{\"message\":\"\xff\xfe\"}":                      `{"message":"\ufffd\ufffd"}`,
	} {
		door := forward(t, w, func(c *extauthz.ForwardConfig) { c.Ask = says{Status: 403, Text: []byte(text)} })
		got := do(t, telling(t, door.URL, signed(t, alice, "GET", "/orders/1", nil), "HTTP/1.1 /"))
		if got.header.Get("X-Iamd-Reason") != want || !json.Valid([]byte(want)) || got.header.Get("X-Iamd-Account") != "" || got.body != text {
			t.Errorf("%q: %q", text, got.header.Get("X-Iamd-Reason"))
		}
	}
}
