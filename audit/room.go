package audit

import (
	"sync"

	"iamd/store"
)

// limits bound what may wait to be written.
type limits struct{ items, bytes int }

// tenant is whom a trace is of: an account, by its aggregate, and one of its
// principals.
type tenant struct{ aggregate, principal string }

// room holds the traces that wait, and bounds how much of it may be whose, so that
// nobody hides behind a flood of their own: no account may hold more than it leaves to
// all others, and no principal more than it leaves of its account's share to the
// account's others. However many flood it, they come to hold equal parts and leave
// as much as one of these; whoever comes next may take half of that. What is taken to
// be written counts until it is.
type room struct {
	all, share limits // share: the most that an account may hold

	mu      sync.Mutex
	traces  []store.Trace // that were not taken yet
	held    limits
	tenants map[tenant]limits // of an account as a whole under no principal
}

func newRoom(all, share limits) *room {
	return &room{all: all, share: share, tenants: map[tenant]limits{}}
}

// enter takes a trace, unless there is no room for it.
func (r *room) enter(t store.Trace) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := tenantOf(&t)
	account, own, ok := r.fits(of, len(t.Data))
	if !ok {
		return false
	}
	r.held = r.held.plus(1, len(t.Data))
	if r.tenants[tenant{aggregate: of.aggregate}] = account; of.principal != "" {
		r.tenants[of] = own
	}
	r.traces = append(r.traces, t)
	return true
}

func tenantOf(t *store.Trace) tenant { return tenant{t.Aggregate, t.Principal} }

// take appends to list what waits.
func (r *room) take(list []store.Trace) []store.Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	list = append(list, r.traces...)
	clear(r.traces)
	r.traces = r.traces[:0]
	return list
}

// full tells whether not even an empty trace would find room.
func (r *room) full(t tenant) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _, ok := r.fits(t, 0)
	return !ok
}

// fits tells whether there is room for one trace, and what the account and the tenant
// would hold with it.
func (r *room) fits(t tenant, bytes int) (account, own limits, ok bool) {
	account = r.tenants[tenant{aggregate: t.aggregate}].plus(1, bytes)
	if own = account; t.principal != "" {
		own = r.tenants[t].plus(1, bytes)
	}
	left, share := r.all.less(r.held.plus(1, bytes)), r.share.less(account)
	return account, own, account.within(left) && own.within(share)
}

// leave gives back what traces took that were written.
func (r *room) leave(written []store.Trace) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range written {
		of, bytes := tenantOf(&written[i]), len(written[i].Data)
		r.held = r.held.plus(-1, -bytes)
		if r.give(tenant{aggregate: of.aggregate}, bytes); of.principal != "" {
			r.give(of, bytes)
		}
	}
}

func (r *room) give(t tenant, bytes int) {
	own := r.tenants[t].plus(-1, -bytes)
	if own.items == 0 {
		delete(r.tenants, t)
		return
	}
	r.tenants[t] = own
}

// waiting tells what waits.
func (r *room) waiting() limits {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

func (l limits) plus(items, bytes int) limits { return limits{l.items + items, l.bytes + bytes} }

func (l limits) less(m limits) limits { return l.plus(-m.items, -m.bytes) }

func (l limits) within(most limits) bool { return l.items <= most.items && l.bytes <= most.bytes }
