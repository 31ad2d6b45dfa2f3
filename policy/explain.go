package policy

import "strings"

// Explanation is a decision with its grounds. It marshals to JSON.
type Explanation struct {
	Allowed      bool       `json:"allowed"`
	Explicit     bool       `json:"explicitDeny"`
	Type         PolicyType `json:"decidedBy"`
	Policy       string     `json:"policy,omitempty"`
	Statement    int        `json:"statement"`
	Reason       string     `json:"reason,omitempty"` // as Decision.Reason
	Action       string     `json:"action"`
	Resource     string     `json:"resource"`
	CrossAccount bool       `json:"crossAccount"`
	// Types has an entry for each kind of policy that applies, one per level for SCP and RCP, in the order they are
	// looked at.
	Types []TypeExplanation `json:"types"`
	// Matched are the statements that apply to the request, Allow and Deny.
	Matched []StatementExplanation `json:"matchedStatements"`
	// MissingContextKeys are the keys, as written, that statements with fitting action and resource asked for and the
	// request lacked.
	MissingContextKeys []string `json:"missingContextKeys"`
}

// Decision returns the decision explained.
func (e *Explanation) Decision() Decision {
	return Decision{e.Allowed, e.Explicit, e.Type, e.Policy, e.Statement}
}

// Result is what one kind of policy says about a request.
type Result string

// The results, in AWS's words.
const (
	ResultAllowed  Result = "allowed"
	ResultExplicit Result = "explicitDeny"
	ResultImplicit Result = "implicitDeny"
)

// TypeExplanation is what one kind of policy says, or one level of SCPs or RCPs.
type TypeExplanation struct {
	Type   PolicyType `json:"type"`
	Level  int        `json:"level,omitempty"` // for SCP and RCP: 0 is the root
	Result Result     `json:"result"`
	// Overridden: the implicit deny does not matter, since a resource-based policy in the same account names the
	// caller, or since the caller is the root user.
	Overridden bool                   `json:"overridden,omitempty"`
	Statements []StatementExplanation `json:"statements"`
}

// StatementExplanation is one statement and whether it applies to the request.
type StatementExplanation struct {
	Kind       PolicyType `json:"type"`
	PolicyID   string     `json:"policy"`
	PolicyType string     `json:"policyType,omitempty"` // Attached.Type
	Index      int        `json:"index"`
	SID        string     `json:"sid,omitempty"`
	Effect     string     `json:"effect"`
	Matched    bool       `json:"matched"`
	// Element is the first element that does not fit, or, of a matched Deny, the one that could not be evaluated:
	// Principal, Action, Resource or Condition.
	Element string   `json:"element,omitempty"`
	Detail  string   `json:"detail,omitempty"`
	Start   Position `json:"start"`
	End     Position `json:"end"`
}

// Explain decides as Decide does and tells why: what each kind of policy says, each statement with the element that
// settled it, and the keys that were missing. It is for traces and the simulator, not for every request.
func Explain(req *Request, p *Policies) *Explanation {
	d := Decide(req, p)
	x := explainer{
		out: &Explanation{
			Allowed: d.Allowed, Explicit: d.Explicit, Type: d.Type, Policy: d.Policy, Statement: d.Statement,
			Reason: d.Reason(req.Action), Action: req.Action, Resource: req.Resource, CrossAccount: req.crossAccount(),
			Types: []TypeExplanation{}, Matched: []StatementExplanation{}, MissingContextKeys: []string{},
		},
	}
	x.begin(req, p)
	for i, l := range p.RCPs {
		x.kind(l, RCP, i, 0)
	}
	for i, l := range p.SCPs {
		x.kind(l, SCP, i, 0)
	}
	if p.HasVPCEndpoint || len(p.VPCEndpoint) > 0 {
		x.kind(p.VPCEndpoint, VPCEndpoint, 0, 0)
	}
	owner, kind, must := p.owner()
	grant, _ := x.allowed(owner, kind)
	skip := grant
	if x.out.CrossAccount {
		skip = 0
	}
	if kind == Trust && len(p.Resource) > 0 {
		x.kind(p.Resource, Resource, 0, named) // only its Deny statements count
	}
	if must || len(owner) > 0 || x.out.CrossAccount || !req.Principal.hasAccount() {
		var free grants
		if !must && !x.out.CrossAccount && req.Principal.hasAccount() {
			free = named // identity-based policies may do without it
		}
		x.kind(owner, kind, 0, free)
	}
	if req.Principal.hasAccount() {
		free := skip & skipIdentity
		if x.full() {
			free = skipIdentity
		}
		x.kind(p.Identity, Identity, 0, free)
		if p.bounded() {
			x.kind(p.Boundary, Boundary, 0, skip&skipBoundary)
		}
		if p.inSession() {
			x.kind(p.Session, Session, 0, skip&skipSession)
		}
	}
	for _, k := range x.asked.keys {
		if _, _, ok := req.Context.Get(k); !ok {
			x.out.MissingContextKeys = append(x.out.MissingContextKeys, k)
		}
	}
	return x.out
}

// explainer gathers an Explanation.
type explainer struct {
	query
	out   *Explanation
	asked keyList // the keys that statements with fitting action and resource ask for
}

// kind explains the policies of one kind, or of one level; free is not 0 if they need not allow.
func (x *explainer) kind(list []Attached, k Kind, level int, free grants) {
	t := TypeExplanation{Type: k, Level: level, Result: ResultImplicit, Statements: []StatementExplanation{}}
	if x.denied(list, k).found() {
		t.Result = ResultExplicit
	} else if x.allows(list, k) {
		t.Result = ResultAllowed
	}
	t.Overridden = t.Result == ResultImplicit && free != 0
	for i := range list {
		a := &list[i]
		if a.Policy == nil {
			t.Statements = append(t.Statements, StatementExplanation{
				Kind: k, PolicyID: a.ID, PolicyType: a.Type, Index: -1, Effect: "Deny", Matched: true,
				Detail: "the policy can't be read",
			})
			continue
		}
		for _, s := range a.Policy.inOrder() {
			e := x.statement(s, k)
			e.PolicyID, e.PolicyType = a.ID, a.Type
			t.Statements = append(t.Statements, e)
			if e.Matched {
				x.out.Matched = append(x.out.Matched, e)
			}
		}
	}
	x.out.Types = append(x.out.Types, t)
}

// inOrder lists the statements as they stand in the document.
func (c *Compiled) inOrder() []*statement {
	out := make([]*statement, len(c.denies.list)+len(c.allows.list))
	for _, list := range [][]statement{c.denies.list, c.allows.list} {
		for i := range list {
			out[list[i].index] = &list[i]
		}
	}
	return out
}

// statement explains one statement.
func (x *explainer) statement(s *statement, k Kind) StatementExplanation {
	e := StatementExplanation{
		Kind: k, Index: s.index, SID: s.sid, Effect: "Allow", Start: s.start, End: s.end,
	}
	if s.deny {
		e.Effect = "Deny"
	}
	all := yes
	say := func(t truth, element, detail string) {
		if t == no && all != no || t == unclear && all == yes {
			e.Element, e.Detail = element, detail
		}
		all = all.and(t)
	}
	ctx := x.req.Context
	action := s.actions.match(x.req.Action)
	say(action, "Action", detail(action, s.actions.fault, "the action is not covered"))
	if all == no {
		return e // nothing else can change that
	}
	principal, _ := x.principal(s, k)
	say(principal, "Principal", detail(principal, s.principals.fault, "the caller is not covered"))
	if all == no {
		return e
	}
	for i := range s.resources.patterns {
		x.asked.variables(s.resources.patterns[i].parts)
	}
	resource := x.resource(s, k)
	say(resource, "Resource", detail(resource, s.resources.why(), "the resource is not covered"))
	if all == no {
		return e
	}
	for _, c := range s.conditions {
		c.keys(&x.asked)
		if all == no {
			continue // but for the keys that it asks for
		}
		t := x.condition(c)
		fault, otherwise := c.fault, c.name+" "+c.written+": the request's value does not fit"
		if values, _, ok := ctx.get(c.key); !ok {
			otherwise = c.name + " " + c.written + ": the request has no such key"
		} else if fault == "" && len(values) > 0 {
			fault = c.name + " " + c.written + ": the values can't be compared"
		}
		say(t, "Condition", detail(t, fault, otherwise))
	}
	e.Matched = all == yes || all == unclear && s.deny
	return e
}

// why tells what keeps the element from being evaluated.
func (r *resources) why() string {
	for i := range r.patterns {
		if p := &r.patterns[i]; p.fault != "" {
			return p.fault
		} else if p.partial {
			return "the resource " + strings.TrimSuffix(p.text, ":*") + " has fewer than six parts"
		}
	}
	return r.fault
}

// detail words the outcome of an element.
func detail(t truth, fault, otherwise string) string {
	switch {
	case t == no:
		return otherwise
	case fault != "":
		return fault
	}
	return "it can't be evaluated"
}
