package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"iamd/store"
	"iamd/store/form"
)

// AppendEvents implements store.Backend.
func (s *Store) AppendEvents(ctx context.Context, events map[string][]store.Event) error {
	var list []statement
	var few eventChunks
	for aggregate, all := range events {
		if err := store.CheckEvents(aggregate, all); err != nil {
			return fmt.Errorf("append events: %w", err)
		}
		for len(all) >= form.BatchFrom {
			n := form.Share(len(all))
			b := form.Pack(all[:n])
			digest := sha256.Sum256(b.Data)
			list = append(list, statement{size: len(b.Data), args: []any{aggregate, b.Newest, digest[:], b.Oldest, b.Data},
				sql: `INSERT INTO batches (aggregate, newest, digest, oldest, data) VALUES ($1, $2, $3, $4, $5)
					ON CONFLICT (aggregate, newest, digest) DO NOTHING`})
			all = all[n:]
		}
		list = append(list, few.add(aggregate, all)...)
	}
	if err := s.transact(ctx, append(list, few.rest()...)); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// SaveSoft implements store.Backend.
func (s *Store) SaveSoft(ctx context.Context, values []store.Soft) error {
	if err := store.CheckSoft(values); err != nil {
		return fmt.Errorf("save soft values: %w", err)
	}
	type name struct{ aggregate, kind, key string }
	last := make(map[name]int, len(values))
	for i, v := range values {
		last[name{v.Aggregate, v.Kind, v.Key}] = i
	}
	// Many nodes save the same ones at the same time: in one order nobody waits for
	// another who waits for them.
	order := make([]int, 0, len(last))
	for _, i := range last {
		order = append(order, i)
	}
	slices.SortFunc(order, func(i, k int) int {
		a, b := values[i], values[k]
		return cmp.Or(cmp.Compare(a.Aggregate, b.Aggregate), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	var put, drop struct {
		aggregates, kinds, keys []string
		data                    [][]byte
		size                    int
	}
	for _, i := range order {
		v, to := values[i], &put
		if v.Data == nil {
			to = &drop
		}
		to.aggregates, to.kinds, to.keys = append(to.aggregates, v.Aggregate), append(to.kinds, v.Kind), append(to.keys, v.Key)
		to.data, to.size = append(to.data, v.Data), to.size+len(v.Data)+rowOverhead
	}
	var list []statement
	if len(drop.keys) > 0 {
		list = append(list, statement{size: drop.size, args: []any{drop.aggregates, drop.kinds, drop.keys},
			sql: `DELETE FROM soft WHERE (aggregate, kind, key) IN
				(SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS n(aggregate, kind, key))`})
	}
	if len(put.keys) > 0 {
		list = append(list, statement{size: put.size, args: []any{put.aggregates, put.kinds, put.keys, put.data},
			sql: `INSERT INTO soft (aggregate, kind, key, data)
				SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) AS n(aggregate, kind, key, data)
				ON CONFLICT (aggregate, kind, key) DO UPDATE SET data = excluded.data`})
	}
	if err := s.transact(ctx, list); err != nil {
		return fmt.Errorf("save soft values: %w", err)
	}
	return nil
}

// SaveTraces implements store.Backend. Nodes that save at the same time may leave
// a few too many, until the next one saves.
func (s *Store) SaveTraces(ctx context.Context, traces []store.Trace, keep store.TraceBounds) error {
	if err := store.CheckTraces(traces, keep); err != nil {
		return fmt.Errorf("save traces: %w", err)
	}
	var all struct {
		aggregates, principals, ids []string
		times, sizes                []int64
		data                        [][]byte
	}
	type principal struct{ aggregate, name string }
	size, ids, principals, aggregates := 0, map[string]bool{}, map[principal]bool{}, map[string]bool{}
	for _, t := range traces {
		principals[principal{t.Aggregate, t.Principal}], aggregates[t.Aggregate] = true, true
		if ids[t.ID] {
			continue
		}
		ids[t.ID] = true
		all.aggregates, all.principals, all.ids = append(all.aggregates, t.Aggregate), append(all.principals, t.Principal), append(all.ids, t.ID)
		all.times, all.sizes = append(all.times, t.Time.UnixMicro()), append(all.sizes, int64(len(t.Data)))
		all.data, size = append(all.data, present(t.Data)), size+len(t.Data)+rowOverhead
	}
	if len(all.ids) == 0 {
		return s.transact(ctx, nil)
	}
	var of struct{ aggregates, names []string }
	for p := range principals {
		of.aggregates, of.names = append(of.aggregates, p.aggregate), append(of.names, p.name)
	}
	var whole []string
	for a := range aggregates {
		whole = append(whole, a)
	}
	err := s.transact(ctx, []statement{
		{size: size, args: []any{all.aggregates, all.times, all.ids, all.principals, all.sizes, all.data},
			sql: `INSERT INTO traces (aggregate, time, id, principal, size, data)
				SELECT * FROM unnest($1::text[], $2::int8[], $3::text[], $4::text[], $5::int8[], $6::bytea[]) AS n(aggregate, time, id, principal, size, data)
				ORDER BY id ON CONFLICT (id, aggregate) DO NOTHING`},
		{sql: trimTraces("JOIN unnest($3::text[], $4::text[]) AS n(aggregate, principal) ON t.aggregate = n.aggregate AND t.principal = n.principal",
			"t.aggregate, t.principal"), args: []any{keep.Principal.Items, keep.Principal.Bytes, of.aggregates, of.names}},
		{sql: trimTraces("JOIN unnest($3::text[]) AS n(aggregate) ON t.aggregate = n.aggregate",
			"t.aggregate"), args: []any{keep.Aggregate.Items, keep.Aggregate.Bytes, whole}},
	})
	if err != nil {
		return fmt.Errorf("save traces: %w", err)
	}
	return nil
}

// trimTraces keeps the newest traces of each, as many as are within $1 in number
// and, from the newest on, within $2 in bytes.
func trimTraces(those, of string) string {
	return `DELETE FROM traces WHERE (aggregate, time, id) IN (
		SELECT aggregate, time, id FROM (
			SELECT t.aggregate, t.time, t.id, row_number() OVER newest AS items, sum(t.size) OVER newest AS bytes
			FROM traces t ` + those + `
			WINDOW newest AS (PARTITION BY ` + of + ` ORDER BY t.time DESC, t.id DESC ROWS UNBOUNDED PRECEDING)
		) AS ranked WHERE items > $1::int8 OR bytes > $2::int8)`
}

// maxPrune is how many rows of each kind one call removes at most.
const maxPrune = 500

// pruned are the tables that Prune takes the old from, by their keys.
var pruned = []struct{ table, time, key string }{
	{"events", "time", "aggregate, time, id"},
	{"batches", "newest", "aggregate, newest, digest"},
	{"traces", "time", "aggregate, time, id"},
	{"changes", "time", "aggregate, version"},
}

// Prune implements store.Backend. A batch goes when its newest event is old enough.
func (s *Store) Prune(ctx context.Context, before time.Time) (int, error) {
	var removed [4]int64
	var list []statement
	for i, p := range pruned {
		list = append(list, statement{
			// Aggregate by aggregate, along keys that begin with it.
			sql: `WITH RECURSIVE a(name) AS (
					SELECT min(aggregate) FROM ` + p.table + `
					UNION ALL SELECT (SELECT min(aggregate) FROM ` + p.table + ` WHERE aggregate > a.name) FROM a WHERE a.name IS NOT NULL)
				DELETE FROM ` + p.table + ` WHERE (` + p.key + `) IN (
					SELECT old.* FROM a CROSS JOIN LATERAL (
						SELECT ` + p.key + ` FROM ` + p.table + ` WHERE aggregate = a.name AND ` + p.time + ` < $1 ORDER BY ` + p.time + ` LIMIT $2
					) AS old LIMIT $2)`,
			args:  []any{before.UnixMicro(), maxPrune},
			check: func(tag pgconn.CommandTag) error { removed[i] = tag.RowsAffected(); return nil },
		})
	}
	if err := s.transact(ctx, list); err != nil {
		return 0, fmt.Errorf("prune: %w", err)
	}
	n := 0
	for _, r := range removed {
		n += int(r)
	}
	return n, nil
}
