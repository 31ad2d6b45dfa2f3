package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"iamd/store"
)

// newest bounds traces by their number alone, whosever they are.
func newest(items int) store.TraceBounds {
	bound := store.TraceBound{Items: items, Bytes: 1 << 20}
	return store.TraceBounds{Principal: bound, Aggregate: bound}
}

// traces are found by their id alone, kept up to a number for each aggregate,
// and forgotten by age.
func traces(t *testing.T, s suite) {
	save := func(keep int, list ...store.Trace) {
		t.Helper()
		if err := s.b.SaveTraces(t.Context(), list, newest(keep)); err != nil {
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
	save(3, trace("a/1", "4b", 4), trace("a/1", "4a", 4), trace("a/1", "3", 9)) // the last one is there already
	kept(trace("a/1", "4a", 4), trace("a/1", "4b", 4), trace("a/1", "3", 3), trace("a/2", "0", 0))
	gone("1", "2", "", "4")
	save(1, trace("a/1", "5", 5))
	kept(trace("a/1", "5", 5), trace("a/2", "0", 0))
	gone("3", "4a", "4b")
	s.holds("a/1", 0)
	if err := s.b.SaveTraces(t.Context(), nil, newest(0)); !errors.Is(err, store.ErrInvalid) {
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

// traceShares: who has many traces, or long ones, keeps fewer of their own, and
// costs the aggregate's others theirs only beyond the aggregate's own bounds.
func traceShares(t *testing.T, s suite) {
	keep := store.TraceBounds{Principal: store.TraceBound{Items: 3, Bytes: 100}, Aggregate: store.TraceBound{Items: 5, Bytes: 220}}
	second := 0
	save := func(aggregate, principal string, size int, ids ...string) {
		t.Helper()
		var list []store.Trace
		for _, id := range ids {
			second++
			list = append(list, store.Trace{
				Aggregate: aggregate, Principal: principal, ID: id, Time: noon.Add(time.Duration(second) * time.Second), Data: make([]byte, size),
			})
		}
		if err := s.b.SaveTraces(t.Context(), list, keep); err != nil {
			t.Fatalf("SaveTraces: %v", err)
		}
	}
	kept := func(step, want string) {
		t.Helper()
		got := ""
		for _, id := range "abcdefghijklmnopqrstuvwxyz" {
			trace, err := s.b.Trace(t.Context(), string(id))
			if err == nil {
				got += string(id)
			} else if !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			if err == nil && trace.Principal == "" {
				t.Errorf("%c has lost its principal", id)
			}
		}
		s.equal(step, got, want)
	}
	save("a/1", "ann", 10, "a", "b")
	save("a/2", "bob", 10, "c")
	save("a/1", "bob", 10, "d", "e", "f", "g", "h")
	kept("a share by number", "abcfgh")
	save("a/1", "eve", 10, "i")
	kept("the aggregate's number", "bcfghi")
	save("a/1", "bob", 90, "j")
	kept("a share by bytes", "bchij")
	save("a/1", "eve", 90, "k", "l")
	kept("a share by bytes, once more", "bchjl")
	save("a/1", "dan", 50, "m")
	kept("the aggregate's bytes", "clm")
	save("a/1", "dan", 101, "n")
	kept("longer than a share", "cl")
	if err := s.b.SaveTraces(t.Context(), nil, store.TraceBounds{Principal: keep.Principal}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("none kept: %v, want ErrInvalid", err)
	}
}
