package limits

import (
	"sync"
	"time"
)

// Bound is how many tries there are within a span, which begins with the first.
type Bound struct {
	Tries int
	Span  time.Duration
}

// Guessing bounds guesses at a password or a device: who does not hold it may guess
// a few times, then has to wait, as of a million codes three are right at any time.
// AWS does not tell its own figures.
var Guessing = Bound{Tries: 5, Span: 5 * time.Minute}

// remembered is how many secrets tries are counted for.
const remembered = 1 << 16

// Tries counts tries at each secret, in memory.
type Tries struct {
	bound Bound

	mu   sync.Mutex
	made map[string]tries
}

type tries struct {
	count int
	until time.Time
}

// NewTries counts by a bound.
func NewTries(b Bound) *Tries { return &Tries{bound: b, made: map[string]tries{}} }

// Begin counts a try before it is looked at, so that many at once are no more than
// many in a row. It is false when there were too many.
func (t *Tries) Begin(secret string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, known := t.made[secret]
	if !now.Before(g.until) {
		g = tries{until: now.Add(t.bound.Span)}
	}
	if g.count >= t.bound.Tries {
		return false
	}
	if !known && len(t.made) >= remembered {
		t.makeRoom(now)
	}
	g.count++
	t.made[secret] = g
	return true
}

// makeRoom forgets what is over, or else anything.
func (t *Tries) makeRoom(now time.Time) {
	for secret, g := range t.made {
		if !now.Before(g.until) {
			delete(t.made, secret)
		}
	}
	for secret := range t.made {
		if len(t.made) < remembered {
			return
		}
		delete(t.made, secret)
	}
}

// Right forgets the tries: whoever made the last one knows the secret.
func (t *Tries) Right(secret string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.made, secret)
}

// Back takes one try back, which counts for nothing. The others stay.
func (t *Tries) Back(secret string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, known := t.made[secret]
	if !known {
		return
	}
	if g.count--; g.count <= 0 {
		delete(t.made, secret)
		return
	}
	t.made[secret] = g
}
