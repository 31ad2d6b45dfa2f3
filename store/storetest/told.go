package storetest

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"
)

// Feed is a store.Feed that holds aggregates at the versions that it is told of, and
// whose news can be waited for.
type Feed struct {
	mu       sync.Mutex
	held     map[string]uint64
	reverted map[string]int // how often it was told so
	asOf     time.Time
	news     chan struct{} // closed and made anew by each call
}

// NewFeed holds some aggregates at version 0.
func NewFeed(held ...string) *Feed {
	f := &Feed{held: map[string]uint64{}, reverted: map[string]int{}, news: make(chan struct{})}
	for _, name := range held {
		f.held[name] = 0
	}
	return f
}

// tell takes in what is told.
func (f *Feed) tell(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
	close(f.news)
	f.news = make(chan struct{})
}

// Held implements store.Feed.
func (f *Feed) Held() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.held)
}

// Moved implements store.Feed. What was not held is from then on.
func (f *Feed) Moved(name string, version uint64) {
	f.tell(func() { f.held[name] = max(f.held[name], version) })
}

// Reverted implements store.Feed. The aggregate is held at version 0 again.
func (f *Feed) Reverted(name string) {
	f.tell(func() { f.held[name] = 0; f.reverted[name]++ })
}

// Current implements store.Feed.
func (f *Feed) Current(asOf time.Time) {
	f.tell(func() {
		if asOf.After(f.asOf) {
			f.asOf = asOf
		}
	})
}

// Reverts tells how often each aggregate was reverted since it was last asked.
func (f *Feed) Reverts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	told := f.reverted
	f.reverted = map[string]int{}
	return told
}

// AsOf is the newest moment as of which it is current.
func (f *Feed) AsOf() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asOf
}

// News is closed when something is told.
func (f *Feed) News() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.news
}

// Now waits until it is current as of now, and returns the version that is held of an
// aggregate. It fails the test when the follower ends, whose error is sent, unless
// ended is nil, and when nothing is heard.
func (f *Feed) Now(t testing.TB, name string, ended <-chan error) uint64 {
	t.Helper()
	asked := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		news := f.News()
		if f.AsOf().After(asked) {
			return f.Held()[name]
		}
		select {
		case <-news:
		case err := <-ended:
			t.Fatalf("Follow: %v", err)
		case <-ctx.Done():
			t.Fatal("nothing is heard")
		}
	}
}

// patience is longer than what is waited for takes on a machine that is busy.
const patience = 2 * time.Minute
