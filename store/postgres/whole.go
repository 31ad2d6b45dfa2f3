package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"iamd/store"
)

// Snapshot implements store.Whole.
func (s *Store) Snapshot(ctx context.Context, aggregate string) (store.Snapshot, error) {
	snap, err := s.whole(ctx, aggregate, true)
	if err != nil {
		return store.Snapshot{}, fmt.Errorf("snapshot of %s: %w", aggregate, err)
	}
	return snap, nil
}

// Restore implements store.Whole.
func (s *Store) Restore(ctx context.Context, snap store.Snapshot) error {
	err := store.CheckSnapshot(snap)
	if err == nil {
		list := []statement{moveVersion(&store.Part{Aggregate: snap.Aggregate})}
		list[0].args[1] = int64(snap.Version)
		var claims claims
		claims.add(snap.Aggregate, nil, snap.Names)
		list = append(list, claims.statements()...)
		var put rowChunks
		list = append(list, put.add(snap.Aggregate, snap.Rows)...)
		err = s.transact(ctx, append(list, put.rest()...))
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", snap.Aggregate, err)
	}
	s.hints.add([]store.Part{{Aggregate: snap.Aggregate, Expect: snap.Version - 1}})
	return nil
}

// Traces implements store.Whole.
func (s *Store) Traces(ctx context.Context, aggregate, after string, limit int) (list []store.Trace, err error) {
	if limit <= 0 || !text(aggregate, after) {
		return nil, fmt.Errorf("%w: %d traces after %.40q", store.ErrInvalid, limit, after)
	}
	err = s.query(ctx, "SELECT principal, id, time, data FROM traces WHERE aggregate = $1 AND id > $2 ORDER BY id LIMIT $3", func(r pgx.Rows) error {
		t := store.Trace{Aggregate: aggregate}
		var at int64
		err := r.Scan(&t.Principal, &t.ID, &at, &t.Data)
		t.Time = time.UnixMicro(at).UTC()
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
	if limit <= 0 || !text(after) {
		return nil, fmt.Errorf("%w: a list of %d names after %.40q", store.ErrInvalid, limit, after)
	}
	next := func(after string) string {
		return `least((SELECT min(aggregate) FROM events WHERE aggregate > ` + after + `), (SELECT min(aggregate) FROM batches WHERE aggregate > ` + after + `),
			(SELECT min(aggregate) FROM traces WHERE aggregate > ` + after + `), (SELECT min(aggregate) FROM soft WHERE aggregate > ` + after + `))`
	}
	err = s.query(ctx, `WITH RECURSIVE a(name) AS (SELECT `+next("$1")+` UNION ALL SELECT `+next("a.name")+` FROM a WHERE a.name IS NOT NULL)
		SELECT name FROM a WHERE name IS NOT NULL LIMIT $2`, appendTo(&names), after, limit)
	if err != nil {
		return nil, fmt.Errorf("list what is recorded: %w", err)
	}
	return names, nil
}
