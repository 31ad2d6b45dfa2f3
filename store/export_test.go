package store

// Queued is how many writes wait for an aggregate, besides those being done.
func (s *Aggregates[A, D]) Queued(id string) int {
	found, ok := s.entries.Load(id)
	if !ok {
		return 0
	}
	e := found.(*entry[A, D])
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.queue)
}

// Entries is how many ids are in memory, and how many of them are loaded and at
// rest.
func (s *Aggregates[A, D]) Entries() (all, resting int) {
	s.entries.Range(func(any, any) bool { all++; return true })
	s.mu.Lock()
	defer s.mu.Unlock()
	return all, s.order.Len()
}
