package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"iamd/store"
)

// SharedOpener opens the store of the test t. Called again with that test, it
// opens the same store once more, as another process would, while the first is
// open; called for another test, an empty one of its own. It fails the test on
// an error.
type SharedOpener func(t *testing.T) store.Shared

// RunShared checks that a backend to which several processes commit keeps what
// store.Shared promises beyond store.Backend.
func RunShared(t *testing.T, open SharedOpener) {
	for name, test := range map[string]func(*testing.T, pair){
		"SeesWhatOthersDid":   seesWhatOthersDid,
		"CommittersOfTwo":     committersOfTwo,
		"TakersOfTwo":         takersOfTwo,
		"TellsOfBoth":         tellsOfBoth,
		"TellsOfLoading":      tellsOfLoading,
		"TellsOfAllBefore":    tellsOfAllBefore,
		"CurrentAdvances":     currentAdvances,
		"FollowEndsByContext": followEndsByContext,
		"FollowEndsByClose":   followEndsByClose,
	} {
		t.Run(name, func(t *testing.T) {
			p := pair{t: t}
			for i := range p.b {
				p.b[i] = open(t)
				suite{t: t}.closeAtEnd(p.b[i])
			}
			test(t, p)
		})
	}
}

// pair is one test's store, opened by two processes.
type pair struct {
	t *testing.T
	b [2]store.Shared
}

func (p pair) commit(by int, parts ...store.Part) {
	p.t.Helper()
	suite{t: p.t, b: p.b[by]}.commit(parts...)
}

// seesWhatOthersDid: what one process committed, another reads at once.
func seesWhatOthersDid(t *testing.T, p pair) {
	for v := range uint64(40) {
		by, to := int(v%2), suite{t: t, b: p.b[1-v%2]}
		n := name(int(v))
		r := row("n", "", strconv.FormatUint(v, 10))
		p.commit(by, store.Part{Aggregate: "a/1", Expect: v, Changes: store.Changes{
			Rows: []store.Row{r}, Take: []store.Unique{n}, Events: []store.Event{event(fmt.Sprint(v), noon.Add(time.Duration(v)*time.Second))}}})
		to.holds("a/1", v+1, r)
		to.owned(n, "a/1")
		to.equal("the newest event", to.ids("a/1", store.EventQuery{Limit: 1}), []string{fmt.Sprint(v)})
		if got, err := to.b.Changes(t.Context(), "a/1", v, 9); err != nil || len(got) != 1 || got[0].Version != v+1 {
			t.Errorf("Changes after %d: %v, %v", v, got, err)
		}
		to.refuse(store.ErrConflict, store.Part{Aggregate: "a/1", Expect: v})
		to.taken(n, store.Part{Aggregate: "a/2", Changes: store.Changes{Take: []store.Unique{n}}})
	}
}

// committersOfTwo counts as manyCommitters does, by two processes.
func committersOfTwo(t *testing.T, p pair) {
	const committers, each = 8, 8
	var wg sync.WaitGroup
	for i := range committers {
		s := suite{t: t, b: p.b[i%2]}
		wg.Go(func() {
			for done := 0; done < each; {
				version, n, err := s.counter("a/1")
				if err == nil {
					err = s.b.Commit(t.Context(), []store.Part{
						{Aggregate: "a/1", Expect: version, Changes: store.Changes{Rows: []store.Row{row("n", "", strconv.Itoa(n+1))}}},
						{Aggregate: fmt.Sprint("b/", i), Expect: uint64(done)},
					})
				}
				if err == nil {
					done++
				} else if !errors.Is(err, store.ErrConflict) {
					t.Errorf("Commit: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	if version, n, err := (suite{t: t, b: p.b[0]}).counter("a/1"); err != nil || n != committers*each || version != uint64(n) {
		t.Errorf("counted to %d at version %d, %v", n, version, err)
	}
}

// takersOfTwo: names wanted by both processes go to one each, and none is lost.
func takersOfTwo(t *testing.T, p pair) {
	const names = 20
	var won [2][names]bool
	var wg sync.WaitGroup
	for by := range p.b {
		wg.Go(func() {
			for i := range names {
				err := p.b[by].Commit(t.Context(), []store.Part{{Aggregate: fmt.Sprint("a/", by, "/", i), Changes: store.Changes{
					Rows: []store.Row{row("n", "", "")}, Take: []store.Unique{name(i)}}}})
				var taken *store.TakenError
				if won[by][i] = err == nil; err != nil && !errors.As(err, &taken) {
					t.Errorf("Commit: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for i := range names {
		if won[0][i] == won[1][i] {
			t.Errorf("%v: won by both, or none", name(i))
			continue
		}
		winner := 0
		if won[1][i] {
			winner = 1
		}
		s := suite{t: t, b: p.b[winner]}
		s.owned(name(i), fmt.Sprint("a/", winner, "/", i))
		s.holds(fmt.Sprint("a/", 1-winner, "/", i), 0)
	}
}
