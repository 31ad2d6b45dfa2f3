package iam

import (
	"slices"
	"strings"

	"iamd/policy"
)

// Entity names what policies are granted to, so that each rule about grants is
// written once for users, groups and roles.
type Entity struct {
	Kind EntityKind
	Name string
}

// Word is the kind as it stands in sentences: user, group, role.
func (e Entity) Word() string { return strings.ToLower(string(e.Kind)) }

// GrantsOf gives the policies of an entity, which must not be changed; a
// NoSuchEntity error says that the entity does not exist.
func (a *Account) GrantsOf(e Entity) (Grants, error) {
	switch e.Kind {
	case KindUser:
		u, err := a.User(e.Name)
		if err != nil {
			return Grants{}, err
		}
		return u.Grants, nil
	case KindGroup:
		g, err := a.Group(e.Name)
		if err != nil {
			return Grants{}, err
		}
		return g.Grants, nil
	default:
		r, err := a.Role(e.Name)
		if err != nil {
			return Grants{}, err
		}
		return r.Grants, nil
	}
}

// grant gives an entity other policies.
func (d *Draft) grant(e Entity, grants Grants) error {
	switch e.Kind {
	case KindUser:
		old, err := d.User(e.Name)
		if err != nil {
			return err
		}
		next := clone(old)
		next.Grants = grants
		d.putUser(old, next)
	case KindGroup:
		old, err := d.Group(e.Name)
		if err != nil {
			return err
		}
		next := clone(old)
		next.Grants = grants
		d.putGroup(old, next)
	default:
		old, err := d.ownRole(e.Name)
		if err != nil {
			return err
		}
		next := clone(old)
		next.Grants = grants
		d.putRole(old, next)
	}
	return nil
}

// inlineRoom is how many characters all inline policies of an entity may have
// together, white space not counted.
func (q *Quotas) inlineRoom(kind EntityKind) int {
	switch kind {
	case KindUser:
		return q.InlineUser
	case KindGroup:
		return q.InlineGroup
	default:
		return q.InlineRole
	}
}

// InlinePolicy finds an inline policy by its exact name.
func (a *Account) InlinePolicy(e Entity, name string) (*InlinePolicy, error) {
	g, err := a.GrantsOf(e)
	if err != nil {
		return nil, err
	}
	i, ok := g.find(name)
	if !ok {
		return nil, noInline(e, name)
	}
	return &g.Inline[i], nil
}

// PutInlinePolicy writes an inline policy; one of the same name is replaced.
func (d *Draft) PutInlinePolicy(e Entity, name, document string) error {
	g, err := d.GrantsOf(e)
	if err != nil {
		return err
	}
	if _, err := checkDocument(document, policy.Identity, false); err != nil {
		return err
	}
	document, size := weighed(document)
	for _, in := range g.Inline {
		if in.Name != name {
			_, more := weighed(in.Document.Text())
			size += more
		}
	}
	if room := d.env.Quotas.inlineRoom(e.Kind); size > room {
		return Errorf(CodeLimitExceeded, "Maximum policy size of %d bytes exceeded for %s %s", room, e.Word(), e.Name)
	}
	i, there := g.find(name)
	g.Inline = slices.Clone(g.Inline)
	in := InlinePolicy{Name: name, Document: NewDocument(document, nil)}
	if there {
		g.Inline[i] = in
	} else {
		g.Inline = slices.Insert(g.Inline, i, in)
	}
	return d.grant(e, g)
}

// DeleteInlinePolicy removes an inline policy.
func (d *Draft) DeleteInlinePolicy(e Entity, name string) error {
	g, err := d.GrantsOf(e)
	if err != nil {
		return err
	}
	if _, ok := g.find(name); !ok {
		return noInline(e, name)
	}
	g.Inline = without(g.Inline, func(in InlinePolicy) bool { return in.Name == name })
	return d.grant(e, g)
}

// find gives the place of an inline policy, or the place it would have.
func (g Grants) find(name string) (int, bool) {
	return slices.BinarySearchFunc(g.Inline, name, func(in InlinePolicy, name string) int {
		return strings.Compare(in.Name, name)
	})
}

func noInline(e Entity, name string) *Error {
	return Errorf(CodeNoSuchEntity, "The %s policy with name %s cannot be found.", e.Word(), name)
}
