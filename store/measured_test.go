package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"iamd/store"
)

// plain is a backend of which every call answers with an error of its own name.
type plain struct{ store.Backend }

func failed(name string) error { return errors.New(name) }

func (plain) Load(context.Context, string) (uint64, []store.Row, error) {
	return 7, nil, failed("load")
}
func (plain) Commit(context.Context, []store.Part) error           { return failed("commit") }
func (plain) Lookup(context.Context, store.Unique) (string, error) { return "x", failed("lookup") }
func (plain) List(context.Context, string, string, int) ([]string, error) {
	return nil, failed("list")
}
func (plain) Changes(context.Context, string, uint64, int) ([]store.Change, error) {
	return nil, failed("changes")
}
func (plain) Events(context.Context, string, store.EventQuery) ([]store.Event, error) {
	return nil, failed("events")
}
func (plain) AppendEvents(context.Context, map[string][]store.Event) error {
	return failed("append_events")
}
func (plain) SaveSoft(context.Context, []store.Soft) error { return failed("save_soft") }
func (plain) LoadSoft(context.Context, string) ([]store.Soft, error) {
	return nil, failed("load_soft")
}
func (plain) SaveTraces(context.Context, []store.Trace, store.TraceBounds) error {
	return failed("save_traces")
}
func (plain) Trace(context.Context, string) (store.Trace, error) {
	return store.Trace{}, failed("trace")
}
func (plain) Prune(context.Context, time.Time) (int, error) { return 3, failed("prune") }
func (plain) Close() error                                  { return failed("close") }

type followed struct{}

func (followed) Follow(context.Context, store.Feed) error { return failed("follow") }

type moved struct{}

func (moved) Snapshot(context.Context, string) (store.Snapshot, error) {
	return store.Snapshot{}, failed("snapshot")
}
func (moved) Restore(context.Context, store.Snapshot) error { return failed("restore") }
func (moved) Traces(context.Context, string, string, int) ([]store.Trace, error) {
	return nil, failed("traces")
}
func (moved) Recorded(context.Context, string, int) ([]string, error) {
	return nil, failed("recorded")
}

// TestMeasured: every call is told of once, by its name and with its error, and a
// backend can do measured what it can do by itself.
func TestMeasured(t *testing.T) {
	ctx := t.Context()
	for name, b := range map[string]store.Backend{
		"plain": &plain{},
		"shared": &struct {
			plain
			followed
		}{},
		"whole": &struct {
			plain
			moved
		}{},
		"both": &struct {
			plain
			followed
			moved
		}{},
	} {
		var told []string
		m := store.Measured(b, func(ctx context.Context, operation string) (context.Context, func(error)) {
			return ctx, func(err error) { told = append(told, fmt.Sprint(operation, ":", err)) }
		})
		_, follows := b.(store.Shared)
		_, moves := b.(store.Whole)
		shared, isShared := m.(store.Shared)
		whole, isWhole := m.(store.Whole)
		if isShared != follows || isWhole != moves {
			t.Errorf("%s: follows %v, moves %v", name, isShared, isWhole)
		}
		if m.(interface{ Unwrap() store.Backend }).Unwrap() != b {
			t.Errorf("%s: another backend", name)
		}
		_, _, e1 := m.Load(ctx, "")
		_, e2 := m.Lookup(ctx, store.Unique{})
		_, e3 := m.List(ctx, "", "", 1)
		_, e4 := m.Changes(ctx, "", 1, 1)
		_, e5 := m.Events(ctx, "", store.EventQuery{})
		_, e6 := m.LoadSoft(ctx, "")
		_, e7 := m.Trace(ctx, "")
		_, e8 := m.Prune(ctx, time.Time{})
		errs := []error{e1, m.Commit(ctx, nil), e2, e3, e4, e5, m.AppendEvents(ctx, nil), m.SaveSoft(ctx, nil), e6, m.SaveTraces(ctx, nil, store.TraceBounds{}), e7, e8}
		if isWhole {
			_, e9 := whole.Snapshot(ctx, "")
			_, e10 := whole.Traces(ctx, "", "", 1)
			_, e11 := whole.Recorded(ctx, "", 1)
			errs = append(errs, e9, whole.Restore(ctx, store.Snapshot{}), e10, e11)
		}
		var want []string
		for _, err := range errs {
			want = append(want, fmt.Sprint(err, ":", err))
		}
		slices.Sort(want)
		slices.Sort(told)
		if !slices.Equal(told, want) {
			t.Errorf("%s: told %q, want %q", name, told, want)
		}
		if isShared {
			if err := shared.Follow(ctx, nil); err == nil || err.Error() != "follow" || len(told) != len(want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := m.Close(); err == nil || err.Error() != "close" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
