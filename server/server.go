package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"iamd/api"
	"iamd/audit"
	"iamd/console"
	"iamd/extauthz"
	"iamd/gateway"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/limits"
	"iamd/lwa"
	"iamd/org"
	"iamd/spapi"
	"iamd/store"
	"iamd/sts"
	"iamd/workload"
)

// accountPrefix precedes an account's number in the name of its aggregate.
const accountPrefix = "account/"

// Server is a whole iamd.
type Server struct {
	cfg      Config
	backend  store.Backend
	accounts *store.Aggregates[*iam.Account, *iam.Draft]
	joined   *organizations
	audit    *audit.Recorder
	handler  http.Handler
	gateway  http.Handler     // nil when no API is guarded
	guarded  *gateway.Gateway // what gateway leads to
	front    *front           // nil unless it listens for TLS
	// containers and metadata serve workloads; nil when there are none.
	containers *workload.Containers
	metadata   *workload.Metadata
	// envoy and forward serve proxies that ask; nil when they are closed.
	envoy   *extauthz.Envoy
	forward *extauthz.Forward
	authzen http.Handler // for programs that ask
	// applications are what the console tells of the guarded APIs.
	applications []console.Application
	metrics      *metrics
	// registered are applications that call the Selling Partner API, lwa issues and
	// reads their tokens, and spapi is the door to both.
	registered applicationStore
	lwa        *lwa.Service
	spapi      *spapi.Door
	// publicURL is the configured one, or what listening found.
	publicURL atomic.Pointer[string]
	// gatewayAt is where the gateway listens; nil when no API is guarded.
	gatewayAt atomic.Pointer[string]
	first     *Credentials
	// importing is held by the one import that runs.
	importing   sync.Mutex
	from        *origin // tells where requests come from
	throttle    *throttle
	bodies      *limits.Room // that are read into memory
	certificate *certificate // nil: the doors answer without TLS
	tracing     *tracing     // nil: nobody follows requests
	visits      bool         // somebody wants to hear of each request
	began       time.Time
	// stopping is set once the server was told to stop.
	stopping    atomic.Bool
	connections atomic.Int64 // that are open
	// keyring seals, and sealing seals anew once it has another key; sealers are both
	// at work.
	keyring  *keyringSource
	sealing  *sealing
	sealers  sync.WaitGroup
	follower *store.Follower    // nil: no other node shares the store
	outage   outage             // of the store
	leave    func()             // ends the follower; nil before it runs
	stop     context.CancelFunc // of background work
	done     chan struct{}
}

// Credentials are an account's root access key and its root user's password for
// the console, as shown once.
type Credentials struct {
	AccountID       string
	AccountName     string
	Email           string
	AccessKeyID     string
	SecretAccessKey string
	Password        string // empty: there is none
	// File and ConsoleFile are where key and password were written; empty for
	// accounts made later.
	File, ConsoleFile string
}

// ErrNoAccounts says that the data directory holds no accounts, and that none
// were to be made.
var ErrNoAccounts = errors.New("no accounts")

// New opens everything and makes the first account when there is none, unless
// the configuration asks for what exists: then it is ErrNoAccounts. The caller
// must Close what it returns.
func New(ctx context.Context, cfg Config) (_ *Server, err error) {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, done: make(chan struct{}), metrics: newMetrics(), began: cfg.Now()}
	s.outage.log = cfg.Log
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	origin, err := newOrigin(cfg.TrustedProxies, cfg.Now)
	if err != nil {
		return nil, err
	}
	if s.throttle, err = newThrottle(cfg.Limits, origin); err != nil {
		return nil, err
	}
	s.bodies = limits.NewRoom(roomOfBodies)
	if s.certificate, err = newCertificate(cfg); err != nil {
		return nil, err
	}
	if err := s.name(); err != nil {
		return nil, err
	}
	if s.tracing, err = newTracing(ctx, cfg); err != nil {
		return nil, err
	}
	s.from, s.visits = origin, cfg.hears(s.tracing)
	if err := cfg.StandIn.check(); err != nil {
		return nil, err
	}
	if s.backend, err = open(ctx, cfg); err != nil {
		return nil, err
	}
	s.backend = store.Measured(s.backend, s.probe)
	if err := s.overlooked(ctx); err != nil {
		return nil, err
	}
	s.follow()
	held, err := s.backend.List(ctx, accountPrefix, "", lookAt)
	if err != nil {
		return nil, err
	}
	if cfg.Existing && len(held) == 0 {
		return nil, noAccounts(cfg)
	}
	if s.keyring, err = openKeyring(cfg, len(held) == 0); err != nil {
		return nil, err
	}
	ring := s.keyring.ring
	s.accounts = accounts(cfg, s.backend, s.follower, ring, s.committed)
	s.joined = newOrganizations(cfg, s.backend, s.follower, s.accounts, s.committed)
	known, told := accountStore{s.accounts}, newVersions(ring, accountStore{s.accounts}, s.joined)
	if err := s.join(ctx); err != nil {
		return nil, err
	}
	if err := s.fits(ctx, held); err != nil {
		return nil, err
	}
	templates, err := iam.NewTemplates(cfg.Templates)
	if err != nil {
		return nil, err
	}
	tokens := sts.New(sts.Config{Ring: ring, Now: cfg.Now, Rand: cfg.Rand})
	gate, err := guard.New(guard.Config{
		Accounts: known, STS: tokens, Now: cfg.Now, Organizations: s.joined, Controlled: controlled(cfg),
		Decided: s.metrics.decisions.count, Admit: s.throttle.admit, Guessed: s.throttle.guessed,
		Seal: func(account string, plain []byte) []byte {
			return ring.Seal(keyring.AuthorizationMessage, plain, []byte(account))
		},
		Unseal: func(account string, sealed []byte) ([]byte, error) {
			return ring.Open(keyring.AuthorizationMessage, sealed, []byte(account))
		},
	})
	if err != nil {
		return nil, err
	}
	s.audit = s.recorder()
	s.authzen = s.authzenDoor(gate, ring, origin)
	if s.spapi, err = s.applicationDoor(gate, ring, origin); err != nil {
		return nil, err
	}
	guesses, hashing := limits.NewTries(limits.Guessing), limits.NewHashing()
	seen, noOlder := told.tell, told.noOlder
	if s.follower == nil { // every answer stands upon the newest state
		seen, noOlder = nil, func(h http.Handler) http.Handler { return h }
	}
	aws := api.New(api.Config{
		Seen:   seen,
		Arrive: s.throttle.arrive, Guesses: guesses, Hashing: hashing,
		Guard: gate, STS: tokens, Accounts: known, Organizations: s.joined, Audit: s.audit, Origin: origin.of,
		Now: cfg.Now, Rand: cfg.Rand, Log: cfg.Log, Observe: s.observe, Span: s.tracing.part(),
		Outside: cfg.Outside, Issuer: s.issuerURL,
		Templates: templates, Topics: cfg.Topics, Console: s.ConsoleURL, SealPage: sealPage(ring), OpenPage: openPage(ring),
	})
	s.handler = s.attended(s.holding(gate, noOlder(entrance(origin, s.mount(aws, s.consoleDoor(gate, tokens, ring, origin, guesses, hashing))))))
	if err := s.documented(); err != nil {
		return nil, err
	}
	owner, err := s.standIn(ctx)
	if err != nil {
		return nil, err
	}
	cfg = s.cfg
	if len(cfg.Gateway.APIs) > 0 {
		at := s.url(cfg.Gateway.Listen)
		s.gatewayAt.Store(&at)
		guarded, err := gateway.New(cfg.Gateway, s.gatewayDeps(gate, origin))
		if err != nil {
			return nil, err
		}
		s.guarded, s.gateway, s.applications = guarded, noOlder(guarded), applications(guarded.APIs())
	}
	if cfg.TLSListen != "" {
		if s.front, err = s.newFront(s.attended(s.holding(gate, noOlder(aws)))); err != nil {
			return nil, err
		}
	}
	if err := s.askedBy(s.guarded, origin); err != nil {
		return nil, err
	}
	if err := s.openTo(cfg.Workloads, gate, tokens); err != nil {
		return nil, err
	}
	s.outage.refused.Store(new(s.writesRefused))
	s.show(state{gate: gate, tokens: tokens, caches: s.caches(), follower: s.followed()})
	// Last, so that a start that fails for another reason makes no account.
	if err := s.begin(ctx, len(held) == 0); err != nil {
		return nil, err
	}
	if err := s.beginOwner(ctx, owner); err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.keepSealed(background)
	go func() {
		s.renewal(background)
		s.prune(background)
	}()
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:4566"
	}
	if c.TLSListen == "" && c.StandIn.Name != "" {
		c.TLSListen = defaultTLSListen
	}
	if c.Workloads.Container.Listen == "" {
		c.Workloads.Container.Listen = "127.0.0.1:4568"
	}
	if c.Workloads.Instance.Listen == "" {
		c.Workloads.Instance.Listen = "127.0.0.1:4569"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Quotas == (iam.Quotas{}) {
		c.Quotas = iam.DefaultQuotas()
	}
	if c.OrganizationQuotas == (org.Quotas{}) {
		c.OrganizationQuotas = org.DefaultQuotas()
	}
	return c
}

func noAccounts(cfg Config) error {
	return fmt.Errorf("data directory %q: %w: is it the one that iamd serve has as its --data-dir?", cfg.DataDir, ErrNoAccounts)
}

// accounts wires the rules of IAM to the rows.
func accounts(cfg Config, backend store.Backend, follower *store.Follower, ring *keyring.Ring, committed func(int)) *store.Aggregates[*iam.Account, *iam.Draft] {
	env := &iam.Env{
		Now: cfg.Now, Rand: cfg.Rand, Quotas: cfg.Quotas, PasswordCost: cfg.PasswordCost,
		Seal: func(account, keyID, secret string) []byte {
			return ring.Seal(keyring.Secret, []byte(secret), bound(account, keyID))
		},
		Unseal: func(account, keyID string, sealed []byte) (string, error) {
			secret, err := ring.Open(keyring.Secret, sealed, bound(account, keyID))
			return string(secret), err
		},
	}
	all := store.New(store.Config[*iam.Account, *iam.Draft]{
		Backend: backend, Prefix: accountPrefix,
		Load:     func(id string, rows []store.Row) (*iam.Account, error) { return iam.Load(env, id, rows) },
		New:      func(id string) *iam.Account { return iam.NewAccount(env, id) },
		Follower: follower, Apply: (*iam.Account).Apply, Committed: committed,
	})
	env.Principal, env.Named = strangers{all}.principal, strangers{all}.named
	return all
}

func bound(account, keyID string) []byte { return []byte(account + "/" + keyID) }

// Handler serves the AWS APIs, /healthz, /readyz and /metrics.
func (s *Server) Handler() http.Handler { return s.handler }

// Gateway serves the guarded APIs; nil when there are none.
func (s *Server) Gateway() http.Handler { return s.attended(s.gateway) }

// FirstStart gives the root credentials that New made, and nil when the first
// account was there already.
func (s *Server) FirstStart() *Credentials { return s.first }

// Close writes what waits and closes the store. It does not end requests under
// way: whoever serves the handlers does that first.
func (s *Server) Close(ctx context.Context) error {
	var errs []error
	if s.leave != nil {
		s.leave()
	}
	if s.stop != nil {
		s.stop()
		<-s.done
		s.sealers.Wait()
	}
	if s.audit != nil {
		errs = append(errs, s.audit.Close(ctx))
	}
	if s.registered.Aggregates != nil {
		errs = append(errs, s.registered.Close(ctx))
	}
	if s.joined != nil {
		errs = append(errs, s.joined.all.Close(ctx))
	}
	if s.accounts != nil {
		errs = append(errs, s.accounts.Close(ctx))
	}
	if s.backend != nil {
		errs = append(errs, s.backend.Close())
	}
	s.tracing.close(ctx)
	return errors.Join(errs...)
}

// prune forgets what is older than the history, once at start and every hour.
func (s *Server) prune(ctx context.Context) {
	defer close(s.done)
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := s.joined.clean(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("closed accounts not taken out of their organizations", "error", err)
		}
		for {
			n, err := s.backend.Prune(ctx, s.cfg.Now().Add(-s.history()))
			if err != nil && ctx.Err() == nil {
				s.cfg.Log.Error("old events not removed", "error", err)
			}
			if n == 0 || err != nil {
				break
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
