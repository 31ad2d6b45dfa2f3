package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iamd/store"
)

// feed is a Feed that checks what it is told.
type feed struct {
	*Feed
	t       *testing.T
	inspect func(told map[string]uint64, asOf time.Time)
}

func newFeed(t *testing.T, held ...string) *feed { return &feed{Feed: NewFeed(held...), t: t} }

func (f *feed) Reverted(name string) {
	f.t.Errorf("told that %s was reverted", name)
}

func (f *feed) Current(asOf time.Time) {
	if asOf.After(time.Now()) {
		f.t.Errorf("Current of the future, %v", asOf)
	}
	if f.inspect != nil {
		f.inspect(f.Held(), asOf)
	}
	f.Feed.Current(asOf)
}

// current waits for a Current of now or later, and returns what is held by then.
func (f *feed) current() (told map[string]uint64) {
	f.t.Helper()
	f.Now(f.t, "", nil)
	return f.Held()
}

// follow runs Follow until the returned function is called, or the test's end.
func follow(t *testing.T, b store.Shared, f *feed) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Follow(ctx, f) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); !errors.Is(err, context.Canceled) && !errors.Is(err, store.ErrClosed) {
			t.Errorf("Follow: %v", err)
		}
	})
	return stop
}

// tellsOfBoth: each process is told of its own commits and of the other's.
func tellsOfBoth(t *testing.T, p pair) {
	feeds := [2]*feed{newFeed(t, "a/0", "a/1", "both"), newFeed(t, "a/0", "a/1", "both")}
	for i, f := range feeds {
		follow(t, p.b[i], f)
	}
	for v := range uint64(10) {
		p.commit(0, store.Part{Aggregate: "a/0", Expect: v})
		p.commit(1, store.Part{Aggregate: "a/1", Expect: v}, store.Part{Aggregate: "not held", Expect: v})
		p.commit(int(v%2), store.Part{Aggregate: "both", Expect: v})
		for i, f := range feeds {
			if v%3 != 0 {
				continue // so that several versions come at once, too
			}
			told := f.current()
			for _, name := range []string{"a/0", "a/1", "both"} {
				if told[name] != v+1 {
					t.Errorf("process %d was told that %s has version %d, want %d", i, name, told[name], v+1)
				}
			}
		}
	}
}

// tellsOfLoading: what is being loaded is held at version 0, and what is held
// later on is told of from then on.
func tellsOfLoading(t *testing.T, p pair) {
	f := newFeed(t, "", "\x00", "a\x00b", "\xff", strings.Repeat("k", store.MaxName+1)) // asked for by somebody; none of them can be
	follow(t, p.b[0], f)
	f.current() // it has begun: what was committed before, and is held by nobody then, is not told of
	for i := range 20 {
		aggregate := fmt.Sprint("a/", i)
		p.commit(1, store.Part{Aggregate: aggregate}, store.Part{Aggregate: aggregate + "/later"})
		f.Moved(aggregate, 0)
		f.Moved(aggregate+"/later", 1)
		p.commit(i%2, store.Part{Aggregate: aggregate + "/later", Expect: 1})
		told := f.current()
		if told[aggregate] != 1 || told[aggregate+"/later"] != 2 {
			t.Fatalf("told %d and %d, want 1 and 2", told[aggregate], told[aggregate+"/later"])
		}
	}
}

// tellsOfAllBefore: at each Current, all that was answered before its moment had
// been told, however many commit at once and in whatever order they come to an
// end.
func tellsOfAllBefore(t *testing.T, p pair) {
	const committers, each = 24, 25
	type ack struct {
		aggregate string
		version   uint64
		at        time.Time
	}
	var mu sync.Mutex
	var acks []ack
	var held []string
	for i := range committers {
		held = append(held, fmt.Sprint("a/", i), fmt.Sprint("b/", i/4))
	}
	feeds := [2]*feed{newFeed(t, held...), newFeed(t, held...)}
	var checked atomic.Int64
	for i, f := range feeds {
		f.inspect = func(told map[string]uint64, asOf time.Time) {
			mu.Lock()
			defer mu.Unlock()
			for _, a := range acks {
				if !a.at.Before(asOf) {
					continue
				}
				checked.Add(1)
				if told[a.aggregate] < a.version {
					t.Errorf("process %d: current as of %v, told %s %d, but %d was answered at %v", i, asOf, a.aggregate, told[a.aggregate], a.version, a.at)
				}
			}
		}
		follow(t, p.b[i], f)
	}
	var wg sync.WaitGroup
	for i := range committers {
		s := suite{t: t, b: p.b[i%2]}
		wg.Go(func() {
			own, shared := fmt.Sprint("a/", i), fmt.Sprint("b/", i/4)
			for v := range uint64(each) {
				for {
					// Some hold two aggregates, of which one is contended for.
					parts := []store.Part{{Aggregate: own, Expect: v}}
					if v%2 == 0 {
						n, _, err := s.b.Load(t.Context(), shared)
						if err != nil && !errors.Is(err, store.ErrNotFound) {
							t.Errorf("Load: %v", err)
							return
						}
						parts = append(parts, store.Part{Aggregate: shared, Expect: n})
					}
					err := s.b.Commit(t.Context(), parts)
					if errors.Is(err, store.ErrConflict) {
						continue
					}
					if err != nil {
						t.Errorf("Commit: %v", err)
						return
					}
					now := time.Now()
					mu.Lock()
					for _, part := range parts {
						acks = append(acks, ack{part.Aggregate, part.Expect + 1, now})
					}
					mu.Unlock()
					break
				}
			}
		})
	}
	wg.Wait()
	for i, f := range feeds {
		told := f.current()
		for k := range committers {
			if own := fmt.Sprint("a/", k); told[own] != each {
				t.Errorf("process %d was told that %s has version %d, want %d", i, own, told[own], each)
			}
		}
	}
	if checked.Load() == 0 {
		t.Error("nothing was answered before a Current")
	}
}

// currentAdvances: with nothing to tell the moment goes on, for one who follows
// anew as well.
func currentAdvances(t *testing.T, p pair) {
	f := newFeed(t, "a/1", "a/2")
	stop := follow(t, p.b[0], f)
	for range 10 {
		f.current()
	}
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Follow: %v, want context.Canceled", err)
	}
	p.commit(1, store.Part{Aggregate: "a/1"}) // while nobody follows
	f = newFeed(t, "a/1")
	follow(t, p.b[0], f)
	if told := f.current(); told["a/1"] != 1 {
		t.Errorf("told %d, want 1", told["a/1"])
	}
}

func followEndsByContext(t *testing.T, p pair) {
	if err := p.b[0].Follow(ended(t), newFeed(t, "a/1")); !errors.Is(err, context.Canceled) {
		t.Errorf("Follow: %v, want context.Canceled", err)
	}
	f, other := newFeed(t, "a/1"), newFeed(t, "a/1")
	stop := follow(t, p.b[0], f)
	follow(t, p.b[0], other) // two at once
	f.current()
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Follow: %v, want context.Canceled", err)
	}
	p.commit(0, store.Part{Aggregate: "a/1"})
	if told := other.current(); told["a/1"] != 1 {
		t.Errorf("told %d, want 1", told["a/1"])
	}
}

func followEndsByClose(t *testing.T, p pair) {
	f := newFeed(t, "a/1")
	done := make(chan error, 1)
	go func() { done <- p.b[0].Follow(context.Background(), f) }()
	f.current()
	if err := p.b[0].Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := <-done; !errors.Is(err, store.ErrClosed) {
		t.Errorf("Follow: %v, want ErrClosed", err)
	}
	if err := p.b[0].Follow(t.Context(), f); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Follow: %v, want ErrClosed", err)
	}
	p.commit(1, store.Part{Aggregate: "a/1"}) // the other goes on
}
