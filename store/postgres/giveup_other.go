//go:build !linux

package postgres

import (
	"syscall"
	"time"
)

// giveUp has nothing to set here: keepalives and the bound of each call must do.
func giveUp(time.Duration) func(network, address string, c syscall.RawConn) error { return nil }
