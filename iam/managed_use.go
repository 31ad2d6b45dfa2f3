package iam

import (
	"iter"
	"strings"
)

// AWSManagedInUse yields the ARN of each AWS managed policy that someone has
// attached or is bounded by, once, in order; also of those that are gone from the
// catalog.
func (a *Account) AWSManagedInUse() iter.Seq[string] {
	const prefix = "arn:aws:iam::" + AWSOwned + ":policy/"
	return func(yield func(string) bool) {
		for from := prefix; ; {
			arn := ""
			a.uses.Ascend(from, func(k string, _ Use) bool {
				arn, _, _ = strings.Cut(k, "\x00")
				return false
			})
			if !strings.HasPrefix(arn, prefix) || !yield(arn) {
				return
			}
			from = arn + "\x01" // past all uses of this policy
		}
	}
}

// takenBack is what remains of an attached policy that AWS no longer has: it
// denies, and must be seen to be detached.
func takenBack(arn string) *Policy {
	_, name, _ := strings.Cut(arn, ":policy")
	at := strings.LastIndexByte(name, '/') + 1
	return &Policy{ARN: arn, Path: name[:at], Name: name[at:]}
}
