package sqlite

import (
	"context"
	"fmt"
	"time"

	"iamd/store"
)

// The parts of a snapshot, as its statement numbers them.
const (
	partVersion = iota
	partRow
	partName
)

// Snapshot implements store.Whole.
func (s *Store) Snapshot(ctx context.Context, aggregate string) (store.Snapshot, error) {
	snap := store.Snapshot{Aggregate: aggregate}
	kinds := map[string]string{} // there are few: keep one copy of each
	err := s.query(ctx, s.read.snapshot, func(scan func(...any) error) error {
		var part int
		var first, second string
		var number uint64
		var data []byte
		if err := scan(&part, &first, &second, &number, &data); err != nil {
			return err
		}
		switch part {
		case partVersion:
			snap.Version = number
		case partRow:
			kind, ok := kinds[first]
			if !ok {
				kind = first
				kinds[first] = first
			}
			snap.Rows = append(snap.Rows, store.Row{Kind: kind, Key: second, Schema: int(number), Data: present(data)})
		case partName:
			snap.Names = append(snap.Names, store.Unique{Space: first, Key: second})
		}
		return nil
	}, aggregate)
	switch {
	case err != nil:
		return store.Snapshot{}, fmt.Errorf("snapshot of %s: %w", aggregate, err)
	case snap.Version == 0:
		return store.Snapshot{}, store.ErrNotFound
	}
	return snap, nil
}

// Restore implements store.Whole. Nothing else is written while it runs.
func (s *Store) Restore(ctx context.Context, snap store.Snapshot) error {
	err := store.CheckSnapshot(snap)
	if err == nil {
		err = s.submit(ctx, maxGroupBytes, func(w *writer) error { return w.restore(&snap) })
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", snap.Aggregate, err)
	}
	return nil
}

func (w *writer) restore(snap *store.Snapshot) error {
	res, err := w.newAggregate.Exec(snap.Aggregate, snap.Version)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return fmt.Errorf("%w: it is there", store.ErrConflict)
	}
	if err := w.takeNames(snap.Aggregate, snap.Names); err != nil {
		return err
	}
	for i := range snap.Rows {
		r := &snap.Rows[i]
		if _, err := w.putRow.Exec(snap.Aggregate, r.Kind, r.Key, r.Schema, r.Data); err != nil {
			return err
		}
	}
	return nil
}

// Traces implements store.Whole.
func (s *Store) Traces(ctx context.Context, aggregate, after string, limit int) (list []store.Trace, err error) {
	if limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, limit)
	}
	err = s.query(ctx, s.read.traces, func(scan func(...any) error) error {
		t := store.Trace{Aggregate: aggregate}
		var at int64
		err := scan(&t.Principal, &t.ID, &at, &t.Data)
		t.Time, t.Data = time.UnixMicro(at).UTC(), present(t.Data)
		list = append(list, t)
		return err
	}, aggregate, after, limit)
	if err != nil {
		return nil, fmt.Errorf("traces of %s: %w", aggregate, err)
	}
	return list, nil
}

// Recorded implements store.Whole.
func (s *Store) Recorded(ctx context.Context, after string, limit int) (names []string, err error) {
	if limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, limit)
	}
	err = s.query(ctx, s.read.recorded, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list what is recorded: %w", err)
	}
	return names, nil
}
