package policy_test

import (
	"strings"

	"iamd/policy"
)

// The reference is a second evaluator, written from AWS's documentation to be plainly right and nothing else: it compiles
// nothing, indexes nothing and builds every string it compares. It shares no code with the engine but the types of
// requests and documents, and Parse. TestReference and FuzzAgainstReference hold the engine to it.

// verdict is the three-valued answer to whether something fits. "and" is the least of them, "or" the greatest.
type verdict int

const (
	no    verdict = iota
	maybe         // it can't be evaluated: enough for a Deny, never for an Allow
	yes
)

func (v verdict) not() verdict { return yes - v }

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// world is all the policies that apply to a request, as documents.
type world struct {
	lists         map[policy.Kind][][]paper // a slice per level; kinds without levels have one
	applies       map[policy.Kind]bool      // there is such a policy, even if its list is empty
	needsResource bool
}

// paper is one attached document; nil stands for one that can't be read.
type paper struct {
	id    string
	doc   *policy.Document
	bound map[string]string
}

// policies makes what the engine decides by.
func (w *world) policies() *policy.Policies {
	p := &policy.Policies{NeedsResource: w.needsResource}
	for kind, levels := range w.lists {
		for i, level := range levels {
			var list []policy.Attached
			for _, a := range level {
				list = append(list, policy.Attached{
					ID: a.id, Policy: policy.Compile(a.doc, policy.CompileOptions{Principals: a.bound}),
				})
			}
			switch kind {
			case policy.Identity:
				p.Identity = list
			case policy.Boundary:
				p.Boundary = list
			case policy.Session:
				p.Session = list
			case policy.Resource:
				p.Resource = list
			case policy.Trust:
				p.Trust = list
			case policy.VPCEndpoint:
				p.VPCEndpoint = list
			case policy.SCP:
				p.SCPs = append(p.SCPs, nil)
				p.SCPs[i] = list
			case policy.RCP:
				p.RCPs = append(p.RCPs, nil)
				p.RCPs[i] = list
			}
		}
	}
	p.HasBoundary, p.HasSession = w.applies[policy.Boundary], w.applies[policy.Session]
	p.HasTrust, p.HasVPCEndpoint = w.applies[policy.Trust], w.applies[policy.VPCEndpoint]
	return p
}

// reference decides a request. Of a Decision that allows, Policy and Statement are left out.
func reference(req *policy.Request, w *world) policy.Decision {
	r := &evaluation{req, w}
	implicit := func(k policy.Kind) policy.Decision { return policy.Decision{Type: k, Statement: -1} }

	// An explicit Deny in any policy decides.
	for _, kind := range []policy.Kind{
		policy.RCP, policy.SCP, policy.VPCEndpoint, policy.Trust, policy.Resource, policy.Identity, policy.Boundary, policy.Session,
	} {
		for _, level := range w.lists[kind] {
			for _, a := range level {
				if a.doc == nil {
					return policy.Decision{Explicit: true, Type: kind, Policy: a.id, Statement: -1}
				}
				for i := range a.doc.Statements {
					if !denies(&a.doc.Statements[i]) {
						continue
					}
					if fits, _ := r.statement(a, i, kind); fits != no {
						return policy.Decision{Explicit: true, Type: kind, Policy: a.id, Statement: i}
					}
				}
			}
		}
	}

	// Resource and service control policies: every level must allow.
	for _, kind := range []policy.Kind{policy.RCP, policy.SCP} {
		for _, level := range w.lists[kind] {
			if !r.allowed(level, kind).named {
				return implicit(kind)
			}
		}
	}
	if r.has(policy.VPCEndpoint) && !r.list(policy.VPCEndpoint).named {
		return implicit(policy.VPCEndpoint)
	}

	// The resource's side.
	side, must := policy.Resource, w.needsResource
	if r.has(policy.Trust) {
		side, must = policy.Trust, true
	}
	granted := r.list(side)

	// Who has no account has no policies of its own: the resource's side alone decides.
	caller := &req.Principal
	if !hasAccount(caller) {
		if granted.named {
			return policy.Decision{Allowed: true, Type: side}
		}
		return implicit(side)
	}

	// Across accounts both sides must allow, and neither stands in for the other.
	lifted := granted
	if req.ResourceAccount != "" && req.ResourceAccount != caller.Account {
		lifted, must = lifts{}, true
	}

	asked := req.Action != "" && req.Resource != ""
	root := asked && (caller.Kind == policy.Root || caller.Kind == policy.FederatedUser && strings.HasSuffix(caller.UserARN, ":root"))
	own := r.list(policy.Identity).named
	switch {
	case !own && !root && !lifted.identity:
		return implicit(policy.Identity)
	case must && !granted.named:
		return implicit(side)
	case r.has(policy.Boundary) && !lifted.boundary && !r.list(policy.Boundary).named:
		return implicit(policy.Boundary)
	case r.has(policy.Session) && !lifted.session && !r.list(policy.Session).named:
		return implicit(policy.Session)
	case own || root:
		return policy.Decision{Allowed: true, Type: policy.Identity}
	}
	return policy.Decision{Allowed: true, Type: side}
}

// evaluation is a request with its policies.
type evaluation struct {
	req *policy.Request
	*world
}

// has tells whether a kind of policy applies.
func (r *evaluation) has(kind policy.Kind) bool {
	return r.applies[kind] || len(r.lists[kind]) > 0 && len(r.lists[kind][0]) > 0
}

func denies(s *policy.Statement) bool { return s.Effect != "Allow" }

// lifts is what an Allow of a policy says about the caller: that it names it at all, and which implicit denies of the same
// account no longer matter.
type lifts struct{ named, identity, boundary, session bool }

func (l lifts) or(m lifts) lifts {
	return lifts{l.named || m.named, l.identity || m.identity, l.boundary || m.boundary, l.session || m.session}
}

// allowed gathers what the Allow statements of some policies say. Nothing allows a request that does not say what it asks
// for.
func (r *evaluation) allowed(list []paper, kind policy.Kind) (all lifts) {
	if r.req.Action == "" || r.req.Resource == "" {
		return lifts{}
	}
	for _, a := range list {
		if a.doc == nil {
			continue
		}
		for i := range a.doc.Statements {
			if denies(&a.doc.Statements[i]) {
				continue
			}
			if fits, how := r.statement(a, i, kind); fits == yes {
				all = all.or(how)
			}
		}
	}
	return all
}

func (r *evaluation) list(kind policy.Kind) (all lifts) {
	for _, level := range r.lists[kind] {
		all = all.or(r.allowed(level, kind))
	}
	return all
}

// statement tells whether a statement fits the request: all its elements must, so that one that does not settles it.
func (r *evaluation) statement(a paper, index int, kind policy.Kind) (verdict, lifts) {
	s := &a.doc.Statements[index]
	variables := a.doc.Version == "2012-10-17"
	fits := r.action(s)
	if fits == no {
		return no, lifts{}
	}
	who, how := r.principal(s, kind, a.bound)
	if fits = min(fits, who, r.resource(s, kind, variables)); fits == no {
		return no, lifts{}
	}
	for i := range s.Condition {
		fits = min(fits, r.condition(&s.Condition[i], variables))
	}
	return fits, how
}
