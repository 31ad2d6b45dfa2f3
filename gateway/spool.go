package gateway

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const spoolPattern = "iamd-body-*"

// body is a request's body as it was received, whole: in memory at first, the
// rest in a file that no longer has a name.
type body struct {
	hash   [32]byte
	size   int64
	memory []byte
	file   *os.File
	onDisk int64
	client string
	spool  *spool
}

// spool takes bodies in, within bounds.
type spool struct {
	max, memory, disk int64 // bytes of a body, of it in memory, of all on disk
	share             int64 // bytes on disk of one client
	dir               string
	timeout           time.Duration

	mu   sync.Mutex
	used int64            // bytes on disk, promised or written
	held map[string]int64 // of them, by client; none is zero
}

// Both say that too many bodies are on disk at this moment.
var (
	errSpoolFull  = errors.New("gateway: the bodies on disk have reached max_spool")
	errSpoolShare = errors.New("gateway: the bodies of one client on disk have reached its share of max_spool")
)

// clientOf is who shares room on disk: an address, or the network that one
// subscriber of IPv6 gets.
func clientOf(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	if a = a.Unmap(); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// reserve promises n bytes on disk to a client.
func (s *spool) reserve(client string, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.used+n > s.disk:
		return errSpoolFull
	case s.held[client]+n > s.share:
		return errSpoolShare
	}
	if s.held == nil {
		s.held = map[string]int64{}
	}
	s.used += n
	s.held[client] += n
	return nil
}

// giveBack ends a promise.
func (s *spool) giveBack(client string, n int64) {
	if n == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used -= n
	if s.held[client] -= n; s.held[client] == 0 {
		delete(s.held, client)
	}
}

// fits tells whether a request's body, by what is said of it, stays in memory.
func (s *spool) fits(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.ContentLength >= 0 && r.ContentLength <= s.memory
}

// emptyHash is the SHA-256 of nothing.
var emptyHash = sha256.Sum256(nil)

// take reads r's body whole, at the cost of client's share. It fails with
// *http.MaxBytesError when the body is too long, errSpoolFull, errSpoolShare, or
// an error of the connection or the disk. The caller releases what it gets.
func (s *spool) take(w http.ResponseWriter, r *http.Request, client string) (_ *body, err error) {
	b := &body{hash: emptyHash, spool: s, client: client}
	if r.Body == nil || r.Body == http.NoBody {
		return b, nil
	}
	if r.ContentLength > s.max {
		return nil, &http.MaxBytesError{Limit: s.max}
	}
	// The deadline is the connection's, so it is of the real clock.
	deadline := http.NewResponseController(w)
	if err := deadline.SetReadDeadline(time.Now().Add(s.timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("gateway: read deadline: %w", err)
	}
	defer func() {
		if err != nil {
			b.release()
			return
		}
		// What follows on the connection is not the body's to time.
		if e := deadline.SetReadDeadline(time.Time{}); e != nil && !errors.Is(e, http.ErrNotSupported) {
			err = fmt.Errorf("gateway: read deadline: %w", e)
		}
	}()
	if n := r.ContentLength; n >= 0 && n < s.memory && n <= 4<<10 {
		// Short and as long as it says, by the server's word: most are.
		b.memory = make([]byte, n)
		if _, err := io.ReadFull(r.Body, b.memory); err != nil {
			return nil, err
		}
		b.size, b.hash = n, sha256.Sum256(b.memory)
		return b, nil
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
		if err := b.spill(in); err != nil {
			return nil, err
		}
	}
	digest.Sum(b.hash[:0])
	return b, nil
}

// spill writes what is left of the body to disk.
func (b *body) spill(in io.Reader) error {
	chunk := make([]byte, 32<<10)
	for {
		n, err := in.Read(chunk)
		if n > 0 {
			if err := b.write(chunk[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (b *body) write(p []byte) error {
	n := int64(len(p))
	if err := b.spool.reserve(b.client, n); err != nil {
		return err
	}
	b.onDisk += n
	if b.file == nil {
		f, err := os.CreateTemp(b.spool.dir, spoolPattern)
		if err != nil {
			return fmt.Errorf("gateway: spool: %w", err)
		}
		b.file = f
		// Without a name it is gone with the process, however that ends.
		if err := os.Remove(filepath.Clean(f.Name())); err != nil {
			return fmt.Errorf("gateway: spool: %w", err)
		}
	}
	if _, err := b.file.Write(p); err != nil {
		return fmt.Errorf("gateway: spool: %w", err)
	}
	b.size += n
	return nil
}

// reader reads the body from its beginning, any number of times until release.
func (b *body) reader() io.ReadCloser {
	if b.size == 0 {
		return http.NoBody
	}
	if b.file == nil {
		return io.NopCloser(bytes.NewReader(b.memory))
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(b.memory), io.NewSectionReader(b.file, 0, b.onDisk)))
}

// release gives the room back. A transport that still reads fails.
func (b *body) release() {
	b.spool.giveBack(b.client, b.onDisk)
	b.onDisk = 0
	if b.file != nil {
		// A file without a name has nothing to lose.
		_ = b.file.Close()
	}
}
