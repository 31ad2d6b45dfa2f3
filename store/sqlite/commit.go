package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"iamd/store"
	"iamd/store/form"
)

// Commit implements store.Backend.
func (s *Store) Commit(ctx context.Context, parts []store.Part) error {
	if err := store.Check(parts); err != nil {
		return err
	}
	size := 0
	feed := make([][]byte, len(parts)) // made here, not in the writer's time
	for i := range parts {
		var err error
		if feed[i], err = form.Change(&parts[i].Changes); err != nil {
			return fmt.Errorf("commit %s: %w", parts[i].Aggregate, err)
		}
		size += 2 * len(feed[i])
		for _, e := range parts[i].Events {
			size += len(e.Data)
		}
	}
	return s.submit(ctx, size, func(w *writer) error {
		for i := range parts {
			if err := w.checkVersion(&parts[i]); err != nil {
				return err
			}
		}
		for i := range parts { // of all parts: a name may move from one to another
			for _, u := range parts[i].Free {
				if _, err := w.free.Exec(u.Space, u.Key, parts[i].Aggregate); err != nil {
					return err
				}
			}
		}
		for i := range parts {
			if err := w.apply(&parts[i], feed[i]); err != nil {
				return fmt.Errorf("commit %s: %w", parts[i].Aggregate, err)
			}
		}
		return nil
	})
}

// checkVersion compares an aggregate's version with the expected one.
func (w *writer) checkVersion(p *store.Part) error {
	var version uint64
	err := w.version.QueryRow(p.Aggregate).Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("commit %s: %w", p.Aggregate, err)
	}
	if version != p.Expect {
		return fmt.Errorf("commit %s: %w: it is %d, not %d", p.Aggregate, store.ErrConflict, version, p.Expect)
	}
	return nil
}

// apply does what is left of a part once its version is known to be right.
func (w *writer) apply(p *store.Part, feed []byte) error {
	if err := w.takeNames(p.Aggregate, p.Take); err != nil {
		return err
	}
	for i := range p.Rows {
		var err error
		if r := &p.Rows[i]; r.Data == nil {
			_, err = w.dropRow.Exec(p.Aggregate, r.Kind, r.Key)
		} else {
			_, err = w.putRow.Exec(p.Aggregate, r.Kind, r.Key, r.Schema, r.Data)
		}
		if err != nil {
			return err
		}
	}
	if _, err := w.setVersion.Exec(p.Aggregate, p.Expect+1); err != nil {
		return err
	}
	if _, err := w.addChange.Exec(p.Aggregate, p.Expect+1, w.now().UnixMicro(), feed); err != nil {
		return err
	}
	return w.storeEvents(p.Aggregate, p.Events)
}

// takeNames gives names to an aggregate. *TakenError.
func (w *writer) takeNames(aggregate string, names []store.Unique) error {
	for _, u := range names {
		res, err := w.take.Exec(u.Space, u.Key, aggregate)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return &store.TakenError{Unique: u}
		}
	}
	return nil
}

// storeEvents stores events, by the batch as long as there are enough.
func (w *writer) storeEvents(aggregate string, events []store.Event) error {
	args := make([]any, 0, 4*eventsAtOnce)
	for len(events) > 0 {
		n, insert := 1, w.addEvent
		if len(events) >= eventsAtOnce {
			n, insert = eventsAtOnce, w.addEvents
		}
		args = args[:0]
		for _, e := range events[:n] {
			data := e.Data
			if data == nil {
				data = []byte{}
			}
			args = append(args, aggregate, e.Time.UnixMicro(), e.ID, data)
		}
		if _, err := insert.Exec(args...); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}
