package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// balanced is nginx as deploy/docker/nginx.conf sets it up, before two nodes that tell
// what they were asked.
type balanced struct {
	at      string // host and port
	asked   [2]atomic.Int64
	refuses [2]atomic.Bool // a node answers 503
}

func (b *balanced) node(t *testing.T, n int) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.asked[n].Add(1)
		if b.refuses[n].Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, r.Host+" "+strings.Join(r.Header.Values("X-Forwarded-For"), "+")+" "+r.Header.Get("X-Forwarded-Proto")+" "+r.RequestURI)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func (b *balanced) call(t *testing.T, method, path string) answer {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+b.at+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "iam.example.com:8443"
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	r.Header.Set("X-Forwarded-Proto", "https")
	return send(t, r)
}

func balance(t *testing.T) *balanced {
	t.Helper()
	b := &balanced{at: freePort(t)}
	file := content(t, "deploy/docker/nginx.conf")
	for from, to := range map[string]string{"172.31.66.11:4566": b.node(t, 0), "172.31.66.12:4566": b.node(t, 1), "listen 8080;": "listen " + b.at + ";"} {
		if strings.Count(file, from) != 1 {
			t.Fatalf("the file has %s %d times", from, strings.Count(file, from))
		}
		file = strings.Replace(file, from, to, 1)
	}
	// A node that is avoided stays so for as long as a slow machine takes.
	file = strings.ReplaceAll(file, "fail_timeout=2s", "fail_timeout=1h")
	startNginx(t, file)
	return b
}

// TestBalancer: nginx hands on the Host header as it was signed and the address
// that the client has, whatever the client says, spreads calls, and shows no
// metrics.
func TestBalancer(t *testing.T) {
	b := balance(t)
	const want = "iam.example.com:8443 127.0.0.1 http /a%2Fb/../c?x=%20"
	for range 4 {
		if got := b.call(t, "POST", "/a%2Fb/../c?x=%20"); got.status != http.StatusOK || got.body != want {
			t.Errorf("%d %q, want %q", got.status, got.body, want)
		}
	}
	if b.asked[0].Load() != 2 || b.asked[1].Load() != 2 {
		t.Errorf("one node was asked %d times, the other %d times", b.asked[0].Load(), b.asked[1].Load())
	}
	if got := b.call(t, "GET", "/metrics"); got.status != http.StatusNotFound || b.asked[0].Load()+b.asked[1].Load() != 4 {
		t.Errorf("metrics: %d", got.status)
	}
}

// TestBalancerAvoids: a node that is not ready is asked once, and what only looks
// goes to the other.
func TestBalancerAvoids(t *testing.T) {
	b := balance(t)
	b.refuses[0].Store(true)
	for range 4 {
		if got := b.call(t, "GET", "/"); got.status != http.StatusOK {
			t.Errorf("a node is not ready, and GET is answered %d", got.status)
		}
	}
	if n := b.asked[0].Load(); n != 1 {
		t.Errorf("the node that is not ready was asked %d times", n)
	}
}

// TestBalancerWrites: what may have been done is not done again.
func TestBalancerWrites(t *testing.T) {
	b := balance(t)
	b.refuses[0].Store(true)
	b.refuses[1].Store(true)
	got := b.call(t, "POST", "/")
	if n := b.asked[0].Load() + b.asked[1].Load(); got.status != http.StatusServiceUnavailable || n != 1 {
		t.Errorf("a write was sent %d times, and answered %d", n, got.status)
	}
}
