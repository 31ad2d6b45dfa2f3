package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
)

// Share is one aggregate's part in a write that Together does. It is good for
// one call.
type Share interface {
	name() string
	backend() Backend
	lost() <-chan struct{}
	ended(error) error
	acquire(ctx context.Context) error
	release()
	draft() error
	seal() (Part, error)
	publish()
	reload(why error)
}

// Share makes fn's write to an existing aggregate one of several.
func (s *Aggregates[A, D]) Share(id string, fn func(D) error) Share {
	return &share[A, D]{s: s, id: id, w: &write[A, D]{fn: fn}}
}

// ShareNew is Share for an aggregate that must not exist yet.
func (s *Aggregates[A, D]) ShareNew(id string, fn func(D) error) Share {
	return &share[A, D]{s: s, id: id, w: &write[A, D]{fn: fn, create: true}}
}

// Together runs the shares' functions in the order given, on the newest values,
// and commits what they changed or, when one returns an error, nothing. The drafts
// stay open until the last function has returned: a function may hand its draft to
// those after it, and forgets it when it is called again. It
// answers as Update and Create do, with this difference: the functions run in
// the caller's goroutine, and once they have, Together waits for the commit
// whatever becomes of ctx, but not for a backend that is away. Other writers of the
// aggregates wait meanwhile, so the functions must not wait for anything. The aggregate whose name is last is
// waited for first, so that what is waited for long holds up those before it the
// least. The shares may be of different types but must be of one backend, and of
// different aggregates.
func Together(ctx context.Context, shares ...Share) (err error) {
	ordered := slices.SortedFunc(slices.Values(shares), func(a, b Share) int { return cmp.Compare(b.name(), a.name()) })
	for i, sh := range ordered {
		if i > 0 && (sh.name() == ordered[i-1].name() || sh.backend() != ordered[i-1].backend()) {
			return fmt.Errorf("%w: shares of one aggregate or of two backends", ErrInvalid)
		}
	}
	if len(shares) == 0 {
		return fmt.Errorf("%w: a write of no shares", ErrInvalid)
	}
	defer func() { _ = shares[0].ended(err) }() // one write, whosever
	lost := shares[0].lost()                    // one backend, one follower
	held := 0
	release := func() {
		for _, sh := range ordered[:held] {
			sh.release()
		}
	}
	defer func() { release() }()
	for _, sh := range ordered { // in one order for all, so that no two wait for each other
		if err := sh.acquire(ctx); err != nil {
			return err
		}
		held++
	}
	for try := 1; ; try++ {
		parts, err := sealShares(shares)
		if err != nil || parts == nil {
			return err
		}
		if lost == nil {
			err = commitShares(ctx, shares, parts)
		} else {
			done := make(chan error, 1)
			go func() { done <- commitShares(ctx, shares, parts) }()
			select {
			case err = <-done:
			case <-lost:
				// Nobody else may write until it is known what is durable.
				later := release
				release = func() {}
				go func() {
					<-done
					later()
				}()
				return notWaitedFor(fmt.Sprintf("commit %d aggregates", len(parts)))
			}
		}
		if err == nil || try == maxTries || !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// sealShares runs the functions; nil: they changed nothing.
func sealShares(shares []Share) ([]Part, error) {
	parts := make([]Part, len(shares))
	changed := false
	for _, sh := range shares {
		if err := sh.draft(); err != nil {
			return nil, err
		}
	}
	for i, sh := range shares {
		var err error
		if parts[i], err = sh.seal(); err != nil {
			return nil, err
		}
		changed = changed || !parts[i].empty()
	}
	if !changed {
		return nil, nil
	}
	return parts, nil
}

// commitShares makes one attempt.
func commitShares(ctx context.Context, shares []Share, parts []Part) error {
	// A share without changes is committed too: the others were decided upon its
	// value, which another node may be changing. A commit that is broken off
	// leaves open what is durable, so it's not the caller's to break off.
	err := shares[0].backend().Commit(context.WithoutCancel(ctx), parts)
	var taken *TakenError
	switch {
	case err == nil:
		for _, sh := range shares {
			sh.publish()
		}
		return nil
	case !errors.As(err, &taken):
		for _, sh := range shares {
			sh.reload(err)
		}
	}
	return fmt.Errorf("commit %d aggregates: %w", len(parts), err)
}

type share[A Aggregate[D], D Draft[A]] struct {
	s    *Aggregates[A, D]
	id   string
	w    *write[A, D]
	e    *entry[A, D]
	d    D
	base uint64 // the version that d is a draft of
	read uint64 // entry.read, of base
	next *version[A]
}

func (h *share[A, D]) name() string     { return h.s.name(h.id) }
func (h *share[A, D]) backend() Backend { return h.s.cfg.Backend }

func (h *share[A, D]) ended(err error) error { return h.s.counts.ended(err) }

func (h *share[A, D]) lost() <-chan struct{} { return h.s.cfg.Follower.lost() }

// acquire waits until the aggregate's writer hands it over.
func (h *share[A, D]) acquire(ctx context.Context) error {
	if err := checkNames("", h.id, h.name()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	lost := h.lost()
	if err := h.s.cfg.Follower.writable(); err != nil {
		return fmt.Errorf("write %s: %w", h.name(), err)
	}
	h.w.held, h.w.resume, h.w.done = make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var err error
	if h.e, err = h.s.enqueue(ctx, h.id, h.w); err != nil {
		return err
	}
	select {
	case <-h.w.held:
		return nil
	case err := <-h.w.done: // it can't be loaded
		return err
	case <-ctx.Done():
	case <-lost:
	}
	h.w.leave()
	h.release() // in case it was handed over just now
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write %s: %w", h.name(), err)
	}
	return fmt.Errorf("write %s: %w", h.name(), ErrUnavailable)
}

// handOver lends the aggregate to the caller of Together.
func (w *write[A, D]) handOver() {
	w.mu.Lock()
	left := w.left
	if !left {
		close(w.held)
	}
	w.mu.Unlock()
	if !left {
		<-w.resume
	}
}

func (h *share[A, D]) release() { close(h.w.resume) }

func (h *share[A, D]) draft() error {
	h.read = h.e.read.Load() // before the value
	top, why := h.e.current()
	h.base = 0
	if top != nil {
		h.base = top.number
	}
	return h.s.begin(h.e, h.w, top, why, func(d D) { h.d = d })
}

func (h *share[A, D]) seal() (part Part, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("write %s: %w", h.name(), &PanicError{Value: r, Stack: debug.Stack()})
		}
	}()
	next, changes := h.d.Seal()
	h.next = &version[A]{value: next, number: h.base + 1}
	return Part{Aggregate: h.name(), Expect: h.base, Changes: changes}, nil
}

func (h *share[A, D]) publish() { h.e.wrote(h.next, h.read) }

func (h *share[A, D]) reload(why error) { h.s.renew(h.e, why) }
