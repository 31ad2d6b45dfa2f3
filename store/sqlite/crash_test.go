package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"testing"

	"iamd/store"
	"iamd/store/storetest"
)

// TestCrash: what the system itself would lose without synchronous=FULL it can't show:
// TestDurabilitySettings looks at that.
func TestCrash(t *testing.T) {
	storetest.RunCrash(t, storetest.Crash{
		Place: func(t *testing.T) string { return filepath.Join(t.TempDir(), "store.db") },
		Open: func(ctx context.Context, path string) (store.Whole, error) {
			return Open(ctx, Config{Path: path})
		},
		Kills: 200,
	})
}

// checkCrashed checks that an aggregate is at the acknowledged version or later,
// and that each version left all of its traces.
func checkCrashed(t *testing.T, s *Store, aggregate string, acknowledged uint64) {
	t.Helper()
	ctx := t.Context()
	version, rows, err := s.Load(ctx, aggregate)
	if errors.Is(err, store.ErrNotFound) && acknowledged == 0 {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	changes, changesErr := s.Changes(ctx, aggregate, 0, 1<<20)
	events, eventsErr := s.Events(ctx, aggregate, store.EventQuery{Limit: 1 << 20})
	if err := errors.Join(changesErr, eventsErr); err != nil {
		t.Fatal(err)
	}
	n := int(version)
	if version < acknowledged || len(rows) != n || len(changes) != n || len(events) != n {
		t.Errorf("%s: version %d, acknowledged %d; %d rows, %d changes, %d events", aggregate, version, acknowledged, len(rows), len(changes), len(events))
	}
	for v := range n + 1 {
		owner, err := s.Lookup(ctx, store.Unique{Space: aggregate, Key: strconv.Itoa(v + 1)})
		if (owner == aggregate) != (v < n) || (err == nil) != (v < n) {
			t.Errorf("%s: version %d's name is owned by %q, %v", aggregate, v+1, owner, err)
		}
	}
}

// TestDurabilitySettings: the writer's connection waits for the disk, and the
// readers' can't write.
func TestDurabilitySettings(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "store.db"))
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "0", "busy_timeout": "5000", "mmap_size": "0"} {
		var got string
		if err := s.writer.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %s", pragma, got, err, want)
		}
	}
	if _, err := s.readers.Exec("DELETE FROM rows"); err == nil {
		t.Error("a reader deleted rows")
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	var verdict string
	if err := s.readers.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity: %q, %v", verdict, err)
	}
}
