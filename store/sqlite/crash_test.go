package sqlite

import (
	"context"
	"path/filepath"
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
