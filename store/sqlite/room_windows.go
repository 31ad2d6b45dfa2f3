package sqlite

import (
	"errors"
	"io/fs"
	"syscall"
)

// What Windows says of a disk that is full.
const (
	handleDiskFull syscall.Errno = 39
	diskFull       syscall.Errno = 112
)

// reason tells why a file could not grow.
func reason(err error) string {
	switch {
	case errors.Is(err, handleDiskFull), errors.Is(err, diskFull):
		return full
	case errors.Is(err, fs.ErrPermission):
		return readOnly
	}
	return broken
}
