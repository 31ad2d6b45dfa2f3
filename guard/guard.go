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
