package api

import (
	"context"
	"runtime"
	"sync"

	"iamd/iam"
)

// Passwords are hashed and compared by a few calls at a time, so that a flood of
// them leaves processors and memory to all other calls; of one account's no more
// than accountHashing run or wait, so that none keeps the others out.
const accountHashing = 8

type hashing struct {
	slots chan struct{}

	mu       sync.Mutex
	accounts map[string]int // running or waiting
}

func newHashing() *hashing {
	return &hashing{slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), accounts: map[string]int{}}
}

// do runs work for an account. It fails with AWS's Throttling, or with the
// context's error.
func (h *hashing) do(ctx context.Context, account string, work func() error) error {
	if !h.enter(account) {
		return iam.Errorf(iam.CodeThrottling, "Rate exceeded")
	}
	defer h.leave(account)
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		return work()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hashing) enter(account string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.accounts[account] >= accountHashing {
		return false
	}
	h.accounts[account]++
	return true
}

func (h *hashing) leave(account string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.accounts[account]--; h.accounts[account] == 0 {
		delete(h.accounts, account)
	}
}
