package audit

import "sync"

// limits bound what may wait to be written.
type limits struct{ items, bytes int }

// room bounds what waits: in all, and how much of it may be one account's, so
// that nobody hides behind a flood of their own.
type room struct {
	all, share limits

	mu       sync.Mutex
	held     limits
	accounts map[string]limits
}

func newRoom(all, share limits) *room {
	return &room{all: all, share: share, accounts: map[string]limits{}}
}

// enter takes room for one item of an account, unless there is none.
func (r *room) enter(account string, bytes int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.accounts[account].plus(1, bytes)
	held := r.held.plus(1, bytes)
	if !held.within(r.all) || !own.within(r.share) {
		return false
	}
	r.held, r.accounts[account] = held, own
	return true
}

// full tells whether not even an empty item of an account would find room.
func (r *room) full(account string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.held.plus(1, 0).within(r.all) || !r.accounts[account].plus(1, 0).within(r.share)
}

// leave gives it back.
func (r *room) leave(account string, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = r.held.plus(-1, -bytes)
	own := r.accounts[account].plus(-1, -bytes)
	if own.items == 0 {
		delete(r.accounts, account)
		return
	}
	r.accounts[account] = own
}

func (l limits) plus(items, bytes int) limits { return limits{l.items + items, l.bytes + bytes} }

func (l limits) within(most limits) bool { return l.items <= most.items && l.bytes <= most.bytes }
