package audit

import (
	"sync"

	"iamd/store"
)

// piles are the events that wait to be written, by account, as the store takes them:
// so nothing is done for a single event but to lay it there. Whoever adds wakes
// nobody until a batch is there: to wake a goroutine for each call would cost as much
// as the call's event does.
//
// No account may hold more than it leaves to all others, so that nobody's events are
// lost for another's flood. What waits counts until it is stored.
type piles struct {
	prefix string        // of the accounts' aggregates
	most   limits        // of all together
	full   chan struct{} // of room for one: a batch, or more, is there

	mu    sync.Mutex
	of    map[string]*pile // account → pile
	held  limits
	added int // events that were not taken yet
	texts texts
}

// pile is one account's.
type pile struct {
	aggregate    string
	bytes        int           // of all its events
	added, taken []store.Event // taken: by who writes, and not stored yet
	takenBytes   int
}

func newPiles(prefix string, most limits) *piles {
	return &piles{prefix: prefix, most: most, full: make(chan struct{}, 1), of: map[string]*pile{}}
}

// add lays an event to an account's, unless there is no room. Its data are text, of
// which it keeps a copy.
func (p *piles) add(account string, e store.Event, text []byte) bool {
	p.mu.Lock()
	own, mine := p.of[account], limits{}
	if own != nil {
		mine = limits{len(own.added) + len(own.taken), own.bytes}
	}
	held := p.held.plus(1, len(text))
	if !mine.plus(1, len(text)).within(p.most.less(held)) {
		p.mu.Unlock()
		return false
	}
	if own == nil {
		own = &pile{aggregate: p.prefix + account}
		p.of[account] = own
	}
	e.Data = p.texts.keep(text)
	own.added = append(own.added, e)
	own.bytes += len(text)
	p.held = held
	p.added++
	ready := p.added%batch == 0
	p.mu.Unlock()
	if ready {
		select {
		case p.full <- struct{}{}:
		default: // it is known
		}
	}
	return true
}

// take gives to what is to be written all that waits, and what was taken before and
// not stored, and gives the memory of the new texts; or none if it was in vain before,
// as then that memory serves for nobody else, and must be filled. The lists stay as they
// are until they are stored. Of accounts that had nothing to write since the last time
// nothing stays.
func (p *piles) take(to map[string][]store.Event, inVain bool) [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	for account, own := range p.of {
		if len(own.added)+len(own.taken) == 0 {
			delete(p.of, account)
			continue
		}
		if len(own.taken) == 0 {
			own.taken, own.added = own.added, own.taken
		} else {
			own.taken = append(own.taken, own.added...)
			clear(own.added)
			own.added = own.added[:0]
		}
		own.takenBytes = own.bytes
		to[own.aggregate] = own.taken
	}
	p.added = 0
	if inVain {
		return nil
	}
	held := p.texts.held
	p.texts.held = nil
	return held
}

// stored gives back the room of what was taken. If nobody else may look at it, as
// one may who was asked to store it in vain, its memory serves for others, and that
// of its texts.
func (p *piles) stored(texts [][]byte, again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, own := range p.of {
		if len(own.taken) == 0 {
			continue
		}
		p.held = p.held.plus(-len(own.taken), -own.takenBytes)
		own.bytes, own.takenBytes = own.bytes-own.takenBytes, 0
		if !again || cap(own.taken) > 4*len(own.taken)+16 { // or a flood's memory is kept for a few
			own.taken = nil
			continue
		}
		clear(own.taken)
		own.taken = own.taken[:0]
	}
	if again {
		p.texts.reuse(texts)
	} else {
		p.texts.held = nil
	}
}

// waiting tells what waits.
func (p *piles) waiting() limits {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}
