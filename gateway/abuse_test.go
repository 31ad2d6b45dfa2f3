package gateway_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/sigv4"
)

// head is a signed request's line and headers as they go over the wire, with what
// tells of its body.
func head(r *http.Request, framing string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.URL.RequestURI(), r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			fmt.Fprintf(&text, "%s: %s\r\n", name, v)
		}
	}
	return text.String() + framing + "\r\n"
}

// dial opens a connection to the gateway, which ends with the test.
func (w *world) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// answered reads one answer.
func answered(t *testing.T, conn net.Conn) int {
	t.Helper()
	a, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	_, _ = io.Copy(io.Discard, a.Body) // refusals are short, or cut
	_ = a.Body.Close()
	return a.StatusCode
}

// heap is what is in use after everything that may go has gone.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // pools go in two turns
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestManySlowBodies: two hundred clients that stop amid their bodies hold nobody up,
// are sent away, and the room that was kept for them is there again.
func TestManySlowBodies(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, func(c *gateway.Config) {
		c.SpoolDir, c.BodyTimeout, c.MemoryBody, c.MaxBody, c.MaxSpool = dir, 300*time.Millisecond, 1, 1000, 400_000
	})
	slow := w.signed(t, alice, "PUT", "/slow", make([]byte, 500))
	var all sync.WaitGroup
	for i := range 200 {
		framing, part := "Content-Length: 500\r\n", "0123456789"
		if i%2 == 1 {
			framing, part = "Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n"
		}
		conn := w.dial(t)
		if _, err := io.WriteString(conn, head(slow, framing)+part); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			// Its share may be full of the others, which is an answer at once.
			if got := answered(t, conn); got != http.StatusRequestTimeout && got != http.StatusServiceUnavailable {
				t.Errorf("a slow body: %d", got)
			}
		})
	}
	for range 20 {
		if got := do(t, w.signed(t, alice, "GET", "/", nil)); got.status != http.StatusAccepted {
			t.Errorf("meanwhile: %d %s", got.status, got.body)
		}
	}
	all.Wait()
	for range 220 { // room is given back before it is told of
		<-w.events
	}
	for range 3 {
		if got := do(t, w.signed(t, alice, "PUT", "/", make([]byte, 1000))); got.status != http.StatusAccepted {
			t.Errorf("afterwards: %d %s", got.status, got.body)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left on disk: %v %v", left, err)
	}
	if w.calls() != 23 {
		t.Errorf("the upstream saw %d requests, want 23", w.calls())
	}
}

// TestGiantBodies: a gibibyte is refused before it is sent where its length is told,
// and where it is not, once it is longer than may be; memory does not grow with it.
func TestGiantBodies(t *testing.T) {
	const giant, most = 1 << 30, 1 << 20
	dir := t.TempDir()
	w := newWorld(t, func(c *gateway.Config) { c.SpoolDir, c.MaxBody, c.MemoryBody = dir, most, 64<<10 })
	r := w.signed(t, alice, "PUT", "/giant", []byte("x"))
	before := heap()

	told := w.dial(t)
	if _, err := io.WriteString(told, head(r, "Content-Length: "+strconv.Itoa(giant)+"\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := answered(t, told); got != http.StatusRequestEntityTooLarge {
		t.Errorf("of a length that was told: %d", got)
	}

	untold := w.dial(t)
	if _, err := io.WriteString(untold, head(r, "Transfer-Encoding: chunked\r\n")); err != nil {
		t.Fatal(err)
	}
	sent := make(chan int)
	go func() {
		n, chunk := 0, append(append([]byte("10000\r\n"), bytes.Repeat([]byte("x"), 64<<10)...), "\r\n"...)
		for n < giant {
			m, err := untold.Write(chunk)
			if n += m; err != nil {
				break // it was sent away
			}
		}
		sent <- n
	}()
	if got := answered(t, untold); got != http.StatusRequestEntityTooLarge {
		t.Errorf("in chunks: %d", got)
	}
	_ = untold.Close()
	// What systems keep between the two counts too.
	if n := <-sent; n > most+(32<<20) {
		t.Errorf("%d bytes were taken of a body that may have %d", n, most)
	}
	if after := heap(); after > before+(4<<20) {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 || w.calls() != 0 {
		t.Errorf("left on disk: %v %v; %d calls", left, err, w.calls())
	}
}

// nowhere takes an answer and keeps its status.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(status int)      { n.status = status }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }

// TestMillionKeys: a million strangers, each with a key, a token, an address, a day
// and a path of their own, leave nothing behind.
func TestMillionKeys(t *testing.T) {
	w := newWorld(t, nil)
	ask := func(from, to int) {
		for i := from; i < to; i++ {
			key := "AKIA" + fmt.Sprintf("%016d", i)
			if i%2 == 1 {
				key = "ASIA" + key[4:]
			}
			r, err := http.NewRequest(http.MethodGet, "http://"+apiHost+"/"+key, nil)
			if err != nil {
				t.Error(err)
				return
			}
			r.URL.Scheme, r.URL.Host = "", "" // as from a connection
			r.RequestURI, r.RemoteAddr = r.URL.Path, fmt.Sprintf("[2001:db8:%x:%x::1]:443", i>>16, i&0xffff)
			r.Header = http.Header{
				"X-Amz-Date": {"20260301T120000Z"},
				"Authorization": {"AWS4-HMAC-SHA256 Credential=" + key + "/20260301/" + region +
					"/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0", 64)},
			}
			if i%2 == 1 {
				r.Header["X-Amz-Security-Token"] = []string{"token-" + key}
				r.Header["Authorization"][0] = strings.Replace(r.Header["Authorization"][0], "x-amz-date", "x-amz-date;x-amz-security-token", 1)
			}
			answer := nowhere{header: http.Header{}}
			if w.gateway.ServeHTTP(&answer, r); answer.status != http.StatusForbidden {
				t.Errorf("%s: %d", key, answer.status)
				return
			}
		}
	}
	ask(0, 1000) // what is made once
	before := heap()
	var all sync.WaitGroup
	for part := range 2 {
		all.Go(func() { ask(1000+part*strangers/2, 1000+(part+1)*strangers/2) })
	}
	all.Wait()
	if after := heap(); after > before+(2<<20) {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if w.calls() != 0 {
		t.Errorf("%d calls", w.calls())
	}
}

// TestReplays: the same bytes are good for five minutes, before and after they were
// signed, and never again; those of a presigned URL for its life, and five minutes at
// most.
func TestReplays(t *testing.T) {
	w := newWorld(t, nil)
	body := "amount=1"
	r := w.signed(t, alice, "POST", "/pay", []byte(body))
	session := w.session(t)
	s := w.signed(t, session, "POST", "/pay", []byte(body))
	framing := "Connection: close\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	presigned := w.request(t, "GET", "/pay", nil)
	if err := sigv4.Presign(presigned, sha256.Sum256(nil), alice, time.Minute, noon, options(nil)); err != nil {
		t.Fatal(err)
	}
	bytes := map[string]string{
		"user": head(r, framing) + body, "session": head(s, framing) + body, "presigned": head(presigned, "Connection: close\r\n"),
	}
	for _, step := range []struct {
		name  string
		after time.Duration
		good  bool
	}{
		{"user", 0, true}, {"user", 0, true}, {"user", 5 * time.Minute, true}, {"user", 5*time.Minute + time.Second, false},
		{"user", -5 * time.Minute, true}, {"user", -5*time.Minute - time.Second, false}, {"user", 24 * time.Hour, false},
		{"session", 5 * time.Minute, true}, {"session", 5*time.Minute + time.Second, false}, {"session", time.Hour, false},
		{"presigned", time.Minute, true}, {"presigned", time.Minute + time.Second, false}, {"presigned", 25 * time.Hour, false},
	} {
		now, before := noon.Add(step.after), w.calls()
		w.now.Store(&now)
		got := raw(t, w, bytes[step.name])
		if good := got.status == http.StatusAccepted; good != step.good || !good && got.status != http.StatusForbidden || (w.calls() != before) != step.good {
			t.Errorf("%s, %s later: %d %s", step.name, step.after, got.status, got.body)
		}
	}
}

// TestHalfClosed: a client that ends its side of the connection while the upstream
// still works is told nothing, and above all no 200 of our own.
func TestHalfClosed(t *testing.T) {
	arrived, over := make(chan struct{}), make(chan struct{})
	up := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(over)
	}))
	defer up.Close()
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream = up.URL })
	conn := w.dial(t)
	if _, err := io.WriteString(conn, head(w.signed(t, alice, "GET", "/long", nil), "")); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(conn); err != nil || len(b) != 0 {
		t.Errorf("told %q, %v", b, err)
	}
	<-over
}
