package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/gateway"
)

// TestMutated changes each byte of a signed request as it is on the wire. None
// may reach the upstream, but those that leave what is signed as it was.
func TestMutated(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.BodyTimeout = 50 * time.Millisecond })
	cred := w.session(t)
	body := []byte(`{"order":1}`)
	r := w.request(t, "POST", "/orders/v0?a=1&b=2", body)
	r.Header.Set("Content-Type", "application/json")
	w.sign(t, r, cred, body)
	var wire bytes.Buffer
	fmt.Fprintf(&wire, "POST /orders/v0?a=1&b=2 HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", apiHost, len(body))
	for _, name := range []string{"Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "Authorization"} {
		fmt.Fprintf(&wire, "%s: %s\r\n", name, r.Header.Get(name))
	}
	fmt.Fprintf(&wire, "\r\n%s", body)
	request := wire.Bytes()
	if got := raw(t, w, string(request)); got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	var passed int
	for i := range request {
		for _, flip := range []byte{0x01, 0x20} {
			changed := bytes.Clone(request)
			changed[i] ^= flip
			before := w.calls()
			status, ok := once(t, w, changed)
			if !ok && w.calls() == before {
				continue
			}
			if status < 400 || w.calls() != before {
				if !harmless(request, i, changed) {
					t.Errorf("byte %d, %q for %q: status %d", i, changed[i], request[i], status)
				}
				passed++
			}
		}
	}
	if passed > 200 {
		t.Errorf("%d mutations passed", passed)
	}
}

// harmless tells whether a change leaves all that is signed as it was: the case
// of a header's name, the case of the host's name, HTTP/1.0 for 1.1.
func harmless(request []byte, i int, changed []byte) bool {
	if end := bytes.Index(request, []byte("\r\n\r\n")); i > end {
		return false
	}
	start := bytes.LastIndexByte(request[:i+1], '\n') + 1
	line, was := string(changed[start:]), string(request[start:])
	if start == 0 {
		return i > bytes.Index(request, []byte(" HTTP/"))
	}
	name, _, _ := strings.Cut(was, ":")
	return strings.EqualFold(name, line[:len(name)]) && (i-start) < len(name)
}

// once sends a request and reads the status of the answer, if there is one.
func once(t *testing.T, w *world, request []byte) (int, bool) {
	t.Helper()
	conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return 0, false
	}
	// A head without an end is waited for.
	if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, true
}

// TestConcurrent mixes callers: each upstream call must be the work of one who
// may.
func TestConcurrent(t *testing.T) {
	w := newWorld(t, nil)
	cred := w.session(t)
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for i := range 25 {
				body := bytes.Repeat([]byte{byte('a' + n)}, i*500)
				if got := do(t, w.signed(t, cred, "POST", fmt.Sprintf("/n/%d/%d", n, i), body)); got.status != 202 || got.body != string(body) {
					t.Errorf("allowed: %d, %d bytes", got.status, len(got.body))
				}
				if got := do(t, w.signed(t, bob, "POST", "/no", body)); got.status != 403 {
					t.Errorf("denied: %d", got.status)
				}
			}
		})
	}
	group.Wait()
	for range 400 {
		<-w.events // every request is told
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) != 200 {
		t.Errorf("%d calls", len(w.seen))
	}
	for _, s := range w.seen {
		if s.Header.Get("X-Iamd-User-Id") != "AROASHOP:s1" {
			t.Fatalf("the upstream got %v", s.Header)
		}
	}
}
