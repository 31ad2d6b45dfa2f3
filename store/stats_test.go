package store_test

import (
	"context"
	"sync"
	"testing"

	"iamd/store"
)

type causeKey struct{}

// TestStats: loads, evictions and shared commits are counted, and a load and a commit
// have the values of the call that caused them, but not its end.
func TestStats(t *testing.T) {
	b := open(t)
	var mu sync.Mutex
	causes := map[string]any{}
	sizes := []int{}
	measured := store.Measured(b, func(ctx context.Context, operation string) (context.Context, func(error)) {
		mu.Lock()
		defer mu.Unlock()
		causes[operation] = ctx.Value(causeKey{})
		if ctx.Done() == nil {
			t.Errorf("%s never ends", operation)
		}
		return ctx, func(error) {}
	})
	cfg := config(measured)
	cfg.MaxLoaded, cfg.Committed = 2, func(writes int) { sizes = append(sizes, writes) }
	s := start(t, cfg)
	for _, id := range []string{"a", "b", "c"} {
		ctx, gone := context.WithCancel(context.WithValue(t.Context(), causeKey{}, id))
		if err := s.Create(ctx, id, func(d *boxDraft) error { d.put("k", id); return nil }); err != nil {
			t.Fatal(err)
		}
		gone()
		if causes["load"] != id || causes["commit"] != id {
			t.Errorf("%s: caused by %v", id, causes)
		}
	}
	if got := s.Stats(); got.Loaded > 2 || got.Loads < 3 || got.Evictions != uint64(3-got.Loaded) {
		t.Errorf("%+v", got)
	}
	if len(sizes) != 3 || sizes[0] != 1 {
		t.Errorf("commits of %v writes", sizes)
	}
}
