package scenario

import (
	"fmt"

	"iamd/policy"
)

// Answer is what an engine says to a case. Only Decision must be there.
type Answer struct {
	Decision string      // Allowed, ExplicitDeny or ImplicitDeny
	By       policy.Kind // 0 if the engine does not tell
}

// Judge holds the answer of an engine against what is wanted, and returns what differs in a sentence; "" if nothing does.
func (c *Case) Judge(a Answer) string {
	if a.Decision == c.Want.Decision && (a.By == 0 || c.Want.By == 0 || a.By == c.Want.By) {
		return ""
	}
	return fmt.Sprintf("want %s, got %s", said(c.Want.Decision, c.Want.By), said(a.Decision, a.By))
}

// said words an answer: "explicitDeny by boundary".
func said(decision string, by policy.Kind) string {
	if by == 0 {
		return decision
	}
	return decision + " by " + kindWord(by)
}

// answer words a decision as an Answer.
func answer(d policy.Decision) Answer {
	switch {
	case d.Allowed:
		return Answer{Allowed, d.Type}
	case d.Explicit:
		return Answer{ExplicitDeny, d.Type}
	}
	return Answer{ImplicitDeny, d.Type}
}

// Run asks policy.Decide and policy.Explain, holds the decision against what is wanted, and the explanation, which is worked
// out kind by kind, against the decision. It returns a sentence for each difference, none if the case passes.
func (c *Case) Run() []string {
	var out []string
	differs := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	d := policy.Decide(&c.Request, &c.Policies)
	if s := c.Judge(answer(d)); s != "" {
		differs("%s", s)
	}
	if c.Want.Policy != "" && d.Policy != c.Want.Policy {
		differs("want it decided by the policy %s, got %q", c.Want.Policy, d.Policy)
	}
	if c.Want.Index != nil && d.Statement != *c.Want.Index {
		differs("want it decided by statement %d, got %d", *c.Want.Index, d.Statement)
	}
	if reason := d.Reason(c.Request.Action); c.Want.Reason != "" && reason != c.Want.Reason {
		differs("want the reason %q, got %q", c.Want.Reason, reason)
	}
	return append(out, Consistent(policy.Explain(&c.Request, &c.Policies), d)...)
}

// Consistent holds an explanation against the decision it explains: a sentence for each contradiction.
func Consistent(e *policy.Explanation, d policy.Decision) []string {
	var out []string
	if e.Decision() != d {
		out = append(out, fmt.Sprintf("Explain says %+v, Decide says %+v", e.Decision(), d))
	}
	explicit, lacking := false, false
	for _, k := range e.Types {
		implicit := k.Result == policy.ResultImplicit && !k.Overridden
		explicit = explicit || k.Result == policy.ResultExplicit && k.Type == d.Type
		lacking = lacking || implicit && k.Type == d.Type
		if d.Allowed && (k.Result == policy.ResultExplicit || implicit) {
			out = append(out, fmt.Sprintf("allowed, but the explanation says %s for the %s", k.Result, k.Type))
		}
	}
	if d.Explicit && !explicit || !d.Allowed && !d.Explicit && !lacking {
		out = append(out, fmt.Sprintf("denied by the %s, but the explanation of that kind knows nothing of it", d.Type))
	}
	if d.Explicit && d.Statement >= 0 {
		found := false
		for _, m := range e.Matched {
			found = found || m.Effect == "Deny" && m.PolicyID == d.Policy && m.Index == d.Statement
		}
		if !found {
			out = append(out, "the statement that denies is not among those that the explanation calls matched")
		}
	}
	return out
}
