//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// lock takes the lock file, until it is closed or the process ends. The file
// itself stays: removing it would let two processes lock two files of one name.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		// Only to tell people: the lock doesn't depend on what is written.
		if err = f.Truncate(0); err == nil {
			_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
		}
		if err == nil {
			return f, nil
		}
		return nil, errors.Join(err, f.Close())
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		var pid [20]byte
		n, _ := f.Read(pid[:])
		err = fmt.Errorf("another process (%s) is using it", strings.TrimSpace("pid "+string(pid[:n])))
	}
	return nil, errors.Join(err, f.Close())
}

// syncDir makes durable that a directory has a new entry.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
