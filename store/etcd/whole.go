package etcd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
)

// Snapshot implements store.Whole.
func (s *Store) Snapshot(ctx context.Context, aggregate string) (snap store.Snapshot, err error) {
	if err := s.enter(ctx); err != nil {
		return snap, err
	}
	defer s.mu.RUnlock()
	err = s.consistently(func() error {
		v, revision, over, rows, err := s.load(ctx, aggregate)
		if err != nil {
			return err
		}
		names, err := s.owned(ctx, revision, over, aggregate)
		snap = store.Snapshot{Aggregate: aggregate, Version: v.number, Rows: rows, Names: names}
		return err
	})
	if err != nil {
		return store.Snapshot{}, wrap(ctx, err, "snapshot of %s", aggregate)
	}
	return snap, nil
}

// owned lists the names that an aggregate owns, at a revision.
func (s *Store) owned(ctx context.Context, revision int64, over overlay, aggregate string) (names []store.Unique, err error) {
	from, to := within(spaceOwned, aggregate)
	var keys []string
	err = s.scanFrom(ctx, revision, from, to, 1024, func(kv *mvccpb.KeyValue) (bool, error) {
		if key := s.rel(kv); over[key].key == "" {
			keys = append(keys, key)
		}
		return true, nil
	})
	for key, o := range over {
		if o.kind == opPut && strings.HasPrefix(key, from) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		space, name, _ := strings.Cut(key[len(from):], "\x00")
		names = append(names, store.Unique{Space: space, Key: name})
	}
	return names, err
}

// Restore implements store.Whole.
func (s *Store) Restore(ctx context.Context, snap store.Snapshot) error {
	part := store.Part{Aggregate: snap.Aggregate, Changes: store.Changes{Rows: snap.Rows, Take: snap.Names}}
	if err := store.Check([]store.Part{part}); err != nil {
		return err
	}
	if snap.Version == 0 || snap.Version >= 1<<62 {
		return fmt.Errorf("%w: version %d", store.ErrInvalid, snap.Version)
	}
	for _, r := range snap.Rows {
		if r.Data == nil {
			return fmt.Errorf("%w: a row that is gone", store.ErrInvalid)
		}
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	d := draft{aggregate: snap.Aggregate, version: snap.Version, take: snap.Names}
	d.rows(snap.Rows)
	err := s.commit(context.WithoutCancel(ctx), []draft{d})
	return wrap(context.Background(), err, "restore %s", snap.Aggregate)
}

// Recorded implements store.Whole. It leaps from one name to the next, so it
// reads no more keys than there are names, for each kind.
func (s *Store) Recorded(ctx context.Context, after string, limit int) (names []string, err error) {
	if limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, limit)
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.mu.RUnlock()
	spaces := []string{spaceEvent, spaceBatch, spaceSoft, spaceIndex}
	for len(names) < limit {
		gets := make([]clientv3.Op, len(spaces))
		for i, space := range spaces {
			from := space
			if after != "" {
				_, from = within(space, after)
			}
			gets[i] = clientv3.OpGet(s.prefix+from, clientv3.WithRange(s.prefix+space[:1]+"0"), clientv3.WithLimit(1), clientv3.WithKeysOnly())
		}
		resp, err := s.read(ctx, gets...)
		if err != nil {
			return nil, wrap(ctx, err, "recorded")
		}
		next := ""
		for i, r := range resp.Responses {
			if kv := first(r); kv != nil {
				name, _, _ := strings.Cut(s.rel(kv)[len(spaces[i]):], "\x00")
				if next == "" || name < next {
					next = name
				}
			}
		}
		if next == "" {
			break
		}
		names, after = append(names, next), next
	}
	return names, nil
}
