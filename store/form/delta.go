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

// appendDelta appends what makes data of before, of which so many bytes are known to
// be the same. Both are JSON, in any form: where they differ, the next member that
// both have is where they may be the same again.
func appendDelta(dst, before, data []byte, same int) []byte {
	dst = append(dst, 0)
	n, steps, passed := 0, len(dst)-1, 0
	for n < maxSteps-1 && len(data) > 0 {
		same += common(before[same:], data[same:])
		before, data = before[same:], data[same:]
		added, pass := resync(before, data)
		dst = appendStep(dst, passed, same, data[:added])
		before, data, passed, same = before[pass:], data[added:], pass, 0
		n++
	}
	if len(data) > 0 || n == 0 {
		dst = appendStep(dst, passed, 0, data)
		n++
	}
	dst[steps] = byte(n) // an uvarint, as there are few
	return dst
}

func appendStep(dst []byte, passed, copied int, added []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(passed))
	dst = binary.AppendUvarint(dst, uint64(copied))
	dst = binary.AppendUvarint(dst, uint64(len(added)))
	return append(dst, added...)
}

// common is how many bytes two begin with alike.
func common(a, b []byte) int {
	n := 0
	const many = 64
	for len(a)-n >= many && len(b)-n >= many && string(a[n:n+many]) == string(b[n:n+many]) {
		n += many
	}
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
