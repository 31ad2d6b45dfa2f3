package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/sigv4"
)

// A long body is taken in for a key that exists, or not at all: the refusal
// comes while the client still holds it back.
func TestStrangersBodies(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.MemoryBody, c.BodyTimeout = 100, time.Hour })
	head := func(r *http.Request, length string) string {
		var text strings.Builder
		fmt.Fprintf(&text, "POST /x HTTP/1.1\r\nHost: %s\r\n%s\r\n", apiHost, length)
		for _, name := range []string{"X-Amz-Date", "X-Amz-Security-Token", "Authorization"} {
			if v := r.Header.Get(name); v != "" {
				fmt.Fprintf(&text, "%s: %s\r\n", name, v)
			}
		}
		return text.String() + "\r\n"
	}
	forged := w.session(t)
	forged.Token = strings.ToUpper(forged.Token)
	body := []byte(strings.Repeat("x", 101))
	for name, cred := range map[string]sigv4.Credentials{"made up": mallory, "inactive": carol, "forged token": forged} {
		for _, length := range []string{"Content-Length: 101", "Transfer-Encoding: chunked"} {
			got := raw(t, w, head(w.signed(t, cred, "POST", "/x", body), length))
			if got.status != http.StatusForbidden || got.header.Get("x-amzn-ErrorType") != "UnrecognizedClientException" {
				t.Errorf("%s, %s: %d %s", name, length, got.status, got.body)
			}
		}
	}
	ended := w.signed(t, w.session(t), "POST", "/x", body)
	later := noon.Add(time.Hour)
	w.now.Store(&later)
	if got := raw(t, w, head(ended, "Content-Length: 101")); got.header.Get("x-amzn-ErrorType") != "ExpiredTokenException" {
		t.Errorf("an ended session: %d %s", got.status, got.body)
	}
	w.now.Store(&noon)
	for name, cred := range map[string]sigv4.Credentials{"user": alice, "session": w.session(t)} {
		for _, chunked := range []bool{false, true} {
			r := w.signed(t, cred, "POST", "/x", body)
			if chunked {
				r.ContentLength, r.Body = -1, io.NopCloser(strings.NewReader(string(body)))
			}
			if got := do(t, r); got.status != http.StatusAccepted || got.body != string(body) {
				t.Errorf("%s, chunked %v: %d %s", name, chunked, got.status, got.body)
			}
		}
	}
}

// One client's bodies fill its share of the spool, and no more of it.
func TestSpoolShare(t *testing.T) {
	arrived, release := make(chan struct{}, 4), make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-release
	}))
	defer hang.Close()
	w := newWorld(t, func(c *gateway.Config) {
		c.MemoryBody, c.MaxBody, c.MaxSpool, c.APIs[0].Upstream = 1, 1000, 8000, hang.URL
	})
	body := make([]byte, 1000)
	done := make(chan reply, 2)
	for range 2 {
		r := w.signed(t, alice, "PUT", "/", body)
		go func() { done <- do(t, r) }()
		<-arrived // it is on disk until its upstream has answered
	}
	w.refusedWith(t, w.signed(t, alice, "PUT", "/", body), 503, "ServiceUnavailableException", "from your address")
	close(release)
	for range 2 {
		if got := <-done; got.status != http.StatusOK {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	for range 2 { // their room is given back once they are told of
		<-w.events
	}
	<-w.events // the refusal's
	if got := do(t, w.signed(t, alice, "PUT", "/", body)); got.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
}
