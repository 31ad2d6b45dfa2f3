package sqlite

import "time"

// A transaction takes no further request once it has so many, or so many bytes.
const (
	maxGroup      = 128
	maxGroupBytes = 8 << 20
)

// A transaction waits no longer than this for writers who are on their way, and
// for no more than so many: what a transaction costs by itself is little to each
// of those.
const (
	mostPatience = 2 * time.Millisecond
	mostExpected = 16
)

// group is the requests of one transaction.
type group struct {
	all      []*request
	size     int // bytes
	began    time.Time
	expect   int           // requests worth waiting for
	patience time.Duration // how long it may wait for them
	vain     bool          // they did not come
}

// open tells whether there is room for more.
func (g *group) open() bool { return len(g.all) < maxGroup && g.size < maxGroupBytes }

// add takes a request in, unless it is nil, and tells whether there is room for more.
func (g *group) add(r *request) bool {
	if r == nil {
		return false
	}
	g.all = append(g.all, r)
	g.size += r.size
	return g.open()
}

// sharing finds out how many write at the same time. Who was just answered often has
// the next write ready a moment later, when the transaction of those who waited meanwhile
// has begun: so the writers fall into two halves, which pay for a transaction each. A
// transaction that waits for the others, while it does the work of those who are there,
// serves all of them at once.
type sharing struct {
	under int           // requests that the last transaction answered, and that waited by then
	took  time.Duration // by a transaction of late
	// Who waits in vain stops waiting for a while, each time for twice as many
	// transactions, so that writers who come by chance lose next to nothing.
	pause, pauses int
}

// mostPause is how many transactions don't wait, at most.
const mostPause = 64

// begin begins a group.
func (s *sharing) begin() *group {
	g := &group{began: time.Now(), expect: min(s.under, mostExpected)}
	if s.pause > 0 {
		s.pause--
	} else {
		g.patience = min(s.took/2, mostPatience)
	}
	return g
}

// ended learns from a group that was done, and how many wait by then.
func (s *sharing) ended(g *group, waiting int) {
	s.under, s.took = len(g.all)+waiting, (3*s.took+time.Since(g.began))/4
	switch {
	case g.vain:
		s.pauses = min(max(1, 2*s.pauses), mostPause)
		s.pause = s.pauses
	case len(g.all) > 1 && len(g.all) >= g.expect:
		s.pauses = 0
	}
}
