package guard

import (
	"strings"

	"iamd/iam"
	"iamd/policy"
)

// Denied is a request that policies do not allow. Its Error is AWS's sentence.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
type Denied struct {
	Caller   *Caller
	Check    Check
	Decision policy.Decision

	// What was decided upon, for a trace.
	question *question
	policies policy.Policies
	text     string // of the document whose statement denied, where it is known
	together bool   // caller and resource are of one organization
}

func (e *Denied) Error() string {
	if e.Caller.isFederated() { // AWS names neither caller nor role, whether it is there or not
		return "Not authorized to perform " + e.Check.Action
	}
	var b strings.Builder
	b.WriteString("User: ")
	switch e.Caller.Kind {
	case policy.Anonymous:
		b.WriteString("anonymous")
	case policy.Service:
		b.WriteString(e.Caller.Principal.Service)
	default:
		b.WriteString(e.Caller.ARN)
	}
	b.WriteString(" is not authorized to perform: ")
	b.WriteString(e.Check.Action)
	if !e.Check.Unnamed {
		b.WriteString(" on resource: ")
		b.WriteString(e.Check.named())
	}
	if e.Check.Bare {
		return b.String()
	}
	b.WriteByte(' ')
	b.WriteString(e.Decision.Reason(e.Check.Action))
	// The policy's ARN is named to callers of the same account or organization only.
	same := e.together || e.Check.owner(e.Caller) == e.Caller.Account
	if e.Decision.Explicit && same && strings.HasPrefix(e.Decision.Policy, "arn:") {
		b.WriteString(": ")
		b.WriteString(e.Decision.Policy)
	}
	return b.String()
}

// documentOf finds the document whose statement denied, as it was written; ""
// when none did, where it is not known which, and where it is another account's:
// its trust and resource policies are not the caller's to read.
func documentOf(d policy.Decision, c *Caller, a *iam.Account, check *Check, p *policy.Policies) string {
	switch {
	case !d.Explicit:
		return ""
	case d.Type == policy.Trust || d.Type == policy.Resource:
		if check.owner(c) != c.Account {
			return ""
		}
		return check.Text
	case a == nil:
		return ""
	case strings.HasPrefix(d.Policy, "arn:"):
		if managed, ok := a.Policy(d.Policy); ok && managed.Default() != nil {
			return managed.Default().Document.Text()
		}
	case d.Type == policy.Session && c.Session != nil && len(c.Session.Policies) == 1:
		return c.Session.Policies[0]
	case d.Type == policy.Identity:
		return inlineOf(only(p.Identity, d.Policy), c, a)
	}
	return ""
}

// only is the policy with an id; nil if several have it, as inline policies may:
// their ids are made of two names with a "_" between.
func only(list []policy.Attached, id string) (one *policy.Compiled) {
	for i := range list {
		if list[i].ID != id {
			continue
		}
		if one != nil {
			return nil
		}
		one = list[i].Policy
	}
	return one
}

// inlineOf finds the text of an inline policy of the caller.
func inlineOf(compiled *policy.Compiled, c *Caller, a *iam.Account) string {
	if compiled == nil {
		return ""
	}
	var holders []iam.Grants
	if r, ok := a.RoleByID(c.UniqueID); ok && c.Kind == policy.Role {
		holders = append(holders, r.Grants)
	}
	if u, ok := a.UserByID(c.UniqueID); ok && (c.Kind == policy.User || c.Kind == policy.FederatedUser) {
		holders = append(holders, u.Grants)
		for _, g := range a.GroupsOf(u) {
			holders = append(holders, g.Grants)
		}
	}
	for _, grants := range holders {
		for _, in := range grants.Inline {
			if in.Document.Compiled() == compiled {
				return in.Document.Text()
			}
		}
	}
	return ""
}
