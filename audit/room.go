package audit

import "sync"

// limits bound what may wait to be written.
type limits struct{ items, bytes int }

// tenant is whom an item is of: an account and, where they share its part, one
// of its principals.
type tenant struct{ account, principal string }

// room bounds what waits, and how much of it may be whose, so that nobody hides
// behind a flood of their own: no account may hold more than it leaves to all
// others, and no principal more than it leaves of its account's share to the
// account's others. However many flood it, they come to hold equal parts and leave
// as much as one of these; whoever comes next may take half of that.
type room struct {
	all, share limits // share: the most that an account may hold

	mu      sync.Mutex
	held    limits
	tenants map[tenant]limits // of an account as a whole under no principal
}

func newRoom(all, share limits) *room {
	return &room{all: all, share: share, tenants: map[tenant]limits{}}
}

// enter takes room for one item, unless there is none.
func (r *room) enter(t tenant, bytes int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	account, own, ok := r.fits(t, bytes)
	if !ok {
		return false
	}
	r.held = r.held.plus(1, bytes)
	if r.tenants[tenant{account: t.account}] = account; t.principal != "" {
		r.tenants[t] = own
	}
	return true
}

// full tells whether not even an empty item would find room.
func (r *room) full(t tenant) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _, ok := r.fits(t, 0)
	return !ok
}

// fits tells whether there is room for one item, and what the account and the tenant
// would hold with it.
func (r *room) fits(t tenant, bytes int) (account, own limits, ok bool) {
	account = r.tenants[tenant{account: t.account}].plus(1, bytes)
	if own = account; t.principal != "" {
		own = r.tenants[t].plus(1, bytes)
	}
	left, share := r.all.less(r.held.plus(1, bytes)), r.share.less(account)
	return account, own, account.within(left) && own.within(share)
}

// leave gives back what so many items of one tenant took.
func (r *room) leave(t tenant, items, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = r.held.plus(-items, -bytes)
	if r.give(tenant{account: t.account}, items, bytes); t.principal != "" {
		r.give(t, items, bytes)
	}
}

func (r *room) give(t tenant, items, bytes int) {
	own := r.tenants[t].plus(-items, -bytes)
	if own.items == 0 {
		delete(r.tenants, t)
		return
	}
	r.tenants[t] = own
}

func (l limits) plus(items, bytes int) limits { return limits{l.items + items, l.bytes + bytes} }

func (l limits) less(m limits) limits { return l.plus(-m.items, -m.bytes) }

func (l limits) within(most limits) bool { return l.items <= most.items && l.bytes <= most.bytes }
