package sqlite

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"iamd/store"
)

// A batch is many appended events in one row: calls that only read make one
// event each, and a row for each would cost more than the call. Committed
// events, and appended ones that come few at a time, are rows of their own.
//
// Its form: zlib over, for each event, the time in microseconds (varint), and
// the id and the data, each after its length (uvarint).
type batch struct {
	aggregate      string
	oldest, newest int64 // microseconds
	data           []byte
}

// batchFrom is how many events make a batch; maxBatch how many at most, as a
// page of a query unpacks a whole one.
const (
	batchFrom = 32
	maxBatch  = 1024
)

var errBatch = errors.New("a batch of events is damaged")

// deflaters are kept, as making one costs far more than using it.
var deflaters = sync.Pool{New: func() any {
	w, err := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// packEvents makes a batch of at least one event.
func packEvents(aggregate string, events []store.Event) batch {
	b := batch{aggregate: aggregate, oldest: events[0].Time.UnixMicro(), newest: events[0].Time.UnixMicro()}
	size := 0
	for _, e := range events {
		size += len(e.ID) + len(e.Data) + 3*binary.MaxVarintLen64
	}
	plain := make([]byte, 0, size)
	for _, e := range events {
		at := e.Time.UnixMicro()
		b.oldest, b.newest = min(b.oldest, at), max(b.newest, at)
		plain = binary.AppendVarint(plain, at)
		plain = append(binary.AppendUvarint(plain, uint64(len(e.ID))), e.ID...)
		plain = append(binary.AppendUvarint(plain, uint64(len(e.Data))), e.Data...)
	}
	packed := bytes.NewBuffer(make([]byte, 0, size/4))
	w := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(w)
	w.Reset(packed)
	// A bytes.Buffer takes every write.
	_, _ = w.Write(plain)
	_ = w.Close()
	b.data = packed.Bytes()
	return b
}

// unpackEvents calls each for every event of a batch.
func unpackEvents(data []byte, each func(store.Event)) error {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return errors.Join(errBatch, err)
	}
	plain, err := io.ReadAll(r) // to its checksum
	if err != nil {
		return errors.Join(errBatch, err)
	}
	text := func() (part []byte, ok bool) {
		n, size := binary.Uvarint(plain)
		if size <= 0 || n > uint64(len(plain)-size) {
			return nil, false
		}
		part, plain = plain[size:size+int(n)], plain[size+int(n):]
		return part, true
	}
	for len(plain) > 0 {
		at, size := binary.Varint(plain)
		if size <= 0 {
			return errBatch
		}
		plain = plain[size:]
		id, ok := text()
		data, ok2 := text()
		if !ok || !ok2 {
			return errBatch
		}
		each(store.Event{ID: string(id), Time: time.UnixMicro(at).UTC(), Data: data})
	}
	return nil
}
