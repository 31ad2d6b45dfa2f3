package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// write is a call of Update or Create, or a Share of Together, in the queue of
// its aggregate.
type write[A, D any] struct {
	create bool
	fn     func(D) error
	ctx    context.Context // of the caller, nil in a Share
	done   chan error      // of room 1: the answer

	// A Share has the aggregate handed over to it, unless it's answered: the
	// writer closes held and waits until resume is closed.
	held   chan struct{}
	resume chan struct{}

	mu   sync.Mutex // held while fn runs
	left bool       // the caller no longer waits: fn must not run

	// The writer's own.
	alone bool // must not share a commit
	tries int  // commits that failed with it
}

// maxTries bounds how often a write is made anew because another node's came
// first. Each time somebody's write was done, so nobody waits for long in vain.
const maxTries = 128

// Update runs fn on a draft of the newest value and returns once what fn
// changed is durable and published. When fn returns an error nothing changes
// and Update returns that error as it is. fn may run several times, each time
// on a newer value, and never runs after Update has returned; it must not call
// Update itself. A panic in fn becomes a *PanicError.
//
// When ctx ends Update returns its error at once, unless fn is running; what fn
// changed may still become durable then. So it is with ErrUnavailable when the
// follower says that the backend is away, and has been for its patience.
//
// ErrNotFound, ErrBusy, ErrClosed, *TakenError; any other error of the backend
// means that it is unknown whether the write was done.
func (s *Aggregates[A, D]) Update(ctx context.Context, id string, fn func(D) error) error {
	return s.counts.ended(s.write(ctx, id, &write[A, D]{fn: fn}))
}

// Create is Update for an aggregate that must not exist yet; ErrExists if it
// does. An aggregate whose fn changes nothing isn't created.
func (s *Aggregates[A, D]) Create(ctx context.Context, id string, fn func(D) error) error {
	return s.counts.ended(s.write(ctx, id, &write[A, D]{fn: fn, create: true}))
}

func (s *Aggregates[A, D]) write(ctx context.Context, id string, w *write[A, D]) error {
	if w.create {
		if err := checkNames("", id, s.name(id)); err != nil {
			return fmt.Errorf("create: %w", err)
		}
	}
	w.done, w.ctx = make(chan error, 1), ctx
	lost := s.cfg.Follower.lost()
	if err := s.cfg.Follower.writable(); err != nil {
		return fmt.Errorf("write %s: %w", s.name(id), err)
	}
	if _, err := s.enqueue(ctx, id, w); err != nil {
		return err
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
	case <-lost:
	}
	w.leave()
	select {
	case err := <-w.done:
		return err
	default:
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write %s: not waited for, it may still be done: %w", s.name(id), err)
	}
	return notWaitedFor("write " + s.name(id))
}

// leave keeps fn from running, or waits until it has run.
func (w *write[A, D]) leave() {
	w.mu.Lock()
	w.left = true
	w.mu.Unlock()
}

// enqueue puts w at the end of the id's queue and sees that someone works at it.
func (s *Aggregates[A, D]) enqueue(ctx context.Context, id string, w *write[A, D]) (*entry[A, D], error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("write %s: %w", s.name(id), err)
		}
		e, err := s.entry(ctx, id)
		if err != nil {
			return nil, err
		}
		if ok, err := s.push(e, w); ok || err != nil {
			return e, err
		}
	}
}

// push reports false when e has left memory in the meantime.
func (s *Aggregates[A, D]) push(e *entry[A, D], w *write[A, D]) (bool, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return false, fmt.Errorf("write %s: %w", s.name(e.id), ErrClosed)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gone {
		return false, nil
	}
	if len(e.queue) >= s.cfg.MaxQueue {
		return false, fmt.Errorf("write %s: %w", s.name(e.id), ErrBusy)
	}
	e.queue = append(e.queue, w)
	e.called()
	e.touch()
	if !e.working {
		e.working = true
		s.tasks.Add(1)
		go s.work(e)
	}
	return true, nil
}

// work is the aggregate's writer. It lives while there is something to write.
func (s *Aggregates[A, D]) work(e *entry[A, D]) {
	b := &batch[A, D]{}
	ended := false
	defer func() {
		if !ended {
			// A function ended this goroutine (runtime.Goexit, as a failing test
			// does). It was answered; the others go on with another writer.
			e.putBack(writes(b.list)...)
			go s.work(e)
			return
		}
		s.settle(e)
		s.tasks.Done()
	}()
	<-e.ready
	for e.hasWork() {
		s.leaveRoom(e)
		if e.outdated() {
			e.courtesy.saw(time.Now())
			s.catchUp(e)
		}
		read := e.read.Load() // before the value
		v, err := e.current()
		if v == nil && !absent(err) {
			before := e.known()
			v, err = s.fetch(e.id)
			e.renewed(v, err, before)
			read = e.read.Load()
			if v, err = e.current(); v == nil && !absent(err) {
				e.failAll(err)
				continue
			}
		}
		b = &batch[A, D]{base: v, top: v, err: err, read: read}
		s.gather(e, b)
		s.commit(e, b)
	}
	ended = true
}

// hasWork ends the writer's job when it reports false.
func (e *entry[A, D]) hasWork() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 && !e.outdated() {
		e.queue, e.working = nil, false
	}
	return e.working
}

// failAll answers all that waits.
func (e *entry[A, D]) failAll(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, w := range e.queue {
		w.done <- err
	}
	e.queue = nil
}

// pop takes the first write that may join b.
func (e *entry[A, D]) pop(b *batch[A, D]) *write[A, D] {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 {
		return nil
	}
	w := e.queue[0]
	if (w.alone || w.held != nil) && !b.empty() {
		return nil
	}
	e.queue[0] = nil
	e.queue = e.queue[1:]
	return w
}

// putBack returns writes to the head of the queue, to be run again.
func (e *entry[A, D]) putBack(ws ...*write[A, D]) {
	if len(ws) == 0 {
		return
	}
	e.mu.Lock()
	e.queue = append(ws[:len(ws):len(ws)], e.queue...)
	e.mu.Unlock()
}

// gather runs queued functions, each on the value that the one before it left.
func (s *Aggregates[A, D]) gather(e *entry[A, D], b *batch[A, D]) {
	for len(b.list) < s.cfg.MaxBatch && b.size < maxBatchBytes {
		w := e.pop(b)
		switch {
		case w == nil && s.awaited(e, b):
			continue
		case w == nil:
			return
		case w.held != nil:
			w.handOver()
			return // what b stands on may be another value now
		case b.empty() && e.value.Load() != b.base:
			e.putBack(w) // which may be of one who was given the newer value
			return
		}
		next, changes, err := s.run(e, w, b.top, b.err)
		switch {
		case errors.Is(err, errLeft):
		case err != nil || changes.empty():
			// What the function saw may not be durable yet: it's answered with the rest.
			b.see(w, err)
		case b.clashes(changes):
			e.putBack(w)
			return
		default:
			b.add(w, next, changes)
		}
		if w.alone {
			return
		}
	}
}

// errLeft stands for a write whose caller doesn't wait.
var errLeft = errors.New("store: the caller has left")

// run makes the next value out of top, or of nothing for the reason why.
func (s *Aggregates[A, D]) run(e *entry[A, D], w *write[A, D], top *version[A], why error) (next A, changes Changes, err error) {
	err = s.begin(e, w, top, why, func(d D) { next, changes = d.Seal() })
	return next, changes, err
}

// begin calls fn with a new draft and, unless fn fails, hands the draft on.
func (s *Aggregates[A, D]) begin(e *entry[A, D], w *write[A, D], top *version[A], why error, then func(D)) (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left {
		return errLeft
	}
	base, err := s.base(e.id, w.create, top, why)
	if err != nil {
		return err
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		if r := recover(); r != nil {
			err = fmt.Errorf("write %s: %w", s.name(e.id), &PanicError{Value: r, Stack: debug.Stack()})
		} else if w.held == nil { // the goroutine is ending
			w.done <- fmt.Errorf("write %s: %w", s.name(e.id), &PanicError{Value: "runtime.Goexit", Stack: debug.Stack()})
		}
	}()
	draft := s.draft(e, base)
	if err = w.fn(draft); err == nil {
		then(draft)
	}
	returned = true
	return err
}

// base is the value that a write starts from.
func (s *Aggregates[A, D]) base(id string, create bool, top *version[A], why error) (base A, err error) {
	switch {
	case top == nil && !(create && absent(why)):
		return base, why
	case top == nil:
		return s.cfg.New(id), nil
	case create:
		return base, fmt.Errorf("create %s: %w", s.name(id), ErrExists)
	}
	return top.value, nil
}
