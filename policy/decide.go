package policy

import "strings"

// Decide answers a request by all the policies that apply. It allocates nothing for patterns of usual length. A request
// without an action or a resource is denied.
func Decide(req *Request, p *Policies) Decision {
	q := query{req: req, bounded: p.bounded()}
	if d, ok := q.anyDeny(p); ok {
		return d
	}
	if !q.everyLevel(p.RCPs, RCP) {
		return implicit(RCP)
	}
	if !q.everyLevel(p.SCPs, SCP) {
		return implicit(SCP)
	}
	if (p.HasVPCEndpoint || len(p.VPCEndpoint) > 0) && !q.allows(p.VPCEndpoint, VPCEndpoint) {
		return implicit(VPCEndpoint)
	}
	owner, kind, must := p.owner()
	grant, byOwner := q.allowed(owner, kind)
	if !req.Principal.hasAccount() {
		if grant&named == 0 {
			return implicit(kind)
		}
		return byOwner
	}
	skip := grant
	if req.crossAccount() {
		skip, must = 0, true
	}
	full := q.full()
	own, byIdentity := q.allowed(p.Identity, Identity)
	identity := own != 0 || full
	switch {
	case !identity && skip&skipIdentity == 0:
		return implicit(Identity)
	case must && grant&named == 0:
		return implicit(kind)
	case p.bounded() && skip&skipBoundary == 0 && !q.allows(p.Boundary, Boundary):
		return implicit(Boundary)
	case p.inSession() && skip&skipSession == 0 && !q.allows(p.Session, Session):
		return implicit(Session)
	case own != 0:
		return byIdentity
	case full:
		return Decision{Allowed: true, Type: Identity, Statement: -1}
	}
	return byOwner
}

func implicit(k Kind) Decision { return Decision{Type: k, Statement: -1} }

// anyDeny looks for an explicit deny in every policy that applies.
func (q *query) anyDeny(p *Policies) (Decision, bool) {
	for _, l := range p.RCPs {
		if d, ok := q.denied(l, RCP); ok {
			return d, true
		}
	}
	for _, l := range p.SCPs {
		if d, ok := q.denied(l, SCP); ok {
			return d, true
		}
	}
	if d, ok := q.denied(p.VPCEndpoint, VPCEndpoint); ok {
		return d, true
	}
	if d, ok := q.denied(p.Trust, Trust); ok {
		return d, true
	}
	if d, ok := q.denied(p.Resource, Resource); ok {
		return d, true
	}
	if d, ok := q.denied(p.Identity, Identity); ok {
		return d, true
	}
	if d, ok := q.denied(p.Boundary, Boundary); ok {
		return d, true
	}
	return q.denied(p.Session, Session)
}

// owner returns the policies by which the resource's account speaks, their kind, and whether they must allow in the same
// account too.
func (p *Policies) owner() (list []Attached, k Kind, must bool) {
	if p.HasTrust || len(p.Trust) > 0 {
		return p.Trust, Trust, true
	}
	return p.Resource, Resource, p.NeedsResource
}

func (p *Policies) bounded() bool   { return p.HasBoundary || len(p.Boundary) > 0 }
func (p *Policies) inSession() bool { return p.HasSession || len(p.Session) > 0 }

// crossAccount tells whether the resource belongs to another account than the caller.
func (r *Request) crossAccount() bool {
	return r.Principal.hasAccount() && r.ResourceAccount != "" && r.ResourceAccount != r.Principal.Account
}

// full tells whether the caller has full access by default: the root user, and whoever the root user federated.
func (p *Principal) full() bool {
	return p.Kind == Root || p.Kind == FederatedUser && strings.HasSuffix(p.UserARN, ":root")
}
