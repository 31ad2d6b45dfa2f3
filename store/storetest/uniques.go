package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"iamd/store"
)

func uniqueNames(t *testing.T, s suite) {
	s.owned(name(1), "")
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{name(1), name(2)}}})
	s.owned(name(1), "a/1")
	s.taken(name(1), store.Part{Aggregate: "a/2", Changes: store.Changes{
		Take: []store.Unique{name(3), name(1)}, Rows: []store.Row{row("user", "ann", "1")}}})
	s.holds("a/2", 0)
	s.owned(name(3), "")
	s.owned(name(1), "a/1")

	// The same key in another space is another name.
	s.commit(store.Part{Aggregate: "a/2", Changes: store.Changes{Take: []store.Unique{{Space: "alias", Key: name(1).Key}}}})
	s.owned(name(1), "a/1")

	// Whoever doesn't own a name can't free it.
	s.commit(store.Part{Aggregate: "a/2", Expect: 1, Changes: store.Changes{Free: []store.Unique{name(1), name(9)}}})
	s.owned(name(1), "a/1")
	s.taken(name(1), store.Part{Aggregate: "a/2", Expect: 2, Changes: store.Changes{
		Free: []store.Unique{name(1)}, Take: []store.Unique{name(1)}}})
	s.owned(name(1), "a/1")

	// The owner may take its name again, and free and take it at once.
	s.commit(store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{Take: []store.Unique{name(1)}}})
	s.commit(store.Part{Aggregate: "a/1", Expect: 2, Changes: store.Changes{
		Take: []store.Unique{name(1)}, Free: []store.Unique{name(1), name(2)}}})
	s.owned(name(1), "a/1")
	s.owned(name(2), "")
	s.commit(store.Part{Aggregate: "a/2", Expect: 2, Changes: store.Changes{Take: []store.Unique{name(2)}}})
	s.owned(name(2), "a/2")
}

// noSuchNames: what no name can be is asked for by strangers, and is not there.
func noSuchNames(t *testing.T, s suite) {
	s.commit(store.Part{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{{Space: "key", Key: "b"}}, Rows: []store.Row{row("key", "b", "1")}}})
	for _, odd := range []string{"\x00", "b\x00", "\x00b", "key\x00b", "a/1\x00key\x00b", "\xff", strings.Repeat("b", store.MaxName+1), strings.Repeat("b", 4<<20)} {
		_, spaceErr := s.b.Lookup(t.Context(), store.Unique{Space: odd, Key: "b"})
		_, keyErr := s.b.Lookup(t.Context(), store.Unique{Space: "key", Key: odd})
		_, _, loadErr := s.b.Load(t.Context(), odd)
		_, changesErr := s.b.Changes(t.Context(), odd, 0, 1)
		_, traceErr := s.b.Trace(t.Context(), odd)
		for what, err := range map[string]error{"space": spaceErr, "key": keyErr, "aggregate": loadErr, "changes": changesErr, "trace": traceErr} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s %.20q of %d bytes: %.200v, want ErrNotFound", what, odd, len(odd), err)
			}
		}
		soft, softErr := s.b.LoadSoft(t.Context(), odd)
		events, eventsErr := s.b.Events(t.Context(), odd, store.EventQuery{Limit: 1})
		if softErr != nil || eventsErr != nil || len(soft) > 0 || len(events) > 0 {
			t.Errorf("beside %.20q of %d bytes: %v, %v, %.200v, %.200v", odd, len(odd), soft, events, softErr, eventsErr)
		}
	}
}

func uniqueNamesMove(t *testing.T, s suite) {
	s.commit(
		store.Part{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{name(1)}}},
		store.Part{Aggregate: "a/2", Changes: store.Changes{Take: []store.Unique{name(2)}}},
	)
	s.commit( // they change places, whichever part comes first
		store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{Free: []store.Unique{name(1)}, Take: []store.Unique{name(2)}}},
		store.Part{Aggregate: "a/2", Expect: 1, Changes: store.Changes{Free: []store.Unique{name(2)}, Take: []store.Unique{name(1)}}},
	)
	s.owned(name(1), "a/2")
	s.owned(name(2), "a/1")

	err := s.b.Commit(t.Context(), []store.Part{
		{Aggregate: "a/3", Changes: store.Changes{Take: []store.Unique{name(3)}}},
		{Aggregate: "a/4", Changes: store.Changes{Take: []store.Unique{name(3)}}},
	})
	if taken := (*store.TakenError)(nil); !errors.As(err, &taken) {
		t.Errorf("two parts that take one name: %v, want a taken name", err)
	}
	s.holds("a/3", 0)
	s.owned(name(3), "")

	// A move that fails moves nothing.
	s.refuse(store.ErrConflict,
		store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{Take: []store.Unique{name(1)}}},
		store.Part{Aggregate: "a/2", Expect: 2, Changes: store.Changes{Free: []store.Unique{name(1)}}})
	s.owned(name(1), "a/2")
}

// manyTakers has many aggregates want one name at the same time.
func manyTakers(t *testing.T, s suite) {
	var wg sync.WaitGroup
	won := make([]bool, 24)
	for i := range won {
		wg.Go(func() {
			err := s.b.Commit(t.Context(), []store.Part{{Aggregate: fmt.Sprint("a/", i), Changes: store.Changes{
				Rows: []store.Row{row("n", "", fmt.Sprint(i))}, Take: []store.Unique{name(i + 100), name(1)}}}})
			var taken *store.TakenError
			if won[i] = err == nil; !won[i] && !errors.As(err, &taken) {
				t.Errorf("Commit: %v", err)
			}
		})
	}
	wg.Wait()
	winners := 0
	for i, w := range won {
		if !w {
			s.holds(fmt.Sprint("a/", i), 0)
			s.owned(name(i+100), "")
			continue
		}
		winners++
		s.owned(name(1), fmt.Sprint("a/", i))
		s.owned(name(i+100), fmt.Sprint("a/", i))
	}
	s.equal("winners", winners, 1)
}
