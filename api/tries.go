package api

import (
	"sync"
	"time"
)

// Who holds a key but not the secret behind it (a password, a device) may guess
// a few times, then has to wait: of a million codes three are right at any time.
// AWS does not tell its own figures.
const (
	triesInSpan = 5
	trySpan     = 5 * time.Minute
	triesKept   = 1 << 16 // secrets that guesses are counted for
)

// tries counts wrong guesses at each secret, in memory.
type tries struct {
	mu    sync.Mutex
	wrong map[string]guesses
}

type guesses struct {
	count int
	until time.Time
}

func newTries() *tries { return &tries{wrong: map[string]guesses{}} }

// begin counts a guess before it is looked at, so that many at once are no more
// than many in a row. It is false when there were too many.
func (t *tries) begin(secret string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, known := t.wrong[secret]
	if !now.Before(g.until) {
		g = guesses{until: now.Add(trySpan)}
	}
	if g.count >= triesInSpan {
		return false
	}
	if !known && len(t.wrong) >= triesKept {
		t.makeRoom(now)
	}
	g.count++
	t.wrong[secret] = g
	return true
}

// makeRoom forgets what is over, or else anything.
func (t *tries) makeRoom(now time.Time) {
	for secret, g := range t.wrong {
		if !now.Before(g.until) {
			delete(t.wrong, secret)
		}
	}
	for secret := range t.wrong {
		if len(t.wrong) < triesKept {
			return
		}
		delete(t.wrong, secret)
	}
}

// right forgets the guesses: whoever made the last one knows the secret.
func (t *tries) right(secret string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.wrong, secret)
}
