package iam

import "iamd/policy"

// Granted are the policies that bear on an entity by itself, ready to decide
// by. HasBoundary with an empty Boundary denies: the boundary is gone or
// unreadable.
type Granted struct {
	Identity    []policy.Attached
	Boundary    []policy.Attached
	HasBoundary bool
}

// AttachedType is what the simulator calls the policies of entities.
const AttachedType = "IAM Policy"

// UserGranted collects what bears on a user: its own policies and its groups',
// and its permissions boundary. The result is shared: it must not be changed.
func (a *Account) UserGranted(u *User) *Granted {
	return a.memo(u.ID, func() *Granted {
		g := new(Granted)
		a.collect(g, "user", u.Name, u.Grants)
		for _, id := range u.Groups {
			if group, ok := a.GroupByID(id); ok {
				a.collect(g, "group", group.Name, group.Grants)
			}
		}
		a.bound(g, u.Boundary)
		return g
	})
}

// RoleGranted collects a role's policies and its permissions boundary.
func (a *Account) RoleGranted(r *Role) *Granted {
	return a.memo(r.ID, func() *Granted {
		g := new(Granted)
		a.collect(g, "role", r.Name, r.Grants)
		a.bound(g, r.Boundary)
		return g
	})
}

// PolicyAttached gives a managed policy's version in force, ready to decide by.
func (a *Account) PolicyAttached(arn string) (policy.Attached, bool) {
	p, ok := a.Policy(arn)
	if !ok || p.Default() == nil {
		return policy.Attached{}, false
	}
	return policy.Attached{ID: p.ARN, Type: AttachedType, Policy: p.Default().Document.Compiled()}, true
}

func (a *Account) collect(g *Granted, kind, name string, grants Grants) {
	for _, in := range grants.Inline {
		g.Identity = append(g.Identity, policy.Attached{
			ID: kind + "_" + name + "_" + in.Name, Type: AttachedType, Policy: in.Document.Compiled(),
		})
	}
	for _, arn := range grants.Attached {
		p, ok := a.PolicyAttached(arn)
		if !ok {
			// Only AWS can take back what is attached; then nobody can say what it
			// denied, and what can't be read denies.
			p = policy.Attached{ID: arn, Type: AttachedType}
		}
		g.Identity = append(g.Identity, p)
	}
}

func (a *Account) bound(g *Granted, arn string) {
	if arn == "" {
		return
	}
	g.HasBoundary = true
	if p, ok := a.PolicyAttached(arn); ok {
		g.Boundary = append(g.Boundary, p)
	}
}

// memo remembers within one value of the account; a draft has no memory, as
// what it knows may still change.
func (a *Account) memo(id string, collect func() *Granted) *Granted {
	if a.granted == nil {
		return collect()
	}
	if g, ok := a.granted.Load(id); ok {
		return g.(*Granted)
	}
	g, _ := a.granted.LoadOrStore(id, collect())
	return g.(*Granted)
}
