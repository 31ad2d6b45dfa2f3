package audit

import "strings"

// few is how much last-used data of an account is never looked through.
const few = 64

// bury forgets last-used data of keys, users and roles that are no more, once an
// account has twice as much of it as was left the last time: so who makes and deletes
// users without end makes no memory grow, and mostly nothing is looked through.
func (r *Recorder) bury(account string, u *usage) {
	if r.cfg.Living == nil || !u.grown() {
		return
	}
	if living := r.cfg.Living(account); living != nil {
		u.bury(living)
	}
}

func (u *usage) grown() bool {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return len(u.last) > 2*u.kept+few
}

// bury removes what is of nobody living, here and, with the next write, in the store.
// When an account's people last tried a service is told of the dead too: together, as
// of an entity without an id.
func (u *usage) bury(living func(id string) bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for k, use := range u.last {
		id, service, _ := strings.Cut(k.key, "/")
		if id == "" || living(id) {
			continue
		}
		delete(u.last, k)
		u.dirty[k] = true
		if k.kind != softService {
			continue
		}
		k.key = "/" + service
		if all, ok := u.last[k]; !ok || all.Time.Before(use.Time) {
			u.last[k], u.dirty[k] = use, true
		}
	}
	u.kept = len(u.last)
}
