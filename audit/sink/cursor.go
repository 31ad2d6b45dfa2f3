package sink

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"iamd/store"
)

const (
	// keepEvery is how old a kept cursor may be.
	keepEvery = 5 * time.Second
	// unsure is how much of what was before the cursor is read again after a crash: an
	// event has the time of its request, and is stored later, as long as a request may
	// take.
	unsure = 2 * time.Minute

	cursorAggregate = "audit-sinks"
	keepTimeout     = 5 * time.Second
)

// cursor says that all events before Time were delivered.
type cursor struct {
	Time time.Time `json:"time"`
	// Clean: nothing was under way.
	Clean bool `json:"clean,omitempty"`
}

// begin reads the cursor, and notes what is to be read again; one that is not
// there begins now.
func (s *shipper) begin(ctx context.Context) error {
	list, err := s.cfg.Backend.LoadSoft(ctx, cursorAggregate)
	if err != nil {
		return fmt.Errorf("audit: cursor of the sink %s: %w", s.name, err)
	}
	now := s.cfg.Now()
	for _, soft := range list {
		if soft.Kind != s.cfg.Node || soft.Key != s.name {
			continue
		}
		var c cursor
		if err := json.Unmarshal(soft.Data, &c); err != nil {
			return fmt.Errorf("audit: cursor of the sink %s: %w", s.name, err)
		}
		if !c.Clean {
			c.Time = c.Time.Add(-unsure)
		}
		s.missed.add(c.Time)
		s.missed.add(now)
		return nil
	}
	return s.save(ctx, cursor{Time: now})
}

// keep saves the cursor if it has moved; what fails is tried again the next time.
func (s *shipper) keep(last bool) {
	s.mu.Lock()
	c := cursor{Time: s.reached(s.cfg.Now()), Clean: last && s.cleared}
	due := s.moved || last
	s.moved = false
	s.mu.Unlock()
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
	defer cancel()
	if err := s.save(ctx, c); err != nil {
		s.cfg.Log.Error("audit sink: cursor not kept", "sink", s.name, "error", err)
		s.mu.Lock()
		s.moved = true
		s.mu.Unlock()
	}
}

// reached is the time of the oldest event that was not delivered, or now. The lock
// is held.
func (s *shipper) reached(now time.Time) time.Time {
	oldest := now
	for _, t := range []time.Time{s.under, s.missed.from} {
		if !t.IsZero() && t.Before(oldest) {
			oldest = t
		}
	}
	for _, e := range s.queue {
		if e.Time.Before(oldest) {
			oldest = e.Time
		}
	}
	return oldest
}

func (s *shipper) save(ctx context.Context, c cursor) error {
	c.Time = c.Time.UTC()
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.cfg.Backend.SaveSoft(ctx, []store.Soft{{Aggregate: cursorAggregate, Kind: s.cfg.Node, Key: s.name, Data: data}})
}

func (s *shipper) state() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	return State{Name: s.name, Dropped: s.dropped.Load(), Failed: s.failed.Load(), Waiting: len(s.queue), Behind: now.Sub(s.reached(now))}
}
