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

	mu    sync.Mutex
	why   error // that it is stalled; nil: it isn't
	kinds map[string]follower
}

// follower is Aggregates of any type.
type follower interface {
	held(into map[string]uint64)
	moved(id string, version uint64)
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
	return &Follower{cfg: cfg, began: time.Now(), why: errors.New("nothing was heard yet"), kinds: map[string]follower{}}
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
	if stalled >= 0 {
		f.mu.Lock()
		s.Stalled = f.why
		f.mu.Unlock()
		if s.Stalled == nil {
			s.Stalled = fmt.Errorf("nothing was heard for %s", behind.Round(time.Millisecond))
		}
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
	tick := time.NewTicker(f.cfg.Late / 2)
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
	d.f.mu.Lock()
	var of follower
	var id string
	for prefix, k := range d.f.kinds {
		if rest, ok := strings.CutPrefix(aggregate, prefix); ok {
			of, id = k, rest
		}
	}
	d.f.mu.Unlock()
	if of != nil {
		of.moved(id, version)
	}
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

func (s *Aggregates[A, D]) held(into map[string]uint64) {
	s.entries.Range(func(_, found any) bool {
		e := found.(*entry[A, D])
		v := e.value.Load()
		switch {
		case v != nil:
			into[s.name(e.id)] = v.number
		case !e.settled():
			into[s.name(e.id)] = 0
		}
		return true
	})
}

// settled tells whether the first load has ended.
func (e *entry[A, D]) settled() bool {
	select {
	case <-e.ready:
		return true
	default:
		return false
	}
}

// moved has an aggregate brought up to date, if it is in memory.
func (s *Aggregates[A, D]) moved(id string, version uint64) {
	found, ok := s.entries.Load(id)
	if !ok {
		return
	}
	e := found.(*entry[A, D])
	if !e.outdated() { // before news tells that it is
		e.newest.Store(s.cfg.Follower.heard.Load())
	}
	for {
		old := e.news.Load()
		if old >= version {
			break
		}
		if e.news.CompareAndSwap(old, version) {
			break
		}
	}
	s.prod(e)
}

// outdated tells whether the value in memory is known to be an old one.
func (e *entry[A, D]) outdated() bool {
	v := e.value.Load()
	return v != nil && v.number < e.news.Load()
}

// overdue tells whether v is known to be an old value, and has been for too long
// to be given: then whoever reads waits until it is up to date. So what a node
// missed while it was cut off, or did not run, is read before anybody is answered
// from it.
func (s *Aggregates[A, D]) overdue(e *entry[A, D], v *version[A]) bool {
	return v.number < e.news.Load() && s.cfg.Follower != nil && s.cfg.Follower.past(e.newest.Load())
}

// prod sees that someone brings e up to date if it needs that. One that is being
// loaded is seen to when it is.
func (s *Aggregates[A, D]) prod(e *entry[A, D]) {
	if !e.outdated() {
		return
	}
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.gone && !e.working {
		e.working = true
		s.tasks.Add(1)
		go s.work(e)
	}
}

// atOnce is how many changes are read at a time.
const atOnce = 256

// renew brings the value in memory up to what the backend holds, after a commit
// that failed. If the backend is away it stays, as long as nothing newer is known
// of: it counts as any other then, for as long as the follower says.
func (s *Aggregates[A, D]) renew(e *entry[A, D], why error) {
	v, err := s.newest(e)
	if err != nil && s.cfg.Follower != nil && errors.Is(err, ErrUnavailable) && !errors.Is(why, ErrConflict) && !e.outdated() {
		return
	}
	e.publish(v, err)
}

// newest is the value that the backend holds: made of the one in memory and what
// changed since, if that can be.
func (s *Aggregates[A, D]) newest(e *entry[A, D]) (*version[A], error) {
	v := e.value.Load()
	if v == nil || s.cfg.Apply == nil || s.cfg.Follower == nil {
		return s.fetch(e.id)
	}
	for {
		list, err := s.cfg.Backend.Changes(s.ctx, s.name(e.id), v.number, atOnce)
		if errors.Is(err, ErrUnavailable) {
			return nil, fmt.Errorf("changes of %s: %w", s.name(e.id), err)
		}
		if err != nil { // pruned, or there is a gap
			return s.fetch(e.id)
		}
		if len(list) == 0 {
			s.cfg.Follower.renewals.Add(1)
			return v, nil
		}
		var rows []Row
		for i, c := range list {
			if c.Version != v.number+1+uint64(i) {
				return s.fetch(e.id)
			}
			rows = append(rows, c.Rows...)
		}
		next, err := s.apply(v.value, rows)
		if err != nil {
			return s.fetch(e.id) // its rows tell what is wrong, if anything is
		}
		v = &version[A]{value: next, number: v.number + uint64(len(list))}
		if len(list) < atOnce {
			s.cfg.Follower.renewals.Add(1)
			return v, nil
		}
	}
}

func (s *Aggregates[A, D]) apply(value A, rows []Row) (next A, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("apply changes: %v", r)
		}
	}()
	return s.cfg.Apply(value, rows)
}

// Newest is View, of a value that holds all that any process had committed before
// the call. Without a follower that is what View gives.
func (s *Aggregates[A, D]) Newest(ctx context.Context, id string) (A, error) {
	return s.reach(ctx, id, 0)
}

// Reach returns once View gives that version of an aggregate or a later one.
// ErrUnavailable when the backend holds none such.
func (s *Aggregates[A, D]) Reach(ctx context.Context, id string, version uint64) error {
	_, err := s.reach(ctx, id, version)
	return err
}

// Version is the number of the value that View would give, and 0 for one that is
// not in memory.
func (s *Aggregates[A, D]) Version(id string) uint64 {
	if found, ok := s.entries.Load(id); ok {
		if v := found.(*entry[A, D]).value.Load(); v != nil {
			return v.number
		}
	}
	return 0
}

// reach renews an aggregate unless it has the version already; 0: in any case.
func (s *Aggregates[A, D]) reach(ctx context.Context, id string, number uint64) (a A, err error) {
	if s.cfg.Follower == nil {
		return s.View(ctx, id)
	}
	if number > 0 && s.Version(id) >= number {
		return s.View(ctx, id)
	}
	w := &write[A, D]{renewal: true, number: number, done: make(chan error, 1)}
	if _, err := s.enqueue(ctx, id, w); err != nil {
		return a, err
	}
	select {
	case err := <-w.done:
		if err != nil {
			return a, err
		}
		return s.View(ctx, id)
	case <-ctx.Done():
		return a, fmt.Errorf("load %s: %w", s.name(id), ctx.Err())
	}
}

// renewals answers the waiting calls of reach at the head of the queue, by one
// renewal that began after the last of them. It reports false when there is none.
func (s *Aggregates[A, D]) renewals(e *entry[A, D]) bool {
	e.mu.Lock()
	n := 0
	for n < len(e.queue) && e.queue[n].renewal {
		n++
	}
	ws := e.queue[:n:n]
	e.queue = e.queue[n:]
	e.mu.Unlock()
	if n == 0 {
		return false
	}
	want := uint64(0)
	for _, w := range ws {
		if w.number == 0 {
			want = 1<<63 - 1
		}
		want = max(want, w.number)
	}
	v, err := e.current()
	if v == nil || v.number < want {
		var renewed *version[A]
		if renewed, err = s.newest(e); err == nil || !errors.Is(err, ErrUnavailable) {
			e.publish(renewed, err)
		}
		v = renewed
	}
	for _, w := range ws {
		switch {
		case err != nil:
			w.done <- err
		case v.number < w.number:
			w.done <- fmt.Errorf("load %s: %w: version %d was seen, %d is there", s.name(e.id), ErrUnavailable, w.number, v.number)
		default:
			w.done <- nil
		}
	}
	return true
}
