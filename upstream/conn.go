package upstream

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// conn is a connection, used by one request at a time.
type conn struct {
	pool  *Pool
	net   net.Conn
	raw   syscall.RawConn // nil: it has none
	in    *bufio.Reader   // reads from the conn itself, which counts
	out   []byte          // the room of the last request
	since time.Time       // when it began to wait
	until time.Time       // the deadline that is set; zero: none

	left    int64 // bytes that a head may still have; negative: no head is being read
	read    bool  // something of the answer to this request has come
	waited  bool  // it was used before
	written int   // bytes of this request

	broken func()           // makes whatever reads or writes fail
	look   func(fd uintptr) // for alive
	quiet  bool             // what look saw: open, and nothing to read
}

const bufferSize = 4 << 10

func newConn(p *Pool, nc net.Conn) *conn {
	c := &conn{pool: p, net: nc}
	c.in = bufio.NewReaderSize(c, bufferSize)
	if s, ok := nc.(syscall.Conn); ok {
		// Without it the connection is used unseen.
		c.raw, _ = s.SyscallConn()
	}
	c.look = c.peek
	c.broken = func() { _ = nc.SetDeadline(past) }
	return c
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// Read reads for in, and bounds heads.
func (c *conn) Read(b []byte) (int, error) {
	if c.left >= 0 {
		if c.left == 0 {
			return 0, ErrTooLong
		}
		if int64(len(b)) > c.left {
			b = b[:c.left]
		}
	}
	n, err := c.net.Read(b)
	if n > 0 {
		c.read = true
		if c.left >= 0 {
			c.left -= int64(n)
		}
	}
	return n, err
}

// The requests that net/http wants to know of, to read answers: an answer to HEAD
// has no body.
var (
	head  = http.Request{Method: http.MethodHead}
	other = http.Request{Method: http.MethodGet}
)

// exchange writes r and reads its answer's head. Where it fails, the connection is
// closed.
func (c *conn) exchange(ctx context.Context, r *Request, deadline time.Time) (*http.Response, error) {
	c.out, c.read, c.written = r.appendTo(c.out[:0]), false, 0
	if err := c.limit(deadline, r.Timeout/32); err != nil {
		c.close()
		return nil, err
	}
	unwatch := context.AfterFunc(ctx, c.broken)
	answer, err := c.converse(r)
	if err == nil && !c.whole(answer) {
		err = c.limit(time.Time{}, 0) // what follows may stream
	}
	// The deadline that was changed may have been the one that ctx's end set.
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		unwatch()
		c.close()
		return nil, err
	}
	c.watch(answer, unwatch)
	return answer, nil
}

// limit sets the connection's deadline, unless the one of an earlier request is not
// much before it: each setting wakes the runtime's timers.
func (c *conn) limit(deadline time.Time, much time.Duration) error {
	if c.until.IsZero() == deadline.IsZero() && !c.until.After(deadline) && deadline.Sub(c.until) <= much {
		return nil
	}
	c.until = deadline
	return c.net.SetDeadline(deadline)
}

func (c *conn) converse(r *Request) (*http.Response, error) {
	n, err := c.net.Write(c.out)
	c.written = n
	if err != nil {
		return nil, err
	}
	if cap(c.out) > bufferSize {
		c.out = nil // a connection that waits holds little
	}
	asked := &other
	if r.Method == http.MethodHead {
		asked = &head
	}
	c.left = c.pool.cfg.MaxHeader
	defer func() { c.left = -1 }()
	for {
		answer, err := http.ReadResponse(c.in, asked)
		switch {
		case err != nil && c.left == 0:
			return nil, ErrTooLong
		case err == io.ErrUnexpectedEOF && !c.read:
			return nil, io.EOF
		case err != nil:
			return nil, err
		case answer.StatusCode == http.StatusSwitchingProtocols || answer.StatusCode < 100:
			return nil, ErrStatus
		case answer.StatusCode >= 200:
			return answer, nil
		}
		if r.Informed != nil && answer.StatusCode != http.StatusContinue {
			r.Informed(answer.StatusCode, answer.Header)
		}
	}
}

// whole tells whether all of the answer is here.
func (c *conn) whole(answer *http.Response) bool {
	return answer.Body == http.NoBody || answer.ContentLength >= 0 && int64(c.in.Buffered()) >= answer.ContentLength
}

// again tells whether r, which failed on this connection, may be sent once more:
// the server had closed it while it waited.
func (c *conn) again(r *Request) bool {
	return c.waited && !c.read && (c.written == 0 || r.asks())
}

// watch sees to what becomes of the connection when the answer was read.
func (c *conn) watch(answer *http.Response, unwatch func() bool) {
	if answer.Body == http.NoBody {
		c.done(!answer.Close, unwatch)
		return
	}
	answer.Body = &body{conn: c, in: answer.Body, keep: !answer.Close, unwatch: unwatch}
}

// done is told when nothing of the answer is left to read.
func (c *conn) done(keep bool, unwatch func() bool) {
	// Where ctx has ended, broken is at work or was: the connection is spoiled.
	// What else is in the buffer nobody asked for.
	if unwatch() && keep && c.in.Buffered() == 0 {
		c.waited = true
		c.pool.put(c)
		return
	}
	c.close()
}

// close closes it; of a connection that is given up no error matters.
func (c *conn) close() { _ = c.net.Close() }

// body is an answer's.
type body struct {
	conn    *conn
	in      io.ReadCloser
	keep    bool
	over    error // how it ended
	unwatch func() bool
}

// Read reads on. At the end the connection is free, so that trailers, which
// net/http has read by then, are all that is left.
func (b *body) Read(p []byte) (int, error) {
	if b.over != nil {
		return 0, b.over
	}
	n, err := b.in.Read(p)
	if err != nil {
		b.end(err)
	}
	return n, err
}

func (b *body) end(err error) {
	b.over = err
	b.conn.done(b.keep && err == io.EOF, b.unwatch)
}

// Close gives up what was not read.
func (b *body) Close() error {
	if b.over == nil {
		b.end(errClosedBody)
	}
	return nil
}

var errClosedBody = errors.New("upstream: the body was closed")

// Buffered is how many bytes of an answer's body, with what frames them, are here
// already; 0 where nobody knows.
func Buffered(answer *http.Response) int {
	if b, ok := answer.Body.(*body); ok && b.over == nil {
		return b.conn.in.Buffered()
	}
	return 0
}
