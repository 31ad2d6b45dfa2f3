package org

import (
	"cmp"
	"slices"
	"time"

	"iamd/iam"
)

// EffectivePolicy is what the policies of a type come to for an account.
type EffectivePolicy struct {
	Account string
	Type    PolicyType
	// Content is the document, without operators.
	Content string
	// Updated is when something last changed that it is made of.
	Updated time.Time
	// Errors are what is wrong with it. While there are any, the account keeps the
	// last policy that was right: Content.
	Errors []ValidationError
}

// ValidationError is a fault of an effective policy, that no single policy has.
type ValidationError struct {
	Code, Message string
	Path          string   // plans/daily/rules
	Policies      []string // ids of those that contributed
}

// EffectivePolicy computes the effective policy of an account.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html
func (o *Organization) EffectivePolicy(account string, t PolicyType) (*EffectivePolicy, error) {
	if err := o.effective(t); err != nil {
		return nil, err
	}
	merged := mergeManagement(t, o.writtenFor(account, t))
	p := &EffectivePolicy{Account: account, Type: t, Updated: o.effectiveSince(account, t), Errors: validate(t, merged)}
	if len(p.Errors) == 0 {
		p.Content = string(merged.format(nil))
		return p, nil
	}
	p.Content = nothing
	if a, ok := o.Account(account); ok && a.LastValid[t] != "" {
		p.Content = a.LastValid[t]
	}
	return p, nil
}

// nothing is the effective policy where none says anything.
const nothing = "{}"

// effective refuses a type that has no effective policies.
func (o *Organization) effective(t PolicyType) error {
	if syntaxes[t] == nil {
		return refuse(CodeInvalidInput, "INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")
	}
	if !o.Enabled(t) {
		return iam.Errorf("EffectivePolicyNotFoundException", "The specified policy type is not enabled. Enable that policy type on your organization root and then retry.")
	}
	return nil
}

// EffectiveTarget checks that effective policies can be asked for: of accounts
// that there are.
func (o *Organization) EffectiveTarget(id string) error {
	if len(id) != accountDigits {
		return refuse(CodeInvalidInput, "TARGET_NOT_SUPPORTED", "You specified a target that is not currently supported.")
	}
	if _, ok := o.Account(id); !ok {
		return noTarget()
	}
	return nil
}

const accountDigits = 12

// writtenFor gathers the policies of a type, a slice a level, from the root down
// to an account.
func (o *Organization) writtenFor(account string, t PolicyType) (levels [][]written) {
	for _, step := range o.Line(account) {
		levels = append(levels, o.level(step, t))
	}
	return levels
}

// attachedBySince are the attachments of a target, in the order in which they were
// made.
func (o *Organization) attachedBySince(target string, t PolicyType) (list []Attachment) {
	for _, at := range within(o.attached, target, "") {
		if at.Type == t {
			list = append(list, at)
		}
	}
	slices.SortStableFunc(list, func(a, b Attachment) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Policy, b.Policy))
	})
	return list
}

// effectiveSince is when something last changed that an account's effective
// policy is made of: the type was enabled, the account came or moved, policies
// were attached, detached or updated.
func (o *Organization) effectiveSince(account string, t PolicyType) time.Time {
	last := o.Root.Enabled[t]
	newer := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	if a, ok := o.Account(account); ok {
		newer(a.Joined)
		newer(a.Moved)
	}
	for _, step := range o.Line(account) {
		newer(o.detachedFrom(step, t))
		for _, at := range o.attachedBySince(step, t) {
			newer(at.Since)
			if p, ok := o.Policy(at.Policy); ok {
				newer(p.Updated)
			}
		}
	}
	return last
}

// InvalidAccounts lists the members, by number, whose effective policy of a type
// has something wrong with it.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsWithInvalidEffectivePolicy.html
func (o *Organization) InvalidAccounts(t PolicyType) (ids []string, err error) {
	if err := o.effective(t); err != nil {
		return nil, err
	}
	if t.validated() {
		o.eachEffective(t, []string{o.Root.ID}, func(account string, e *evaluated) {
			if len(e.errors) > 0 {
				ids = append(ids, account)
			}
		})
	}
	slices.Sort(ids)
	return ids, nil
}
