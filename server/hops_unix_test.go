//go:build unix

package server

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestHops: connections that are accepted send no further than the listener was told.
func TestHops(t *testing.T) {
	for address, option := range map[string][2]int{
		"127.0.0.1:0": {unix.IPPROTO_IP, unix.IP_TTL}, "[::]:0": {unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS},
	} {
		l, err := listenNear(address, 3)
		if err != nil {
			t.Fatal(err)
		}
		caller, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		taken, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := taken.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Control(func(fd uintptr) {
			if got, err := unix.GetsockoptInt(int(fd), option[0], option[1]); err != nil || got != 3 {
				t.Errorf("%s: %d hops, %v", address, got, err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []interface{ Close() error }{caller, taken, l} {
			_ = c.Close()
		}
	}
}
