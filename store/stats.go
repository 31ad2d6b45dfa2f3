package store

import (
	"context"
	"errors"
	"sync/atomic"
)

// Stats tells what Aggregates have done since they began.
type Stats struct {
	Loaded    int    // values in memory
	Loads     uint64 // values that the backend was asked for whole, failures among them
	Evictions uint64 // values that left memory to make room
	Refused   uint64 // writes that ended by ErrUnavailable
}

// Stats tells what s has done.
func (s *Aggregates[A, D]) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Loaded: s.order.Len(), Loads: s.counts.loads.Load(), Evictions: s.counts.evictions.Load(), Refused: s.counts.refused.Load()}
}

type counts struct{ loads, evictions, refused atomic.Uint64 }

// ended counts a write, if it ended by ErrUnavailable.
func (c *counts) ended(err error) error {
	if errors.Is(err, ErrUnavailable) {
		c.refused.Add(1)
	}
	return err
}

// caused is the context of a load or a commit, which many callers wait for: it ends
// when the store is closed, and has the values of the call that caused it.
type caused struct {
	context.Context
	by context.Context
}

func (c caused) Value(key any) any { return c.by.Value(key) }
