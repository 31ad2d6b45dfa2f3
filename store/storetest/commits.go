package storetest

import (
	"bytes"
	"strings"
	"testing"

	"iamd/store"
)

func versions(t *testing.T, s suite) {
	s.holds("a/1", 0)
	s.commit(store.Part{Aggregate: "a/1"})
	s.holds("a/1", 1)
	for v := uint64(1); v < 5; v++ {
		s.commit(store.Part{Aggregate: "a/1", Expect: v, Changes: store.Changes{Rows: []store.Row{row("user", "ann", "1")}}})
		s.holds("a/1", v+1, row("user", "ann", "1"))
	}
	s.holds("a/11", 0)
	s.holds("a/", 0)
}

func conflicts(t *testing.T, s suite) {
	s.refuse(store.ErrConflict, store.Part{Aggregate: "a/1", Expect: 1})
	s.holds("a/1", 0)
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{name(1)}}})
	s.commit(store.Part{Aggregate: "a/1", Expect: 1})
	for _, expect := range []uint64{0, 1, 3} {
		s.refuse(store.ErrConflict, store.Part{Aggregate: "a/1", Expect: expect, Changes: store.Changes{
			Rows: []store.Row{row("user", "ann", "1")}, Free: []store.Unique{name(1)}, Take: []store.Unique{name(2)},
			Events: []store.Event{event("e", noon)},
		}})
	}
	s.holds("a/1", 2)
	s.owned(name(1), "a/1")
	s.owned(name(2), "")
	s.equal("events", s.ids("a/1", store.EventQuery{Limit: 9}), []string{})

	// A commit that is late and wants a taken name is late before all.
	s.refuse(store.ErrConflict, store.Part{Aggregate: "a/2", Expect: 7, Changes: store.Changes{Take: []store.Unique{name(1)}}})
}

func partsAreAtomic(t *testing.T, s suite) {
	ann, bob := row("user", "ann", "1"), row("user", "bob", "2")
	s.commit(
		store.Part{Aggregate: "a/1", Changes: store.Changes{Rows: []store.Row{ann}}},
		store.Part{Aggregate: "a/2", Changes: store.Changes{Rows: []store.Row{bob}, Take: []store.Unique{name(1)}}},
	)
	s.holds("a/1", 1, ann)
	s.holds("a/2", 1, bob)

	write := func(aggregate string, expect uint64, take ...store.Unique) store.Part {
		return store.Part{Aggregate: aggregate, Expect: expect, Changes: store.Changes{
			Rows: []store.Row{row("user", "eve", "3")}, Take: take, Events: []store.Event{event("e", noon)}}}
	}
	s.refuse(store.ErrConflict, write("a/1", 1, name(2)), write("a/2", 2))
	s.refuse(store.ErrConflict, write("a/1", 1, name(2)), write("a/3", 1))
	s.refuse(store.ErrConflict, write("a/2", 0), write("a/1", 1, name(2)))
	s.taken(name(1), write("a/2", 1), write("a/1", 1, name(2), name(1)))
	s.taken(name(1), write("a/1", 1, name(1)), write("a/2", 1), write("a/3", 0))
	s.holds("a/1", 1, ann)
	s.holds("a/2", 1, bob)
	s.holds("a/3", 0)
	s.owned(name(2), "")
	s.equal("events", s.ids("a/1", store.EventQuery{Limit: 9}), []string{})

	s.commit(write("a/1", 1, name(2)), write("a/2", 1, name(1)), write("a/3", 0))
	s.holds("a/1", 2, ann, row("user", "eve", "3"))
	s.holds("a/3", 1, row("user", "eve", "3"))
}

func rows(t *testing.T, s suite) {
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Rows: []store.Row{
		row("user", "bob", "b"), row("role", "zoe", "z"), row("user", "ann", "a"), row("user", "", "nobody"), row("user", "Bob", "B"),
	}}})
	s.holds("a/1", 1, row("role", "zoe", "z"), row("user", "", "nobody"), row("user", "Bob", "B"), row("user", "ann", "a"), row("user", "bob", "b"))

	changed := store.Row{Kind: "user", Key: "bob", Schema: 2, Data: []byte("b2")}
	s.commit(store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{Rows: []store.Row{
		changed, {Kind: "role", Key: "zoe"}, {Kind: "user", Key: ""}, {Kind: "user", Key: "never was"}, {Kind: "user", Key: "Bob"},
	}}})
	s.holds("a/1", 2, row("user", "ann", "a"), changed)

	// The same names in another aggregate are other rows.
	s.commit(store.Part{Aggregate: "a/2", Changes: store.Changes{Rows: []store.Row{{Kind: "user", Key: "ann"}, row("user", "bob", "x")}}})
	s.holds("a/1", 2, row("user", "ann", "a"), changed)
	s.holds("a/2", 1, row("user", "bob", "x"))
}

func anyData(t *testing.T, s suite) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	want := []store.Row{
		{Kind: "blob", Key: "all", Schema: -1, Data: all},
		{Kind: "blob", Key: "empty", Schema: 1 << 30, Data: []byte{}},
		{Kind: "blob", Key: "large", Data: bytes.Repeat(all, 4096)},
		{Kind: "blob", Key: "zero", Data: []byte{0}},
	}
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Rows: want}})
	s.holds("a/1", 1, want...)
	got, err := s.b.Changes(t.Context(), "a/1", 0, 9)
	if err != nil || len(got) != 1 {
		t.Fatalf("Changes: %d, %v", len(got), err)
	}
	s.equal("changed rows", got[0].Rows, want)

	s.commit(store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{Events: []store.Event{{ID: "all", Time: noon, Data: all}, {ID: "nil", Time: noon}}}})
	found, err := s.b.Events(t.Context(), "a/1", store.EventQuery{Limit: 9})
	if err != nil || len(found) != 2 {
		t.Fatalf("Events: %v, %v", found, err)
	}
	s.equal("event data", [][]byte{found[0].Data, found[1].Data}, [][]byte{{}, all})
}

// odd names are allowed all the same.
var odd = []string{"%", "'; --", "A", "\x01", "\\", "_", "a", "a\nb", "é", "日本", "\U0010ffff", strings.Repeat("k", store.MaxName)}

func anyNames(t *testing.T, s suite) {
	for _, n := range odd {
		s.commit(store.Part{Aggregate: n, Changes: store.Changes{
			Rows: []store.Row{row(n, n, n)}, Take: []store.Unique{{Space: n, Key: n}},
			Events: []store.Event{event(n, noon)},
		}})
		if err := s.b.SaveSoft(t.Context(), []store.Soft{{Aggregate: n, Kind: n, Key: n, Data: []byte(n)}}); err != nil {
			t.Fatalf("SaveSoft %q: %v", n, err)
		}
	}
	for _, n := range odd {
		s.holds(n, 1, row(n, n, n))
		s.owned(store.Unique{Space: n, Key: n}, n)
		s.equal("events", s.ids(n, store.EventQuery{Limit: 9}), []string{n})
		values, err := s.b.LoadSoft(t.Context(), n)
		if err != nil {
			t.Fatalf("LoadSoft %q: %v", n, err)
		}
		s.equal("soft values", values, []store.Soft{{Aggregate: n, Kind: n, Key: n, Data: []byte(n)}})
		got, err := s.b.List(t.Context(), n, "", 1)
		if err != nil {
			t.Fatalf("List %q: %v", n, err)
		}
		s.equal("list", got, []string{n})
	}
}

func invalidIsRefused(t *testing.T, s suite) {
	s.refuse(store.ErrInvalid)
	s.refuse(store.ErrInvalid, store.Part{Aggregate: "a/1"}, store.Part{Aggregate: "a/1"})
	s.refuse(store.ErrInvalid, store.Part{Aggregate: ""})
	s.refuse(store.ErrInvalid, store.Part{Aggregate: "a/1", Expect: 1 << 63})
	for _, bad := range []string{"\x00", "a\x00b", "\xff", strings.Repeat("k", store.MaxName+1)} {
		s.refuse(store.ErrInvalid, store.Part{Aggregate: bad})
		for _, c := range []store.Changes{
			{Rows: []store.Row{row(bad, "k", "")}}, {Rows: []store.Row{row("k", bad, "")}},
			{Take: []store.Unique{{Space: bad, Key: "k"}}}, {Take: []store.Unique{{Space: "k", Key: bad}}},
			{Free: []store.Unique{{Space: bad, Key: "k"}}}, {Free: []store.Unique{{Space: "k", Key: bad}}},
			{Events: []store.Event{event(bad, noon)}},
		} {
			s.refuse(store.ErrInvalid, store.Part{Aggregate: "a/1", Changes: c})
		}
		s.equal("AppendEvents", s.b.AppendEvents(t.Context(), map[string][]store.Event{bad: {event("e", noon)}}) != nil, true)
		s.equal("AppendEvents", s.b.AppendEvents(t.Context(), map[string][]store.Event{"a/1": {event(bad, noon)}}) != nil, true)
		s.equal("SaveSoft", s.b.SaveSoft(t.Context(), []store.Soft{{Aggregate: "a/1", Kind: "k", Key: bad}}) != nil, true)
		s.equal("SaveTraces", s.b.SaveTraces(t.Context(), []store.Trace{{Aggregate: "a/1", ID: bad}}, newest(1)) != nil, true)
		s.holds(bad, 0)
		s.owned(store.Unique{Space: "k", Key: bad}, "")
	}
	s.refuse(store.ErrInvalid, store.Part{Aggregate: "a/1", Changes: store.Changes{Rows: []store.Row{row("", "k", "")}}})
	s.holds("a/1", 0)
}
