package etcd

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
)

// A trace's data as it is kept: its aggregate and principal, each after its length
// (uvarint), its time (8 bytes), and what was given.
func packTrace(t *store.Trace) []byte {
	var b []byte
	for _, name := range []string{t.Aggregate, t.Principal} {
		b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
	}
	return append(append(b, up(t.Time.UnixMicro())...), t.Data...)
}

func readTrace(id string, b []byte) (t store.Trace, err error) {
	t.ID = id
	for _, at := range []*string{&t.Aggregate, &t.Principal} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return t, fmt.Errorf("the trace %.200q is damaged", id)
		}
		*at, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	if len(b) < 8 {
		return t, fmt.Errorf("the trace %.200q is damaged", id)
	}
	t.Time, t.Data = time.UnixMicro(readUp(string(b[:8]))).UTC(), b[8:]
	return t, nil
}

// indexed is a trace as the index of its aggregate tells of it.
type indexed struct {
	key, id, principal string
	size               int
}

// drop appends what removes a trace; the index last, which is the way to it.
func (x *indexed) drop(ops []op) []op {
	return append(drop(ops, spaceTrace+x.id), op{kind: opDelete, key: x.key})
}

func readIndex(key string, from int, value []byte) (x indexed, err error) {
	size, n := binary.Uvarint(value)
	if n <= 0 || len(key) < from+8 {
		return x, fmt.Errorf("the index of traces at %.200q is damaged", key)
	}
	return indexed{key: key, id: key[from+8:], principal: string(value[n:]), size: int(size)}, nil
}

// SaveTraces implements store.Backend.
func (s *Store) SaveTraces(ctx context.Context, traces []store.Trace, keep store.TraceBounds) error {
	if err := store.CheckTraces(traces, keep); err != nil {
		return fmt.Errorf("save traces: %w", err)
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	err := s.saveTraces(ctx, traces)
	touched := map[string]map[string]bool{} // principals, by aggregate
	for _, t := range traces {
		if touched[t.Aggregate] == nil {
			touched[t.Aggregate] = map[string]bool{}
		}
		touched[t.Aggregate][t.Principal] = true
	}
	for aggregate, principals := range touched {
		if err == nil {
			err = s.trim(ctx, aggregate, principals, keep)
		}
	}
	return wrap(ctx, err, "save traces")
}

// saveTraces puts those whose ids are not there yet.
func (s *Store) saveTraces(ctx context.Context, traces []store.Trace) error {
	var d days
	seen := make(map[string]bool, len(traces))
	var steps []clientv3.Op
	bytes := 0
	flush := func() (err error) {
		if len(steps) > 0 {
			_, err = s.write(ctx, nil, steps, nil)
		}
		steps, bytes = nil, 0
		return err
	}
	for i := range traces {
		d.see(traces[i].Aggregate, traces[i].Time)
	}
	if err := s.store(ctx, &d, nil); err != nil {
		return err
	}
	for i := range traces {
		t := &traces[i]
		key := spaceTrace + t.ID
		if seen[t.ID] {
			continue
		}
		seen[t.ID] = true
		puts := add(nil, key, packTrace(t))
		if pieces := puts[:len(puts)-1]; len(pieces) > 0 {
			// Its pieces come before it, and must not become those of another that is there.
			found, err := s.read(ctx, clientv3.OpGet(s.prefix+key, clientv3.WithCountOnly()))
			if err != nil {
				return err
			}
			if found.Responses[0].GetResponseRange().Count > 0 {
				continue
			}
			if err := s.store(ctx, &days{}, pieces); err != nil {
				return err
			}
		}
		index := op{
			key:   join(spaceIndex, t.Aggregate, up(t.Time.UnixMicro())+t.ID),
			value: append(binary.AppendUvarint(nil, uint64(len(t.Data))), t.Principal...),
		}
		both := []op{puts[len(puts)-1], index}
		if n := size(both); len(steps) == maxNest || len(steps) > 0 && bytes+n > maxBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		bytes += size(both)
		absent := clientv3.Compare(clientv3.CreateRevision(s.prefix+key), "=", 0)
		steps = append(steps, clientv3.OpTxn([]clientv3.Cmp{absent}, s.steps(both), nil))
	}
	return flush()
}

// index reads the traces of an aggregate, the oldest first.
func (s *Store) index(ctx context.Context, aggregate string) (list []indexed, err error) {
	from, to := within(spaceIndex, aggregate)
	err = s.scanFrom(ctx, 0, from, to, 1024, func(kv *mvccpb.KeyValue) (bool, error) {
		x, err := readIndex(s.rel(kv), len(from), kv.Value)
		list = append(list, x)
		return true, err
	})
	return list, err
}

// trim forgets the oldest traces of some principals, and then of their aggregate,
// down to the bounds.
func (s *Store) trim(ctx context.Context, aggregate string, principals map[string]bool, keep store.TraceBounds) error {
	list, err := s.index(ctx, aggregate)
	if err != nil {
		return err
	}
	var ops []op
	surplus := func(bound store.TraceBound, of func(*indexed) bool) {
		items, bytes := 0, 0
		for i := range list {
			if of(&list[i]) {
				items++
				bytes += list[i].size
			}
		}
		list = slices.DeleteFunc(list, func(x indexed) bool {
			if !of(&x) || items <= bound.Items && bytes <= bound.Bytes {
				return false
			}
			items--
			bytes -= x.size
			ops = x.drop(ops)
			return true
		})
	}
	for p := range principals {
		surplus(keep.Principal, func(x *indexed) bool { return x.principal == p })
	}
	surplus(keep.Aggregate, func(*indexed) bool { return true })
	return s.store(ctx, &days{}, ops)
}

// Trace implements store.Backend.
func (s *Store) Trace(ctx context.Context, id string) (store.Trace, error) {
	if store.CheckEvents(id, nil) != nil {
		return store.Trace{}, store.ErrNotFound // none has such an id
	}
	if err := s.enter(ctx); err != nil {
		return store.Trace{}, err
	}
	defer s.mu.RUnlock()
	list, err := s.tracesOf(ctx, []string{id})
	if err == nil && len(list) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Trace{}, wrap(ctx, err, "trace %s", id)
	}
	return list[0], nil
}

// tracesOf reads those of some traces that are there.
func (s *Store) tracesOf(ctx context.Context, ids []string) (list []store.Trace, err error) {
	for group := range slices.Chunk(ids, firstPage) {
		ops := make([]clientv3.Op, len(group))
		for i, id := range group {
			ops[i] = clientv3.OpGet(s.prefix + spaceTrace + id)
		}
		resp, err := s.read(ctx, ops...)
		if err != nil {
			return nil, err
		}
		for i, r := range resp.Responses {
			kv := first(r)
			if kv == nil {
				continue
			}
			data, err := s.whole(ctx, resp.Header.Revision, spaceTrace+group[i], kv.Value, nil)
			if err != nil {
				return nil, err
			}
			t, err := readTrace(group[i], data)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
	}
	return list, nil
}

// Traces implements store.Whole.
func (s *Store) Traces(ctx context.Context, aggregate, after string, limit int) ([]store.Trace, error) {
	if limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, limit)
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.mu.RUnlock()
	list, err := s.index(ctx, aggregate)
	if err != nil {
		return nil, wrap(ctx, err, "traces of %s", aggregate)
	}
	list = slices.DeleteFunc(list, func(x indexed) bool { return x.id <= after })
	slices.SortFunc(list, func(a, b indexed) int { return strings.Compare(a.id, b.id) })
	ids := make([]string, min(len(list), limit))
	for i := range ids {
		ids[i] = list[i].id
	}
	found, err := s.tracesOf(ctx, ids)
	return found, wrap(ctx, err, "traces of %s", aggregate)
}
