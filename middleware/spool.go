package middleware

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// spool takes bodies in, within bounds.
type spool struct {
	max, memory, disk int64 // bytes of a body, of it in memory, of all on disk
	dir               string
	timeout           time.Duration
	used              atomic.Int64 // bytes on disk
}

// body is a request's body, whole: in memory at first, the rest in a file that no
// longer has a name.
type body struct {
	hash   [32]byte
	size   int64
	memory []byte
	file   *os.File
	onDisk int64
	spool  *spool
}

var errSpoolFull = errors.New("middleware: the bodies on disk have reached MaxSpool")

// take reads r's body whole. It fails with *http.MaxBytesError, errSpoolFull, or an
// error of the connection or the disk. The caller releases what it gets.
func (s *spool) take(w http.ResponseWriter, r *http.Request) (_ *body, err error) {
	b := &body{hash: sha256.Sum256(nil), spool: s}
	if r.Body == nil || r.Body == http.NoBody {
		return b, nil
	}
	if r.ContentLength > s.max {
		return nil, &http.MaxBytesError{Limit: s.max}
	}
	defer func() {
		if err != nil {
			b.release()
		}
	}()
	// The deadline is the connection's, so it is of the real clock.
	deadline := http.NewResponseController(w)
	if err := deadline.SetReadDeadline(time.Now().Add(s.timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("middleware: read deadline: %w", err)
	}
	digest := sha256.New()
	in := io.TeeReader(http.MaxBytesReader(w, r.Body, s.max), digest)
	var memory bytes.Buffer
	n, err := io.Copy(&memory, io.LimitReader(in, s.memory))
	if err != nil {
		return nil, err
	}
	b.memory, b.size = memory.Bytes(), n
	if n == s.memory {
		if _, err := io.Copy(b, in); err != nil {
			return nil, err
		}
	}
	digest.Sum(b.hash[:0])
	if err := deadline.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("middleware: read deadline: %w", err)
	}
	return b, nil
}

// Write puts more of the body on disk.
func (b *body) Write(p []byte) (int, error) {
	n := int64(len(p))
	if b.spool.used.Add(n) > b.spool.disk {
		b.spool.used.Add(-n)
		return 0, errSpoolFull
	}
	b.onDisk += n
	if b.file == nil {
		f, err := os.CreateTemp(b.spool.dir, "iamd-body-*")
		if err != nil {
			return 0, fmt.Errorf("middleware: spool: %w", err)
		}
		b.file = f
		// Without a name it is gone with the process, however that ends.
		if err := os.Remove(filepath.Clean(f.Name())); err != nil {
			return 0, fmt.Errorf("middleware: spool: %w", err)
		}
	}
	wrote, err := b.file.Write(p)
	b.size += int64(wrote)
	return wrote, err
}

// reader reads the body from its beginning, until release.
func (b *body) reader() io.ReadCloser {
	switch {
	case b.size == 0:
		return http.NoBody
	case b.file == nil:
		return io.NopCloser(bytes.NewReader(b.memory))
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(b.memory), io.NewSectionReader(b.file, 0, b.onDisk)))
}

// release gives the room back.
func (b *body) release() {
	b.spool.used.Add(-b.onDisk)
	b.onDisk = 0
	if b.file != nil {
		// A file without a name has nothing to lose.
		_ = b.file.Close()
	}
}
