package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"iamd/store"
	"iamd/store/form"
)

// Load implements store.Backend.
func (s *Store) Load(ctx context.Context, aggregate string) (version uint64, rows []store.Row, err error) {
	found := false
	kinds := map[string]string{} // there are few: keep one copy of each
	err = s.query(ctx, s.read.load, func(scan func(...any) error) error {
		found = true
		var kind, key sql.RawBytes
		var schema sql.NullInt64
		var data []byte
		if err := scan(&version, &kind, &key, &schema, &data); err != nil || !schema.Valid {
			return err
		}
		k, ok := kinds[string(kind)]
		if !ok {
			k = string(kind)
			kinds[k] = k
		}
		rows = append(rows, store.Row{Kind: k, Key: string(key), Schema: int(schema.Int64), Data: present(data)})
		return nil
	}, aggregate)
	switch {
	case err != nil:
		return 0, nil, fmt.Errorf("load %s: %w", aggregate, err)
	case !found:
		return 0, nil, store.ErrNotFound
	}
	return version, rows, nil
}

// Lookup implements store.Backend.
func (s *Store) Lookup(ctx context.Context, u store.Unique) (aggregate string, err error) {
	err = s.query(ctx, s.read.owner, func(scan func(...any) error) error { return scan(&aggregate) }, u.Space, u.Key)
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
	if limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, limit)
	}
	// Everything that begins with the prefix lies below the prefix with its last
	// byte one higher, and all UTF-8 below the byte FF.
	end := []byte(prefix)
	if len(end) == 0 {
		end = []byte{0xff}
	} else {
		end[len(end)-1]++
	}
	err = s.query(ctx, s.read.list, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, after, prefix, string(end), limit)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	return names, nil
}

// Changes implements store.Backend.
func (s *Store) Changes(ctx context.Context, aggregate string, after uint64, limit int) (list []store.Change, err error) {
	if limit <= 0 || after > math.MaxInt64 {
		return nil, fmt.Errorf("%w: %d changes after %d", store.ErrInvalid, limit, after)
	}
	var newest uint64
	gap := false
	err = s.query(ctx, s.read.changes, func(scan func(...any) error) error {
		var version, at sql.NullInt64
		var data []byte
		if err := scan(&newest, &version, &at, &data); err != nil || !version.Valid {
			return err
		}
		// Pruning goes by time, and clocks may go back: a later version may be
		// gone before an earlier one.
		if gap = gap || uint64(version.Int64) != after+uint64(len(list))+1; gap {
			return nil
		}
		c, err := form.ReadChange(data)
		c.Version, c.Time = uint64(version.Int64), time.UnixMicro(at.Int64).UTC()
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

// Events implements store.Backend.
func (s *Store) Events(ctx context.Context, aggregate string, q store.EventQuery) (list []store.Event, err error) {
	if q.Limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, q.Limit)
	}
	from, to, id := form.Window(q)
	err = s.query(ctx, s.read.events, func(scan func(...any) error) error {
		var e store.Event
		var at int64
		err := scan(&at, &e.ID, &e.Data)
		e.Time, e.Data = time.UnixMicro(at).UTC(), present(e.Data)
		list = append(list, e)
		return err
	}, aggregate, from, to, id, q.Limit)
	if err == nil {
		list, err = s.batched(ctx, aggregate, list, from, to, id, q.Limit)
	}
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", aggregate, err)
	}
	return list, nil
}

// errEnough ends a query that has found what it was for.
var errEnough = errors.New("enough")

// batched merges what batches hold into a page of events.
func (s *Store) batched(ctx context.Context, aggregate string, list []store.Event, from, to int64, id string, limit int) ([]store.Event, error) {
	err := s.query(ctx, s.read.batches, func(scan func(...any) error) error {
		var newest int64
		var data []byte
		if err := scan(&newest, &data); err != nil {
			return err
		}
		if len(list) == limit && newest < list[limit-1].Time.UnixMicro() {
			return errEnough // this batch and those after it are older than the page
		}
		err := form.Unpack(data, func(e store.Event) {
			at := e.Time.UnixMicro()
			if at >= from && (at < to || at == to && e.ID < id) {
				list = append(list, e)
			}
		})
		slices.SortFunc(list, form.NewestFirst)
		list = slices.CompactFunc(list, func(a, b store.Event) bool { return form.NewestFirst(a, b) == 0 })
		list = list[:min(len(list), limit)]
		return err
	}, aggregate, from, to)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return list, err
}

// LoadSoft implements store.Backend.
func (s *Store) LoadSoft(ctx context.Context, aggregate string) (list []store.Soft, err error) {
	err = s.query(ctx, s.read.soft, func(scan func(...any) error) error {
		v := store.Soft{Aggregate: aggregate}
		err := scan(&v.Kind, &v.Key, &v.Data)
		v.Data = present(v.Data)
		list = append(list, v)
		return err
	}, aggregate)
	if err != nil {
		return nil, fmt.Errorf("soft values of %s: %w", aggregate, err)
	}
	return list, nil
}

// query runs a statement on a connection that only reads, and each once a row.
func (s *Store) query(ctx context.Context, stmt *sql.Stmt, each func(scan func(...any) error) error, args ...any) (err error) {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// present makes data of no bytes, which the driver reads as nil, not nil.
func present(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
