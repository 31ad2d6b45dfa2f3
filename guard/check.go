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
	// Named is how AWS names the resource in a denial, such as "user Bob", or an
	// ARN with its account masked; empty when AWS writes the ARN.
	Named string
	// Unnamed marks the few actions whose denials name no resource at all.
	Unnamed bool
	// Bare marks the few actions whose denials give no reason.
	Bare bool
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
	// Granted are what the account grants every one of its users, beside the
	// caller's own policies.
	Granted []policy.Attached
	// Text is the document of Trust or of Policies as it was written, for who may
	// be told which statement denied.
	Text string
}

// named is the resource as a denial names it.
func (k *Check) named() string {
	if k.Named != "" {
		return k.Named
	}
	return k.Resource
}

// owner is the account that the resource belongs to; "" if nobody's.
func (k *Check) owner(c *Caller) string {
	if k.Account != "" {
		return k.Account
	}
	return c.Account
}

// Key is a condition key's name and value. Many marks a multivalued key.
type Key struct {
	Name   string
	Values []string
	Many   bool
}

// Value is a single-valued condition key.
func Value(name, value string) Key { return Key{Name: name, Values: []string{value}} }
