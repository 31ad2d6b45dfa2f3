package iam

import (
	"errors"
	"strings"
)

// Access is what service last accessed details are about: the users and roles
// whose use counts, and the documents whose statements open services.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
type Access struct {
	Entities  []Accessor
	Documents []*Document
}

// Accessor is a user or role.
type Accessor struct{ ID, ARN string }

// ParseEntityARN reads the ARN of a user, group or role: whose it is, and in
// which account. It does not say that there is one.
func ParseEntityARN(arn string) (e Entity, account string, err error) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) == 6 && part[0] == "arn" && part[1] == "aws" && part[2] == "iam" && part[3] == "" && isAccountID(part[4]) {
		kind, _, _ := strings.Cut(part[5], "/")
		e.Name = part[5][strings.LastIndexByte(part[5], '/')+1:]
		for _, e.Kind = range []EntityKind{KindUser, KindGroup, KindRole} {
			if e.Name != "" && kind == e.Word() && kind != part[5] {
				return e, part[4], nil
			}
		}
	}
	return Entity{}, "", Errorf(CodeInvalidInput, "Invalid Entity Arn: %s does not clearly define entity type and name.", arn)
}

// GroupByARN finds the group that has this ARN now.
func (a *Account) GroupByARN(arn string) (*Group, bool) {
	g, ok := a.groups.Get(fold(arn[strings.LastIndexByte(arn, '/')+1:]))
	if !ok || a.GroupARN(g) != arn {
		return nil, false
	}
	return g, true
}

// ParseAccessARN reads the ARN of a user, group or role that a report may be
// about. As AWS does, it takes any path.
func ParseAccessARN(arn string) (e Entity, account string, err error) {
	var refused *Error
	if e, account, err = ParseGrantedARN(arn); errors.As(err, &refused) && refused.Code == CodeInvalidInput {
		err = Errorf(CodeInvalidInput, "Invalid Entity Arn: %s is not supported.", arn)
	}
	return e, account, err
}

func noARN(arn string) *Error { return Errorf(CodeNoSuchEntity, "ARN %s does not exist.", arn) }

// Access collects what a report about a user, group, role or managed policy
// looks at. Permissions boundaries have no part in it.
func (a *Account) Access(arn string) (*Access, error) {
	if NamesPolicy(arn) {
		return a.policyAccess(arn)
	}
	e, owner, err := ParseAccessARN(arn)
	if err != nil {
		return nil, err
	}
	if _, err := a.GrantsOf(e); err != nil || owner != a.ID {
		return nil, noARN(arn)
	}
	out := new(Access)
	switch e.Kind {
	case KindUser:
		u, err := a.User(e.Name)
		if err != nil {
			return nil, err
		}
		out.Entities = []Accessor{{u.ID, a.UserARN(u)}}
		out.Documents = a.documents(u.Grants)
		for _, id := range u.Groups {
			if g, ok := a.GroupByID(id); ok {
				out.Documents = append(out.Documents, a.documents(g.Grants)...)
			}
		}
	case KindGroup:
		g, err := a.Group(e.Name)
		if err != nil {
			return nil, err
		}
		out.Documents = a.documents(g.Grants)
		for _, u := range a.MembersAfter(g, "") {
			out.Entities = append(out.Entities, Accessor{u.ID, a.UserARN(u)})
		}
	default:
		r, err := a.Role(e.Name)
		if err != nil {
			return nil, err
		}
		out.Entities = []Accessor{{r.ID, a.RoleARN(r)}}
		out.Documents = a.documents(r.Grants)
	}
	return out, nil
}

// policyAccess finds everyone who has a policy, by a group too.
func (a *Account) policyAccess(arn string) (*Access, error) {
	if _, err := PolicyOwner(arn); err != nil {
		return nil, err
	}
	p, ok := a.Policy(arn)
	if !ok {
		return nil, noARN(arn)
	}
	out := new(Access)
	if v := p.Default(); v != nil {
		out.Documents = []*Document{v.Document}
	}
	seen := map[string]bool{}
	add := func(id, arn string) {
		if !seen[id] {
			seen[id] = true
			out.Entities = append(out.Entities, Accessor{id, arn})
		}
	}
	for _, use := range a.UsesAfter(arn, "") {
		if use.AsWhat != AsPermissions {
			continue
		}
		if u, ok := a.UserByID(use.ID); ok {
			add(u.ID, a.UserARN(u))
		}
		if r, ok := a.RoleByID(use.ID); ok {
			add(r.ID, a.RoleARN(r))
		}
		if g, ok := a.GroupByID(use.ID); ok {
			for _, u := range a.MembersAfter(g, "") {
				add(u.ID, a.UserARN(u))
			}
		}
	}
	return out, nil
}

func (a *Account) documents(g Grants) []*Document {
	var list []*Document
	for _, in := range g.Inline {
		list = append(list, in.Document)
	}
	for _, arn := range g.Attached {
		if p, ok := a.Policy(arn); ok && p.Default() != nil {
			list = append(list, p.Default().Document)
		}
	}
	return list
}
