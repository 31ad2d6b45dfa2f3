package sts

import (
	"sync"
	"sync/atomic"
)

// generation is how many tokens are remembered before the older half goes.
const generation = 4096

// tokens is a bounded memory in two generations: what is used moves to the
// young one, and when that is full the old one is forgotten.
type tokens struct {
	mu         sync.RWMutex
	young, old map[string]*Session

	hits, misses atomic.Uint64
}

// Remembered tells how often a token that was shown was remembered, and how often
// it had to be opened, or was none.
func (s *Service) Remembered() (hits, misses uint64) {
	return s.cache.hits.Load(), s.cache.misses.Load()
}

func (t *tokens) get(token string) (*Session, bool) {
	t.mu.RLock()
	s, ok := t.young[token]
	if ok {
		t.mu.RUnlock()
		t.hits.Add(1)
		return s, true
	}
	s, ok = t.old[token]
	t.mu.RUnlock()
	if !ok {
		t.misses.Add(1)
		return nil, false
	}
	t.hits.Add(1)
	t.put(token, s)
	return s, true
}

func (t *tokens) put(token string, s *Session) {
	t.mu.RLock()
	_, ok := t.young[token]
	t.mu.RUnlock()
	if ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.young == nil || len(t.young) >= generation {
		t.old, t.young = t.young, make(map[string]*Session)
	}
	t.young[token] = s
}
