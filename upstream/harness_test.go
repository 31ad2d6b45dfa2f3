package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"iamd/upstream"
)

// server plays a script on each connection that comes, given its number from 1.
func server(t *testing.T, play func(n int, conn net.Conn, in *bufio.Reader)) (address string, connections *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	connections = new(atomic.Int64)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n := int(connections.Add(1))
			go func() {
				defer conn.Close()
				play(n, conn, bufio.NewReader(conn))
			}()
		}
	}()
	return l.Addr().String(), connections
}

// read takes one request; nil when there is none.
func read(in *bufio.Reader) *http.Request {
	r, err := http.ReadRequest(in)
	if err != nil {
		return nil
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil
	}
	return r
}

const fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func pool(t *testing.T, cfg upstream.Config) *upstream.Pool {
	t.Helper()
	p := upstream.New(cfg)
	t.Cleanup(p.Close)
	return p
}

func get() *upstream.Request {
	return &upstream.Request{Method: "GET", Target: "/a?b=c", Host: "example.com", Timeout: 10 * time.Second}
}

func post(body string) *upstream.Request {
	r := get()
	r.Method, r.Body = "POST", []byte(body)
	return r
}

// ask sends r and reads the answer whole.
func ask(p *upstream.Pool, r *upstream.Request) (*http.Response, string, error) {
	answer, err := p.Do(context.Background(), r)
	if err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(answer.Body)
	return answer, string(text), errors.Join(err, answer.Body.Close())
}

func wantOK(t *testing.T, p *upstream.Pool, r *upstream.Request) {
	t.Helper()
	if answer, text, err := ask(p, r); err != nil || answer.StatusCode != 200 || text != "ok" {
		t.Fatalf("%s: %v %q %v", r.Method, answer, text, err)
	}
}
