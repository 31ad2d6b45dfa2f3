package server

import (
	"maps"
	"sync"
	"sync/atomic"
)

// series finds metrics by their labels, without a lock and without making anything,
// as every call asks. There are at most so many of them: whatever comes beyond
// counts as the rest.
type series[K comparable, M any] struct {
	most int
	rest K
	open func(K) M

	known atomic.Pointer[map[K]M] // never changed
	mu    sync.Mutex              // of who adds to it
}

func newSeries[K comparable, M any](most int, rest K, open func(K) M) *series[K, M] {
	s := &series[K, M]{most: most, rest: rest, open: open}
	s.known.Store(&map[K]M{})
	return s
}

func (s *series[K, M]) of(labels K) M {
	if m, ok := (*s.known.Load())[labels]; ok {
		return m
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known := *s.known.Load()
	if len(known) >= s.most {
		labels = s.rest
	}
	if m, ok := known[labels]; ok {
		return m
	}
	known = maps.Clone(known)
	known[labels] = s.open(labels)
	s.known.Store(&known)
	return known[labels]
}
