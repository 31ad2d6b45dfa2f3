package policy

import "strings"

// Decide answers a request by all the policies that apply. It allocates nothing for patterns of usual length. A request
// without an action or a resource is denied.
func Decide(req *Request, p *Policies) Decision {
	var q query
	q.begin(req, p)
	if by, k := q.anyDeny(p); by.found() {
		return Decision{Explicit: true, Type: k, Policy: by.policy.ID, Statement: by.statement}
	}
	if len(p.RCPs) > 0 && !q.everyLevel(p.RCPs, RCP) {
		return implicit(RCP)
	}
	if len(p.SCPs) > 0 && !q.everyLevel(p.SCPs, SCP) {
		return implicit(SCP)
	}
	if (p.HasVPCEndpoint || len(p.VPCEndpoint) > 0) && !q.allows(p.VPCEndpoint, VPCEndpoint) {
		return implicit(VPCEndpoint)
	}
	owner, kind, must := p.owner()
	grant, by := q.allowed(owner, kind)
	if req.Principal.hasAccount() {
		skip := grant
		if req.crossAccount() {
			skip, must = 0, true
		}
		own, byIdentity := q.allowed(p.Identity, Identity)
		full := own == 0 && q.full()
		switch {
		case own == 0 && !full && skip&skipIdentity == 0:
			return implicit(Identity)
		case must && grant&named == 0:
			return implicit(kind)
		case p.bounded() && skip&skipBoundary == 0 && !q.allows(p.Boundary, Boundary):
			return implicit(Boundary)
		case p.inSession() && skip&skipSession == 0 && !q.allows(p.Session, Session):
			return implicit(Session)
		case own != 0:
			by, kind = byIdentity, Identity
		case full:
			return Decision{Allowed: true, Type: Identity, Statement: -1}
		}
	} else if grant&named == 0 {
		return implicit(kind)
	}
	return Decision{Allowed: true, Type: kind, Policy: by.policy.ID, Statement: by.statement}
}

func implicit(k Kind) Decision { return Decision{Type: k, Statement: -1} }

// anyDeny looks for an explicit deny in every policy that applies.
func (q *query) anyDeny(p *Policies) (by grounds, k Kind) {
	for _, l := range p.RCPs {
		if by = q.denied(l, RCP); by.found() {
			return by, RCP
		}
	}
	for _, l := range p.SCPs {
		if by = q.denied(l, SCP); by.found() {
			return by, SCP
		}
	}
	if by = q.denied(p.VPCEndpoint, VPCEndpoint); by.found() {
		return by, VPCEndpoint
	}
	if by = q.denied(p.Trust, Trust); by.found() {
		return by, Trust
	}
	if by = q.denied(p.Resource, Resource); by.found() {
		return by, Resource
	}
	if by = q.denied(p.Identity, Identity); by.found() {
		return by, Identity
	}
	if by = q.denied(p.Boundary, Boundary); by.found() {
		return by, Boundary
	}
	return q.denied(p.Session, Session), Session
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
