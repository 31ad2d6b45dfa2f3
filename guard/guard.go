package guard

import (
	"context"
	"fmt"
	"time"

	"iamd/iam"
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
