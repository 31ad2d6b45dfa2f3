package audit

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"iamd/store"
)

// History is how long events are kept unless configured: as long as CloudTrail's
// event history keeps them.
const History = 90 * 24 * time.Hour

// FlushEvery is how long an event or a last-used time may wait in memory.
const FlushEvery = 2 * time.Second

const (
	queueLength = 8192     // events that wait
	queueBytes  = 32 << 20 // and their bytes
	batch       = 1024     // events and traces written at once
	// maxParameters is the most that an event keeps of a request or an answer,
	// in bytes, as CloudTrail's; more is left out.
	maxParameters = 100 << 10
)

// Sink stores what may be lost in a crash. Of events that it has stored it keeps
// neither the lists nor the data: their memory serves for others.
type Sink interface {
	AppendEvents(ctx context.Context, events map[string][]store.Event) error
	Events(ctx context.Context, aggregate string, q store.EventQuery) ([]store.Event, error)
	SaveTraces(ctx context.Context, traces []store.Trace, keep store.TraceBounds) error
	Trace(ctx context.Context, id string) (store.Trace, error)
	SaveSoft(ctx context.Context, values []store.Soft) error
	LoadSoft(ctx context.Context, aggregate string) ([]store.Soft, error)
}

// Config is what a Recorder needs.
type Config struct {
	Sink   Sink
	Prefix string // of the accounts' aggregates
	Log    *slog.Logger
	// History is how far back Lookup sees; zero: History.
	History time.Duration
	// WritesOnly leaves out what only looked, succeeded, and gave nobody credentials.
	WritesOnly bool
	// Living tells who an account has now, by access key id and unique id; nil while
	// that is not known. Of those whom it has no more nothing stays but when somebody
	// last tried a service. nil: all stays.
	Living func(account string) func(id string) bool
	// Shared says that other processes note uses in the same store, so that what they
	// saved is read again, once in FlushEvery for an account that is asked about.
	Shared bool
}

// Recorder keeps events, traces and last-used data until they are written.
type Recorder struct {
	cfg    Config
	events *piles // what waits counts until it is written
	traces *room
	usages sync.Map // account → *usage

	dropped, droppedTraces atomic.Uint64

	flush chan chan error
	stop  context.CancelFunc
	done  chan struct{}
}

// New starts a recorder; Close ends it.
func New(cfg Config) *Recorder {
	cfg.History = cmp.Or(cfg.History, History)
	ctx, stop := context.WithCancel(context.Background())
	r := &Recorder{
		cfg:    cfg,
		events: newPiles(cfg.Prefix, limits{queueLength, queueBytes}),
		traces: newRoom(limits{traceItems, traceBytes}, limits{traceShareItems, traceShareBytes}),
		flush:  make(chan chan error), stop: stop, done: make(chan struct{}),
	}
	go r.run(ctx)
	return r
}

// Record queues an event for its recipient account; a queue that is full, or
// full of that account's, drops it. It never waits.
func (r *Recorder) Record(e *Event) {
	if r.cfg.WritesOnly && e.looksOnly() {
		return
	}
	text := jsons.Get().(*[]byte)
	data := e.AppendJSON((*text)[:0])
	if !r.events.add(e.RecipientAccountID, store.Event{ID: e.EventID, Time: e.EventTime}, data) {
		r.dropped.Add(1)
	}
	if cap(data) <= chunk {
		*text = data
		jsons.Put(text)
	}
}

// jsons are room to write an event in.
var jsons = sync.Pool{New: func() any { return new([]byte) }}

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
		case <-r.events.full:
			_ = w.write(ctx) // logged
		case <-tick.C:
			_ = w.write(ctx) // logged
		case answer := <-r.flush:
			answer <- w.write(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// waiting is what was taken to be written, and is not yet.
type waiting struct {
	recorder *Recorder
	events   map[string][]store.Event
	texts    [][]byte // in which they have their data
	inVain   bool     // they could not be stored before
	traces   []store.Trace
}

// write takes what is in the queue. It stores the events, then the traces, then the last-used data. What could
// not be stored is tried again; while it waits, the bounds of the queue hold.
func (w *waiting) write(ctx context.Context) error {
	r := w.recorder
	w.texts = append(w.texts, r.events.take(w.events, w.inVain)...)
	w.traces = r.traces.take(w.traces)
	var failed error
	if len(w.events) > 0 {
		if failed = r.cfg.Sink.AppendEvents(ctx, w.events); failed != nil {
			r.cfg.Log.Log(ctx, level(failed), "events not written", "waiting", r.events.waiting().items, "error", failed)
			w.inVain = true
		} else {
			r.events.stored(w.texts, !w.inVain)
			w.inVain = false
			clear(w.texts)
			w.texts = w.texts[:0]
			clear(w.events)
		}
	}
	if n := len(w.traces); n > 0 {
		if err := r.cfg.Sink.SaveTraces(ctx, w.traces, keptTraces); err != nil {
			r.cfg.Log.Log(ctx, level(err), "traces not written", "waiting", n, "error", err)
			failed = errors.Join(failed, err)
		} else {
			r.traces.leave(w.traces)
			clear(w.traces)
			w.traces = w.traces[:0]
		}
	}
	if err := r.save(ctx); err != nil {
		r.cfg.Log.Log(ctx, level(err), "last-used data not written", "error", err)
		failed = errors.Join(failed, err)
	}
	return failed
}

// level is an error's for the log: that the store is away the server tells once.
func level(err error) slog.Level {
	if errors.Is(err, store.ErrUnavailable) {
		return slog.LevelDebug
	}
	return slog.LevelError
}

// save writes the last-used data that is new.
func (r *Recorder) save(ctx context.Context) error {
	var soft []store.Soft
	var failed error
	held := 0
	defer func() { r.forget(held - maxUsages) }()
	r.usages.Range(func(account, u any) bool {
		held++
		r.bury(account.(string), u.(*usage))
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
