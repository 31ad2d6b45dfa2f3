package iam

import (
	"slices"
	"strings"

	"iamd/policy"
)

// denial is what a Deny statement takes away under all conditions.
type denial struct {
	actions   [][2]string // patterns of the service's prefix and of the action's name
	not       bool        // all actions but these
	resources []string    // patterns
}

// denialOf is false for a statement that holds under conditions, or for all
// resources but some: of such a one AWS's reports take no notice.
func denialOf(s *policy.Statement) (d denial, ok bool) {
	if s.Effect != "Deny" || len(s.Condition) > 0 || s.Resource == nil {
		return d, false
	}
	d.resources = s.Resource
	patterns := s.Action
	if d.not = s.Action == nil; d.not {
		patterns = s.NotAction
	}
	for _, pattern := range patterns {
		prefix, name, ok := strings.Cut(pattern, ":")
		if !ok {
			prefix, name = pattern, pattern // "*"
		}
		d.actions = append(d.actions, [2]string{tidy(prefix), tidy(name)})
	}
	return d, true
}

// against turns to another Allow statement. It tells whether that would take too
// long.
func (o *opening) against(s *policy.Statement, denials []denial) (tooLong bool) {
	resources := s.Resource
	if resources == nil {
		resources = []string{"*"}
	}
	o.denials = nil
	if len(denials) == 0 {
		return false
	}
	lists := make([][]*denial, len(resources))
	for i, resource := range resources {
		for j := range denials {
			if slices.ContainsFunc(denials[j].resources, func(pattern string) bool {
				o.left--
				return covers(pattern, resource)
			}) {
				lists[i] = append(lists[i], &denials[j])
			}
			if o.left < 0 {
				return true
			}
		}
		if lists[i] == nil {
			return false // all that is allowed is allowed here
		}
	}
	o.denials = lists
	return false
}

// covers tells whether a pattern matches all that another one does. It says so
// of equal ones, and of one that is a beginning with a star after it: the others
// are rare, and what is not seen through is not denied.
func covers(pattern, other string) bool {
	start := strings.TrimRight(pattern, "*")
	return pattern == other || len(start) < len(pattern) && !strings.ContainsAny(start, "*?$") && strings.HasPrefix(other, start)
}

// shut tells whether an action is taken away on every resource of the statement.
func (o *opening) shut(service, action string) bool {
	for _, list := range o.denials {
		if !slices.ContainsFunc(list, func(d *denial) bool { return o.taken(d, service, action) }) {
			return false
		}
	}
	return o.denials != nil
}

func (o *opening) taken(d *denial, service, action string) bool {
	matches := slices.ContainsFunc(d.actions, func(p [2]string) bool {
		o.left--
		return o.left >= 0 && Like(p[0], service) && Like(p[1], action)
	})
	return o.left >= 0 && matches != d.not
}
