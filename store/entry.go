package store

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// version is a durable value.
type version[A any] struct {
	value  A
	number uint64
}

// entry is an aggregate in memory. There is one for an id at any time, so all
// loads and writes of the id meet in it.
type entry[A, D any] struct {
	id       string
	ready    chan struct{}              // closed when the first load has ended
	value    atomic.Pointer[version[A]] // nil: not loaded, and err says why
	news     atomic.Uint64              // a version that is known to be committed
	newest   atomic.Int64               // what the follower had heard when news made value an old one
	reverts  atomic.Uint64              // how often it was told that value may be of commits that are no more
	read     atomic.Uint64              // how often it had been when value was read; set with it
	used     atomic.Bool                // since it was last considered for eviction
	courtesy courtesy                   // its writer's
	company  company                    // likewise
	place    *list.Element              // in Aggregates.order, whose lock guards it

	drafting sync.Mutex // held while a draft is made of a value, which marks that too

	mu      sync.Mutex // nobody waits for anything who holds it
	err     error
	gone    bool // no longer in the map: look the id up again
	queue   []*write[A, D]
	working bool        // a goroutine is at the queue
	reading *reading[A] // that is under way; nil: none
	next    *reading[A] // that begins when that has ended
}

// touch notes a use. Most calls only read, so that readers on many cores don't
// fight for the cache line.
func (e *entry[A, D]) touch() {
	if !e.used.Load() {
		e.used.Store(true)
	}
}

// current returns the published value or why there is none.
func (e *entry[A, D]) current() (*version[A], error) {
	if v := e.value.Load(); v != nil {
		return v, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if v := e.value.Load(); v != nil {
		return v, nil
	}
	return nil, e.err
}

// publish makes v, or the reason for having none, what readers see.
func (e *entry[A, D]) publish(v *version[A], err error) {
	e.mu.Lock()
	e.value.Store(v)
	e.err = err
	e.mu.Unlock()
}

// entry returns the entry of an id; a new one begins to load. ErrNotFound for
// what can't be an id.
func (s *Aggregates[A, D]) entry(ctx context.Context, id string) (*entry[A, D], error) {
	if found, ok := s.entries.Load(id); ok {
		return found.(*entry[A, D]), nil
	}
	if checkNames("", id, s.name(id)) != nil {
		return nil, fmt.Errorf("load %s%.40q: %w", s.cfg.Prefix, id, ErrNotFound)
	}
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return nil, fmt.Errorf("load %s: %w", s.name(id), ErrClosed)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.entries.Load(id); ok {
		return found.(*entry[A, D]), nil
	}
	e := &entry[A, D]{id: id, ready: make(chan struct{})}
	s.entries.Store(id, e)
	s.tasks.Add(1)
	go func() {
		defer s.tasks.Done()
		e.publish(s.load(caused{s.ctx, ctx}, id))
		s.settle(e) // first, so that nobody who comes later meets an old failure
		close(e.ready)
		s.prod(e)
	}()
	return e, nil
}

// fetch loads an aggregate's durable value.
func (s *Aggregates[A, D]) fetch(id string) (*version[A], error) { return s.load(s.ctx, id) }

func (s *Aggregates[A, D]) load(ctx context.Context, id string) (v *version[A], err error) {
	s.counts.loads.Add(1)
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("load %s: %w", s.name(id), &PanicError{Value: r, Stack: debug.Stack()})
		}
	}()
	number, rows, err := s.cfg.Backend.Load(ctx, s.name(id))
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", s.name(id), err)
	}
	value, err := s.cfg.Load(id, rows)
	if err != nil {
		// Whatever the rows' reader says, the aggregate is there.
		return nil, fmt.Errorf("load %s: its rows can't be read: %w", s.name(id), opaque{err})
	}
	return &version[A]{value: value, number: number}, nil
}

// opaque hides that an error is one of this package's sentinels.
type opaque struct{ err error }

func (o opaque) Error() string { return o.err.Error() }

// absent reports whether an entry without a value is without one because the
// aggregate doesn't exist; otherwise it must be loaded again.
func absent(err error) bool { return errors.Is(err, ErrNotFound) }

// settle decides whether an entry that nobody writes stays in memory, and makes
// room if it does.
func (s *Aggregates[A, D]) settle(e *entry[A, D]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.mu.Lock()
	switch {
	case e.gone || e.working: // its writer settles it
	case e.value.Load() == nil:
		s.drop(e)
	case e.place == nil:
		e.place = s.order.PushFront(e)
	}
	e.mu.Unlock()

	// Second chance: what was used since the last look moves to the front. Having
	// been loaded is no use yet, so that whoever reads everything once doesn't
	// drive out what is read all the time. Two rounds always find something,
	// unless all of it is being written.
	for n := 2 * s.order.Len(); n > 0 && s.order.Len() > s.cfg.MaxLoaded; n-- {
		old := s.order.Back().Value.(*entry[A, D])
		old.mu.Lock()
		if old.working || old.used.Swap(false) {
			s.order.MoveToFront(old.place)
		} else {
			s.drop(old)
			s.counts.evictions.Add(1)
		}
		old.mu.Unlock()
	}
}

// drop takes e out of memory. s.mu and e.mu are held.
func (s *Aggregates[A, D]) drop(e *entry[A, D]) {
	e.gone = true
	s.entries.CompareAndDelete(e.id, e)
	if e.place != nil {
		s.order.Remove(e.place)
		e.place = nil
	}
}
