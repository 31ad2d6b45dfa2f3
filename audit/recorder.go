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
	queue  list
	events *room // what waits counts until it is written, in the queue or taken from it
	traces *room
	usages sync.Map // account → *usage

	dropped, droppedTraces atomic.Uint64

	flush chan chan error
	stop  context.CancelFunc
	done  chan struct{}
}

// queued is an event, or a trace if it counts as one.
type queued struct {
	tenant
	room  *room
	bytes int
	event store.Event
	trace *store.Trace // nil of an event
}

// New starts a recorder; Close ends it.
func New(cfg Config) *Recorder {
	cfg.History = cmp.Or(cfg.History, History)
	ctx, stop := context.WithCancel(context.Background())
	r := &Recorder{
		cfg:    cfg,
		events: newRoom(limits{queueLength, queueBytes}, limits{queueLength, queueBytes}),
		traces: newRoom(limits{traceItems, traceBytes}, limits{traceShareItems, traceShareBytes}),
		queue:  list{full: make(chan struct{}, 1)},
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
	r.put(queued{
		tenant: tenant{account: e.RecipientAccountID}, room: r.events, bytes: len(data), event: store.Event{ID: e.EventID, Time: e.EventTime},
	}, data)
	if cap(data) <= chunk {
		*text = data
		jsons.Put(text)
	}
}

// jsons are room to write an event in.
var jsons = sync.Pool{New: func() any { return new([]byte) }}

// put queues q. Of data, an event's, it keeps a copy.
func (r *Recorder) put(q queued, data []byte) {
	switch {
	case q.room.enter(q.tenant, q.bytes):
		r.queue.add(q, data) // no longer than the rooms together are great
	case q.room == r.traces:
		r.droppedTraces.Add(1)
	default:
		r.dropped.Add(1)
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
		case <-r.queue.full:
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

// waiting is what was taken from the queue and is not written yet.
type waiting struct {
	recorder     *Recorder
	spare        []queued // for the queue, when this one has taken its list
	texts        [][]byte // in which the events have their data
	events       map[string][]store.Event
	spareEvents  []store.Event // for the next of these lists
	name         string        // of the aggregate of the last of queuedEvents
	traces       []store.Trace
	queuedEvents []queued
	queuedTraces []queued
	inVain       bool // the events could not be stored before
}

func (w *waiting) add(q queued) {
	if q.room == w.recorder.traces {
		w.traces, w.queuedTraces = append(w.traces, *q.trace), append(w.queuedTraces, q)
		return
	}
	if n := len(w.queuedEvents); n == 0 || w.queuedEvents[n-1].account != q.account {
		w.name = w.recorder.cfg.Prefix + q.account
	}
	list := w.events[w.name]
	if list == nil {
		list, w.spareEvents = w.spareEvents, nil
	}
	w.events[w.name], w.queuedEvents = append(list, q.event), append(w.queuedEvents, q)
}

// stored forgets the events; their memory serves for others if nobody else may look
// at it, as one may who was asked to store them in vain.
func (w *waiting) stored(again bool) {
	w.queuedEvents = left(w.queuedEvents)
	if again {
		w.recorder.queue.reuse(w.texts)
		for _, list := range w.events {
			if cap(list) > cap(w.spareEvents) && cap(list) <= queueLength {
				w.spareEvents = list
			}
		}
		clear(w.spareEvents)
		w.spareEvents = w.spareEvents[:0]
	}
	clear(w.texts)
	w.texts = w.texts[:0]
	clear(w.events)
}

// write takes what is in the queue. It stores the events, then the traces, then the last-used data. What could
// not be stored is tried again; while it waits, the bounds of the queue hold.
func (w *waiting) write(ctx context.Context) error {
	cfg := &w.recorder.cfg
	taken, texts := w.recorder.queue.take(w.spare)
	w.texts = append(w.texts, texts...)
	for _, q := range taken {
		w.add(q)
	}
	clear(taken)
	w.spare = taken[:0]
	var failed error
	if n := len(w.queuedEvents); n > 0 {
		if failed = cfg.Sink.AppendEvents(ctx, w.events); failed != nil {
			cfg.Log.Log(ctx, level(failed), "events not written", "waiting", n, "error", failed)
			w.inVain = true
		} else {
			w.stored(!w.inVain)
			w.inVain = false
		}
	}
	if n := len(w.traces); n > 0 {
		if err := cfg.Sink.SaveTraces(ctx, w.traces, keptTraces); err != nil {
			cfg.Log.Log(ctx, level(err), "traces not written", "waiting", n, "error", err)
			failed = errors.Join(failed, err)
		} else {
			clear(w.traces)
			w.traces, w.queuedTraces = w.traces[:0], left(w.queuedTraces)
		}
	}
	if err := w.recorder.save(ctx); err != nil {
		cfg.Log.Log(ctx, level(err), "last-used data not written", "error", err)
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

// left gives the room of what was written back, and the list emptied.
func left(list []queued) []queued {
	for rest := list; len(rest) > 0; {
		first, n, bytes := &rest[0], 0, 0
		for n < len(rest) && rest[n].tenant == first.tenant && rest[n].room == first.room {
			bytes += rest[n].bytes
			n++
		}
		first.room.leave(first.tenant, n, bytes)
		rest = rest[n:]
	}
	clear(list)
	return list[:0]
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
