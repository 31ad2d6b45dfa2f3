package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrStale says that too long nothing was heard of what others commit: what is in
// memory no longer counts. It is an ErrUnavailable.
var ErrStale = fmt.Errorf("%w, and what is in memory is too old", ErrUnavailable)

// FollowConfig is what a Follower needs.
type FollowConfig struct {
	Backend Shared
	// Late is how long nothing may be heard before the follower counts as stalled;
	// 0 means one second.
	Late time.Duration
	// Stale is how long after that, or after the backend failed, what is in memory
	// may still be read; 0 allows none.
	Stale time.Duration
	// Patience is how long, after the follower stalled, those are still waited for who
	// wait for the backend; 0 means half of Late. So nobody waits for one that is away
	// for longer than Late, a quarter of it until that is noticed, and Patience.
	Patience time.Duration
	// Told is called when the follower stalls, with the reason, and with nil when it
	// has recovered; nil: nobody asks.
	Told func(error)
}

// Follower keeps what Aggregates of one backend have in memory as other processes
// change it. Until Run has heard of the present, and whenever it no longer does,
// those Aggregates refuse writes, and soon after reads too.
type Follower struct {
	cfg   FollowConfig
	began time.Time
	// heard is the moment, since began, as of which all is known; 0: none yet.
	// failed is when the backend failed since then; 0: it did not.
	heard, failed atomic.Int64
	renewals      atomic.Uint64 // values that were brought up to date
	cut           *cut

	mu    sync.Mutex
	why   error // that it is stalled; nil: it isn't
	kinds map[string]follower
}

// follower is Aggregates of any type.
type follower interface {
	held(into map[string]uint64)
	moved(id string, version uint64)
	revert(id string)
}

// NewFollower returns a follower that Run must be called on. Give it to the
// Aggregates before.
func NewFollower(cfg FollowConfig) *Follower {
	if cfg.Late <= 0 {
		cfg.Late = time.Second
	}
	if cfg.Told == nil {
		cfg.Told = func(error) {}
	}
	if cfg.Patience <= 0 {
		cfg.Patience = cfg.Late / 2
	}
	return &Follower{cfg: cfg, began: time.Now(), why: errors.New("nothing was heard yet"), kinds: map[string]follower{},
		cut: newCut(cfg.Patience)}
}

// State is how a follower stands.
type State struct {
	// Behind is how long ago that is as of which all is known.
	Behind time.Duration
	// Stalled is nil while it hears of what happens, and else says why not.
	Stalled error
	// Readable tells whether what is in memory may still be read.
	Readable bool
	// Renewals counts values that were brought up to date.
	Renewals uint64
}

// State tells how the follower stands.
func (f *Follower) State() State {
	behind, stalled := f.stalled()
	s := State{Behind: behind, Readable: f.readable() == nil, Renewals: f.renewals.Load()}
	f.mu.Lock()
	s.Stalled = f.why // until those who write are let wait again
	f.mu.Unlock()
	if stalled >= 0 && s.Stalled == nil {
		s.Stalled = fmt.Errorf("nothing was heard for %s", behind.Round(time.Millisecond))
	}
	return s
}

// stalled tells how long the last news is ago, and since when the follower counts
// as stalled: less than nothing when it doesn't.
func (f *Follower) stalled() (behind, stalled time.Duration) {
	now := int64(time.Since(f.began))
	heard, failed := f.heard.Load(), f.failed.Load()
	since := heard + int64(f.cfg.Late)
	if heard == 0 {
		since = 0
	}
	if failed != 0 {
		since = min(since, failed)
	}
	return time.Duration(now - heard), time.Duration(now - since)
}

// readable is nil while what is in memory may be read, or ErrStale.
func (f *Follower) readable() error {
	if f == nil {
		return nil
	}
	if f.heard.Load() == 0 {
		return ErrStale
	}
	if _, stalled := f.stalled(); stalled >= 0 && stalled >= f.cfg.Stale {
		return ErrStale
	}
	return nil
}

// writable is nil while writes may be tried, or ErrUnavailable.
func (f *Follower) writable() error {
	if f == nil {
		return nil
	}
	if _, stalled := f.stalled(); stalled >= 0 {
		return ErrUnavailable
	}
	return nil
}

// past tells whether too much time has passed, since all was known that the
// follower had heard of, for a value that something newer is known of: as much as
// may pass without news, and while there is none as much as memory counts.
func (f *Follower) past(heard int64) bool {
	limit := f.cfg.Late
	if _, stalled := f.stalled(); stalled >= 0 {
		limit += f.cfg.Stale
	}
	return int64(time.Since(f.began)) >= heard+int64(limit)
}

// pause is between two tries to follow.
const pause = 200 * time.Millisecond

// Run follows the backend until ctx ends, again and again if it fails.
func (f *Follower) Run(ctx context.Context) {
	watch, stop := context.WithCancel(ctx)
	defer stop()
	go f.watch(watch)
	for ctx.Err() == nil {
		err := f.cfg.Backend.Follow(ctx, f.Feed())
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("it ended")
		}
		f.fail(fmt.Errorf("follow the store: %w", err))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// watch notices that nothing is heard.
func (f *Follower) watch(ctx context.Context) {
	tick := time.NewTicker(f.cfg.Late / 4)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if behind, stalled := f.stalled(); stalled >= 0 && f.heard.Load() != 0 {
				f.tell(fmt.Errorf("nothing was heard from the store for %s", behind.Round(time.Millisecond)))
			}
		case <-ctx.Done():
			return
		}
	}
}

// fail notes that the backend failed.
func (f *Follower) fail(why error) {
	f.failed.CompareAndSwap(0, int64(time.Since(f.began)))
	f.tell(why)
}

// tell passes on that the follower stalls, once, or that it has recovered.
func (f *Follower) tell(why error) {
	f.mu.Lock()
	news := (f.why == nil) != (why == nil)
	f.why = why
	switch {
	case news && why != nil:
		f.cut.begins()
	case news:
		f.cut.heals()
	}
	f.mu.Unlock()
	if news {
		f.cfg.Told(why)
	}
}

// Feed is what the backend tells its news to.
func (f *Follower) Feed() Feed { return feed{f} }

type feed struct{ f *Follower }

func (d feed) Held() map[string]uint64 {
	d.f.mu.Lock()
	kinds := make([]follower, 0, len(d.f.kinds))
	for _, k := range d.f.kinds {
		kinds = append(kinds, k)
	}
	d.f.mu.Unlock()
	held := map[string]uint64{}
	for _, k := range kinds {
		k.held(held)
	}
	return held
}

func (d feed) Moved(aggregate string, version uint64) {
	if of, id := d.f.kindOf(aggregate); of != nil {
		of.moved(id, version)
	}
}

func (d feed) Reverted(aggregate string) {
	if of, id := d.f.kindOf(aggregate); of != nil {
		of.revert(id)
	}
}

// kindOf finds whose an aggregate is; nil: nobody's.
func (f *Follower) kindOf(aggregate string) (of follower, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for prefix, k := range f.kinds {
		if rest, ok := strings.CutPrefix(aggregate, prefix); ok {
			of, id = k, rest
		}
	}
	return of, id
}

func (d feed) Current(asOf time.Time) {
	f := d.f
	at := max(int64(asOf.Sub(f.began)), 1)
	for {
		old := f.heard.Load()
		if old >= at {
			return
		}
		if f.heard.CompareAndSwap(old, at) {
			break
		}
	}
	// News of before the failure do not mend it.
	if failed := f.failed.Load(); failed != 0 {
		if at < failed {
			return
		}
		f.failed.CompareAndSwap(failed, 0)
	}
	if _, stalled := f.stalled(); stalled < 0 {
		f.tell(nil)
	}
}

// follow has the follower tell s of its aggregates.
func (f *Follower) follow(prefix string, s follower) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kinds[prefix] = s
}
