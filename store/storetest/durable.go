package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"iamd/store"
)

// manyCommitters counts in three aggregates at once; each commit is made upon
// what was loaded, so that none may be lost.
func manyCommitters(t *testing.T, s suite) {
	const committers, each = 12, 8
	var wg sync.WaitGroup
	for i := range committers {
		wg.Go(func() {
			aggregate := fmt.Sprint("a/", i%3)
			for range each {
				for {
					version, n, err := s.counter(aggregate)
					if err != nil {
						t.Error(err)
						return
					}
					err = s.b.Commit(t.Context(), []store.Part{{Aggregate: aggregate, Expect: version, Changes: store.Changes{
						Rows: []store.Row{row("n", "", strconv.Itoa(n+1))}}}})
					if err == nil {
						break
					}
					if !errors.Is(err, store.ErrConflict) {
						t.Errorf("Commit: %v", err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	for i := range 3 {
		version, n, err := s.counter(fmt.Sprint("a/", i))
		if err != nil || n != committers/3*each || version != uint64(n) {
			t.Errorf("a/%d counted to %d at version %d, %v", i, n, version, err)
		}
	}
}

// counter loads the number that an aggregate's one row holds.
func (s suite) counter(aggregate string) (version uint64, n int, err error) {
	version, rows, err := s.b.Load(s.t.Context(), aggregate)
	if errors.Is(err, store.ErrNotFound) {
		return 0, 0, nil
	}
	if err == nil && len(rows) != 1 {
		err = fmt.Errorf("%d rows", len(rows))
	}
	if err == nil {
		n, err = strconv.Atoi(string(rows[0].Data))
	}
	return version, n, err
}

// loadsAreConsistent loads while rows change together: a load must see the rows
// of the version that it tells.
func loadsAreConsistent(t *testing.T, s suite) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	s.commit(store.Part{Aggregate: "a/1"})
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				version, rows, err := s.b.Load(ctx, "a/1")
				if err != nil {
					if ctx.Err() == nil {
						t.Errorf("Load: %v", err)
					}
					return
				}
				for _, r := range rows {
					if string(r.Data) != strconv.FormatUint(version, 10) {
						t.Errorf("version %d has row %q", version, r.Data)
						return
					}
				}
			}
		})
	}
	for v := uint64(1); v < 60; v++ {
		var rows []store.Row
		for k := range 20 {
			rows = append(rows, row("n", fmt.Sprint(k), strconv.FormatUint(v+1, 10)))
		}
		s.commit(store.Part{Aggregate: "a/1", Expect: v, Changes: store.Changes{Rows: rows}})
	}
	cancel()
	wg.Wait()
}

func reopeningKeepsAll(t *testing.T, s suite) {
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{
		Rows: []store.Row{row("user", "ann", "1"), row("user", "bob", "2")}, Take: []store.Unique{name(1), name(2)},
		Events: []store.Event{event("e1", noon)},
	}})
	s.commit(store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{
		Rows: []store.Row{{Kind: "user", Key: "bob"}}, Free: []store.Unique{name(2)}}})
	err := errors.Join(
		s.b.AppendEvents(t.Context(), map[string][]store.Event{"a/1": {event("e2", noon)}}),
		s.b.SaveSoft(t.Context(), []store.Soft{{Aggregate: "a/1", Kind: "used", Key: "k", Data: []byte("1")}}),
		s.b.SaveTraces(t.Context(), []store.Trace{{Aggregate: "a/1", ID: "t", Time: noon}}, newest(9)),
		s.b.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	s.b = s.open(t)
	s.closeAtEnd(s.b)
	s.holds("a/1", 2, row("user", "ann", "1"))
	s.owned(name(1), "a/1")
	s.owned(name(2), "")
	s.equal("events", s.ids("a/1", store.EventQuery{Limit: 9}), []string{"e2", "e1"})
	if got, err := s.b.Changes(t.Context(), "a/1", 0, 9); err != nil || len(got) != 2 {
		t.Errorf("Changes: %d, %v", len(got), err)
	}
	if got, err := s.b.LoadSoft(t.Context(), "a/1"); err != nil || len(got) != 1 {
		t.Errorf("LoadSoft: %d, %v", len(got), err)
	}
	if got, err := s.b.Trace(t.Context(), "t"); err != nil || got.Aggregate != "a/1" {
		t.Errorf("Trace: %v, %v", got, err)
	}
	if got, err := s.b.List(t.Context(), "", "", 9); err != nil || len(got) != 1 {
		t.Errorf("List: %v, %v", got, err)
	}
	s.commit(store.Part{Aggregate: "a/1", Expect: 2})
	s.holds("a/1", 3, row("user", "ann", "1"))
}

// calls are all that can be done with a backend.
func calls(b store.Backend, ctx context.Context) map[string]error {
	_, _, load := b.Load(ctx, "a/1")
	_, lookup := b.Lookup(ctx, name(1))
	_, list := b.List(ctx, "", "", 9)
	_, changes := b.Changes(ctx, "a/1", 0, 9)
	_, events := b.Events(ctx, "a/1", store.EventQuery{Limit: 9})
	_, soft := b.LoadSoft(ctx, "a/1")
	_, trace := b.Trace(ctx, "t")
	if errors.Is(trace, store.ErrNotFound) {
		trace = nil // as it may not have been saved yet
	}
	_, prune := b.Prune(ctx, noon)
	return map[string]error{
		"Load": load, "Lookup": lookup, "List": list, "Changes": changes, "Events": events, "LoadSoft": soft, "Trace": trace, "Prune": prune,
		"Commit":       b.Commit(ctx, []store.Part{{Aggregate: "a/1", Expect: 1}}),
		"AppendEvents": b.AppendEvents(ctx, map[string][]store.Event{"a/1": {event("e", noon)}}),
		"SaveTraces":   b.SaveTraces(ctx, []store.Trace{{Aggregate: "a/1", ID: "t", Time: noon}}, newest(1)),
		"SaveSoft":     b.SaveSoft(ctx, []store.Soft{{Aggregate: "a/1", Kind: "k", Data: []byte{1}}}),
	}
}

func cancelledContexts(t *testing.T, s suite) {
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{name(1)}}})
	for call, err := range calls(s.b, ended(t)) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", call, err)
		}
	}
	s.holds("a/1", 1) // a commit that comes too late isn't begun
	for call, err := range calls(s.b, t.Context()) {
		if err != nil {
			t.Errorf("%s afterwards: %v", call, err)
		}
	}
	s.holds("a/1", 2)

	// One broken off on the way is done or not, and nothing between.
	version := uint64(2)
	for i := range 30 {
		ctx, cancel := context.WithCancel(t.Context())
		answered := make(chan error)
		go func() {
			answered <- s.b.Commit(ctx, []store.Part{{Aggregate: "a/1", Expect: version, Changes: store.Changes{
				Rows: []store.Row{row("n", "", fmt.Sprint(i))}, Take: []store.Unique{name(1000 + i)}}}})
		}()
		cancel()
		err := <-answered
		// A commit of another aggregate comes behind it, so it's decided after.
		s.commit(store.Part{Aggregate: fmt.Sprint("b/", i)})
		now, _, loadErr := s.b.Load(t.Context(), "a/1")
		if loadErr != nil {
			t.Fatalf("Load: %v", loadErr)
		}
		if err == nil && now != version+1 || now != version && now != version+1 {
			t.Fatalf("version %d after %d, %v", now, version, err)
		}
		owner := ""
		if now != version {
			owner = "a/1"
		}
		s.owned(name(1000+i), owner)
		version = now
	}
}

func closedRefuses(t *testing.T, s suite) {
	s.commit(store.Part{Aggregate: "a/1"})
	if err := s.b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	for call, err := range calls(s.b, t.Context()) {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: %v, want ErrClosed", call, err)
		}
	}
	if err := s.b.Close(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Close again: %v, want ErrClosed", err)
	}
}

// closeWaitsForCommits closes while others commit: each is done and answered so,
// or refused.
func closeWaitsForCommits(t *testing.T, s suite) {
	var wg sync.WaitGroup
	done := make([]uint64, 8)
	begun := make(chan struct{}, len(done))
	for i := range done {
		wg.Go(func() {
			for {
				err := s.b.Commit(t.Context(), []store.Part{{Aggregate: fmt.Sprint("a/", i), Expect: done[i]}})
				if errors.Is(err, store.ErrClosed) {
					return
				}
				if err != nil {
					t.Errorf("Commit: %v", err)
					return
				}
				if done[i]++; done[i] == 1 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range done {
		<-begun
	}
	if err := s.b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	wg.Wait()
	s.b = s.open(t)
	s.closeAtEnd(s.b)
	for i, version := range done {
		s.holds(fmt.Sprint("a/", i), version)
	}
}
