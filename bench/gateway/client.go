package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"iamd/sigv4"
)

// kind is a kind of request.
type kind struct {
	name, method string
	body         int
}

// client is one connection, with one request at a time. It is its own, as net/http's would take more of the machine
// than the proxies do.
type client struct {
	conn    net.Conn
	in      *bufio.Reader
	request []byte
}

// turn puts a target under load for a while.
func (s *stand) turn(ctx context.Context, t *target, k kind, during time.Duration) error {
	for i := range s.clients {
		if len(t.clients) <= i {
			t.clients = append(t.clients, &client{})
		}
		request, err := s.request(t, k, i)
		if err != nil {
			return err
		}
		t.clients[i].request = request
	}
	before, err := t.process.cpu()
	if err != nil {
		return err
	}
	beside, err := s.beside()
	if err != nil {
		return err
	}
	results := make([]sum, len(t.clients))
	began := time.Now()
	until := began.Add(during)
	var wait sync.WaitGroup
	for i, c := range t.clients {
		wait.Go(func() { results[i] = c.work(t.address, until) })
	}
	wait.Wait()
	took := time.Since(began)
	after, err := t.process.cpu()
	if err != nil {
		return err
	}
	besideAfter, err := s.beside()
	if err != nil {
		return err
	}
	memory, err := t.process.memory()
	if err != nil {
		return err
	}
	n := 0
	for _, r := range results {
		t.sum.took, t.sum.failed = append(t.sum.took, r.took...), t.sum.failed+r.failed
		if t.sum.why == nil {
			t.sum.why = r.why
		}
		n += len(r.took)
	}
	t.sum.time += took
	t.sum.cpu += after - before
	t.sum.beside += besideAfter - beside
	t.sum.memory = append(t.sum.memory, memory)
	t.sum.perTurn = append(t.sum.perTurn, float64(n)/took.Seconds())
	return ctx.Err()
}

// request makes the bytes of a client's request, signed now: good for five minutes. All targets get the same.
func (s *stand) request(t *target, k kind, i int) ([]byte, error) {
	body := bytes.Repeat([]byte("0123456789abcdef"), k.body/16+1)[:k.body]
	r, err := http.NewRequest(k.method, fmt.Sprintf("http://%s/orders/v0/orders/%03d?MarketplaceIds=ATVPDKIKX0DER&CreatedAfter=2020-01-01", t.host, i), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "bench/1.0 (Language=Go)")
	if k.body > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	opt := sigv4.Options{Service: "execute-api", Region: region, DoubleEncode: true, NormalizePath: true}
	if err := sigv4.Sign(r, sha256.Sum256(body), s.caller, time.Now(), opt); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := r.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// work sends one request after the other, until then.
func (c *client) work(address string, until time.Time) (s sum) {
	s.took = make([]time.Duration, 0, 4096)
	began := time.Now()
	for began.Before(until) {
		if err := c.ask(address); err != nil {
			s.failed++
			if s.why == nil {
				s.why = err
			}
			if c.conn != nil {
				_ = c.conn.Close()
			}
			c.conn = nil
			if s.failed > 100 {
				return s
			}
		}
		now := time.Now()
		s.took = append(s.took, now.Sub(began))
		began = now
	}
	return s
}

var (
	contentLength = []byte("Content-Length: ")
	closing       = []byte("Connection: close")
)

// ask sends the request and reads its answer, which must be 200 and say how long it is.
func (c *client) ask(address string) error {
	if c.conn == nil {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		c.conn, c.in = conn, bufio.NewReaderSize(conn, 4096)
	}
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 || string(line[9:12]) != "200" {
		rest, _ := c.in.Peek(c.in.Buffered())
		return fmt.Errorf("%s%s", line, rest)
	}
	length, last := -1, false
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if bytes.HasPrefix(line, contentLength) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return err
			}
		}
		last = last || bytes.HasPrefix(line, closing)
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	if _, err := c.in.Discard(length); err != nil {
		return err
	}
	if last {
		return io.ErrUnexpectedEOF
	}
	return nil
}
