package etcd

import (
	"context"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Bounds of one call of Prune: it goes on until so much was removed, and looks at
// so many aggregates at once, at so many keys of each kind.
const (
	pruneEnough = 500
	pruneDays   = 16
	pruneKeys   = 200
)

// sweep is how far the calls of Prune with one time have come.
type sweep struct {
	mu     sync.Mutex
	before time.Time
	next   string // the day key to go on from
}

// Prune implements store.Backend. By the days that commits and appends leave
// behind (spaceDay) it finds what is old without reading what is young.
func (s *Store) Prune(ctx context.Context, before time.Time) (removed int, err error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.mu.RUnlock()
	s.sweep.mu.Lock()
	defer s.sweep.mu.Unlock()
	if s.sweep.next == "" || !s.sweep.before.Equal(before) {
		s.sweep.before, s.sweep.next = before, spaceDay
		if err := s.pruneStages(ctx); err != nil {
			return 0, wrap(ctx, err, "prune")
		}
	}
	end := spaceDay + up(day(before)+1)
	for removed < pruneEnough {
		resp, err := s.read(ctx, clientv3.OpGet(s.prefix+s.sweep.next, clientv3.WithRange(s.prefix+end), clientv3.WithLimit(pruneDays)))
		if err != nil {
			return removed, wrap(ctx, err, "prune")
		}
		found := resp.Responses[0].GetResponseRange()
		if len(found.Kvs) == 0 {
			s.sweep.next = "" // all was seen
			return removed, nil
		}
		n, err := s.pruneDays(ctx, found.Kvs, before)
		if removed += n; err != nil {
			return removed, wrap(ctx, err, "prune")
		}
		if n == 0 { // of these, there is no more
			s.sweep.next = s.rel(found.Kvs[len(found.Kvs)-1]) + "\x00"
		}
	}
	return removed, nil
}

// pruneDays removes what is old of some aggregates, as the keys of their days
// name them, and those keys when nothing is left.
func (s *Store) pruneDays(ctx context.Context, marks []*mvccpb.KeyValue, before time.Time) (removed int, err error) {
	var gets []clientv3.Op
	names := make([]string, len(marks))
	for i, kv := range marks {
		names[i] = s.rel(kv)[len(spaceDay)+8:]
		for _, r := range old(names[i], before.UnixMicro()) {
			gets = append(gets, clientv3.OpGet(s.prefix+r[0], clientv3.WithRange(s.prefix+r[1]), clientv3.WithLimit(pruneKeys), clientv3.WithKeysOnly()))
		}
	}
	resp, err := s.read(ctx, gets...)
	if err != nil {
		return 0, err
	}
	var ops []op
	var done []clientv3.Op
	count := map[string]int{} // by aggregate, which may have several days
	for i := range marks {
		if _, seen := count[names[i]]; seen {
			continue
		}
		count[names[i]] = 0
		for kind := range kindsOfOld {
			kvs := resp.Responses[i*kindsOfOld+kind].GetResponseRange().Kvs
			var n int
			ops, n = s.remove(ops, kind, names[i], kvs, before.UnixMicro())
			count[names[i]] += n
			removed += n
		}
	}
	for i, kv := range marks {
		if count[names[i]] == 0 && readUp(s.rel(kv)[len(spaceDay):]) < day(before) {
			key := string(kv.Key) // unless something was added to it in the meantime
			unchanged := clientv3.Compare(clientv3.ModRevision(key), "=", kv.ModRevision)
			done = append(done, clientv3.OpTxn([]clientv3.Cmp{unchanged}, []clientv3.Op{clientv3.OpDelete(key)}, nil))
		}
	}
	if err := s.store(ctx, &days{}, ops); err != nil {
		return 0, err
	}
	if len(done) > 0 {
		if _, err := s.write(ctx, nil, done, nil); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// The kinds of what is pruned, and how many there are.
const (
	oldEvents = iota
	oldBatches
	oldTraces
	oldChanges
	kindsOfOld
)

// old are the ranges in which an aggregate's keys of each kind are old, before a
// time in microseconds; of changes, all of them, the oldest first.
func old(aggregate string, before int64) (ranges [kindsOfOld][2]string) {
	for kind, space := range []string{oldEvents: spaceEvent, oldBatches: spaceBatch, oldTraces: spaceIndex, oldChanges: spaceChange} {
		from, to := within(space, aggregate)
		switch kind {
		case oldEvents, oldBatches:
			from += down(before - 1)
		case oldTraces:
			to = from + up(before)
		}
		ranges[kind] = [2]string{from, to}
	}
	return ranges
}

// remove appends what removes keys of a kind, and tells how many.
func (s *Store) remove(ops []op, kind int, aggregate string, kvs []*mvccpb.KeyValue, before int64) ([]op, int) {
	switch kind {
	case oldTraces:
		from, _ := within(spaceIndex, aggregate)
		for _, kv := range kvs {
			key := s.rel(kv)
			x := indexed{key: key, id: key[len(from)+8:]}
			ops = x.drop(ops)
		}
		return ops, len(kvs)
	case oldChanges:
		// They go in their order, so that there is no gap: a clock may go back.
		from, _ := within(spaceChange, aggregate)
		n := 0
		for n < len(kvs) && readUp(s.rel(kvs[n])[len(from)+8:]) < before {
			n++
		}
		kvs = kvs[:n]
	}
	if len(kvs) == 0 {
		return ops, 0
	}
	from, to := s.rel(kvs[0]), s.rel(kvs[len(kvs)-1])
	return append(ops,
		op{kind: opRange, key: from, end: to + "\x00"},
		op{kind: opRange, key: spacePiece + from + "\x00", end: spacePiece + to + "\x01"},
	), len(kvs)
}
