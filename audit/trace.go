package audit

import (
	"context"
	"time"

	"iamd/store"
)

const (
	// Traces that wait, and one account's of them: at most 64 a second, and 0.5
	// MB, reach the disk for each account, however often it is denied.
	traceItems, traceBytes           = 1024, 16 << 20
	traceShareItems, traceShareBytes = 128, 1 << 20
	// traceKeep is how many of an account's traces are kept at most, its newest.
	traceKeep = 10_000
)

// Keep queues the trace of a request for an account's history; pack gives its
// data, and is called only when there is room for it. A queue that is full, or
// full of that account's, drops it. Keep never waits.
func (r *Recorder) Keep(account, requestID string, at time.Time, pack func() []byte) {
	if r.traces.full(account) {
		r.droppedTraces.Add(1)
		return
	}
	data := pack()
	r.put(queued{account: account, room: r.traces, bytes: len(data), trace: store.Trace{
		Aggregate: r.cfg.Prefix + account, ID: requestID, Time: at, Data: data,
	}})
}

// Trace gives the data of the trace of a request, those that still wait
// included. It fails with the sink's error when there is none.
func (r *Recorder) Trace(ctx context.Context, requestID string) ([]byte, error) {
	flushed := r.Flush(ctx)
	t, err := r.cfg.Sink.Trace(ctx, requestID)
	if err != nil && flushed != nil {
		return nil, flushed // it may be among what could not be written
	}
	return t.Data, err
}

// DroppedTraces counts the traces that found no room.
func (r *Recorder) DroppedTraces() uint64 { return r.droppedTraces.Load() }
