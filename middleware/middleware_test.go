package middleware_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/gateway"
	"iamd/middleware"
	"iamd/server"
	"iamd/server/servertest"
	"iamd/sigv4"
)

const (
	account = "111122223333"
	region  = "eu-west-1"
)

// world is iamd, and a program with the middleware in front of its handlers.
type world struct {
	iamd    string // its URL
	program *httptest.Server
	keys    map[string]aws.Credentials
	served  http.HandlerFunc
	dir     string // where bodies go
}

func newWorld(t *testing.T, change func(*middleware.Config)) *world {
	t.Helper()
	s, err := server.New(context.Background(), server.Config{
		DataDir: t.TempDir(), Root: server.Root{AccountID: account},
		Gateway: gateway.Config{Listen: "127.0.0.1:0", SpoolDir: t.TempDir(), APIs: []gateway.API{{ID: "shop", Account: account, Region: region}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		front.Close()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w := &world{iamd: front.URL, keys: map[string]aws.Credentials{}, dir: t.TempDir()}
	first := s.FirstStart()
	w.keys["root"] = aws.Credentials{AccessKeyID: first.AccessKeyID, SecretAccessKey: first.SecretAccessKey}
	admin := iam.NewFromConfig(w.config("root"))
	for name, statements := range map[string]string{
		"ann":     `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"},{"Effect":"Allow","Action":"shop:Refund","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/state":"paid"},"NumericLessThan":{"shop:Value":"100"}}},{"Effect":"Allow","Action":"shop:View","Resource":"arn:aws:shop:::order/1"}`,
		"ben":     `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/prod/GET/*"}`,
		"program": `{"Effect":"Allow","Action":"authzen:EvaluateRequest","Resource":"arn:aws:execute-api:` + region + `:` + account + `:shop/prod"}`,
		"other":   `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`,
	} {
		if _, err := admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("own"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)}); err != nil {
			t.Fatal(err)
		}
		k, err := admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
		if err != nil {
			t.Fatal(err)
		}
		w.keys[name] = aws.Credentials{AccessKeyID: *k.AccessKey.AccessKeyId, SecretAccessKey: *k.AccessKey.SecretAccessKey}
	}
	own := w.keys["program"]
	cfg := middleware.Config{Endpoint: front.URL, Credentials: middleware.Static(own.AccessKeyID, own.SecretAccessKey, ""), SpoolDir: w.dir, MemoryBody: 1 << 10, MaxBody: 1 << 20}
	if change != nil {
		change(&cfg)
	}
	gate, err := middleware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.program = httptest.NewServer(gate.Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.served(rw, r) })))
	t.Cleanup(w.program.Close)
	return w
}

func (w *world) config(name string) aws.Config {
	c := w.keys[name]
	return servertest.Config(w.iamd, region, c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

// call sends a request to the program, signed by the SDK's signer unless by is "".
func (w *world) call(t *testing.T, by, method, target, body string, change func(*http.Request)) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, w.program.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if by != "" {
		hash := sha256.Sum256([]byte(body))
		if err := v4.NewSigner().SignHTTP(t.Context(), w.keys[by], r, hex.EncodeToString(hash[:]), "execute-api", region, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// TestHandler: who may comes in, with the body, as who was verified, and without
// credentials.
func TestHandler(t *testing.T) {
	w := newWorld(t, nil)
	arn := "arn:aws:iam::" + account + ":user/ann"
	var got *http.Request
	var body []byte
	w.served = func(rw http.ResponseWriter, r *http.Request) {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
		got = r
		p, ok := middleware.PrincipalFrom(r.Context())
		fmt.Fprint(rw, p.ARN, " ", p.Account, " ", ok, " ", p.UserID != "" && p.RequestID != "")
	}
	for _, size := range []int{0, 10, 1 << 10, 300 << 10} {
		sent := strings.Repeat("x", size)
		status, _, text := w.call(t, "ann", "POST", "/orders/1?a=1&b=2", sent, func(r *http.Request) {
			r.Header.Set("X-Iamd-Principal-Arn", "arn:aws:iam::"+account+":root")
			r.Header["x_iamd_account"] = []string{"root"}
			r.Header.Set("Cookie", "a=b")
			if size == 10 { // of unknown length
				r.ContentLength = -1
				r.Header.Del("Content-Length")
			}
		})
		if size == 10 {
			if status != 403 { // the length is signed
				t.Errorf("another length: %d %s", status, text)
			}
			continue
		}
		if status != 200 || text != arn+" "+account+" true true" || string(body) != sent || got.ContentLength != int64(size) {
			t.Fatalf("%d bytes: %d %s", size, status, text)
		}
		for _, name := range []string{"Authorization", "X-Amz-Date", "X_iamd_account", "x_iamd_account"} {
			if got.Header[name] != nil {
				t.Errorf("%s came through: %v", name, got.Header[name])
			}
		}
		if v := got.Header["X-Iamd-Principal-Arn"]; len(v) != 1 || v[0] != arn || got.Header.Get("Cookie") != "a=b" || got.RequestURI != "/orders/1?a=1&b=2" {
			t.Errorf("%s %v", got.RequestURI, got.Header)
		}
	}
	if left, err := os.ReadDir(w.dir); err != nil || len(left) > 0 {
		t.Errorf("left on disk: %v, %v", left, err)
	}
}

// TestPresigned: credentials in the query come no further either.
func TestPresigned(t *testing.T) {
	w := newWorld(t, nil)
	var uri, query string
	w.served = func(_ http.ResponseWriter, r *http.Request) { uri, query = r.RequestURI, r.URL.RawQuery }
	r, err := http.NewRequest("GET", w.program.URL+"/orders?a=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	k := w.keys["ann"]
	opt := sigv4.Options{Service: "execute-api", Region: region, DoubleEncode: true, NormalizePath: true}
	if err := sigv4.Presign(r, sha256.Sum256(nil), sigv4.Credentials{KeyID: k.AccessKeyID, Secret: k.SecretAccessKey}, time.Minute, time.Now(), opt); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || uri != "/orders?a=1" || query != "a=1" {
		t.Errorf("%d %q %q", resp.StatusCode, uri, query)
	}
}

// TestRefused: nobody comes in by less, and hears why in API Gateway's words.
func TestRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.served = func(http.ResponseWriter, *http.Request) { t.Error("served") }
	for name, c := range map[string]struct {
		by, method, target, body string
		change                   func(*http.Request)
		status                   int
		kind                     string
	}{
		"unsigned":       {method: "GET", target: "/", status: 403, kind: "MissingAuthenticationTokenException"},
		"not allowed":    {by: "ben", method: "POST", target: "/", status: 403, kind: "AccessDeniedException"},
		"another body":   {by: "ann", method: "POST", target: "/", body: "two", change: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("one")) }, status: 403, kind: "InvalidSignatureException"},
		"another path":   {by: "ann", method: "GET", target: "/a", change: func(r *http.Request) { r.URL.Path = "/b" }, status: 403, kind: "InvalidSignatureException"},
		"empty segments": {by: "ann", method: "GET", target: "/a//b", status: 400, kind: "BadRequestException"},
		"a long body":    {by: "ann", method: "POST", target: "/", body: strings.Repeat("x", 1<<20+1), status: 413, kind: "RequestEntityTooLargeException"},
		"long headers":   {by: "ann", method: "GET", target: "/", change: func(r *http.Request) { r.Header.Set("X-Long", strings.Repeat("x", 70<<10)) }, status: 431, kind: "RequestHeaderFieldsTooLarge"},
	} {
		status, h, text := w.call(t, c.by, c.method, c.target, c.body, c.change)
		if status != c.status || h.Get("X-Amzn-Errortype") != c.kind || !strings.Contains(strings.ToLower(text), `"message":`) {
			t.Errorf("%s: %d %v %s", name, status, h, text)
		}
	}
}

// TestFailsClosed: when iamd can't be asked, or does not answer as iamd does, nobody
// comes in.
func TestFailsClosed(t *testing.T) {
	answers := func(status int, contentType, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hangs.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	const yes = `{"decision":true,"context":{"principal_arn":"x"}}`
	for name, change := range map[string]func(*middleware.Config){
		"gone":               func(c *middleware.Config) { c.Endpoint = gone.URL },
		"silent":             func(c *middleware.Config) { c.Endpoint, c.Timeout = hangs.URL, 50*time.Millisecond },
		"an error":           func(c *middleware.Config) { c.Endpoint = answers(500, "application/json", yes) },
		"a redirect":         func(c *middleware.Config) { c.Endpoint = answers(302, "application/json", yes) },
		"no JSON":            func(c *middleware.Config) { c.Endpoint = answers(200, "application/json", "yes") },
		"a page":             func(c *middleware.Config) { c.Endpoint = answers(200, "text/html", yes) },
		"no decision":        func(c *middleware.Config) { c.Endpoint = answers(200, "application/json", `{}`) },
		"a decision as text": func(c *middleware.Config) { c.Endpoint = answers(200, "application/json", `{"decision":"true"}`) },
		"without end": func(c *middleware.Config) {
			c.Endpoint = answers(200, "application/json", yes+strings.Repeat(" ", 2<<20))
		},
		"no keys": func(c *middleware.Config) {
			c.Credentials = func(context.Context) (sigv4.Credentials, error) { return sigv4.Credentials{}, errors.New("none") }
		},
		"keys of no right": func(c *middleware.Config) { c.Credentials = middleware.Static("AKIAIOSFODNN7EXAMPLE", "x", "") },
	} {
		w := newWorld(t, change)
		w.served = func(http.ResponseWriter, *http.Request) { t.Errorf("%s: served", name) }
		if status, _, text := w.call(t, "ann", "GET", "/orders", "", nil); status != 503 || strings.Contains(text, "x509") || strings.Contains(text, "127.0.0.1") {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	// Keys that may not ask about this API are no better.
	var other aws.Credentials
	w := newWorld(t, func(c *middleware.Config) {
		c.Credentials = func(context.Context) (sigv4.Credentials, error) {
			return sigv4.Credentials{KeyID: other.AccessKeyID, Secret: other.SecretAccessKey}, nil
		}
	})
	other = w.keys["other"]
	w.served = func(http.ResponseWriter, *http.Request) { t.Error("served for who may not ask") }
	if status, _, _ := w.call(t, "ann", "GET", "/orders", "", nil); status != 503 {
		t.Errorf("who may not ask: %d", status)
	}
}

// TestAuthorize: a handler asks what else its caller may, for the caller that was
// verified and nobody else.
func TestAuthorize(t *testing.T) {
	w := newWorld(t, nil)
	var answers []string
	w.served = func(_ http.ResponseWriter, r *http.Request) {
		answers = nil
		for _, q := range []middleware.Question{
			{Action: "shop:View", Resource: "arn:aws:shop:::order/1"},
			{Action: "shop:View", Resource: "arn:aws:shop:::order/2"},
			{Action: "shop:Refund", Resource: "arn:aws:shop:::order/2", Tags: map[string]string{"state": "paid"}, Keys: map[string]any{"shop:Value": 99}},
			{Action: "shop:Refund", Resource: "arn:aws:shop:::order/2", Tags: map[string]string{"state": "open"}, Keys: map[string]any{"shop:Value": 99}},
			{Action: "shop:View", Resource: "arn:aws:shop:::order/1", Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`},
			{Action: "shop:View", Resource: "arn:aws:shop:::order/1", Keys: map[string]any{"aws:PrincipalArn": "x"}},
		} {
			err := middleware.Ask(r.Context(), q)
			var denied *middleware.Denied
			switch {
			case err == nil:
				answers = append(answers, "yes")
			case errors.As(err, &denied) && denied.Reason != "":
				answers = append(answers, "no")
			default:
				answers = append(answers, "error")
			}
		}
		if err := middleware.Authorize(r.Context(), "shop:View", "arn:aws:shop:::order/1"); err != nil {
			t.Error(err)
		}
	}
	if status, _, text := w.call(t, "ann", "POST", "/orders", "body", nil); status != 200 {
		t.Fatal(status, text)
	}
	if got := strings.Join(answers, " "); got != "yes no yes no no error" {
		t.Errorf("answers: %s", got)
	}
	if err := middleware.Authorize(t.Context(), "shop:View", "*"); !errors.Is(err, middleware.ErrNotAdmitted) {
		t.Errorf("outside of a request: %v", err)
	}
}

// TestSession: a session comes in by what its own policy leaves.
func TestSession(t *testing.T) {
	w := newWorld(t, nil)
	w.served = func(rw http.ResponseWriter, r *http.Request) {
		p, _ := middleware.PrincipalFrom(r.Context())
		fmt.Fprint(rw, p.ARN)
	}
	out, err := sts.NewFromConfig(w.config("ann")).GetSessionToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := out.Credentials
	w.keys["session"] = aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
	if status, _, text := w.call(t, "session", "GET", "/orders", "", nil); status != 200 || text != "arn:aws:iam::"+account+":user/ann" {
		t.Errorf("%d %s", status, text)
	}
}

// TestConfig: what can't work is refused at once.
func TestConfig(t *testing.T) {
	keys := middleware.Static("a", "b", "")
	for name, c := range map[string]middleware.Config{
		"nothing": {}, "no keys": {Endpoint: "http://127.0.0.1:4566"}, "no URL": {Endpoint: "127.0.0.1:4566", Credentials: keys}, "a query": {Endpoint: "http://a/?b", Credentials: keys},
		"a user": {Endpoint: "http://a:b@c", Credentials: keys}, "less than nothing": {Endpoint: "http://a", Credentials: keys, MaxBody: -1},
	} {
		if _, err := middleware.New(c); err == nil || strings.Contains(err.Error(), "a:b@") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMaxSpool: bodies on disk are bounded together, and the room comes back.
func TestMaxSpool(t *testing.T) {
	w := newWorld(t, func(c *middleware.Config) { c.MaxSpool = 100 << 10 })
	w.served = func(http.ResponseWriter, *http.Request) {}
	for range 3 {
		if status, _, text := w.call(t, "ann", "POST", "/", string(bytes.Repeat([]byte("x"), 90<<10)), nil); status != 200 {
			t.Errorf("%d %s", status, text)
		}
		if status, _, text := w.call(t, "ann", "POST", "/", string(bytes.Repeat([]byte("x"), 200<<10)), nil); status != 503 {
			t.Errorf("%d %s", status, text)
		}
	}
}
