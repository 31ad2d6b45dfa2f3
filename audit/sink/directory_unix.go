//go:build !windows

package sink

import (
	"errors"
	"os"
)

// syncDirectory has the names in a directory outlive a crash.
func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
