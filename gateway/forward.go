package gateway

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"iamd/policy"
)

// newTransport makes the pool of connections to all upstreams.
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

// forward passes the call on and its answer back. It fails with a refusal when
// the upstream gave no answer; once an answer began, whatever ends it ends the
// connection.
func (g *Gateway) forward(c *call, w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	// It bounds the time to the answer's head; what follows may stream.
	timer := time.AfterFunc(c.route.timeout, func() { cancel(errUpstreamTimeout) })
	defer timer.Stop()

	in := r.WithContext(ctx)
	in.Body, in.ContentLength = c.body.reader(), c.body.size
	if c.body.size > 0 {
		// The transport asks for it when a kept connection turns out to be closed
		// before anything was written.
		in.GetBody = func() (io.ReadCloser, error) { return c.body.reader(), nil }
	}
	in.Trailer, in.TransferEncoding = nil, nil

	var failed error
	proxy := httputil.ReverseProxy{
		Transport:     g.transport,
		FlushInterval: -1,
		BufferPool:    &g.buffers,
		ErrorLog:      g.proxyLog,
		Rewrite:       func(p *httputil.ProxyRequest) { c.rewrite(p) },
		ModifyResponse: func(answer *http.Response) error {
			if !timer.Stop() {
				return errUpstreamTimeout
			}
			answer.Header.Del("X-Amzn-Requestid") // ours stands already
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			failed = unreached(err, context.Cause(ctx))
		},
	}
	proxy.ServeHTTP(w, in)
	return failed
}

// rewrite makes the request that the upstream gets.
func (c *call) rewrite(p *httputil.ProxyRequest) {
	out, up := p.Out, c.route.upstream
	out.URL = &url.URL{
		Scheme: up.Scheme, Host: up.Host,
		Path: up.Path + c.target.path, RawPath: up.EscapedPath() + c.target.raw,
		RawQuery: withoutCredentials(p.In.URL.RawQuery),
	}
	out.Host = ""
	if c.route.PreserveHost {
		out.Host = p.In.Host
	}
	h := out.Header
	clean(h, c.route.Authorization)
	if h["User-Agent"] == nil {
		h["User-Agent"] = nil // or net/http writes its own
	}
	scheme := "http"
	if c.origin.Secure {
		scheme = "https"
	}
	if c.origin.SourceIP != "" {
		h.Set("X-Forwarded-For", c.origin.SourceIP)
	}
	h.Set("X-Forwarded-Proto", scheme)
	h.Set("X-Forwarded-Host", p.In.Host)
	if c.route.PathPrefix != "" {
		h.Set("X-Forwarded-Prefix", c.route.PathPrefix)
	}
	c.tell(h)
}

// tell sets the headers that say who calls.
func (c *call) tell(h http.Header) {
	h.Set(headerRequest, c.id)
	if c.caller.Kind == policy.Anonymous {
		return
	}
	h.Set(headerPrincipal, c.caller.ARN)
	h.Set(headerAccount, c.caller.Account)
	h.Set(headerUser, c.caller.UserID)
}

// buffers are what answers are copied through.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(p []byte) { b.pool.Put(&p) }

func proxyLog(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }
