package etcd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
)

// A stage is a commit on its way that fits into no single request. Its key is
// there, and open, until it's committed or given up; who finds it in the way
// spoils it, and then it can't be committed any more.
const (
	stageOpen   = 'o' // and the time it began, in microseconds
	stageSpoilt = "x"
)

// stageAge is when an open stage is thought to have been left by a crash. One
// that was not, begins anew.
const stageAge = 10 * time.Minute

// stageTries bounds how often a commit is staged when others want its names.
const stageTries = 8

var errSpoilt = errors.New("the stage was spoilt")

// stage does drafts that are too large for one transaction.
func (s *Store) stage(ctx context.Context, list []draft, names []store.Unique) error {
	for try := range stageTries {
		err := s.stageOnce(ctx, list, names)
		if !errors.Is(err, errSpoilt) {
			return err
		}
		select {
		case <-time.After(time.Duration(try) * betweenTime):
		case <-s.ctx.Done():
		}
	}
	return errOthers
}

func (s *Store) stageOnce(ctx context.Context, list []draft, names []store.Unique) error {
	kvs, err := s.look(ctx, list, names)
	if err != nil {
		return err
	}
	known, err := s.judge(ctx, list, names, kvs)
	if err != nil {
		return err
	}
	moves, err := settle(list, names, known)
	if err != nil {
		return err
	}
	id := make([]byte, 16)
	if _, err := io.ReadFull(s.rand, id); err != nil {
		return err
	}
	st := staging{
		Store: s, id: string(id), list: append([]draft(nil), list...),
		open: string(binary.BigEndian.AppendUint64([]byte{stageOpen}, uint64(s.now().UnixMicro()))),
	}
	if err := st.lay(ctx, moves); err != nil {
		st.giveUp()
		return err
	}
	if err := st.flip(ctx); err != nil {
		// Whatever came of it: if it's done, there is nothing to give up.
		st.giveUp()
		return err
	}
	for i := range list { // it's done; the rest is for tidiness
		if err := s.fold(ctx, list[i].aggregate, st.version(i)); err != nil {
			s.log.Warn("a large commit to etcd waits to be folded in", "aggregate", list[i].aggregate, "error", err)
		}
	}
	return nil
}

// look reads versions and names, in several requests if need be.
func (s *Store) look(ctx context.Context, list []draft, names []store.Unique) (kvs []*mvccpb.KeyValue, err error) {
	gets := s.looks(list, names)
	for len(gets) > 0 {
		n := min(len(gets), maxOps)
		resp, err := s.read(ctx, gets[:n]...)
		if err != nil {
			return nil, err
		}
		for _, r := range resp.Responses {
			kvs = append(kvs, first(r))
		}
		gets = gets[n:]
	}
	return kvs, nil
}

// staging is one try of a stage.
type staging struct {
	*Store
	id, open string
	list     []draft
}

func (st *staging) key() string { return st.prefix + spaceStage + st.id }

func (st *staging) version(part int) version {
	return version{number: st.list[part].version, stage: st.id, part: uint16(part)}
}

// alive says that nobody spoilt it.
func (st *staging) alive() clientv3.Cmp {
	return clientv3.Compare(clientv3.Value(st.key()), "=", st.open)
}

// put does steps as long as it is alive, and other things hold.
func (st *staging) put(ctx context.Context, steps []clientv3.Op, also ...clientv3.Cmp) error {
	resp, err := st.write(ctx, append(also, st.alive()), steps, nil)
	if err == nil && !resp.Succeeded {
		err = errSpoilt
	}
	return err
}

// lay lays down all but the versions.
func (st *staging) lay(ctx context.Context, moves []move) error {
	if _, err := st.write(ctx, nil, []clientv3.Op{clientv3.OpPut(st.key(), st.open)}, nil); err != nil {
		return err
	}
	var intents []move
	for i := range moves {
		m := &moves[i]
		m.index(st.list)
		if m.from.owner == m.to {
			continue // it moves only by a commit of its owner, which would be a conflict
		}
		decider := st.decider(m)
		in := intent{stage: st.id, decider: st.list[decider].aggregate, from: m.from.owner, to: m.to}
		st.list[decider].ops = append(st.list[decider].ops, op{
			kind: opName, key: nameKey(m.Unique), from: in.from, to: in.to, value: []byte(in.String()),
		})
		intents = append(intents, *m)
	}
	for part := range st.list {
		var days []op
		for _, key := range st.list[part].days {
			days = append(days, op{key: key})
		}
		for _, group := range groups(days) {
			if err := st.put(ctx, st.steps(group)); err != nil {
				return err
			}
		}
		for n, chunk := range chunks(st.list[part].ops) {
			put := clientv3.OpPut(st.prefix+chunkKey(st.id, uint16(part), n), string(chunk))
			if err := st.put(ctx, []clientv3.Op{put}); err != nil {
				return err
			}
		}
	}
	return st.intend(ctx, intents)
}

// decider is the part whose version decides about a move: one that has to do
// with it.
func (st *staging) decider(m *move) int {
	for i := range st.list {
		if a := st.list[i].aggregate; a == m.to || m.to == "" && a == m.from.owner {
			return i
		}
	}
	return 0
}

// intend puts the intents of moves, after the chunks: whoever meets one of a
// stage that was given up finds there what becomes of the others.
func (st *staging) intend(ctx context.Context, moves []move) error {
	for len(moves) > 0 {
		var steps []clientv3.Op
		var compare []clientv3.Cmp
		n, bytes := 0, 0
		for ; n < min(len(moves), maxGroup) && bytes < maxBytes/2; n++ {
			m := &moves[n]
			in := intent{stage: st.id, decider: st.list[st.decider(m)].aggregate, from: m.from.owner, to: m.to}.String()
			bytes += 2*len(nameKey(m.Unique)) + len(in) + 128
			compare = append(compare, st.still(m))
			steps = append(steps, clientv3.OpPut(st.prefix+nameKey(m.Unique), in))
		}
		if err := st.put(ctx, steps, compare...); err != nil {
			return err
		}
		moves = moves[n:]
	}
	return nil
}

// flip commits: from here on the versions point at the chunks.
func (st *staging) flip(ctx context.Context) error {
	compare := []clientv3.Cmp{st.alive()}
	steps := []clientv3.Op{clientv3.OpDelete(st.key()), clientv3.OpPut(st.prefix+keyHead, "")}
	for i := range st.list {
		compare = append(compare, st.expected(&st.list[i]))
		steps = append(steps, clientv3.OpPut(st.prefix+spaceVersion+st.list[i].aggregate, st.version(i).String()))
	}
	resp, err := st.write(ctx, compare, steps, st.looks(st.list, nil))
	if err != nil || resp.Succeeded {
		return err
	}
	kvs := make([]*mvccpb.KeyValue, len(st.list))
	for i, r := range resp.Responses {
		kvs[i] = first(r)
	}
	if _, err := st.judge(ctx, st.list, nil, kvs); err != nil {
		return err
	}
	return errSpoilt
}

// giveUp undoes what was laid down, if it can; else Prune will.
func (st *staging) giveUp() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*writeTime)
	defer cancel()
	if err := st.Store.giveUp(ctx, st.id); err != nil {
		st.log.Warn("the remains of a large commit to etcd wait to be pruned", "error", err)
	}
}

// spoil keeps a stage from being committed, unless it is already.
func (s *Store) spoil(ctx context.Context, id string) error {
	key := s.prefix + spaceStage + id
	_, err := s.write(ctx, []clientv3.Cmp{clientv3.Compare(clientv3.CreateRevision(key), "!=", 0)},
		[]clientv3.Op{clientv3.OpPut(key, stageSpoilt)}, nil)
	return err
}

// giveUp removes a stage with its chunks and intents. One that is committed has
// no key any more and keeps them.
func (s *Store) giveUp(ctx context.Context, id string) error {
	key := s.prefix + spaceStage + id
	there := clientv3.Compare(clientv3.CreateRevision(key), "!=", 0)
	resp, err := s.write(ctx, []clientv3.Cmp{there}, []clientv3.Op{clientv3.OpPut(key, stageSpoilt)}, nil)
	if err != nil || !resp.Succeeded {
		return err
	}
	from := spaceChunk + id
	to := from + "\xff\xff\xff\xff\xff\xff\xff"
	err = s.scan(ctx, 0, from, to, func(kv *mvccpb.KeyValue) (bool, error) {
		var back []clientv3.Op
		err := readChunk(kv.Value, func(o op) {
			if o.kind == opName {
				back = append(back, s.moveName(o.key, o.value, o.from))
			}
		})
		for len(back) > 0 && err == nil {
			n := min(len(back), maxGroup)
			_, err = s.write(ctx, nil, back[:n], nil)
			back = back[n:]
		}
		return true, err
	})
	if err != nil {
		return fmt.Errorf("give up a stage: %w", err)
	}
	_, err = s.write(ctx, []clientv3.Cmp{there}, []clientv3.Op{
		clientv3.OpDelete(key), clientv3.OpDelete(s.prefix+from, clientv3.WithRange(s.prefix+to)),
	}, nil)
	return err
}

// stagesAtOnce is how many left stages one Prune removes.
const stagesAtOnce = 8

// pruneStages removes what crashes left of commits that were not done.
func (s *Store) pruneStages(ctx context.Context) error {
	removed := 0
	return s.scan(ctx, 0, spaceStage, after(spaceStage), func(kv *mvccpb.KeyValue) (bool, error) {
		if len(kv.Value) == 9 && kv.Value[0] == stageOpen {
			began := time.UnixMicro(int64(binary.BigEndian.Uint64(kv.Value[1:])))
			if s.now().Sub(began) < stageAge {
				return true, nil
			}
		}
		removed++
		return removed < stagesAtOnce, s.giveUp(ctx, s.rel(kv)[len(spaceStage):])
	})
}
