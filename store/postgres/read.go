package postgres

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"iamd/store"
	"iamd/store/form"
)

const (
	selectVersion = "SELECT version FROM aggregates WHERE name = $1"
	selectRows    = "SELECT kind, key, schema, data FROM rows WHERE aggregate = $1 ORDER BY kind, key"
	selectNames   = "SELECT space, key FROM uniques WHERE aggregate = $1 ORDER BY space, key"
)

// Load implements store.Backend.
func (s *Store) Load(ctx context.Context, aggregate string) (version uint64, rows []store.Row, err error) {
	snap, err := s.whole(ctx, aggregate, false)
	if err != nil {
		return 0, nil, fmt.Errorf("load %s: %w", aggregate, err)
	}
	return snap.Version, snap.Rows, nil
}

// whole reads an aggregate as of one moment, without its names unless asked.
func (s *Store) whole(ctx context.Context, aggregate string, names bool) (snap store.Snapshot, err error) {
	list := []statement{
		{sql: selectVersion, args: []any{aggregate}, rows: func(r pgx.Rows) error {
			snap = store.Snapshot{Aggregate: aggregate}
			_, err := pgx.ForEachRow(r, []any{&snap.Version}, func() error { return nil })
			return err
		}},
		{sql: selectRows, args: []any{aggregate}, rows: func(r pgx.Rows) error {
			snap.Rows = nil
			kinds := map[string]string{} // there are few: keep one copy of each
			var row store.Row
			_, err := pgx.ForEachRow(r, []any{&row.Kind, &row.Key, &row.Schema, &row.Data}, func() error {
				kind, ok := kinds[row.Kind]
				if !ok {
					kind = row.Kind
					kinds[kind] = kind
				}
				snap.Rows = append(snap.Rows, store.Row{Kind: kind, Key: row.Key, Schema: row.Schema, Data: row.Data})
				return nil
			})
			return err
		}},
	}
	if names {
		list = append(list, statement{sql: selectNames, args: []any{aggregate}, rows: func(r pgx.Rows) error {
			snap.Names = nil
			var u store.Unique
			_, err := pgx.ForEachRow(r, []any{&u.Space, &u.Key}, func() error { snap.Names = append(snap.Names, u); return nil })
			return err
		}})
	}
	if store.CheckEvents(aggregate, nil) != nil {
		list = nil // no aggregate has such a name, and the database takes none of them
	}
	err = s.snapshot(ctx, list)
	if err == nil && snap.Version == 0 {
		err = store.ErrNotFound
	}
	return snap, err
}

// Lookup implements store.Backend.
func (s *Store) Lookup(ctx context.Context, u store.Unique) (aggregate string, err error) {
	if store.CheckSoft([]store.Soft{{Aggregate: u.Space, Kind: u.Space, Key: u.Key}}) != nil {
		return "", store.ErrNotFound // nobody can have taken it
	}
	err = s.query(ctx, "SELECT aggregate FROM uniques WHERE space = $1 AND key = $2",
		func(r pgx.Rows) error { return r.Scan(&aggregate) }, u.Space, u.Key)
	switch {
	case err != nil:
		return "", fmt.Errorf("look up %s: %w", u.Space, err)
	case aggregate == "":
		return "", store.ErrNotFound
	}
	return aggregate, nil
}

// List implements store.Backend.
func (s *Store) List(ctx context.Context, prefix, after string, limit int) (names []string, err error) {
	if limit <= 0 || !text(prefix, after) {
		return nil, fmt.Errorf("%w: a list of %d names from %.40q, after %.40q", store.ErrInvalid, limit, prefix, after)
	}
	err = s.query(ctx, "SELECT name FROM aggregates WHERE name > $1 AND name >= $2 AND name < $3 ORDER BY name LIMIT $4",
		appendTo(&names), after, prefix, beyond(prefix), limit)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	return names, nil
}

// beyond is the first text, in the order of bytes, that comes after all names that
// begin with a prefix.
func beyond(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == 0xd7ff:
			return prefix + "\ue000" // there is nothing between
		case last < utf8.MaxRune:
			return prefix + string(last+1)
		}
	}
	return strings.Repeat(string(utf8.MaxRune), store.MaxName) // longer than any name
}

// text: the database takes the strings as text.
func text(list ...string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 })
}

func appendTo(names *[]string) func(pgx.Rows) error {
	return func(r pgx.Rows) error {
		var name string
		err := r.Scan(&name)
		*names = append(*names, name)
		return err
	}
}

// Changes implements store.Backend.
func (s *Store) Changes(ctx context.Context, aggregate string, after uint64, limit int) (list []store.Change, err error) {
	if limit <= 0 || after > math.MaxInt64 {
		return nil, fmt.Errorf("%w: %d changes after %d", store.ErrInvalid, limit, after)
	}
	if store.CheckEvents(aggregate, nil) != nil {
		return nil, store.ErrNotFound
	}
	var newest uint64
	gap := false
	err = s.query(ctx, `SELECT a.version, c.version, c.time, c.data
		FROM aggregates a LEFT JOIN changes c ON c.aggregate = a.name AND c.version > $2
		WHERE a.name = $1 ORDER BY c.version LIMIT $3`, func(r pgx.Rows) error {
		var version, at *int64
		var data []byte
		if err := r.Scan(&newest, &version, &at, &data); err != nil || version == nil {
			return err
		}
		// Pruning goes by time, and clocks may go back: a later version may be
		// gone before an earlier one.
		if gap = gap || uint64(*version) != after+uint64(len(list))+1; gap {
			return nil
		}
		c, err := form.ReadChange(data)
		c.Version, c.Time = uint64(*version), time.UnixMicro(*at).UTC()
		list = append(list, c)
		return err
	}, aggregate, int64(after), limit)
	switch {
	case err != nil:
		return nil, fmt.Errorf("changes of %s: %w", aggregate, err)
	case newest == 0:
		return nil, store.ErrNotFound
	case len(list) == 0 && newest != after:
		return nil, store.ErrCompacted
	}
	return list, nil
}

// LoadSoft implements store.Backend.
func (s *Store) LoadSoft(ctx context.Context, aggregate string) (list []store.Soft, err error) {
	if store.CheckEvents(aggregate, nil) != nil {
		return nil, nil
	}
	err = s.query(ctx, "SELECT kind, key, data FROM soft WHERE aggregate = $1 ORDER BY kind, key", func(r pgx.Rows) error {
		v := store.Soft{Aggregate: aggregate}
		err := r.Scan(&v.Kind, &v.Key, &v.Data)
		list = append(list, v)
		return err
	}, aggregate)
	if err != nil {
		return nil, fmt.Errorf("soft values of %s: %w", aggregate, err)
	}
	return list, nil
}

// Trace implements store.Backend.
func (s *Store) Trace(ctx context.Context, id string) (store.Trace, error) {
	t := store.Trace{ID: id}
	if !text(id) {
		return store.Trace{}, store.ErrNotFound
	}
	found := false
	err := s.query(ctx, "SELECT aggregate, principal, time, data FROM traces WHERE id = $1", func(r pgx.Rows) error {
		found = true
		var at int64
		err := r.Scan(&t.Aggregate, &t.Principal, &at, &t.Data)
		t.Time = time.UnixMicro(at).UTC()
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
