package sink

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// fullForm is the time in the name of a file that was full: in the order of time.
const fullForm = "20060102T150405.000000000Z"

// fullName is what follows the file's name in those of full files: their time, and
// what tells apart those of one moment.
var fullName = regexp.MustCompile(`^\.\d{8}T\d{6}\.\d{9}Z(?:-\d+)?(?:\.gz)?$`)

const (
	packed  = ".gz"
	packing = ".gz.part" // not whole yet
)

// rotate gives the full file another name and begins anew. Where the directory does
// not let it, the file grows on: events count for more.
func (f *file) rotate() (size int64, err error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, fmt.Errorf("audit: %w", err)
	}
	full, err := f.free()
	if err == nil {
		if err := f.shut(); err != nil {
			return 0, fmt.Errorf("audit: %w", err)
		}
		err = os.Rename(f.cfg.Path, full)
	}
	if err != nil {
		f.log.Error("audit sink: a full file not renamed, and grows on", "file", f.cfg.Path, "error", err)
		if f.f != nil {
			return info.Size(), nil
		}
	}
	if size, err = f.current(); err != nil {
		return 0, err
	}
	if err := f.tidy(); err != nil {
		f.log.Error("audit sink: full files not tidied", "file", f.cfg.Path, "error", err)
	}
	return size, nil
}

// free is a name for a full file that nothing has.
func (f *file) free() (string, error) {
	stem := f.cfg.Path + "." + f.now().UTC().Format(fullForm)
	for n := range MaxKeep {
		name := stem
		if n > 0 {
			name = fmt.Sprintf("%s-%d", stem, n)
		}
		_, err := os.Lstat(name)
		_, err2 := os.Lstat(name + packed)
		switch {
		case errors.Is(err, os.ErrNotExist) && errors.Is(err2, os.ErrNotExist):
			return name, nil
		case err != nil && !errors.Is(err, os.ErrNotExist):
			return "", err
		}
	}
	return "", errors.New("no name is free for it")
}

// tidy compresses full files, and removes the oldest beyond those that are kept.
func (f *file) tidy() error {
	dir, base := filepath.Split(f.cfg.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	var full []string
	var failed error
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), base)
		switch {
		case !ours || !e.Type().IsRegular():
		case fullName.MatchString(rest):
			full = append(full, e.Name())
		case strings.HasSuffix(rest, packing) && fullName.MatchString(strings.TrimSuffix(rest, packing)):
			failed = errors.Join(failed, os.Remove(dir+e.Name()))
		}
	}
	slices.Sort(full)
	gone := max(0, len(full)-f.cfg.Keep)
	for _, name := range full[:gone] {
		failed = errors.Join(failed, os.Remove(dir+name))
	}
	for _, name := range full[gone:] {
		if f.cfg.Compress && !strings.HasSuffix(name, packed) {
			failed = errors.Join(failed, pack(dir+name))
		}
	}
	return errors.Join(failed, syncDirectory(dir))
}

// pack replaces a file by its gzip, once that is on disk.
func pack(name string) (err error) {
	from, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	part := name + packing
	to, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(to)
	_, err = io.Copy(z, from)
	if err = errors.Join(err, z.Close(), to.Sync(), to.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, name+packed); err != nil {
		return err
	}
	return os.Remove(name)
}
