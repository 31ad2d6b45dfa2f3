package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/sqlite"
)

// careless is a target that does not keep all that it is given.
type careless struct {
	store.Whole
	snapshot func(*store.Snapshot)
	events   func([]store.Event) []store.Event
	soft     func([]store.Soft) []store.Soft
	traces   func([]store.Trace) []store.Trace
}

func (c careless) Restore(ctx context.Context, s store.Snapshot) error {
	if c.snapshot != nil {
		c.snapshot(&s)
	}
	return c.Whole.Restore(ctx, s)
}

func (c careless) AppendEvents(ctx context.Context, events map[string][]store.Event) error {
	for name, list := range events {
		if c.events != nil {
			events[name] = c.events(list)
		}
	}
	return c.Whole.AppendEvents(ctx, events)
}

func (c careless) SaveSoft(ctx context.Context, values []store.Soft) error {
	if c.soft != nil {
		values = c.soft(values)
	}
	return c.Whole.SaveSoft(ctx, values)
}

func (c careless) SaveTraces(ctx context.Context, list []store.Trace, keep store.TraceBounds) error {
	if c.traces != nil {
		list = c.traces(list)
	}
	return c.Whole.SaveTraces(ctx, list, keep)
}

func openWhole(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestCopyIsCompared: whatever a target has lost or changed is found, and the
// target stays marked.
func TestCopyIsCompared(t *testing.T) {
	at := time.UnixMicro(1).UTC()
	from := openWhole(t)
	names := []store.Unique{{Space: "key", Key: "1"}, {Space: "key", Key: "2"}}
	err := errors.Join(
		from.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Changes: store.Changes{
			Rows: []store.Row{{Kind: "user", Key: "ann", Schema: 1, Data: []byte("1")}, {Kind: "user", Key: "bob", Schema: 1, Data: []byte{}}},
			Take: names, Events: []store.Event{{ID: "e", Time: at, Data: []byte("event")}, {ID: "f", Time: at, Data: []byte("event")}},
		}}}),
		from.SaveSoft(t.Context(), []store.Soft{{Aggregate: "a/1", Kind: "used", Key: "k", Data: []byte("1")}}),
		from.SaveTraces(t.Context(), []store.Trace{{Aggregate: "a/2", Principal: "p", ID: "t", Time: at, Data: []byte("trace")}},
			store.TraceBounds{Principal: store.TraceBound{Items: 9, Bytes: 99}, Aggregate: store.TraceBound{Items: 9, Bytes: 99}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		target careless
		want   string
	}{
		"nothing":        {careless{}, ""},
		"a row":          {careless{snapshot: func(s *store.Snapshot) { s.Rows = s.Rows[1:] }}, "the rows of a/1 differ, 2 in the source and 1"},
		"a row's data":   {careless{snapshot: func(s *store.Snapshot) { s.Rows[0].Data = []byte("2") }}, "the rows of a/1 differ"},
		"a row's schema": {careless{snapshot: func(s *store.Snapshot) { s.Rows[0].Schema++ }}, "the rows of a/1 differ"},
		"a border":       {careless{snapshot: func(s *store.Snapshot) { s.Rows[0].Key, s.Rows[0].Kind = "rann", "use" }}, "the rows of a/1 differ"},
		"a version":      {careless{snapshot: func(s *store.Snapshot) { s.Version++ }}, "the aggregates of a/1 differ"},
		"a name":         {careless{snapshot: func(s *store.Snapshot) { s.Names = s.Names[:1] }}, "the names of a/1 differ"},
		"an event":       {careless{events: func(list []store.Event) []store.Event { return list[:1] }}, "the events of a/1 differ"},
		"an event's time": {careless{events: func(list []store.Event) []store.Event {
			list[1].Time = at.Add(-time.Microsecond)
			return list
		}}, "the events of a/1 differ, 2 in the source and 2"},
		"a soft value": {careless{soft: func([]store.Soft) []store.Soft { return nil }}, "the soft values of a/1 differ"},
		"a trace's principal": {careless{traces: func(list []store.Trace) []store.Trace {
			list[0].Principal = "q"
			return list
		}}, "the traces of a/2 differ"},
		"something more": {careless{traces: func(list []store.Trace) []store.Trace {
			return append(list, store.Trace{Aggregate: "a/3", ID: "u", Time: at})
		}}, "the source has 2 names and the target 3"},
	} {
		t.Run(what, func(t *testing.T) {
			c.target.Whole = openWhole(t)
			tallies, err := store.Copy(t.Context(), from, c.target, store.CopyOptions{})
			if c.want == "" {
				if err != nil || len(tallies) != 6 {
					t.Errorf("%v, %v", tallies, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err := store.Copied(t.Context(), c.target); !errors.Is(err, store.ErrPartCopied) {
				t.Errorf("the target: %v, want ErrPartCopied", err)
			}
		})
	}
}
