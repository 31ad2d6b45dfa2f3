package keyring

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Generate makes the content of a keyring with one new key. It panics when
// there is no randomness.
func Generate(rand io.Reader) string {
	var key [32]byte
	if _, err := io.ReadFull(rand, key[:]); err != nil {
		panic("keyring: no randomness: " + err.Error())
	}
	return "1:" + base64.StdEncoding.EncodeToString(key[:]) + "\n"
}

// Load reads a keyring's file. One that others may read or write is refused.
func Load(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("keyring: %s may be read by others (mode %04o): chmod 600 it, and if strangers could have read it, use a new key", path, info.Mode().Perm())
	}
	const most = 1 << 20
	b, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	return string(b), nil
}

// LoadOrCreate is Load, and makes the file with a new key when it is not there:
// whole and on disk, or not at all.
func LoadOrCreate(path string, rand io.Reader) (string, error) {
	keys, err := Load(path)
	if !errors.Is(err, os.ErrNotExist) {
		return keys, err
	}
	if err := create(path, Generate(rand)); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("keyring: %w", err)
	}
	return Load(path) // another process may have been first
}

func create(path, keys string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".keyring-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(keys)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil { // fails when it is there
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
