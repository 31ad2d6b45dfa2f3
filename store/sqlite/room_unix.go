//go:build unix

package sqlite

import (
	"errors"
	"io/fs"
	"syscall"
)

// reason tells why a file could not grow.
func reason(err error) string {
	for _, is := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, is) {
			return full
		}
	}
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		return readOnly
	}
	return broken
}
