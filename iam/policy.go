package iam

import (
	"iter"
	"strings"

	"iamd/catalog"
	"iamd/policy"
)

// AWSOwned is what stands for the account in the ARNs of AWS's own policies.
const AWSOwned = "aws"

// PolicyOwner reads whose managed policy an ARN names: an account number, or
// AWSOwned. It does not say that the policy exists.
func PolicyOwner(arn string) (account string, err error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "", Errorf(CodeValidation, "Invalid ARN:  Could not be parsed!")
	}
	account = parts[4]
	name, isPolicy := strings.CutPrefix(parts[5], "policy/")
	if parts[1] != "aws" || parts[2] != "iam" || parts[3] != "" || !isPolicy || name == "" ||
		account != AWSOwned && !isAccountID(account) {
		return "", Errorf(CodeValidation, "ARN %s is not valid.", arn)
	}
	return account, nil
}

// NamesPolicy tells whether an ARN's resource is a managed policy, be the rest of
// the ARN right or not. A path may hold anything, ":policy/" too.
func NamesPolicy(arn string) bool {
	part := strings.SplitN(arn, ":", 6)
	return len(part) == 6 && strings.HasPrefix(part[5], "policy/")
}

// Policy finds a managed policy by its exact ARN, path and case included: one
// of the account's own, or one of AWS's.
func (a *Account) Policy(arn string) (*Policy, bool) {
	if p, ok := a.policies.Get(fold(arn[strings.LastIndexByte(arn, '/')+1:])); ok && p.ARN == arn {
		return p, true
	}
	return a.env.awsManaged(arn)
}

// FindPolicy is Policy with AWS's error: a ValidationError for what is no
// policy's ARN, or NoSuchEntity.
func (a *Account) FindPolicy(arn string) (*Policy, error) {
	if _, err := PolicyOwner(arn); err != nil {
		return nil, err
	}
	if p, ok := a.Policy(arn); ok {
		return p, nil
	}
	return nil, noPolicy(arn)
}

// PolicyARN is the ARN of a managed policy of this account.
func (a *Account) PolicyARN(path, name string) string { return a.arn("policy", path, name) }

// Attachable tells whether customers may attach the policy.
func (p *Policy) Attachable() bool {
	return !(p.AWSManaged() && strings.HasPrefix(p.Path, serviceLinkedPath))
}

// AWSManaged tells AWS's policies from the customers' own.
func (p *Policy) AWSManaged() bool {
	return strings.HasPrefix(p.ARN, "arn:aws:iam::"+AWSOwned+":")
}

// PolicyScope says whose managed policies are meant.
type PolicyScope string

// Scopes of managed policies.
const (
	ScopeAll   PolicyScope = "All"
	ScopeAWS   PolicyScope = "AWS"
	ScopeLocal PolicyScope = "Local"
)

// Both kinds of policies make one list, told apart by the first byte of their
// keys: the account's own come first.
const (
	keyLocal = "0"
	keyAWS   = "1"
)

// ManagedPoliciesAfter walks the managed policies of a scope by name, the
// account's own before AWS's, beginning after a key that it gave; "" begins at
// the first.
func (a *Account) ManagedPoliciesAfter(scope PolicyScope, key string) iter.Seq2[string, *Policy] {
	return func(yield func(string, *Policy) bool) {
		if name, ok := strings.CutPrefix(key, keyLocal); scope != ScopeAWS && (ok || key == "") {
			for name, p := range a.PoliciesAfter(name) {
				if !yield(keyLocal+name, p) {
					return
				}
			}
		}
		if scope == ScopeLocal {
			return
		}
		for m := range catalog.ManagedPolicies() {
			if keyAWS+m.Name <= key {
				continue
			}
			if p, ok := a.env.awsManaged(m.ARN); ok && !yield(keyAWS+m.Name, p) {
				return
			}
		}
	}
}

// NewPolicy says what a customer managed policy begins with. An empty Path
// means "/".
type NewPolicy struct {
	Name, Path, Description string
	Document                string
	Tags                    []Tag
}

// CreatePolicy makes a customer managed policy with its first version. Names
// are unique in the account regardless of case and path.
func (d *Draft) CreatePolicy(in NewPolicy) (*Policy, error) {
	document, err := d.checkManaged(in.Document)
	if err != nil {
		return nil, err
	}
	if _, taken := d.policies.Get(fold(in.Name)); taken {
		return nil, Errorf(CodeEntityAlreadyExists, "A policy called %s already exists. Duplicate names are not allowed.", in.Name)
	}
	if d.PolicyCount() >= d.env.Quotas.Policies {
		return nil, quota("PoliciesPerAccount", d.env.Quotas.Policies)
	}
	tags, err := d.tagged(nil, in.Tags, exactTagKeys)
	if err != nil {
		return nil, err
	}
	now := d.now()
	p := &Policy{
		ID:          NewUniqueID(d.env.Rand, PrefixPolicy),
		Name:        in.Name,
		Path:        orRoot(in.Path),
		ARN:         d.PolicyARN(orRoot(in.Path), in.Name),
		Description: in.Description,
		CreateDate:  now,
		UpdateDate:  now,
		Tags:        tags,
	}
	p.addVersion(document, now, true)
	d.putPolicy(nil, p)
	return p, nil
}

// checkManaged holds a document to what managed policies must keep, and gives
// the text that is kept of it.
func (d *Draft) checkManaged(document string) (kept string, err error) {
	if _, err := checkDocument(document, policy.Identity, true); err != nil {
		return "", err
	}
	kept, size := weighed(document)
	if limit := d.env.Quotas.PolicySize; size > limit {
		return "", quota("PolicySize", limit)
	}
	return kept, nil
}

// DeletePolicy removes a customer managed policy that nobody uses and that has
// no version but the one in force.
func (d *Draft) DeletePolicy(arn string) error {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return err
	}
	for range d.UsesAfter(arn, "") {
		return Errorf(CodeDeleteConflict, "Cannot delete a policy attached to entities.")
	}
	if len(p.Versions) > 1 {
		return Errorf(CodeDeleteConflict, "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	d.putPolicy(p, nil)
	return nil
}

// TagPolicy adds tags to a customer managed policy; a key that it has gets the
// new value.
func (d *Draft) TagPolicy(arn string, tags []Tag) error {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return err
	}
	next := clone(p)
	if next.Tags, err = d.tagged(p.Tags, tags, exactTagKeys); err != nil {
		return err
	}
	d.putPolicy(p, next)
	return nil
}

// UntagPolicy takes tags away; keys that the policy does not have are no error.
func (d *Draft) UntagPolicy(arn string, keys []string) error {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return err
	}
	next := clone(p)
	next.Tags = untagged(p.Tags, keys, exactTagKeys)
	d.putPolicy(p, next)
	return nil
}

// ownPolicy finds a policy that the account may change. AWS's are not among
// them, whatever the guard let through.
func (d *Draft) ownPolicy(arn string) (*Policy, error) {
	p, err := d.FindPolicy(arn)
	if err != nil {
		return nil, err
	}
	if p.AWSManaged() {
		return nil, noPolicy(arn)
	}
	return p, nil
}
