package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
	"iamd/store/storetest"
)

// follow runs Follow until the test ends.
func follow(t *testing.T, s *Store, f store.Feed) <-chan error {
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	done := make(chan struct{})
	go func() { defer close(done); failed <- s.Follow(ctx, f) }()
	t.Cleanup(func() { cancel(); <-done })
	return failed
}

// TestLateCommits: transactions that began before others, and are committed long
// after those were told of, are told of like them, in whatever order they end.
func TestLateCommits(t *testing.T) {
	url := postgrestest.Shared(t).Database(t)
	s := start(t, url)
	const late = 12
	var names []string
	for i := range late {
		names = append(names, fmt.Sprint("a/", i))
		if i%2 == 0 { // the others are made by the late transaction
			if err := s.Commit(t.Context(), []store.Part{{Aggregate: names[i]}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := storetest.NewFeed(append(names, "b")...)
	failed := follow(t, s, f)
	var open []pgx.Tx
	for i, name := range names {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(context.Background()) })
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		write := "UPDATE aggregates SET version = version + 1 WHERE name = $1"
		if i%2 == 1 {
			write = "INSERT INTO aggregates VALUES ($1, 2)"
		}
		if _, err := tx.Exec(t.Context(), write, name); err != nil {
			t.Fatal(err)
		}
		open = append(open, tx)
	}
	for i := range open {
		// One that began later commits first, and is told of.
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "b", Expect: uint64(i)}}); err != nil {
			t.Fatal(err)
		}
		if told := f.Now(t, "b", failed); told != uint64(i)+1 {
			t.Errorf("b: told %d, want %d", told, i+1)
		}
		k := (i*5 + 3) % late // in no order
		if told := f.Now(t, names[k], failed); told > 1 {
			t.Fatalf("%s: told %d before it was committed", names[k], told)
		}
		if err := open[k].Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told := f.Now(t, names[k], failed); told != 2 {
			t.Errorf("%s: told %d, want 2", names[k], told)
		}
	}
}

// TestLateCommitters is the same with many at once, each of which holds its
// transaction open while others begin and end.
func TestLateCommitters(t *testing.T) {
	url := postgrestest.Shared(t).Database(t)
	s := start(t, url)
	const committers, each = 16, 20
	var names []string
	for i := range committers {
		names = append(names, fmt.Sprint("a/", i))
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: names[i]}}); err != nil {
			t.Fatal(err)
		}
	}
	f := storetest.NewFeed(names...)
	failed := follow(t, s, f)
	step := make(chan struct{}, committers/2) // full when half of them hold one open
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close(context.Background())
			for v := range each {
				tx, err := conn.Begin(t.Context())
				if err == nil {
					_, err = tx.Exec(t.Context(), "UPDATE aggregates SET version = version + 1 WHERE name = $1", name)
				}
				if err != nil {
					t.Error(err)
					return
				}
				select {
				case step <- struct{}{}: // whoever takes it out lets another one go on
				case <-step:
				}
				if err := tx.Commit(t.Context()); err != nil {
					t.Error(err)
					return
				}
				if v%5 == 0 {
					if told := f.Now(t, name, failed); told != uint64(v)+2 {
						t.Errorf("%s: told %d, want %d", name, told, v+2)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	f.Now(t, "", failed)
	for name, told := range f.Held() {
		if told != each+1 {
			t.Errorf("%s: told %d, want %d", name, told, each+1)
		}
	}
}

// TestForgedHints: what a notification says is looked up, not believed, and one
// that says nothing sensible does no harm.
func TestForgedHints(t *testing.T) {
	cluster := postgrestest.Shared(t)
	url := cluster.Database(t)
	s := start(t, url)
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	f := storetest.NewFeed("a/1", "a/2")
	failed := follow(t, s, f)
	f.Now(t, "a/1", failed)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, payload := range []string{`{"a/1":99,"a/2":1,"a/3":7}`, `{"a/1":-1}`, `null`, `{}`, ``, `[`, `{"a/1":"x"}`, strings.Repeat("x", 7999)} {
		for range 50 {
			if _, err := conn.Exec(t.Context(), "SELECT pg_notify('iamd', $1)", payload); err != nil {
				t.Fatal(err)
			}
		}
		if told := f.Now(t, "a/1", failed); told != 1 {
			t.Errorf("told %d, want 1", told)
		}
		if _, ok := f.Held()["a/3"]; ok || f.Held()["a/2"] != 0 {
			t.Errorf("told of what is not there: %v", f.Held())
		}
	}
}

// TestHintsAreHeard: a commit is told of before the next poll is due.
func TestHintsAreHeard(t *testing.T) {
	url := postgrestest.Shared(t).Database(t)
	s, other := start(t, url), start(t, url)
	conn, err := pgx.ConnectConfig(t.Context(), s.connect.Copy())
	if err == nil {
		_, err = conn.Exec(t.Context(), "LISTEN "+channel)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	f := storetest.NewFeed("a/1", "a/2")
	ctx, cancel := context.WithCancel(t.Context())
	listened := make(chan error)
	go func() { listened <- (&poller{conn: conn, feed: f}).listen(ctx, time.Now().Add(time.Hour)) }()
	for v := range uint64(20) {
		changed := f.News()
		if err := other.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: v}, {Aggregate: "a/3", Expect: v}}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
		case err := <-listened:
			t.Fatal(err)
		case <-t.Context().Done():
			t.Fatal("the test has ended")
		}
		if held := f.Held(); held["a/1"] != v+1 || len(held) != 2 {
			t.Errorf("told %v, want version %d", held, v+1)
		}
	}
	cancel()
	if err := <-listened; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended by %v", err)
	}
}

// TestHints: however many aggregates wait to be told, each notification is one that
// the database takes.
func TestHints(t *testing.T) {
	h := newHints()
	want := map[string]uint64{}
	for i := range maxHints + 100 {
		name := fmt.Sprint(strings.Repeat("\"\x01", i%500), i)
		h.add([]store.Part{{Aggregate: name, Expect: 1 << 61}})
		if i < maxHints {
			want[name] = 1<<61 + 1
		}
	}
	h.add([]store.Part{{Aggregate: "0", Expect: 3}}) // an earlier one, told late
	list, err := h.take()
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range list {
		if len(payload) >= 8000 {
			t.Errorf("a notification of %d bytes", len(payload))
		}
		var said map[string]uint64
		if err := json.Unmarshal([]byte(payload), &said); err != nil {
			t.Fatal(err)
		}
		for name, version := range said {
			if want[name] != version {
				t.Errorf("%q has version %d, want %d", name, version, want[name])
			}
			delete(want, name)
		}
	}
	if len(want) > 0 {
		t.Errorf("%d are not told", len(want))
	}
	if list, err := h.take(); len(list) > 0 || err != nil {
		t.Errorf("once more: %q, %v", list, err)
	}
}

// TestFollowAfterCrash: a follower whose server ends is told so, and goes on when it
// is called again.
func TestFollowAfterCrash(t *testing.T) {
	t.Parallel()
	cluster := postgrestest.Start(t)
	s := start(t, cluster.Database(t))
	f := storetest.NewFeed("a/1")
	failed := follow(t, s, f)
	for v := range uint64(3) {
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: v}}); err != nil {
			t.Fatal(err)
		}
		if told := f.Now(t, "a/1", failed); told != v+1 {
			t.Errorf("told %d, want %d", told, v+1)
		}
		cluster.Kill()
		if err := <-failed; !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Follow: %v, want ErrUnavailable", err)
		}
		if err := s.Follow(t.Context(), f); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Follow while there is no server: %v, want ErrUnavailable", err)
		}
		cluster.Restart(t)
		failed = follow(t, s, f)
	}
	if told := f.Now(t, "a/1", failed); told != 3 {
		t.Errorf("told %d, want 3", told)
	}
}
