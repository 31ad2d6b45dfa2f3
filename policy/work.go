package policy

import "strings"

// Work is about how many steps it takes at most to Explain a request, and to tell so first: steps of a nanosecond or two.
// It is for whoever explains what strangers bring.
func (p *Policies) Work(req *Request) int {
	var w work
	w.begin(req, p)
	if req.Context != nil {
		w.keys = len(req.Context.entries)
		for _, v := range req.Context.values {
			w.longest = max(w.longest, len(v))
		}
	}
	total := 0
	for _, list := range [][]Attached{p.Identity, p.Boundary, p.Session, p.Resource, p.Trust, p.VPCEndpoint} {
		total += w.policies(list)
	}
	for _, levels := range [][][]Attached{p.SCPs, p.RCPs} {
		for _, list := range levels {
			total += w.policies(list)
		}
	}
	return total
}

// work adds up for one request.
type work struct {
	query
	keys    int // how many the request has
	longest int // of their values, in bytes
}

const (
	// evaluations is how often a statement is evaluated: for the Decision, for what the kind says, for itself, and by Work.
	evaluations = 5
	// statementSteps is what a statement costs that does not get beyond its action.
	statementSteps = 200
)

func (w *work) policies(list []Attached) int {
	n := 0
	for i := range list {
		c := list[i].Policy
		if c == nil {
			continue
		}
		for j := range c.denies.list {
			n += statementSteps + evaluations*w.statement(&c.denies.list[j])
		}
		for j := range c.allows.list {
			n += statementSteps + evaluations*w.statement(&c.allows.list[j])
		}
	}
	return n
}

// statement goes as far as the action and the resource fit.
func (w *work) statement(s *statement) int {
	n := 4 * len(s.principals.entries)
	for i := range s.actions.patterns {
		n += 4
		p := &s.actions.patterns[i]
		if p.literal < len(p.text) && p.literal <= len(w.req.Action) && sameKey(p.text[:p.literal], w.req.Action[:p.literal]) {
			n += search(1, len(p.text)-p.literal, len(w.req.Action)-p.literal)
		}
	}
	if s.actions.match(w.req.Action) == no {
		return n
	}
	for i := range s.resources.patterns {
		p := &s.resources.patterns[i]
		if n += 8; !strings.HasPrefix(w.req.Resource, p.text[:p.literal]) && !s.resources.not {
			continue
		}
		rest := len(w.req.Resource) - min(p.literal, len(w.req.Resource))
		n += search(1, len(p.text)-p.literal+w.brought(1, p.parts), rest)
		if p.parts != nil || p.segments {
			n += 2 * len(p.text)
		}
	}
	if s.resources.match(w.req.Resource, w.req.Context) == no {
		return n
	}
	for _, c := range s.conditions {
		n += w.condition(c)
	}
	return n
}

func (w *work) condition(c *condition) int {
	n := 16 + 4*w.keys
	if c.fault != "" {
		return n
	}
	values, _, _ := w.req.Context.get(c.key)
	parts := c.values.parts()
	bytes := c.bytes + w.brought(c.count, parts)
	for _, v := range values {
		if parts != nil {
			n += 2*bytes + 4*len(parts)*(4+w.keys)
		}
		switch c.family {
		case familyStringLike, familyARN:
			n += search(c.count, bytes, len(v))
		case familyNumeric, familyNumericLess, familyNumericLessEquals, familyNumericGreater, familyNumericGreaterEquals:
			n += 2 * (c.count*(8+len(v)) + bytes)
		default:
			n += 8*c.count + bytes + len(v)
		}
	}
	return n
}

// brought is how many bytes the variables of a number of values may bring.
func (w *work) brought(values int, parts []part) int {
	variables := 0
	for i := range parts {
		if parts[i].kind == partVariable {
			variables++
		}
	}
	return min(variables*w.longest, values*maxBrought)
}

// search is about what it takes to match a text of some bytes with a number of patterns of so many together: a few steps
// a byte for each pattern, and what matchStates takes where that does not do.
func search(patterns, bytes, text int) int {
	return 8*patterns + bytes + min(bytes, 4*patterns)*text + bytes/blockSize*4*text
}
