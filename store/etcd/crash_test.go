package etcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/storetest"
)

// errCrash is what a store hears once it crashed: nothing it sends arrives.
var errCrash = errors.New("crashed")

// crash lets n writes through; the one after is sent or not, and not answered;
// then none is sent any more. writes counts them all.
func crash(s *Store, n int, sent bool) (writes *int) {
	writes = new(int)
	s.via = func(send func() (*clientv3.TxnResponse, error)) (*clientv3.TxnResponse, error) {
		*writes++
		switch {
		case *writes <= n:
			return send()
		case *writes == n+1 && sent:
			if _, err := send(); err != nil {
				return nil, err
			}
		}
		return nil, errCrash
	}
	return writes
}

// largeNames is how many names each takes; their intents need two transactions.
const largeNames = 52

func key(n int) store.Unique { return store.Unique{Space: "key", Key: fmt.Sprint("k", n)} }

// small is what was there before the large commit: each aggregate owns a few
// names, and a/1 a row in pieces.
func small() []store.Part {
	return []store.Part{
		{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{key(-1), key(-2)}, Rows: []store.Row{
			{Kind: "user", Key: "ann", Data: bytes.Repeat([]byte("old"), maxPiece/3+9)}, {Kind: "user", Key: "bob", Data: []byte("old")},
		}}},
		{Aggregate: "a/2", Changes: store.Changes{Take: []store.Unique{key(-3)}}},
	}
}

// large is too large for one request, with the change that tells of it. Names come, go, and
// move from one aggregate to the other.
func large() []store.Part {
	one := store.Part{Aggregate: "a/1", Expect: 1, Changes: store.Changes{
		Free: []store.Unique{key(-1), key(-2)}, Take: []store.Unique{key(-3)},
		Rows: []store.Row{
			{Kind: "user", Key: "ann", Data: []byte("new")}, {Kind: "user", Key: "bob"},
			{Kind: "user", Key: "dan", Data: bytes.Repeat([]byte("new"), maxPiece/3+9)},
		},
		Events: []store.Event{{ID: "e", Time: time.Unix(1, 0), Data: []byte("e")}},
	}}
	two := store.Part{Aggregate: "a/2", Expect: 1, Changes: store.Changes{Free: []store.Unique{key(-3)}, Take: []store.Unique{key(-1)}}}
	for i := range largeNames {
		one.Take, two.Take = append(one.Take, key(2*i)), append(two.Take, key(2*i+1))
	}
	return []store.Part{one, two}
}

// state says in words what a store has of all that, and whether it agrees with
// itself.
func state(t *testing.T, s *Store) string {
	t.Helper()
	var b strings.Builder
	owners := map[int]string{}
	for i := -3; i < 2*largeNames; i++ {
		if i > 5 && i%9 != 0 {
			continue // the lists below have them all
		}
		owner, err := s.Lookup(t.Context(), key(i))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		owners[i] = owner
	}
	for _, aggregate := range []string{"a/1", "a/2"} {
		snap, err := s.Snapshot(t.Context(), aggregate)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %d:", aggregate, snap.Version)
		for _, r := range snap.Rows {
			fmt.Fprintf(&b, " %s=%.3s(%d)", r.Key, r.Data, len(r.Data))
		}
		owned := map[store.Unique]bool{}
		for _, u := range snap.Names {
			owned[u] = true
		}
		fmt.Fprintf(&b, " %d names", len(owned))
		for i := -3; i < 2*largeNames; i++ {
			owner := owners[i]
			if owner, asked := owners[i]; asked && (owner == aggregate) != owned[key(i)] {
				t.Errorf("%v is owned by %q, in the list of %s: %v", key(i), owner, aggregate, owned[key(i)])
			}
			if i < 0 && owner == aggregate {
				fmt.Fprint(&b, " ", i)
			}
		}
		changes, err := s.Changes(t.Context(), aggregate, 0, 9)
		if err != nil || len(changes) != int(snap.Version) {
			t.Errorf("%s: %d changes, %v", aggregate, len(changes), err)
		}
		events, err := s.Events(t.Context(), aggregate, store.EventQuery{Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, " %d events; ", len(events))
	}
	return b.String()
}

// remains lists the keys that a finished commit must not leave.
func remains(t *testing.T, s *Store) (keys []string) {
	t.Helper()
	for _, space := range []string{spaceChunk, spaceStage, spaceName} {
		resp, err := s.client.Get(t.Context(), s.prefix+space, clientv3.WithPrefix())
		if err != nil {
			t.Fatal(err)
		}
		for _, kv := range resp.Kvs {
			if space != spaceName || kv.Value[0] != 'O' {
				keys = append(keys, string(kv.Key))
			}
		}
	}
	return keys
}

// TestCrash breaks a large commit off after each of its writes. At once and ever
// after, others see all of it or nothing, both can be built upon, and nothing is
// left in the end.
func TestCrash(t *testing.T) {
	t.Parallel()
	url := etcdtest.Shared(t)
	const (
		before = "a/1 1: ann=old(524313) bob=old(3) 2 names -2 -1 0 events; a/2 1: 1 names -3 0 events; "
		done   = "a/1 2: ann=new(3) dan=new(524313) 53 names -3 1 events; a/2 2: 53 names -1 0 events; "
	)
	seen := map[string]int{}
	for n, over := 0, false; !over; n++ {
		for _, sent := range []bool{false, true} {
			place := fmt.Sprint(url, "/", n, sent)
			s, other := start(t, place), start(t, place)
			if err := s.Commit(t.Context(), small()); err != nil {
				t.Fatal(err)
			}
			writes := crash(s, n, sent)
			err := s.Commit(t.Context(), large())
			s.via = nil
			over = *writes <= n
			got := state(t, other)
			if got != before && got != done || err == nil && got != done {
				t.Fatalf("after %d writes, %v: %s", n, err, got)
			}
			seen[got]++
			other.now = func() time.Time { return time.Now().Add(2 * stageAge) }
			goOn(t, other, got == done, n%2 == 0)
			if keys := remains(t, other); len(keys) > 0 {
				t.Errorf("after %d writes: %q are left", n, keys)
			}
			if err := errors.Join(s.Close(), other.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if seen[before] < 5 || seen[done] < 5 {
		t.Errorf("%d crashes were before the commit, %d after it", seen[before], seen[done])
	}
	t.Logf("%d crashes before the commit, %d after it", seen[before], seen[done])
}

// goOn writes upon what a crash left: the same names are free for others, or
// taken. With prune it is tidied up first.
func goOn(t *testing.T, s *Store, done, prune bool) {
	t.Helper()
	if prune {
		if _, err := s.Prune(t.Context(), time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	wants := store.Part{Aggregate: "a/3", Changes: store.Changes{Take: []store.Unique{key(5), key(7)}}}
	err := s.Commit(t.Context(), []store.Part{wants})
	if taken := errors.As(err, new(*store.TakenError)); taken != done || !done && err != nil {
		t.Errorf("taking a name that the commit wanted, done %v: %v", done, err)
	}
	if !done {
		if err := s.Commit(t.Context(), large()); !errors.As(err, new(*store.TakenError)) {
			t.Errorf("the commit once more: %v", err)
		}
		wants.Expect, wants.Free, wants.Take = 1, wants.Take, nil
		if err := s.Commit(t.Context(), []store.Part{wants}); err != nil {
			t.Error(err)
		}
		if err := s.Commit(t.Context(), large()); err != nil {
			t.Errorf("the commit at last: %v", err)
		}
	}
	want := state(t, s)
	for _, aggregate := range []string{"a/1", "a/2"} {
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: aggregate, Expect: 2}}); err != nil {
			t.Errorf("the next commit of %s: %v", aggregate, err)
		}
	}
	want = strings.NewReplacer("a/1 2:", "a/1 3:", "a/2 2:", "a/2 3:").Replace(want)
	if got := state(t, s); got != want {
		t.Errorf("the next commits made %s of %s", got, want)
	}
	if _, err := s.Prune(t.Context(), time.Unix(0, 0)); err != nil {
		t.Error(err)
	}
}

func openWhole(ctx context.Context, url string) (store.Whole, error) {
	return Open(ctx, Config{URL: url})
}

// TestWritersKilled kills processes amid their commits.
func TestWritersKilled(t *testing.T) {
	storetest.RunCrash(t, storetest.Crash{
		Place: func(t *testing.T) string { return etcdtest.Shared(t) },
		Open:  openWhole,
		Kills: 200,
	})
}

// TestServerKilled kills the server under load, again and again.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	var c *etcdtest.Cluster
	kill := func(*testing.T) {
		c.Kill(0)
		c.Restart(0)
	}
	storetest.RunCrash(t, storetest.Crash{
		Place: func(t *testing.T) string {
			c = etcdtest.Start(t, 1)
			return c.URL()
		},
		Open:    openWhole,
		Outages: []func(*testing.T){kill, kill, kill, kill, kill},
	})
}
