package guard

import (
	"iamd/iam"
	"iamd/policy"
)

// Check is one question that must be answered yes before an operation runs.
type Check struct {
	// Action is the IAM action, such as "iam:CreateUser".
	Action string
	// Resource is the ARN that is asked for, or "*" for an action that knows
	// no resources.
	Resource string
	// Named is how AWS names the resource in a denial, such as "user Bob";
	// empty when AWS writes the ARN.
	Named string
	// Account owns the resource; empty means the caller's own account.
	Account string
	// Tags are the resource's (aws:ResourceTag/KEY, and the service's own
	// ResourceTag key).
	Tags []iam.Tag
	// RequestTags are the tags that the request brings (aws:RequestTag/KEY and
	// aws:TagKeys); TagKeys are keys it names without values.
	RequestTags []iam.Tag
	TagKeys     []string
	// Keys are the action's own condition keys, such as iam:PolicyARN.
	Keys []Key
	// Trust is the trust policy of the role that is to be assumed. With
	// HasTrust set, it must allow by itself.
	Trust    []policy.Attached
	HasTrust bool
	// Policies are the resource's own, such as an API's resource policy.
	Policies []policy.Attached
}

// Key is a condition key's name and value. Many marks a multivalued key.
type Key struct {
	Name   string
	Values []string
	Many   bool
}

// Value is a single-valued condition key.
func Value(name, value string) Key { return Key{Name: name, Values: []string{value}} }
