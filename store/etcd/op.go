package etcd

import (
	"encoding/binary"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// etcd takes 128 operations and 1.5 MiB in one request unless it is told otherwise.
// What this package sends stays under both.
const (
	maxOps   = 120
	maxNest  = 60  // operations, of transactions within a transaction and in each of them
	maxGroup = 100 // operations of a group, of which each may be a transaction of one
	maxBytes = 1 << 20
	maxPiece = 512 << 10 // of a value

	// maxAggregates is how many versions move in one commit: beside each other, and
	// beside two keys more when they are a stage's.
	maxAggregates = maxOps - 2
)

// opKind is what an op does.
type opKind byte

const (
	opPut    opKind = iota // value at key
	opDelete               // key
	opRange                // deletes from key to before end
	opName                 // a name moves, if it still has the intent in value: key, from owner, to owner
)

// op is a step of a transaction. Its keys are without the prefix.
type op struct {
	kind     opKind
	key, end string
	from, to string // opName: owners, "" is none
	value    []byte
}

// size is at least what it adds to a request, but for a prefix of usual length.
func (o *op) size() int { return 2*len(o.key) + len(o.end) + len(o.to) + len(o.value) + 128 }

func size(ops []op) (n int) {
	for i := range ops {
		n += ops[i].size()
	}
	return n
}

// A value is whole, after a byte wholeValue, or in pieces: piecesValue and their
// number. Pieces lie apart, so that lists of keys don't meet them.
const (
	wholeValue  = 0
	piecesValue = 1
)

func pieceKey(key string, n int) string {
	return spacePiece + key + "\x00" + string(binary.BigEndian.AppendUint16(nil, uint16(n)))
}

// add appends what puts a value that isn't there yet. The key itself comes last:
// where it is, its pieces are.
func add(ops []op, key string, data []byte) []op {
	if len(data) <= maxPiece {
		return append(ops, op{key: key, value: append([]byte{wholeValue}, data...)})
	}
	n := 0
	for ; len(data) > 0; n++ {
		size := min(len(data), maxPiece)
		ops = append(ops, op{key: pieceKey(key, n), value: data[:size]})
		data = data[size:]
	}
	return append(ops, op{key: key, value: binary.BigEndian.AppendUint16([]byte{piecesValue}, uint16(n))})
}

// set is add for a value that may be there in more pieces.
func set(ops []op, key string, data []byte) []op {
	n := 0
	if len(data) > maxPiece {
		n = (len(data) + maxPiece - 1) / maxPiece
	}
	ops = append(ops, op{kind: opRange, key: pieceKey(key, n), end: spacePiece + key + "\x01"})
	return add(ops, key, data)
}

// drop appends what removes a value.
func drop(ops []op, key string) []op {
	return append(ops, op{kind: opDelete, key: key}, op{kind: opRange, key: spacePiece + key + "\x00", end: spacePiece + key + "\x01"})
}

// steps are the client's operations for ops.
func (s *Store) steps(ops []op) []clientv3.Op {
	list := make([]clientv3.Op, len(ops))
	for i, o := range ops {
		key := s.prefix + o.key
		switch o.kind {
		case opPut:
			list[i] = clientv3.OpPut(key, string(o.value))
		case opDelete:
			list[i] = clientv3.OpDelete(key)
		case opRange:
			list[i] = clientv3.OpDelete(key, clientv3.WithRange(s.prefix+o.end))
		case opName:
			list[i] = s.moveName(o.key, o.value, o.to)
		}
	}
	return list
}

// nest puts operations that are too many for one transaction into transactions
// within it: they are done as one all the same.
func nest(list []clientv3.Op) []clientv3.Op {
	if len(list) <= maxOps {
		return list
	}
	var outer []clientv3.Op
	for len(list) > 0 {
		n := min(len(list), maxNest)
		outer = append(outer, clientv3.OpTxn(nil, list[:n], nil))
		list = list[n:]
	}
	return outer
}

// groups cuts ops into runs that each fit into a request.
func groups(ops []op) (list [][]op) {
	from, bytes := 0, 0
	for i := range ops {
		n := ops[i].size()
		if i > from && (bytes+n > maxBytes || i-from >= maxGroup) {
			list, from, bytes = append(list, ops[from:i]), i, 0
		}
		bytes += n
	}
	if from < len(ops) {
		list = append(list, ops[from:])
	}
	return list
}
