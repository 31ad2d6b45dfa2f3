package server

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"iamd/store"
)

// outage tells the log that the store takes no writes: once when that begins, and
// once when it is over, with how many were refused meanwhile. So the log does not
// grow with what clients try.
type outage struct {
	log    *slog.Logger
	shared bool // a follower tells of cuts
	// refused counts writes, since the start; nil while that is under way.
	refused atomic.Pointer[func() uint64]

	mu     sync.Mutex
	cut    bool // the follower says so
	told   bool
	begun  time.Time // when it was told
	before uint64    // refused until then
	first  time.Time // of the failures since the last time that all was well
	last   time.Time // of them
}

// Failures of writes while the follower hears of others are told apart from a cut
// that it is about to notice, and from one that is over, by time alone.
const (
	beforeTold = 2 * time.Second
	afterLast  = time.Second
)

// cutOff takes in what the follower tells: why nothing is heard, or nil.
func (o *outage) cutOff(why error, staleFor time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut = why != nil
	switch {
	case why != nil && !o.told:
		o.begin("cut off from the store: writes are refused", "deciding_from_memory_for", staleFor, "error", why)
	case why == nil:
		o.first = time.Time{}
		o.end("following the store")
	}
}

// wrote takes in how a write to the backend ended.
func (o *outage) wrote(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	failed := errors.Is(err, store.ErrUnavailable)
	if failed {
		if o.last = now; o.first.IsZero() {
			o.first = now
		}
	}
	switch {
	case o.cut || o.first.IsZero():
	case !o.told && failed && (!o.shared || now.Sub(o.first) >= beforeTold):
		o.begin("the store takes no writes: they are refused", "error", err)
	case o.told && err == nil && (!o.shared || now.Sub(o.last) >= afterLast):
		o.end("the store takes writes again")
		o.first = time.Time{}
	case err == nil && now.Sub(o.last) >= afterLast:
		o.first = time.Time{}
	}
}

// wrote takes in how a write to the backend ended. That it is over is believed of a
// disk only when that has room for the next one, too.
func (s *Server) wrote(ctx context.Context, err error) {
	s.outage.mu.Lock()
	told := s.outage.told
	s.outage.mu.Unlock()
	if told && err == nil {
		err = s.writable(context.WithoutCancel(ctx))
	}
	s.outage.wrote(err)
}

// begin tells that it begins. o.mu is held.
func (o *outage) begin(what string, more ...any) {
	o.told, o.begun, o.before = true, time.Now(), o.count()
	o.log.Error(what, more...)
}

// end tells that it is over; of the first news at a start there was nothing before.
// o.mu is held.
func (o *outage) end(what string) {
	if !o.told {
		o.log.Info(what)
		return
	}
	o.told = false
	o.log.Info(what, "after", time.Since(o.begun).Round(time.Millisecond), "writes_refused", o.count()-o.before)
}

func (o *outage) count() uint64 {
	if refused := o.refused.Load(); refused != nil {
		return (*refused)()
	}
	return 0
}

// writing are the backend's operations that write.
func writing(operation string) bool {
	return operation == "commit" || operation == "append_events" || strings.HasPrefix(operation, "save_")
}

// writesRefused counts the writes that were refused because the store was away.
func (s *Server) writesRefused() (n uint64) {
	for _, stats := range s.caches() {
		n += stats().Refused
	}
	return n
}

// writable asks an embedded store whether its disk takes writes.
func (s *Server) writable(ctx context.Context) error {
	if disk, ok := embedded(s.backend).(interface {
		Writable(ctx context.Context) error
	}); ok {
		return disk.Writable(ctx)
	}
	return nil
}

// embedded is a backend without what looks on.
func embedded(backend store.Backend) store.Backend {
	for {
		wrapped, ok := backend.(interface{ Unwrap() store.Backend })
		if !ok {
			return backend
		}
		backend = wrapped.Unwrap()
	}
}
