package gateway

import (
	"cmp"
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"iamd/guard"
	"iamd/iam"
	"iamd/lwa"
	"iamd/sigv4"
	"iamd/upstream"
)

// Guard says who calls, and whether they may; *guard.Guard does.
type Guard interface {
	// Known refuses, with *guard.Refused, a request whose signature claims a key
	// that does not exist or is not active, or a session token that does not open
	// or has ended. It verifies no signature.
	Known(ctx context.Context, r *http.Request, from guard.Origin) error
	Authenticate(ctx context.Context, r *http.Request, body [32]byte, door guard.Door, from guard.Origin) (*guard.Caller, error)
	Authorize(c *guard.Caller, account *iam.Account, checks ...guard.Check) error
	// Trace tells why a caller was denied by err; nil when err is no denial, and
	// for callers whom nobody knows.
	Trace(c *guard.Caller, requestID, action string, err error) *guard.Trace
	// Message gives the encoded authorization message of a denial.
	Message(t *guard.Trace) string
}

// Deps is what a Gateway needs of the world.
type Deps struct {
	Guard Guard
	// Account gives the account of a verified caller, as it is now.
	Account func(ctx context.Context, id string) (*iam.Account, error)
	// Origin says where a request came from. nil: by the connection alone.
	Origin func(*http.Request) guard.Origin
	// Arrive is asked about every request before its body is read; it fails with
	// Throttling for who asks too often. nil: everybody may go on.
	Arrive func(guard.Origin) error
	// Record is told of every request once it is done. nil: nobody is.
	Record func(context.Context, Event)
	// Span is told of the parts of a request, by name, as they begin; what it returns
	// is called once when the part has ended. nil: nobody follows requests.
	Span func(ctx context.Context, name string) (context.Context, func(error))
	// Propagate sets the headers by which an upstream goes on with what follows a
	// request, in place of the client's; where it sets none, those pass. nil: likewise.
	Propagate func(ctx context.Context, set func(name, value string))
	// NewID makes request ids. nil: random UUIDs.
	NewID func() string
	Now   func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: discarded
	// Applications tells who sends a call, for APIs that ask for a Login with
	// Amazon token; nil: such APIs are no configuration.
	Applications Applications
}

// Gateway guards APIs. It serves any number of requests at once.
type Gateway struct {
	deps      Deps
	routes    routes
	spool     spool
	maxHeader int64
	buckets   *buckets // of usage plans
	pools     []*upstream.Pool
	transport *http.Transport
	buffers   buffers
	proxyLog  *log.Logger
}

// New checks cfg and makes a gateway. The error says which key is wrong and
// what to write instead.
func New(cfg Config, deps Deps) (*Gateway, error) {
	if deps.Guard == nil || deps.Account == nil {
		return nil, errors.New("gateway: Deps.Guard and Deps.Account are required")
	}
	cfg, err := cfg.settle()
	if err != nil {
		return nil, err
	}
	rs, err := newRoutes(cfg.APIs, cfg.UpstreamTimeout)
	if err != nil {
		return nil, err
	}
	if deps.Applications == nil && slices.ContainsFunc(cfg.APIs, func(a API) bool { return tokens(a.Authorization) }) {
		return nil, errors.New("gateway: Deps.Applications is required for APIs that ask for an access token")
	}
	g := &Gateway{deps: deps, routes: rs, transport: newTransport(), maxHeader: cfg.MaxHeader, buckets: newBuckets(maxBuckets)}
	g.pools = rs.connect()
	g.spool.max, g.spool.memory, g.spool.disk = cfg.MaxBody, cfg.MemoryBody, cfg.MaxSpool
	g.spool.share = max(cfg.MaxSpool/4, cfg.MaxBody)
	g.spool.dir, g.spool.timeout = cfg.SpoolDir, cfg.BodyTimeout
	if deps.Now == nil {
		g.deps.Now = time.Now
	}
	if deps.Origin == nil {
		g.deps.Origin = g.connection
	}
	if deps.Record == nil {
		g.deps.Record = func(context.Context, Event) {}
	}
	if deps.NewID == nil {
		g.deps.NewID = uuid.NewString
	}
	g.deps.Log = cmp.Or(deps.Log, slog.New(slog.DiscardHandler))
	g.proxyLog = proxyLog(g.deps.Log)
	return g, nil
}

// Close lets go of idle connections to upstreams.
func (g *Gateway) Close() {
	g.transport.CloseIdleConnections()
	for _, p := range g.pools {
		p.Close()
	}
}

// call is one request on its way.
type call struct {
	id     string
	origin guard.Origin
	target target // below the API's prefix
	route  *route
	body   *body
	caller *guard.Caller
	claim  sigv4.Signature // what a signed request says of its signature
	event  Event

	admission *lwa.Admission // nil until then, and where no token is asked for
	operation Operation      // of a backend
	known     bool           // the backend has it

	following []upstream.Field // tell the upstream who follows the request
}

// ServeHTTP verifies, decides and passes on.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, out := g.begin(r, g.deps.Origin(r)), &recorder{ResponseWriter: w}
	// Deferred, as a broken stream ends in http.ErrAbortHandler.
	defer g.done(r.Context(), c, out)
	if err := g.serve(c, out, r); err != nil {
		g.refuse(c, out, r, err)
	}
}

func (g *Gateway) begin(r *http.Request, from guard.Origin) *call {
	c := &call{id: g.deps.NewID(), origin: from}
	c.event = Event{RequestID: c.id, Time: g.deps.Now(), From: from, Method: r.Method, Host: r.Host}
	return c
}

// done records what became of a request.
func (g *Gateway) done(ctx context.Context, c *call, out *recorder) {
	if c.body != nil {
		c.event.BytesIn = c.body.size
		c.body.release()
	}
	c.event.Status, c.event.Caller = out.status, c.caller
	c.event.Duration = g.deps.Now().Sub(c.event.Time)
	g.deps.Record(ctx, c.event)
}

func (g *Gateway) serve(c *call, w *recorder, r *http.Request) (err error) {
	w.Header().Set(headerAnswered, c.id)
	err = g.locate(c, r)
	w.share(c.route, r)
	if throttled := g.arrive(c); throttled != nil {
		return throttled
	}
	if err != nil {
		return err
	}
	if c.route.upstream == nil && c.route.Backend == nil {
		return notFound() // decided here for other proxies, and served by none of ours
	}
	if w.preflight {
		g.preflight(c, w, r)
		return nil
	}
	// What is unsigned or signed for something else need not be taken in.
	if err := g.claimed(c, r); err != nil {
		return err
	}
	// Nor a long body before its caller is known, where it bears on that in nothing.
	early := !signs(c.route.Authorization) && !g.spool.fits(r)
	if early {
		if err := g.admit(c, r, emptyHash); err != nil {
			return err
		}
	}
	if c.body, err = g.spool.take(w, r, clientOf(c.origin.SourceIP)); err != nil {
		return unspooled(err)
	}
	if !early {
		if err := g.admit(c, r, c.body.hash); err != nil {
			return err
		}
	}
	c.event.Allowed = true
	c.tellLimit(w.Header(), r.Host)
	ctx, end := g.span(r.Context(), "upstream")
	defer func() { end(err) }() // when a broken stream panics too
	if g.deps.Propagate != nil {
		g.deps.Propagate(ctx, func(name, value string) {
			c.following = append(c.following, upstream.Field{Name: name, Value: value})
		})
	}
	return g.forward(c, w, r)
}

// locate reads the target and finds the API that is asked for.
func (g *Gateway) locate(c *call, r *http.Request) error {
	t, err := parseTarget(r)
	if err != nil {
		return err
	}
	c.event.Path = t.raw
	if c.route, c.target, err = g.routes.pick(r.Host, t); err != nil {
		return err
	}
	if c.route == nil {
		return notFound()
	}
	c.event.API, c.event.Resource = &c.route.API, c.resource(r)
	if err := g.bounded(r); err != nil {
		return err
	}
	if err := c.askable(); err != nil {
		return err
	}
	_, err = upgrade(r)
	return err
}

// resource is the ARN that the request asks for.
func (c *call) resource(r *http.Request) string {
	return c.route.arn + r.Method + c.target.path
}

const (
	service = "execute-api"
	action  = service + ":Invoke"
)

// claimed judges what a request says of its signature, without believing it. A
// body that may go to disk is taken in for keys that exist only: whoever makes
// one up gets no room there.
func (g *Gateway) claimed(c *call, r *http.Request) error {
	if !signs(c.route.Authorization) {
		return nil
	}
	sig, err := sigv4.Parse(r)
	if err != nil {
		return unverified(err)
	}
	c.claim = sig
	switch {
	case sig.Service != service:
		return forbidden(kindSignature, "Credential should be scoped to correct service: '"+service+"'. ", nil)
	case sig.Region != c.route.Region:
		return forbidden(kindSignature, "Credential should be scoped to a valid region, not '"+sig.Region+"'. ", nil)
	}
	if g.spool.fits(r) {
		return nil
	}
	if err := g.deps.Guard.Known(r.Context(), r, c.origin); err != nil {
		return unverified(err)
	}
	return nil
}

// admit verifies the caller, who sent a body of that hash, and asks whether the
// call is allowed: by policies, then by the application's token, then by how much
// was sent before. That an operation does not exist is told to nobody else.
func (g *Gateway) admit(c *call, r *http.Request, body [32]byte) error {
	if err := g.authorize(c, r, body); err != nil {
		return err
	}
	c.operate(r.Method)
	if tokens(c.route.Authorization) {
		if err := g.application(c, r); err != nil {
			return err
		}
	}
	if c.route.Backend == nil {
		return nil
	}
	if !c.known {
		return unknown(c.route.Authorization)
	}
	return g.within(c, r)
}

// authorize verifies the caller, where one is asked for, and decides by policies.
func (g *Gateway) authorize(c *call, r *http.Request, body [32]byte) (err error) {
	check := guard.Check{
		Action: action, Resource: c.event.Resource, Named: c.route.named + r.Method + c.target.path, Account: c.route.Account,
		Policies: c.route.policies, Text: c.route.ResourcePolicy,
	}
	if !signs(c.route.Authorization) {
		c.caller = guard.Anonymous(c.origin)
		if err := g.deps.Guard.Authorize(c.caller, nil, check); err != nil {
			return denied(err)
		}
		return nil
	}
	looks := c.route.looks
	looks.Claimed = &c.claim
	ctx, end := g.span(r.Context(), "authenticate")
	c.caller, err = g.deps.Guard.Authenticate(ctx, r, body, looks, c.origin)
	end(err)
	if err != nil {
		c.caller = nil
		return unverified(err)
	}
	account, err := g.deps.Account(r.Context(), c.caller.Account)
	if err != nil {
		return internal(err)
	}
	_, end = g.span(r.Context(), "authorize")
	err = g.deps.Guard.Authorize(c.caller, account, check)
	end(err)
	if err != nil {
		return denied(err)
	}
	return nil
}

// refuse answers and logs. Reasons that are not the caller's business stand in
// the log only.
func (g *Gateway) refuse(c *call, w *recorder, r *http.Request, err error) {
	var no *refusal
	if !errors.As(err, &no) {
		no = internal(err)
	}
	c.event.ErrorType, c.event.Message = no.kind, no.text
	if !c.event.Allowed {
		if c.event.Trace = g.deps.Guard.Trace(c.caller, c.id, action, err); c.event.Trace != nil {
			if message := g.deps.Guard.Message(c.event.Trace); message != "" {
				w.Header().Set(headerMessage, message)
			}
		}
	}
	level := slog.LevelDebug
	if no.status >= 500 && !iam.Unavailable(err) { // of which the server tells once
		level = slog.LevelError
	}
	g.deps.Log.Log(context.Background(), level, "gateway: refused", "request", c.id, "status", no.status,
		"type", no.kind, "action", action, "account", c.caller.AccountID(), "resource", c.event.Resource, "error", errors.Unwrap(no))
	if w.status != 0 {
		return
	}
	if no.status == 0 {
		// Who only ended their side of the connection would be told 200 by net/http.
		panic(http.ErrAbortHandler)
	}
	g.leave(c, w, r)
	authorization := ""
	if c.route != nil {
		authorization = c.route.Authorization
	}
	if no.kind == kindQuota {
		c.tellLimit(w.Header(), r.Host)
	}
	no.write(w, authorization)
}

// leave sees to what is left of a body that nobody took in.
func (g *Gateway) leave(c *call, w *recorder, r *http.Request) {
	// HTTP/2 ends the stream alone; told to close, it sends GOAWAY before the answer,
	// which some clients (Java's) take for the answer's failure.
	if c.body != nil || r.Body == nil || r.Body == http.NoBody || r.ProtoMajor != 1 {
		return
	}
	// The server reads on after an answer, to use the connection again; a
	// body that drips in would hold it for ever.
	w.Header().Set("Connection", "close")
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(lingering)); err != nil {
		g.deps.Log.Debug("gateway: read deadline", "request", c.id, "error", err)
	}
}

// lingering is how long the rest of a refused body is read.
const lingering = 2 * time.Second

// connection is where a request came from when no proxy is trusted.
func (g *Gateway) connection(r *http.Request) guard.Origin {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	return guard.Origin{
		SourceIP: ip, Secure: r.TLS != nil, UserAgent: r.UserAgent(), Referer: r.Referer(), Time: g.deps.Now(),
	}
}

var _ Guard = (*guard.Guard)(nil)
