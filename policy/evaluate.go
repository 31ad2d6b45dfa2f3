package policy

// query is a request being decided.
type query struct {
	req     *Request
	bounded bool // the request comes with a permissions boundary
}

// whole tells whether the request says what it asks for; nothing allows one that does not.
func (q *query) whole() bool { return q.req.Action != "" && q.req.Resource != "" }

// full tells whether the caller has full access by default.
func (q *query) full() bool { return q.whole() && q.req.Principal.full() }

// eval tells whether a statement of a policy of the given kind applies to the request, and how it names the caller.
func (q *query) eval(s *statement, k Kind) (truth, grants) {
	t := s.actions.match(q.req.Action)
	if t == no {
		return no, 0
	}
	u, g := q.principal(s, k)
	if t = t.and(u); t == no {
		return no, 0
	}
	if t = t.and(q.resource(s, k)); t == no {
		return no, 0
	}
	for i := range s.conditions {
		if t = t.and(s.conditions[i].eval(q.req.Context)); t == no {
			return no, 0
		}
	}
	return t, g
}

// principal is the statement's Principal element, which some kinds of policy must have and the others may not.
func (q *query) principal(s *statement, k Kind) (truth, grants) {
	switch {
	case !k.namesPrincipal() && s.principals.absent:
		return yes, named
	case !k.namesPrincipal() || s.principals.absent:
		return unclear, 0
	}
	return s.principals.match(&q.req.Principal, k, s.deny, q.bounded)
}

// resource is the statement's Resource element, which only trust policies do without.
func (q *query) resource(s *statement, k Kind) truth {
	switch {
	case !s.resources.absent:
		return s.resources.match(q.req.Resource, q.req.Context)
	case k == Trust:
		return yes
	}
	return unclear
}

// denied finds a statement that denies. A Deny that can't be evaluated does, and so does a policy that can't be read.
func (q *query) denied(list []Attached, k Kind) (Decision, bool) {
	for i := range list {
		c := list[i].Policy
		if c == nil {
			return Decision{Explicit: true, Type: k, Policy: list[i].ID, Statement: -1}, true
		}
		for j := range c.denies {
			if t, _ := q.eval(&c.denies[j], k); t != no {
				return Decision{Explicit: true, Type: k, Policy: list[i].ID, Statement: c.denies[j].index}, true
			}
		}
	}
	return Decision{}, false
}

// allowed collects how the policies' Allow statements name the caller; 0 if none applies. It returns the first that
// does.
func (q *query) allowed(list []Attached, k Kind) (grants, Decision) {
	var all grants
	var by Decision
	if !q.whole() {
		return 0, by
	}
	for i := range list {
		c := list[i].Policy
		if c == nil {
			continue
		}
		for j := range c.allows {
			t, g := q.eval(&c.allows[j], k)
			if t != yes || g == 0 {
				continue
			}
			if all == 0 {
				by = Decision{Allowed: true, Type: k, Policy: list[i].ID, Statement: c.allows[j].index}
			}
			// Only a policy that names the caller can say more than yes.
			if all |= g; !k.namesPrincipal() || all == asSession {
				return all, by
			}
		}
	}
	return all, by
}

// allows is allowed for policies of which only a yes is wanted.
func (q *query) allows(list []Attached, k Kind) bool {
	g, _ := q.allowed(list, k)
	return g != 0
}

// everyLevel tells whether each level allows.
func (q *query) everyLevel(levels [][]Attached, k Kind) bool {
	for _, l := range levels {
		if !q.allows(l, k) {
			return false
		}
	}
	return true
}
