package sink

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func endpointOf(t *testing.T, cfg HTTP) Destination {
	t.Helper()
	_, e, err := newEndpoint(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func headers(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPost: events come as CloudTrail's records, with the headers of the file, as
// it is at the time, packed if that was asked for.
func TestPost(t *testing.T) {
	for _, packed := range []bool{false, true} {
		var got []string
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body := io.Reader(r.Body)
			if packed {
				z, err := gzip.NewReader(r.Body)
				if err != nil {
					t.Error(err)
					return
				}
				body = z
			}
			text, err := io.ReadAll(body)
			if err != nil || !json.Valid(text) {
				t.Errorf("%q: %v", text, err)
			}
			got = append(got, strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("Content-Encoding"), r.Header.Get("X-Token"), string(text)}, " "))
		}))
		path := headers(t, "# comment\n\nX-Token: one\r\n")
		e := endpointOf(t, HTTP{URL: server.URL + "/in?k=v", HeadersFile: path, Gzip: packed})
		if err := e.Write(t.Context(), [][]byte{[]byte(`{"eventID":"a"}`), []byte(`{"eventID":"b"}`)}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("X-Token: two"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := e.Write(t.Context(), [][]byte{[]byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
		coding := map[bool]string{true: "gzip"}[packed]
		want := "POST /in?k=v application/json " + coding + ` one {"Records":[{"eventID":"a"},{"eventID":"b"}]}|POST /in?k=v application/json ` + coding + ` two {"Records":[{}]}`
		if all := strings.Join(got, "|"); all != want {
			t.Errorf("got %s, want %s", all, want)
		}
		server.Close()
	}
}

// TestPostRefused: only a success is one; redirects lead nowhere, and no error tells
// what the URL hides or what the endpoint says.
func TestPostRefused(t *testing.T) {
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	status := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "what it says")
	}))
	defer server.Close()
	e := endpointOf(t, HTTP{URL: server.URL + "/hidden/path?key=hidden"})
	for _, status = range []int{200, 202, 204, 299} {
		if err := e.Write(t.Context(), [][]byte{[]byte("{}")}); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
	for _, status = range []int{301, 302, 303, 307, 308, 400, 401, 403, 413, 429, 500, 503} {
		err := e.Write(t.Context(), [][]byte{[]byte("{}")})
		if err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "what it says") || errors.Is(err, ErrTooLarge) != (status == 413) {
			t.Errorf("%d: %v", status, err)
		}
	}
	if elsewhere != 0 {
		t.Errorf("%d requests went elsewhere", elsewhere)
	}
	server.Close()
	if err := e.Write(t.Context(), [][]byte{[]byte("{}")}); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("closed: %v", err)
	}
}

// TestSinkNamesTellNoSecret: what a sink is called without a name of its own, which
// metrics show, has nothing of its URL that a webhook keeps its secret in.
func TestSinkNamesTellNoSecret(t *testing.T) {
	name, to, err := newEndpoint(HTTP{URL: "https://hooks.example:8443/services/hidden?key=hidden"})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if name != "http https://hooks.example:8443" {
		t.Errorf("%q", name)
	}
}

// TestPostTimeout: an endpoint that does not answer is given up.
func TestPostTimeout(t *testing.T) {
	held := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
	defer server.Close()
	defer close(held)
	if err := endpointOf(t, HTTP{URL: server.URL, Timeout: time.Millisecond}).Write(t.Context(), [][]byte{[]byte("{}")}); err == nil {
		t.Error("it did not answer")
	}
}

// TestEndpointRefused: what cannot be right is an error at the start, which repeats
// no secret.
func TestEndpointRefused(t *testing.T) {
	for _, c := range []struct {
		want string
		cfg  HTTP
	}{
		{"begins with http://", HTTP{URL: "ftp://example.com"}},
		{"begins with http://", HTTP{URL: "collector"}},
		{"begins with http://", HTTP{URL: "https:///hidden"}},
		{"cannot be read", HTTP{URL: "https://example.com/%zz?hidden"}},
		{"cannot be read", HTTP{URL: "https://example.com/\r\nX: hidden"}},
		{"a user name", HTTP{URL: "https://user:hidden@example.com"}},
		{"a fragment", HTTP{URL: "https://example.com/#hidden"}},
		{"batch is", HTTP{URL: "https://example.com", Batch: MaxBatch + 1}},
		{"timeout is", HTTP{URL: "https://example.com", Timeout: -1}},
		{"headers_file", HTTP{URL: "https://example.com", HeadersFile: filepath.Join(t.TempDir(), "none")}},
		{"line 2 is no header", HTTP{URL: "https://example.com", HeadersFile: headers(t, "A: b\nhidden")}},
		{"line 1 is no header", HTTP{URL: "https://example.com", HeadersFile: headers(t, "A : hidden")}},
		{"line 1 is no header", HTTP{URL: "https://example.com", HeadersFile: headers(t, "A: hid\x00den")}},
		{"line 1 is no header", HTTP{URL: "https://example.com", HeadersFile: headers(t, "A: hid\rX: den")}},
		{"line 1 is no header", HTTP{URL: "https://example.com", HeadersFile: headers(t, "A:")}},
		{"Host is not yours", HTTP{URL: "https://example.com", HeadersFile: headers(t, "host: hidden")}},
		{"Transfer-Encoding is not yours", HTTP{URL: "https://example.com", HeadersFile: headers(t, "transfer-encoding: chunked")}},
		{"is longer than", HTTP{URL: "https://example.com", HeadersFile: headers(t, strings.Repeat("A: b\n", 20_000))}},
	} {
		_, _, err := newEndpoint(c.cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hid") {
			t.Errorf("%+v: %v, want %s", c.cfg, err, c.want)
		}
	}
}
