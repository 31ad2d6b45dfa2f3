package etcd

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"

	"iamd/store"
)

// The keys below the prefix. \0 is a zero byte, which no name holds, so keys of
// one aggregate lie together, in the order of their parts.
const (
	keyForm = "form" // formNumber
	keyHead = "head" // empty; every commit puts it: see follow.go

	spaceVersion = "v/" // aggregate → 8 bytes of version, then what points at chunks: see version
	spaceRow     = "r/" // aggregate \0 kind \0 key → schema (varint) and data, as a value
	spaceName    = "u/" // space \0 key → 'O' and its owner, or 'I' and an intent
	spaceOwned   = "o/" // aggregate \0 space \0 key → empty: what the aggregate owns
	spaceChange  = "c/" // aggregate \0 version (8 bytes) time (8) → form.Change, as a value
	spaceEvent   = "e/" // aggregate \0 time (8, later first) id (inverted) \xff → data, as a value
	spaceBatch   = "b/" // aggregate \0 newest time (8, later first) random (8) → oldest time (8), form.Batch, as a value
	spaceSoft    = "s/" // aggregate \0 kind \0 key → data, as a value
	spaceTrace   = "t/" // id → see traces.go, as a value
	spaceIndex   = "i/" // aggregate \0 time (8) id → size (uvarint) and principal of a trace
	spaceDay     = "x/" // day (8) aggregate → empty: that day it has something for Prune
	spacePiece   = "d/" // key \0 number (2) → a piece of a value that is too large for one key
	spaceChunk   = "g/" // stage (16) part (2) number (4) → a chunk: see chunk.go
	spaceStage   = "h/" // stage (16) → a stage's state and time: see stage.go
)

// join makes a key of names.
func join(space string, names ...string) string { return space + strings.Join(names, "\x00") }

// within is the range of an aggregate's keys of a space.
func within(space, aggregate string) (from, to string) {
	return space + aggregate + "\x00", space + aggregate + "\x01"
}

// after is the least key behind all that begin with a prefix.
func after(prefix string) string {
	end := []byte(prefix)
	end[len(end)-1]++ // no prefix that is asked for ends with \xff
	return string(end)
}

// up writes a number so that greater ones come later, down so that they come first.
func up(n int64) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(n)^1<<63))
}

func down(n int64) string { return up(^n) }

func readUp(key string) int64 { return int64(binary.BigEndian.Uint64([]byte(key[:8])) ^ 1<<63) }

func readDown(key string) int64 { return ^readUp(key) }

// invert turns the order of names around, with the \xff that ends each.
func invert(id string) string {
	b := []byte(id)
	for i := range b {
		b[i] = ^b[i]
	}
	return string(b)
}

func eventKey(aggregate string, micro int64, id string) string {
	return join(spaceEvent, aggregate, down(micro)+invert(id)+"\xff")
}

func changeKey(aggregate string, version uint64, at time.Time) string {
	return join(spaceChange, aggregate, up(int64(version))+up(at.UnixMicro()))
}

func nameKey(u store.Unique) string { return join(spaceName, u.Space, u.Key) }

func ownedKey(aggregate string, u store.Unique) string {
	return join(spaceOwned, aggregate, u.Space, u.Key)
}

// dayKey says on which day an aggregate has something that Prune shall find.
func dayKey(aggregate string, at time.Time) string {
	return spaceDay + up(day(at)) + aggregate
}

func day(at time.Time) int64 { return at.Unix() / 86400 }

// version is the value of a version key.
type version struct {
	number uint64
	stage  string // of 16 bytes, or none
	part   uint16 // of the stage
}

func (v version) String() string {
	b := binary.BigEndian.AppendUint64(nil, v.number)
	if v.stage != "" {
		b = binary.BigEndian.AppendUint16(append(b, v.stage...), v.part)
	}
	return string(b)
}

// readVersion reads a version key, which may be nil.
func readVersion(kv *mvccpb.KeyValue) (v version, err error) {
	switch {
	case kv == nil:
		return v, nil
	case len(kv.Value) == 26:
		v.stage, v.part = string(kv.Value[8:24]), binary.BigEndian.Uint16(kv.Value[24:])
	case len(kv.Value) != 8:
		return v, damaged(kv)
	}
	v.number = binary.BigEndian.Uint64(kv.Value)
	return v, nil
}

// damaged says that a key holds what this package never wrote.
func damaged(kv *mvccpb.KeyValue) error {
	return fmt.Errorf("the value of the etcd key %.200q is damaged", kv.Key)
}

// first is the one key that was asked for, or nil.
func first(r *etcdserverpb.ResponseOp) *mvccpb.KeyValue {
	if kvs := r.GetResponseRange().Kvs; len(kvs) > 0 {
		return kvs[0]
	}
	return nil
}
