package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
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
		return errors.New("the disk has failed before, and the log can't be moved into the database while a long read is under way, such as a backup: try again")
	}
	return nil
}

// failed notes what a failed transaction says of the disk, and says it in words.
func (w *writer) failed(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the rest is detail
	case codes.SQLITE_FULL:
		return fmt.Errorf("the disk is full: nothing can be written until there is room: %w", err)
	case codes.SQLITE_IOERR:
		w.doubtful = true
		return fmt.Errorf("the disk fails: %w", err)
	case codes.SQLITE_READONLY:
		return fmt.Errorf("the file or its disk can only be read: %w", err)
	}
	return err
}
