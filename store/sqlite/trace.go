package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"iamd/store"
)

// SaveTraces implements store.Backend.
func (s *Store) SaveTraces(ctx context.Context, traces []store.Trace, keep store.TraceBounds) error {
	type principal struct{ aggregate, name string }
	size, principals, aggregates := 0, map[principal]bool{}, map[string]bool{}
	for _, t := range traces {
		size += len(t.Data)
		principals[principal{t.Aggregate, t.Principal}], aggregates[t.Aggregate] = true, true
	}
	err := store.CheckTraces(traces, keep)
	if err == nil {
		err = s.submit(ctx, size, func(w *writer) error {
			for _, t := range traces {
				if _, err := w.addTrace.Exec(t.Aggregate, t.Principal, t.Time.UnixMicro(), t.ID, present(t.Data)); err != nil {
					return err
				}
			}
			for p := range principals {
				if err := trim(w.trimPrincipal, keep.Principal, p.aggregate, p.name); err != nil {
					return err
				}
			}
			for a := range aggregates {
				if err := trim(w.trimAggregate, keep.Aggregate, a); err != nil {
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

// trim removes the oldest traces of somebody, one by one, down to a bound.
func trim(oldest *sql.Stmt, keep store.TraceBound, of ...any) error {
	for {
		res, err := oldest.Exec(append([]any{keep.Items, keep.Bytes}, of...)...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); n == 0 || err != nil {
			return err
		}
	}
}

// Trace implements store.Backend.
func (s *Store) Trace(ctx context.Context, id string) (store.Trace, error) {
	t := store.Trace{ID: id}
	found := false
	err := s.query(ctx, s.read.trace, func(scan func(...any) error) error {
		var at int64
		found = true
		err := scan(&t.Aggregate, &t.Principal, &at, &t.Data)
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
