package etcd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"

	"iamd/store"
	"iamd/store/form"
)

// A page of a scan has about so many bytes; the first, of which nothing is known,
// so many keys: with values of any size they fit into maxAnswer.
const (
	pageBytes = 2 << 20
	firstPage = 64
	maxPage   = 4096
)

// rel is a key without the prefix.
func (s *Store) rel(kv *mvccpb.KeyValue) string { return string(kv.Key[len(s.prefix):]) }

// scan calls each for the keys of a range, in order, until it says false. It
// reads at a revision, or each page as it is then (0).
func (s *Store) scan(ctx context.Context, revision int64, from, to string, each func(kv *mvccpb.KeyValue) (bool, error)) error {
	return s.scanFrom(ctx, revision, from, to, firstPage, each)
}

// scanFrom is scan with so many keys on the first page, and more options.
func (s *Store) scanFrom(
	ctx context.Context, revision int64, from, to string, limit int,
	each func(kv *mvccpb.KeyValue) (bool, error), opts ...clientv3.OpOption,
) error {
	for {
		opts := append([]clientv3.OpOption{clientv3.WithRange(s.prefix + to), clientv3.WithRev(revision), clientv3.WithLimit(int64(limit))}, opts...)
		resp, err := s.read(ctx, clientv3.OpGet(s.prefix+from, opts...))
		if code(err) == codes.ResourceExhausted && limit > 1 {
			limit = max(limit/8, 1) // much larger values than those before
			continue
		}
		if err != nil {
			return err
		}
		found := resp.Responses[0].GetResponseRange()
		more, bytes, err := eachOf(found.Kvs, each)
		if err != nil || !more || !found.More {
			return err
		}
		from = s.rel(found.Kvs[len(found.Kvs)-1]) + "\x00"
		limit = nextPage(bytes, len(found.Kvs))
	}
}

// eachOf calls each for keys, and tells whether it wants more, and how much there was.
func eachOf(kvs []*mvccpb.KeyValue, each func(kv *mvccpb.KeyValue) (bool, error)) (more bool, bytes int, err error) {
	for _, kv := range kvs {
		bytes += len(kv.Key) + len(kv.Value)
		if more, err := each(kv); err != nil || !more {
			return false, bytes, err
		}
	}
	return true, bytes, nil
}

// nextPage is how many keys the next page may have, after one of n keys.
func nextPage(bytes, n int) int {
	return min(max(pageBytes/(bytes/n+1), 8), maxPage)
}

// consistently does a read of several requests at one revision again when that
// revision was compacted away before the last.
func (s *Store) consistently(do func() error) (err error) {
	for range maxTries {
		if err = do(); !errors.Is(err, rpctypes.ErrCompacted) {
			break
		}
	}
	return err
}

// whole is the data of a value that was read at a revision; over may have its
// pieces.
func (s *Store) whole(ctx context.Context, revision int64, key string, value []byte, over overlay) ([]byte, error) {
	bad := fmt.Errorf("the value of the etcd key %.200q is damaged", s.prefix+key)
	switch {
	case len(value) > 0 && value[0] == wholeValue:
		return value[1:], nil
	case len(value) != 3 || value[0] != piecesValue:
		return nil, bad
	}
	n := int(binary.BigEndian.Uint16(value[1:]))
	var data []byte
	if _, ok := over[key]; ok {
		for i := range n {
			piece, ok := over[pieceKey(key, i)]
			if !ok {
				return nil, bad
			}
			data = append(data, piece.value...)
		}
		return data, nil
	}
	next := 0
	err := s.scan(ctx, revision, pieceKey(key, 0), pieceKey(key, n), func(kv *mvccpb.KeyValue) (bool, error) {
		if s.rel(kv) != pieceKey(key, next) {
			return false, bad
		}
		next++
		data = append(data, kv.Value...)
		return true, nil
	})
	if err == nil && next != n {
		err = bad
	}
	return data, err
}

// begin reads an aggregate's version, whatever else is asked for at the same
// revision, and what is to be laid over it.
func (s *Store) begin(ctx context.Context, aggregate string, more ...clientv3.Op) (v version, over overlay, resp *clientv3.TxnResponse, err error) {
	ops := append([]clientv3.Op{clientv3.OpGet(s.prefix + spaceVersion + aggregate)}, more...)
	if resp, err = s.read(ctx, ops...); err != nil {
		return v, nil, nil, err
	}
	if v, err = readVersion(first(resp.Responses[0])); err == nil {
		over, err = s.overlay(ctx, v, resp.Header.Revision)
	}
	return v, over, resp, err
}

// Load implements store.Backend.
func (s *Store) Load(ctx context.Context, aggregate string) (uint64, []store.Row, error) {
	if store.CheckEvents(aggregate, nil) != nil {
		return 0, nil, store.ErrNotFound // no aggregate has such a name
	}
	if err := s.enter(ctx); err != nil {
		return 0, nil, err
	}
	defer s.mu.RUnlock()
	var v version
	var rows []store.Row
	err := s.consistently(func() (err error) {
		v, _, _, rows, err = s.load(ctx, aggregate)
		return err
	})
	if err != nil {
		return 0, nil, wrap(ctx, err, "load %s", aggregate)
	}
	return v.number, rows, nil
}

// load reads an aggregate's rows, with the revision that they were read at and
// what was laid over them.
func (s *Store) load(ctx context.Context, aggregate string) (v version, revision int64, over overlay, rows []store.Row, err error) {
	from, to := within(spaceRow, aggregate)
	v, over, resp, err := s.begin(ctx, aggregate, clientv3.OpGet(s.prefix+from, clientv3.WithRange(s.prefix+to), clientv3.WithLimit(firstPage)))
	if err != nil {
		return v, 0, nil, nil, err
	}
	if v.number == 0 {
		return v, 0, nil, nil, store.ErrNotFound
	}
	revision = resp.Header.Revision
	kinds := map[string]string{} // there are few: keep one copy of each
	add := func(key string, value []byte) error {
		data, err := s.whole(ctx, revision, key, value, over)
		if err != nil {
			return err
		}
		schema, n := binary.Varint(data)
		kind, name, ok := strings.Cut(key[len(from):], "\x00")
		if n <= 0 || !ok {
			return fmt.Errorf("the row %.200q is damaged", key)
		}
		if k, ok := kinds[kind]; ok {
			kind = k
		} else {
			kind = strings.Clone(kind)
			kinds[kind] = kind
		}
		rows = append(rows, store.Row{Kind: kind, Key: name, Schema: int(schema), Data: data[n:]})
		return nil
	}
	each := func(kv *mvccpb.KeyValue) (bool, error) {
		key := s.rel(kv)
		if _, ok := over[key]; ok {
			return true, nil
		}
		return true, add(key, kv.Value)
	}
	page := resp.Responses[1].GetResponseRange()
	_, bytes, err := eachOf(page.Kvs, each)
	if err == nil && page.More {
		next := s.rel(page.Kvs[len(page.Kvs)-1]) + "\x00"
		err = s.scanFrom(ctx, revision, next, to, nextPage(bytes, len(page.Kvs)), each)
	}
	if err != nil {
		return v, 0, nil, nil, err
	}
	if len(over) > 0 {
		for key, o := range over {
			if o.kind != opPut || !strings.HasPrefix(key, from) {
				continue
			}
			if err := add(key, o.value); err != nil {
				return v, 0, nil, nil, err
			}
		}
		slices.SortFunc(rows, func(a, b store.Row) int {
			return strings.Compare(a.Kind+"\x00"+a.Key, b.Kind+"\x00"+b.Key)
		})
	}
	return v, revision, over, rows, nil
}

// List implements store.Backend.
func (s *Store) List(ctx context.Context, prefix, from string, limit int) (names []string, err error) {
	if limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, limit)
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.mu.RUnlock()
	start := spaceVersion + prefix
	if from != "" && from >= prefix {
		start = spaceVersion + from + "\x00"
	}
	end := after(spaceVersion + prefix)
	if start >= end {
		return nil, nil
	}
	// Each page may be of another revision: names between two that were seen are
	// found all the same.
	err = s.scanFrom(ctx, 0, start, end, min(limit, maxPage), func(kv *mvccpb.KeyValue) (bool, error) {
		names = append(names, s.rel(kv)[len(spaceVersion):])
		return len(names) < limit, nil
	}, clientv3.WithKeysOnly())
	if err != nil {
		return nil, wrap(ctx, err, "list %s", prefix)
	}
	return names, nil
}

// Changes implements store.Backend.
func (s *Store) Changes(ctx context.Context, aggregate string, since uint64, limit int) (list []store.Change, err error) {
	if limit <= 0 || since > math.MaxInt64-1 {
		return nil, fmt.Errorf("%w: %d changes after %d", store.ErrInvalid, limit, since)
	}
	if store.CheckEvents(aggregate, nil) != nil {
		return nil, store.ErrNotFound
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.mu.RUnlock()
	err = s.consistently(func() error {
		list, err = s.changes(ctx, aggregate, since, limit)
		return err
	})
	if err != nil {
		return nil, wrap(ctx, err, "changes of %s", aggregate)
	}
	return list, nil
}

func (s *Store) changes(ctx context.Context, aggregate string, since uint64, limit int) (list []store.Change, err error) {
	v, over, resp, err := s.begin(ctx, aggregate)
	if err != nil {
		return nil, err
	}
	if v.number == 0 {
		return nil, store.ErrNotFound
	}
	if v.number == since {
		return nil, nil
	}
	if v.number < since {
		return nil, store.ErrCompacted
	}
	from, to := within(spaceChange, aggregate)
	// add reports whether it was the next one, and more are wanted.
	add := func(key string, value []byte) (bool, error) {
		number, at := key[len(from):], key[len(from)+8:]
		if len(number) != 16 || readUp(number) != int64(since)+int64(len(list))+1 {
			return false, nil
		}
		data, err := s.whole(ctx, resp.Header.Revision, key, value, over)
		if err != nil {
			return false, err
		}
		c, err := form.ReadChange(data)
		c.Version, c.Time = uint64(readUp(number)), time.UnixMicro(readUp(at)).UTC()
		list = append(list, c)
		return len(list) < limit, err
	}
	err = s.scanFrom(ctx, resp.Header.Revision, from+up(int64(since)+1), to, min(limit, firstPage), func(kv *mvccpb.KeyValue) (bool, error) {
		return add(s.rel(kv), kv.Value)
	})
	for key, o := range over { // the last version's, if it isn't folded in yet
		if err == nil && strings.HasPrefix(key, from) && len(list) < limit {
			if uint64(len(list)) < v.number-since {
				_, err = add(key, o.value)
			}
		}
	}
	if err == nil && len(list) == 0 {
		err = store.ErrCompacted
	}
	return list, err
}
