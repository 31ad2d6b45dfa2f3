package postgres

import (
	"maps"
	"sync"
	"testing"
	"time"
)

// feed is a store.Feed that holds some aggregates and remembers what it is told.
type feed struct {
	mu      sync.Mutex
	held    map[string]uint64
	asOf    time.Time
	changed chan struct{} // closed and made anew by each call
}

func newFeed(names ...string) *feed {
	f := &feed{held: map[string]uint64{}, changed: make(chan struct{})}
	for _, name := range names {
		f.held[name] = 0
	}
	return f
}

func (f *feed) Held() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.held)
}

func (f *feed) Moved(name string, version uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held[name] = max(f.held[name], version)
	f.wake()
}

func (f *feed) Current(asOf time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asOf = asOf
	f.wake()
}

func (f *feed) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// current waits for a Current of now or later, or the end of the follower that
// failed sends, and returns the version told of an aggregate.
func (f *feed) current(t *testing.T, name string, failed <-chan error) uint64 {
	t.Helper()
	now := time.Now()
	for {
		f.mu.Lock()
		version, done, changed := f.held[name], f.asOf.After(now), f.changed
		f.mu.Unlock()
		if done {
			return version
		}
		select {
		case <-changed:
		case err := <-failed:
			t.Fatalf("Follow: %v", err)
		case <-t.Context().Done():
			t.Fatal("the test has ended")
		}
	}
}
