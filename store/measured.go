package store

import (
	"context"
	"time"
)

// Probe is told of a call of a backend as it begins, by the operation's name, such
// as "append_events". The backend gets the context that it returns, and what it
// returns beside it is called once when the call has ended, with its error.
type Probe func(ctx context.Context, operation string) (context.Context, func(error))

// Measured is b, of whose calls probe is told. It is Shared or Whole where b is.
// What Follow does lasts as long as the process and is no call.
func Measured(b Backend, probe Probe) Backend {
	m := measured{b, probe}
	shared, follows := b.(Shared)
	whole, moves := b.(Whole)
	switch {
	case follows && moves:
		return &struct {
			measured
			following
			measuredWhole
		}{m, shared, measuredWhole{whole, probe}}
	case follows:
		return &struct {
			measured
			following
		}{m, shared}
	case moves:
		return &struct {
			measured
			measuredWhole
		}{m, measuredWhole{whole, probe}}
	}
	return &m
}

// following is what Shared has beside Backend.
type following interface {
	Follow(ctx context.Context, f Feed) error
}

type measured struct {
	b     Backend
	probe Probe
}

func (m measured) Load(ctx context.Context, aggregate string) (version uint64, rows []Row, err error) {
	ctx, end := m.probe(ctx, "load")
	defer func() { end(err) }()
	return m.b.Load(ctx, aggregate)
}

func (m measured) Commit(ctx context.Context, parts []Part) (err error) {
	ctx, end := m.probe(ctx, "commit")
	defer func() { end(err) }()
	return m.b.Commit(ctx, parts)
}

func (m measured) Lookup(ctx context.Context, u Unique) (aggregate string, err error) {
	ctx, end := m.probe(ctx, "lookup")
	defer func() { end(err) }()
	return m.b.Lookup(ctx, u)
}

func (m measured) List(ctx context.Context, prefix, after string, limit int) (names []string, err error) {
	ctx, end := m.probe(ctx, "list")
	defer func() { end(err) }()
	return m.b.List(ctx, prefix, after, limit)
}

func (m measured) Changes(ctx context.Context, aggregate string, after uint64, limit int) (list []Change, err error) {
	ctx, end := m.probe(ctx, "changes")
	defer func() { end(err) }()
	return m.b.Changes(ctx, aggregate, after, limit)
}

func (m measured) Events(ctx context.Context, aggregate string, q EventQuery) (list []Event, err error) {
	ctx, end := m.probe(ctx, "events")
	defer func() { end(err) }()
	return m.b.Events(ctx, aggregate, q)
}

func (m measured) AppendEvents(ctx context.Context, events map[string][]Event) (err error) {
	ctx, end := m.probe(ctx, "append_events")
	defer func() { end(err) }()
	return m.b.AppendEvents(ctx, events)
}

func (m measured) SaveSoft(ctx context.Context, values []Soft) (err error) {
	ctx, end := m.probe(ctx, "save_soft")
	defer func() { end(err) }()
	return m.b.SaveSoft(ctx, values)
}

func (m measured) LoadSoft(ctx context.Context, aggregate string) (list []Soft, err error) {
	ctx, end := m.probe(ctx, "load_soft")
	defer func() { end(err) }()
	return m.b.LoadSoft(ctx, aggregate)
}

func (m measured) SaveTraces(ctx context.Context, traces []Trace, keep TraceBounds) (err error) {
	ctx, end := m.probe(ctx, "save_traces")
	defer func() { end(err) }()
	return m.b.SaveTraces(ctx, traces, keep)
}

func (m measured) Trace(ctx context.Context, id string) (t Trace, err error) {
	ctx, end := m.probe(ctx, "trace")
	defer func() { end(err) }()
	return m.b.Trace(ctx, id)
}

func (m measured) Prune(ctx context.Context, before time.Time) (n int, err error) {
	ctx, end := m.probe(ctx, "prune")
	defer func() { end(err) }()
	return m.b.Prune(ctx, before)
}

func (m measured) Close() error { return m.b.Close() }

// Unwrap is the backend that is measured, for who asks what it can do beside.
func (m measured) Unwrap() Backend { return m.b }

// measuredWhole is what Whole has beside Backend.
type measuredWhole struct {
	whole Whole
	probe Probe
}

func (m measuredWhole) Snapshot(ctx context.Context, aggregate string) (s Snapshot, err error) {
	ctx, end := m.probe(ctx, "snapshot")
	defer func() { end(err) }()
	return m.whole.Snapshot(ctx, aggregate)
}

func (m measuredWhole) Restore(ctx context.Context, s Snapshot) (err error) {
	ctx, end := m.probe(ctx, "restore")
	defer func() { end(err) }()
	return m.whole.Restore(ctx, s)
}

func (m measuredWhole) Traces(ctx context.Context, aggregate, after string, limit int) (list []Trace, err error) {
	ctx, end := m.probe(ctx, "traces")
	defer func() { end(err) }()
	return m.whole.Traces(ctx, aggregate, after, limit)
}

func (m measuredWhole) Recorded(ctx context.Context, after string, limit int) (names []string, err error) {
	ctx, end := m.probe(ctx, "recorded")
	defer func() { end(err) }()
	return m.whole.Recorded(ctx, after, limit)
}
