package iam

import (
	"iter"
	"slices"
	"strings"
)

// AttachPolicy attaches a managed policy; one that is attached already stays
// so.
func (d *Draft) AttachPolicy(e Entity, arn string) error {
	g, err := d.GrantsOf(e)
	if err != nil {
		return err
	}
	if _, err := PolicyOwner(arn); err != nil {
		return err
	}
	p, ok := d.Policy(arn)
	if !ok {
		return Errorf(CodeNoSuchEntity, "Policy %s does not exist or is not attachable.", arn)
	}
	if !p.Attachable() {
		return Errorf(CodePolicyNotAttachable, "Cannot attach a Service Role Policy to a Customer %s.", e.Kind)
	}
	if slices.Contains(g.Attached, arn) {
		return nil
	}
	if name, limit := d.env.Quotas.attached(e.Kind); len(g.Attached) >= limit {
		return quota(name, limit)
	}
	g.Attached = append(slices.Clone(g.Attached), arn)
	return d.grant(e, g)
}

// DetachPolicy takes a managed policy away again.
func (d *Draft) DetachPolicy(e Entity, arn string) error {
	g, err := d.GrantsOf(e)
	if err != nil {
		return err
	}
	if _, err := PolicyOwner(arn); err != nil {
		return err
	}
	if !slices.Contains(g.Attached, arn) {
		return noPolicy(arn)
	}
	g.Attached = without(g.Attached, func(a string) bool { return a == arn })
	return d.grant(e, g)
}

// attached is the quota of managed policies on one entity, and AWS's name of
// it.
func (q *Quotas) attached(kind EntityKind) (name string, limit int) {
	switch kind {
	case KindUser:
		return "PoliciesPerUser", q.PoliciesPerUser
	case KindGroup:
		return "PoliciesPerGroup", q.PoliciesPerGroup
	default:
		return "PoliciesPerRole", q.PoliciesPerRole
	}
}

// AttachedPolicies gives the managed policies attached to an entity whose path
// begins with a prefix.
func (a *Account) AttachedPolicies(e Entity, pathPrefix string) ([]*Policy, error) {
	g, err := a.GrantsOf(e)
	if err != nil {
		return nil, err
	}
	var list []*Policy
	for _, arn := range g.Attached {
		p, ok := a.Policy(arn)
		if !ok {
			p = takenBack(arn)
		}
		if strings.HasPrefix(p.Path, pathPrefix) {
			list = append(list, p)
		}
	}
	return list, nil
}

// UseFilter narrows who uses a policy. Empty fields let everyone pass.
type UseFilter struct {
	Kind       EntityKind
	AsWhat     UseKind
	PathPrefix string // of the entity
}

// EntitiesAfter walks the entities that use a managed policy, each once,
// beginning after a key that it gave; "" begins at the first.
func (a *Account) EntitiesAfter(policyARN, key string, f UseFilter) iter.Seq2[string, Use] {
	walk := func(as UseKind) iter.Seq2[string, Use] { return a.usesAs(policyARN, as, key) }
	if f.AsWhat != "" {
		return a.narrow(walk(f.AsWhat), f)
	}
	return a.narrow(merge(walk(AsBoundary), walk(AsPermissions)), f)
}

// usesAs walks one kind of use of a policy; its keys are kind and name of the
// entities.
func (a *Account) usesAs(policyARN string, as UseKind, key string) iter.Seq2[string, Use] {
	prefix := string(as) + "\x00"
	return func(yield func(string, Use) bool) {
		for k, use := range a.UsesAfter(policyARN, prefix+key) {
			rest, in := strings.CutPrefix(k, prefix)
			if !in || !yield(rest, use) {
				return
			}
		}
	}
}

func (a *Account) narrow(walk iter.Seq2[string, Use], f UseFilter) iter.Seq2[string, Use] {
	return func(yield func(string, Use) bool) {
		for k, use := range walk {
			if f.Kind != "" && use.Kind != f.Kind || !strings.HasPrefix(a.pathOf(use), f.PathPrefix) {
				continue
			}
			if !yield(k, use) {
				return
			}
		}
	}
}

// merge is two ordered walks as one; of equal keys it gives the left one's.
func merge[V any](left, right iter.Seq2[string, V]) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		next, stop := iter.Pull2(right)
		defer stop()
		rk, rv, more := next()
		for lk, lv := range left {
			for more && rk < lk {
				if !yield(rk, rv) {
					return
				}
				rk, rv, more = next()
			}
			if more && rk == lk {
				rk, rv, more = next()
			}
			if !yield(lk, lv) {
				return
			}
		}
		for more && yield(rk, rv) {
			rk, rv, more = next()
		}
	}
}

func (a *Account) pathOf(use Use) string {
	switch use.Kind {
	case KindUser:
		if u, ok := a.UserByID(use.ID); ok {
			return u.Path
		}
	case KindGroup:
		if g, ok := a.GroupByID(use.ID); ok {
			return g.Path
		}
	case KindRole:
		if r, ok := a.RoleByID(use.ID); ok {
			return r.Path
		}
	}
	return ""
}
