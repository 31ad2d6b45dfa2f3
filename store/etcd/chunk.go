package etcd

import (
	"context"
	"encoding/binary"
	"errors"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// A chunk is a run of ops in one value, for a commit that fits into no single
// request. Its form: for each op its kind (a byte) and key, end, from, to and
// value, each after its length (uvarint).

// maxChunk is the size that a chunk keeps to. No op is larger than a piece with its
// names, so a chunk fits into a request in any case.
const maxChunk = maxPiece + 256<<10

func appendChunk(b []byte, o op) []byte {
	b = append(b, byte(o.kind))
	for _, field := range []string{o.key, o.end, o.from, o.to} {
		b = append(binary.AppendUvarint(b, uint64(len(field))), field...)
	}
	return append(binary.AppendUvarint(b, uint64(len(o.value))), o.value...)
}

// chunks packs ops.
func chunks(ops []op) (list [][]byte) {
	var b []byte
	for _, o := range ops {
		if len(b) > 0 && len(b)+o.size() > maxChunk {
			list, b = append(list, b), nil
		}
		b = appendChunk(b, o)
	}
	if len(b) > 0 {
		list = append(list, b)
	}
	return list
}

var errChunk = errors.New("a chunk of a commit is damaged")

// readChunk calls each for the ops of a chunk.
func readChunk(b []byte, each func(op)) error {
	field := func() (f []byte, ok bool) {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, false
		}
		f, b = b[size:size+int(n)], b[size+int(n):]
		return f, true
	}
	for len(b) > 0 {
		o := op{kind: opKind(b[0])}
		b = b[1:]
		for _, at := range []*string{&o.key, &o.end, &o.from, &o.to} {
			f, ok := field()
			if !ok {
				return errChunk
			}
			*at = string(f)
		}
		var ok bool
		if o.value, ok = field(); !ok || o.kind > opName {
			return errChunk
		}
		each(o)
	}
	return nil
}

// chunksOf is where the chunks of a part of a stage lie.
func chunksOf(stage string, part uint16) string {
	return spaceChunk + stage + string(binary.BigEndian.AppendUint16(nil, part))
}

func chunkKey(stage string, part uint16, n int) string {
	return chunksOf(stage, part) + string(binary.BigEndian.AppendUint32(nil, uint32(n)))
}

// overlay is what a commit did that isn't folded in yet.
type overlay map[string]op

// overlay reads what a version key points at, at a revision. None has nothing.
func (s *Store) overlay(ctx context.Context, v version, revision int64) (overlay, error) {
	if v.stage == "" {
		return nil, nil
	}
	over := overlay{}
	from := chunksOf(v.stage, v.part)
	err := s.scan(ctx, revision, from, from+"\xff\xff\xff\xff\xff", func(kv *mvccpb.KeyValue) (bool, error) {
		return true, readChunk(kv.Value, func(o op) {
			if o.kind != opRange { // those are for pieces that nobody asks for any more
				over[o.key] = o
			}
		})
	})
	return over, err
}

// fold does what a version key points at, in bounded transactions, and makes it
// point at nothing. Each holds only while it points there, and does no harm when
// it is done again, so several may fold at the same time.
func (s *Store) fold(ctx context.Context, aggregate string, v version) error {
	key := s.prefix + spaceVersion + aggregate
	compare := []clientv3.Cmp{clientv3.Compare(clientv3.Value(key), "=", v.String())}
	from := chunksOf(v.stage, v.part)
	to := from + "\xff\xff\xff\xff\xff"
	moved := false
	err := s.scan(ctx, 0, from, to, func(kv *mvccpb.KeyValue) (bool, error) {
		var ops []op
		if err := readChunk(kv.Value, func(o op) { ops = append(ops, o) }); err != nil {
			return false, err
		}
		for _, group := range groups(ops) {
			resp, err := s.write(ctx, compare, s.steps(group), nil)
			if err != nil {
				return false, err
			}
			if !resp.Succeeded {
				moved = true // somebody was quicker
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil || moved {
		return err
	}
	_, err = s.write(ctx, compare, []clientv3.Op{
		clientv3.OpPut(key, version{number: v.number}.String()),
		clientv3.OpDelete(s.prefix+from, clientv3.WithRange(s.prefix+to)),
	}, nil)
	return err
}
