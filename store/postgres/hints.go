package postgres

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"iamd/store"
)

const (
	channel  = "iamd"               // of notifications
	maxHints = 4096                 // aggregates that wait to be told; of more, followers learn by asking
	maxHint  = 7900                 // bytes; the database takes less than 8000
	gather   = 2 * time.Millisecond // what was told within which is asked for at once
	spacing  = 4 * time.Millisecond // between what is sent, so that it costs a busy server little
)

// hints are commits whose followers could ask sooner. They are sent after the
// commit, in transactions of their own: PostgreSQL does the commits of those that
// notify one after the other, and each would wait for the disk alone.
type hints struct {
	wake chan struct{} // of room 1

	mu      sync.Mutex
	waiting map[string]uint64
}

func newHints() *hints {
	return &hints{wake: make(chan struct{}, 1), waiting: map[string]uint64{}}
}

// add notes the versions that a commit made. Without hints it does nothing.
func (h *hints) add(parts []store.Part) {
	if h == nil {
		return
	}
	h.mu.Lock()
	for i := range parts {
		if p := &parts[i]; len(h.waiting) < maxHints {
			h.waiting[p.Aggregate] = max(h.waiting[p.Aggregate], p.Expect+1)
		}
	}
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default: // somebody has
	}
}

// take returns what waits, in the form of notifications: JSON objects of versions.
func (h *hints) take() (list []string, err error) {
	h.mu.Lock()
	waiting := h.waiting
	h.waiting = map[string]uint64{}
	h.mu.Unlock()
	one, size := map[string]uint64{}, 0
	flush := func() error {
		if len(one) == 0 {
			return nil
		}
		data, err := json.Marshal(one)
		list, one, size = append(list, string(data)), map[string]uint64{}, 0
		return err
	}
	for name, version := range waiting {
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		const number = 22 // bytes, with what stands around it
		if size+len(quoted)+number > maxHint {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		one[name], size = version, size+len(quoted)+number
	}
	return list, flush()
}

// notify sends hints until the store is closed. What fails is not sent again.
func (s *Store) notify() {
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-s.hints.wake:
		case <-s.closing.Done():
			return
		}
		list, err := s.hints.take()
		if err == nil && len(list) > 0 {
			err = s.send(list)
		}
		if err != nil && s.closing.Err() == nil {
			s.log.Debug("a notification was not sent: followers hear of the commit a little later", "error", err)
		}
		tick.Reset(spacing)
		select {
		case <-tick.C:
		case <-s.closing.Done():
			return
		}
	}
}

func (s *Store) send(list []string) error {
	ctx, cancel := context.WithTimeout(s.closing, time.Second)
	defer cancel()
	// Nothing is lost with a hint, so it waits for no disk and no standby.
	_, err := s.pool.Exec(ctx, `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, h)
		FROM unnest($2::text[]) AS n(h)`, channel, list)
	return err
}
