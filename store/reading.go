package store

import (
	"context"
	"errors"
	"fmt"
)

// Who reads never waits for a writer: the function that this runs may read too, its
// own aggregate among others, and would wait for itself. So what must be newer than
// what is in memory is read beside the writer, once for all who asked before the
// reading began.

// reading is one such look at what the backend holds.
type reading[A any] struct {
	done  chan struct{} // closed when it has ended; the rest is set then
	value *version[A]
	void  bool // value counts for nothing: read again
	err   error
}

// reach reads an aggregate anew unless it has the version already; 0: in any case.
func (s *Aggregates[A, D]) reach(ctx context.Context, id string, number uint64) (a A, err error) {
	if s.cfg.Follower == nil {
		return s.View(ctx, id)
	}
	for {
		if number > 0 && s.Version(id) >= number {
			return s.View(ctx, id)
		}
		lost := s.cfg.Follower.lost()
		if err := s.cfg.Follower.readable(); err != nil {
			return a, fmt.Errorf("load %s: %w", s.name(id), err)
		}
		e, err := s.entry(ctx, id)
		if err != nil {
			return a, err
		}
		r, err := s.ask(e)
		if err != nil {
			return a, err
		}
		select {
		case <-r.done:
		case <-lost:
			return a, fmt.Errorf("load %s: %w", s.name(id), ErrUnavailable)
		case <-ctx.Done():
			return a, fmt.Errorf("load %s: %w", s.name(id), ctx.Err())
		}
		switch {
		case r.err != nil:
			return a, r.err
		case r.void:
		case r.value.number < number:
			return a, fmt.Errorf("load %s: %w: version %d was seen, %d is there", s.name(id), ErrUnavailable, number, r.value.number)
		default:
			return r.value.value, nil
		}
	}
}

// ask returns a reading that begins after the call.
func (s *Aggregates[A, D]) ask(e *entry[A, D]) (*reading[A], error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return nil, fmt.Errorf("load %s: %w", s.name(e.id), ErrClosed)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.next != nil {
		return e.next, nil
	}
	r := &reading[A]{done: make(chan struct{})}
	if e.reading != nil {
		e.next = r
		return r, nil
	}
	e.reading = r
	s.tasks.Add(1)
	go s.look(e, r)
	return r, nil
}

// look does a reading, and those that are asked for meanwhile.
func (s *Aggregates[A, D]) look(e *entry[A, D], r *reading[A]) {
	defer s.tasks.Done()
	<-e.ready
	for r != nil {
		before := e.known()
		if r.value, r.err = s.newest(e); r.err == nil {
			r.void = !e.advance(r.value, before)
		} else if !errors.Is(r.err, ErrUnavailable) {
			e.renewed(nil, r.err, before)
		}
		s.settle(e)
		e.mu.Lock()
		done := r.done
		r, e.reading, e.next = e.next, e.next, nil
		e.mu.Unlock()
		close(done)
	}
}
