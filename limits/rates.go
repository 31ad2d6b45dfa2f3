package limits

import (
	"hash/maphash"
	"sync"
	"time"
)

// Rate is how often something may happen: so often a second in the long run, and so
// often at once after a pause. The zero value sets no bound.
type Rate struct {
	PerSecond float64
	Burst     int // at least 1 counts, where there is a bound
}

// Bounds of a Rate: within them no time overflows.
const (
	MinPerSecond = 0.01
	MaxPerSecond = 1e6
	MaxBurst     = 1e7
)

// Rates holds each key to one rate. All its memory is there from the beginning: room
// for 65,536 keys, of 17 bytes each. A key of which nothing is kept has its whole
// burst, so it may be forgotten once it has that again, and such are the first to make
// room. When there are none, of eight keys that share a place the one goes that has
// most left of its burst: it gains least by being forgotten, and whoever brings many
// keys wins nothing back for those that are spent, and keeps nobody out. Places are
// chosen by a secret, so nobody can aim at another's.
//
// A nil one sets no bound.
type Rates[K comparable] struct {
	step, depth int64 // nanoseconds: of one, and of a whole burst
	seed        maphash.Seed
	sets        []rateSet
}

const (
	rateSets = 1 << 13
	rateWays = 8
)

// rateSet is one place. due is when a key's burst will be whole again.
type rateSet struct {
	mu   sync.Mutex
	keys [rateWays]uint64 // hashes
	due  [rateWays]int64  // nanoseconds of the Unix epoch
}

// NewRates holds keys to a rate; it is nil for one without a bound.
func NewRates[K comparable](r Rate) *Rates[K] {
	if r.PerSecond <= 0 {
		return nil
	}
	step := max(1, int64(1e9/min(max(r.PerSecond, MinPerSecond), MaxPerSecond)))
	return &Rates[K]{
		step: step, depth: step * int64(min(max(r.Burst, 1), MaxBurst)),
		seed: maphash.MakeSeed(), sets: make([]rateSet, rateSets),
	}
}

// Take counts one, unless that is more than the rate allows: then it is false, and
// counts nothing.
func (r *Rates[K]) Take(key K, now time.Time) bool {
	if r == nil {
		return true
	}
	at := now.UnixNano()
	set, way, due := r.open(key, at)
	defer set.mu.Unlock()
	if due += r.step; due > at+r.depth {
		return false
	}
	set.due[way] = due
	return true
}

// Charge counts n more, allowed or not: what comes next waits for them, but never for
// more than a whole burst.
func (r *Rates[K]) Charge(key K, n int, now time.Time) {
	if r == nil {
		return
	}
	at := now.UnixNano()
	set, way, due := r.open(key, at)
	defer set.mu.Unlock()
	set.due[way] = min(due+int64(n)*r.step, at+2*r.depth)
}

// open finds a key's way in its place, or makes it one, and when its burst will be
// whole. The place is locked.
func (r *Rates[K]) open(key K, at int64) (set *rateSet, way int, due int64) {
	hash := maphash.Comparable(r.seed, key)
	set = &r.sets[hash%rateSets]
	set.mu.Lock()
	for i, k := range set.keys {
		if k == hash {
			// A clock that was set back must not shut anybody out for longer.
			set.due[i] = min(max(set.due[i], at), at+2*r.depth)
			return set, i, set.due[i]
		}
		if set.due[i] < set.due[way] {
			way = i
		}
	}
	set.keys[way], set.due[way] = hash, at
	return set, way, at
}
