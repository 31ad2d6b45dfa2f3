package audit

import "sync"

// list is what was queued and not taken yet. Whoever adds wakes nobody until a
// batch is there: to wake a goroutine for each call would cost as much as the call's
// event does.
type list struct {
	mu    sync.Mutex
	items []queued
	texts texts
	full  chan struct{} // of room for one: a batch, or more, is there
}

// add queues q; of an event it keeps a copy of data.
func (l *list) add(q queued, data []byte) {
	l.mu.Lock()
	if q.trace == nil {
		q.event.Data = l.texts.keep(data)
	}
	l.items = append(l.items, q)
	n := len(l.items)
	l.mu.Unlock()
	if n%batch == 0 {
		select {
		case l.full <- struct{}{}:
		default: // it is known
		}
	}
}

// take gives what is there and the memory of its texts, and goes on with the memory
// of an empty list.
func (l *list) take(empty []queued) ([]queued, [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken, held := l.items, l.texts.held
	l.items, l.texts.held = empty, nil
	return taken, held
}

// reuse takes the memory of texts that nobody looks at any more.
func (l *list) reuse(held [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts.spare = append(l.texts.spare, held[:min(len(held), maxSpare-len(l.texts.spare))]...)
}

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
