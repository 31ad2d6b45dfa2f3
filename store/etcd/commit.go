package etcd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
	"iamd/store/form"
)

// maxTries bounds how often a commit is tried when others change names, or tidy
// up, at the same time.
const maxTries = 32

// draft is one aggregate's share of a commit, as keys and values.
type draft struct {
	aggregate       string
	expect, version uint64
	ops             []op     // but for the version and the names
	days            []string // keys that tell Prune of it
	take, free      []store.Unique
}

// Commit implements store.Backend. It doesn't end with ctx once it has begun,
// but within bounds of its own: what would be left in flight would be decided
// after the caller has gone on.
func (s *Store) Commit(ctx context.Context, parts []store.Part) error {
	if err := store.Check(parts); err != nil {
		return err
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	list := make([]draft, len(parts))
	for i := range parts {
		p := &parts[i]
		d := draft{aggregate: p.Aggregate, expect: p.Expect, version: p.Expect + 1, take: p.Take, free: p.Free}
		feed, err := form.Change(&p.Changes)
		if err != nil {
			return fmt.Errorf("commit %s: %w", p.Aggregate, err)
		}
		now := s.now()
		d.rows(p.Rows)
		d.ops = add(d.ops, changeKey(p.Aggregate, d.version, now), feed)
		var days days
		days.see(p.Aggregate, now)
		d.ops = addEvents(d.ops, &days, p.Aggregate, p.Events)
		d.days = days.keys
		list[i] = d
	}
	err := s.commit(context.WithoutCancel(ctx), list)
	return wrap(context.Background(), err, "commit %s", parts[0].Aggregate)
}

// rows appends what puts rows; of two with one name the later stays.
func (d *draft) rows(rows []store.Row) {
	last := make(map[string]int, len(rows))
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = join(spaceRow, d.aggregate, rows[i].Kind, rows[i].Key)
		last[keys[i]] = i
	}
	for i, r := range rows {
		switch {
		case last[keys[i]] != i:
		case r.Data == nil:
			d.ops = drop(d.ops, keys[i])
		default:
			d.ops = set(d.ops, keys[i], append(binary.AppendVarint(nil, int64(r.Schema)), r.Data...))
		}
	}
}

// commit does drafts, in one transaction if they fit.
func (s *Store) commit(ctx context.Context, list []draft) error {
	if len(list) > maxAggregates {
		return fmt.Errorf("%w: %d aggregates in one commit, and etcd takes %d", store.ErrInvalid, len(list), maxAggregates)
	}
	names := named(list)
	if len(list)+len(names) > maxOps {
		return s.stage(ctx, list, names)
	}
	gets := s.looks(list, names)
	known := assume(list, names)
	for try := range maxTries {
		moves, err := settle(list, names, known)
		var found *clientv3.TxnResponse
		if err == nil {
			compare, ops := s.assemble(list, moves)
			if !fits(ops, len(gets)) {
				return s.stage(ctx, list, names)
			}
			found, err = s.write(ctx, compare, nest(s.steps(ops)), gets)
			if err == nil && found.Succeeded {
				return nil
			}
		} else if try == 0 { // by what was assumed; and there may be a conflict, too
			found, err = s.read(ctx, gets...)
		}
		if err != nil {
			return err
		}
		kvs := make([]*mvccpb.KeyValue, len(gets))
		for i, r := range found.Responses {
			kvs[i] = first(r)
		}
		if known, err = s.judge(ctx, list, names, kvs); err != nil {
			return err
		}
	}
	return errOthers
}

var errOthers = fmt.Errorf("%w: others were always first", store.ErrUnavailable)

// fits reports whether ops fit into one transaction beside so many comparisons.
func fits(ops []op, compared int) bool {
	if size(ops) > maxBytes {
		return false
	}
	return len(ops) <= maxOps || compared <= maxNest && len(ops) <= maxNest*maxNest
}

// looks are the keys that decide about a commit: versions, then names.
func (s *Store) looks(list []draft, names []store.Unique) []clientv3.Op {
	gets := make([]clientv3.Op, 0, len(list)+len(names))
	for i := range list {
		gets = append(gets, clientv3.OpGet(s.prefix+spaceVersion+list[i].aggregate))
	}
	for _, u := range names {
		gets = append(gets, clientv3.OpGet(s.prefix+nameKey(u)))
	}
	return gets
}

// assemble is a commit in one transaction.
func (s *Store) assemble(list []draft, moves []move) (compare []clientv3.Cmp, ops []op) {
	copied := append([]draft(nil), list...)
	for i := range copied {
		copied[i].ops = copied[i].ops[:len(copied[i].ops):len(copied[i].ops)]
	}
	for i := range moves {
		compare = append(compare, s.still(&moves[i]))
		if o, any := moves[i].step(); any {
			ops = append(ops, o)
		}
		moves[i].index(copied)
	}
	for i := range copied {
		d := &copied[i]
		compare = append(compare, s.expected(d))
		ops = append(ops, d.ops...)
		for _, key := range d.days {
			ops = append(ops, op{key: key})
		}
		ops = append(ops, op{key: spaceVersion + d.aggregate, value: []byte(version{number: d.version}.String())})
	}
	return compare, append(ops, op{key: keyHead})
}

// expected says that an aggregate has the version that a draft was made upon, and
// that this is folded.
func (s *Store) expected(d *draft) clientv3.Cmp {
	key := s.prefix + spaceVersion + d.aggregate
	if d.expect == 0 {
		return clientv3.Compare(clientv3.CreateRevision(key), "=", 0)
	}
	return clientv3.Compare(clientv3.Value(key), "=", version{number: d.expect}.String())
}

// judge says why a commit was not done, or else who holds the names: then it may
// be tried by that. A conflict comes before a name that is taken.
func (s *Store) judge(ctx context.Context, list []draft, names []store.Unique, kvs []*mvccpb.KeyValue) (map[store.Unique]holder, error) {
	versions := make([]version, len(list))
	for i := range list {
		var err error
		if versions[i], err = readVersion(kvs[i]); err != nil {
			return nil, err
		}
		if is, want := versions[i].number, list[i].expect; is != want {
			return nil, fmt.Errorf("%w: %s is at %d, not %d", store.ErrConflict, list[i].aggregate, is, want)
		}
	}
	for i, v := range versions {
		if v.stage != "" {
			if err := s.fold(ctx, list[i].aggregate, v); err != nil {
				return nil, err
			}
		}
	}
	known := make(map[store.Unique]holder, len(names))
	for i, u := range names {
		h, err := s.hold(ctx, u, kvs[len(list)+i])
		if err != nil {
			return nil, err
		}
		known[u] = h
	}
	return known, nil
}

// wrap says what an error is about; nil stays nil. What callers tell apart by its
// type needs no more words.
func wrap(ctx context.Context, err error, format string, args ...any) error {
	if err == nil || errors.As(err, new(*store.TakenError)) || errors.Is(err, store.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), fail(ctx, err))
}

// days collects the days on which something of aggregates wants pruning later.
type days struct {
	keys []string
	seen map[string]bool
}

func (d *days) see(aggregate string, at time.Time) {
	key := dayKey(aggregate, at)
	if d.seen[key] {
		return
	}
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	d.seen[key] = true
	d.keys = append(d.keys, key)
}
