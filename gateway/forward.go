package gateway

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"iamd/upstream"
)

// forward passes the call on and its answer back. It fails with a refusal when
// the upstream gave no answer; once an answer began, whatever ends it ends the
// connection.
func (g *Gateway) forward(c *call, w *recorder, r *http.Request) error {
	switch {
	case c.route.Backend != nil:
		return g.dispatch(c, w, r)
	case r.Header["Upgrade"] != nil:
		return g.open(c, w, r)
	}
	early := interim{w: w}
	if pool := c.route.pool; pool != nil && c.body.file == nil && c.body.size <= upstream.MaxBody {
		answer, err := pool.Do(r.Context(), &upstream.Request{
			Method: r.Method, Target: c.wanted(r), Host: c.upstreamHost(r), Header: r.Header, Keep: c.passed(r), Fields: c.added(r),
			Body: c.body.memory, Timeout: c.route.timeout, Informed: early.inform,
		})
		if err != nil {
			return unreached(err, context.Cause(r.Context()))
		}
		g.pass(w, answer)
		return nil
	}
	return g.transfer(c, w, r, &early)
}

// transfer passes on by net/http what the pool of connections does not do: TLS,
// and long bodies.
func (g *Gateway) transfer(c *call, w http.ResponseWriter, r *http.Request, early *interim) error {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	// It bounds the time to the answer's head; what follows may stream.
	timer := time.AfterFunc(c.route.timeout, func() { cancel(errUpstreamTimeout) })
	defer timer.Stop()
	out := (&http.Request{
		Method: r.Method, URL: c.upstreamURL(r), Host: c.upstreamHost(r), Header: c.outgoing(r),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(status int, header textproto.MIMEHeader) error {
			early.inform(status, http.Header(header))
			return nil
		},
	}))
	if c.body.size > 0 {
		out.Body, out.ContentLength = c.body.reader(), c.body.size
		// The transport asks for it when a kept connection turns out to be closed
		// before anything was written.
		out.GetBody = func() (io.ReadCloser, error) { return c.body.reader(), nil }
	}
	answer, err := g.transport.RoundTrip(out)
	early.end()
	if err == nil && answer.StatusCode < 200 {
		err = errors.Join(upstream.ErrStatus, answer.Body.Close())
	}
	if err == nil && !timer.Stop() {
		err = errors.Join(errUpstreamTimeout, answer.Body.Close())
	}
	if err != nil {
		return unreached(err, context.Cause(ctx))
	}
	g.pass(w, answer)
	return nil
}

// open passes a WebSocket on.
func (g *Gateway) open(c *call, w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	timer := time.AfterFunc(c.route.timeout, func() { cancel(errUpstreamTimeout) })
	defer timer.Stop()
	in := r.WithContext(ctx)
	in.Body, in.ContentLength, in.Trailer, in.TransferEncoding = http.NoBody, 0, nil, nil
	var failed error
	proxy := httputil.ReverseProxy{
		Transport:     g.transport,
		FlushInterval: -1,
		ErrorLog:      g.proxyLog,
		Rewrite: func(p *httputil.ProxyRequest) {
			wanted := p.Out.Header
			p.Out.URL, p.Out.Host, p.Out.Header = c.upstreamURL(p.In), c.upstreamHost(p.In), c.outgoing(p.In)
			for _, name := range []string{"Connection", "Upgrade"} {
				if values := wanted[name]; values != nil {
					p.Out.Header[name] = values
				}
			}
		},
		ModifyResponse: func(answer *http.Response) error {
			if !timer.Stop() {
				return errUpstreamTimeout
			}
			answer.Header.Del(headerAnswered) // ours stands already
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			failed = unreached(err, context.Cause(ctx))
		},
	}
	proxy.ServeHTTP(w, in)
	return failed
}

// wanted is the request-target that the upstream gets.
func (c *call) wanted(r *http.Request) string {
	target := c.route.base + c.target.raw
	if query := withoutCredentials(r.URL.RawQuery); query != "" {
		target += "?" + query
	}
	return target
}

func (c *call) upstreamURL(r *http.Request) *url.URL {
	up := c.route.upstream
	return &url.URL{
		Scheme: up.Scheme, Host: up.Host,
		Path: up.Path + c.target.path, RawPath: c.route.base + c.target.raw,
		RawQuery: withoutCredentials(r.URL.RawQuery),
	}
}

// upstreamHost is the Host header that the upstream gets.
func (c *call) upstreamHost(r *http.Request) string {
	if c.route.PreserveHost {
		return r.Host
	}
	return c.route.upstream.Host
}

// connect gives each route its pool of connections, one for all to a server, and
// tells which there are. What is not plain HTTP to a plain name stays net/http's.
func (rs routes) connect() (pools []*upstream.Pool) {
	known := map[string]*upstream.Pool{}
	for _, list := range rs {
		for _, r := range list {
			up := r.upstream
			if up == nil {
				continue
			}
			r.base = up.EscapedPath()
			if up.Scheme != "http" || strings.HasSuffix(up.Host, ":") || strings.ContainsFunc(up.Host, func(c rune) bool { return c > '~' || c == '%' }) {
				continue
			}
			at := net.JoinHostPort(up.Hostname(), cmp.Or(up.Port(), "80"))
			if known[at] == nil {
				known[at] = upstream.New(upstream.Config{Address: at})
				pools = append(pools, known[at])
			}
			r.pool = known[at]
		}
	}
	return pools
}
