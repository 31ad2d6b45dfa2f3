package form

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"iamd/store"
)

// Batch is many appended events in one row: calls that only read make one
// event each, and a row for each would cost more than the call. Committed
// events, and appended ones that come few at a time, are rows of their own.
//
// Its form: zlib over, for each event, the time in microseconds (varint), and
// the id and the data, each after its length (uvarint).
type Batch struct {
	Oldest, Newest int64 // of its events, in microseconds
	Data           []byte
}

// BatchFrom is how many events make a batch; MaxBatch how many at most, as a
// page of a query unpacks a whole one.
const (
	BatchFrom = 32
	MaxBatch  = 1024
)

// ErrBatch says that the bytes are no batch, or a damaged one.
var ErrBatch = errors.New("a batch of events is damaged")

// deflaters are kept, as making one costs far more than using it.
var deflaters = sync.Pool{New: func() any {
	w, err := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// Pack makes a batch of at least one event.
func Pack(events []store.Event) Batch {
	b := Batch{Oldest: events[0].Time.UnixMicro(), Newest: events[0].Time.UnixMicro()}
	size := 0
	for _, e := range events {
		size += len(e.ID) + len(e.Data) + 3*binary.MaxVarintLen64
	}
	plain := make([]byte, 0, size)
	for _, e := range events {
		at := e.Time.UnixMicro()
		b.Oldest, b.Newest = min(b.Oldest, at), max(b.Newest, at)
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
	b.Data = packed.Bytes()
	return b
}

// Unpack calls each for every event of a batch. ErrBatch.
func Unpack(data []byte, each func(store.Event)) error {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return errors.Join(ErrBatch, err)
	}
	plain, err := io.ReadAll(r) // to its checksum
	if err != nil {
		return errors.Join(ErrBatch, err)
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
			return ErrBatch
		}
		plain = plain[size:]
		id, ok := text()
		data, ok2 := text()
		if !ok || !ok2 {
			return ErrBatch
		}
		each(store.Event{ID: string(id), Time: time.UnixMicro(at).UTC(), Data: data})
	}
	return nil
}

// NewestFirst is the order of a page of events.
func NewestFirst(a, b store.Event) int {
	return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.ID, a.ID))
}
