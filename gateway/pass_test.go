package gateway_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"iamd/gateway"
)

// bodies are a short one and one that net/http's transport carries.
var bodies = map[string][]byte{"none": nil, "short": []byte("x"), "long": make([]byte, 20_000)}

// Headers between two neighbours go no further, either way.
func TestHopByHop(t *testing.T) {
	got := make(chan *http.Request, 1)
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r
		h := w.Header()
		h.Set("Connection", "X-Private , x-also")
		h.Set("X-Private", "a")
		h.Set("X-Also", "b")
		h.Set("Keep-Alive", "timeout=5")
		h.Set("Proxy-Authenticate", "Basic")
		h.Set("Upgrade", "h2c")
		h["X-Two"] = []string{"1", "2"}
		h.Set("X-Amzn-Requestid", "the upstream's")
	}))
	defer up.Close()
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream = up.URL })
	for name, body := range bodies {
		method := "POST"
		if body == nil {
			method = "GET"
		}
		r := w.signed(t, alice, method, "/a", body)
		r.Header.Set("Connection", "x-private, X-Also , X-Iamd-Account,keep-alive")
		r.Header.Set("X-Private", "a")
		r.Header.Set("X-Also", "b")
		r.Header.Set("Keep-Alive", "timeout=5")
		r.Header.Set("Proxy-Connection", "keep-alive")
		r.Header.Set("Proxy-Authorization", "Basic eDp5")
		r.Header.Set("Te", "trailers, deflate;q=0.5")
		r.Header.Set("X-Stays", "c")
		answer := do(t, r)
		h := (<-got).Header
		for _, gone := range []string{"Connection", "X-Private", "X-Also", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization"} {
			if h[gone] != nil {
				t.Errorf("%s: the upstream got %s: %q", name, gone, h[gone])
			}
		}
		if h.Get("Te") != "trailers" || h.Get("X-Stays") != "c" || h.Get("X-Iamd-Account") != owner {
			t.Errorf("%s: the upstream got %v", name, h)
		}
		for _, gone := range []string{"X-Private", "X-Also", "Keep-Alive", "Proxy-Authenticate", "Upgrade"} {
			if answer.header[gone] != nil {
				t.Errorf("%s: the client got %s", name, gone)
			}
		}
		if id := answer.header.Values("X-Amzn-Requestid"); len(id) != 1 || id[0] == "the upstream's" || len(answer.header["X-Two"]) != 2 {
			t.Errorf("%s: the client got %v", name, answer.header)
		}
	}
}

// What comes before an answer's head comes through, and leaves the answer's alone.
func TestEarlyHints(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		_, _ = io.WriteString(w, "done")
	}))
	defer up.Close()
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream = up.URL })
	for name, body := range bodies {
		r := w.signed(t, alice, "POST", "/a", body)
		var hints []string
		r = r.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(status int, h textproto.MIMEHeader) error {
				hints = append(hints, fmt.Sprintf("%d %s", status, h.Get("Link")))
				return nil
			},
		}))
		got := do(t, r)
		if strings.Join(hints, "|") != "103 </a.css>" || got.body != "done" || got.header["Link"] != nil || got.header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s: hints %q, answer %+v", name, hints, got)
		}
	}
}

func TestTrailersPass(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "Sum")
		_, _ = io.WriteString(w, "body")
		w.Header().Set("Sum", "17")
		if r.URL.Path == "/more" {
			w.Header().Set(http.TrailerPrefix+"Unannounced", "18")
		}
	}))
	defer up.Close()
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream = up.URL })
	for name, body := range bodies {
		for path, more := range map[string]string{"/": "", "/more": "18"} {
			resp, err := http.DefaultTransport.RoundTrip(w.signed(t, alice, "POST", path, body))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			if err != nil || string(text) != "body" || resp.Trailer.Get("Sum") != "17" || resp.Trailer.Get("Unannounced") != more {
				t.Errorf("%s %s: %q %v %v", name, path, text, resp.Trailer, err)
			}
			resp.Body.Close()
		}
	}
}

// An answer that breaks off ends the client's connection: a part is not the whole.
func TestBrokenAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r, err := http.ReadRequest(bufio.NewReader(conn))
			if err == nil {
				_, err = io.Copy(io.Discard, r.Body)
			}
			if err == nil {
				_, _ = io.WriteString(conn, map[string]string{
					"/length":  "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
					"/chunks":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
					"/unasked": "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tunnel\r\n\r\n",
					"/odd":     "HTTP/1.1 042 Hm\r\nContent-Length: 0\r\n\r\n",
				}[r.URL.Path])
			}
			conn.Close()
		}
	}()
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream = "http://" + l.Addr().String() })
	for name, body := range bodies {
		for _, path := range []string{"/length", "/chunks"} {
			resp, err := http.DefaultTransport.RoundTrip(w.signed(t, alice, "PUT", path, body))
			if err != nil {
				continue // it broke off with the head
			}
			if text, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s %s: %q %v", name, path, text, err)
			}
			resp.Body.Close()
		}
		for _, path := range []string{"/unasked", "/odd"} {
			if got := do(t, w.signed(t, alice, "PUT", path, body)); got.status != http.StatusBadGateway {
				t.Errorf("%s %s: %+v", name, path, got)
			}
		}
	}
}

// local answers in this process.
type local struct{ http.HandlerFunc }

func (local) Operation(_, path string) (gateway.Operation, bool) {
	return gateway.Operation{Name: "op"}, path != "/none"
}

func TestBackend(t *testing.T) {
	type request struct {
		*http.Request
		text []byte
	}
	var last atomic.Pointer[request] // a client asks again who breaks off, on another connection
	handler := func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		last.Store(&request{r, text})
		switch r.URL.Path {
		case "/silent":
		case "/panic":
			w.Header().Set("Content-Encoding", "gzip")
			panic("the backend's fault")
		case "/late":
			_, _ = io.WriteString(w, "half")
			panic("the backend's fault")
		case "/abort":
			panic(http.ErrAbortHandler)
		default:
			w.Header().Set("X-Backend", "yes")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "answer")
		}
	}
	w := newWorld(t, func(c *gateway.Config) {
		a := &c.APIs[0]
		a.Upstream, a.Backend, a.PathPrefix = "", local{handler}, "/base"
	})
	r := w.request(t, "POST", "/base/a%20b?c=d&X-Amz-Foo=1", []byte("hello"))
	r.Header.Set("X-Iamd-Account", "forged")
	w.sign(t, r, w.session(t), []byte("hello"))
	answer := do(t, r)
	if answer.status != http.StatusCreated || answer.body != "answer" || answer.header.Get("X-Backend") != "yes" || answer.header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("%+v", answer)
	}
	got := last.Load()
	if got.URL.Path != "/a b" || got.URL.EscapedPath() != "/a%20b" || got.RequestURI != "/a%20b?c=d" || got.Host != apiHost || string(got.text) != "hello" ||
		got.ContentLength != 5 || got.Method != "POST" {
		t.Errorf("the backend got %+v %q", got.Request, got.text)
	}
	h := got.Header
	if h["Authorization"] != nil || h["X-Amz-Security-Token"] != nil || h.Get("X-Iamd-Account") != owner || h.Get("X-Iamd-Operation") != "op" ||
		h.Get("X-Forwarded-Prefix") != "/base" {
		t.Errorf("the backend got %v", h)
	}
	if got := do(t, w.signed(t, alice, "GET", "/base/silent", nil)); got.status != http.StatusOK || got.body != "" {
		t.Errorf("silent: %+v", got)
	}
	failed := do(t, w.signed(t, alice, "GET", "/base/panic", nil))
	if failed.status != http.StatusInternalServerError || failed.header["Content-Encoding"] != nil || strings.Contains(failed.body, "fault") ||
		failed.header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("panic: %+v", failed)
	}
	if log := w.logs.String(); !strings.Contains(log, "the backend's fault") || !strings.Contains(log, failed.header.Get("X-Amzn-Requestid")) || !strings.Contains(log, "pass_test.go") {
		t.Errorf("log %q", log)
	}
	for _, path := range []string{"/base/late", "/base/abort"} {
		resp, err := http.DefaultTransport.RoundTrip(w.signed(t, alice, "GET", path, nil))
		if err != nil {
			continue
		}
		if text, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("%s: %d %q", path, resp.StatusCode, text)
		}
		resp.Body.Close()
	}
}

// syncBuffer takes a log.
type syncBuffer struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.String()
}
