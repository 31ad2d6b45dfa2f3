package api

import (
	"context"
	"sync"

	"iamd/iam"
)

// turns let a few calls at a time do what takes long, so that a flood of them
// leaves room to all other calls; of one account's no more than its share run or
// wait, so that none keeps the others out.
type turns struct {
	slots chan struct{}
	share int // of an account, running or waiting

	mu       sync.Mutex
	accounts map[string]int // running or waiting
}

// newTurns lets so many run at a time.
func newTurns(slots, share int) *turns {
	return &turns{slots: make(chan struct{}, slots), share: share, accounts: map[string]int{}}
}

// do runs work for an account. It fails with AWS's Throttling, or with the
// context's error.
func (t *turns) do(ctx context.Context, account string, work func() error) error {
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

func (t *turns) enter(account string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.accounts[account] >= t.share {
		return false
	}
	t.accounts[account]++
	return true
}

func (t *turns) leave(account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.accounts[account]--; t.accounts[account] == 0 {
		delete(t.accounts, account)
	}
}
