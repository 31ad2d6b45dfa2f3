package limits

import (
	"context"
	"sync"

	"iamd/iam"
)

// Turns let a few calls at a time do what takes long, so that a flood of them
// leaves room to all other calls; of one account's no more than its share run or
// wait, so that none keeps the others out.
type Turns struct {
	slots chan struct{}
	share int // of an account, running or waiting

	mu       sync.Mutex
	accounts map[string]int // running or waiting
}

// NewTurns lets so many run at a time.
func NewTurns(slots, share int) *Turns {
	return &Turns{slots: make(chan struct{}, slots), share: share, accounts: map[string]int{}}
}

// Do runs work for an account. It fails with AWS's Throttling, or with the
// context's error.
func (t *Turns) Do(ctx context.Context, account string, work func() error) error {
	if !t.enter(account) {
		return iam.Errorf(iam.CodeThrottling, "Rate exceeded")
	}
	defer t.leave(account)
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
		return work()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *Turns) enter(account string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.accounts[account] >= t.share {
		return false
	}
	t.accounts[account]++
	return true
}

func (t *Turns) leave(account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.accounts[account]--; t.accounts[account] == 0 {
		delete(t.accounts, account)
	}
}
