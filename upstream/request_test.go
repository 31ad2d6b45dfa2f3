package upstream_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"iamd/upstream"
)

func TestRequests(t *testing.T) {
	got := make(chan *http.Request, 1)
	at, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			r.Form = map[string][]string{"body": {string(body)}}
			got <- r
			io.WriteString(conn, fine)
		}
	})
	p := pool(t, upstream.Config{Address: at})
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		for _, body := range []string{"", "hello", strings.Repeat("x", upstream.MaxBody)} {
			r := post(body)
			r.Method = method
			// What frames a message is not the header's to say.
			r.Header = http.Header{"Content-Length": {"999"}, "Transfer-Encoding": {"chunked"}, "Trailer": {"A"}, "Host": {"other.example.com"},
				"A": {"1", "2"}, "B": {""}, "C": {"drop"}, "D": nil, "E": {"b\tb ä"}}
			r.Keep = func(name string, _ []string) bool { return name != "C" }
			r.Fields = []upstream.Field{{Name: "F", Value: "6"}}
			wantOK(t, p, r)
			s := <-got
			wantLength := int64(len(body))
			if s.Method != method || s.RequestURI != "/a?b=c" || s.Host != "example.com" || s.Form.Get("body") != body || s.ContentLength != wantLength ||
				len(s.TransferEncoding) != 0 {
				t.Errorf("%s %d bytes: %+v", method, len(body), s)
			}
			asked := body != "" || method == "POST" || method == "PUT" || method == "PATCH"
			if (s.Header["Content-Length"] != nil) != asked {
				t.Errorf("%s %d bytes: %v", method, len(body), s.Header)
			}
			delete(s.Header, "Content-Length")
			if h := s.Header; len(h) != 4 || strings.Join(h["A"], ",") != "1,2" || h.Get("F") != "6" || h.Get("E") != "b\tb ä" || h["B"][0] != "" {
				t.Errorf("%s %d bytes: %v", method, len(body), h)
			}
		}
	}
}

// A request that would read as another is not sent, and takes no connection with it.
func TestMalformed(t *testing.T) {
	at, connections := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		for read(in) != nil {
			io.WriteString(conn, fine)
		}
	})
	p := pool(t, upstream.Config{Address: at})
	for name, change := range map[string]func(*upstream.Request){
		"method":        func(r *upstream.Request) { r.Method = "GET /x HTTP/1.1\r\nA: b\r\n\r\nGET" },
		"no method":     func(r *upstream.Request) { r.Method = "" },
		"target":        func(r *upstream.Request) { r.Target = "/a HTTP/1.1\r\nA: b" },
		"no target":     func(r *upstream.Request) { r.Target = "" },
		"whole target":  func(r *upstream.Request) { r.Target = "http://other/" },
		"host":          func(r *upstream.Request) { r.Host = "a\r\nB: c" },
		"no host":       func(r *upstream.Request) { r.Host = "" },
		"name":          func(r *upstream.Request) { r.Header = http.Header{"A: b\r\nC": {"d"}} },
		"empty name":    func(r *upstream.Request) { r.Header = http.Header{"": {"d"}} },
		"spaced name":   func(r *upstream.Request) { r.Header = http.Header{"A ": {"d"}} },
		"value":         func(r *upstream.Request) { r.Header = http.Header{"A": {"b\r\nC: d"}} },
		"bare line":     func(r *upstream.Request) { r.Header = http.Header{"A": {"b\nC: d"}} },
		"zero":          func(r *upstream.Request) { r.Header = http.Header{"A": {"b\x00"}} },
		"field's value": func(r *upstream.Request) { r.Fields = []upstream.Field{{Name: "A", Value: "b\rC"}} },
		"field's name":  func(r *upstream.Request) { r.Fields = []upstream.Field{{Name: "A:", Value: "b"}} },
		"long body":     func(r *upstream.Request) { r.Body = make([]byte, upstream.MaxBody+1) },
	} {
		wantOK(t, p, get()) // a connection that waits
		r := get()
		change(r)
		if _, _, err := ask(p, r); !errors.Is(err, upstream.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := connections.Load(); n > 1 {
		t.Errorf("%d connections", n)
	}
}
