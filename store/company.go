package store

import "time"

// Who writes again and again comes back as soon as he was answered. A commit that
// begins at once then holds half of those who write at the same time, and the others
// wait for the next: one that waits a moment for all holds all, in half the commits.
// So a writer waits for as many as there were the last time, for less than a
// commit takes; if fewer come, it expects fewer.

// longestWait is how long one batch waits for company at most.
const longestWait = 2 * time.Millisecond

// company is what an aggregate's writer knows of those who write together.
type company struct {
	expected int           // writes of the last commit, and those that waited when it was done
	bell     chan struct{} // of a writer that waits: closed by the next write; guarded by the entry's lock
}

// called notes that somebody came. e.mu is held.
func (e *entry[A, D]) called() {
	if e.company.bell != nil {
		close(e.company.bell)
		e.company.bell = nil
	}
}

// count notes how many there were of a batch that is committed, and is not answered
// yet.
func (e *entry[A, D]) count(b *batch[A, D]) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.company.expected = len(b.list) + len(e.queue)
}

// awaited tells whether there is another write, after a wait for it if one is
// expected. With rivals in other processes nobody is waited for.
func (s *Aggregates[A, D]) awaited(e *entry[A, D], b *batch[A, D]) bool {
	if b.empty() || len(b.list) >= e.company.expected || e.courtesy.rival > 0 {
		return false
	}
	now := time.Now()
	if b.until.IsZero() {
		b.until = now.Add(min(e.courtesy.cost*3/4, longestWait))
	}
	e.mu.Lock()
	if len(e.queue) > 0 { // what could not join
		e.mu.Unlock()
		return false
	}
	bell := make(chan struct{})
	e.company.bell = bell
	e.mu.Unlock()
	timer := time.NewTimer(b.until.Sub(now))
	defer timer.Stop()
	select {
	case <-bell:
		return true
	case <-timer.C:
	case <-s.ctx.Done():
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.company.bell = nil
	return len(e.queue) > 0
}
