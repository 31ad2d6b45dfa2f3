package sqlite

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"iamd/store"
)

// limitedPath tells this test's child process which store to write to, and closedPath
// which one it may not.
const (
	limitedPath = "IAMD_TEST_LIMITED_PATH"
	closedPath  = "IAMD_TEST_CLOSED_PATH"
)

// inChild runs a test again in a process of its own, which changes what holds for
// all of a process.
func inChild(t *testing.T, test, variable, path string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	child.Env = append(os.Environ(), variable+"="+path)
	if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestFileLimit: the system itself refuses to let a file grow, for a while.
func TestFileLimit(t *testing.T) {
	path := os.Getenv(limitedPath)
	if path == "" {
		inChild(t, "TestFileLimit", limitedPath, filepath.Join(t.TempDir(), "store.db"))
		return
	}
	w := &written{Store: start(t, path)}
	w.writes(t, 5)
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	for more := range uint64(5) {
		limit := unix.Rlimit{Cur: uint64(info.Size()) + more*5000, Max: was.Max}
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		failed := 0
		var last error
		for range 30 {
			err := w.write(t)
			if last = err; err != nil {
				if failed++; !strings.Contains(err.Error(), "the disk ") {
					t.Errorf("the error is %v", err)
				}
			}
		}
		if failed == 0 {
			t.Error("nothing failed")
		}
		if err := w.Writable(t.Context()); (err == nil) != (last == nil) || err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("it says of itself: %v, after %v", err, last)
		}
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
		w.writes(t, 5)
	}
	w.check(t, path)
}

// TestClosedDirectory: whoever may not write to the directory, or to the file, hears
// so, and nothing is changed.
func TestClosedDirectory(t *testing.T) {
	path := os.Getenv(closedPath)
	if path != "" {
		if os.Getuid() == 0 { // root may write anywhere
			const nobody = 65534
			if err := unix.Setuid(nobody); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range []string{path, filepath.Join(filepath.Dir(path), "new.db"), filepath.Join(filepath.Dir(path), "new", "store.db")} {
			if _, err := Open(t.Context(), Config{Path: p}); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), p) {
				t.Errorf("Open: %v", err)
			}
		}
		return
	}
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} { // for another user to get there
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(dir, "store.db")
	w := &written{Store: start(t, path)}
	w.writes(t, 5)
	if err := errors.Join(w.Close(), os.Chmod(path, 0o400), os.Chmod(path+".lock", 0o400), os.Chmod(dir, 0o555)); err != nil {
		t.Fatal(err)
	}
	inChild(t, "TestClosedDirectory", closedPath, path)
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(path, 0o600), os.Chmod(path+".lock", 0o600)); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 2 {
		t.Errorf("the directory now holds %v, %v", fmt.Sprint(list), err)
	}
	w.Store = start(t, path)
	w.check(t, path)
}
