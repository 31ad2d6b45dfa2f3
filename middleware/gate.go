package middleware

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"iamd/sigv4"
)

// Config says where iamd is, and within what bounds requests are taken in. Zero
// values are the defaults that the comments name.
type Config struct {
	// Endpoint is iamd's URL, such as http://127.0.0.1:4566. Required.
	Endpoint string
	// Credentials gives the program's own keys, whenever iamd is asked. Required.
	// Static is for keys that don't change.
	Credentials func(context.Context) (sigv4.Credentials, error)
	// Region is the one that questions are signed for, whichever; "us-east-1".
	Region string

	MaxBody    int64 // bytes of a request's body; 10 MiB
	MemoryBody int64 // bytes of it kept in memory, the rest goes to disk; 64 KiB
	MaxSpool   int64 // bytes of all bodies on disk together; 1 GiB
	SpoolDir   string
	// BodyTimeout is how long a client may take to send a body; 1 minute.
	BodyTimeout time.Duration
	// Timeout is how long iamd may take to answer; 5 seconds.
	Timeout time.Duration

	// SourceIP tells where a request came from; nil: from its connection. Programs
	// behind a proxy set it, and Secure.
	SourceIP func(*http.Request) string
	// Secure tells whether a client's connection is by TLS; nil: by the connection.
	Secure func(*http.Request) bool
	Client *http.Client     // to ask iamd by, which then follows no redirects; nil: one of its own
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: discarded
}

// Static gives the same keys always. Token is "" for a user's own.
func Static(keyID, secret, token string) func(context.Context) (sigv4.Credentials, error) {
	return func(context.Context) (sigv4.Credentials, error) {
		return sigv4.Credentials{KeyID: keyID, Secret: secret, Token: token}, nil
	}
}

// Gate lets callers in whom iamd allows. It serves any number of requests at once.
type Gate struct {
	cfg      Config
	endpoint string // of evaluations
	spool    spool
}

// New checks cfg and makes a gate. The error says what to write instead.
func New(cfg Config) (*Gate, error) {
	at, err := url.Parse(cfg.Endpoint)
	switch {
	case err != nil:
		return nil, errors.New("middleware: Endpoint must be a URL such as http://127.0.0.1:4566")
	case at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "":
		return nil, errors.New("middleware: Endpoint " + at.Redacted() + " must be a URL such as http://127.0.0.1:4566")
	case cfg.Credentials == nil:
		return nil, errors.New("middleware: Credentials are required: the program's own keys, such as middleware.Static(id, secret, \"\")")
	case cfg.MaxBody < 0 || cfg.MemoryBody < 0 || cfg.MaxSpool < 0 || cfg.BodyTimeout < 0 || cfg.Timeout < 0:
		return nil, errors.New("middleware: a bound is negative: leave it out for the default")
	}
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	cfg.Timeout = cmp.Or(cfg.Timeout, 5*time.Second)
	if cfg.SourceIP == nil {
		cfg.SourceIP = connection
	}
	if cfg.Secure == nil {
		cfg.Secure = func(r *http.Request) bool { return r.TLS != nil }
	}
	var client http.Client
	if cfg.Client != nil {
		client = *cfg.Client
	}
	// Whoever is where a redirect leads is not who was asked.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cfg.Client = &client
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	g := &Gate{cfg: cfg, endpoint: strings.TrimSuffix(cfg.Endpoint, "/") + "/access/v1/evaluation"}
	g.spool = spool{
		max: cmp.Or(cfg.MaxBody, 10<<20), disk: cmp.Or(cfg.MaxSpool, 1<<30),
		dir: cmp.Or(cfg.SpoolDir, os.TempDir()), timeout: cmp.Or(cfg.BodyTimeout, time.Minute),
	}
	g.spool.memory = min(cmp.Or(cfg.MemoryBody, 64<<10), g.spool.max)
	return g, nil
}

func connection(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	host, _, _ = strings.Cut(host, "%") // the zone says nothing elsewhere
	return host
}

// Principal is who sent a request.
type Principal struct {
	// ARN is a user's, the root user's, or of a session; empty for an API that asks
	// for no signature.
	ARN       string
	Account   string // twelve digits
	UserID    string // aws:userid, such as AIDA…
	RequestID string // by which iamd knows the request
}

// admitted is a request that was let in.
type admitted struct {
	gate      *Gate
	principal Principal
	subject   subject
}

type contextKey struct{}

// PrincipalFrom gives the caller of the request that a handler serves; false for a
// context that is not from a Handler's request.
func PrincipalFrom(ctx context.Context) (Principal, bool) {
	in, ok := ctx.Value(contextKey{}).(*admitted)
	if !ok {
		return Principal{}, false
	}
	return in.principal, true
}

// maxHeaders is how many bytes of headers a request may have.
const maxHeaders = 64 << 10

// Handler lets next serve requests that iamd allows, and answers the others as iamd
// says. What next gets has neither credentials nor the client's own X-Iamd- headers;
// X-Iamd-Principal-Arn and the like are iamd's word.
func (g *Gate) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if headerBytes(r.Header) > maxHeaders {
			refuse(w, http.StatusRequestHeaderFieldsTooLarge, "RequestHeaderFieldsTooLarge", "The request's headers are too long.")
			return
		}
		b, err := g.spool.take(w, r)
		if err != nil {
			g.unspooled(w, r, err)
			return
		}
		defer b.release()
		s := g.describe(r, b.hash)
		answer, err := g.ask(r.Context(), s, actionInvoke, resource{Type: "request", ID: "*"}, nil)
		if err != nil {
			g.cfg.Log.Error("middleware: iamd was not asked", "error", err)
			refuse(w, http.StatusServiceUnavailable, "ServiceUnavailableException", "Whether you may do this cannot be found out at the moment.")
			return
		}
		if !answer.Decision {
			answer.Context.refuse(w)
			return
		}
		in := &admitted{gate: g, subject: s, principal: Principal{
			ARN: answer.Context.Principal, Account: answer.Context.Account, UserID: answer.Context.UserID, RequestID: answer.Context.RequestID,
		}}
		next.ServeHTTP(w, pass(r, in, &answer.Context, b))
	})
}

func headerBytes(h http.Header) (n int) {
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v) + 4
		}
	}
	return n
}

// pass is the request as the handler gets it.
func pass(r *http.Request, in *admitted, said *grounds, b *body) *http.Request {
	out := r.Clone(context.WithValue(r.Context(), contextKey{}, in))
	out.Trailer = nil // nobody verified it
	for _, name := range said.Remove {
		delete(out.Header, name)
	}
	maps.DeleteFunc(out.Header, func(name string, _ []string) bool { return credential(name) })
	for name, values := range said.Set {
		out.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	if out.URL.RawQuery != "" {
		path, _, _ := strings.Cut(out.RequestURI, "?")
		out.URL.RawQuery = withoutCredentials(out.URL.RawQuery)
		if out.RequestURI = path; out.URL.RawQuery != "" {
			out.RequestURI += "?" + out.URL.RawQuery
		}
	}
	out.Body, out.ContentLength, out.TransferEncoding = b.reader(), b.size, nil
	out.GetBody = nil
	return out
}

// credential tells whether a header is the caller's credential or says who calls,
// whatever iamd has named.
func credential(name string) bool {
	plain := strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			return c
		}
		return '-'
	}, strings.ToLower(name))
	return plain == "x-amz-security-token" || strings.HasPrefix(plain, "x-iamd-")
}

// withoutCredentials takes the parameters of a presigned URL out of a query.
func withoutCredentials(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err == nil && len(name) >= 6 && strings.EqualFold(name[:6], "x-amz-") {
			continue
		}
		kept = append(kept, pair)
	}
	return strings.Join(kept, "&")
}

// unspooled answers for a body that could not be taken in.
func (g *Gate) unspooled(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Connection", "close") // what is left on it can't be trusted to be a request
	var long *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &long):
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The body may have "+strconv.FormatInt(long.Limit, 10)+" bytes.")
	case errors.Is(err, errSpoolFull):
		refuse(w, http.StatusServiceUnavailable, "ServiceUnavailableException", "Too many bodies are being received.")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		refuse(w, http.StatusRequestTimeout, "RequestTimeoutException", "The body did not arrive in time.")
	case errors.As(err, new(*os.PathError)):
		g.cfg.Log.ErrorContext(r.Context(), "middleware: a body was not kept", "error", err)
		refuse(w, http.StatusInternalServerError, "InternalServerErrorException", "Internal server error")
	default:
		refuse(w, http.StatusBadRequest, "BadRequestException", "The body could not be read.")
	}
}

// refuse answers in the form that API Gateway's own refusals have.
func refuse(w http.ResponseWriter, status int, kind, text string) {
	body, err := json.Marshal(map[string]string{"message": text})
	if err != nil {
		panic(err) // strings always marshal
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Errortype", kind)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that does not read its refusal is no concern of ours.
	_, _ = w.Write(body)
}
