package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"iamd/upstream"
)

func TestConnectionsAreUsedAgain(t *testing.T) {
	at, connections := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		for read(in) != nil {
			io.WriteString(conn, fine)
		}
	})
	p := pool(t, upstream.Config{Address: at})
	for range 20 {
		wantOK(t, p, get())
		wantOK(t, p, post("body"))
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for range 50 {
				if _, text, err := ask(p, get()); err != nil || text != "ok" {
					t.Errorf("%q %v", text, err)
				}
			}
		})
	}
	wait.Wait()
	if n := connections.Load(); n > 16 {
		t.Errorf("%d connections for 16 at a time", n)
	}
}

// A connection that the server closed while it waited is not used, and one that is
// closed upon a request serves nobody twice who may not be.
func TestClosedWhileWaiting(t *testing.T) {
	closed := make(chan struct{})
	at, connections := server(t, func(n int, conn net.Conn, in *bufio.Reader) {
		for i := 0; read(in) != nil; i++ {
			io.WriteString(conn, fine)
			if n == 1 {
				conn.Close()
				close(closed)
				return
			}
		}
	})
	p := pool(t, upstream.Config{Address: at})
	wantOK(t, p, get())
	<-closed
	wantOK(t, p, post("x"))
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestSentAgain(t *testing.T) {
	for _, c := range []struct {
		request *upstream.Request
		again   bool
	}{{get(), true}, {&upstream.Request{Method: "HEAD", Target: "/", Host: "h"}, true}, {post("x"), false}, {post(""), false},
		{&upstream.Request{Method: "DELETE", Target: "/", Host: "h"}, false}, {&upstream.Request{Method: "GET", Target: "/", Host: "h", Body: []byte("x")}, false}} {
		at, connections := server(t, func(n int, conn net.Conn, in *bufio.Reader) {
			for i := 0; read(in) != nil; i++ {
				if n == 1 && i == 1 {
					return // the second request on the first connection gets no answer
				}
				io.WriteString(conn, fine)
			}
		})
		p := pool(t, upstream.Config{Address: at})
		wantOK(t, p, get())
		_, _, err := ask(p, c.request)
		if (err == nil) != c.again || (connections.Load() == 2) != c.again {
			t.Errorf("%s %q: %v, %d connections", c.request.Method, c.request.Body, err, connections.Load())
		}
	}
	// A connection that is new tells of a server that is broken: once is enough.
	at, connections := server(t, func(_ int, conn net.Conn, in *bufio.Reader) { read(in) })
	if _, _, err := ask(pool(t, upstream.Config{Address: at}), get()); err == nil || connections.Load() != 1 {
		t.Errorf("%v, %d connections", err, connections.Load())
	}
	// Half an answer is one: it is not asked for again.
	at, connections = server(t, func(n int, conn net.Conn, in *bufio.Reader) {
		for i := 0; read(in) != nil; i++ {
			if i == 1 {
				io.WriteString(conn, "HTTP/1.1 2")
				return
			}
			io.WriteString(conn, fine)
		}
	})
	p := pool(t, upstream.Config{Address: at})
	wantOK(t, p, get())
	if _, _, err := ask(p, get()); err == nil || connections.Load() != 1 {
		t.Errorf("%v, %d connections", err, connections.Load())
	}
}

// What a server sends that nobody asked for is no answer to the next request.
func TestUnasked(t *testing.T) {
	more, sent := make(chan struct{}), make(chan struct{})
	at, connections := server(t, func(n int, conn net.Conn, in *bufio.Reader) {
		for i := 0; read(in) != nil; i++ {
			switch {
			case n == 1: // at once, with the answer
				io.WriteString(conn, fine+"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
			case n == 2: // while it waits
				io.WriteString(conn, fine)
				<-more
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
				close(sent)
			default:
				io.WriteString(conn, fine)
			}
		}
	})
	p := pool(t, upstream.Config{Address: at})
	wantOK(t, p, get())
	wantOK(t, p, get())
	close(more)
	<-sent
	wantOK(t, p, get())
	if n := connections.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

func TestIdle(t *testing.T) {
	ended := make(chan int, 8)
	at, connections := server(t, func(n int, conn net.Conn, in *bufio.Reader) {
		for read(in) != nil {
			io.WriteString(conn, fine)
		}
		ended <- n
	})
	// Closed after its time, with nobody asking.
	wantOK(t, pool(t, upstream.Config{Address: at, IdleTimeout: time.Millisecond}), get())
	<-ended
	// Of two that come back one may wait.
	p := pool(t, upstream.Config{Address: at, MaxIdle: 1})
	first, err := p.Do(context.Background(), get())
	if err != nil {
		t.Fatal(err)
	}
	wantOK(t, p, get())
	if _, err := io.ReadAll(first.Body); err != nil {
		t.Fatal(err)
	}
	<-ended
	// Those that wait are closed with the pool, and those that come back later.
	last, err := p.Do(context.Background(), get())
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, err := io.ReadAll(last.Body); err != nil {
		t.Fatal(err)
	}
	<-ended
	if n := connections.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
	if _, err := p.Do(context.Background(), get()); !errors.Is(err, upstream.ErrClosed) {
		t.Errorf("a closed pool: %v", err)
	}
}

func TestBreakOff(t *testing.T) {
	silent, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		read(in)
		read(in)
	})
	p := pool(t, upstream.Config{Address: silent})
	r := get()
	r.Timeout = 10 * time.Millisecond
	var network net.Error
	if _, _, err := ask(p, r); !errors.As(err, &network) || !network.Timeout() {
		t.Errorf("no answer in time: %v", err)
	}
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(time.Millisecond, func() { cancel(gone) })
	if _, err := p.Do(ctx, get()); err == nil {
		t.Error("the client went away, and there is an answer")
	}
	// A body outlives the time of the head, not its client.
	next := make(chan struct{})
	slow, _ := server(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		read(in)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
		<-next
		io.WriteString(conn, "more")
		read(in)
	})
	p = pool(t, upstream.Config{Address: slow})
	ctx, cancel = context.WithCancelCause(context.Background())
	r = get()
	r.Timeout = 2 * time.Second
	answer, err := p.Do(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 8)
	if _, err := io.ReadFull(answer.Body, room[:4]); err != nil {
		t.Fatal(err)
	}
	close(next)
	if _, err := io.ReadFull(answer.Body, room[4:]); err != nil || string(room) != "somemore" {
		t.Fatalf("%q %v", room, err)
	}
	cancel(gone)
	if _, err := answer.Body.Read(room); err == nil || err == io.EOF {
		t.Errorf("the client went away, and the body goes on: %v", err)
	}
	answer.Body.Close()
}
