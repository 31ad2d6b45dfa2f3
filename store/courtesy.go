package store

import (
	"math/rand/v2"
	"time"
)

// Writers in several processes race for the versions of one aggregate. Whoever
// loses has to read what the winner wrote before it tries again, and would lose
// again and again to a winner that does not. So who has won leaves room.
const (
	rowOfBatches = 16                    // of one process, after which it leaves room in any case
	rivalry      = 16                    // batches for which a rival is thought to be about
	longestRoom  = 50 * time.Millisecond // and no more
)

// courtesy is what an aggregate's writer knows of its rivals. It is its own.
type courtesy struct {
	cost  time.Duration // of a commit, about
	last  time.Time     // when one was done
	rival int           // batches that are left until the rival is forgotten
	won   int           // batches in a row
}

// met notes that another process raced.
func (c *courtesy) met() { c.rival = rivalry }

// saw notes that another process wrote. That is no race when nothing was written
// here for long.
func (c *courtesy) saw(now time.Time) {
	if now.Sub(c.last) < rivalry*c.cost {
		c.met()
	}
}

// committed notes how long a commit took, which is done now.
func (c *courtesy) committed(took time.Duration, now time.Time) {
	c.last = now
	if c.cost == 0 {
		c.cost = took
	}
	c.cost += (took - c.cost) / 8
	c.won++
	c.rival = max(c.rival-1, 0)
}

// room is how long to wait before a batch that has not lost yet. Time in which
// nothing was written was room already.
func (c *courtesy) room(now time.Time) time.Duration {
	if c.rival == 0 && c.won < rowOfBatches || c.won == 0 {
		return 0
	}
	c.won = 0
	return min(c.cost+rand.N(c.cost+1), longestRoom) - now.Sub(c.last)
}

// leaveRoom waits, if others should have their turn now.
func (s *Aggregates[A, D]) leaveRoom(e *entry[A, D]) {
	if s.cfg.Follower == nil || !e.fresh() {
		return
	}
	wait := e.courtesy.room(time.Now())
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// fresh tells whether a write comes next that has not lost yet: one that has must
// not wait again.
func (e *entry[A, D]) fresh() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.queue) > 0 && e.queue[0].tries == 0
}
