package workload

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Lengths of a token, in characters.
const (
	minToken = 32
	maxToken = 4096
)

// tokenFile is a file that holds a task's token.
type tokenFile struct{ path string }

// openTokenFile makes sure that the file holds a token, and makes it if there is
// none: for its owner alone, without a line's end, since SDKs send what they read.
func openTokenFile(path string, deps *Deps) (*tokenFile, error) {
	t := &tokenFile{path}
	_, err := t.read()
	if !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	var b [32]byte
	deps.read(b[:])
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(base64.RawURLEncoding.EncodeToString(b[:]))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	_, err = t.read()
	return t, err
}

// read gives the token as it is now.
func (t *tokenFile) read() (string, error) {
	// What is no file is not opened: a pipe would wait for its other end.
	if info, err := os.Stat(t.path); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", t.path)
	}
	f, err := os.Open(t.path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was read only
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	// Windows has no such modes.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s has mode %#o: others than its owner can reach it: chmod 600 it", t.path, mode)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxToken+3))
	if err != nil {
		return "", err
	}
	token := strings.TrimRight(string(b), "\r\n")
	if len(token) < minToken || len(token) > maxToken {
		return "", fmt.Errorf("%s holds %d characters: a token has %d to %d", t.path, len(token), minToken, maxToken)
	}
	if i := strings.IndexFunc(token, func(r rune) bool { return r < 0x21 || r > 0x7e }); i >= 0 {
		return "", fmt.Errorf("%s: character %d of the token can stand in no header", t.path, i+1)
	}
	return token, nil
}

// matches tells whether a request's Authorization headers are the token. A nil
// file, and one that cannot be read now, is matched by nothing; it costs the same
// comparison.
func (t *tokenFile) matches(shown []string, log *slog.Logger) bool {
	token, err := "", error(nil)
	if t != nil {
		if token, err = t.read(); err != nil {
			log.Error("a task's token cannot be read", "error", err)
		}
	}
	given := ""
	if len(shown) == 1 {
		given = shown[0]
	}
	want, got := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(given))
	same := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	return same && token != ""
}
