package sink

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// File is a file of JSON lines, which becomes another when it is full.
type File struct {
	Path     string
	MaxSize  int64 // bytes; zero: 100 MB
	Keep     int   // files beside it that were full; zero: 10
	Compress bool  // those, by gzip
}

// Bounds of a file's size, in bytes, and of how many are kept.
const (
	defaultSize = 100_000_000
	MinSize     = 1_000_000
	defaultKeep = 10
	MaxKeep     = 10_000
)

// file is the file as it is open. Its goroutine alone uses it.
type file struct {
	cfg File
	f   *os.File // nil: to be opened
	now func() time.Time
	log *slog.Logger
}

func openFile(cfg File, now func() time.Time, log *slog.Logger) (*file, error) {
	cfg.MaxSize, cfg.Keep = cmp.Or(cfg.MaxSize, defaultSize), cmp.Or(cfg.Keep, defaultKeep)
	switch {
	case cfg.Path == "":
		return nil, errors.New("audit: a file sink has no path")
	case cfg.MaxSize < MinSize:
		return nil, fmt.Errorf("audit: %s: max_size is %d bytes: the least is %d", cfg.Path, cfg.MaxSize, MinSize)
	case cfg.Keep < 0 || cfg.Keep > MaxKeep:
		return nil, fmt.Errorf("audit: %s: keep is %d: it goes from 1 to %d", cfg.Path, cfg.Keep, MaxKeep)
	}
	var err error
	if cfg.Path, err = filepath.Abs(cfg.Path); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	f := &file{cfg: cfg, now: now, log: log}
	if err := f.open(); err != nil {
		return nil, err
	}
	if err := f.tidy(); err != nil { // what a crash left
		log.Error("audit sink: full files not tidied", "file", cfg.Path, "error", err)
	}
	return f, nil
}

// open makes the file, or goes on with it: a line that was not written to its end
// is taken away, as its event comes again.
func (f *file) open() (err error) {
	// Looked at first, as opening a pipe would wait for its reader.
	if info, err := os.Stat(f.cfg.Path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("audit: %s is no regular file", f.cfg.Path)
	}
	opened, err := os.OpenFile(f.cfg.Path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("audit: %s: %w", f.cfg.Path, err), opened.Close())
		}
	}()
	info, err := opened.Stat()
	if err != nil {
		return err
	}
	if err := wholeLines(opened, info.Size()); err != nil {
		return err
	}
	f.f = opened
	return syncDirectory(filepath.Dir(f.cfg.Path))
}

// wholeLines cuts off what follows the last end of a line, if that is no longer
// than a line may be.
func wholeLines(f *os.File, size int64) error {
	const longestLine = 1 << 20
	from := max(0, size-longestLine)
	tail := make([]byte, size-from)
	if _, err := f.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	end := bytes.LastIndexByte(tail, '\n') + 1
	if end == len(tail) || end == 0 && from > 0 {
		return nil
	}
	return f.Truncate(from + int64(end))
}

// Write appends lines, and returns once they are on disk. A file that was renamed or
// removed since the last time is made anew under its name.
func (f *file) Write(_ context.Context, events [][]byte) error {
	size, err := f.current()
	if err != nil {
		return err
	}
	var text []byte
	for _, e := range events {
		text = appendLine(text, e)
	}
	if size > 0 && size+int64(len(text)) > f.cfg.MaxSize {
		if size, err = f.rotate(); err != nil {
			return err
		}
	}
	if _, err := f.f.Write(text); err != nil {
		// Half a batch would come twice, and half a line break the file.
		return errors.Join(fmt.Errorf("audit: %w", err), f.f.Truncate(size))
	}
	if err := f.f.Sync(); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// current makes sure that the open file is the one with the name, and gives its
// size.
func (f *file) current() (size int64, err error) {
	if f.f != nil {
		named, err := os.Stat(f.cfg.Path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("audit: %w", err)
		}
		info, err2 := f.f.Stat()
		if err == nil && err2 == nil && os.SameFile(named, info) {
			return info.Size(), nil
		}
		if err := f.shut(); err != nil {
			f.log.Error("audit sink: the old file not closed", "file", f.cfg.Path, "error", err)
		}
	}
	if err := f.open(); err != nil {
		return 0, err
	}
	info, err := f.f.Stat()
	if err != nil {
		return 0, fmt.Errorf("audit: %w", err)
	}
	return info.Size(), nil
}

func (f *file) shut() error {
	err := errors.Join(f.f.Sync(), f.f.Close())
	f.f = nil
	return err
}

func (f *file) Close() error {
	if f.f == nil {
		return nil
	}
	return f.shut()
}
