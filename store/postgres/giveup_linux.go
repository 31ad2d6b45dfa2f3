package postgres

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// giveUp has a connection fail when what was sent stays unconfirmed for so long:
// keepalives are not sent while something is.
func giveUp(after time.Duration) func(network, address string, c syscall.RawConn) error {
	return func(network, _ string, c syscall.RawConn) (err error) {
		if network != "tcp4" && network != "tcp6" {
			return nil
		}
		if failed := c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(after.Milliseconds()))
		}); failed != nil {
			return failed
		}
		return err
	}
}
