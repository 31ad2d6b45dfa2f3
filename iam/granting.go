package iam

import (
	"slices"
	"strings"

	"iamd/catalog"
	"iamd/policy"
)

// GrantingPolicy is a policy that a user, group or role has.
type GrantingPolicy struct {
	Name  string
	ARN   string // of a managed policy; empty for an inline one
	Owner Entity // whose an inline policy is

	allow, deny []reach
}

// ParseGrantedARN reads the ARN of who may be asked what it has: a user, group
// or role. As AWS does, it takes any path.
func ParseGrantedARN(arn string) (e Entity, account string, err error) {
	part := strings.SplitN(arn, ":", 6)
	switch {
	case len(part) < 6 || part[0] != "arn":
		return Entity{}, "", Errorf(CodeValidation, "Invalid ARN:  Could not be parsed!")
	case part[1] != "aws":
		return Entity{}, "", Errorf(CodeValidation, "Invalid ARN partition")
	case part[2] != "iam":
		return Entity{}, "", Errorf(CodeValidation, "Invalid service in ARN")
	case part[3] != "" || !isAccountID(part[4]):
		return Entity{}, "", Errorf(CodeValidation, "ARN %s is not valid.", arn)
	}
	kind, path, ok := strings.Cut(part[5], "/")
	e.Name = path[strings.LastIndexByte(path, '/')+1:]
	if !ok || e.Name == "" {
		return Entity{}, "", Errorf(CodeInvalidInput, "Could not extract entity from ARN : %s", arn)
	}
	for _, e.Kind = range []EntityKind{KindUser, KindGroup, KindRole} {
		if kind == e.Word() {
			return e, part[4], nil
		}
	}
	return Entity{}, "", Errorf(CodeInvalidInput, "Invalid Entity Arn: %s is not supported.", arn)
}

// PoliciesOf gives the policies of a user, group or role: its inline ones, those
// that are attached, and of a user those of its groups. Each managed policy comes
// once. Boundaries are not among them.
func (a *Account) PoliciesOf(e Entity) ([]GrantingPolicy, error) {
	grants, err := a.GrantsOf(e)
	if err != nil {
		return nil, err
	}
	var list []GrantingPolicy
	seen := map[string]bool{}
	add := func(owner Entity, g Grants) {
		for _, in := range g.Inline {
			p := GrantingPolicy{Name: in.Name, Owner: owner}
			p.read(in.Document)
			list = append(list, p)
		}
		for _, arn := range g.Attached {
			m, ok := a.Policy(arn)
			if !ok || m.Default() == nil || seen[arn] {
				continue
			}
			seen[arn] = true
			p := GrantingPolicy{Name: m.Name, ARN: arn}
			p.read(m.Default().Document)
			list = append(list, p)
		}
	}
	if e.Kind != KindUser {
		add(e, grants)
		return list, nil
	}
	u, err := a.User(e.Name)
	if err != nil {
		return nil, err
	}
	add(Entity{KindUser, u.Name}, grants)
	for _, id := range u.Groups {
		if g, ok := a.GroupByID(id); ok {
			add(Entity{KindGroup, g.Name}, g.Grants)
		}
	}
	return list, nil
}

// reach is what a statement says of services: the names of actions by the
// service's prefix, and the services of its resources.
type reach struct {
	exact map[string][]string // by prefix
	wild  map[string][]string // by pattern of prefixes
	not   bool                // all actions but these

	anything bool            // a resource of any service
	all      bool            // every resource there is, always
	services map[string]bool // patterns of services in ARNs
}

func (p *GrantingPolicy) read(document *Document) {
	doc, err := policy.Parse([]byte(document.Text()))
	if err != nil {
		return // such a document denies everything
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		r := reach{exact: map[string][]string{}, wild: map[string][]string{}, services: map[string]bool{}}
		r.actions(s)
		r.resources(s)
		if s.Effect == "Allow" {
			p.allow = append(p.allow, r)
		} else if r.all && len(s.Condition) == 0 {
			p.deny = append(p.deny, r)
		}
	}
}

func (r *reach) actions(s *policy.Statement) {
	patterns := s.Action
	if r.not = s.Action == nil; r.not {
		patterns = s.NotAction
	}
	for _, pattern := range patterns {
		prefix, name, ok := strings.Cut(pattern, ":")
		if !ok {
			prefix, name = pattern, pattern // "*"
		}
		prefix, name = tidy(prefix), tidy(name)
		if strings.ContainsAny(prefix, "*?") {
			r.wild[prefix] = append(r.wild[prefix], name)
		} else {
			r.exact[prefix] = append(r.exact[prefix], name)
		}
	}
}

func (r *reach) resources(s *policy.Statement) {
	star := func(list []string) bool {
		return slices.ContainsFunc(list, func(p string) bool { return p != "" && strings.Trim(p, "*") == "" })
	}
	if s.Resource == nil {
		r.anything = !star(s.NotResource)
		return
	}
	r.all = star(s.Resource)
	r.anything = r.all
	for _, pattern := range s.Resource {
		part := strings.SplitN(pattern, ":", 4)
		head := strings.Join(part[:min(2, len(part))], ":")
		switch {
		case len(part) < 4 || strings.ContainsAny(head, "*?"):
			r.anything = r.anything || strings.ContainsAny(pattern, "*?")
		case strings.Contains(part[2], "${"): // a policy variable may stand for any
			r.anything = true
		default:
			r.services[part[2]] = true
		}
	}
}

// Granting finds which policies grant an action of a service. A policy does that
// by itself, whatever another says against it: by an Allow statement that names
// an action of the service, be there one of that name or not, on a resource that
// the service may have, under whatever condition; unless a Deny statement of its
// own closes the whole service, on every resource and under no condition.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html
type Granting struct{ open opening }

// NewGranting begins a search. What would take it too long to see through counts
// as granting.
func NewGranting() *Granting {
	return &Granting{opening{left: maxOpening, names: namesOfActions()}}
}

// Of picks the policies that grant access to a service, in their order.
func (g *Granting) Of(s *catalog.ServiceInfo, policies []GrantingPolicy) []*GrantingPolicy {
	// What the service's resources are called: mostly as itself.
	vendors := map[string]bool{s.Prefix: true}
	for kind := range s.ResourceTypes() {
		if part := strings.SplitN(kind.ARN, ":", 4); len(part) == 4 {
			vendors[part[2]] = true
		}
	}
	list := []*GrantingPolicy{}
	for i := range policies {
		p := &policies[i]
		if g.any(p.allow, func(r *reach) bool { return g.touches(r, s.Prefix) && g.has(r, vendors) }) &&
			!g.any(p.deny, func(r *reach) bool { return g.covers(r, s.Prefix) }) {
			list = append(list, p)
		}
	}
	return list
}

func (g *Granting) any(list []reach, match func(*reach) bool) bool {
	for i := range list {
		if g.open.left--; match(&list[i]) {
			return true
		}
	}
	return false
}

// within gives the patterns of names that a statement has for a service.
func (g *Granting) within(r *reach, prefix string) []string {
	names := slices.Clone(r.exact[prefix])
	for pattern, more := range r.wild {
		if g.open.left--; Like(pattern, prefix) {
			names = append(names, more...)
		}
	}
	return names
}

func (g *Granting) touches(r *reach, prefix string) bool {
	if g.open.left < 0 {
		return true
	}
	if r.not {
		return !g.open.closed(prefix, g.within(r, prefix))
	}
	if len(r.exact[prefix]) > 0 {
		return true
	}
	for pattern := range r.wild {
		if g.open.left--; Like(pattern, prefix) {
			return true
		}
	}
	return false
}

func (g *Granting) covers(r *reach, prefix string) bool {
	if g.open.left < 0 {
		return false
	}
	names := g.within(r, prefix)
	if r.not {
		return len(names) == 0
	}
	return g.open.closed(prefix, names)
}

func (g *Granting) has(r *reach, vendors map[string]bool) bool {
	if r.anything || g.open.left < 0 {
		return true
	}
	for pattern := range r.services {
		for vendor := range vendors {
			if g.open.left--; Like(pattern, vendor) {
				return true
			}
		}
	}
	return false
}
