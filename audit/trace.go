package audit

import (
	"context"
	"time"

	"iamd/store"
)

// Traces that wait, and one account's of them: at most 64 a second, and 0.5 MB,
// reach the disk for each account, and half of that for each principal, however
// often they are denied.
const (
	traceItems, traceBytes           = 1024, 16 << 20
	traceShareItems, traceShareBytes = 128, 1 << 20
)

// keptTraces are the newest of each principal and of each account: who floods
// their own share away leaves nine tenths of the account's alone.
var keptTraces = store.TraceBounds{
	Principal: store.TraceBound{Items: 1000, Bytes: 3 << 20},
	Aggregate: store.TraceBound{Items: 10_000, Bytes: 30 << 20},
}

// Keep queues the trace of a request for an account's history. pack gives its
// data, which costs something, but first asks whether there is room for more of
// a principal's (by unique id), and gives nil when there is none. A queue that is
// full, or full of that account's or principal's, drops the trace. Keep never
// waits.
func (r *Recorder) Keep(account, requestID string, at time.Time, pack func(room func(principal string) bool) []byte) {
	of := tenant{aggregate: r.cfg.Prefix + account}
	data := pack(func(principal string) bool {
		of.principal = principal
		return !r.traces.full(of)
	})
	if data == nil || !r.traces.enter(store.Trace{Aggregate: of.aggregate, Principal: of.principal, ID: requestID, Time: at, Data: data}) {
		r.droppedTraces.Add(1)
	}
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
