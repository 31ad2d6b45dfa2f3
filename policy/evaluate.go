package policy

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

// finding is what comes of looking through statements of one effect.
type finding struct {
	kind   Kind
	named  bool   // statements of this kind say whom they are about
	first  int    // of those that apply, by its place in the document; -1 if none does
	grants grants // of all that allow, how they name the caller
	done   bool   // only an earlier statement can add to it
}

// search looks through statements, as far as they can apply. With an index they don't come in order.
func (q *query) search(l *statements, f *finding) {
	switch {
	case l.services&q.service == 0:
	case l.index != nil:
		x := l.index
		for a := nearest(x.actions, x.shared, q.req.Action, true); a >= 0; a = x.actions[a].parent {
			action := &x.actions[a]
			resources := x.resources[action.from:action.to]
			for r := nearest(resources, int(action.shared), q.req.Resource, false); r >= 0; r = resources[r].parent {
				q.pass(l, x.filters[resources[r].from:resources[r].to], f)
			}
		}
	case l.filters != nil:
		q.pass(l, l.filters, f)
	default:
		for i := range l.list {
			if s := &l.list[i]; s.actions.services&q.service != 0 {
				if q.try(s, f); f.done {
					return
				}
			}
		}
	}
}

// pass tries the statements that get through filters, each once. The pairs of the resource are gathered when there are
// filters enough to make up for it.
func (q *query) pass(l *statements, filters []filter, f *finding) {
	if !q.paired && len(filters) > few {
		q.paired = true
		q.pairs.add(q.req.Resource)
	}
	tried := int32(-1)
	for i := range filters {
		t := &filters[i]
		if t.services&q.service == 0 || q.paired && !q.pairs.has(&t.pairs) || t.at == tried {
			continue
		}
		s := &l.list[t.at]
		if f.done && s.index > f.first {
			return
		}
		tried = t.at
		q.try(s, f)
	}
}

// try adds a statement to a finding, if it applies to the request. A Deny that can't be evaluated applies; an Allow does
// not.
func (q *query) try(s *statement, f *finding) {
	t := s.actions.match(q.req.Action)
	if t == no {
		return
	}
	if t = t.and(q.resource(s, f.kind)); t == no {
		return
	}
	g := named
	if f.named || !s.principals.absent {
		var u truth
		u, g = q.principal(s, f.kind)
		t = t.and(u)
	}
	for _, c := range s.conditions {
		if t == no {
			return
		}
		t = t.and(q.condition(c))
	}
	if t == no || !s.deny && (t == unclear || g == 0) {
		return
	}
	f.grants |= g
	// Only an Allow that names the caller can say more than yes.
	f.done = s.deny || !f.named || f.grants == asSession
	if f.first < 0 || s.index < f.first {
		f.first = s.index
	}
}

// grounds are what a decision rests on: a statement of a policy, or all of it if that is -1.
type grounds struct {
	policy    *Attached // nil: nothing was found
	statement int
}

func (g grounds) found() bool { return g.policy != nil }

// denied finds the first statement that denies. A policy that can't be read denies, too.
func (q *query) denied(list []Attached, k Kind) grounds {
	if len(list) == 0 {
		return grounds{}
	}
	return q.deniedBy(list, k)
}

func (q *query) deniedBy(list []Attached, k Kind) grounds {
	f := finding{kind: k, named: k.namesPrincipal(), first: -1}
	for i := range list {
		c := list[i].Policy
		if c == nil {
			return grounds{&list[i], -1}
		}
		if q.search(&c.denies, &f); f.first >= 0 {
			return grounds{&list[i], f.first}
		}
	}
	return grounds{}
}

// allowed collects how the policies' Allow statements name the caller; 0 if none applies. It returns the first that
// does.
func (q *query) allowed(list []Attached, k Kind) (grants, grounds) {
	if len(list) == 0 {
		return 0, grounds{}
	}
	return q.allowedBy(list, k)
}

func (q *query) allowedBy(list []Attached, k Kind) (grants, grounds) {
	var by grounds
	if !q.whole {
		return 0, by
	}
	all := finding{kind: k, named: k.namesPrincipal()}
	for i := range list {
		c := list[i].Policy
		if c == nil {
			continue
		}
		all.first, all.done = -1, false
		q.search(&c.allows, &all)
		if all.first >= 0 && !by.found() {
			by = grounds{&list[i], all.first}
		}
		if all.done {
			break
		}
	}
	return all.grants, by
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
