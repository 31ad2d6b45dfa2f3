package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"iamd/store"
)

// fill puts something of each kind into a store.
func (s whole) fill() {
	s.t.Helper()
	many := make([]store.Event, 2500)
	for i := range many {
		many[i] = event(fmt.Sprintf("e%04d", i), noon.Add(time.Duration(i/3)*time.Microsecond)) // pages end within one moment
	}
	var traces []store.Trace
	for i := range 250 {
		traces = append(traces, store.Trace{Aggregate: fmt.Sprint("a/", i%2), Principal: "p", ID: fmt.Sprint("t", i), Time: noon, Data: []byte("trace")})
	}
	s.commit(
		store.Part{Aggregate: "a/1", Changes: store.Changes{Rows: ann("", 1).Rows, Take: ann("", 1, 2).Names, Events: many[:40]}},
		store.Part{Aggregate: "a/2", Changes: store.Changes{Rows: []store.Row{row("user", "bob", "b")}, Take: []store.Unique{name(3)}}},
	)
	s.commit(store.Part{Aggregate: "a/2", Expect: 1, Changes: store.Changes{Free: []store.Unique{name(3)}}})
	err := errors.Join(
		s.w.AppendEvents(s.t.Context(), map[string][]store.Event{"a/1": many[40:], "gone": many[:3]}),
		s.w.SaveSoft(s.t.Context(), []store.Soft{{Aggregate: "a/2", Kind: "used", Key: "k", Data: []byte("1")}, {Aggregate: "soft", Kind: "used", Data: []byte{}}}),
		s.w.SaveTraces(s.t.Context(), traces, newest(1000)),
	)
	if err != nil {
		s.t.Fatal(err)
	}
}

func counts(list []store.Tally) map[string]int {
	m := map[string]int{}
	for _, t := range list {
		m[t.Kind] = t.Count
	}
	return m
}

// copies copies a store to another, and that one to a third: what is told of them
// is the same.
func copies(t *testing.T, s whole) {
	s.fill()
	s.another("to", func(t *testing.T, to whole) {
		called := map[bool]int{}
		first, err := store.Copy(t.Context(), s.w, to.w, store.CopyOptions{Progress: func(name string, done int, checking bool) {
			if called[checking]++; done != called[checking] || name == "" {
				t.Errorf("progress %q %d %v", name, done, checking)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		to.equal("tallies", counts(first), map[string]int{"aggregates": 2, "rows": 5, "names": 2, "events": 2503, "soft values": 2, "traces": 250})
		to.equal("progress", called, map[bool]int{false: 5, true: 5})
		to.equal("a/1", to.snapshot("a/1"), s.snapshot("a/1"))
		to.equal("a/2", to.snapshot("a/2"), s.snapshot("a/2"))
		to.equal("events", to.ids("a/1", store.EventQuery{Limit: 3000}), s.ids("a/1", store.EventQuery{Limit: 3000}))
		if got, err := to.w.Trace(t.Context(), "t7"); err != nil || got.Aggregate != "a/1" || !got.Time.Equal(noon) {
			t.Errorf("Trace: %v, %v", got, err)
		}
		if err := store.Copied(t.Context(), to.w); err != nil {
			t.Errorf("after the copy: %v", err)
		}
		to.another("onward", func(t *testing.T, onward whole) {
			second, err := store.Copy(t.Context(), to.w, onward.w, store.CopyOptions{})
			if err != nil || !slices.Equal(first, second) {
				t.Errorf("%v, then %v, %v", first, second, err)
			}
		})
		// One byte more, and it is another store.
		to.commit(store.Part{Aggregate: "a/2", Expect: 2, Changes: store.Changes{Rows: []store.Row{row("user", "bob", "bb")}}})
		to.another("changed", func(t *testing.T, onward whole) {
			second, err := store.Copy(t.Context(), to.w, onward.w, store.CopyOptions{})
			if err != nil || first[0] == second[0] || first[1].SHA256 == second[1].SHA256 || !slices.Equal(first[2:], second[2:]) {
				t.Errorf("%v, then %v, %v", first, second, err)
			}
		})
	})
}

func copyRefusals(t *testing.T, s whole) {
	s.fill()
	s.another("to", func(t *testing.T, to whole) {
		soft := store.Soft{Aggregate: "x", Kind: "k", Data: []byte("1")}
		if err := to.w.SaveSoft(t.Context(), []store.Soft{soft}); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Copy(t.Context(), s.w, to.w, store.CopyOptions{}); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("a target with a soft value: %v, want ErrNotEmpty", err)
		}
		soft.Data = nil
		if err := to.w.SaveSoft(t.Context(), []store.Soft{soft}); err != nil {
			t.Fatal(err)
		}
		// Broken off before its end, even after all is there, it is not to be used.
		ctx, cancel := context.WithCancel(t.Context())
		_, err := store.Copy(ctx, s.w, to.w, store.CopyOptions{Progress: func(_ string, done int, checking bool) {
			if checking && done == 4 {
				cancel()
			}
		}})
		if err == nil {
			t.Error("a copy that was broken off came to an end")
		}
		if err := store.Copied(t.Context(), to.w); !errors.Is(err, store.ErrPartCopied) {
			t.Errorf("a part of a copy: %v, want ErrPartCopied", err)
		}
		if _, err := store.Copy(t.Context(), s.w, to.w, store.CopyOptions{}); !errors.Is(err, store.ErrPartCopied) {
			t.Errorf("a second copy into it: %v, want ErrPartCopied", err)
		}
		to.another("onward", func(t *testing.T, onward whole) {
			if _, err := store.Copy(t.Context(), to.w, onward.w, store.CopyOptions{}); !errors.Is(err, store.ErrPartCopied) {
				t.Errorf("a copy of it: %v, want ErrPartCopied", err)
			}
		})
	})
	s.another("written to", func(t *testing.T, to whole) {
		_, err := store.Copy(t.Context(), s.w, to.w, store.CopyOptions{Progress: func(name string, _ int, checking bool) {
			if name == "a/2" && !checking {
				s.commit(store.Part{Aggregate: "a/1", Expect: 1})
			}
		}})
		if err == nil {
			t.Error("a source that changed was copied")
		}
		if err := store.Copied(t.Context(), to.w); !errors.Is(err, store.ErrPartCopied) {
			t.Errorf("after it: %v, want ErrPartCopied", err)
		}
	})
}
