package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	codes "modernc.org/sqlite/lib"

	"iamd/store"
)

// written is a store with one aggregate, a/1, and the version that it was last
// acknowledged to have.
type written struct {
	*Store
	acknowledged uint64
}

// write commits the next version, upon the one that is there.
func (w *written) write(t *testing.T) error {
	t.Helper()
	version, _, err := w.Load(t.Context(), "a/1")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("a read while the disk fails: %v", err)
	}
	if version < w.acknowledged {
		t.Fatalf("version %d was acknowledged, %d is there", w.acknowledged, version)
	}
	if err = w.Commit(t.Context(), []store.Part{versionPart("a/1", version+1)}); err == nil {
		w.acknowledged = version + 1
	}
	return err
}

// writes does n writes that must succeed.
func (w *written) writes(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := w.write(t); err != nil {
			t.Fatal(err)
		}
	}
}

// check looks whether all that was acknowledged is there, before and after the store
// is closed, and its file undamaged.
func (w *written) check(t *testing.T, path string) {
	t.Helper()
	checkCrashed(t, w.Store, "a/1", w.acknowledged)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Store = start(t, path)
	checkCrashed(t, w.Store, "a/1", w.acknowledged)
	w.writes(t, 3)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := CheckFile(t.Context(), path); err != nil {
		t.Error(err)
	}
}

// TestDiskFull: the disk of a store is full for a while, at any of the writes that
// a commit is made of. Reads go on, no write is acknowledged that is not there, and
// writes go on when there is room.
func TestDiskFull(t *testing.T) {
	f := failing(t)
	for _, at := range []int32{1, 2, 3, 5, 8, 40} {
		path := filepath.Join(t.TempDir(), "store.db")
		w := &written{Store: start(t, path)}
		w.writes(t, 5)
		var room atomic.Int32
		room.Store(at)
		full := func(file string, _ int64, _ int) int32 {
			if strings.HasPrefix(file, path) && room.Add(-1) < 0 {
				return codes.SQLITE_FULL
			}
			return codes.SQLITE_OK
		}
		f.write.Store(&full)
		failed := 0
		for range 40 {
			if err := w.write(t); err != nil {
				if failed++; !strings.Contains(err.Error(), "the disk is full") {
					t.Errorf("the error is %v", err)
				}
			}
		}
		if failed == 0 {
			t.Error("nothing failed")
		}
		if _, err := os.Stat(path + ".backup"); err == nil || w.Backup(t.Context(), path+".backup") == nil {
			t.Error("a backup on a full disk")
		}
		if _, err := os.Stat(path + ".backup"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it left a part: %v", err)
		}
		f.write.Store(nil)
		w.writes(t, 5)
		w.check(t, path)
	}
}

// TestSyncFails: the disk does not confirm what was written to the log. That commit
// fails, and no other is tried until all that the log holds has been written to the
// database and confirmed.
func TestSyncFails(t *testing.T) {
	f := failing(t)
	path := filepath.Join(t.TempDir(), "store.db")
	w := &written{Store: start(t, path)}
	w.writes(t, 5)
	log := true
	var others atomic.Int32 // confirmations of the database
	fault := func(file string) int32 {
		if strings.HasSuffix(file, "-wal") == log {
			return codes.SQLITE_IOERR_FSYNC
		}
		others.Add(1)
		return codes.SQLITE_OK
	}
	f.sync.Store(&fault)
	for range 3 {
		if err := w.write(t); err == nil || !strings.Contains(err.Error(), "the disk fails") {
			t.Errorf("the error is %v", err)
		}
	}
	f.sync.Store(nil)
	if !w.writer.doubtful {
		t.Error("the log is trusted after the disk failed")
	}

	// Now the log is fine and the database is not: as the log is not trusted, nothing
	// can be written.
	log = false
	f.sync.Store(&fault)
	for range 3 {
		if err := w.write(t); err == nil || !strings.Contains(err.Error(), "the disk fails") {
			t.Errorf("the error is %v", err)
		}
	}
	log = true
	watch := func(file string) int32 {
		if file == path {
			others.Add(1)
		}
		return codes.SQLITE_OK
	}
	others.Store(0)
	f.sync.Store(&watch)
	w.writes(t, 1)
	if n := others.Load(); n == 0 {
		t.Error("the database was not written before the log was used again")
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Errorf("the log: %v, %v", info, err)
	}
	f.sync.Store(nil)
	w.writes(t, 5)
	w.check(t, path)
}

// TestLogIsSettledFirst: what an earlier process left in the log is in the database
// and confirmed before anything is written upon it.
func TestLogIsSettledFirst(t *testing.T) {
	f := failing(t)
	dir := t.TempDir()
	w := &written{Store: start(t, filepath.Join(dir, "store.db"))}
	w.writes(t, 5)
	path := filepath.Join(dir, "killed.db")
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, "store.db") + end)
		if err == nil {
			err = os.WriteFile(path+end, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	fault := func(file string) int32 {
		if file == path {
			return codes.SQLITE_IOERR_FSYNC
		}
		return codes.SQLITE_OK
	}
	f.sync.Store(&fault)
	w.Store = start(t, path) // to read from, it needs no disk
	if err := w.write(t); err == nil || !strings.Contains(err.Error(), "the disk fails") {
		t.Errorf("the error is %v", err)
	}
	f.sync.Store(nil)
	w.writes(t, 1)
	w.check(t, path)
}

// TestWriteFails: an error of the disk's while a page is written.
func TestWriteFails(t *testing.T) {
	f := failing(t)
	for _, at := range []int32{1, 2, 4, 9} {
		path := filepath.Join(t.TempDir(), "store.db")
		w := &written{Store: start(t, path)}
		w.writes(t, 5)
		var good atomic.Int32
		good.Store(at)
		fault := func(file string, _ int64, _ int) int32 {
			if strings.HasPrefix(file, path) && good.Add(-1) < 0 {
				return codes.SQLITE_IOERR_WRITE
			}
			return codes.SQLITE_OK
		}
		f.write.Store(&fault)
		for range 10 {
			if err := w.write(t); err != nil && !strings.Contains(err.Error(), "the disk fails") {
				t.Errorf("the error is %v", err)
			}
		}
		if good.Load() >= 0 {
			t.Error("nothing failed")
		}
		f.write.Store(nil)
		w.writes(t, 5)
		w.check(t, path)
	}
}
