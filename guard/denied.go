package guard

import (
	"strings"

	"iamd/policy"
)

// Denied is a request that policies do not allow. Its Error is AWS's sentence.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
type Denied struct {
	Caller   *Caller
	Check    Check
	Decision policy.Decision
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
	b.WriteString(" on resource: ")
	b.WriteString(resource)
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
