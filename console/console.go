package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/limits"
	"iamd/sts"
)

// Config is what the console needs.
type Config struct {
	Guard    *guard.Guard
	STS      *sts.Service
	Accounts iam.Store
	Audit    *audit.Recorder
	// Ring seals what travels by the browser between two requests.
	Ring *keyring.Ring
	// Origin tells where a request came from.
	Origin func(*http.Request) guard.Origin
	// Guesses counts guesses at passwords and devices, and Hashing gives turns to
	// those who hash and compare: the API has the same ones.
	Guesses *limits.Tries
	Hashing *limits.Turns
	// PasswordCost is what hashing a password costs, as that of users' has it.
	PasswordCost iam.PasswordCost
	// SignUp makes an account whose root user has the e-mail address and the
	// password of that hash, and gives its number; nil: nobody may sign up. It fails
	// with *iam.Error for what the person can put right.
	SignUp func(ctx context.Context, name, email, passwordHash string) (account string, err error)
	// PublicURL is where browsers reach this server, GatewayURL where the guarded
	// APIs are, "" when there are none.
	PublicURL  func() string
	GatewayURL func() string
	Version    string
	// Applications are the APIs behind the gateway; nil: there are none.
	Applications func() []Application
	// Pages serves what is no request of the door's own, the web app; nil: nothing.
	Pages http.Handler
	// Observe is told of every call: the row as an action ("console:signin", "" when
	// there is none), the code of a refusal or "", who signed (nil: nobody), and how
	// long it took; nil: nobody is.
	Observe func(ctx context.Context, action, code string, c *guard.Caller, took time.Duration)
	Now     func() time.Time
	Rand    io.Reader
	Log     *slog.Logger
}

// Console is the door. It is an http.Handler for everything under /console/.
type Console struct {
	cfg Config
	mux *http.ServeMux
	// dummy is the hash of a password that nobody has: who names no account, or
	// no user, costs one comparison as everybody does.
	dummy string
	// unknown counts guesses at names that nobody has, as Guesses counts those at
	// people's: both close alike.
	unknown *limits.Tries
	// sources counts wrong guesses by where they come from, signUps new accounts.
	sources, signUps *limits.Tries
	// failures bounds how many failed sign-ins an account's history tells of.
	failures *limits.Tries
	// arrivals are the turns of strangers: only who has one there asks for one of
	// Hashing, so that a flood of them leaves room to those who have keys.
	arrivals *limits.Turns
	// loading are slots for accounts that strangers name and that are not in memory.
	loading chan struct{}
}

// prefix is where the door's own requests are; what follows is a row's path.
const prefix = "/console/api/"

// New makes the console.
func New(cfg Config) *Console {
	c := &Console{
		cfg: cfg, mux: http.NewServeMux(), dummy: cfg.PasswordCost.Hash(cfg.Rand, iam.NewSecret(cfg.Rand)),
		unknown:  limits.NewTries(limits.Guessing),
		sources:  limits.NewTries(sourceGuessing),
		signUps:  limits.NewTries(signingUp),
		failures: limits.NewTries(recordedFailures),
		arrivals: limits.NewTurns(arrivalSlots, sourceHashing),
		loading:  make(chan struct{}, strangersLoading),
	}
	for _, row := range c.rows() {
		c.mux.Handle(row.method+" "+prefix+row.path, c.guarded(row))
	}
	c.mux.HandleFunc(prefix, c.nowhere)
	return c
}

// rows is the table of everything that the door answers: whatever is not here is
// not found. Each feature adds its own.
func (c *Console) rows() []row {
	rows := []row{
		public("about", c.about),
		unsigned("signin", (*Console).signIn),
		unsigned("signup", (*Console).signUp),
		renewRow(),
		rootPasswordRow(),
		denialsRow(),
		c.applicationsRow(),
		permissionsRow(),
	}
	rows = append(rows, passkeyRows()...)
	rows = append(rows, referenceRows()...)
	return rows
}

// row is one request that the door answers. There are three ways to make one:
// public, unsigned and signed.
type row struct {
	method, path string
	serve        func(c *Console, k *call, w http.ResponseWriter) error
}

// call is one request on its way.
type call struct {
	context.Context
	ID     string // request id
	Time   time.Time
	Origin guard.Origin
	// Request is as it came. Its body is read; handlers of public rows use the rest.
	Request *http.Request
	// Caller is who signed; nil in rows that are not signed.
	Caller *guard.Caller
	// Account is the caller's, as it is read; in a write it is the draft's.
	Account *iam.Account
	// Draft is what a write changes; nil in a read.
	Draft *iam.Draft
	// Prepared is what the row made before its draft was begun.
	Prepared any
}

// public is a row of facts that anybody may read: GET path. The handler writes its
// own answer, over the headers that are set on all; what it returns is refused.
func public(path string, handler func(k *call, w http.ResponseWriter) error) row {
	return row{http.MethodGet, path, func(_ *Console, k *call, w http.ResponseWriter) error { return handler(k, w) }}
}

// unsigned is a row for people who have no keys yet: POST path, with I as strict
// JSON (decode), answered with what run gives as JSON, or its error as a refusal.
func unsigned[I any](path string, run func(*Console, *call, *I) (any, error)) row {
	return row{http.MethodPost, path, func(c *Console, k *call, w http.ResponseWriter) error {
		in := new(I)
		if _, err := c.read(k, w, in); err != nil {
			return err
		}
		out, err := run(c, k, in)
		if err != nil {
			return err
		}
		return encode(w, out)
	}}
}

// signed is a row for people who have keys: POST path, signed for the service
// "signin" of any region. Its steps are the same for all: authenticate, decode I
// (strict JSON), authorize, run, record, encode.
type signed[I any] struct {
	path string
	// source and event name it in the account's history: "iam.amazonaws.com",
	// "EnableMFADevice".
	source, event string
	// write runs the row on a draft of the caller's account, and its event commits
	// with what it changed. A read runs on one view of the account.
	write bool
	// action is what AWS calls it, for the rules about kinds of sessions.
	action string
	// checks says what the caller must be allowed to do; nil is for what everybody
	// with good keys may ask, such as new keys of the same session.
	checks func(k *call, in *I) ([]guard.Check, error)
	// prepare does what takes long and needs no draft, for callers who are
	// allowed; nil: nothing. k.Prepared keeps what it made.
	prepare func(c *Console, k *call, in *I) error
	run     func(c *Console, k *call, in *I) (out any, err error)
	// record gives what the event tells of the request and of the answer, to be
	// written as JSON: never a secret. nil: nothing. out is nil when err is not.
	record func(in *I, out any) (request, response any)
}
