package sink

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"iamd/store"
)

// What may wait in memory for one sink. Beyond that, events are read from the
// store when their time comes.
const (
	queueItems = 8192
	queueBytes = 16 << 20
)

// Waits between attempts at a destination that fails: each twice the one before.
const (
	firstWait = time.Second
	lastWait  = time.Minute
)

// batch bounds what is delivered at once.
type batch struct{ items, bytes int }

// shipper is one sink: its list, its goroutine, its cursor.
type shipper struct {
	cfg  *Config
	name string
	to   Destination
	most batch

	wake   chan struct{} // of one: there is something to do
	drain  chan struct{} // closed: deliver what is there, and end
	done   chan struct{}
	ctx    context.Context // of deliveries
	cancel context.CancelFunc

	mu    sync.Mutex
	queue []store.Event
	bytes int
	// missed are events that found no room: while there are any, none has.
	missed span
	// under is the time of the oldest event that is being delivered, or of the
	// beginning of what is read from the store; zero: nothing is.
	under   time.Time
	moved   bool // something was delivered since the cursor was kept
	cleared bool // everything was, at the end

	dropped, failed atomic.Uint64
}

// span is a time with all events from one moment to another, both included.
type span struct{ from, to time.Time }

func (s *span) add(t time.Time) {
	if s.from.IsZero() || t.Before(s.from) {
		s.from = t
	}
	if t.After(s.to) {
		s.to = t
	}
}

func (s *span) empty() bool { return s.from.IsZero() }

func (s *shipper) init() {
	s.wake, s.drain, s.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	s.ctx, s.cancel = context.WithCancel(context.Background())
}

// offer takes events in, and never waits.
func (s *shipper) offer(events []store.Event, unknown bool) {
	s.mu.Lock()
	for _, e := range events {
		full := len(s.queue) >= queueItems || s.bytes+len(e.Data) > queueBytes
		if unknown || full || !s.missed.empty() {
			s.missed.add(e.Time)
			continue
		}
		s.queue, s.bytes = append(s.queue, e), s.bytes+len(e.Data)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run delivers until drain is closed and nothing is left, or the context ends.
func (s *shipper) run() {
	defer close(s.done)
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for s.ctx.Err() == nil {
		if s.once() {
			select {
			case <-tick.C:
				s.keep(false)
			default:
			}
			continue
		}
		select {
		case <-s.wake:
		case <-tick.C:
			s.keep(false)
		case <-s.ctx.Done():
			return
		case <-s.drain:
			if s.idle() {
				s.mu.Lock()
				s.cleared = true
				s.mu.Unlock()
				return
			}
		}
	}
}

// once does one piece of what there is to do, and tells whether there was any.
func (s *shipper) once() bool {
	if list := s.take(); len(list) > 0 {
		data := make([][]byte, len(list))
		for i, e := range list {
			data[i] = e.Data
		}
		s.settle(s.deliver(data), list)
		return true
	}
	s.mu.Lock()
	missed := s.missed
	s.missed, s.under = span{}, missed.from
	s.mu.Unlock()
	if missed.empty() {
		return false
	}
	all := s.readAgain(missed)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under, s.moved = time.Time{}, true
	if !all {
		s.missed.add(missed.from)
		s.missed.add(missed.to)
	}
	return true
}

// take is the next batch of the list.
func (s *shipper) take() []store.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, size := 0, 0
	var oldest span
	for n < min(len(s.queue), s.most.items) && (n == 0 || size+len(s.queue[n].Data) <= s.most.bytes) {
		oldest.add(s.queue[n].Time)
		size += len(s.queue[n].Data)
		n++
	}
	list := s.queue[:n:n]
	s.queue, s.bytes, s.under = s.queue[n:], s.bytes-size, oldest.from
	if len(s.queue) == 0 {
		s.queue = nil // what was delivered is not held
	}
	return list
}

// settle notes that a batch was delivered, or was not, as the context ended.
func (s *shipper) settle(delivered bool, list []store.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under = time.Time{}
	if delivered {
		s.moved = true
		return
	}
	for _, e := range list {
		s.missed.add(e.Time)
	}
}

func (s *shipper) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) == 0 && s.missed.empty() && s.under.IsZero()
}

// deliver writes until it succeeds; false: the context ended before.
func (s *shipper) deliver(events [][]byte) bool {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := s.to.Write(s.ctx, events)
		switch {
		case err == nil:
			return true
		case s.ctx.Err() != nil:
			return false
		case errors.Is(err, ErrTooLarge) && len(events) > 1:
			half := len(events) / 2
			return s.deliver(events[:half]) && s.deliver(events[half:])
		case errors.Is(err, ErrTooLarge):
			s.dropped.Add(1)
			s.cfg.Log.Error("audit sink: an event is too large for it, and was left out", "sink", s.name, "bytes", len(events[0]))
			return true
		}
		s.failed.Add(1)
		s.cfg.Log.Error("audit sink: events not delivered, and will be tried again", "sink", s.name, "waiting", wait, "error", err)
		if !s.pause(wait) {
			return false
		}
	}
}

// pause waits; false: the context ended before. The cursor is kept on time all the
// same.
func (s *shipper) pause(wait time.Duration) bool {
	s.keep(false)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// close waits for the end, until ctx ends, and keeps the cursor.
func (s *shipper) close(ctx context.Context) error {
	select {
	case <-s.done:
	case <-ctx.Done():
	}
	s.cancel()
	select {
	case <-s.done:
	case <-time.After(stuck):
		// It writes to something that takes nothing, and can't be called back: what it
		// has counts as not delivered.
		s.keep(true)
		return errors.New("audit: the sink " + s.name + " takes nothing: its events are read again at the next start")
	}
	s.keep(true)
	return s.to.Close()
}

// stuck is how long a write that was called off may still take.
const stuck = time.Second
