package upstream

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Config says which server, and within what bounds. Zero values are the defaults
// that the comments name.
type Config struct {
	Address     string        // host and port
	DialTimeout time.Duration // 5 seconds
	MaxIdle     int           // connections that wait for a request; 256
	IdleTimeout time.Duration // how long one waits; 90 seconds
	MaxHeader   int64         // bytes of an answer's head, with those that came before it (1xx); 1 MiB
}

// MaxBody is how long a request's body may be: what surely is written without the
// server reading.
const MaxBody = 16 << 10

// Request is what to send. Everything but Method, Target and Host may be empty.
type Request struct {
	Method string
	Target string // the request-target, in origin form
	Host   string
	// Header is sent as far as Keep says, nil: whole; but for what belongs to the
	// framing (Host, Content-Length, Transfer-Encoding, Trailer), which is not
	// Header's to say. Names are in net/http's spelling.
	Header http.Header
	Keep   func(name string, values []string) bool
	Fields []Field // sent after those of Header
	Body   []byte  // MaxBody at most
	// Timeout is how long the head of the answer may take, dialing included, and
	// perhaps a thirtieth less; zero: for ever.
	Timeout time.Duration
	// Informed is told of each head before the answer's own (103 Early Hints, not
	// 100); nil: nobody is.
	Informed func(status int, header http.Header)
}

// Field is one line of a header.
type Field struct{ Name, Value string }

// What is wrong with a request or an answer.
var (
	ErrMalformed = errors.New("upstream: the request cannot be written as HTTP/1.1")
	ErrTooLong   = errors.New("upstream: the head of the answer is too long")
	ErrStatus    = errors.New("upstream: the answer's status ends no request, or switches to a protocol that nobody asked for")
	ErrClosed    = errors.New("upstream: the pool is closed")
)

// Pool is the connections to one server. Any number of goroutines may use it.
type Pool struct {
	cfg    Config
	dialer net.Dialer

	mu     sync.Mutex
	idle   []*conn // the one used last is the last
	sweep  *time.Timer
	closed bool
}

// New makes a pool; it dials nothing yet.
func New(cfg Config) *Pool {
	cfg.DialTimeout = cmp.Or(cfg.DialTimeout, 5*time.Second)
	cfg.MaxIdle = cmp.Or(cfg.MaxIdle, 256)
	cfg.IdleTimeout = cmp.Or(cfg.IdleTimeout, 90*time.Second)
	cfg.MaxHeader = cmp.Or(cfg.MaxHeader, 1<<20)
	return &Pool{cfg: cfg, dialer: net.Dialer{Timeout: cfg.DialTimeout, KeepAlive: 30 * time.Second}}
}

// Do sends r and reads the head of the answer. The caller closes the answer's Body;
// the end of ctx breaks it off. Errors are of the network (a timeout's Timeout is
// true), or those above. Where a connection that had waited turns out to be closed
// before a byte of the answer came, r is sent again, on a new one, if that can do
// no harm: nothing of it was sent, or it only asks.
func (p *Pool) Do(ctx context.Context, r *Request) (*http.Response, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var deadline time.Time
	if r.Timeout > 0 {
		deadline = time.Now().Add(r.Timeout)
	}
	c, err := p.take()
	if err != nil {
		return nil, err
	}
	if c != nil {
		answer, err := c.exchange(ctx, r, deadline)
		if err == nil || !c.again(r) || ctx.Err() != nil {
			return answer, err
		}
	}
	if c, err = p.dial(ctx, deadline); err != nil {
		return nil, err
	}
	return c.exchange(ctx, r, deadline)
}

func (p *Pool) dial(ctx context.Context, deadline time.Time) (*conn, error) {
	d := p.dialer
	d.Deadline = deadline
	nc, err := d.DialContext(ctx, "tcp", p.cfg.Address)
	if err != nil {
		return nil, err
	}
	return newConn(p, nc), nil
}

// take gives a connection that is still good, or nil.
func (p *Pool) take() (*conn, error) {
	for {
		p.mu.Lock()
		n := len(p.idle)
		if n == 0 {
			closed := p.closed
			p.mu.Unlock()
			if closed {
				return nil, ErrClosed
			}
			return nil, nil
		}
		c := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		if c.alive() {
			return c, nil
		}
		c.close()
	}
}

// put keeps a connection for the next request.
func (p *Pool) put(c *conn) {
	c.since = time.Now()
	p.mu.Lock()
	kept := !p.closed && len(p.idle) < p.cfg.MaxIdle
	if kept {
		p.idle = append(p.idle, c)
		if p.sweep == nil {
			p.sweep = time.AfterFunc(p.cfg.IdleTimeout, p.expire)
		}
	}
	p.mu.Unlock()
	if !kept {
		c.close()
	}
}

// expire closes connections that have waited too long. They stand in the order in
// which they came back.
func (p *Pool) expire() {
	limit := time.Now().Add(-p.cfg.IdleTimeout)
	p.mu.Lock()
	n := 0
	for n < len(p.idle) && !p.idle[n].since.After(limit) {
		n++
	}
	old := append([]*conn(nil), p.idle[:n]...)
	left := copy(p.idle, p.idle[n:])
	clear(p.idle[left:])
	p.idle = p.idle[:left]
	p.sweep = nil
	if left > 0 && !p.closed {
		p.sweep = time.AfterFunc(p.idle[0].since.Sub(limit), p.expire)
	}
	p.mu.Unlock()
	for _, c := range old {
		c.close()
	}
}

// Close closes the connections that wait; those at work close when they are done.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	if p.sweep != nil {
		p.sweep.Stop()
	}
	p.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
}
