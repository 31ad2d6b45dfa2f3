package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"iamd/store"
)

// Config tells Open where the store is.
type Config struct {
	// Path is the database file. It and its directory are made if they aren't
	// there, for the owner alone. The log (-wal, -shm) and the lock (.lock) lie
	// beside it.
	Path string
	Now  func() time.Time // dates the changes; nil means time.Now
}

// Store is an open database file. It implements store.Whole.
type Store struct {
	path    string
	now     func() time.Time
	lock    *os.File
	writers *sql.DB // of one connection
	writer  *writer
	readers *sql.DB
	read    readStatements

	mu     sync.RWMutex // held for reading by every call
	closed bool
	// closing ends what may take long when the store is to be closed.
	closing context.Context
	endLong context.CancelFunc
}

var _ store.Whole = (*Store)(nil)

// maxReaders is how many reads run at once; more of them wait. Each may hold
// a cache of 2 MiB.
const maxReaders = 4

// Open opens the database file. It fails when another process has it open, and
// when a newer version of the program wrote it.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", cfg.Path, err)
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (_ *Store, err error) {
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, now: cfg.Now}
	if s.now == nil {
		s.now = time.Now
	}
	defer func() {
		if err != nil {
			s.closeAll()
		}
	}()
	if err := makeDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if s.lock, err = lock(path + ".lock"); err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}

	s.writers, err = sql.Open("sqlite", dsn(path, "rw",
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(0)",
		"cache_size(-4096)", "mmap_size(0)", "temp_store(MEMORY)", "journal_size_limit(16777216)"))
	if err != nil {
		return nil, err
	}
	s.writers.SetMaxOpenConns(1)
	conn, err := s.writers.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close()) // before its pool, which is deferred above
		}
	}()
	// On a disk that is full the store can be read all the same: what fails here is
	// tried again before the first write.
	doubtful := moveLog(ctx, conn) != nil
	if err := migrate(ctx, conn, migrations); err != nil {
		return nil, err
	}
	w, err := newWriter(ctx, conn, s.now)
	if err != nil {
		return nil, err
	}
	w.doubtful = doubtful
	_ = os.Remove(path + ".room") // of a process that was killed; who needs it makes it anew

	s.readers, err = sql.Open("sqlite", dsn(path, "ro",
		"busy_timeout(5000)", "query_only(1)", "cache_size(-2048)", "mmap_size(0)", "temp_store(MEMORY)"))
	if err != nil {
		return nil, err
	}
	s.readers.SetMaxOpenConns(maxReaders)
	s.readers.SetMaxIdleConns(maxReaders)
	s.readers.SetConnMaxIdleTime(time.Minute)
	if err := s.read.prepare(ctx, s.readers); err != nil {
		return nil, err
	}
	s.writer = w
	s.closing, s.endLong = context.WithCancel(context.Background())
	go w.run()
	return s, nil
}

// Close waits for the writes under way and for the readers, and breaks a backup
// off.
func (s *Store) Close() error {
	s.endLong()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	s.closed = true
	return errors.Join(s.writer.stop(), s.closeAll())
}

// closeAll closes what is open. The writer's connection comes last but for the
// lock: the last one to close moves the log into the database.
func (s *Store) closeAll() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.writers != nil {
		errs = append(errs, s.writers.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// enter begins a call; the caller must call s.mu.RUnlock unless it fails.
func (s *Store) enter() error {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return store.ErrClosed
	}
	return nil
}

// dsn names the file to the driver.
func dsn(path, mode string, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"mode": {mode}, "_pragma": pragmas}.Encode()}
	return u.String()
}

// makeDir makes the directory of the store. One that is there stays as it is:
// it may be anyone's, and the files in it are closed to others by themselves.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

// makeFile sees that the database file is there and closed to others before
// SQLite opens it: the log takes its mode from it.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return f.Chmod(0o600)
	}
	return nil
}
