package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/storetest"
)

// process is one of several that share a store: its boxes, and its way there.
type process struct {
	*boxes
	way      *storetest.Node
	follower *store.Follower
	applied  func() int
}

// processes share one store.
func processes(t *testing.T, n int, stale time.Duration, change ...func(*store.Config[*box, *boxDraft])) []*process {
	t.Helper()
	return processesOn(t, storetest.NewNetwork(open(t)), n, stale, change...)
}

func processesOn(t *testing.T, net *storetest.Network, n int, stale time.Duration, change ...func(*store.Config[*box, *boxDraft])) []*process {
	t.Helper()
	list := make([]*process, n)
	for i := range list {
		p := &process{way: net.Node()}
		p.follower = store.NewFollower(store.FollowConfig{Backend: p.way, Stale: stale})
		var mu sync.Mutex
		applied := 0
		p.applied = func() int { mu.Lock(); defer mu.Unlock(); return applied }
		cfg := config(p.way)
		cfg.Follower = p.follower
		cfg.Apply = func(b *box, rows []store.Row) (*box, error) {
			mu.Lock()
			defer mu.Unlock()
			applied++
			next := &box{maps.Clone(b.items)}
			for _, r := range rows {
				if next.items[r.Key] = string(r.Data); r.Data == nil {
					delete(next.items, r.Key)
				}
			}
			return next, nil
		}
		for _, c := range change {
			c(&cfg)
		}
		p.boxes = start(t, cfg)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.follower.Run(ctx)
		}()
		t.Cleanup(func() { stop(); <-ended })
		p.stands(t, "it follows", func(s store.State) bool { return s.Stalled == nil })
		list[i] = p
	}
	return list
}

func (p *process) stands(t *testing.T, what string, so func(store.State) bool) {
	t.Helper()
	until(t, what, func() bool { return so(p.follower.State()) })
}

func (p *process) item(t *testing.T, key string) string { return item(t, p.boxes, "1", key) }

func (p *process) put(key, value string) error {
	return p.Update(context.Background(), "1", put(key, value))
}

// TestFollow: what one process commits the others come to see, by the changes alone.
func TestFollow(t *testing.T) {
	list := processes(t, 2, 0)
	a, b := list[0], list[1]
	create(t, a.boxes, "1")
	b.item(t, "x") // in memory from now on
	for n := range 30 {
		if err := a.put("x", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		until(t, "the other sees it", func() bool { return b.item(t, "x") == fmt.Sprint(n) })
	}
	if b.applied() == 0 {
		t.Error("the value was loaded anew each time")
	}
}

// TestFollowPruned: changes that are gone make the value be loaded.
func TestFollowPruned(t *testing.T) {
	list := processes(t, 2, 0)
	a, b := list[0], list[1]
	create(t, a.boxes, "1")
	b.item(t, "x")
	b.way.Quiet(true)
	if err := a.put("x", "new"); err != nil {
		t.Fatal(err)
	}
	for {
		n, err := a.way.Prune(t.Context(), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	b.way.Quiet(false)
	until(t, "the other sees it", func() bool { return b.item(t, "x") == "new" })
	if b.applied() != 0 {
		t.Error("changes were applied that were pruned")
	}
}

// TestFollowWrites: writers in several processes lose none of each other's writes.
func TestFollowWrites(t *testing.T) {
	list := processes(t, 3, 0)
	create(t, list[0].boxes, "1")
	const each = 60
	var all sync.WaitGroup
	for _, p := range list {
		for range 3 {
			all.Go(func() {
				for range each / 3 {
					if err := p.Update(context.Background(), "1", count); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	for _, p := range list {
		until(t, "all writes are seen", func() bool { return p.item(t, "n") == fmt.Sprint(each*len(list)) })
	}
}

// TestNewest: it sees what was committed before, also without any news.
func TestNewest(t *testing.T) {
	list := processes(t, 2, 0)
	a, b := list[0], list[1]
	create(t, a.boxes, "1")
	b.item(t, "x")
	b.way.Quiet(true)
	if err := a.put("x", "new"); err != nil {
		t.Fatal(err)
	}
	if got := b.item(t, "x"); got != "" {
		t.Fatalf("there was news: %q", got)
	}
	if err := b.Reach(t.Context(), "1", a.Version("1")); err != nil || b.item(t, "x") != "new" {
		t.Errorf("Reach: %v, %q", err, b.item(t, "x"))
	}
	if err := a.put("x", "newer"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if v, err := b.Newest(t.Context(), "1"); err != nil || v.items["x"] != "newer" {
				t.Errorf("Newest: %v, %v", v, err)
			}
		})
	}
	all.Wait()
	if err := b.Reach(t.Context(), "1", a.Version("1")+1); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a version that never was: %v", err)
	}
	if _, err := b.Newest(t.Context(), "2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Newest of nothing: %v", err)
	}
	// What is not in memory is loaded, and that is the newest.
	if err := list[1].Reach(t.Context(), "2", 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Reach of nothing: %v", err)
	}
}

// TestStale: memory counts for as long as it may after the last news.
func TestStale(t *testing.T) {
	for name, stale := range map[string]time.Duration{"an hour": time.Hour, "not at all": 0} {
		t.Run(name, func(t *testing.T) {
			p := processes(t, 1, stale)[0]
			create(t, p.boxes, "1")
			p.item(t, "x")
			p.way.Cut(true)
			p.stands(t, "it is stalled", func(s store.State) bool { return s.Stalled != nil })
			if err := p.put("x", "y"); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("a write: %v", err)
			}
			err := store.Together(t.Context(), p.Share("1", func(d *boxDraft) error { d.put("x", "y"); return nil }))
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("a write with others: %v", err)
			}
			_, err = p.View(t.Context(), "1")
			_, loaded := p.Loaded("1")
			if stale == 0 && (!errors.Is(err, store.ErrStale) || loaded) || stale > 0 && (err != nil || !loaded) {
				t.Errorf("a read: %v, %v", err, loaded)
			}
			_, owner := p.Owner(t.Context(), store.Unique{Space: "s", Key: "x"})
			_, ids := p.IDs(t.Context(), "", 1)
			if stale == 0 && (!errors.Is(owner, store.ErrStale) || !errors.Is(ids, store.ErrStale)) {
				t.Errorf("a lookup: %v, a list: %v", owner, ids)
			}
			if s := p.follower.State(); s.Readable != (stale > 0) {
				t.Errorf("%+v", s)
			}
			p.way.Cut(false)
			p.stands(t, "it is well again", func(s store.State) bool { return s.Stalled == nil })
			if err := p.put("x", "y"); err != nil || p.item(t, "x") != "y" {
				t.Errorf("after that: %v", err)
			}
		})
	}
}

// TestSilence: a follower that is told nothing counts as stalled, though nothing fails.
func TestSilence(t *testing.T) {
	p := processes(t, 1, 0)[0]
	create(t, p.boxes, "1")
	p.way.Quiet(true)
	p.stands(t, "it is stalled", func(s store.State) bool { return s.Stalled != nil })
	if _, err := p.View(t.Context(), "1"); !errors.Is(err, store.ErrStale) {
		t.Errorf("a read: %v", err)
	}
	if _, err := p.Owner(t.Context(), store.Unique{Space: "s", Key: "k"}); !errors.Is(err, store.ErrStale) {
		t.Errorf("a look-up: %v", err)
	}
	p.way.Quiet(false)
	p.stands(t, "it is well again", func(s store.State) bool { return s.Stalled == nil })
}

// TestBackAgain: who reads once news comes again is not answered from what was in
// memory while none came.
func TestBackAgain(t *testing.T) {
	list := processes(t, 2, time.Hour)
	a, b := list[0], list[1]
	create(t, a.boxes, "1")
	b.item(t, "x")
	b.way.Quiet(true)
	for n := range 2 {
		b.stands(t, "it is stalled", func(s store.State) bool { return s.Stalled != nil })
		if err := a.put("x", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		b.follower.Feed().Moved("box/1", a.Version("1"))
		b.follower.Feed().Current(time.Now())
		if v, ok := b.Loaded("1"); ok && v.items["x"] != fmt.Sprint(n) {
			t.Errorf("Loaded after change %d: %q", n, v.items["x"])
		}
		if got := b.item(t, "x"); got != fmt.Sprint(n) {
			t.Errorf("View after change %d: %q", n, got)
		}
	}
}

// TestKnownToBeOld: a value of which something newer is known is not given, also
// while memory counts.
func TestKnownToBeOld(t *testing.T) {
	list := processes(t, 2, time.Hour)
	a, b := list[0], list[1]
	create(t, a.boxes, "1")
	b.item(t, "x")
	b.way.Quiet(true)
	if err := a.put("x", "new"); err != nil {
		t.Fatal(err)
	}
	// The news comes through, and then nothing does.
	b.way.Cut(true)
	b.follower.Feed().Moved("box/1", a.Version("1"))
	until(t, "the old value is dropped", func() bool { _, ok := b.Loaded("1"); return !ok })
	if _, err := b.View(t.Context(), "1"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a read: %v", err)
	}
	b.way.Cut(false)
	b.way.Quiet(false)
	until(t, "it is loaded again", func() bool { v, err := b.View(t.Context(), "1"); return err == nil && v.items["x"] == "new" })
}

// TestHeldWithoutValue: an aggregate whose value is not there yet, or not any more, is
// told of as long as somebody may come to read it.
func TestHeldWithoutValue(t *testing.T) {
	b := open(t)
	p := processesOn(t, storetest.NewNetwork(b), 1, 0)[0]
	entered, commit := b.gate()
	done := make(chan error, 1)
	go func() { done <- p.Create(t.Context(), "1", put("x", "y")) }()
	<-entered
	if held := p.follower.Feed().Held(); len(held) != 1 || held["box/1"] != 0 {
		t.Errorf("held is %v", held)
	}
	commit()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if held := p.follower.Feed().Held(); len(held) != 1 || held["box/1"] != 1 {
		t.Errorf("held is %v", held)
	}
}

// putBack is a backend that holds another state from a moment on.
type putBack struct {
	*backend
	now atomic.Pointer[backend]
}

func (p *putBack) Load(ctx context.Context, aggregate string) (uint64, []store.Row, error) {
	return p.now.Load().Load(ctx, aggregate)
}

func (p *putBack) Commit(ctx context.Context, parts []store.Part) error {
	return p.now.Load().Commit(ctx, parts)
}

func (p *putBack) Changes(ctx context.Context, aggregate string, after uint64, limit int) ([]store.Change, error) {
	return p.now.Load().Changes(ctx, aggregate, after, limit)
}

// TestReverted: what the backend does not hold any more is not given once that is told,
// nor written upon in any case, whatever the versions are.
func TestReverted(t *testing.T) {
	for what, commits := range map[string]int{"an earlier version": 1, "the same version": 2, "a later version": 3} {
		for _, told := range []bool{true, false} {
			if !told && commits != 1 {
				continue // nobody could know
			}
			t.Run(fmt.Sprint(what, ", told ", told), func(t *testing.T) {
				b := &putBack{backend: open(t)}
				b.now.Store(b.backend)
				p := processesOn(t, storetest.NewNetwork(b), 1, time.Hour)[0]
				create(t, p.boxes, "1")
				if err := p.put("x", "lost"); err != nil || p.item(t, "x") != "lost" {
					t.Fatal(err)
				}
				earlier := open(t)
				other := start(t, config(earlier))
				create(t, other, "1")
				for n := 1; n < commits; n++ {
					if err := other.Update(t.Context(), "1", put("y", "there")); err != nil {
						t.Fatal(err)
					}
				}
				b.now.Store(earlier)
				if told {
					p.follower.Feed().Reverted("box/1")
					if _, ok := p.Loaded("1"); ok || p.Version("1") != 0 {
						t.Error("what is no more is there")
					}
					if v, err := p.View(t.Context(), "1"); err != nil || v.items["x"] != "" || (v.items["y"] == "there") != (commits > 1) {
						t.Errorf("View: %v, %v", v, err)
					}
					if err := p.Reach(t.Context(), "1", 9); !errors.Is(err, store.ErrUnavailable) {
						t.Errorf("Reach of what is no more: %v", err)
					}
				}
				if err := p.put("z", "new"); err != nil {
					t.Fatalf("a write: %v", err)
				}
				if p.item(t, "x") != "" || p.item(t, "z") != "new" {
					t.Errorf("after a write: x is %q, z %q", p.item(t, "x"), p.item(t, "z"))
				}
			})
		}
	}
}

// TestNoSuchVersion: news of a version that the store does not have, as after a
// restore, keeps no writer at work and no reader from what there is.
func TestNoSuchVersion(t *testing.T) {
	p := processes(t, 1, 0)[0]
	create(t, p.boxes, "1")
	p.item(t, "x")
	p.follower.Feed().Moved("box/1", p.Version("1")+5)
	rests, last := 0, uint64(0)
	until(t, "the writer rests", func() bool {
		now := p.follower.State().Renewals
		if rests++; now != last || now == 0 {
			rests, last = 0, now
		}
		return rests > 10000
	})
	if err := p.put("x", "y"); err != nil || p.item(t, "x") != "y" {
		t.Errorf("a write after that: %v", err)
	}
}
