package lwa

import (
	"context"
	"errors"
	"io"
	"time"

	"iamd/iam"
	"iamd/keyring"
	"iamd/store"
)

// Store keeps applications by account.
type Store interface {
	View(ctx context.Context, account string) (*Applications, error)
	// Owner finds whose a client id or application id is. ErrNotFound.
	Owner(ctx context.Context, u store.Unique) (account string, err error)
	Update(ctx context.Context, account string, fn func(*Draft) error) error
	// Write hands fn the draft of an account's applications, of none when it has
	// none yet, and that of the account itself, and commits both or, when fn fails,
	// none. fn may run again, and does nothing outside the drafts.
	Write(ctx context.Context, account string, fn func(*Draft, *iam.Draft) error) error
}

// ErrNotFound says that an account, its applications, or the owner of an id is not
// kept here.
var ErrNotFound = store.ErrNotFound

// Accounts tells what became of accounts.
type Accounts interface {
	View(ctx context.Context, id string) (*iam.Account, error)
}

// Config is what a Service needs.
type Config struct {
	Store    Store
	Accounts Accounts
	Ring     *keyring.Ring
	Now      func() time.Time
	Rand     io.Reader
}

// Service issues and reads tokens. It holds no state of its own.
type Service struct {
	cfg        Config
	operations *operations
}

// NewService makes a service.
func NewService(cfg Config) (*Service, error) {
	ops, err := readOperations()
	if err != nil {
		return nil, err
	}
	return &Service{cfg: cfg, operations: ops}, nil
}

// Client is an application, and the account that registered it.
type Client struct {
	Account string
	*Application
}

// application finds what a token speaks of; nil when it is no more. A closed
// account has no applications.
func (s *Service) application(ctx context.Context, account, clientID string) (*Application, error) {
	a, err := s.cfg.Accounts.View(ctx, account)
	if errors.Is(err, ErrNotFound) || err == nil && !a.Closed.IsZero() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := s.of(ctx, account)
	if all == nil || err != nil {
		return nil, err
	}
	app, _ := all.applications.Get(clientID)
	return app, nil
}

// of gives an account's applications; nil when it never had any.
func (s *Service) of(ctx context.Context, account string) (*Applications, error) {
	all, err := s.cfg.Store.View(ctx, account)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return all, err
}

// find looks an application up by its client id; nil when there is none.
func (s *Service) find(ctx context.Context, clientID string) (*Client, error) {
	if !clientForm.MatchString(clientID) {
		return nil, nil
	}
	account, err := s.cfg.Store.Owner(ctx, store.Unique{Space: spaceClient, Key: clientID})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	app, err := s.application(ctx, account, clientID)
	if app == nil || err != nil {
		return nil, err
	}
	return &Client{account, app}, nil
}

// named finds an application by its application id; nil when there is none.
func (s *Service) named(ctx context.Context, applicationID string) (*Client, error) {
	if !applicationForm.MatchString(applicationID) {
		return nil, nil
	}
	account, err := s.cfg.Store.Owner(ctx, store.Unique{Space: spaceApplication, Key: applicationID})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := s.of(ctx, account)
	if all == nil || err != nil {
		return nil, err
	}
	for app := range all.All() { // as many as the quota allows
		if app.ApplicationID == applicationID {
			return &Client{account, app}, nil
		}
	}
	return nil, nil
}

// ErrClient says that there is no such client, or that the secret is another. It
// says no more, whoever asks.
var ErrClient = errors.New("lwa: no such client, or another secret")

// Authenticate finds the application whose client id and secret these are. It
// fails with ErrClient, after the same work whatever was wrong.
func (s *Service) Authenticate(ctx context.Context, clientID, secret string) (*Client, error) {
	c, err := s.find(ctx, clientID)
	if err != nil {
		return nil, err
	}
	var secrets []Secret
	if c != nil {
		secrets = c.Secrets
	}
	if !matches(secrets, secret, s.cfg.Now()) {
		return nil, ErrClient
	}
	return c, nil
}
