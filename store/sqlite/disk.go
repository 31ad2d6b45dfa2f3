package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"iamd/store"
)

// settle makes sure, before anything is written upon it, that what the log holds
// is on the disk, if that is doubtful.
func (w *writer) settle() error {
	if w.doubtful {
		if err := moveLog(context.Background(), w.conn); err != nil {
			return err
		}
	}
	w.doubtful = false
	return nil
}

// moveLog moves the log into the database, waits for the disk to confirm that, and
// empties the log.
//
// It is for the start, and for the first write after the disk failed. A system that
// could not write a page may keep it in memory as if it had, and not report that
// again: not to this process, and not to the next one, which then finds in the log a
// commit that a loss of power takes away, with all that follow it. What is written
// anew is confirmed anew.
func moveLog(ctx context.Context, conn *sql.Conn) error {
	var busy, pages, moved int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("move the log into the database: %w", err)
	}
	if busy != 0 {
		return &DiskError{broken, errors.New("it has failed before, and the log can't be moved into the database while a long read is under way, such as a backup: try again")}
	}
	return nil
}

// DiskError says that the disk takes no writes. It is a store.ErrUnavailable, as the
// disk may serve later.
type DiskError struct {
	Reason string // for anybody's ears
	Err    error  // may name files
}

func (e *DiskError) Error() string {
	return fmt.Sprintf("%v: %s: %v", store.ErrUnavailable, e.Reason, e.Err)
}

func (e *DiskError) Unwrap() []error { return []error{store.ErrUnavailable, e.Err} }

// Reasons of a DiskError.
const (
	full     = "the disk is full, and nothing can be written until there is room"
	broken   = "the disk fails"
	readOnly = "the file or its disk can only be read"
)

// failed notes what a failed transaction says of the disk, and says it in words, by
// a *DiskError.
func (w *writer) failed(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the rest is detail
	case codes.SQLITE_FULL:
		return &DiskError{full, err}
	case codes.SQLITE_IOERR:
		w.doubtful = true
		return &DiskError{broken, err}
	case codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN:
		return &DiskError{readOnly, err}
	}
	return err
}

// disk is what the last write has shown of the disk.
type disk struct {
	mu      sync.Mutex
	failure error // nil: it takes writes
	tried   time.Time
	again   bool // something was written since a failure
	probing sync.Mutex
}

// note takes in how a transaction ended. One that was refused for other reasons
// tells nothing of the disk.
func (d *disk) note(group []*request) {
	written := false
	for _, r := range group {
		if errors.Is(r.err, store.ErrUnavailable) {
			d.set(r.err)
			return
		}
		written = written || r.err == nil
	}
	if written {
		d.wrote()
	}
}

// wrote takes in that something was written. On a disk that is full what is left of
// the log may have room for a small write, and not for the next: that is tried first.
func (d *disk) wrote() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := (*DiskError)(nil); errors.As(d.failure, &e) && e.Reason == full {
		d.again = true
		return
	}
	d.failure = nil
}

func (d *disk) set(failure error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failure, d.tried, d.again = failure, time.Now(), false
}

const (
	probeEvery = 500 * time.Millisecond // at most, while the disk fails and somebody asks
	probeRoom  = 256 << 10              // bytes that must find room
)

// Writable tells whether the disk takes writes: nil, or the *DiskError of those that
// are tried. While it does not, asking is what tries it again, so that it
// heals though nobody writes.
func (s *Store) Writable(ctx context.Context) error {
	d := &s.writer.disk
	d.mu.Lock()
	failure, wait := d.failure, !d.again && time.Since(d.tried) < probeEvery
	d.mu.Unlock()
	if failure == nil || wait || !d.probing.TryLock() {
		return failure
	}
	defer d.probing.Unlock()
	if err := s.room(); err != nil {
		err = &DiskError{reason(err), err}
		d.set(err)
		return err
	}
	// It leaves nothing, and is written all the same.
	err := s.submit(ctx, 0, func(w *writer) error {
		_, err := w.putSoft.Exec("", "", "", []byte{})
		if err == nil {
			_, err = w.dropSoft.Exec("", "", "")
		}
		return err
	})
	if err == nil {
		d.set(nil)
	}
	return err
}

// room tries whether files beside the database may grow.
func (s *Store) room() (err error) {
	f, err := os.OpenFile(s.path+".room", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeRoom))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}
