package guard

import (
	"context"
	"fmt"
	"time"

	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
	"iamd/sts"
)

// Accounts is what the guard reads.
type Accounts interface {
	View(ctx context.Context, id string) (*iam.Account, error)
	Loaded(id string) (*iam.Account, bool)
	iam.Owners
}

// Config is what a Guard needs.
type Config struct {
	Accounts Accounts
	STS      *sts.Service
	Now      func() time.Time
	// Organizations tells where accounts stand; nil: in none.
	Organizations Organizations
	// Controlled tells for which services resource control policies are asked;
	// nil: for none.
	Controlled func(service string) bool
	// Seal seals an authorization message for one account, and Unseal opens it
	// again, failing for all that was not sealed for that account. nil: none are
	// made, and none can be decoded.
	Seal   func(account string, plain []byte) []byte
	Unseal func(account string, sealed []byte) ([]byte, error)
	// Decided is told of every decision that a request asks for, in its goroutine;
	// nil: nobody is.
	Decided func(policy.Decision)
	// Admit is asked about every caller who was verified, before anything else is done
	// for them; what it fails with is Authenticate's answer. nil: everybody may go on.
	Admit func(*Caller) error
	// Guessed is told where a signature came from that no key makes, or a key or token
	// that is none; nil: nobody is.
	Guessed func(Origin)
}

// Guard verifies callers and decides requests.
type Guard struct {
	cfg  Config
	keys *sigv4.Keys
}

// New makes a guard. It fails when there is no randomness.
func New(cfg Config) (*Guard, error) {
	keys, err := sigv4.NewKeys(sigv4.KeysConfig{})
	if err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	return &Guard{cfg: cfg, keys: keys}, nil
}

// RememberedKeys tells how often the key that a signature is verified by was
// remembered, and how often it had to be derived.
func (g *Guard) RememberedKeys() (hits, misses uint64) { return g.keys.Remembered() }

func (g *Guard) decided(d policy.Decision) {
	if g.cfg.Decided != nil {
		g.cfg.Decided(d)
	}
}
