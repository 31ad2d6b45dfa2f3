package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"iamd/store"
)

// traces are found by their id alone, kept up to a number for each aggregate,
// and forgotten by age.
func traces(t *testing.T, s suite) {
	save := func(keep int, list ...store.Trace) {
		t.Helper()
		if err := s.b.SaveTraces(t.Context(), list, keep); err != nil {
			t.Fatalf("SaveTraces: %v", err)
		}
	}
	trace := func(aggregate, id string, second int) store.Trace {
		return store.Trace{Aggregate: aggregate, ID: id, Time: noon.Add(time.Duration(second) * time.Second), Data: []byte(aggregate + id)}
	}
	kept := func(want ...store.Trace) {
		t.Helper()
		for _, w := range want {
			got, err := s.b.Trace(t.Context(), w.ID)
			if err != nil {
				t.Errorf("Trace %s: %v", w.ID, err)
			}
			s.equal("trace "+w.ID, got, w)
		}
	}
	gone := func(ids ...string) {
		t.Helper()
		for _, id := range ids {
			if got, err := s.b.Trace(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("Trace %s: %v, %v, want ErrNotFound", id, got, err)
			}
		}
	}
	gone("1")
	save(3)
	save(3, trace("a/1", "1", 1), trace("a/1", "3", 3), trace("a/1", "2", 2), trace("a/2", "0", 0))
	kept(trace("a/1", "1", 1), trace("a/1", "2", 2), trace("a/1", "3", 3), trace("a/2", "0", 0))
	save(3, trace("a/1", "4b", 4), trace("a/1", "4a", 4), trace("a/1", "0", 9)) // the last one's id is another's
	kept(trace("a/1", "4a", 4), trace("a/1", "4b", 4), trace("a/1", "3", 3), trace("a/2", "0", 0))
	gone("1", "2", "", "4")
	save(1, trace("a/1", "5", 5))
	kept(trace("a/1", "5", 5), trace("a/2", "0", 0))
	gone("3", "4a", "4b")
	s.holds("a/1", 0)
	if err := s.b.SaveTraces(t.Context(), nil, 0); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("none kept: %v, want ErrInvalid", err)
	}

	var many []store.Trace
	for i := range 1200 {
		many = append(many, trace("a/3", fmt.Sprint("m", i), i))
	}
	save(len(many), many...)
	removed := 0
	for {
		n, err := s.b.Prune(t.Context(), noon.Add(1000*time.Second))
		if err != nil {
			t.Fatalf("Prune: %v", err)
		}
		if n == 0 {
			break
		}
		removed += n
	}
	s.equal("pruned", removed, 1002)
	kept(many[1000], many[1199])
	gone("m999", "0", "5")
}
