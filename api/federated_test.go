package api

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"iamd/iam"
)

// slowStore has one account in memory, and takes its time with others.
type slowStore struct {
	iam.Store
	loading atomic.Int32
	release chan struct{}
}

func (s *slowStore) Loaded(id string) (*iam.Account, bool) { return nil, id == "held" }

func (s *slowStore) View(ctx context.Context, _ string) (*iam.Account, error) {
	s.loading.Add(1)
	select {
	case <-s.release:
	case <-ctx.Done():
	}
	return nil, iam.ErrNotFound
}

// TestStrangersLoadFewAccounts: however many name one, and what is in memory waits
// for none of them.
func TestStrangersLoadFewAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{release: make(chan struct{})}
		a := &API{cfg: Config{Accounts: store}, loading: make(chan struct{}, strangersLoading)}
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if _, err := a.named(ctx, "other"); !errors.Is(err, iam.ErrNotFound) && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := store.loading.Load(); n != strangersLoading {
			t.Errorf("%d are loaded at once", n)
		}
		if _, err := a.named(ctx, "held"); err != nil {
			t.Errorf("one in memory: %v", err)
		}
		cancel()
		wait.Wait()
		close(store.release)
	})
}
