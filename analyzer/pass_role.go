package analyzer

import (
	"slices"
	"strings"
)

var passRoleChecks = []func(*document){
	func(d *document) { d.grants(&passRole) },
	func(d *document) { d.grants(&createSLR) },
}

// grant is an action that should be allowed on few resources only.
type grant struct {
	code   string // what the codes of its issues begin with
	action string
	roots  []string // sixth parts of ARNs; a resource that covers one of them is too wide
	keys   []string // condition keys that bound it too
}

var (
	// passRole: roles whose names begin like a service's are not too wide (the check reference, "Pass role with star in
	// resource"). AWS's findings for its own policies show that both of the action's own keys bound it.
	passRole = grant{
		code: "PASS_ROLE", action: "iam:passrole", roots: []string{"role/*", "role/service-role/*"},
		keys: []string{"iam:PassedToService", "iam:AssociatedResourceArn"},
	}
	createSLR = grant{
		code: "CREATE_SLR", action: "iam:createservicelinkedrole", roots: []string{"role/aws-service-role/*"},
		keys: []string{"iam:AWSServiceName"},
	}
)

// grants looks at who may pass roles, or create service-linked roles. Only an identity policy can allow that.
func (d *document) grants(g *grant) {
	if d.opt.Type != IdentityPolicy {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		if !s.allow() {
			continue
		}
		plain, star, negated := g.actions(s)
		resources, excepted := g.resources(s)
		if len(resources) == 0 || !excepted && g.bounded(s) {
			continue
		}
		suffix := func(resource, notResource string) string {
			if excepted {
				return g.code + notResource
			}
			return g.code + resource
		}
		for _, way := range [...]struct {
			by   []place
			code string
		}{
			{plain, suffix("_WITH_STAR_IN_RESOURCE", "_WITH_NOT_RESOURCE")},
			{star, suffix("_WITH_STAR_IN_ACTION_AND_RESOURCE", "_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE")},
			{negated, suffix("_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", "_WITH_NOT_ACTION_AND_NOT_RESOURCE")},
		} {
			if len(way.by) > 0 {
				d.report(way.code, slices.Concat(way.by, resources))
			}
		}
	}
}

// actions are the places that allow the action: by its name, by a wildcard, or by a NotAction that does not name it.
func (g *grant) actions(s *statement) (plain, star, negated []place) {
	list, not := s.actions()
	for i := range list {
		switch text := strings.ToLower(list[i].text); {
		case !covers(text, g.action):
		case wild(text):
			star = append(star, list[i].place)
		default:
			plain = append(plain, list[i].place)
		}
	}
	if !not {
		return plain, star, nil
	}
	if len(plain)+len(star) > 0 {
		return nil, nil, nil
	}
	return nil, nil, []place{s.notAction.value.place}
}

// resources are the places of resources that are too wide; those of a NotResource unless it excepts them all.
func (g *grant) resources(s *statement) (at []place, excepted bool) {
	list, not := s.resources()
	for i := range list {
		if g.wide(list[i].text) {
			if not {
				return nil, true
			}
			at = append(at, list[i].place)
		}
	}
	if not {
		return []place{s.notResource.value.place}, true
	}
	return at, false
}

// wide tells whether a pattern covers a whole root, in whatever partition and account it names.
func (g *grant) wide(pattern string) bool {
	if !wild(pattern) {
		return false
	}
	partition, account := "aws", "123456789012"
	part := strings.SplitN(pattern, ":", 6)
	if len(part) > 1 {
		partition = part[1]
	}
	if len(part) > 4 {
		account = part[4]
	}
	return slices.ContainsFunc(g.roots, func(root string) bool {
		return coversARN(pattern, "arn:"+partition+":iam::"+account+":"+root)
	})
}

// bounded tells whether a condition says for which service it is. A value that begins with a wildcard says nothing.
func (g *grant) bounded(s *statement) bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool {
		op, ok := parseOperator(c.operator.key)
		return ok && op.family != opNull && len(c.list) > 0 &&
			slices.ContainsFunc(g.keys, func(key string) bool { return strings.EqualFold(key, c.key) }) &&
			!slices.ContainsFunc(c.list, func(v value) bool { return strings.HasPrefix(v.text, "*") || strings.HasPrefix(v.text, "?") })
	})
}
