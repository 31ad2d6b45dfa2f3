//go:build unix

package upstream

import "syscall"

// alive tells whether a connection that waited is open and silent. One on which
// something came that nobody asked for is not to be trusted: it would be taken for
// the next request's answer.
func (c *conn) alive() bool {
	if c.raw == nil {
		return true
	}
	c.quiet = false
	// Not raw.Read: that one minds the last request's deadline.
	return c.raw.Control(c.look) == nil && c.quiet
}

// peek is alive's look. The descriptor does not block.
func (c *conn) peek(fd uintptr) {
	var one [1]byte
	_, err := syscall.Read(int(fd), one[:])
	c.quiet = err == syscall.EAGAIN
}
