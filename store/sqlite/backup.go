package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"iamd/store"
)

// Backup writes all that the store holds to a new file, for its owner alone, as
// of one moment after the call: writes go on meanwhile and are not in it. The file
// is durable when it returns, and is not there when it fails. Closing the store
// breaks it off.
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	err := vacuum(ctx, s.path, path)
	if err != nil && s.closing.Err() != nil {
		err = store.ErrClosed
	}
	if err != nil {
		return fmt.Errorf("back up %s: %w", s.path, err)
	}
	return nil
}

// BackupFile is Backup of a store that no process has open: it fails when one has,
// and keeps others away until it is done. It changes nothing in the store.
func BackupFile(ctx context.Context, from, to string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("back up %s: %w", from, err)
		}
	}()
	if from, err = filepath.Abs(from); err != nil {
		return err
	}
	if _, err := os.Stat(from); err != nil {
		return err
	}
	held, err := lock(from + ".lock")
	if err != nil {
		return err
	}
	return errors.Join(vacuum(ctx, from, to), held.Close())
}

// vacuum has SQLite write what a connection sees to a file.
func vacuum(ctx context.Context, from, to string) (err error) {
	if to, err = filepath.Abs(to); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // SQLite takes an empty one
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	db, err := sql.Open("sqlite", dsn(from, "ro", "busy_timeout(5000)", "cache_size(-4096)", "mmap_size(0)", "temp_store(MEMORY)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return err
	}
	return errors.Join(f.Sync(), syncDir(filepath.Dir(to)))
}

// CheckFile reads a store's file, which nobody may have open, from one end to the
// other. It fails when anything is damaged, and when the file is no store that this
// program can open.
func CheckFile(ctx context.Context, path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("check %s: %w", path, err)
		}
	}()
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	// Immutable: SQLite makes no files beside it.
	db, err := sql.Open("sqlite", dsn(path, "ro", "mmap_size(0)")+"&immutable=1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var form, id int
	if err := errors.Join(
		db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&form),
		db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id),
	); err != nil {
		return err
	}
	if id != applicationID || form == 0 {
		return errors.New("this is no store of iamd's")
	}
	if form > len(migrations) {
		return fmt.Errorf("the file has form %d, written by a newer version of this program, which knows forms up to %d", form, len(migrations))
	}
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("it is damaged: %s", found)
	}
	return nil
}

// SaveFile has write make a store's file at a path, reads that from end to end, and
// only then gives it its name. It is durable then, and for its owner alone. What has
// the name already is replaced with force, and else refused.
func SaveFile(ctx context.Context, name string, force bool, write func(path string) error) (err error) {
	if !force {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s: %w", name, os.ErrExist)
		}
	}
	// A directory of its own beside it: on the same disk, and closed to others.
	dir, err := os.MkdirTemp(filepath.Dir(name), ".iamd-backup-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "iamd.db")
	if err := write(path); err != nil {
		return err
	}
	if err := CheckFile(ctx, path); err != nil {
		return fmt.Errorf("the backup is not to be used: %w", err)
	}
	if force {
		err = os.Rename(path, name)
	} else {
		err = os.Link(path, name) // which replaces nothing that came meanwhile
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}
