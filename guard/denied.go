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
}

func (e *Denied) Error() string {
	resource := e.Check.Named
	if resource == "" {
		resource = e.Check.Resource
	}
	return e.Sentence(resource)
}

// Sentence is AWS's sentence with the resource as a door wants it named.
func (e *Denied) Sentence(resource string) string {
	var b strings.Builder
	b.WriteString("User: ")
	if e.Caller.Kind == policy.Anonymous {
		b.WriteString("anonymous")
	} else {
		b.WriteString(e.Caller.ARN)
	}
	b.WriteString(" is not authorized to perform: ")
	b.WriteString(e.Check.Action)
	if !e.Check.Unnamed {
		b.WriteString(" on resource: ")
		b.WriteString(resource)
	}
	b.WriteByte(' ')
	b.WriteString(e.Decision.Reason(e.Check.Action))
	// The policy's ARN is named to callers of the same account only.
	same := e.Check.Account == "" || e.Check.Account == e.Caller.Account
	if e.Decision.Explicit && same && strings.HasPrefix(e.Decision.Policy, "arn:") {
		b.WriteString(": ")
		b.WriteString(e.Decision.Policy)
	}
	return b.String()
}

// documentOf finds the document whose statement denied, as it was written; ""
// when none did, or where it is not known which.
func documentOf(d policy.Decision, c *Caller, a *iam.Account, check *Check) string {
	switch {
	case !d.Explicit:
		return ""
	case d.Type == policy.Trust || d.Type == policy.Resource:
		return check.Text
	case a == nil:
		return ""
	case strings.HasPrefix(d.Policy, "arn:"):
		if p, ok := a.Policy(d.Policy); ok && p.Default() != nil {
			return p.Default().Document.Text()
		}
	case d.Type == policy.Session && c.Session != nil && len(c.Session.Policies) == 1:
		return c.Session.Policies[0]
	case d.Type == policy.Identity && c.Kind == policy.Role:
		if r, ok := a.RoleByID(c.UniqueID); ok {
			return inlineOf(d.Policy, "role_"+r.Name, r.Grants)
		}
	case d.Type == policy.Identity && c.Kind == policy.User:
		u, ok := a.UserByID(c.UniqueID)
		if !ok {
			return ""
		}
		if text := inlineOf(d.Policy, "user_"+u.Name, u.Grants); text != "" {
			return text
		}
		for _, g := range a.GroupsOf(u) {
			if text := inlineOf(d.Policy, "group_"+g.Name, g.Grants); text != "" {
				return text
			}
		}
	}
	return ""
}

// inlineOf finds an inline policy by the id that iam.Granted gives it.
func inlineOf(id, entity string, grants iam.Grants) string {
	for _, in := range grants.Inline {
		if id == entity+"_"+in.Name {
			return in.Document.Text()
		}
	}
	return ""
}
