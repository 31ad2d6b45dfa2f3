package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/storetest"
)

// start opens a store that the test closes.
func start(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestBackend(t *testing.T) {
	dir := t.TempDir()
	storetest.Run(t, func(t *testing.T) store.Backend {
		s, err := Open(t.Context(), Config{Path: filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".db")})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestFilesAreTheOwners(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data #1?a=b%20c")
	path := filepath.Join(dir, "store ü?mode=memory.db")
	s := start(t, path)
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	modes := func() {
		t.Helper()
		list, err := os.ReadDir(dir)
		if err != nil || len(list) < 2 {
			t.Fatalf("%v, %v", list, err)
		}
		for _, f := range list {
			if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
			}
			if !strings.HasPrefix(f.Name(), filepath.Base(path)) {
				t.Errorf("a file %q", f.Name())
			}
		}
	}
	modes()
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v, %v", info.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"-wal", "-shm"} { // all is in the one file now
		if _, err := os.Stat(path + end); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("closing left the file %s: %v", end, err)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, path)
	modes()
}

func TestSecondOpenIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := start(t, path)
	if _, err := Open(t.Context(), Config{Path: path}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("another process (pid %d) is using it", os.Getpid())) {
		t.Errorf("a second Open: %v", err)
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Errorf("the first one's commit: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, path)
}

func TestOtherFilesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ sql, want string }{
		"newer": {"PRAGMA user_version = 99", "newer version"},
		"other": {"PRAGMA application_id = 7", "another program"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			s := start(t, path)
			if err := s.writer.exec(c.sql); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a refusal leaves nothing open
				if _, err := Open(t.Context(), Config{Path: path}); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("Open: %v, want %q", err, c.want)
				}
			}
		})
	}
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Path: path}); err == nil {
		t.Error("opened a text file")
	}
	if data, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(data), "no database\n") {
		t.Errorf("the text file is now %.20q, %v", data, err)
	}
}

// TestClockGoesBack prunes a later change before an earlier one.
func TestClockGoesBack(t *testing.T) {
	now := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for v, d := range []time.Duration{time.Hour, 2 * time.Hour, 0, 3 * time.Hour} {
		now = now.Truncate(24 * time.Hour).Add(d)
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: uint64(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Prune(t.Context(), now.Truncate(24*time.Hour).Add(time.Minute)); n != 1 || err != nil {
		t.Fatalf("Prune: %d, %v", n, err)
	}
	if list, err := s.Changes(t.Context(), "a/1", 0, 9); err != nil || len(list) != 2 || list[1].Version != 2 {
		t.Errorf("Changes before the gap: %v, %v", list, err)
	}
	if _, err := s.Changes(t.Context(), "a/1", 2, 9); !errors.Is(err, store.ErrCompacted) {
		t.Errorf("Changes at the gap: %v", err)
	}
}

func TestWhole(t *testing.T) {
	dir := t.TempDir()
	storetest.RunWhole(t, func(t *testing.T) store.Backend {
		s, err := Open(t.Context(), Config{Path: filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".db")})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
