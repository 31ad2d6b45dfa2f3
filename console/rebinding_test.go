package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRebinding: a page of another site whose name was made to lead here is of the
// same origin, as browsers see it; it gets nothing, and no guess at anything.
func TestRebinding(t *testing.T) {
	f := newFront(t)
	f.c.cfg.PublicURL = func() string { return "https://IAM.example.com:8443/aws" }
	for host, good := range map[string]bool{
		"localhost:4566": true, "LOCALHOST": true, "console.localhost:4566": true, "127.0.0.1:4566": true, "[::1]:4566": true, "[::1]": true,
		"192.0.2.7": true, "iamd:4566": true, "iam.example.com:8443": true, "iam.example.com": true,
		"evil.example:4566": false, "evil.example": false, "127.0.0.1.evil.example:4566": false, "iam.example.com.evil.example": false,
		"evil.iam.example.com": false, "localhost.evil.example": false, "evil.": false, "[::1].evil.example": false, "evil.example:4566:1": false,
		"xlocalhost.": false, "1.2.3": false,
	} {
		for _, row := range f.c.rows() {
			r := request("", []byte("{}"))
			r.Method, r.URL.Path, r.Host = row.method, prefix+row.path, host
			r.Header.Set("Origin", "http://"+host)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			w := httptest.NewRecorder()
			f.c.ServeHTTP(w, r)
			refused := w.Code == http.StatusForbidden && strings.HasPrefix(w.Body.String(), `{"code":"UnknownHost"`)
			if refused == good {
				t.Errorf("%s at %s: %d %.200s", row.path, host, w.Code, w.Body)
			}
		}
	}
	for range 100 {
		r := request("signin", []byte(`{"type":"root","email":"root@corp.example","password":"guess"}`))
		r.Host = "evil.example:4566"
		if got := f.do(r); got.status != http.StatusForbidden || !strings.Contains(got.text, "public_url") {
			t.Fatalf("%d %s", got.status, got.text)
		}
	}
	f.enter(asRoot()) // nobody was kept out by it
}
