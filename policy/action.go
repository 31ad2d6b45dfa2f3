package policy

import "strings"

// actions is an Action or NotAction element.
type actions struct {
	patterns []actionPattern
	not      bool
	services services
	fault    string // why the element can't be evaluated as written
}

// actionPattern is one action of the element.
type actionPattern struct {
	text    string
	literal int  // how many bytes at the start stand for themselves
	open    bool // one star follows them, and nothing else
}

func compileActions(s *Statement) *actions {
	a := &actions{}
	list := s.Action
	switch {
	case s.Action != nil && s.NotAction != nil:
		list, a.fault = nil, "both Action and NotAction"
	case s.NotAction != nil:
		list, a.not = s.NotAction, true
	case s.Action == nil:
		a.fault = "neither Action nor NotAction"
	}
	a.patterns = make([]actionPattern, len(list))
	for i, text := range list {
		p := actionPattern{text: text, literal: literal(text)}
		p.open = text[p.literal:] == "*"
		a.patterns[i] = p
		a.services |= service(text[:p.literal])
		if text != "*" && strings.IndexByte(text, ':') < 0 {
			a.fault = "the action " + text + " has no service prefix"
		}
	}
	if a.not || a.fault != "" {
		a.services = everyService
	}
	return a
}

// literal is how many bytes of a pattern come before its first wildcard.
func literal(pattern string) int {
	if n := strings.IndexAny(pattern, "*?"); n >= 0 {
		return n
	}
	return len(pattern)
}

func (a *actions) match(action string) truth {
	t := no
	for i := range a.patterns {
		if p := &a.patterns[i]; p.text == action || p.match(action) {
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

func (p *actionPattern) match(action string) bool {
	n := p.literal
	if n > len(action) || n > 0 && lower(action[n-1]) != lower(p.text[n-1]) {
		return false // most do not fit in the last letter
	}
	if action[:n] != p.text[:n] && !sameKey(action[:n], p.text[:n]) {
		return false
	}
	if n == len(p.text) {
		return n == len(action)
	}
	return p.open || matchFold(p.text[n:], action[n:])
}
