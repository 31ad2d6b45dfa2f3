//go:build unix

package server

import (
	"context"
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// listenNear listens so that what its connections send crosses so many networks at
// most, the first among them. Those that it accepts have it from the listener.
func listenNear(address string, hops int) (net.Listener, error) {
	c := net.ListenConfig{Control: func(network, _ string, raw syscall.RawConn) error {
		var set error
		err := raw.Control(func(fd uintptr) {
			set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TTL, hops)
			if network == "tcp6" {
				// One that is for IPv6 alone may not know of the other's.
				set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, hops)
			}
		})
		return errors.Join(err, set)
	}}
	c.SetMultipathTCP(false) // it knows no such bound
	return c.Listen(context.Background(), "tcp", address)
}
