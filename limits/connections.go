package limits

import (
	"net/netip"
	"sync"
)

// Connections bounds those that are open, together and of one client; zero is no
// bound. Of all of them a sixteenth is kept for clients that are known, so that who
// runs a server can reach it when strangers have taken the rest.
type Connections struct {
	all, each int

	mu    sync.Mutex
	open  int
	those map[netip.Addr]int // by client; none is zero
}

// NewConnections bounds them.
func NewConnections(all, each int) *Connections {
	return &Connections{all: all, each: each, those: map[netip.Addr]int{}}
}

// Enter counts one of a client, unless that is too many; who is known has no bound but
// that of all. What was let in must Leave once.
func (c *Connections) Enter(client netip.Addr, known bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	if !known {
		all -= c.all / 16
	}
	if c.all > 0 && c.open >= all || !known && c.each > 0 && c.those[client] >= c.each {
		return false
	}
	c.open++
	c.those[client]++
	return true
}

// Leave is the end of one that Enter let in.
func (c *Connections) Leave(client netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.those[client]--; c.those[client] <= 0 {
		delete(c.those, client)
	}
}

// Open tells how many are open.
func (c *Connections) Open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}
