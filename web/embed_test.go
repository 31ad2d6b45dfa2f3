package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const script = "console.log('a script that is long enough')"

func built(t *testing.T) fstest.MapFS {
	return fstest.MapFS{
		".gitkeep":             {},
		"index.html.gz":        {Data: pack(t, "<!doctype html>")},
		"icon.svg":             {Data: []byte("<svg/>")},
		"assets/app-B1.js.gz":  {Data: pack(t, script)},
		"assets/app-B1.js":     {Data: []byte("an older one")},
		"assets/font-C2.woff2": {Data: []byte("font")},
		"assets/app-B1.js.map": {Data: []byte("source map")},
	}
}

func ask(h http.Handler, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	body := io.Reader(res.Body)
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFiles(t *testing.T) {
	h := New(Config{Files: built(t)})
	for _, c := range []struct{ path, accept, body, kind, kept, coding string }{
		{"/console/", "gzip, br", "<!doctype html>", "text/html; charset=utf-8", anew, "gzip"},
		{"/console/", "", "<!doctype html>", "text/html; charset=utf-8", anew, ""},
		{"/console/assets/app-B1.js", "br;q=1, gzip;q=0.5", script, "text/javascript; charset=utf-8", forEver, "gzip"},
		{"/console/assets/app-B1.js", "gzip;q=0", script, "text/javascript; charset=utf-8", forEver, ""},
		{"/console/assets/app-B1.js", "*", script, "text/javascript; charset=utf-8", forEver, "gzip"},
		{"/console/assets/app-B1.js", "deflate, xgzip", script, "text/javascript; charset=utf-8", forEver, ""},
		{"/console/assets/font-C2.woff2", "gzip", "font", "font/woff2", forEver, ""},
		{"/console/icon.svg", "gzip", "<svg/>", "image/svg+xml", anew, ""},
	} {
		res := ask(h, http.MethodGet, c.path, "Accept-Encoding", c.accept)
		got := res.Header
		if body := text(t, res); res.StatusCode != http.StatusOK || body != c.body || got.Get("Content-Type") != c.kind ||
			got.Get("Cache-Control") != c.kept || got.Get("Content-Encoding") != c.coding {
			t.Errorf("%+v: %d %q %v", c, res.StatusCode, body, got)
		}
		if strings.HasSuffix(c.path, ".js") != (got.Get("Vary") == "Accept-Encoding") && c.path != Path {
			t.Errorf("%s: Vary %q", c.path, got.Get("Vary"))
		}
		head := ask(h, http.MethodHead, c.path, "Accept-Encoding", c.accept)
		if body := raw(t, head); head.StatusCode != http.StatusOK || body != "" || head.Header.Get("Content-Type") != c.kind {
			t.Errorf("HEAD %s: %d %q", c.path, head.StatusCode, body)
		}
	}
	page := ask(h, http.MethodGet, Path, "Accept-Encoding", "gzip")
	if etag := page.Header.Get("Etag"); len(etag) != 34 || page.Header.Get("Content-Length") == "" {
		t.Errorf("%v", page.Header)
	} else if again := ask(h, http.MethodGet, Path, "Accept-Encoding", "gzip", "If-None-Match", etag); again.StatusCode != http.StatusNotModified || raw(t, again) != "" {
		t.Errorf("asked again: %d", again.StatusCode)
	}
}

// raw is a body as it was sent.
func raw(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRefusals: what is not a file of the app is nothing, whatever the way to it.
func TestRefusals(t *testing.T) {
	h := New(Config{Files: built(t)})
	for _, name := range []string{
		"users", "assets", "assets/", ".gitkeep", "index.html", "index.html.gz", "assets/app-B1.js.gz", "assets/app-B1.js.map", "/", "//",
		"assets//app-B1.js", "./", "../embed.go", "assets/../icon.svg", "..\\icon.svg", "icon.svg/", "icon.svg\x00", "assets/app-B1.js/..",
		"Icon.svg", "api", "api/nonsense",
	} {
		if res := ask(h, http.MethodGet, Path+name); res.StatusCode != http.StatusNotFound || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %d", name, res.StatusCode)
		}
	}
	for _, path := range []string{"/", "", "/consoles/", "/Console/", "/x/console/"} {
		if res := ask(h, http.MethodGet, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%q: %d", path, res.StatusCode)
		}
	}
	if res := ask(h, http.MethodGet, "/console"); res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != Path {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "TRACE", "get"} {
		if res := ask(h, method, Path); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d %v", method, res.StatusCode, res.Header)
		}
	}
}

// TestHeaders: every answer tells the browser what it may do.
func TestHeaders(t *testing.T) {
	secure := false
	h := New(Config{Files: built(t), Secure: func(*http.Request) bool { return secure }})
	bare := New(Config{Files: fstest.MapFS{".gitkeep": {}}})
	for what, res := range map[string]*http.Response{
		"page": ask(h, "GET", Path), "asset": ask(h, "GET", Path+"assets/app-B1.js"), "nothing": ask(h, "GET", Path+"x"),
		"redirect": ask(h, "GET", "/console"), "method": ask(h, "POST", Path), "not built": ask(bare, "GET", Path),
	} {
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy": features, "Strict-Transport-Security": "", "Set-Cookie": "", "Access-Control-Allow-Origin": "",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", what, name, got)
			}
		}
	}
	for _, never := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(policy, never) {
			t.Errorf("the policy has %s", never)
		}
	}
	secure = true
	if got := ask(h, "GET", Path).Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("by TLS: %q", got)
	}
}

// TestNotBuilt: without the app, its address says what to do.
func TestNotBuilt(t *testing.T) {
	h := New(Config{Files: fstest.MapFS{".gitkeep": {}}})
	for _, path := range []string{Path, Path + "assets/app-B1.js"} {
		if res := ask(h, "GET", path); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text(t, res), "make build") {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// TestBuiltIn: the folder that the app is built to is in the program, also when
// nothing was built yet; and what was is whole.
func TestBuiltIn(t *testing.T) {
	if _, err := os.Stat("dist/.gitkeep"); err != nil {
		t.Fatalf("a checkout without this file does not compile: %v", err)
	}
	files, err := table(app())
	if err != nil {
		t.Fatal(err)
	}
	want := http.StatusServiceUnavailable
	if files[index] != nil {
		want = http.StatusOK
	}
	h := New(Config{})
	if res := ask(h, "GET", Path); res.StatusCode != want {
		t.Errorf("%d with %d files", res.StatusCode, len(files))
	}
	for name := range files {
		if name == index {
			continue
		}
		if res := ask(h, "GET", Path+name); res.StatusCode != want || text(t, res) == "" {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
}
