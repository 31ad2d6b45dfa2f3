package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"iamd/store"
	"iamd/store/form"
)

// Commit implements store.Backend.
func (s *Store) Commit(ctx context.Context, parts []store.Part) error {
	if err := store.Check(parts); err != nil {
		return err
	}
	list, err := s.plan(parts)
	if err == nil {
		err = s.transact(ctx, list)
	}
	if err != nil {
		return fmt.Errorf("commit %s: %w", parts[0].Aggregate, err)
	}
	s.hints.add(parts)
	return nil
}

// plan is the statements of a commit. The versions come first: whatever else goes
// wrong where one has moved, the commit was late.
func (s *Store) plan(parts []store.Part) ([]statement, error) {
	order := make([]*store.Part, len(parts))
	for i := range parts {
		order[i] = &parts[i]
	}
	// Whoever commits several takes their locks in the same order as all others.
	slices.SortFunc(order, func(a, b *store.Part) int { return cmp.Compare(a.Aggregate, b.Aggregate) })
	var versions, writes []statement
	var claims claims
	var put rowChunks
	var log changeColumns
	var events eventChunks
	for _, p := range order {
		versions = append(versions, moveVersion(p))
		claims.add(p.Aggregate, p.Free, p.Take)
		writes = append(writes, put.add(p.Aggregate, p.Rows)...)
		data, err := form.Change(&p.Changes)
		if err != nil {
			return nil, err
		}
		log.add(p.Aggregate, p.Expect+1, s.now().UnixMicro(), data)
		writes = append(writes, events.add(p.Aggregate, p.Events)...)
	}
	list := append(versions, claims.statements()...)
	list = append(list, writes...)
	list = append(list, put.rest()...)
	list = append(list, log.statement())
	return append(list, events.rest()...), nil
}

// moveVersion is where a commit that comes too late ends. The row stays locked
// until the transaction ends.
func moveVersion(p *store.Part) statement {
	name, expect := p.Aggregate, p.Expect
	st := statement{
		sql:  "UPDATE aggregates SET version = $2 WHERE name = $1 AND version = $3",
		args: []any{name, int64(expect) + 1, int64(expect)},
		check: func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 1 {
				return nil
			}
			return fmt.Errorf("%w: that of %s is not %d", store.ErrConflict, name, expect)
		},
	}
	if expect == 0 {
		st.sql, st.args = newAggregate, []any{name, int64(1)}
	}
	return st
}

const newAggregate = "INSERT INTO aggregates (name, version) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"

// claims are the names that a commit frees and takes, each once.
type claims struct {
	free, take names
	taken      map[store.Unique]string // by whom
	clash      *store.Unique           // wanted by two
}

// names are columns.
type names struct{ spaces, keys, owners []string }

func (n *names) add(u store.Unique, owner string) {
	n.spaces, n.keys, n.owners = append(n.spaces, u.Space), append(n.keys, u.Key), append(n.owners, owner)
}

func (c *claims) add(aggregate string, free, take []store.Unique) {
	for _, u := range free {
		c.free.add(u, aggregate)
	}
	for _, u := range take {
		switch owner, ok := c.taken[u]; {
		case !ok:
			if c.taken == nil {
				c.taken = map[store.Unique]string{}
			}
			c.taken[u] = aggregate
			c.take.add(u, aggregate)
		case owner != aggregate && c.clash == nil:
			c.clash = &u
		}
	}
}

func (c *claims) statements() (list []statement) {
	if len(c.free.keys) > 0 {
		list = append(list, statement{
			sql: `DELETE FROM uniques WHERE (space, key, aggregate) IN
				(SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS n(space, key, aggregate))`,
			args: []any{c.free.spaces, c.free.keys, c.free.owners},
		})
	}
	if len(c.take.keys) > 0 {
		list = append(list, statement{
			// It returns no row for a name that has another owner. All take names in
			// one order.
			sql: `INSERT INTO uniques AS u (space, key, aggregate)
				SELECT n.space, n.key, n.aggregate FROM unnest($1::text[], $2::text[], $3::text[]) AS n(space, key, aggregate)
				ORDER BY n.space, n.key
				ON CONFLICT (space, key) DO UPDATE SET aggregate = excluded.aggregate WHERE u.aggregate = excluded.aggregate
				RETURNING u.space, u.key`,
			args: []any{c.take.spaces, c.take.keys, c.take.owners},
			rows: c.got,
		})
	}
	return list
}

// got reads which names were taken; a *store.TakenError when not all of them.
func (c *claims) got(rows pgx.Rows) error {
	got := make(map[store.Unique]bool, len(c.take.keys))
	var u store.Unique
	if _, err := pgx.ForEachRow(rows, []any{&u.Space, &u.Key}, func() error { got[u] = true; return nil }); err != nil {
		return err
	}
	for i := range c.take.keys {
		if u := (store.Unique{Space: c.take.spaces[i], Key: c.take.keys[i]}); !got[u] {
			return &store.TakenError{Unique: u}
		}
	}
	if c.clash != nil {
		return &store.TakenError{Unique: *c.clash}
	}
	return nil
}
