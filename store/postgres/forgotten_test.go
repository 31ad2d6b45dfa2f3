package postgres

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
)

// between is what stands between a store and its server, as a firewall does: it can
// forget the connections that there are, and passes new ones.
type between struct {
	net.Listener
	to string

	mu     sync.Mutex
	passes []*passing
}

type passing struct {
	from             net.Conn
	forgotten, asked atomic.Bool // asked: more was sent since than that it ends
}

// terminate is the message by which a client ends.
const terminate = 'X'

func newBetween(t *testing.T, to string) *between {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &between{Listener: l, to: to}
	var all sync.WaitGroup
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		all.Wait()
	})
	all.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return // closed
			}
			all.Go(func() { b.pass(from) })
		}
	})
	return b
}

// pass carries one connection until either side ends it.
func (b *between) pass(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", b.to)
	if err != nil {
		return
	}
	defer to.Close()
	p := &passing{from: from}
	b.mu.Lock()
	b.passes = append(b.passes, p)
	b.mu.Unlock()
	ended := make(chan struct{}, 2)
	carry := func(to io.Writer, from io.Reader, asks bool) {
		defer func() { ended <- struct{}{} }()
		buffer := make([]byte, 32<<10)
		for {
			n, err := from.Read(buffer)
			if n > 0 && p.forgotten.Load() {
				if asks && buffer[0] != terminate {
					p.asked.Store(true)
				}
				n = 0 // it goes nowhere, and nobody is told
			}
			if _, failed := to.Write(buffer[:n]); errors.Join(err, failed) != nil {
				return
			}
		}
	}
	go carry(to, from, true)
	go carry(from, to, false)
	<-ended
	from.Close()
	to.Close()
	<-ended
}

// forget forgets all connections that there are.
func (b *between) forget() (list []*passing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.passes {
		p.forgotten.Store(true)
	}
	return b.passes
}

// TestForgotten: where something on the way has forgotten all connections of a pool,
// one of them is tried, and the call is done over a new one.
func TestForgotten(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).Database(t)
	at := strings.Index(url, "@") + 1
	server := url[at : at+strings.Index(url[at:], "/")]
	b := newBetween(t, server)
	s := start(t, strings.Replace(url, server, b.Addr().String(), 1))
	s.quiet = 0
	const count = 6
	var all sync.WaitGroup
	taken, enough := make(chan struct{}), make(chan struct{})
	for range count {
		all.Go(func() {
			conn, err := s.pool.Acquire(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Release()
			taken <- struct{}{}
			<-enough
		})
	}
	for range count {
		<-taken
	}
	close(enough)
	all.Wait()
	if n := s.pool.Stat().IdleConns(); n < count {
		t.Fatalf("%d connections are idle", n)
	}
	forgotten := b.forget()
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Errorf("Commit: %v", err)
	}
	tried := 0
	for _, p := range forgotten {
		p.from.Close() // or the store's end would wait for it
		if p.asked.Load() {
			tried++
		}
	}
	if tried != 1 {
		t.Errorf("%d of %d connections were tried", tried, len(forgotten))
	}
}
