package server

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const browserAccepts = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// TestBrowsers: a person who types the address gets to the console; everything
// that a client of the AWS APIs may send goes to them.
func TestBrowsers(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), TrustedProxies: []string{"10.0.0.0/8"}})
	defer closed(t, s)
	ask := func(method, target string, header ...string) *http.Response {
		r := httptest.NewRequest(method, target, http.NoBody)
		r.RemoteAddr = "10.1.2.3:4"
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Result()
	}
	res := ask("GET", "/", "Accept", browserAccepts)
	if res.StatusCode != http.StatusFound || res.Header.Get("Location") != "/console/" || res.Header.Get("Cache-Control") != "no-store" ||
		!strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "default-src 'none'") || res.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if res := ask("GET", "/", "Accept", "TEXT/HTML", "X-Forwarded-For", "192.0.2.1", "X-Forwarded-Proto", "https"); res.StatusCode != http.StatusFound || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("by TLS: %d %v", res.StatusCode, res.Header)
	}
	for what, res := range map[string]*http.Response{
		"another kind":    ask("GET", "/", "Accept", "application/json"),
		"anything":        ask("GET", "/", "Accept", "*/*"),
		"nothing said":    ask("GET", "/"),
		"a query":         ask("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "Accept", browserAccepts),
		"an empty query":  ask("GET", "/?", "Accept", browserAccepts),
		"a signature":     ask("GET", "/", "Accept", browserAccepts, "Authorization", "AWS4-HMAC-SHA256 x"),
		"an empty one":    ask("GET", "/", "Accept", browserAccepts, "Authorization", ""),
		"a form":          ask("POST", "/", "Accept", browserAccepts),
		"another method":  ask("HEAD", "/", "Accept", browserAccepts),
		"an API's path":   ask("GET", "/policy/validation", "Accept", browserAccepts),
		"a page of ours":  ask("GET", "/healthz", "Accept", browserAccepts),
		"nothing of ours": ask("GET", "/nonsense", "Accept", browserAccepts),
	} {
		if res.StatusCode == http.StatusFound || res.Header.Get("Location") != "" {
			t.Errorf("%s is sent to %s", what, res.Header.Get("Location"))
		}
	}
}

// TestConsoleURL: browsers have passkeys at localhost, and at no address.
func TestConsoleURL(t *testing.T) {
	for _, c := range []struct{ listen, public, want string }{
		{"127.0.0.1:0", "", ""},
		{"127.0.0.1:4566", "", "http://localhost:4566/console/"},
		{"[::1]:4566", "", "http://localhost:4566/console/"},
		{"localhost:4566", "", "http://localhost:4566/console/"},
		{":80", "", "http://localhost:80/console/"},
		{"0.0.0.0:4566", "", "http://localhost:4566/console/"},
		{"[::]:4566", "", "http://localhost:4566/console/"},
		{"127.0.0.2:4566", "", "http://127.0.0.2:4566/console/"}, // localhost is not there
		{"192.0.2.1:4566", "", "http://192.0.2.1:4566/console/"},
		{"127.0.0.1:4566", "http://127.0.0.1:80", "http://127.0.0.1:80/console/"},
		{"127.0.0.1:0", "https://iam.example.com", "https://iam.example.com/console/"},
	} {
		s := &Server{cfg: Config{Listen: c.listen, PublicURL: c.public}}
		if err := s.name(); err != nil || s.knownConsoleURL() != c.want {
			t.Errorf("%s, %q: %q, %v", c.listen, c.public, s.knownConsoleURL(), err)
		}
	}
	s := &Server{cfg: Config{Listen: "127.0.0.1:0"}}
	if err := s.name(); err != nil {
		t.Fatal(err)
	}
	s.listening(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1234})
	if got := s.ConsoleURL(); got != "http://localhost:1234/console/" {
		t.Errorf("once it listens: %q", got)
	}
}
