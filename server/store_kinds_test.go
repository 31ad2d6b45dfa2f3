//go:build unix

package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/postgres/postgrestest"
)

// TestCopyBetweenKinds takes a store through every kind there is and back: nothing
// is lost, and the first kind serves from what has come round.
func TestCopyBetweenKinds(t *testing.T) {
	dir := t.TempDir()
	postgres, etcd := postgrestest.Start(t), etcdtest.Start(t, 1)
	first := filepath.Join(dir, "first")
	s := start(t, Config{DataDir: first})
	if _, err := s.CreateAccount(t.Context(), "second", "second@example.com"); err != nil {
		t.Fatal(err)
	}
	account := s.FirstStart().AccountID
	fillStore(t, s.backend)
	closed(t, s)

	log := slog.New(slog.DiscardHandler)
	route := []string{
		first, postgres.Database(t), etcd.URL(), filepath.Join(dir, "second"),
		strings.TrimRight(etcd.URL(), "/") + "/other", postgres.Database(t), filepath.Join(dir, "last"),
	}
	var tallies []store.Tally
	for i := range len(route) - 1 {
		got, err := CopyStore(t.Context(), route[i], route[i+1], log, nil)
		if err != nil {
			t.Fatalf("to the %d.: %v", i+1, err)
		}
		if i > 0 && !slices.Equal(got, tallies) {
			t.Errorf("to the %d.: %v, want %v", i+1, got, tallies)
		}
		tallies = got
	}
	for i, least := range []int{3, 3002, 2000, 3000, 700, 300} {
		if tallies[i].Count < least {
			t.Errorf("only %d %s", tallies[i].Count, tallies[i].Kind)
		}
	}

	// One that was broken off is not served from, whatever it is in.
	for _, target := range []string{postgres.Database(t), strings.TrimRight(etcd.URL(), "/") + "/broken"} {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := CopyStore(ctx, first, target, log, func(string, int, bool) { cancel() }); err == nil {
			t.Error("a copy that was broken off came to its end")
		}
		if b, err := OpenStore(t.Context(), target, "", time.Now, log); !errors.Is(err, store.ErrPartCopied) {
			t.Errorf("%v, %v, want that the store holds a part of a copy", b, err)
		}
	}

	s = start(t, Config{DataDir: filepath.Join(dir, "last"), KeyringFile: filepath.Join(first, "keyring")})
	defer closed(t, s)
	if list, err := s.ListAccounts(t.Context()); err != nil || len(list) != 2 || !slices.ContainsFunc(list, func(a AccountInfo) bool { return a.ID == account }) {
		t.Errorf("accounts: %v, %v", list, err)
	}
}

// fillStore adds more of everything than fits into one request of any backend.
func fillStore(t *testing.T, b store.Backend) {
	t.Helper()
	at := time.Now().Truncate(time.Second) // what is old the server forgets
	var rows []store.Row
	var names []store.Unique
	for i := range 3000 {
		rows = append(rows, store.Row{Kind: "k", Key: fmt.Sprint("row ", i), Schema: i % 3, Data: []byte(strings.Repeat("x", i%1500))})
		names = append(names, store.Unique{Space: "test", Key: fmt.Sprint("ü", i)})
	}
	var events []store.Event
	var soft []store.Soft
	var traces []store.Trace
	for i := range 3000 {
		events = append(events, store.Event{ID: fmt.Sprint("e", i), Time: at.Add(time.Duration(i/7) * time.Microsecond), Data: []byte(strings.Repeat("e", i%900))})
	}
	for i := range 700 {
		soft = append(soft, store.Soft{Aggregate: "test/1", Kind: "used", Key: fmt.Sprint(i), Data: make([]byte, i%100)})
	}
	for i := range 300 {
		traces = append(traces, store.Trace{Aggregate: fmt.Sprint("test/", i%3), Principal: fmt.Sprint("p", i%5), ID: fmt.Sprint("t", i), Time: at, Data: make([]byte, 20*i)})
	}
	bound := store.TraceBound{Items: 1000, Bytes: 1 << 30}
	err := errors.Join(
		b.Commit(t.Context(), []store.Part{{Aggregate: "test/1", Changes: store.Changes{Rows: rows[:1500], Take: names[:1000], Events: events[:20]}}}),
		b.Commit(t.Context(), []store.Part{{Aggregate: "test/1", Expect: 1, Changes: store.Changes{Rows: rows[1500:], Take: names[1000:2000]}}}),
		b.AppendEvents(t.Context(), map[string][]store.Event{"test/1": events[20:2000], "test/gone": events[2000:]}),
		b.SaveSoft(t.Context(), soft),
		b.SaveTraces(t.Context(), traces, store.TraceBounds{Principal: bound, Aggregate: bound}),
	)
	if err != nil {
		t.Fatal(err)
	}
}
