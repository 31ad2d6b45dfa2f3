package form

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"sync"
	"time"

	"iamd/store"
)

// Batch is many appended events in one row: calls that only read make one
// event each, and a row for each would cost more than the call. Committed
// events, and appended ones that come few at a time, are rows of their own.
//
// Its form: a byte that says 2, the UUIDs of all events after their number (uvarint)
// and 16 bytes each, then a deflated stream, then the CRC-32 of all that. In the
// stream is, for each event, the time in microseconds since the event before it
// (varint), how its id and data stand there (uvarint: the length of the id, and two
// bits), the id unless it is a UUID, and the data without its UUIDs (ids.go) as what
// changed since the event before it (delta.go). The form before it was zlib from the
// first byte on, with whole times and the data as the id.
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

// Share is how many of so many events, BatchFrom or more, the next batch is of: as
// many as those after it, so that none is left to be a row of its own.
func Share(events int) int {
	batches := (events + MaxBatch - 1) / MaxBatch
	return (events + batches - 1) / batches
}

// ErrBatch says that the bytes are no batch, or a damaged one.
var ErrBatch = errors.New("a batch of events is damaged")

// The first byte of a batch.
const (
	whole   = 0x78 // zlib's own
	changes = 2
)

// The two bits beside the length of an event's id.
const (
	idOutside = 1 // the id is a UUID, and not in the stream
	asItIs    = 2 // the data has its UUIDs
	idLength  = 2 // where the length begins
)

// packer is the memory of Pack.
type packer struct {
	ids, plain   []byte
	text, before []byte // of this event and the one before it, without UUIDs
	deflated     bytes.Buffer
	deflater     *flate.Writer
}

// packers are kept, as making one costs far more than using it.
var packers = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &packer{deflater: w}
}}

// Pack makes a batch of at least one event.
func Pack(events []store.Event) Batch {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	b := Batch{Oldest: events[0].Time.UnixMicro(), Newest: events[0].Time.UnixMicro()}
	p.ids, p.plain, p.before = p.ids[:0], p.plain[:0], p.before[:0]
	last := int64(0)
	for _, e := range events {
		at := e.Time.UnixMicro()
		b.Oldest, b.Newest = min(b.Oldest, at), max(b.Newest, at)
		p.plain, last = binary.AppendVarint(p.plain, at-last), at
		p.event(e)
	}
	p.deflated.Reset()
	p.deflater.Reset(&p.deflated)
	// A bytes.Buffer takes every write.
	_, _ = p.deflater.Write(p.plain)
	_ = p.deflater.Close()
	b.Data = make([]byte, 0, 1+binary.MaxVarintLen32+len(p.ids)+p.deflated.Len()+crc32.Size)
	b.Data = binary.AppendUvarint(append(b.Data, changes), uint64(len(p.ids)/idSize))
	b.Data = append(append(b.Data, p.ids...), p.deflated.Bytes()...)
	b.Data = binary.LittleEndian.AppendUint32(b.Data, crc32.ChecksumIEEE(b.Data))
	if max(cap(p.plain), cap(p.text), cap(p.before), p.deflated.Cap()) > maxKept {
		*p = packer{deflater: p.deflater}
	}
	return b
}

// maxKept is how many bytes of memory of one kind a packer keeps.
const maxKept = 1 << 20

// event appends an event's id and data.
func (p *packer) event(e store.Event) {
	head := uint64(len(e.ID)) << idLength
	own, outside := readID(e.ID)
	if outside {
		head = idOutside
		p.ids = append(p.ids, own[:]...)
	}
	// In the event before it no UUID is left, so that none ends in what both begin with.
	same := max(common(p.before, e.Data)-idText, 0)
	var ok bool
	if p.text, p.ids, ok = withoutIDs(p.text[:0], p.ids, e.Data, same, e.ID, outside); !ok {
		head |= asItIs
		p.text = append(p.text[:0], e.Data...)
	}
	p.plain = binary.AppendUvarint(p.plain, head)
	if !outside {
		p.plain = append(p.plain, e.ID...)
	}
	p.plain = appendDelta(p.plain, p.before, p.text, same)
	p.text, p.before = p.before, p.text
}

// Unpack calls each for every event of a batch. ErrBatch.
func Unpack(data []byte, each func(store.Event)) error {
	if len(data) == 0 {
		return ErrBatch
	}
	switch data[0] {
	case whole:
		return unpackWhole(data, each)
	case changes:
		return unpack(data, each)
	}
	return ErrBatch
}

func unpack(data []byte, each func(store.Event)) error {
	end := len(data) - crc32.Size
	if end < 1 || binary.LittleEndian.Uint32(data[end:]) != crc32.ChecksumIEEE(data[:end]) {
		return ErrBatch
	}
	n, size := binary.Uvarint(data[1:end])
	data = data[1:end]
	if size <= 0 || n > uint64(len(data)-size)/idSize {
		return ErrBatch
	}
	ids, packed := data[size:size+int(n)*idSize], data[size+int(n)*idSize:]
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return errors.Join(ErrBatch, err)
	}
	var before []byte
	last := int64(0)
	for len(plain) > 0 {
		since, size := binary.Varint(plain)
		if size <= 0 {
			return ErrBatch
		}
		plain, last = plain[size:], last+since
		head, size := binary.Uvarint(plain)
		if size <= 0 {
			return ErrBatch
		}
		plain = plain[size:]
		e := store.Event{Time: time.UnixMicro(last).UTC()}
		if head&idOutside != 0 {
			if len(ids) < idSize {
				return ErrBatch
			}
			e.ID, ids = string(appendID(nil, ids[:idSize])), ids[idSize:]
		} else {
			length := head >> idLength
			if length > uint64(len(plain)) {
				return ErrBatch
			}
			e.ID, plain = string(plain[:length]), plain[length:]
		}
		var ok bool
		if before, plain, ok = cutDelta(before, plain); !ok {
			return ErrBatch
		}
		if head&asItIs != 0 {
			e.Data = slices.Clone(before)
		} else if e.Data, ids, ok = withIDs(before, ids, e.ID); !ok {
			return ErrBatch
		}
		each(e)
	}
	return nil
}

// unpackWhole reads the form that was before.
func unpackWhole(data []byte, each func(store.Event)) error {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return errors.Join(ErrBatch, err)
	}
	plain, err := io.ReadAll(r) // to its checksum
	if err != nil {
		return errors.Join(ErrBatch, err)
	}
	for len(plain) > 0 {
		at, size := binary.Varint(plain)
		if size <= 0 {
			return ErrBatch
		}
		id, rest, ok := cutText(plain[size:])
		if !ok {
			return ErrBatch
		}
		var text []byte
		if text, plain, ok = cutText(rest); !ok {
			return ErrBatch
		}
		each(store.Event{ID: string(id), Time: time.UnixMicro(at).UTC(), Data: text})
	}
	return nil
}

// cutText cuts off what follows its own length.
func cutText(b []byte) (text, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	return b[size : size+int(n)], b[size+int(n):], true
}

// NewestFirst is the order of a page of events.
func NewestFirst(a, b store.Event) int {
	return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.ID, a.ID))
}
