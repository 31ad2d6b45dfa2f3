package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"iamd/store"
)

// Unreliable answers two commits of so many as if the connection had been cut: one
// before it was done, and one after.
func Unreliable(b store.Shared, of uint64) store.Shared { return &unreliable{Shared: b, of: of} }

type unreliable struct {
	store.Shared
	of      uint64
	commits atomic.Uint64
}

func (u *unreliable) Commit(ctx context.Context, parts []store.Part) error {
	return unreliably(u.commits.Add(1), u.of, func() error { return u.Shared.Commit(ctx, parts) })
}

// UnreliableAlone is Unreliable for a store of one process.
func UnreliableAlone(b store.Backend, of uint64) store.Backend { return &alone{Backend: b, of: of} }

type alone struct {
	store.Backend
	of      uint64
	commits atomic.Uint64
}

func (a *alone) Commit(ctx context.Context, parts []store.Part) error {
	return unreliably(a.commits.Add(1), a.of, func() error { return a.Backend.Commit(ctx, parts) })
}

func unreliably(number, of uint64, commit func() error) error {
	switch number % of {
	case of / 3:
		return fmt.Errorf("cut before: %w", store.ErrUnavailable)
	case of * 2 / 3:
		if err := commit(); err != nil {
			return err
		}
		return fmt.Errorf("cut after: %w", store.ErrUnavailable)
	}
	return commit()
}

// Overwriting commits now and then what another process's commit should have
// refused: whoever keeps no order.
func Overwriting(b store.Shared) store.Shared { return overwriting{b} }

type overwriting struct{ store.Shared }

func (o overwriting) Commit(ctx context.Context, parts []store.Part) error {
	for {
		err := o.Shared.Commit(ctx, parts)
		if !errors.Is(err, store.ErrConflict) || rand.IntN(4) > 0 {
			return err
		}
		for i := range parts {
			if parts[i].Expect, _, err = o.Shared.Load(ctx, parts[i].Aggregate); err != nil {
				return err
			}
		}
	}
}

// Forgetful often does not tell of the newest changes: whoever reads of a
// replica that lags.
func Forgetful(b store.Shared) store.Shared { return forgetful{b} }

type forgetful struct{ store.Shared }

func (f forgetful) Changes(ctx context.Context, aggregate string, after uint64, limit int) ([]store.Change, error) {
	list, err := f.Shared.Changes(ctx, aggregate, after, limit)
	if len(list) > 0 && rand.IntN(2) == 0 {
		list = list[:len(list)-1]
	}
	return list, err
}
