package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// cut lets those go who wait for the backend, when it is away: they are answered
// with ErrUnavailable, and what they wait for may still be done.
type cut struct {
	patience time.Duration

	// over is closed once nobody waits any more; every read asks for it.
	over atomic.Pointer[chan struct{}]

	mu     sync.Mutex // of the rest, and to change over
	closed bool
	timer  *time.Timer // nil: the backend is not away
}

func newCut(patience time.Duration) *cut {
	c := &cut{patience: patience}
	c.reopen()
	return c
}

func (c *cut) reopen() {
	over := make(chan struct{})
	c.over.Store(&over)
}

// begins says that the backend is away. Who waits goes on waiting for a while, as
// many a silence is short.
func (c *cut) begins() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var timer *time.Timer
	timer = time.AfterFunc(c.patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.timer == timer && !c.closed {
			c.closed = true
			close(*c.over.Load())
		}
	})
	c.timer = timer
}

// heals says that it is back.
func (c *cut) heals() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	if c.closed {
		c.reopen()
		c.closed = false
	}
}

// lost is closed when there is no point in waiting for the backend any longer: the
// follower has stalled, and not recovered for FollowConfig.Patience. Ask for it
// before what is waited for begins. Without a follower it never is.
func (f *Follower) lost() <-chan struct{} {
	if f == nil {
		return nil
	}
	return *f.cut.over.Load()
}

// whileThere is a context that ends with ctx, and when the backend is lost.
func (f *Follower) whileThere(ctx context.Context) (context.Context, context.CancelFunc) {
	own, cancel := context.WithCancelCause(ctx)
	if lost := f.lost(); lost != nil {
		go func() {
			select {
			case <-lost:
				cancel(ErrUnavailable)
			case <-own.Done():
			}
		}()
	}
	return own, func() { cancel(nil) }
}

// notWaitedFor is the error of a write that the backend was lost for.
func notWaitedFor(what string) error {
	return fmt.Errorf("%s: %w: not waited for, it may still be done", what, ErrUnavailable)
}
