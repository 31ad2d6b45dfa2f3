package audit

import (
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
	u, err := r.usage(ctx, account)
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
