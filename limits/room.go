package limits

import (
	"net/netip"
	"sync"
)

// Room bounds the bytes that are held at a time. Half of it is for strangers, of whom
// one has a sixteenth of all at most, so that a few don't keep the others out; the rest
// is for clients that are known, of whom one has half of all.
type Room struct {
	all int64

	mu    sync.Mutex
	held  int64
	those map[netip.Addr]int64 // by client; none is zero
}

// NewRoom bounds them.
func NewRoom(all int64) *Room { return &Room{all: all, those: map[netip.Addr]int64{}} }

// Enter takes room for n bytes of a client's, unless that is too much. What was let
// in must Leave once.
func (r *Room) Enter(client netip.Addr, n int64, known bool) bool {
	all, each := r.all/2, r.all/16
	if known {
		all, each = r.all, r.all/2
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held+n > all || r.those[client]+n > each {
		return false
	}
	r.held += n
	r.those[client] += n
	return true
}

// Leave gives back what Enter took.
func (r *Room) Leave(client netip.Addr, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held -= n
	if r.those[client] -= n; r.those[client] <= 0 {
		delete(r.those, client)
	}
}
