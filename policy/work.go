package policy

import (
	"math"
	"math/bits"
	"strings"
)

// Work tells about what it takes at most to Explain a request, in steps of a nanosecond or two. It is for whoever explains
// what strangers bring, and bounded itself: its own steps are among them, and before it would go beyond the limit it
// stops; within is false then, and steps is the limit.
func (p *Policies) Work(req *Request, limit int) (steps int, within bool) {
	w := work{left: limit / evaluations, over: limit < 0}
	w.begin(req, p)
	if w.context(req.Context) && w.all(p) {
		return evaluations * (limit/evaluations - w.left), true
	}
	return limit, false
}

// work is spent for one request. Whatever matches something pays first.
type work struct {
	query
	left    int // steps, for each of the evaluations
	over    bool
	keys    int // how many the request has
	longest int // of their values, in bytes
}

const (
	// evaluations is how often a statement is evaluated: for the Decision, for what the kind says and, of the resource's
	// side, whether it names the caller; for itself; and by Work.
	evaluations = 5
	// statementSteps is what a statement or a policy costs that does not get beyond its action.
	statementSteps = 40
	// stringsSteps is what it costs to join the names of a condition to a sentence, beside their length.
	stringsSteps = 24
	// readSteps is what it costs to read a date, a number or an address, beside its length.
	readSteps = 32
	// variableSteps is what it costs to note and to look up a variable, beside what a key of the request does.
	variableSteps = 40
	// caseSteps is what it costs to compare a byte without regard to case.
	caseSteps = 32
	// keySteps is what it costs to compare a name with that of a key.
	keySteps = 2
)

// spend takes the product of some numbers, none of which is negative, and tells whether that much was left. No product is
// too large for it.
func (w *work) spend(factors ...int) bool {
	n := uint64(1)
	for _, f := range factors {
		over, product := bits.Mul64(n, uint64(f))
		if n = product; over != 0 {
			n = math.MaxUint64
		}
	}
	if w.over = w.over || n > uint64(w.left); w.over {
		return false
	}
	w.left -= int(n)
	return true
}

func (w *work) context(c *Context) bool {
	if c == nil {
		return !w.over
	}
	c.Filled()
	w.keys = len(c.entries)
	if !w.spend(len(c.values)) {
		return false
	}
	for _, v := range c.values {
		w.longest = max(w.longest, len(v))
	}
	return true
}

func (w *work) all(p *Policies) bool {
	for _, list := range [][]Attached{p.Identity, p.Boundary, p.Session, p.Resource, p.Trust, p.VPCEndpoint} {
		if !w.policies(list) {
			return false
		}
	}
	for _, levels := range [][][]Attached{p.SCPs, p.RCPs} {
		for _, list := range levels {
			if !w.policies(list) {
				return false
			}
		}
	}
	return true
}

func (w *work) policies(list []Attached) bool {
	for i := range list {
		if !w.spend(statementSteps) {
			return false
		}
		c := list[i].Policy
		if c == nil {
			continue
		}
		for _, statements := range [][]statement{c.denies.list, c.allows.list} {
			for j := range statements {
				if !w.statement(&statements[j]) {
					return false
				}
			}
		}
	}
	return true
}

// statement goes as far as the action and the resource fit.
func (w *work) statement(s *statement) bool {
	if !w.spend(statementSteps) || !w.spend(len(s.principals.entries), 4) || !w.actions(s.actions) {
		return false
	}
	if s.actions.match(w.req.Action) == no {
		return true
	}
	if !w.resources(s.resources) {
		return false
	}
	if !s.resources.absent && s.resources.match(w.req.Resource, w.req.Context) == no {
		return true
	}
	for _, c := range s.conditions {
		if !w.condition(c) {
			return false
		}
	}
	return true
}

func (w *work) actions(a *actions) bool {
	action := w.req.Action
	for i := range a.patterns {
		p := &a.patterns[i]
		if !w.spend(4) {
			return false
		}
		n := p.literal
		if n > len(action) || n > 0 && lower(action[n-1]) != lower(p.text[n-1]) {
			continue
		}
		if !w.spend(n, 2) || n < len(p.text) && !p.open && !w.wild(len(p.text)-n, len(action)-n) {
			return false
		}
	}
	return true
}

func (w *work) resources(r *resources) bool {
	for i := range r.patterns {
		p := &r.patterns[i]
		if !w.spend(8) || !w.spend(len(p.parts), w.variable()) {
			return false
		}
		begins := strings.HasPrefix(w.req.Resource, p.text[:p.literal])
		if p.open || p.fault != "" || !begins && (!r.not || p.parts == nil) {
			continue
		}
		if !w.resource(p, len(w.req.Resource)) {
			return false
		}
	}
	return true
}

// resource is for a pattern that is matched with a text of some bytes.
func (w *work) resource(p *resourcePattern, text int) bool {
	bytes := len(p.text) + w.brought(p.parts)
	switch {
	case p.segments || p.parts != nil && (p.literal < p.sixth || searched(p.parts)):
		return w.wild(bytes, text)
	case p.parts != nil:
		return w.spend(bytes, 4)
	case p.literal == len(p.text):
		return true
	case p.pieces != nil:
		return w.pieces(len(p.text)-p.literal, text-min(p.literal, text))
	}
	return w.wild(len(p.text)-p.literal, text-min(p.literal, text))
}

// variable is what a variable costs: its value is looked for among the keys of the request.
func (w *work) variable() int { return variableSteps + keySteps*w.keys }

// brought is how many bytes the variables among parts may bring.
func (w *work) brought(parts []part) int {
	variables := 0
	for i := range parts {
		if parts[i].kind == partVariable {
			variables++
		}
	}
	return min(min(variables, maxBrought)*min(w.longest, maxBrought), maxBrought)
}

// searched tells whether parts have wildcards that a search may have to go back for.
func searched(parts []part) bool {
	for i := range parts {
		if parts[i].wildcard && !(parts[i].open && i == len(parts)-1) {
			return true
		}
	}
	return false
}

// like is for matchWild with a text of some bytes.
func (w *work) like(pattern string, text int) bool {
	switch {
	case !w.spend(8 + len(pattern)):
		return false
	case strings.IndexByte(pattern, '?') >= 0:
		return w.wild(len(pattern), text)
	case strings.IndexByte(pattern, '*') >= 0:
		return w.pieces(len(pattern), text)
	}
	return true
}

// pieces is for a pattern of some bytes whose only wildcards are stars, and a text of so many: it is gone through once.
func (w *work) pieces(bytes, text int) bool {
	return w.spend(bytes) && w.spend(text, 2) && w.spend(min(bytes, text), 8)
}

// wild is for a pattern and a text of some bytes that may have to be searched step by step and, if that takes too many of
// them, be done over by matchStates.
func (w *work) wild(bytes, text int) bool {
	if !w.spend(bytes, 4) {
		return false
	}
	if bytes/4 < (text+128)/(text+1) {
		return w.spend(bytes+1, text+1) // which is no more than steps allows
	}
	return w.spend(text+128, 2) && w.spend(bytes/blockSize+1, text+32, 4)
}
