package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
)

// TestLargeCommits: thousands of rows, and megabytes of them, are one commit as any
// other, done or undone whole.
func TestLargeCommits(t *testing.T) {
	s := start(t, postgrestest.Shared(t).Database(t))
	const count = 6000
	var c, gone store.Changes
	for i := range count {
		key := fmt.Sprintf("%05d", i)
		c.Rows = append(c.Rows, store.Row{Kind: "user", Key: key, Data: bytes.Repeat([]byte{byte(i)}, i%3000)})
		c.Take = append(c.Take, store.Unique{Space: "s", Key: key})
		c.Events = append(c.Events, store.Event{ID: key, Data: []byte(key)})
		gone.Rows = append(gone.Rows, store.Row{Kind: "user", Key: key})
	}
	gone.Free = c.Take
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "other", Changes: store.Changes{Take: c.Take[count/2:][:1]}}}); err != nil {
		t.Fatal(err)
	}
	var taken *store.TakenError
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Changes: c}}); !errors.As(err, &taken) || taken.Unique != c.Take[count/2] {
		t.Errorf("Commit: %v, want a taken name", err)
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "other", Expect: 1, Changes: store.Changes{Free: c.Take}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Changes: c}}); err != nil {
		t.Fatal(err)
	}
	if version, rows, err := s.Load(t.Context(), "a/1"); err != nil || version != 1 || !reflect.DeepEqual(rows, c.Rows) {
		t.Errorf("version %d, %d rows, %v", version, len(rows), err)
	}
	if list, err := s.Changes(t.Context(), "a/1", 0, 9); err != nil || len(list) != 1 || !reflect.DeepEqual(list[0].Rows, c.Rows) {
		t.Errorf("%d changes, %v", len(list), err)
	}
	if list, err := s.Events(t.Context(), "a/1", store.EventQuery{Limit: 2 * count}); err != nil || len(list) != count {
		t.Errorf("%d events, %v", len(list), err)
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: 1, Changes: gone}}); err != nil {
		t.Fatal(err)
	}
	if snap, err := s.Snapshot(t.Context(), "a/1"); err != nil || snap.Version != 2 || len(snap.Rows) != 0 || len(snap.Names) != 0 {
		t.Errorf("version %d, %d rows, %d names, %v", snap.Version, len(snap.Rows), len(snap.Names), err)
	}
}

// TestRepeatedRows: of what one commit says twice the last counts.
func TestRepeatedRows(t *testing.T) {
	s := start(t, postgrestest.Shared(t).Database(t))
	row := func(key, data string) store.Row { return store.Row{Kind: "k", Key: key, Data: []byte(data)} }
	u := store.Unique{Space: "s", Key: "k"}
	e := store.Event{ID: "e"}
	err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Changes: store.Changes{
		Rows: []store.Row{row("a", "1"), row("b", "1"), {Kind: "k", Key: "b"}, {Kind: "k", Key: "c"}, row("c", "2"), row("a", "3")},
		Take: []store.Unique{u, u}, Free: []store.Unique{u, u}, Events: []store.Event{e, e}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, rows, err := s.Load(t.Context(), "a/1"); err != nil || !reflect.DeepEqual(rows, []store.Row{row("a", "3"), row("c", "2")}) {
		t.Errorf("%v, %v", rows, err)
	}
	err = s.SaveSoft(t.Context(), []store.Soft{{Aggregate: "a/1", Kind: "k", Data: []byte("1")}, {Aggregate: "a/1", Kind: "k", Data: []byte("2")}})
	if list, loadErr := s.LoadSoft(t.Context(), "a/1"); err != nil || loadErr != nil || len(list) != 1 || string(list[0].Data) != "2" {
		t.Errorf("%v, %v, %v", list, err, loadErr)
	}
}

// TestDeadlock: a commit that the database breaks off for another one's sake is done
// again.
func TestDeadlock(t *testing.T) {
	cluster := postgrestest.Shared(t)
	url := cluster.Database(t)
	s := start(t, url+"&deadlock_timeout=300ms&application_name=victim")
	for _, name := range []string{"a/1", "a/2"} {
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: name}}); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(t.Context(), url+"&deadlock_timeout=1h")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	touch := func(name string) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), "UPDATE aggregates SET version = version WHERE name = $1", name); err != nil {
			t.Fatal(err)
		}
	}
	touch("a/2")
	answer := make(chan error)
	go func() {
		answer <- s.Commit(t.Context(), []store.Part{{Aggregate: "a/2", Expect: 1}, {Aggregate: "a/1", Expect: 1}})
	}()
	cluster.Until(t, "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'victim'")
	touch("a/1") // ends when the commit is broken off
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; err != nil {
		t.Errorf("Commit: %v", err)
	}
	if version, _, err := s.Load(t.Context(), "a/1"); err != nil || version != 2 {
		t.Errorf("version %d, %v", version, err)
	}
}

// TestLockedAggregate: a commit that waits for another one's lock ends with its
// context, and leaves nothing.
func TestLockedAggregate(t *testing.T) {
	cluster := postgrestest.Shared(t)
	url := cluster.Database(t)
	s := start(t, url+"&application_name=waits")
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tx, err := conn.Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), "UPDATE aggregates SET version = version WHERE name = 'a/1'")
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() { answer <- s.Commit(ctx, []store.Part{{Aggregate: "a/1", Expect: 1}}) }()
	cluster.Until(t, "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'waits'")
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v, want context.Canceled", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	cluster.Until(t, "SELECT count(*) = 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'waits'")
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: 1}}); err != nil {
		t.Errorf("Commit: %v", err)
	}
}

// TestJudge holds what errors are taken for.
func TestJudge(t *testing.T) {
	for code, want := range map[string]verdict{
		"40001": collided, "40P01": collided, "57P01": lost, "08006": lost, "25006": lost, "57P03": silent, "40003": silent,
		"23505": refused, "42P01": refused, "28P01": refused, "53100": silent, "55P03": silent, "25P03": lost,
	} {
		err := fmt.Errorf("it says: %w", &pgconn.PgError{Code: code, Severity: "ERROR"})
		if got := judge(err); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
	for _, err := range []error{store.ErrConflict, &store.TakenError{}, store.ErrNotFound, context.Canceled, errors.New("x")} {
		if got := judge(err); got != refused {
			t.Errorf("%v: %d", err, got)
		}
	}
	if got := judge(fmt.Errorf("waits: %w", context.DeadlineExceeded)); got != silent {
		t.Errorf("a time that is over: %d", got)
	}
	unconfirmed := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ETIMEDOUT)}
	if got := judge(fmt.Errorf("receives: %w", unconfirmed)); got != lost {
		t.Errorf("what the other machine did not confirm: %d", got)
	}
	if got := judge(fmt.Errorf("dials: %w", &pgconn.ConnectError{Config: &pgconn.Config{}})); got != silent {
		t.Errorf("a connection that is not made: %d", got)
	}
}

// TestBeyond: the end of a prefix lies behind all that begins with it and before
// all that follows, even where no letter comes next.
func TestBeyond(t *testing.T) {
	for prefix, want := range map[string]string{
		"a": "b", "a/": "a0", "\x7f": "\u0080", "é": "ê", "\ud7ff": "\ue000", "a\U0010ffff": "b", "日本": "日札",
	} {
		if got := beyond(prefix); got != want {
			t.Errorf("beyond %q: %q, want %q", prefix, got, want)
		}
	}
	for _, prefix := range []string{"", "\U0010ffff"} {
		if got := beyond(prefix); got <= "\U0010ffff\U0010ffff" || len(got) <= store.MaxName {
			t.Errorf("beyond %q: %.20q", prefix, got)
		}
	}
}

// TestClockGoesBack prunes a later change before an earlier one.
func TestClockGoesBack(t *testing.T) {
	noon := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	now := noon
	s, err := Open(t.Context(), Config{URL: postgrestest.Shared(t).Database(t), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for v, d := range []time.Duration{time.Hour, 2 * time.Hour, 0, 3 * time.Hour} {
		now = noon.Add(d)
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: uint64(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Prune(t.Context(), noon.Add(time.Minute)); n != 1 || err != nil {
		t.Fatalf("Prune: %d, %v", n, err)
	}
	if list, err := s.Changes(t.Context(), "a/1", 0, 9); err != nil || len(list) != 2 || list[1].Version != 2 {
		t.Errorf("Changes before the gap: %v, %v", list, err)
	}
	if _, err := s.Changes(t.Context(), "a/1", 2, 9); !errors.Is(err, store.ErrCompacted) {
		t.Errorf("Changes at the gap: %v", err)
	}
}
