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

// known is what an entry was told, and had, before its value is read.
type known[A any] struct {
	news, reverts uint64
	value         *version[A]
}

func (e *entry[A, D]) known() known[A] {
	return known[A]{news: e.news.Load(), reverts: e.reverts.Load(), value: e.value.Load()}
}

// renewed publishes what newest gave after that was known: a failure too, unless
// there is a value meanwhile that somebody read later, or wrote.
func (e *entry[A, D]) renewed(v *version[A], err error, before known[A]) {
	if err == nil {
		e.advance(v, before)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if before.reverts < e.read.Load() || e.value.Load() != before.value {
		return
	}
	e.value.Store(nil)
	e.err = err
	e.read.Store(before.reverts)
}

// advance publishes a value that was read after that was known, unless a newer one
// is there. It reports false when the value counts for nothing: the entry has left
// memory, or others have learned meanwhile that commits are no more.
func (e *entry[A, D]) advance(v *version[A], before known[A]) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	read := e.read.Load()
	if e.gone || before.reverts < read {
		return false
	}
	old := e.value.Load()
	if old == before.value || before.reverts > read || old == nil || old.number < v.number {
		e.value.Store(v)
		e.err = nil
		e.read.Store(before.reverts)
	}
	if v.number < before.news {
		e.news.CompareAndSwap(before.news, v.number) // unless there is later news
	}
	return true
}

// wrote publishes what a commit made of a value that was read then, unless
// somebody has read what others made of that already.
func (e *entry[A, D]) wrote(v *version[A], read uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.read.Load() != read { // v may be made of commits that are no more
		e.reverts.Add(1)
		return
	}
	if old := e.value.Load(); old == nil || old.number < v.number {
		e.value.Store(v)
		e.err = nil
	}
}

// draft makes a draft of a value, which others may do too.
func (s *Aggregates[A, D]) draft(e *entry[A, D], value A) D {
	e.drafting.Lock()
	defer e.drafting.Unlock()
	return value.Draft()
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
		next, err := s.apply(e, v.value, rows)
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

func (s *Aggregates[A, D]) apply(e *entry[A, D], value A, rows []Row) (next A, err error) {
	e.drafting.Lock()
	defer e.drafting.Unlock()
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
