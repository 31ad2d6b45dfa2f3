//go:build unix

package keyring_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"iamd/keyring"
)

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, []byte(content), mode), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
}

// TestForeignFiles: what somebody else could have put there, or can read, is no
// keyring.
func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	refused := func(name, why string) {
		t.Helper()
		if content, err := keyring.Load(at(name)); err == nil || content != "" || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %q, %v", name, content, err)
		}
	}
	for _, mode := range []os.FileMode{0o604, 0o640, 0o620, 0o602, 0o601, 0o666} {
		write(t, at("open"), line(1), mode)
		refused("open", "chmod 600")
	}
	write(t, at("huge"), strings.Repeat("# nothing\n", 1<<20), 0o600)
	refused("huge", "more than")
	if err := errors.Join(os.Mkdir(at("directory"), 0o700), syscall.Mkfifo(at("pipe"), 0o600), os.Symlink(at("none"), at("nowhere")),
		os.Symlink(at("open"), at("to-open")), os.Symlink(at("loop"), at("loop"))); err != nil {
		t.Fatal(err)
	}
	refused("directory", "no regular file")
	refused("pipe", "no regular file")
	refused("to-open", "chmod 600")
	refused("nowhere", "no such file")
	refused("loop", "symbolic links")

	// A secret that is mounted: a link to a file that only we may read.
	write(t, at("kept"), line(1), 0o400)
	if err := os.Symlink(at("kept"), at("mounted")); err != nil {
		t.Fatal(err)
	}
	if content, err := keyring.Load(at("mounted")); err != nil || content != line(1) {
		t.Errorf("a link to a file of ours: %q, %v", content, err)
	}
	if err := keyring.Change(at("mounted"), func(s string) (string, error) { return line(2) + s, nil }); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("a link was changed: %v", err)
	}
	if err := keyring.Create(at("mounted"), line(2)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made over a link: %v", err)
	}
	if err := keyring.Create(at("nowhere"), line(2)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made through a link: %v", err)
	}
}

// TestChange: a file is changed whole or not at all.
func TestChange(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keyring")
	if err := keyring.Create(path, line(1)); err != nil {
		t.Fatal(err)
	}
	if err := keyring.Create(path, line(2)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made twice: %v", err)
	}
	before, err := keyring.Look(path)
	if err != nil {
		t.Fatal(err)
	}
	same := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
		}
		if content, err := keyring.Load(path); err != nil || content != line(1) {
			t.Errorf("%s: left %q, %v", what, content, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); what != "somebody else changes it" && len(left) > 0 {
			t.Errorf("%s: left %v", what, left)
		}
	}
	oops := errors.New("oops")
	same("a change that fails", keyring.Change(path, func(string) (string, error) { return "", oops }))
	same("a change to nothing", keyring.Change(path, func(string) (string, error) { return "# none\n", nil }))
	same("a change from within a change", keyring.Change(path, func(string) (string, error) {
		return "", keyring.Change(path, func(s string) (string, error) { return line(2) + s, nil })
	}))
	write(t, path+".new", "", 0o600)
	same("somebody else changes it", keyring.Change(path, func(s string) (string, error) { return line(2) + s, nil }))
	if err := os.Remove(path + ".new"); err != nil {
		t.Fatal(err)
	}
	// Somebody puts another file there who asks for no lock.
	err = keyring.Change(path, func(s string) (string, error) {
		write(t, path+".other", line(3), 0o600)
		return line(2) + s, os.Rename(path+".other", path)
	})
	if content, _ := keyring.Load(path); err == nil || content != line(3) {
		t.Errorf("another's file was replaced by %q, %v", content, err)
	}
	if err := keyring.Change(path, func(s string) (string, error) { return line(2) + s, nil }); err != nil {
		t.Fatal(err)
	}
	if content, after, err := keyring.Read(path); err != nil || content != line(2)+line(3) || after == before {
		t.Errorf("changed to %q, %v", content, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := keyring.Change(filepath.Join(dir, "none"), func(s string) (string, error) { return s, nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("changed what is not there: %v", err)
	}
}

// TestReadWhileReplaced: a reader sees the one file or the other, never a mixture.
func TestReadWhileReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keyring")
	contents := []string{line(1), line(2) + line(1), line(3) + line(2) + line(1)}
	write(t, path, contents[0], 0o600)
	done := make(chan error, 1)
	go func() {
		var err error
		for i := range 300 {
			next := filepath.Join(dir, "next")
			err = errors.Join(err, os.WriteFile(next, []byte(contents[i%len(contents)]), 0o600), os.Rename(next, path))
		}
		done <- err
	}()
	read := 0
	for {
		select {
		case err := <-done:
			if err != nil || read == 0 {
				t.Errorf("read %d times, %v", read, err)
			}
			return
		default:
		}
		content, err := keyring.Load(path)
		if err != nil {
			continue // the link count changes as the file is replaced: try again
		}
		read++
		if content != contents[0] && content != contents[1] && content != contents[2] {
			t.Fatalf("read %q", content)
		}
	}
}
