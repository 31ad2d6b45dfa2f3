package sqlite

import (
	"context"
	"fmt"
	"time"

	"iamd/store"
)

// SaveTraces implements store.Backend.
func (s *Store) SaveTraces(ctx context.Context, traces []store.Trace, keep int) error {
	size, aggregates := 0, map[string]bool{}
	for _, t := range traces {
		size += len(t.Data)
		aggregates[t.Aggregate] = true
	}
	err := store.CheckTraces(traces, keep)
	if err == nil {
		err = s.submit(ctx, size, func(w *writer) error {
			for _, t := range traces {
				if _, err := w.addTrace.Exec(t.Aggregate, t.Time.UnixMicro(), t.ID, present(t.Data)); err != nil {
					return err
				}
			}
			for a := range aggregates {
				if _, err := w.trimTraces.Exec(a, keep); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("save traces: %w", err)
	}
	return nil
}

// Trace implements store.Backend.
func (s *Store) Trace(ctx context.Context, id string) (store.Trace, error) {
	t := store.Trace{ID: id}
	found := false
	err := s.query(ctx, s.read.trace, func(scan func(...any) error) error {
		var at int64
		found = true
		err := scan(&t.Aggregate, &at, &t.Data)
		t.Time, t.Data = time.UnixMicro(at).UTC(), present(t.Data)
		return err
	}, id)
	switch {
	case err != nil:
		return store.Trace{}, fmt.Errorf("trace %s: %w", id, err)
	case !found:
		return store.Trace{}, store.ErrNotFound
	}
	return t, nil
}
