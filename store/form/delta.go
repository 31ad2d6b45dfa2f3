package form

import (
	"bytes"
	"encoding/binary"
)

// What an event says is mostly what the one before it said: the same caller, the
// same action. A delta is a number of steps, at least one, and for each: how many
// bytes are passed over in the event before, how many are copied from there, and
// bytes that are new, after their length (all uvarint). Finding the new ones costs a
// tenth of what compressing all of them does.

const (
	maxSteps = 64      // of one delta; what is left then is new
	maxLook  = 4 << 10 // bytes in which a member is looked for
)

// appendDelta appends what makes data of before. Both are JSON, in any form: where
// they differ, the next member that both have is where they may be the same again.
func appendDelta(dst, before, data []byte) []byte {
	var steps [maxSteps]struct{ passed, copied, added int }
	n, passed, from := 0, 0, data
	for n < maxSteps-1 && len(from) > 0 {
		same := common(before, from)
		before, from = before[same:], from[same:]
		added, pass := resync(before, from)
		steps[n] = struct{ passed, copied, added int }{passed, same, added}
		before, from, passed = before[pass:], from[added:], pass
		n++
	}
	if len(from) > 0 || n == 0 {
		steps[n] = struct{ passed, copied, added int }{passed, 0, len(from)}
		n++
	}
	dst = binary.AppendUvarint(dst, uint64(n))
	for _, s := range steps[:n] {
		dst = binary.AppendUvarint(dst, uint64(s.passed))
		dst = binary.AppendUvarint(dst, uint64(s.copied))
		dst = binary.AppendUvarint(dst, uint64(s.added))
		dst = append(dst, data[s.copied:s.copied+s.added]...)
		data = data[s.copied+s.added:]
	}
	return dst
}

// common is how many bytes two begin with alike.
func common(a, b []byte) int {
	n := 0
	for ; len(a)-n >= 8 && len(b)-n >= 8; n += 8 {
		if binary.LittleEndian.Uint64(a[n:]) != binary.LittleEndian.Uint64(b[n:]) {
			break
		}
	}
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// resync is how many bytes of data are new before the next member that before has
// too, and how many of before's are passed over to get there.
func resync(before, data []byte) (added, passed int) {
	before = before[:min(len(before), maxLook)]
	for tries := 0; tries < 4; tries++ {
		next := bytes.Index(data[min(added+1, len(data)):], []byte(`,"`))
		if next < 0 {
			break
		}
		added += 1 + next
		name := bytes.IndexByte(data[added:], ':')
		if name < 0 {
			break
		}
		if passed = bytes.Index(before, data[added:added+name+1]); passed >= 0 {
			return added, passed
		}
	}
	return len(data), 0
}

// cutDelta undoes appendDelta.
func cutDelta(before, delta []byte) (data, rest []byte, ok bool) {
	number := func() (n int, ok bool) {
		v, size := binary.Uvarint(delta)
		if size <= 0 || v > 1<<30 {
			return 0, false
		}
		delta = delta[size:]
		return int(v), true
	}
	steps, ok := number()
	if !ok || steps > maxSteps {
		return nil, nil, false
	}
	for range steps {
		passed, ok1 := number()
		copied, ok2 := number()
		if !ok1 || !ok2 || passed > len(before) || copied > len(before)-passed {
			return nil, nil, false
		}
		data = append(data, before[passed:passed+copied]...)
		before = before[passed+copied:]
		added, more, ok := cutText(delta)
		if !ok {
			return nil, nil, false
		}
		data, delta = append(data, added...), more
	}
	return data, delta, true
}
