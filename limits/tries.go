package limits

import (
	"crypto/sha256"
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

// Tries counts tries at each secret, in memory, and keeps no secret's name: people
// type passwords into the wrong field, and strangers long names.
type Tries struct {
	bound Bound

	mu    sync.Mutex
	made  map[name]tries
	swept time.Time // when all were last looked through
}

// name is the hash of a secret's name.
type name [sha256.Size]byte

func named(secret string) name { return sha256.Sum256([]byte(secret)) }

type tries struct {
	count int
	until time.Time
}

// NewTries counts by a bound.
func NewTries(b Bound) *Tries { return &Tries{bound: b, made: map[name]tries{}} }

// Begin counts a try before it is looked at, so that many at once are no more than
// many in a row. It is false when there were too many.
func (t *Tries) Begin(secret string, now time.Time) bool {
	key := named(secret)
	t.mu.Lock()
	defer t.mu.Unlock()
	g, known := t.made[key]
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
	t.made[key] = g
	return true
}

// BeginOwn is Begin for who has keys of the person whose secret it is. Such a try
// counts with those of strangers, whose tries do not keep the person out.
func (t *Tries) BeginOwn(secret string, now time.Time) bool {
	if !t.Begin(own+secret, now) {
		return false
	}
	t.Begin(secret, now)
	return true
}

// RightOwn is Right after BeginOwn.
func (t *Tries) RightOwn(secret string) {
	t.Right(own + secret)
	t.Right(secret)
}

// own begins the names under which people's tries at their own secrets count.
const own = "own "

// sweepEvery is how often at most all tries are looked through for those that are
// over: whoever names one secret after the other must not make everybody wait for it.
const sweepEvery = time.Second

// makeRoom forgets what is over, or else anything.
func (t *Tries) makeRoom(now time.Time) {
	if since := now.Sub(t.swept); since < 0 || since >= sweepEvery {
		t.swept = now
		for key, g := range t.made {
			if !now.Before(g.until) {
				delete(t.made, key)
			}
		}
	}
	for key := range t.made {
		if len(t.made) < remembered {
			return
		}
		delete(t.made, key)
	}
}

// Spent tells whether Begin would be false now. It counts nothing.
func (t *Tries) Spent(secret string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.made[named(secret)]
	return now.Before(g.until) && g.count >= t.bound.Tries
}

// Right forgets the tries: whoever made the last one knows the secret.
func (t *Tries) Right(secret string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.made, named(secret))
}

// Back takes one try back, which counts for nothing. The others stay.
func (t *Tries) Back(secret string) {
	key := named(secret)
	t.mu.Lock()
	defer t.mu.Unlock()
	g, known := t.made[key]
	if !known {
		return
	}
	if g.count--; g.count <= 0 {
		delete(t.made, key)
		return
	}
	t.made[key] = g
}
