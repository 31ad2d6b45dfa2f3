package keyring

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Version tells the states of a file apart. The zero Version is of no file.
type Version struct {
	inode    uint64
	size     int64
	modified time.Time
	mode     fs.FileMode
}

func versionOf(info fs.FileInfo) Version {
	return Version{inode(info), info.Size(), info.ModTime(), info.Mode()}
}

// Look gives the version of a keyring's file without reading it.
func Look(path string) (Version, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Version{}, fmt.Errorf("keyring: %w", err)
	}
	return versionOf(info), nil
}

// Load reads a keyring's file. One that others may read or write is refused, and
// one that belongs to another user, who could have put it there. Of others a group
// of ours is none that may read a file of root's, as secrets are mounted so. A
// symbolic link is followed for that too: what counts is the file that it leads to.
func Load(path string) (string, error) {
	content, _, err := Read(path)
	return content, err
}

// Read is Load, and tells which version it read. A file that is being written
// meanwhile is refused.
func Read(path string) (string, Version, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0) // a pipe must not hold us up
	if err != nil {
		return "", Version{}, fmt.Errorf("keyring: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", Version{}, fmt.Errorf("keyring: %w", err)
	}
	if err := trusted(path, f, info); err != nil {
		return "", Version{}, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxContent+1))
	if err != nil {
		return "", Version{}, fmt.Errorf("keyring: %w", err)
	}
	if len(b) > maxContent {
		return "", Version{}, fmt.Errorf("keyring: %s has more than %d bytes, which is no keyring", path, maxContent)
	}
	after, err := f.Stat()
	if err != nil {
		return "", Version{}, fmt.Errorf("keyring: %w", err)
	}
	if versionOf(after) != versionOf(info) || int64(len(b)) != info.Size() {
		return "", Version{}, fmt.Errorf("keyring: %s is being written at the moment: put a new file in its place by renaming it", path)
	}
	return string(b), versionOf(info), nil
}

// trusted judges the file that was opened, so that nobody can change it for
// another in between.
func trusted(path string, f *os.File, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("keyring: %s is no regular file", path)
	}
	if err := strangers(path, f, info); err != nil {
		return err
	}
	if !ours(info) {
		return fmt.Errorf("keyring: %s belongs to another user: only the user who runs iamd, or root, may own it", path)
	}
	return nil
}

// LoadOrCreate is Load, and makes the file with a new key when it is not there:
// whole and on disk, or not at all.
func LoadOrCreate(path string, rand io.Reader, now time.Time) (string, error) {
	keys, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if keys, _, err = Add("", rand, now); err != nil {
		return "", err
	}
	if err := Create(path, keys); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return Load(path) // another process may have been first
}

// Create makes a keyring's file: whole and on disk, or not at all. fs.ErrExist
// when it is there.
func Create(path, content string) error {
	if _, err := parse(content); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".keyring-*") // mode 0600
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Link(f.Name(), path) // fails when it is there
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	return nil
}

// Change puts what change makes of a file's content in its place, whole and on
// disk, or leaves the file as it is. Of two changes at a time the second fails.
// Owner and mode stay. A symbolic link is refused: what it leads to is not ours
// to replace.
func Change(path string, change func(content string) (string, error)) (err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("keyring: %s is a symbolic link: change the file that it leads to, where that is kept", path)
	}
	next := path + ".new" // its name is the lock
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keyring: %s is there: somebody else changes the keyring just now, or was broken off; remove the file if nobody does: %w", next, err)
	}
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	renamed := false
	defer func() {
		if !renamed {
			_ = f.Close() // closed already, or worth nothing
			err = errors.Join(err, os.Remove(next))
		}
	}()
	content, version, err := Read(path)
	if err != nil {
		return err
	}
	if content, err = change(content); err != nil {
		return err
	}
	if _, err := parse(content); err != nil {
		return err
	}
	if err := write(f, content, info); err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	if now, err := Look(path); err != nil || now != version {
		return errors.Join(fmt.Errorf("keyring: %s was changed by somebody else meanwhile: try again", path), err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	renamed = true
	if err := syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("keyring: %s was written, but may not outlive a power cut: %w", path, err)
	}
	return nil
}

// write fills a file that takes another's place, and closes it.
func write(f *os.File, content string, like fs.FileInfo) error {
	if err := sameOwner(f, like); err != nil {
		return err
	}
	if _, err := f.WriteString(content); err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
