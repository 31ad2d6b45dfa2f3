package audit

import (
	"cmp"
	"context"
	"strings"
)

// Access is the last time that a user or role tried a service, or one of its
// actions.
type Access struct {
	EntityID string // unique id
	Service  string // prefix
	Action   string // empty: the service as a whole
	Use
}

// Accesses lists what the entities of an account that of admits have tried, in
// no order.
func (r *Recorder) Accesses(ctx context.Context, account string, of func(entityID string) bool) ([]Access, error) {
	u, err := r.met(ctx, account)
	if err != nil {
		return nil, err
	}
	u.mu.RLock()
	defer u.mu.RUnlock()
	var list []Access
	for k, use := range u.last {
		if k.kind != softService && k.kind != softAction {
			continue
		}
		entity, what, ok := strings.Cut(k.key, "/")
		if !ok || !of(entity) {
			continue
		}
		service, action, _ := strings.Cut(what, ":")
		list = append(list, Access{EntityID: entity, Service: service, Action: action, Use: use})
	}
	return list, nil
}

// Services tells of each service, by its prefix, when an account's users, roles
// and root user last tried it. Unlike the other reads it leaves nothing in memory,
// so that a thousand accounts can be asked one after the other.
func (r *Recorder) Services(ctx context.Context, account string) (map[string]Use, error) {
	last := map[string]Use{}
	add := func(k usageKey, use Use) {
		if k.kind != softService {
			return
		}
		_, service, _ := strings.Cut(k.key, "/")
		old, ok := last[service]
		if !ok || cmp.Or(use.Time.Compare(old.Time), strings.Compare(old.By, use.By)) > 0 {
			last[service] = use
		}
	}
	if _, ok := r.usages.Load(account); ok {
		u, err := r.met(ctx, account)
		if err != nil {
			return nil, err
		}
		u.mu.RLock()
		defer u.mu.RUnlock()
		for k, use := range u.last {
			add(k, use)
		}
		return last, nil
	}
	return last, r.saved(ctx, account, add)
}
