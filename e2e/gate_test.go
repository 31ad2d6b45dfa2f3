package e2e_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// upstream is the service behind the gateway. It answers 200 and keeps what it
// was asked.
type upstream struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
}

func newUpstream(t testing.TB) *upstream {
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		u.seen = append(u.seen, r.Clone(context.Background()))
		u.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"payload":{"Orders":[]}}`)
	}))
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) calls() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.seen)
}

func (u *upstream) last(t *testing.T) *http.Request {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.seen) == 0 {
		t.Fatal("the upstream was not called")
	}
	return u.seen[len(u.seen)-1]
}

// gate is the orders API as its clients know it.
type gate struct {
	url      string
	upstream *upstream
}

// ask is one request to the orders API, before it is signed. What is empty has
// the usual value.
type ask struct {
	method, target, body string
	service, region      string
	at                   time.Time
}

func (g gate) unsigned(t *testing.T, a ask) *http.Request {
	t.Helper()
	r, err := http.NewRequest(or(a.method, "GET"), g.url+or(a.target, "/orders/v0/orders"), strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = apiHost
	r.Header.Set("X-Orders-Note", "as signed")
	return r
}

// signed makes a request signed by the SDK's own signer.
func (g gate) signed(t *testing.T, cred aws.Credentials, a ask) *http.Request {
	t.Helper()
	r := g.unsigned(t, a)
	if a.at.IsZero() {
		a.at = time.Now()
	}
	hash := sha256.Sum256([]byte(a.body))
	if err := v4.NewSigner().SignHTTP(context.Background(), cred, r, hex.EncodeToString(hash[:]),
		or(a.service, "execute-api"), or(a.region, region), a.at); err != nil {
		t.Fatal(err)
	}
	return r
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// answer is what came back, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, r *http.Request) answer {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// passes checks that a call comes through, and what the upstream learns of it.
func (g gate) passes(t *testing.T, cred aws.Credentials, a ask, principal string) {
	t.Helper()
	r := g.signed(t, cred, a)
	for _, name := range []string{"X-Iamd-Principal-Arn", "X_iamd_principal_arn", "X-Iamd-Admin"} {
		r.Header.Set(name, "forged")
	}
	got := send(t, r)
	if got.status != http.StatusOK || got.body != `{"payload":{"Orders":[]}}` {
		t.Fatalf("%s %s: %d %s", r.Method, r.URL.Path, got.status, got.body)
	}
	seen := g.upstream.last(t)
	if seen.URL.RequestURI() != r.URL.RequestURI() {
		t.Errorf("the upstream was asked for %s, not %s", seen.URL.RequestURI(), r.URL.RequestURI())
	}
	if p := seen.Header.Values("X-Iamd-Principal-Arn"); len(p) != 1 || p[0] != principal {
		t.Errorf("X-Iamd-Principal-Arn: %q; want %s", p, principal)
	}
	if a := seen.Header.Values("X-Iamd-Account"); len(a) != 1 || a[0] != strings.Split(principal, ":")[4] {
		t.Errorf("X-Iamd-Account: %q", a)
	}
	for name, values := range seen.Header {
		if slices.Contains(values, "forged") {
			t.Errorf("the upstream saw the client's own %s", name)
		}
		if name == "Authorization" || cred.SessionToken != "" && strings.Contains(strings.Join(values, " "), cred.SessionToken) {
			t.Errorf("the upstream saw %s", name)
		}
	}
}

// refuses checks a refusal's status, type and words, and that the upstream
// heard nothing of it.
func (g gate) refuses(t *testing.T, what string, r *http.Request, kind, words string) {
	t.Helper()
	before := g.upstream.calls()
	got := send(t, r)
	if got.status != http.StatusForbidden || got.header.Get("x-amzn-ErrorType") != kind || !strings.Contains(text(got.body), words) {
		t.Errorf("%s: %d %s %s; want 403 %s with %q", what, got.status, got.header.Get("x-amzn-ErrorType"), got.body, kind, words)
	}
	if got.header.Get("x-amzn-RequestId") == "" {
		t.Errorf("%s: no x-amzn-RequestId", what)
	}
	if g.upstream.calls() != before {
		t.Errorf("%s: the upstream was called", what)
	}
}

// text is the message of an answer's body; API Gateway writes it in two ways.
func text(body string) string {
	var small struct{ Message *string }
	if err := json.Unmarshal([]byte(body), &small); err != nil || small.Message == nil {
		return "no JSON with a message: " + body
	}
	return *small.Message
}
