package gateway

import (
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"iamd/upstream"
)

// headerAnswered is the id of a request in its answer: ours, not the upstream's.
const headerAnswered = "X-Amzn-Requestid"

// pass gives the client what the upstream answered. What breaks off ends the
// client's connection, so that nobody takes a part for the whole.
func (g *Gateway) pass(w http.ResponseWriter, answer *http.Response) {
	h := w.Header()
	takeOver(h, answer.Header)
	if h["Content-Type"] == nil {
		h["Content-Type"] = nil // or net/http guesses, and makes a page of what was none
	}
	announced := len(answer.Trailer)
	if announced > 0 {
		names := make([]string, 0, announced)
		for name := range answer.Trailer {
			names = append(names, name)
		}
		h.Add("Trailer", strings.Join(names, ", "))
	}
	w.WriteHeader(answer.StatusCode)
	err := g.copy(w, answer)
	// Closed, it has no more trailers to come.
	_ = answer.Body.Close()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if len(answer.Trailer) == 0 {
		return
	}
	// Chunks, as a length would leave no room for trailers.
	_ = http.NewResponseController(w).Flush()
	for name, values := range answer.Trailer {
		if isHop(name) || name == "Content-Length" || name == headerAnswered {
			continue // no trailer's to say
		}
		if len(answer.Trailer) != announced {
			name = http.TrailerPrefix + name
		}
		for _, v := range values {
			h.Add(name, v)
		}
	}
}

// takeOver adds the headers of an answer to ours, without those that belong to the
// upstream's connection.
func takeOver(h, from http.Header) {
	connection := from["Connection"]
	for name, values := range from {
		if isHop(name) || name == headerAnswered || isNamed(connection, name) {
			continue
		}
		if prior := h[name]; prior != nil {
			h[name] = append(prior[:len(prior):len(prior)], values...)
		} else {
			h[name] = values
		}
	}
}

// copy writes the body of an answer as it comes: what is here does not wait for
// what is not. A short answer that has come whole goes out with its head.
func (g *Gateway) copy(w http.ResponseWriter, answer *http.Response) error {
	if answer.Body == http.NoBody {
		return nil
	}
	here := upstream.Buffered(answer)
	whole := answer.ContentLength >= 0 && int64(here) >= answer.ContentLength
	// Of a client that is gone the next write tells.
	flush := func() { _ = http.NewResponseController(w).Flush() }
	if here == 0 {
		flush()
	}
	room := g.buffers.get()
	defer g.buffers.put(room)
	for {
		n, broken := answer.Body.Read(room[:])
		if n > 0 {
			if _, err := w.Write(room[:n]); err != nil {
				return err
			}
			if !whole {
				flush()
			}
		}
		if broken == io.EOF {
			return nil
		}
		if broken != nil {
			return broken
		}
	}
}

// interim passes heads on that come before an answer's own, such as 103.
type interim struct {
	w    http.ResponseWriter
	mu   sync.Mutex
	over bool // the answer has come, and its header is written by another
}

func (i *interim) inform(status int, header http.Header) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over || status == http.StatusContinue {
		return // the body is here already
	}
	h := i.w.Header()
	ours := maps.Clone(h)
	takeOver(h, header)
	i.w.WriteHeader(status)
	clear(h)
	maps.Copy(h, ours)
}

func (i *interim) end() {
	i.mu.Lock()
	i.over = true
	i.mu.Unlock()
}

// buffers are what answers are copied through.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[32 << 10]byte {
	if p, ok := b.pool.Get().(*[32 << 10]byte); ok {
		return p
	}
	return new([32 << 10]byte)
}

func (b *buffers) put(p *[32 << 10]byte) { b.pool.Put(p) }

// newTransport makes the pool of connections to upstreams that net/http speaks to.
func newTransport() *http.Transport {
	return &http.Transport{
		// An environment's proxy would see what was meant for the upstream.
		Proxy:                  nil,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // bodies pass as they are
		MaxResponseHeaderBytes: 1 << 20,
	}
}

func proxyLog(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }
