package etcd

import (
	"context"
	"fmt"
	"strings"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"iamd/store"
)

// SaveSoft implements store.Backend. Many values may need several transactions,
// each of which is done or not.
func (s *Store) SaveSoft(ctx context.Context, values []store.Soft) error {
	if err := store.CheckSoft(values); err != nil {
		return fmt.Errorf("save soft values: %w", err)
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	last := make(map[string]int, len(values))
	for i, v := range values {
		last[join(spaceSoft, v.Aggregate, v.Kind, v.Key)] = i
	}
	var ops []op
	for i, v := range values {
		key := join(spaceSoft, v.Aggregate, v.Kind, v.Key)
		switch {
		case last[key] != i:
		case v.Data == nil:
			ops = drop(ops, key)
		default:
			ops = set(ops, key, v.Data)
		}
	}
	return wrap(ctx, s.store(ctx, &days{}, ops), "save soft values")
}

// LoadSoft implements store.Backend.
func (s *Store) LoadSoft(ctx context.Context, aggregate string) (list []store.Soft, err error) {
	if store.CheckEvents(aggregate, nil) != nil {
		return nil, nil
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.mu.RUnlock()
	from, to := within(spaceSoft, aggregate)
	// Values have nothing to do with each other, so each page is as it is then; but a
	// value in pieces is read at the revision of its key.
	err = s.scan(ctx, 0, from, to, func(kv *mvccpb.KeyValue) (bool, error) {
		v := store.Soft{Aggregate: aggregate}
		key := s.rel(kv)
		v.Kind, v.Key, _ = strings.Cut(key[len(from):], "\x00")
		data, err := s.whole(ctx, kv.ModRevision, key, kv.Value, nil)
		v.Data = data
		list = append(list, v)
		return true, err
	})
	if err != nil {
		return nil, wrap(ctx, err, "soft values of %s", aggregate)
	}
	return list, nil
}
