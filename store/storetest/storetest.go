package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"iamd/store"
)

// Opener opens the store of the test t. Called again with that test, after the
// first was closed, it opens the same store, with all that was in it; called
// for another test, an empty one of its own. It fails the test on an error.
type Opener func(t *testing.T) store.Backend

// Run checks that the backend keeps its contract.
func Run(t *testing.T, open Opener) {
	for name, test := range map[string]func(*testing.T, suite){
		"Versions":             versions,
		"Conflicts":            conflicts,
		"PartsAreAtomic":       partsAreAtomic,
		"Rows":                 rows,
		"Data":                 anyData,
		"Names":                anyNames,
		"InvalidIsRefused":     invalidIsRefused,
		"NoSuchNames":          noSuchNames,
		"UniqueNames":          uniqueNames,
		"UniqueNamesMove":      uniqueNamesMove,
		"List":                 list,
		"Changes":              changes,
		"Events":               events,
		"EventPages":           eventPages,
		"AppendEvents":         appendEvents,
		"AppendMany":           appendMany,
		"Soft":                 soft,
		"Traces":               traces,
		"TraceShares":          traceShares,
		"Prune":                prune,
		"ManyCommitters":       manyCommitters,
		"ManyTakers":           manyTakers,
		"LoadsAreConsistent":   loadsAreConsistent,
		"ReopeningKeepsAll":    reopeningKeepsAll,
		"CancelledContexts":    cancelledContexts,
		"ClosedRefuses":        closedRefuses,
		"CloseWaitsForCommits": closeWaitsForCommits,
	} {
		t.Run(name, func(t *testing.T) {
			s := suite{t: t, b: open(t), open: open}
			s.closeAtEnd(s.b)
			test(t, s)
		})
	}
}

// suite is one test's store and what many tests do with it.
type suite struct {
	t    *testing.T
	b    store.Backend
	open Opener
}

func (s suite) closeAtEnd(b store.Backend) {
	s.t.Cleanup(func() {
		if err := b.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			s.t.Errorf("Close: %v", err)
		}
	})
}

// noon is the time of the tests' events.
var noon = time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)

func row(kind, key, data string) store.Row {
	return store.Row{Kind: kind, Key: key, Schema: 1, Data: []byte(data)}
}

func event(id string, at time.Time) store.Event {
	return store.Event{ID: id, Time: at, Data: []byte("event " + id)}
}

func name(n int) store.Unique { return store.Unique{Space: "key", Key: fmt.Sprint("AKIA", n)} }

// commit does parts that must succeed.
func (s suite) commit(parts ...store.Part) {
	s.t.Helper()
	if err := s.b.Commit(s.t.Context(), parts); err != nil {
		s.t.Fatalf("Commit: %v", err)
	}
}

// refuse does parts that must fail so.
func (s suite) refuse(want error, parts ...store.Part) {
	s.t.Helper()
	if err := s.b.Commit(s.t.Context(), parts); !errors.Is(err, want) {
		s.t.Fatalf("Commit: %v, want %v", err, want)
	}
}

// taken does parts that must fail because u is taken.
func (s suite) taken(u store.Unique, parts ...store.Part) {
	s.t.Helper()
	var taken *store.TakenError
	err := s.b.Commit(s.t.Context(), parts)
	if !errors.As(err, &taken) || taken.Unique != u {
		s.t.Fatalf("Commit: %v, want that %v is taken", err, u)
	}
}

// holds checks an aggregate's version and rows; version 0 says that it isn't there.
func (s suite) holds(aggregate string, version uint64, rows ...store.Row) {
	s.t.Helper()
	got, have, err := s.b.Load(s.t.Context(), aggregate)
	if version == 0 {
		if !errors.Is(err, store.ErrNotFound) {
			s.t.Fatalf("Load %s: %v, want ErrNotFound", aggregate, err)
		}
		return
	}
	if err != nil {
		s.t.Fatalf("Load %s: %v", aggregate, err)
	}
	if got != version {
		s.t.Errorf("%s has version %d, want %d", aggregate, got, version)
	}
	if len(have) != len(rows) || len(rows) > 0 && !reflect.DeepEqual(have, rows) {
		s.t.Errorf("%s has rows %.300v, want %.300v", aggregate, have, rows)
	}
}

// owned checks who owns a name; "" says nobody.
func (s suite) owned(u store.Unique, owner string) {
	s.t.Helper()
	got, err := s.b.Lookup(s.t.Context(), u)
	if owner == "" {
		if !errors.Is(err, store.ErrNotFound) {
			s.t.Errorf("Lookup %v: %q, %v, want ErrNotFound", u, got, err)
		}
		return
	}
	if err != nil || got != owner {
		s.t.Errorf("Lookup %v: %q, %v, want %q", u, got, err, owner)
	}
}

// ids returns the ids of the events that a query finds.
func (s suite) ids(aggregate string, q store.EventQuery) []string {
	s.t.Helper()
	found, err := s.b.Events(s.t.Context(), aggregate, q)
	if err != nil {
		s.t.Fatalf("Events: %v", err)
	}
	ids := []string{}
	for _, e := range found {
		if string(e.Data) != "event "+e.ID {
			s.t.Errorf("event %s has data %q", e.ID, e.Data)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

func (s suite) equal(what string, got, want any) {
	s.t.Helper()
	if !reflect.DeepEqual(got, want) {
		s.t.Errorf("%s: %.300v, want %.300v", what, got, want)
	}
}

// ended is a context that has ended.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
