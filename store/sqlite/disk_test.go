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
	"iamd/store/storetest"
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
	if err = w.Commit(t.Context(), []store.Part{storetest.Version("a/1", version+1)}); err == nil {
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
	storetest.CheckVersions(t, w.Store, "a/1", w.acknowledged)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Store = start(t, path)
	storetest.CheckVersions(t, w.Store, "a/1", w.acknowledged)
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
				if failed++; !strings.Contains(err.Error(), "the disk is full") || !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("the error is %v", err)
				}
			}
		}
		if failed == 0 {
			t.Error("nothing failed")
		}
		if err := w.Writable(t.Context()); err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("it says of itself: %v", err)
		}
		if _, err := os.Stat(path + ".backup"); err == nil || w.Backup(t.Context(), path+".backup") == nil {
			t.Error("a backup on a full disk")
		}
		if _, err := os.Stat(path + ".backup"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it left a part: %v", err)
		}
		f.write.Store(nil)
		w.writes(t, 5)
		if err := w.Writable(t.Context()); err != nil {
			t.Errorf("it says of itself: %v", err)
		}
		w.check(t, path)
	}
}

// TestHealsByAsking: a store that nobody writes to finds out by itself that the disk
// has room again, when it is asked, and not before there is some.
func TestHealsByAsking(t *testing.T) {
	f := failing(t)
	path := filepath.Join(t.TempDir(), "store.db")
	w := &written{Store: start(t, path)}
	w.writes(t, 5)
	for name, fault := range map[string]int32{"full": codes.SQLITE_FULL, "fails": codes.SQLITE_IOERR_WRITE} {
		var asked atomic.Int32
		broken := func(file string, _ int64, _ int) int32 {
			if strings.HasPrefix(file, path) {
				asked.Add(1)
				return fault
			}
			return codes.SQLITE_OK
		}
		f.write.Store(&broken)
		if err := w.write(t); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: a write: %v", name, err)
		}
		for before := asked.Load(); asked.Load() == before; { // until it was tried again
			if err := w.Writable(t.Context()); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "the disk") {
				t.Fatalf("%s: it says of itself: %v", name, err)
			}
		}
		f.write.Store(nil)
		for err := w.Writable(t.Context()); err != nil; err = w.Writable(t.Context()) {
			if t.Context().Err() != nil {
				t.Fatal(err)
			}
		}
	}
	version, rows, err := w.Load(t.Context(), "a/1")
	if err != nil || version != w.acknowledged || len(rows) == 0 {
		t.Errorf("version %d, %d rows, %v", version, len(rows), err)
	}
	if soft, err := w.LoadSoft(t.Context(), ""); err != nil || len(soft) > 0 {
		t.Errorf("it left %v, %v", soft, err)
	}
	if _, err := os.Stat(path + ".room"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it left a file: %v", err)
	}
	w.check(t, path)
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
		if err := w.write(t); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "the disk fails") {
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
		if err := w.write(t); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "the disk fails") {
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
	if err := w.write(t); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "the disk fails") {
		t.Errorf("the error is %v", err)
	}
	f.sync.Store(nil)
	w.writes(t, 1)
	w.check(t, path)
}

// TestWriteFails: an error of the disk's while a page is written, or a disk that was
// turned read-only meanwhile, as systems do with one that fails.
func TestWriteFails(t *testing.T) {
	for name, code := range map[string]int32{"the disk fails": codes.SQLITE_IOERR_WRITE, "can only be read": codes.SQLITE_READONLY} {
		t.Run(name, func(t *testing.T) { writeFails(t, code, name) })
	}
}

func writeFails(t *testing.T, code int32, says string) {
	f := failing(t)
	for _, at := range []int32{1, 2, 4, 9} {
		path := filepath.Join(t.TempDir(), "store.db")
		w := &written{Store: start(t, path)}
		w.writes(t, 5)
		var good atomic.Int32
		good.Store(at)
		fault := func(file string, _ int64, _ int) int32 {
			if strings.HasPrefix(file, path) && good.Add(-1) < 0 {
				return code
			}
			return codes.SQLITE_OK
		}
		f.write.Store(&fault)
		for range 10 {
			if err := w.write(t); err != nil && (!errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), says)) {
				t.Errorf("the error is %v", err)
			}
		}
		if good.Load() >= 0 {
			t.Error("nothing failed")
		}
		if err := w.Writable(t.Context()); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), says) {
			t.Errorf("it says of itself: %v", err)
		}
		f.write.Store(nil)
		w.writes(t, 5)
		if err := w.Writable(t.Context()); err != nil {
			t.Errorf("it says of itself after it healed: %v", err)
		}
		w.check(t, path)
	}
}
