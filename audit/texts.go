package audit

// Sizes of the memory that the texts of events are kept in.
const (
	chunk    = 64 << 10
	maxSpare = 64 // chunks
)

// texts keeps the texts of events, one behind the other, in memory that serves again
// once they are stored: there is one for every call.
type texts struct {
	held  [][]byte // the last of it has room perhaps
	spare [][]byte // empty
}

// keep copies a text.
func (t *texts) keep(text []byte) []byte {
	if len(text) > chunk/2 {
		return append([]byte(nil), text...)
	}
	last := len(t.held) - 1
	if last < 0 || cap(t.held[last])-len(t.held[last]) < len(text) {
		var room []byte
		if n := len(t.spare); n > 0 {
			room, t.spare = t.spare[n-1][:0], t.spare[:n-1]
		} else {
			room = make([]byte, 0, chunk)
		}
		t.held = append(t.held, room)
		last++
	}
	start := len(t.held[last])
	t.held[last] = append(t.held[last], text...)
	return t.held[last][start:len(t.held[last]):len(t.held[last])]
}

// reuse takes the memory of texts that nobody looks at any more.
func (t *texts) reuse(held [][]byte) {
	t.spare = append(t.spare, held[:min(len(held), maxSpare-len(t.spare))]...)
}
