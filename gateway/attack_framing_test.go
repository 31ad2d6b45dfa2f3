package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"iamd/gateway"
)

// TestFramingSpelledOtherwise: some servers read Transfer_Encoding for
// Transfer-Encoding. What belongs to a connection goes no further in any spelling.
func TestFramingSpelledOtherwise(t *testing.T) {
	w := newWorld(t, nil)
	for name, body := range bodies {
		method := http.MethodPost
		if body == nil {
			method = http.MethodGet
		}
		r := w.signed(t, alice, method, "/a", body)
		names := []string{"Transfer_Encoding", "Transfer.Encoding", "Content_Length", "CONTENT_LENGTH", "Keep_Alive", "Proxy_Authorization", "Proxy_Connection"}
		for _, n := range names {
			r.Header[n] = []string{"1"}
		}
		r.Header["X_stays"] = []string{"1"}
		if got := do(t, r); got.status != http.StatusAccepted {
			t.Fatalf("%s: %d %v", name, got.status, got.header)
		}
		h := w.last(t).Header
		for _, n := range names {
			if h[n] != nil || h[http.CanonicalHeaderKey(n)] != nil {
				t.Errorf("%s: the upstream got %s", name, n)
			}
		}
		if h["X_stays"] == nil {
			t.Errorf("%s: the upstream got %v", name, h)
		}
	}
}

// TestHostileAnswers: the gateway makes no page of an answer whose type the upstream
// did not tell, and what follows a body frames no message and is not ours to say.
func TestHostileAnswers(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = nil
		_, _ = io.WriteString(w, "<html><script>alert(1)</script>")
		_ = http.NewResponseController(w).Flush()
		for _, name := range []string{"Content-Length", "Connection", "X-Amzn-Requestid", "X-Sum"} {
			w.Header().Set(http.TrailerPrefix+name, "9")
		}
	}))
	defer up.Close()
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream = up.URL })
	for name, body := range bodies {
		resp, err := http.DefaultTransport.RoundTrip(w.signed(t, alice, http.MethodPost, "/a", body))
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.Header["Content-Type"] != nil || resp.Trailer.Get("X-Sum") != "9" || len(resp.Trailer) != 1 {
			t.Errorf("%s: %v, header %v, trailer %v", name, err, resp.Header, resp.Trailer)
		}
	}
}
