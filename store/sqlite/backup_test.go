package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"iamd/store"
	"iamd/store/storetest"
)

// TestBackup backs up while others write: all that was acknowledged before is in
// the file, nothing by halves, and the file is a store.
func TestBackup(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	dir := t.TempDir()
	s := start(t, filepath.Join(dir, "store.db"))
	const aggregates = 6
	name := func(i int) string { return fmt.Sprint("a/", i) }
	var acknowledged [aggregates]atomic.Uint64
	started := make(chan bool, aggregates)
	var wg sync.WaitGroup
	for i := range acknowledged {
		wg.Go(func() {
			for v := uint64(1); ctx.Err() == nil; v++ {
				if err := s.Commit(t.Context(), []store.Part{storetest.Version(name(i), v)}); err != nil {
					t.Error(err)
					return
				}
				acknowledged[i].Store(v)
				if v == 20 {
					started <- true
				}
			}
		})
	}
	for range acknowledged {
		<-started
	}
	for round := range 4 {
		var before [aggregates]uint64
		for i := range before {
			before[i] = acknowledged[i].Load()
		}
		path := filepath.Join(dir, fmt.Sprint("backup", round))
		if err := s.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		if err := CheckFile(t.Context(), path); err != nil {
			t.Error(err)
		}
		if list, err := filepath.Glob(path + "*"); err != nil || len(list) != 1 {
			t.Errorf("the backup left %v, %v", list, err)
		}
		restored := start(t, path)
		for i, version := range before {
			storetest.CheckVersions(t, restored, name(i), version)
		}
		if err := restored.Commit(t.Context(), []store.Part{{Aggregate: "new"}}); err != nil {
			t.Error(err)
		}
	}
	stop()
	wg.Wait()
}

func TestBackupRefusals(t *testing.T) {
	dir := t.TempDir()
	s := start(t, filepath.Join(dir, "store.db"))
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), taken); !errors.Is(err, os.ErrExist) {
		t.Errorf("a file that is there: %v", err)
	}
	if text, err := os.ReadFile(taken); string(text) != "mine" {
		t.Errorf("it is now %q, %v", text, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(ctx, filepath.Join(dir, "ended")); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that had ended: %v", err)
	}
	if err := BackupFile(t.Context(), filepath.Join(dir, "store.db"), filepath.Join(dir, "used")); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a store in use: %v", err)
	}
	if err := BackupFile(t.Context(), filepath.Join(dir, "none", "store.db"), filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no store: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "closed")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a closed store: %v", err)
	}
	for _, name := range []string{"ended", "used", "none", "closed"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was left: %v", name, err)
		}
	}
}

// TestBackupFile: of a store that was stopped, and of one whose process was killed,
// so that all it holds is in its log.
func TestBackupFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := start(t, path)
	if err := s.Commit(t.Context(), []store.Part{storetest.Version("a/1", 1)}); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal"} { // as a kill leaves them
		data, err := os.ReadFile(path + end)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "killed.db"+end), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"store.db", "killed.db"} {
		before, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		backup := filepath.Join(dir, "of "+name)
		if err := errors.Join(BackupFile(t.Context(), filepath.Join(dir, name), backup), CheckFile(t.Context(), backup)); err != nil {
			t.Fatal(err)
		}
		if after, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s was changed, %v", name, err)
		}
		storetest.CheckVersions(t, start(t, backup), "a/1", 1)
		storetest.CheckVersions(t, start(t, filepath.Join(dir, name)), "a/1", 1)
	}
}

func TestCheckFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	fill(t, path, 3000)
	if err := CheckFile(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	damaged := bytes.Clone(whole)
	for at := 20 * page; at < len(damaged); at += 50 * page {
		damaged[at+3] ^= 0xff // how many cells the page has
	}
	for name, data := range map[string][]byte{
		"damaged": damaged, "cut short": whole[:len(whole)/2/page*page], "empty": {}, "text": bytes.Repeat([]byte("no database\n"), 900),
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := CheckFile(t.Context(), file); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	for name, pragma := range map[string]string{"another program": "PRAGMA application_id = 7", "newer": "PRAGMA user_version = 99"} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(pragma)
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		if err := CheckFile(t.Context(), path); err == nil {
			t.Errorf("one of %s passes", name)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
