package spapi

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/lwa"
)

// Paths of the door: everything below Prefix, and TokenPath.
const (
	TokenPath = "/auth/o2/token"
	Prefix    = "/spapi/"
)

// Accounts is what the door reads of accounts.
type Accounts interface {
	View(ctx context.Context, id string) (*iam.Account, error)
}

// Config is what the door needs.
type Config struct {
	Guard        *guard.Guard
	Accounts     Accounts
	Applications lwa.Store
	Tokens       *lwa.Service
	Audit        *audit.Recorder
	// Origin tells where a request came from.
	Origin func(*http.Request) guard.Origin
	// Observe is told of every call: the row as an action
	// ("sellingpartnerapi:RegisterApplication", "lwa:token", "" when there is none),
	// the code of a refusal or "", and how long it took; nil: nobody is.
	Observe func(ctx context.Context, action, code string, c *guard.Caller, took time.Duration)
	Now     func() time.Time
	Rand    io.Reader
	Log     *slog.Logger
}

// Door is an http.Handler for TokenPath and all below Prefix.
type Door struct {
	cfg Config
	mux *http.ServeMux
}

// New makes the door.
func New(cfg Config) *Door {
	d := &Door{cfg: cfg, mux: http.NewServeMux()}
	for _, r := range rows() {
		d.mux.Handle(r.method+" "+root+r.path, d.signed(r))
	}
	return d
}

// Serves tells whether a path is the door's.
func Serves(path string) bool { return path == TokenPath || strings.HasPrefix(path, Prefix) }

// ServeHTTP answers one request. Paths are taken as they came: nobody is sent to
// where a tidier one would be.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == TokenPath {
		d.token(w, r)
		return
	}
	if _, pattern := d.mux.Handler(r); pattern != "" && path.Clean(r.URL.Path) == r.URL.Path {
		d.mux.ServeHTTP(w, r)
		return
	}
	d.lost(w, r)
}

// Login serves TokenPath and nothing else, under Login with Amazon's own names.
func (d *Door) Login() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == TokenPath {
			d.token(w, r)
			return
		}
		d.lost(w, r)
	})
}

// lost answers what no row is for.
func (d *Door) lost(w http.ResponseWriter, r *http.Request) {
	k := d.begin(r)
	headers(w, k.ID)
	d.observe(k, "", d.refuse(w, k, nowhere()))
}

// call is one request on its way.
type call struct {
	context.Context
	ID      string // request id
	Time    time.Time
	Request *http.Request
	Caller  *guard.Caller // nil until the signature was verified
	In      params
	// Account and Applications are the caller's, as they are read; in a write they are
	// the drafts'.
	Account      *iam.Account
	Applications *lwa.Applications
	Draft        *lwa.Draft // nil in a read
}

func (d *Door) begin(r *http.Request) *call {
	return &call{Context: r.Context(), ID: d.newID(), Time: d.cfg.Now(), Request: r}
}

func (d *Door) observe(k *call, action, code string) {
	if d.cfg.Observe != nil {
		d.cfg.Observe(k, action, code, k.Caller, d.cfg.Now().Sub(k.Time))
	}
}

// headers are on every answer: nobody keeps it, or guesses at its type.
func headers(w http.ResponseWriter, id string) {
	h := w.Header()
	h.Set("X-Amzn-Requestid", id)
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
}

// newID makes a random UUID.
func (d *Door) newID() string {
	id, err := uuid.NewRandomFromReader(d.cfg.Rand)
	if err != nil {
		panic("spapi: no randomness: " + err.Error())
	}
	return id.String()
}
