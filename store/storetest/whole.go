package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/store"
)

// RunWhole checks that the backend, which must be a store.Whole, keeps that
// contract beyond Run's.
func RunWhole(t *testing.T, open Opener) {
	for name, test := range map[string]func(*testing.T, whole){
		"Snapshot":        snapshot,
		"Restore":         restore,
		"RestoreRefusals": restoreRefusals,
		"RestoreLarge":    restoreLarge,
		"RestoreAtOnce":   restoreAtOnce,
		"TracePages":      tracePages,
		"Recorded":        recorded,
		"Copy":            copies,
		"CopyRefusals":    copyRefusals,
		"ClosedRefuses":   wholeClosedRefuses,
	} {
		t.Run(name, func(t *testing.T) { test(t, openWhole(t, open)) })
	}
}

// whole is a suite whose store is a store.Whole.
type whole struct {
	suite
	w store.Whole
}

func openWhole(t *testing.T, open Opener) whole {
	s := suite{t: t, b: open(t), open: open}
	s.closeAtEnd(s.b)
	w, ok := s.b.(store.Whole)
	if !ok {
		t.Fatalf("%T is no store.Whole", s.b)
	}
	return whole{s, w}
}

// another runs test with a second store.
func (s whole) another(what string, test func(t *testing.T, other whole)) {
	s.t.Helper()
	s.t.Run(what, func(t *testing.T) { test(t, openWhole(t, s.open)) })
}

// snapshot checks and returns an aggregate's snapshot.
func (s whole) snapshot(aggregate string) store.Snapshot {
	s.t.Helper()
	snap, err := s.w.Snapshot(s.t.Context(), aggregate)
	if err != nil {
		s.t.Fatalf("Snapshot %s: %v", aggregate, err)
	}
	return snap
}

func (s whole) restore(snap store.Snapshot) {
	s.t.Helper()
	if err := s.w.Restore(s.t.Context(), snap); err != nil {
		s.t.Fatalf("Restore %s: %v", snap.Aggregate, err)
	}
}

// absent checks that nothing of an aggregate is there.
func (s whole) absent(aggregate string) {
	s.t.Helper()
	if snap, err := s.w.Snapshot(s.t.Context(), aggregate); !errors.Is(err, store.ErrNotFound) {
		s.t.Errorf("Snapshot %s: %.200v, %v, want ErrNotFound", aggregate, snap, err)
	}
	s.holds(aggregate, 0)
}

// ann is an aggregate with something of each kind.
func ann(aggregate string, keys ...int) store.Snapshot {
	snap := store.Snapshot{Aggregate: aggregate, Version: 7, Rows: []store.Row{
		row("role", "zoe", "z"), row("user", "", ""), row("user", "Bob", "B"), {Kind: "user", Key: "ann", Schema: 3, Data: []byte{0, 0xff}},
	}}
	for _, n := range keys {
		snap.Names = append(snap.Names, name(n))
	}
	return snap
}

func snapshot(t *testing.T, s whole) {
	s.absent("a/1")
	s.commit(store.Part{Aggregate: "a/1"})
	s.equal("an aggregate of nothing", s.snapshot("a/1"), store.Snapshot{Aggregate: "a/1", Version: 1})
	want := ann("a/1", 1, 3)
	s.commit(
		store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{Rows: append([]store.Row{row("user", "eve", "e")}, want.Rows...),
			Take: []store.Unique{name(3), {Space: "alias", Key: "x"}, name(1), name(2)}, Events: []store.Event{event("e", noon)}}},
		store.Part{Aggregate: "a/11", Changes: store.Changes{Rows: []store.Row{row("user", "ann", "other")}, Take: []store.Unique{name(9)}}},
	)
	s.commit(store.Part{Aggregate: "a/1", Expect: 2, Changes: store.Changes{
		Rows: []store.Row{{Kind: "user", Key: "eve"}}, Free: []store.Unique{name(2)}}})
	want.Version, want.Names = 3, append([]store.Unique{{Space: "alias", Key: "x"}}, want.Names...)
	s.equal("a snapshot", s.snapshot("a/1"), want)
	s.equal("another's", s.snapshot("a/11").Names, []store.Unique{name(9)})
	s.absent("a/")
}

func restore(t *testing.T, s whole) {
	want := ann("a/1", 1, 2)
	s.restore(want)
	s.restore(store.Snapshot{Aggregate: "a/2", Version: 1})
	s.equal("what was restored", s.snapshot("a/1"), want)
	s.holds("a/1", 7, want.Rows...)
	s.owned(name(1), "a/1")
	s.equal("of nothing", s.snapshot("a/2"), store.Snapshot{Aggregate: "a/2", Version: 1})
	if list, err := s.w.List(t.Context(), "a/", "", 9); err != nil || !slices.Equal(list, []string{"a/1", "a/2"}) {
		t.Errorf("List: %v, %v", list, err)
	}

	// Its log begins after its version, and life goes on.
	if list, err := s.w.Changes(t.Context(), "a/1", 7, 9); err != nil || len(list) != 0 {
		t.Errorf("Changes after it: %v, %v", list, err)
	}
	if _, err := s.w.Changes(t.Context(), "a/1", 6, 9); !errors.Is(err, store.ErrCompacted) {
		t.Errorf("Changes before it: %v, want ErrCompacted", err)
	}
	s.refuse(store.ErrConflict, store.Part{Aggregate: "a/1"})
	s.taken(name(2), store.Part{Aggregate: "a/3", Changes: store.Changes{Take: []store.Unique{name(2)}}})
	s.commit(store.Part{Aggregate: "a/1", Expect: 7, Changes: store.Changes{Free: []store.Unique{name(2)}, Rows: []store.Row{{Kind: "role", Key: "zoe"}}}})
	s.owned(name(2), "")
	s.holds("a/1", 8, want.Rows[1:]...)
	if list, err := s.w.Changes(t.Context(), "a/1", 7, 9); err != nil || len(list) != 1 || list[0].Version != 8 {
		t.Errorf("Changes since: %v, %v", list, err)
	}

	if err := s.b.Close(); err != nil {
		t.Fatal(err)
	}
	s = openWhole(t, s.open)
	want.Version, want.Rows, want.Names = 8, want.Rows[1:], want.Names[:1]
	s.equal("after reopening", s.snapshot("a/1"), want)
}

func restoreRefusals(t *testing.T, s whole) {
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{name(1)}}})
	if err := s.w.Restore(t.Context(), ann("a/1", 2)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("one that is there: %v, want ErrConflict", err)
	}
	s.holds("a/1", 1)
	s.owned(name(2), "")

	var taken *store.TakenError
	if err := s.w.Restore(t.Context(), ann("a/2", 3, 1, 4)); !errors.As(err, &taken) || taken.Unique != name(1) {
		t.Errorf("a name that is taken: %v", err)
	}
	s.absent("a/2")
	s.owned(name(3), "")
	s.owned(name(4), "")
	s.owned(name(1), "a/1")

	for what, bad := range map[string]store.Snapshot{
		"no version":    {Aggregate: "a/2"},
		"a great one":   {Aggregate: "a/2", Version: 1 << 62},
		"no name":       {Version: 1},
		"a row gone":    {Aggregate: "a/2", Version: 1, Rows: []store.Row{row("user", "ann", "1"), {Kind: "user", Key: "bob"}}},
		"a row's kind":  {Aggregate: "a/2", Version: 1, Rows: []store.Row{row("", "ann", "1")}},
		"a zero byte":   {Aggregate: "a/2", Version: 1, Names: []store.Unique{{Space: "key", Key: "\x00"}}},
		"too long":      {Aggregate: strings.Repeat("a", store.MaxName+1), Version: 1},
		"not all UTF-8": {Aggregate: "a/\xff", Version: 1},
	} {
		if err := s.w.Restore(t.Context(), bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", what, err)
		}
	}
	if err := s.w.Restore(ended(t), ann("a/2", 3)); err == nil {
		t.Error("restored for a context that had ended")
	}
	s.absent("a/2")
	s.restore(ann("a/2", 3)) // a refusal is in nobody's way
	s.equal("at last", s.snapshot("a/2"), ann("a/2", 3))
}

// restoreLarge restores more than fits into one request of most databases, and
// fails to restore as much.
func restoreLarge(t *testing.T, s whole) {
	want := store.Snapshot{Aggregate: "a/1", Version: 1 << 40}
	for i := range 4000 {
		want.Rows = append(want.Rows, row("user", fmt.Sprintf("u%05d", i), strings.Repeat("x", 1000)))
		want.Names = append(want.Names, store.Unique{Space: "key", Key: fmt.Sprintf("k%05d", i)})
	}
	s.commit(store.Part{Aggregate: "a/0", Changes: store.Changes{Take: want.Names[3999:]}})
	if err := s.w.Restore(t.Context(), want); !errors.As(err, new(*store.TakenError)) {
		t.Errorf("the last name of all is taken: %v", err)
	}
	s.absent("a/1")
	s.owned(want.Names[0], "")
	s.owned(want.Names[2000], "")
	s.commit(store.Part{Aggregate: "a/0", Expect: 1, Changes: store.Changes{Free: want.Names[3999:]}})
	s.restore(want)
	s.equal("a large one", s.snapshot("a/1"), want)
	s.owned(want.Names[3999], "a/1")
}

// restoreAtOnce restores one aggregate, and two that want one name, at the same
// time: one each succeeds.
func restoreAtOnce(t *testing.T, s whole) {
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			if i%2 == 0 {
				errs[i] = s.w.Restore(t.Context(), ann("a/1", 1))
			} else {
				errs[i] = s.w.Restore(t.Context(), ann(fmt.Sprint("b/", i), i+100, 2))
			}
		})
	}
	wg.Wait()
	var won [2]int
	for i, err := range errs {
		switch {
		case err == nil:
			won[i%2]++
		case i%2 == 0 && !errors.Is(err, store.ErrConflict), i%2 == 1 && !errors.As(err, new(*store.TakenError)):
			t.Errorf("Restore %d: %v", i, err)
		case i%2 == 1:
			s.absent(fmt.Sprint("b/", i))
			s.owned(name(i+100), "")
		}
	}
	s.equal("winners", won, [2]int{1, 1})
	s.equal("what won", s.snapshot("a/1"), ann("a/1", 1))
}

func tracePages(t *testing.T, s whole) {
	var want, other []store.Trace
	for i := range 40 {
		want = append(want, store.Trace{Aggregate: "a/1", Principal: fmt.Sprint("p", i%3), ID: fmt.Sprintf("t%02d", i),
			Time: noon.Add(time.Duration(i*7%40) * time.Microsecond), Data: []byte(fmt.Sprint(i))})
		other = append(other, store.Trace{Aggregate: "a/2", ID: fmt.Sprintf("t%02dx", i), Time: noon, Data: []byte{}})
	}
	if err := s.w.SaveTraces(t.Context(), slices.Concat(other, want), newest(100)); err != nil {
		t.Fatal(err)
	}
	for aggregate, want := range map[string][]store.Trace{"a/1": want, "a/2": other, "a/3": nil} {
		var got []store.Trace
		for after := ""; ; {
			page, err := s.w.Traces(t.Context(), aggregate, after, 9)
			if err != nil || len(page) > 9 {
				t.Fatalf("Traces: %d, %v", len(page), err)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[len(page)-1].ID
		}
		s.equal("traces of "+aggregate, got, want)
	}
	if _, err := s.w.Traces(t.Context(), "a/1", "", 0); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a page of none: %v, want ErrInvalid", err)
	}
}

func recorded(t *testing.T, s whole) {
	check := func(want ...string) {
		t.Helper()
		for limit := range 4 {
			got := []string{}
			for after := ""; ; {
				page, err := s.w.Recorded(t.Context(), after, limit+1)
				if err != nil || len(page) > limit+1 {
					t.Fatalf("Recorded: %v, %v", page, err)
				}
				if len(page) == 0 {
					break
				}
				got, after = append(got, page...), page[len(page)-1]
			}
			s.equal(fmt.Sprint("recorded, by ", limit+1), got, want)
		}
	}
	if got, err := s.w.Recorded(t.Context(), "", 9); err != nil || len(got) != 0 {
		t.Errorf("Recorded of nothing: %v, %v", got, err)
	}
	many := make([]store.Event, 100)
	for i := range many {
		many[i] = event(fmt.Sprint(i), noon)
	}
	s.commit(store.Part{Aggregate: "a/quiet"}, store.Part{Aggregate: "b/1", Changes: store.Changes{Events: many[:1]}})
	err := errors.Join(
		s.w.AppendEvents(t.Context(), map[string][]store.Event{"b/2": many, "B": many[:2]}),
		s.w.SaveSoft(t.Context(), []store.Soft{{Aggregate: "b/1", Kind: "used", Key: "k", Data: []byte("1")}, {Aggregate: "a/soft", Kind: "used", Data: []byte{}}}),
		s.w.SaveTraces(t.Context(), []store.Trace{{Aggregate: "ü", ID: "t", Time: noon}, {Aggregate: "b/2", ID: "t2", Time: noon}}, newest(9)),
	)
	if err != nil {
		t.Fatal(err)
	}
	check("B", "a/soft", "b/1", "b/2", "ü")
	if err := s.w.SaveSoft(t.Context(), []store.Soft{{Aggregate: "a/soft", Kind: "used"}}); err != nil {
		t.Fatal(err)
	}
	check("B", "b/1", "b/2", "ü")
	if _, err := s.w.Recorded(t.Context(), "", 0); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a page of none: %v, want ErrInvalid", err)
	}
}

func wholeClosedRefuses(t *testing.T, s whole) {
	if err := s.b.Close(); err != nil {
		t.Fatal(err)
	}
	_, errSnapshot := s.w.Snapshot(t.Context(), "a/1")
	_, errTraces := s.w.Traces(t.Context(), "a/1", "", 9)
	_, errRecorded := s.w.Recorded(t.Context(), "", 9)
	for what, err := range map[string]error{
		"Snapshot": errSnapshot, "Restore": s.w.Restore(t.Context(), ann("a/1")), "Traces": errTraces, "Recorded": errRecorded,
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: %v, want ErrClosed", what, err)
		}
	}
}
