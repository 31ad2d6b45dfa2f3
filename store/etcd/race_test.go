package etcd

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
)

// TestLargeAtOnce has large commits want the same names, or the same aggregate,
// at the same time, by two processes: one of them is done each time, and nothing
// is left of the others.
func TestLargeAtOnce(t *testing.T) {
	url := etcdtest.Shared(t)
	stores := []*Store{start(t, url), start(t, url)}
	names := func(from, to int) (list []store.Unique) {
		for i := from; i < to; i++ {
			list = append(list, key(i))
		}
		return list
	}
	for round := range 10 {
		base := 1000 * round
		aggregates := []string{fmt.Sprint("a/", round), fmt.Sprint("b/", round)}
		if round%2 == 1 {
			aggregates[1] = aggregates[0]
		}
		take := [][]store.Unique{names(base, base+150), names(base+100, base+250)}
		var errs [3]error
		var wg sync.WaitGroup
		for i, s := range stores {
			wg.Go(func() {
				errs[i] = s.Commit(t.Context(), []store.Part{{Aggregate: aggregates[i], Changes: store.Changes{Take: take[i]}}})
			})
		}
		wg.Go(func() { // and a small one, which waits for nobody
			errs[2] = stores[0].Commit(t.Context(), []store.Part{{Aggregate: fmt.Sprint("c/", round), Changes: store.Changes{Take: take[0][120:121]}}})
		})
		wg.Wait()
		owners := map[string]int{}
		for i := range 250 {
			owner, err := stores[0].Lookup(t.Context(), key(base+i))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			owners[owner]++
		}
		won := 0
		for i, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.As(err, new(*store.TakenError)) && !errors.Is(err, store.ErrConflict):
				t.Errorf("round %d: %v", round, err)
			}
			if i == 2 && (err == nil) != (owners[fmt.Sprint("c/", round)] == 1) {
				t.Errorf("round %d: %v, %v", round, owners, err)
			}
		}
		if won != 1 || owners[""] != 100 && owners[""] != 249 {
			t.Errorf("round %d: %d won, owners %v: %v", round, won, owners, errs)
		}
	}
	if left := remains(t, stores[0]); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}

// TestManyAggregates: as many aggregates as one commit takes are changed by it, or none.
func TestManyAggregates(t *testing.T) {
	s := start(t, etcdtest.Shared(t))
	parts := func(n int, expect uint64) (list []store.Part) {
		for i := range n {
			list = append(list, store.Part{Aggregate: fmt.Sprint("a/", i), Expect: expect, Changes: store.Changes{
				Rows:   []store.Row{{Kind: "n", Key: fmt.Sprint(expect), Data: []byte("x")}},
				Take:   []store.Unique{key(1000*int(expect) + i)},
				Events: []store.Event{{ID: "e", Time: time.Unix(int64(expect), 0)}},
			}})
		}
		return list
	}
	for expect := range uint64(3) {
		if err := s.Commit(t.Context(), parts(maxAggregates, expect)); err != nil {
			t.Fatal(err)
		}
	}
	late := parts(maxAggregates, 3)
	late[maxAggregates/2].Expect = 2
	if err := s.Commit(t.Context(), late); !errors.Is(err, store.ErrConflict) {
		t.Errorf("one of them late: %v", err)
	}
	if err := s.Commit(t.Context(), parts(maxAggregates+1, 3)); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("one too many: %v", err)
	}
	for i := range maxAggregates {
		snap, err := s.Snapshot(t.Context(), fmt.Sprint("a/", i))
		if err != nil || snap.Version != 3 || len(snap.Rows) != 3 || len(snap.Names) != 3 {
			t.Fatalf("%+v, %v", snap, err)
		}
	}
	if left := remains(t, s); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}

// TestLoadsAmidLargeCommits: readers see each large commit whole, folded in or not.
func TestLoadsAmidLargeCommits(t *testing.T) {
	url := etcdtest.Shared(t)
	s, reader := start(t, url), start(t, url)
	const rows = 150
	done := make(chan error, 1)
	go func() {
		for v := range uint64(8) {
			p := store.Part{Aggregate: "a/1", Expect: v, Changes: store.Changes{Events: []store.Event{{ID: fmt.Sprint(v + 1), Time: time.Unix(int64(v), 0)}}}}
			for i := range rows {
				p.Rows = append(p.Rows, store.Row{Kind: "n", Key: fmt.Sprint(i), Schema: int(v) + 1, Data: make([]byte, 10000)})
			}
			if err := s.Commit(t.Context(), []store.Part{p}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for loads, over := 0, false; !over; loads++ {
		select {
		case err := <-done:
			if over = true; err != nil {
				t.Fatal(err)
			}
		default:
		}
		version, list, err := reader.Load(t.Context(), "a/1")
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil || len(list) != rows {
			t.Fatalf("%d rows, %v", len(list), err)
		}
		for _, r := range list {
			if r.Schema != int(version) {
				t.Fatalf("version %d has a row of version %d", version, r.Schema)
			}
		}
		changes, err := reader.Changes(t.Context(), "a/1", version-1, 1)
		if err != nil || len(changes) != 1 || changes[0].Version != version || len(changes[0].Rows) != rows {
			t.Fatalf("version %d's change: %d, %v", version, len(changes), err)
		}
		events, err := reader.Events(t.Context(), "a/1", store.EventQuery{Limit: 99})
		if err != nil || len(events) < int(version) {
			t.Fatalf("version %d has %d events, %v", version, len(events), err)
		}
	}
}

// TestPruneManyDays: what many aggregates have of many days goes day by day, with
// the keys that tell of it.
func TestPruneManyDays(t *testing.T) {
	s := start(t, etcdtest.Shared(t))
	const aggregates, spread = 20, 6
	at := func(d int) time.Time { return time.Unix(int64(d)*86400+3600, 0) }
	for a := range aggregates {
		var list []store.Event
		for d := range spread {
			list = append(list, store.Event{ID: "x", Time: at(d)}, store.Event{ID: "y", Time: at(d).Add(time.Hour)})
		}
		if err := s.AppendEvents(t.Context(), map[string][]store.Event{fmt.Sprint("a/", a): list}); err != nil {
			t.Fatal(err)
		}
	}
	for d := range spread {
		total := 0
		for {
			n, err := s.Prune(t.Context(), at(d).Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if total += n; n == 0 {
				break
			}
		}
		want := 2 * aggregates
		if d == 0 {
			want = aggregates
		}
		if total != want {
			t.Errorf("day %d: %d removed, want %d", d, total, want)
		}
		for _, a := range []int{0, aggregates - 1} {
			if events, err := s.Events(t.Context(), fmt.Sprint("a/", a), store.EventQuery{Limit: 99}); err != nil || len(events) != 2*(spread-d)-1 {
				t.Errorf("day %d: %d events are left of a/%d, %v", d, len(events), a, err)
			}
		}
		resp, err := s.client.Get(t.Context(), s.prefix+spaceDay, clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil || resp.Count != int64(aggregates*(spread-d)) {
			t.Errorf("day %d: %d days are left, %v", d, resp.Count, err)
		}
	}
}
