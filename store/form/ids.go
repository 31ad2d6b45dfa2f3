package form

import (
	"bytes"
	"encoding/hex"
)

// UUIDs are most of what is new in an event, and chance: they are kept beside the
// stream, in 16 bytes, as compressing them costs much and gains nothing. In the data
// a byte stands for each that JSON has nowhere.

const (
	ownID = 0 // stands for the event's own
	oneID = 1 // stands for the next of those that are kept
)

const (
	idSize = 16
	idText = 36 // as they are written
)

// dashes are where a UUID has its own.
var dashes = [...]int{8, 13, 18, 23}

// nibble is a lower-case hexadecimal digit's value, and 255 for every other byte.
var nibble = func() (values [256]byte) {
	for c := range values {
		values[c] = 255
	}
	for n, c := range []byte("0123456789abcdef") {
		values[c] = byte(n)
	}
	return values
}()

// readID reads a UUID in lower case, as iamd writes them.
func readID[T string | []byte](s T) (id [idSize]byte, ok bool) {
	if len(s) != idText {
		return id, false
	}
	for _, i := range dashes {
		if s[i] != '-' {
			return id, false
		}
	}
	wrong, at := byte(0), 0
	for i := range id {
		if s[at] == '-' {
			at++
		}
		high, low := nibble[s[at]], nibble[s[at+1]]
		id[i], wrong, at = high<<4|low&15, wrong|high|low, at+2
	}
	return id, wrong < 16
}

// appendID appends what readID reads.
func appendID(dst, id []byte) []byte {
	for i, from := range [...]int{0, 4, 6, 8, 10} {
		to := [...]int{4, 6, 8, 10, 16}[i]
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, id[from:to])
	}
	return dst
}

// withoutIDs appends data to dst, and its UUIDs, for which a byte stands, to ids; the
// event's own, if its id is one, is there already. The first bytes of data, so many,
// stay as they are. It says no, and keeps ids, when data has such bytes of its own.
func withoutIDs(dst, ids, data []byte, first int, own string, isID bool) (text, more []byte, ok bool) {
	if bytes.IndexByte(data, ownID) >= 0 || bytes.IndexByte(data, oneID) >= 0 {
		return dst, ids, false
	}
	more = ids
	from := 0 // of what is not appended yet
	for at := first; ; {
		dash := bytes.IndexByte(data[at:], '-')
		if dash < 0 {
			return append(dst, data[from:]...), more, true
		}
		at += dash + 1
		start := at - 1 - dashes[0]
		if start < max(from, first) || start+idText > len(data) {
			continue
		}
		text := data[start : start+idText]
		if isID && string(text) == own {
			dst = append(append(dst, data[from:start]...), ownID)
		} else if id, ok := readID(text); ok {
			dst, more = append(append(dst, data[from:start]...), oneID), append(more, id[:]...)
		} else {
			continue
		}
		at = start + idText
		from = at
	}
}

// withIDs undoes withoutIDs, in memory of its own; what is left of ids is the rest.
func withIDs(text, ids []byte, own string) (data, rest []byte, ok bool) {
	n := len(text)
	if count := bytes.Count(text, []byte{ownID}); count > 0 {
		n += count * len(own)
	}
	n += bytes.Count(text, []byte{oneID}) * idText
	data = make([]byte, 0, n)
	for {
		at := bytes.IndexAny(text, "\x00\x01")
		if at < 0 {
			return append(data, text...), ids, true
		}
		data = append(data, text[:at]...)
		if text[at] == ownID {
			data = append(data, own...)
		} else {
			if len(ids) < idSize {
				return nil, nil, false
			}
			data, ids = appendID(data, ids[:idSize]), ids[idSize:]
		}
		text = text[at+1:]
	}
}
