package api

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"iamd/iam"
)

// How long the keys of an issuer are believed, and how often it is asked. AWS
// tells none of its own figures.
const (
	// keysRenewed is the age from which keys are fetched anew while they still
	// serve, keysKept the age at which they serve no more: so long a key that the
	// issuer withdrew may still be good.
	keysRenewed = 15 * time.Minute
	keysKept    = time.Hour
	// unknownKeyRetry is how often an issuer is asked because of a key that it did
	// not show before: anybody can make such tokens. failedRetry is how long a
	// failure is remembered, and untrustedRetry that no authority vouches.
	unknownKeyRetry = 30 * time.Second
	failedRetry     = 10 * time.Second
	untrustedRetry  = 5 * time.Minute
	// issuersKept bounds the memory, issuerFetches the fetches at a time, and
	// accountFetches those that providers of one account make run or wait.
	issuersKept    = 4096
	issuerFetches  = 64
	accountFetches = 4
)

var (
	// errNoKey says that an issuer has no such key.
	errNoKey = errors.New("api: the issuer shows no key of that id for that algorithm")
	// errUntrusted says that no certificate authority vouches for an issuer.
	errUntrusted = errors.New("api: the issuer's certificate is not trusted")
	// errThumbprint says that its certificates aren't those that were configured
	// either.
	errThumbprint = errors.New("api: the issuer's certificates have none of the thumbprints")
	// errCrowded says that an account has too many issuers asked at a time.
	errCrowded = errors.New("api: too many issuers are being asked")
)

// issuers remembers the keys that OpenID Connect providers sign with. Those that
// came over a connection which an authority vouches for serve every account;
// those that a thumbprint vouches for serve providers with the same thumbprints.
// An issuer is asked once however many wait for it, and nothing is held meanwhile.
type issuers struct {
	fetch func(ctx context.Context, name string, thumbprints []string) (keySet, error)
	now   func() time.Time
	log   *slog.Logger
	slots chan struct{}

	mu       sync.Mutex
	held     map[string]*issuer
	accounts map[string]int // fetches that run or wait
}

// issuer is what is known of one, by one kind of trust.
type issuer struct {
	keys  keySet
	since time.Time // when keys came
	tried time.Time // when it was last asked; zero: never
	err   error     // of the last time
	asked *asking   // nil while nobody asks
}

// asking is a fetch on its way; keys and err are there once done is closed.
type asking struct {
	done chan struct{}
	keys keySet
	err  error
}

func newIssuers(fetch func(context.Context, string, []string) (keySet, error), now func() time.Time, log *slog.Logger) *issuers {
	return &issuers{
		fetch: fetch, now: now, log: log, slots: make(chan struct{}, issuerFetches),
		held: map[string]*issuer{}, accounts: map[string]int{},
	}
}

// key gives the key that a signer names, of the issuer https://name, for a
// provider of an account. It fails with AWS's refusals.
func (s *issuers) key(ctx context.Context, account, name string, thumbprints []string, by signer) (crypto.PublicKey, error) {
	key, err := s.find(ctx, account, name, nil, by)
	if errors.Is(err, errUntrusted) && len(thumbprints) > 0 {
		key, err = s.find(ctx, account, name, thumbprints, by)
	}
	switch {
	case err == nil:
		return key, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errThumbprint):
		return nil, &iam.Error{
			Code: iam.CodeInvalidIdentityToken, Err: err,
			Message: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
		}
	case errors.Is(err, errCrowded):
		// AWS's code for what may succeed when it is tried again; the words are ours.
		return nil, &iam.Error{Code: iam.CodeIDPCommunication, Err: err, Message: "Too many identity providers are being asked for their keys. Try again."}
	}
	return nil, &iam.Error{
		Code: iam.CodeInvalidIdentityToken, Err: err,
		Message: "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
	}
}

func (s *issuers) find(ctx context.Context, account, name string, thumbprints []string, by signer) (crypto.PublicKey, error) {
	key, asked, err := s.look(account, name, thumbprints, by)
	if asked == nil {
		return key, err
	}
	select {
	case <-asked.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if asked.err != nil {
		return nil, asked.err
	}
	if key := asked.keys.find(by); key != nil {
		return key, nil
	}
	return nil, errNoKey
}

// look finds a key among those that are known, or else why there is none, or else
// the fetch to wait for.
func (s *issuers) look(account, name string, thumbprints []string, by signer) (crypto.PublicKey, *asking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, now := s.issuer(name+"\x00"+strings.Join(thumbprints, " ")), s.now()
	var key crypto.PublicKey
	age := now.Sub(i.since)
	if age < keysKept {
		key = i.keys.find(by)
	}
	due := i.asked == nil && (i.tried.IsZero() || now.Sub(i.tried) >= i.rest())
	switch {
	case key != nil && age < keysRenewed:
		return key, nil, nil
	case key != nil:
		if due {
			// Who comes now need not wait; whether it can be done now is no matter.
			_ = s.ask(i, account, name, thumbprints)
		}
		return key, nil, nil
	case i.asked != nil:
		return nil, i.asked, nil
	case due:
		err := s.ask(i, account, name, thumbprints)
		return nil, i.asked, err
	case i.err != nil:
		return nil, nil, i.err
	}
	return nil, nil, errNoKey
}

// rest is how long an issuer is left in peace after it was asked.
func (i *issuer) rest() time.Duration {
	switch {
	case i.err == nil:
		return unknownKeyRetry
	case errors.Is(i.err, errUntrusted):
		return untrustedRetry
	}
	return failedRetry
}

// issuer finds an entry, or makes one in the place of another that nobody asks.
func (s *issuers) issuer(id string) *issuer {
	if i, ok := s.held[id]; ok {
		return i
	}
	for other, i := range s.held {
		if len(s.held) < issuersKept {
			break
		}
		if i.asked == nil {
			delete(s.held, other)
		}
	}
	i := new(issuer)
	s.held[id] = i
	return i
}

// ask begins a fetch. It ends by itself, whoever waits.
func (s *issuers) ask(i *issuer, account, name string, thumbprints []string) error {
	if s.accounts[account] >= accountFetches {
		return errCrowded
	}
	s.accounts[account]++
	asked := &asking{done: make(chan struct{})}
	i.asked = asked
	go func() {
		asked.keys, asked.err = s.fetched(name, thumbprints)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.accounts[account]--; s.accounts[account] == 0 {
			delete(s.accounts, account)
		}
		i.asked, i.tried, i.err = nil, s.now(), asked.err
		if asked.err == nil {
			i.keys, i.since = asked.keys, i.tried
		}
		close(asked.done)
	}()
	return nil
}

func (s *issuers) fetched(name string, thumbprints []string) (keys keySet, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), outsideTime)
	defer cancel()
	defer func() {
		if r := recover(); r != nil { // nobody's request would be there to fail
			err = fmt.Errorf("api: reading the keys of %s: %v", name, r)
		}
		if err != nil {
			s.log.Warn("keys of an identity provider not fetched", "issuer", name, "error", clip(err.Error()))
		}
	}()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.fetch(ctx, name, thumbprints)
}
