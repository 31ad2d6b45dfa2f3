package upstream_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"iamd/upstream"
)

// TestAnswers gives each answer twice: the second shows whether the connection was
// good for more.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, method, answer string
		status               int
		text                 string
		again                bool
	}{
		{"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
		{"empty", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true},
		{"head", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "", true},
		{"none", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
		{"not modified", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", true},
		{"chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200, "hello", true},
		{"long", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100000), 200, strings.Repeat("x", 100000), true},
		{"until the end", "GET", "HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello", false},
		{"closing", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false},
		{"old", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false},
		{"continue", "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
	} {
		at, connections := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
			for read(in) != nil {
				io.WriteString(conn, c.answer)
				if !c.again {
					return
				}
			}
		})
		p := pool(t, upstream.Config{Address: at})
		for range 2 {
			r := get()
			r.Method = c.method
			answer, text, err := ask(p, r)
			if err != nil || answer.StatusCode != c.status || text != c.text {
				t.Errorf("%s: %v %.20q %v", c.name, answer, text, err)
			}
		}
		if n := connections.Load(); (n == 1) != c.again {
			t.Errorf("%s: %d connections", c.name, n)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"none":             "",
		"no HTTP":          "hello\r\n\r\n",
		"half a head":      "HTTP/1.1 200 OK\r\nContent-",
		"two lengths":      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
		"odd length":       "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
		"odd coding":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
		"no status":        "HTTP/1.1 099 Hm\r\nContent-Length: 0\r\n\r\n",
		"another protocol": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
		"short body":       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
		"broken chunks":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
		"chunks cut short": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	} {
		at, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
			read(in)
			io.WriteString(conn, answer)
		})
		if answer, text, err := ask(pool(t, upstream.Config{Address: at}), get()); err == nil {
			t.Errorf("%s: %v %q", name, answer, text)
		}
	}
}

func TestEndlessHeads(t *testing.T) {
	for name, part := range map[string]string{
		"header":    "A: b\r\n",
		"line":      "b",
		"interim":   "\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n",
		"continued": "\r\nHTTP/1.1 100 Continue\r\n",
	} {
		at, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
			read(in)
			_, err := io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\nA: ")
			for err == nil {
				_, err = io.WriteString(conn, strings.Repeat(part, 100))
			}
		})
		if _, _, err := ask(pool(t, upstream.Config{Address: at, MaxHeader: 50_000}), get()); err == nil {
			t.Errorf("%s: there is an answer", name)
		}
	}
	at, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		for read(in) != nil {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nA: %s\r\nContent-Length: 200000\r\n\r\n%s", strings.Repeat("a", 5000), strings.Repeat("x", 200000))
		}
	})
	// The bound is the head's, each time anew, and not the body's.
	p := pool(t, upstream.Config{Address: at, MaxHeader: 20_000})
	for range 5 {
		if _, text, err := ask(p, get()); err != nil || len(text) != 200000 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	}
	if _, _, err := ask(pool(t, upstream.Config{Address: at, MaxHeader: 5000}), get()); !errors.Is(err, upstream.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
}

func TestInformed(t *testing.T) {
	at, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		read(in)
		io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+fine)
	})
	r := get()
	var told []string
	r.Informed = func(status int, h http.Header) { told = append(told, fmt.Sprintf("%d %s", status, h.Get("Link"))) }
	wantOK(t, pool(t, upstream.Config{Address: at}), r)
	if fmt.Sprint(told) != "[103 </a>]" {
		t.Errorf("%q", told)
	}
}

func TestTrailers(t *testing.T) {
	at, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		read(in)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n2\r\nok\r\n0\r\nSum: 17\r\n\r\n")
	})
	answer, text, err := ask(pool(t, upstream.Config{Address: at}), get())
	if err != nil || text != "ok" || answer.Trailer.Get("Sum") != "17" {
		t.Errorf("%v %q %v", answer, text, err)
	}
}
