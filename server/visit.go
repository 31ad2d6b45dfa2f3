package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"iamd/guard"
)

// visit is a request at one of the doors, as the log and the traces tell of it. The
// door says the rest: who asked, for what, and how it ended.
type visit struct {
	http.ResponseWriter
	began  time.Time
	status int
	bytes  int64

	method, path, source             string
	action, code, account, principal string

	span trace.Span // nil: nobody follows it
}

type visitKey struct{}

// visitOf is the visit that a door's request is; nil where nobody wants to hear of
// visits, and for what was no HTTP request of a client.
func (s *Server) visitOf(ctx context.Context) *visit {
	if !s.visits {
		return nil
	}
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// by says who asked.
func (v *visit) by(c *guard.Caller) {
	if c != nil {
		v.account, v.principal = c.Account, c.ARN
	}
}

// WriteHeader notes the status.
func (v *visit) WriteHeader(status int) {
	if v.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		v.status = status
	}
	v.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes of the body.
func (v *visit) Write(p []byte) (int, error) {
	if v.status == 0 {
		v.status = http.StatusOK
	}
	n, err := v.ResponseWriter.Write(p)
	v.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// requestLevel is at which level requests are logged.
func (c Config) requestLevel() slog.Level {
	if c.LogRequests {
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// attended serves h, and tells of each request to the log and to who follows it. It
// is h itself when nobody wants to hear.
func (s *Server) attended(h http.Handler) http.Handler {
	if !s.visits || h == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{ResponseWriter: w, began: s.cfg.Now(), method: r.Method, path: shown(r.URL.EscapedPath(), 2), source: s.from.of(r).SourceIP}
		ctx := context.WithValue(r.Context(), visitKey{}, v)
		ctx, v.span = s.tracing.begin(ctx, r, s.from.believed(r))
		defer s.visited(v) // of a broken answer too
		h.ServeHTTP(v, r.WithContext(ctx))
		if v.status == 0 {
			v.status = http.StatusOK // net/http's, for who said nothing
		}
	})
}

// visited tells of a request that is over.
func (s *Server) visited(v *visit) {
	id, took := v.Header().Get("X-Amzn-Requestid"), s.cfg.Now().Sub(v.began)
	if v.span != nil {
		v.tell(id)
		v.span.End()
	}
	s.log(v, id, took)
}

// shown is as much of a path, as it was sent, as may be told: so many segments, and
// none that is longer than an id. Clients put secrets into paths, by mistake; our own
// doors' paths are short, and what they ask for is told by the action.
func shown(path string, segments int) string {
	const longest = len("00000000-0000-0000-0000-000000000000")
	var b strings.Builder
	for n := 0; path != "" && b.Len() < 1024; n++ {
		segment, rest := path, ""
		if i := strings.IndexByte(path[1:], '/') + 1; i > 0 {
			segment, rest = path[:i], path[i:]
		}
		switch {
		case n == segments:
			b.WriteString("/…")
			return b.String()
		case len(segment) > longest+1:
			b.WriteString("/…")
		default:
			b.WriteString(segment)
		}
		path = rest
	}
	return b.String()
}

// log writes a request's line. Of the request it has the path and nothing that may
// be a secret: no query, no header, no body.
func (s *Server) log(v *visit, id string, took time.Duration) {
	s.cfg.Log.LogAttrs(context.Background(), s.cfg.requestLevel(), "request",
		slog.String("request", id), slog.String("method", clip(v.method)), slog.String("path", v.path),
		slog.Int("status", v.status), slog.Duration("duration", took), slog.Int64("bytes", v.bytes),
		slog.String("source", v.source), slog.String("action", v.action), slog.String("code", v.code),
		slog.String("account", v.account), slog.String("principal", v.principal))
}

// hears tells whether anybody wants to hear of requests.
func (c Config) hears(t *tracing) bool {
	return t != nil || c.Log.Enabled(context.Background(), c.requestLevel())
}

// service and name of an action; both are empty for a request that has none.
func (v *visit) operation() (service, name string) {
	service, name, _ = strings.Cut(v.action, ":")
	return service, name
}
