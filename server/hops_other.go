//go:build !unix

package server

import (
	"errors"
	"net"
)

// listenNear listens on a loopback address alone: there is no way here to bound how
// far answers go.
func listenNear(address string, _ int) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	if at, ok := l.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return nil, errors.Join(errors.New("on this system only a loopback address can be listened at"), l.Close())
	}
	return l, nil
}
