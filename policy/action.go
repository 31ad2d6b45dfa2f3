package policy

import "strings"

// actions is an Action or NotAction element.
type actions struct {
	patterns []string
	not      bool
	fault    string // why the element can't be evaluated as written
}

func compileActions(s *Statement) actions {
	a := actions{patterns: s.Action}
	switch {
	case s.Action != nil && s.NotAction != nil:
		a.patterns, a.fault = nil, "both Action and NotAction"
	case s.NotAction != nil:
		a.patterns, a.not = s.NotAction, true
	case s.Action == nil:
		a.fault = "neither Action nor NotAction"
	}
	for _, p := range a.patterns {
		if p != "*" && strings.IndexByte(p, ':') < 0 {
			a.fault = "the action " + p + " has no service prefix"
		}
	}
	return a
}

func (a *actions) match(action string) truth {
	t := no
	for _, p := range a.patterns {
		if p == "*" || matchFold(p, action) {
			t = yes
			break
		}
	}
	if a.fault != "" {
		t = t.or(unclear)
	}
	if a.not {
		return t.not()
	}
	return t
}
