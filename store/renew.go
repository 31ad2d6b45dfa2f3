package store

import (
	"context"
	"errors"
	"fmt"
)

// held adds the aggregates in memory, as a Feed tells them.
func (s *Aggregates[A, D]) held(into map[string]uint64) {
	s.entries.Range(func(_, found any) bool {
		e := found.(*entry[A, D])
		number := uint64(0)
		if v := e.value.Load(); v != nil {
			number = v.number
		}
		into[s.name(e.id)] = number
		return true
	})
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

// revert has an aggregate loaded before it is next used, if it is in memory. Nobody
// is set to that now: it may be all that there are.
func (s *Aggregates[A, D]) revert(id string) {
	if found, ok := s.entries.Load(id); ok {
		found.(*entry[A, D]).reverts.Add(1)
	}
}

// reverted tells whether the value in memory may be of commits that are no more.
func (e *entry[A, D]) reverted() bool { return e.reverts.Load() != e.read.Load() }

// outdated tells whether the value in memory is known to be an old one, or may be
// none that counts.
func (e *entry[A, D]) outdated() bool {
	v := e.value.Load()
	return v != nil && (v.number < e.news.Load() || e.reverted())
}

// overdue tells whether v is known to be an old value, and has been for too long
// to be given: then whoever reads waits until it is up to date. So what a node
// missed while it was cut off, or did not run, is read before anybody is answered
// from it.
func (s *Aggregates[A, D]) overdue(e *entry[A, D], v *version[A]) bool {
	return e.reverted() || v.number < e.news.Load() && s.cfg.Follower != nil && s.cfg.Follower.past(e.newest.Load())
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
	before := e.known()
	v, err := s.newest(e)
	if err != nil && s.cfg.Follower != nil && errors.Is(err, ErrUnavailable) && !errors.Is(why, ErrConflict) && !e.outdated() {
		return
	}
	e.renewed(v, err, before)
}

// catchUp renews a value that is known to be an old one: what cannot be renewed is
// not kept. Of a version that the backend does not have, as after a restore, nothing
// is known any more.
func (s *Aggregates[A, D]) catchUp(e *entry[A, D]) {
	known := e.known()
	v, err := s.newest(e)
	e.renewed(v, err, known)
}

// known is what an entry was told before its value is read.
type known struct{ news, reverts uint64 }

func (e *entry[A, D]) known() known { return known{e.news.Load(), e.reverts.Load()} }

// renewed publishes what newest gave after that was known.
func (e *entry[A, D]) renewed(v *version[A], err error, before known) {
	e.publish(v, err)
	e.read.Store(before.reverts)
	if err == nil && v.number < before.news {
		e.news.CompareAndSwap(before.news, v.number) // unless there is later news
	}
}

// newest is the value that the backend holds: made of the one in memory and what
// changed since, if that can be.
func (s *Aggregates[A, D]) newest(e *entry[A, D]) (*version[A], error) {
	v := e.value.Load()
	if v == nil || s.cfg.Apply == nil || s.cfg.Follower == nil || e.reverted() {
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
		e := found.(*entry[A, D])
		if v := e.value.Load(); v != nil && !e.reverted() {
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
	lost := s.cfg.Follower.lost()
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
	case <-lost:
		return a, fmt.Errorf("load %s: %w", s.name(id), ErrUnavailable)
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
	if v == nil || v.number < want || e.reverted() {
		var renewed *version[A]
		before := e.known()
		if renewed, err = s.newest(e); err == nil || !errors.Is(err, ErrUnavailable) {
			e.renewed(renewed, err, before)
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
