package etcd

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"iamd/store"
	"iamd/store/form"
)

// maxSpan is how far apart the times of a batch's events may be. Batches lie in
// the order of their newest event, so that a query must look so far beyond its end.
const maxSpan = time.Hour

// addEvents appends what puts events one by one; of two that are the same the
// first stays.
func addEvents(ops []op, d *days, aggregate string, events []store.Event) []op {
	seen := make(map[string]bool, len(events))
	for _, e := range events {
		key := eventKey(aggregate, e.Time.UnixMicro(), e.ID)
		if seen[key] {
			continue
		}
		seen[key] = true
		d.see(aggregate, e.Time)
		ops = add(ops, key, e.Data)
	}
	return ops
}

// AppendEvents implements store.Backend. Many events may need several
// transactions, each of which is done or not.
func (s *Store) AppendEvents(ctx context.Context, events map[string][]store.Event) error {
	for aggregate, list := range events {
		if err := store.CheckEvents(aggregate, list); err != nil {
			return fmt.Errorf("append events: %w", err)
		}
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	var ops []op
	var d days
	for aggregate, list := range events {
		var err error
		if ops, err = s.addMany(ops, &d, aggregate, list); err != nil {
			return fmt.Errorf("append events: %w", err)
		}
	}
	return wrap(ctx, s.store(ctx, &d, ops), "append events")
}

// addMany appends what puts events, by the batch as long as there are enough.
func (s *Store) addMany(ops []op, d *days, aggregate string, list []store.Event) ([]op, error) {
	if len(list) < form.BatchFrom {
		return addEvents(ops, d, aggregate, list), nil
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, form.NewestFirst)
	list = slices.CompactFunc(list, func(a, b store.Event) bool { return form.NewestFirst(a, b) == 0 })
	for len(list) > 0 {
		n := 1
		for n < min(len(list), form.MaxBatch) && list[0].Time.Sub(list[n].Time) <= maxSpan {
			n++
		}
		if n < form.BatchFrom {
			ops = addEvents(ops, d, aggregate, list[:n])
		} else {
			b := form.Pack(list[:n])
			id := make([]byte, 8)
			if _, err := io.ReadFull(s.rand, id); err != nil {
				return nil, err
			}
			d.see(aggregate, list[0].Time)
			ops = add(ops, join(spaceBatch, aggregate, down(b.Newest)+string(id)), append([]byte(up(b.Oldest)), b.Data...))
		}
		list = list[n:]
	}
	return ops, nil
}

// store does ops in as many transactions as they need, what tells Prune of them
// first.
func (s *Store) store(ctx context.Context, d *days, ops []op) error {
	all := make([]op, 0, len(d.keys)+len(ops))
	for _, key := range d.keys {
		all = append(all, op{key: key})
	}
	for _, group := range groups(append(all, ops...)) {
		if _, err := s.write(ctx, nil, s.steps(group), nil); err != nil {
			return err
		}
	}
	return nil
}

// window is the part of a query that is about time, in microseconds: from ≤ event,
// which comes after the mark of time to and an id ("" comes before all of that time).
type window struct {
	from, to int64
	id       string
}

func windowOf(q store.EventQuery) window {
	var w window
	w.from, w.to, w.id = form.Window(q)
	return w
}

func (w window) has(e *store.Event) bool {
	at := e.Time.UnixMicro()
	return at >= w.from && (at < w.to || at == w.to && e.ID < w.id)
}

// Events implements store.Backend.
func (s *Store) Events(ctx context.Context, aggregate string, q store.EventQuery) (list []store.Event, err error) {
	if q.Limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, q.Limit)
	}
	if store.CheckEvents(aggregate, nil) != nil {
		return nil, nil // there are none
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.mu.RUnlock()
	err = s.consistently(func() error {
		list, err = s.events(ctx, aggregate, windowOf(q), q.Limit)
		return err
	})
	if err != nil {
		return nil, wrap(ctx, err, "events of %s", aggregate)
	}
	return list, nil
}

func (s *Store) events(ctx context.Context, aggregate string, w window, limit int) (list []store.Event, err error) {
	_, over, resp, err := s.begin(ctx, aggregate)
	if err != nil {
		return nil, err
	}
	revision := resp.Header.Revision
	space, _ := within(spaceEvent, aggregate)
	// Keys count time down: the end of the window comes first.
	from, to := space+down(w.to)+"\xff", space+down(w.from)+"\xff"
	if w.id != "" {
		from = eventKey(aggregate, w.to, w.id) + "\x00"
	}
	if from >= to {
		return nil, nil
	}
	add := func(key string, value []byte) error {
		rest := key[len(space):]
		if len(rest) < 9 {
			return fmt.Errorf("the event %.200q is damaged", key)
		}
		e := store.Event{ID: invert(rest[8 : len(rest)-1]), Time: time.UnixMicro(readDown(rest)).UTC()}
		if !w.has(&e) {
			return nil
		}
		e.Data, err = s.whole(ctx, revision, key, value, over)
		list = append(list, e)
		return err
	}
	err = s.scanFrom(ctx, revision, from, to, min(limit, firstPage), func(kv *mvccpb.KeyValue) (bool, error) {
		key := s.rel(kv)
		if _, ok := over[key]; ok {
			return true, nil
		}
		err := add(key, kv.Value)
		return len(list) < limit, err
	})
	for key, o := range over {
		if err == nil && strings.HasPrefix(key, space) {
			err = add(key, o.value)
		}
	}
	if err != nil {
		return nil, err
	}
	if len(over) > 0 {
		slices.SortFunc(list, form.NewestFirst)
		list = list[:min(len(list), limit)]
	}
	return s.batched(ctx, aggregate, revision, list, w, limit)
}

// batched merges what batches hold into a page of events.
func (s *Store) batched(ctx context.Context, aggregate string, revision int64, list []store.Event, w window, limit int) ([]store.Event, error) {
	space, _ := within(spaceBatch, aggregate)
	newest := int64(math.MaxInt64)
	if w.to < newest-maxSpan.Microseconds() {
		newest = w.to + maxSpan.Microseconds()
	}
	from, to := space+down(newest), space+down(w.from)+"\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	err := s.scanFrom(ctx, revision, from, to, 8, func(kv *mvccpb.KeyValue) (bool, error) {
		key := s.rel(kv)
		if len(key)-len(space) != 16 {
			return false, damaged(kv)
		}
		if len(list) == limit && readDown(key[len(space):]) < list[limit-1].Time.UnixMicro() {
			return false, nil // this batch and those after it are older than the page
		}
		data, err := s.whole(ctx, revision, key, kv.Value, nil)
		if err != nil {
			return false, err
		}
		if len(data) < 8 {
			return false, damaged(kv)
		}
		if readUp(string(data[:8])) > w.to {
			return true, nil
		}
		err = form.Unpack(data[8:], func(e store.Event) {
			if w.has(&e) {
				list = append(list, e)
			}
		})
		slices.SortFunc(list, form.NewestFirst)
		list = slices.CompactFunc(list, func(a, b store.Event) bool { return form.NewestFirst(a, b) == 0 })
		list = list[:min(len(list), limit)]
		return true, err
	})
	return list, err
}
