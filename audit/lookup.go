package audit

import (
	"context"
	"fmt"
	"time"

	"iamd/store"
)

// Query selects events of one account, newest first.
type Query struct {
	From, To time.Time         // From ≤ event < To; a zero time sets no bound
	After    Place             // where the page before ended; zero: the newest
	Limit    int               // at most so many; must be positive
	Match    func([]byte) bool // by the event as it is written; nil: all
}

// Place is a position in the order of events, newest first.
type Place struct {
	Time time.Time
	ID   string
}

// Page is what a Query found.
type Page struct {
	Events [][]byte // in CloudTrail's form
	// Next is where to go on; nil when there is no more. A page may be empty and have
	// one, as no call looks at more than lookAt events.
	Next *Place
}

// What one call of Lookup looks at, at most: events, and about so many bytes of
// them; and how many are read at once.
const (
	lookAt      = 4096
	lookAtBytes = 8 << 20
	readAtOnce  = 256
	longEvents  = 16 << 10 // bytes on average from which fewer are read at once
)

// Lookup finds events of an account, those that still wait included. Events that
// are older than the history are not told of, whether they are there yet or not.
func (r *Recorder) Lookup(ctx context.Context, account string, now time.Time, q Query) (Page, error) {
	if err := r.Flush(ctx); err != nil && ctx.Err() != nil {
		return Page{}, ctx.Err()
	}
	// What could not be written is in the log, and in the next page that is asked for.
	if kept := now.Add(-r.cfg.History); q.From.Before(kept) {
		q.From = kept
	}
	var page Page
	mark, looked, size := store.EventMark(q.After), 0, 0
	for n := min(q.Limit+1, readAtOnce); ; n = nextRead(looked, size) {
		list, err := r.cfg.Sink.Events(ctx, r.cfg.Prefix+account, store.EventQuery{From: q.From, To: q.To, After: mark, Limit: n})
		if err != nil {
			return Page{}, fmt.Errorf("audit: look up: %w", err)
		}
		for _, e := range list {
			if q.Match == nil || q.Match(e.Data) {
				if len(page.Events) == q.Limit {
					page.Next = &Place{mark.Time, mark.ID}
					return page, nil
				}
				page.Events = append(page.Events, e.Data)
			}
			mark = store.EventMark{Time: e.Time, ID: e.ID}
			looked, size = looked+1, size+len(e.Data)
		}
		if len(list) < n {
			return page, nil
		}
		if looked >= lookAt || size >= lookAtBytes {
			page.Next = &Place{mark.Time, mark.ID}
			return page, nil
		}
	}
}

// nextRead is how many events are read next: of long ones few, as all that are
// read are in memory.
func nextRead(looked, size int) int {
	if size/looked >= longEvents {
		return 16
	}
	return readAtOnce
}
