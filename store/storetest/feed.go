package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"iamd/store"
)

func list(t *testing.T, s suite) {
	var want []string
	for i := range 25 {
		want = append(want, fmt.Sprintf("account/%03d", i))
	}
	for i := range want { // in no order
		s.commit(store.Part{Aggregate: want[i*7%25]})
	}
	for _, other := range []string{"account", "account.", "accounts/1", "account0", "organization/1"} {
		s.commit(store.Part{Aggregate: other})
	}
	for _, page := range []int{1, 4, 25, 99} {
		var got []string
		after := ""
		for {
			names, err := s.b.List(t.Context(), "account/", after, page)
			if err != nil {
				t.Fatalf("List: %v", err)
			}
			if len(names) > page {
				t.Fatalf("%d names, asked for %d", len(names), page)
			}
			if len(names) == 0 {
				break
			}
			got = append(got, names...)
			after = names[len(names)-1]
		}
		s.equal(fmt.Sprint("pages of ", page), got, want)
	}
	for _, c := range []struct {
		prefix, after string
		want          []string
	}{
		{"", "account/023", []string{"account/024", "account0", "accounts/1", "organization/1"}},
		{"account", "", []string{"account", "account.", "account/000", "account/001", "account/002"}},
		{"account/", "account/0235", []string{"account/024"}}, // one that isn't there
		{"account/", "organization/1", nil},
		{"account/02", "account/0", []string{"account/020", "account/021", "account/022", "account/023", "account/024"}},
		{"x", "", nil},
	} {
		got, err := s.b.List(t.Context(), c.prefix, c.after, 5)
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("List %q after %q: %q, want %q", c.prefix, c.after, got, c.want)
		}
	}
	if _, err := s.b.List(t.Context(), "", "", 0); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a list of none: %v", err)
	}
}

func changes(t *testing.T, s suite) {
	if _, err := s.b.Changes(t.Context(), "a/1", 0, 9); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Changes of nothing: %v, want ErrNotFound", err)
	}
	var want []store.Changes
	for v := range uint64(10) {
		c := store.Changes{Rows: []store.Row{row("user", fmt.Sprint(v), "x"), {Kind: "user", Key: "gone"}}}
		if v == 3 {
			c.Take, c.Free = []store.Unique{name(1)}, []store.Unique{name(2)}
		}
		want = append(want, c)
		s.commit(store.Part{Aggregate: "a/1", Expect: v, Changes: c})
		s.commit(store.Part{Aggregate: "a/2", Expect: v})
		s.refuse(store.ErrConflict, store.Part{Aggregate: "a/1", Expect: v, Changes: c})
	}
	for _, page := range []int{1, 3, 10, 99} {
		after := uint64(0)
		for {
			got, err := s.b.Changes(t.Context(), "a/1", after, page)
			if err != nil {
				t.Fatalf("Changes after %d: %v", after, err)
			}
			if len(got) == 0 {
				break
			}
			if len(got) > page {
				t.Fatalf("%d changes, asked for %d", len(got), page)
			}
			for _, c := range got {
				after++
				if c.Version != after || c.Time.IsZero() || c.Time.Location() != time.UTC {
					t.Fatalf("change %d of %v where %d is next", c.Version, c.Time, after)
				}
				s.equal("rows", c.Rows, want[after-1].Rows)
				s.equal("take", c.Take, want[after-1].Take)
				s.equal("free", c.Free, want[after-1].Free)
			}
		}
		s.equal("changes in all", after, uint64(10))
	}
	if _, err := s.b.Changes(t.Context(), "a/1", 11, 9); !errors.Is(err, store.ErrCompacted) {
		t.Errorf("changes after a version that is not there: %v, want ErrCompacted", err)
	}
	if _, err := s.b.Changes(t.Context(), "a/1", 0, 0); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("no changes: %v", err)
	}
}

func events(t *testing.T, s suite) {
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Events: []store.Event{
		event("m2", at(time.Minute)), event("h", at(time.Hour)), event("n", noon), event("m1", at(time.Minute)),
		event("u", at(time.Microsecond)), event("before", at(-time.Hour)),
	}}})
	s.commit(store.Part{Aggregate: "a/2", Changes: store.Changes{Events: []store.Event{event("other", noon)}}})
	for _, c := range []struct {
		from, to time.Time
		want     []string
	}{
		{time.Time{}, time.Time{}, []string{"h", "m2", "m1", "u", "n", "before"}},
		{noon, time.Time{}, []string{"h", "m2", "m1", "u", "n"}},
		{noon, at(time.Minute), []string{"u", "n"}},
		{at(time.Microsecond), at(time.Hour), []string{"m2", "m1", "u"}},
		{time.Time{}, noon, []string{"before"}},
		{noon, noon, []string{}},
		{at(time.Hour), noon, []string{}},
		{at(2 * time.Hour), time.Time{}, []string{}},
	} {
		s.equal(fmt.Sprint("from ", c.from, " to ", c.to), s.ids("a/1", store.EventQuery{From: c.from, To: c.to, Limit: 99}), c.want)
	}
	s.equal("a/3", s.ids("a/3", store.EventQuery{Limit: 9}), []string{})

	found, err := s.b.Events(t.Context(), "a/1", store.EventQuery{From: at(time.Microsecond), To: at(time.Second), Limit: 9})
	if err != nil || len(found) != 1 || found[0].Time != at(time.Microsecond) {
		t.Errorf("Events: %v, %v", found, err)
	}
	if _, err := s.b.Events(t.Context(), "a/1", store.EventQuery{}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("no events: %v", err)
	}
}

func eventPages(t *testing.T, s suite) {
	var list []store.Event
	var want []string
	for i := range 40 { // four at each moment
		list = append(list, event(fmt.Sprintf("%02d", i), noon.Add(time.Duration(i/4)*time.Second)))
		want = append(want, list[i].ID)
	}
	slices.Reverse(want)
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Events: list}})
	for _, page := range []int{1, 3, 4, 40, 99} {
		q := store.EventQuery{Limit: page, From: noon, To: noon.Add(time.Hour)}
		var got []string
		for {
			found, err := s.b.Events(t.Context(), "a/1", q)
			if err != nil {
				t.Fatalf("Events: %v", err)
			}
			if len(found) == 0 {
				break
			}
			for _, e := range found {
				got = append(got, e.ID)
				q.After = store.EventMark{Time: e.Time, ID: e.ID}
			}
		}
		s.equal(fmt.Sprint("pages of ", page), got, want)
	}
	s.equal("a mark past the end", s.ids("a/1", store.EventQuery{
		Limit: 9, To: noon.Add(time.Second), After: store.EventMark{Time: noon.Add(time.Hour), ID: "x"},
	}), []string{"03", "02", "01", "00"})
}

func appendEvents(t *testing.T, s suite) {
	add := func(events map[string][]store.Event) {
		t.Helper()
		if err := s.b.AppendEvents(t.Context(), events); err != nil {
			t.Fatalf("AppendEvents: %v", err)
		}
	}
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Events: []store.Event{event("b", noon)}}})
	add(map[string][]store.Event{"a/1": {event("c", noon), event("a", noon)}, "a/9": {event("z", noon)}})
	add(map[string][]store.Event{"a/1": {event("c", noon), event("b", noon)}}) // once more: once is enough
	add(nil)
	s.equal("a/1", s.ids("a/1", store.EventQuery{Limit: 9}), []string{"c", "b", "a"})
	s.equal("a/9", s.ids("a/9", store.EventQuery{Limit: 9}), []string{"z"})
	s.holds("a/1", 1) // no event moves a version
	s.holds("a/9", 0)
}

// appendMany appends more events than a backend may keep one by one, beside
// committed ones, and finds them by pages and by time.
func appendMany(t *testing.T, s suite) {
	const n = 2500
	var list []store.Event
	want := make([]string, n+1)
	for i := range n { // two at each moment, in no order
		k := (i*7919 + 3) % n
		list = append(list, event(fmt.Sprintf("%04d", k), noon.Add(time.Duration(k/2)*time.Millisecond)))
		want[n-1-k+1] = fmt.Sprintf("%04d", k)
	}
	want[0] = "last"
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Events: []store.Event{event("last", noon.Add(time.Hour)), list[5]}}})
	for _, part := range [][]store.Event{list[:900], list[900:910], list[910:], list[:40]} { // some of them twice
		if err := s.b.AppendEvents(t.Context(), map[string][]store.Event{"a/1": part, "a/2": part[:1]}); err != nil {
			t.Fatalf("AppendEvents: %v", err)
		}
	}
	s.equal("all", s.ids("a/1", store.EventQuery{Limit: 2 * n}), want)
	s.equal("some", s.ids("a/1", store.EventQuery{Limit: 3}), want[:3])
	s.equal("a time", s.ids("a/1", store.EventQuery{From: noon.Add(100 * time.Millisecond), To: noon.Add(102 * time.Millisecond), Limit: 9}),
		[]string{"0203", "0202", "0201", "0200"})
	var paged []string
	for q := (store.EventQuery{Limit: 333}); ; {
		page, err := s.b.Events(t.Context(), "a/1", q)
		if err != nil {
			t.Fatalf("Events: %v", err)
		}
		for _, e := range page {
			paged = append(paged, e.ID)
		}
		if len(page) < q.Limit {
			break
		}
		q.After = store.EventMark{Time: page[len(page)-1].Time, ID: page[len(page)-1].ID}
	}
	s.equal("by pages", paged, want)
	for {
		removed, err := s.b.Prune(t.Context(), noon.Add(time.Minute))
		if err != nil {
			t.Fatalf("Prune: %v", err)
		}
		if removed == 0 {
			break
		}
	}
	s.equal("what is young", s.ids("a/1", store.EventQuery{Limit: 2 * n}), []string{"last"})
}

func soft(t *testing.T, s suite) {
	save := func(values ...store.Soft) {
		t.Helper()
		if err := s.b.SaveSoft(t.Context(), values); err != nil {
			t.Fatalf("SaveSoft: %v", err)
		}
	}
	loaded := func(want ...store.Soft) {
		t.Helper()
		got, err := s.b.LoadSoft(t.Context(), "a/1")
		if err != nil {
			t.Fatalf("LoadSoft: %v", err)
		}
		s.equal("soft values", got, want)
	}
	value := func(key, data string) store.Soft {
		return store.Soft{Aggregate: "a/1", Kind: "used", Key: key, Data: []byte(data)}
	}
	loaded()
	save(value("k2", "1"), value("k1", ""), store.Soft{Aggregate: "a/2", Kind: "used", Key: "k1", Data: []byte("other")})
	loaded(value("k1", ""), value("k2", "1"))
	save(value("k1", "2"), value("k1", "3"), store.Soft{Aggregate: "a/1", Kind: "used", Key: "k2"}, store.Soft{Aggregate: "a/1", Kind: "used", Key: "k3"})
	loaded(value("k1", "3"))
	save()
	s.holds("a/1", 0)
	s.commit(store.Part{Aggregate: "a/1"}) // nor does a version hinder them
	save(value("k1", "4"))
	loaded(value("k1", "4"))
	s.holds("a/1", 1)
}

func prune(t *testing.T, s suite) {
	const old = 1200
	var list []store.Event
	for i := range old {
		list = append(list, event(fmt.Sprintf("%04d", i), noon.Add(time.Duration(i)*time.Millisecond)))
	}
	edge := noon.Add(old * time.Millisecond)
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{
		Rows: []store.Row{row("user", "ann", "1")}, Events: append(list, event("young", edge))}})
	s.commit(store.Part{Aggregate: "a/1", Expect: 1})
	pruneAll := func(before time.Time) (total int) {
		t.Helper()
		for {
			n, err := s.b.Prune(t.Context(), before)
			if err != nil {
				t.Fatalf("Prune: %v", err)
			}
			if n == 0 {
				return total
			}
			total += n
		}
	}
	s.equal("pruned", pruneAll(edge), old)
	s.equal("events", s.ids("a/1", store.EventQuery{Limit: 9}), []string{"young"})
	if got, err := s.b.Changes(t.Context(), "a/1", 0, 9); err != nil || len(got) != 2 {
		t.Errorf("Changes: %d, %v; they are younger than the events", len(got), err)
	}

	got, err := s.b.Changes(t.Context(), "a/1", 1, 9)
	if err != nil || len(got) != 1 {
		t.Fatalf("Changes: %d, %v", len(got), err)
	}
	s.equal("pruned", pruneAll(got[0].Time.Add(time.Second)), 3)
	for _, after := range []uint64{0, 1} {
		if _, err := s.b.Changes(t.Context(), "a/1", after, 9); !errors.Is(err, store.ErrCompacted) {
			t.Errorf("Changes after %d: %v, want ErrCompacted", after, err)
		}
	}
	if got, err := s.b.Changes(t.Context(), "a/1", 2, 9); err != nil || len(got) != 0 {
		t.Errorf("Changes after the last: %v, %v", got, err)
	}
	s.commit(store.Part{Aggregate: "a/1", Expect: 2})
	if got, err := s.b.Changes(t.Context(), "a/1", 2, 9); err != nil || len(got) != 1 || got[0].Version != 3 {
		t.Errorf("Changes after the last: %v, %v", got, err)
	}
	s.holds("a/1", 3, row("user", "ann", "1"))
}
