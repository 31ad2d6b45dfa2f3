package org

import (
	"iter"
	"time"

	"iamd/iam"
)

// Attachment says that a policy is attached to a root, a unit or an account.
type Attachment struct {
	Policy string     `json:"policy"` // its id
	Type   PolicyType `json:"type"`
	Target string     `json:"target"` // the id of the root or unit, or the account's number
	// Since is when it was attached.
	Since time.Time `json:"since"`
}

// AttachPolicy attaches a policy to a root, unit or account.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
func (d *Draft) AttachPolicy(policy, target string) error {
	p, err := d.attachable(policy, target)
	if err != nil {
		return err
	}
	if !d.Enabled(p.Type) {
		return notEnabled()
	}
	if _, ok := d.attached.Get(target + "\x00" + policy); ok {
		return iam.Errorf("DuplicatePolicyAttachmentException", "A policy with the specified name and type already exists.")
	}
	if _, most, _ := d.env.Quotas.of(p.Type); d.countAttached(target, p.Type) >= most {
		return refuse(CodeConstraint, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have attached the maximum number of policies to the specified target.")
	}
	at := Attachment{Policy: policy, Type: p.Type, Target: target, Since: d.attachedNext(target, p.Type)}
	d.keepingValid(p.Type, []string{target}, func() { d.putAttachment(at, true) })
	return nil
}

// DetachPolicy detaches a policy. Of service control policies one stays on each
// target, and AWS's resource control policy can't be detached at all.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
func (d *Draft) DetachPolicy(policy, target string) error {
	p, err := d.attachable(policy, target)
	if err != nil {
		return err
	}
	at, ok := d.attached.Get(target + "\x00" + policy)
	switch {
	case !ok:
		return iam.Errorf("PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root.")
	case policy == RCPFullAccess:
		return refuse(CodeInvalidInput, "NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy.")
	case p.Type == SCP && d.countAttached(target, SCP) == 1:
		return refuse(CodeConstraint, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.")
	}
	d.keepingValid(p.Type, []string{target}, func() {
		d.putAttachment(at, false)
		d.markDetached(at)
	})
	return nil
}

// attachable finds a policy and checks that the target is there.
func (o *Organization) attachable(policy, target string) (*Policy, error) {
	if o.FeatureSet != AllFeatures {
		return nil, o.available(SCP)
	}
	p, err := o.FindPolicy(policy)
	if err != nil {
		return nil, err
	}
	return p, o.Target(target)
}

// Target checks that there is a root, unit or account with that id.
func (o *Organization) Target(id string) error {
	if o.Line(id) == nil {
		return noTarget()
	}
	return nil
}

// TargetName is what the root, a unit or an account is called, and its type, in
// AWS's words.
func (o *Organization) TargetName(id string) (name, kind string) {
	if u, ok := o.units.Get(id); ok {
		return u.Name, string(ChildUnit)
	}
	if a, ok := o.accounts.Get(id); ok {
		return a.Name, string(ChildAccount)
	}
	return o.Root.Name, "ROOT"
}

// AttachedTo lists the policies of a type that are attached to a target itself,
// by their ids.
func (o *Organization) AttachedTo(target string, t PolicyType) (list []*Policy) {
	for _, p := range o.AttachedAfter(target, t, "") {
		list = append(list, p)
	}
	return list
}

// AttachedAfter walks the policies of a type that are attached to a target, by
// id.
func (o *Organization) AttachedAfter(target string, t PolicyType, id string) iter.Seq2[string, *Policy] {
	return func(yield func(string, *Policy) bool) {
		for id, at := range within(o.attached, target, id) {
			if p, ok := o.Policy(id); ok && at.Type == t && !yield(id, p) {
				return
			}
		}
	}
}

// TargetsAfter walks what a policy is attached to, by id.
func (o *Organization) TargetsAfter(policy, id string) iter.Seq2[string, Attachment] {
	return within(o.targets, policy, id)
}

func (o *Organization) countAttached(target string, t PolicyType) (n int) {
	for range o.AttachedAfter(target, t, "") {
		n++
	}
	return n
}

// targetIDs walks the root, the units and the accounts.
func (o *Organization) targetIDs() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(o.Root.ID) {
			return
		}
		for _, id := range append(o.units.Keys(), o.accounts.Keys()...) {
			if !yield(id) {
				return
			}
		}
	}
}
