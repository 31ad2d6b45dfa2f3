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
	bytes   atomic.Int64   // of events that wait, in the queue or taken from it
	mu      sync.Mutex     // guards waits
	waits   map[string]int // how many of each account's
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
	w := &waiting{recorder: r, events: map[string][]store.Event{}}
	for {
		select {
		case q := <-r.queue:
			w.add(q)
			if w.n%batch == 0 {
				_ = w.write(ctx) // logged
			}
		case <-tick.C:
			_ = w.write(ctx) // logged
		case answer := <-r.flush:
			for len(r.queue) > 0 {
				w.add(<-r.queue)
			}
			answer <- w.write(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// waiting are the events that were taken from the queue and are not written
// yet. Until they are, or are dropped, they count as in the queue.
type waiting struct {
	recorder *Recorder
	events   map[string][]store.Event
	queued   []queued
	n        int
}

func (w *waiting) add(q queued) {
	name := w.recorder.cfg.Prefix + q.account
	w.events[name] = append(w.events[name], q.event)
	w.queued = append(w.queued, q)
	w.n++
}

// write stores the events, then the last-used data. What could not be stored is
// tried again; while it waits, the bounds of the queue hold.
func (w *waiting) write(ctx context.Context) error {
	var failed error
	if w.n > 0 {
		if failed = w.recorder.cfg.Sink.AppendEvents(ctx, w.events); failed != nil {
			w.recorder.cfg.Log.Error("events not written", "waiting", w.n, "error", failed)
		} else {
			w.clear()
		}
	}
	if err := w.recorder.save(ctx); err != nil {
		w.recorder.cfg.Log.Error("last-used data not written", "error", err)
		failed = errors.Join(failed, err)
	}
	return failed
}

func (w *waiting) clear() {
	for _, q := range w.queued {
		w.recorder.leave(q)
	}
	clear(w.events)
	clear(w.queued)
	w.queued, w.n = w.queued[:0], 0
}

// save writes the last-used data that is new.
func (r *Recorder) save(ctx context.Context) error {
	var soft []store.Soft
	var failed error
	r.usages.Range(func(account, u any) bool {
		s, err := u.(*usage).take(r.cfg.Prefix + account.(string))
		failed = errors.Join(failed, err)
		soft = append(soft, s...)
		return true
	})
	if len(soft) == 0 {
		return failed
	}
	err := r.cfg.Sink.SaveSoft(ctx, soft)
	if err == nil {
		return failed
	}
	for _, s := range soft {
		if u, ok := r.usages.Load(s.Aggregate[len(r.cfg.Prefix):]); ok {
			u.(*usage).again(usageKey{s.Kind, s.Key})
		}
	}
	return errors.Join(failed, err)
}
