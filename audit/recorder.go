package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"iamd/store"
)

// FlushEvery is how long an event or a last-used time may wait in memory.
const FlushEvery = 2 * time.Second

const (
	queueLength = 8192     // events that wait
	queueBytes  = 32 << 20 // and their bytes
	// accountShare is how many of them one account's may be, so that nobody
	// hides behind a flood of their own.
	accountShare = queueLength / 2
	batch        = 1024 // events written at once
	// maxParameters is the most that an event keeps of a request or an answer,
	// in bytes, as CloudTrail's; more is left out.
	maxParameters = 100 << 10
)

// Sink stores what may be lost in a crash.
type Sink interface {
	AppendEvents(ctx context.Context, events map[string][]store.Event) error
	SaveSoft(ctx context.Context, values []store.Soft) error
	LoadSoft(ctx context.Context, aggregate string) ([]store.Soft, error)
}

// Config is what a Recorder needs.
type Config struct {
	Sink   Sink
	Prefix string // of the accounts' aggregates
	Log    *slog.Logger
}

// Recorder keeps events and last-used data until they are written.
type Recorder struct {
	cfg     Config
	queue   chan queued
	usages  sync.Map // account → *usage
	dropped atomic.Uint64
	bytes   atomic.Int64 // in the queue
	mu      sync.Mutex   // guards waits
	waits   map[string]int
	flush   chan chan error
	stop    context.CancelFunc
	done    chan struct{}
}

type queued struct {
	account string
	event   store.Event
}

// New starts a recorder; Close ends it.
func New(cfg Config) *Recorder {
	ctx, stop := context.WithCancel(context.Background())
	r := &Recorder{
		cfg: cfg, queue: make(chan queued, queueLength), waits: map[string]int{},
		flush: make(chan chan error), stop: stop, done: make(chan struct{}),
	}
	go r.run(ctx)
	return r
}

// Record queues an event for its recipient account; a queue that is full, or
// full of that account's, drops it. It never waits.
func (r *Recorder) Record(e *Event) {
	q := queued{e.RecipientAccountID, e.Stored()}
	if !r.admit(q) {
		r.dropped.Add(1)
		return
	}
	select {
	case r.queue <- q:
	default:
		r.leave(q)
		r.dropped.Add(1)
	}
}

func (r *Recorder) admit(q queued) bool {
	n := int64(len(q.event.Data))
	if r.bytes.Add(n) > queueBytes {
		r.bytes.Add(-n)
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits[q.account] >= accountShare {
		r.bytes.Add(-n)
		return false
	}
	r.waits[q.account]++
	return true
}

// leave undoes admit.
func (r *Recorder) leave(q queued) {
	r.bytes.Add(-int64(len(q.event.Data)))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits[q.account]--; r.waits[q.account] == 0 {
		delete(r.waits, q.account)
	}
}

// Dropped counts the events that found the queue full.
func (r *Recorder) Dropped() uint64 { return r.dropped.Load() }

// Flush writes what waits; reports that must be up to date ask for it.
func (r *Recorder) Flush(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case r.flush <- answer:
	case <-r.done:
		return errors.New("audit: closed")
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close writes what waits and ends the recorder.
func (r *Recorder) Close(ctx context.Context) error {
	err := r.Flush(ctx)
	r.stop()
	<-r.done
	return err
}

func (r *Recorder) run(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(FlushEvery)
	defer tick.Stop()
	waiting := map[string][]store.Event{}
	n := 0
	write := func() error {
		err := r.write(ctx, waiting)
		if err != nil {
			r.cfg.Log.Error("events not written", "waiting", n, "error", err)
		}
		// What could not be written is tried again, while there is room for it.
		if err == nil || n >= queueLength {
			if err != nil {
				r.dropped.Add(uint64(n))
			}
			clear(waiting)
			n = 0
		}
		return err
	}
	for {
		select {
		case q := <-r.queue:
			r.add(waiting, q)
			if n++; n%batch == 0 {
				_ = write() // logged
			}
		case <-tick.C:
			_ = write() // logged
		case answer := <-r.flush:
			for len(r.queue) > 0 {
				r.add(waiting, <-r.queue)
				n++
			}
			answer <- write()
		case <-ctx.Done():
			return
		}
	}
}

func (r *Recorder) add(waiting map[string][]store.Event, q queued) {
	r.leave(q)
	name := r.cfg.Prefix + q.account
	waiting[name] = append(waiting[name], q.event)
}

func (r *Recorder) write(ctx context.Context, waiting map[string][]store.Event) error {
	var failed error
	if len(waiting) > 0 {
		failed = r.cfg.Sink.AppendEvents(ctx, waiting)
	}
	var soft []store.Soft
	r.usages.Range(func(account, u any) bool {
		s, err := u.(*usage).take(r.cfg.Prefix + account.(string))
		failed = errors.Join(failed, err)
		soft = append(soft, s...)
		return true
	})
	if len(soft) == 0 {
		return failed
	}
	if err := r.cfg.Sink.SaveSoft(ctx, soft); err != nil {
		failed = errors.Join(failed, err)
		for _, s := range soft {
			if u, ok := r.usages.Load(s.Aggregate[len(r.cfg.Prefix):]); ok {
				u.(*usage).again(usageKey{s.Kind, s.Key})
			}
		}
	}
	return failed
}
