package api

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/limits"
	"iamd/org"
	"iamd/sts"
	"iamd/wire"
)

// Config is what the API needs.
type Config struct {
	Guard    *guard.Guard
	STS      *sts.Service
	Accounts iam.Store
	// Organizations keeps what accounts are joined in.
	Organizations org.Store
	Audit         *audit.Recorder
	// Origin tells where a request came from.
	Origin func(*http.Request) guard.Origin
	Now    func() time.Time
	Rand   io.Reader
	Log    *slog.Logger
	// Outside is how the servers of identity providers are reached.
	Outside Outside
	// SealPage and OpenPage seal where a page of events ended: what was sealed of one
	// thing opens of no other.
	SealPage func(of string, plain []byte) []byte
	OpenPage func(of string, sealed []byte) ([]byte, error)
	// Issuer is the URL of an issuer of web identity tokens, by its id.
	Issuer func(id string) string
	// Templates are the role templates, and those of delegation requests.
	Templates *iam.Templates
	// Topics are where requestors of delegated access hear of it; nil: there are
	// none, and no such access can be asked for.
	Topics Topics
	// Console is the URL of the console.
	Console func() string
	// Arrive is asked about every request before it is read; it fails with Throttling
	// for who asks too often. nil: everybody may go on.
	Arrive func(guard.Origin) error
	// Guesses counts guesses at passwords and devices, and Hashing gives turns to
	// those who hash and compare: all doors have the same ones.
	Guesses *limits.Tries
	Hashing *limits.Turns
	// Seen adds to the header of an answer which state of the caller's account it
	// stands upon; nil: nobody asks.
	Seen func(h http.Header, account string)
	// Observe is told of every call: the action ("" when the request named
	// none), AWS's error code ("" for none), who called (nil while unknown) and the
	// time to answer.
	Observe func(ctx context.Context, action, code string, c *guard.Caller, took time.Duration)
	// Span is told of the parts of a call, by name, as they begin; what it returns is
	// called once when the part has ended. nil: nobody follows calls.
	Span func(ctx context.Context, name string) (context.Context, func(error))
}

// API serves the AWS actions.
type API struct {
	cfg     Config
	actions map[string]*Action // by service:Name
	routes  routes             // those that have paths
	usage   usage
	hashing *limits.Turns
	guesses *limits.Tries
	outside *outside
	issuers *issuers
	loading chan struct{} // slots for accounts that strangers name
	// verifying are the turns of what strangers bring and takes long: they keep
	// nobody who has keys from hashing.
	verifying *limits.Turns
	// lookups count those of an account, and looking are the turns of those that run.
	lookups *limits.Tries
	looking *limits.Turns
	buffers sync.Pool // *bytes.Buffer: what requests are read into
	notes   sync.Pool // *note
	chance  sync.Pool // *chance

	reporting sync.Map // numbers of accounts for which a report on their organization is being made
}

// New makes the API.
func New(cfg Config) *API {
	wire.Union[types.PolicyIdentifier](
		&types.PolicyIdentifierMemberInlinePolicyIdentifier{}, &types.PolicyIdentifierMemberPolicyArn{}, &types.PolicyIdentifierMemberPolicyType{})
	a := &API{cfg: cfg, actions: map[string]*Action{}, usage: usage{cfg.Audit}, hashing: cfg.Hashing, guesses: cfg.Guesses, outside: newOutside(cfg.Outside, cfg.Now)}
	a.issuers, a.loading = newIssuers(a.outside.issuerKeys, cfg.Now, cfg.Log), make(chan struct{}, strangersLoading)
	a.verifying = limits.NewHashing()
	a.lookups, a.looking = limits.NewTries(lookups), limits.NewTurns(lookupsAtOnce, lookupsOfOne)
	a.buffers.New = func() any { return new(bytes.Buffer) }
	a.notes.New = func() any { return new(note) }
	for _, row := range Actions() {
		a.actions[row.IAMAction()] = &row
	}
	a.routes = routesOf(a.actions)
	return a
}

// usage reads last-used data; what cannot be read was not used as far as a
// report can tell, and the log says why.
type usage struct{ audit *audit.Recorder }

// Key tells when, with which service and in which region a key was last used.
func (u usage) Key(ctx context.Context, account, keyID string) (at time.Time, service, region string, ok bool) {
	use, ok, err := u.audit.Key(ctx, account, keyID)
	return use.Time, use.Service, use.Region, ok && err == nil
}

// Login tells when somebody's password was last used to sign in.
func (u usage) Login(ctx context.Context, account, id string) (at time.Time, ok bool) {
	use, ok, err := u.audit.Login(ctx, account, id)
	return use.Time, ok && err == nil
}

// Role tells when and in which region a role was last used.
func (u usage) Role(ctx context.Context, account, roleID string) (at time.Time, region string, ok bool) {
	use, ok, err := u.audit.Role(ctx, account, roleID)
	return use.Time, use.Region, ok && err == nil
}
