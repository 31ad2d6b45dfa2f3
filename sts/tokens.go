package sts

import "sync"

// generation is how many tokens are remembered before the older half goes.
const generation = 4096

// tokens is a bounded memory in two generations: what is used moves to the
// young one, and when that is full the old one is forgotten.
type tokens struct {
	mu         sync.RWMutex
	young, old map[string]*Session
}

func (t *tokens) get(token string) (*Session, bool) {
	t.mu.RLock()
	s, ok := t.young[token]
	if ok {
		t.mu.RUnlock()
		return s, true
	}
	s, ok = t.old[token]
	t.mu.RUnlock()
	if ok {
		t.put(token, s)
	}
	return s, ok
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
