package org

import (
	"fmt"
	"slices"
	"testing"
)

func TestAttachments(t *testing.T) {
	q := DefaultQuotas()
	q.Attached = 3
	d := newOrganization(t, q).Draft()
	u, err := d.CreateUnit(d.Root.ID, "U", nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range 3 {
		ids = append(ids, makePolicy(t, d, SCP, fmt.Sprint("P", i)).ID)
	}
	tag, rcp := makePolicy(t, d, "TAG_POLICY", "T"), makePolicy(t, d, RCP, "R")
	for _, id := range ids[:2] {
		if err := d.AttachPolicy(id, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.EnablePolicyType(d.Root.ID, RCP); err != nil {
		t.Fatal(err)
	}
	var targets []string
	for id := range d.TargetsAfter(FullAccess, "") {
		name, kind := d.TargetName(id)
		targets = append(targets, name+" "+kind)
	}
	if want := []string{"Management ACCOUNT", "U ORGANIZATIONAL_UNIT", "Root ROOT"}; !slices.Equal(targets, want) {
		t.Errorf("got %q, want %q", targets, want)
	}
	for _, c := range []struct {
		err                error
		code, reason, text string
	}{
		{d.AttachPolicy("p-12345678", u.ID), CodePolicyNotFound, "", "You specified a policy that doesn't exist."},
		{d.DetachPolicy("p-12345678", u.ID), CodePolicyNotFound, "", "You specified a policy that doesn't exist."},
		{d.AttachPolicy(ids[0], "ou-none-12345678"), CodeTargetNotFound, "", "You specified a target that doesn't exist."},
		{d.DetachPolicy(ids[0], "999999999999"), CodeTargetNotFound, "", "You specified a target that doesn't exist."},
		{d.AttachPolicy(tag.ID, u.ID), CodePolicyTypeDisabled, "", "This operation can be performed only for enabled policy types."},
		{d.AttachPolicy(ids[0], u.ID), "DuplicatePolicyAttachmentException", "", "A policy with the specified name and type already exists."},
		{d.AttachPolicy(RCPFullAccess, u.ID), "DuplicatePolicyAttachmentException", "", "A policy with the specified name and type"},
		{d.AttachPolicy(ids[2], u.ID), CodeConstraint, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have attached the maximum number of policies to the specified target."},
		{d.DetachPolicy(ids[2], u.ID), "PolicyNotAttachedException", "", "The policy isn't attached to the specified target"},
		{d.DetachPolicy(RCPFullAccess, u.ID), CodeInvalidInput, "NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy."},
		{d.DetachPolicy(FullAccess, d.Root.ID), CodeConstraint, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times."},
		{d.DeletePolicy(ids[0]), "PolicyInUseException", "", "The specified policy is in use and cannot be deleted."},
	} {
		refused(t, c.err, c.code, c.reason, c.text)
	}
	// The last of another type may go, one of two service control policies too.
	for _, err := range []error{
		d.AttachPolicy(rcp.ID, d.Management), d.DetachPolicy(rcp.ID, d.Management), d.DeletePolicy(rcp.ID),
		d.DetachPolicy(FullAccess, u.ID), d.DetachPolicy(ids[0], u.ID), d.DeletePolicy(ids[0]), d.AttachPolicy(FullAccess, u.ID),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := d.DeleteUnit(u.ID); err != nil {
		t.Fatal(err)
	}
	for range d.TargetsAfter(ids[1], "") {
		t.Error("attached to a unit that is gone")
	}
}

// TestStanding: each level from the root to the account has its say, for the
// management account none.
func TestStanding(t *testing.T) {
	d := newOrganization(t, DefaultQuotas()).Draft()
	u, err := d.CreateUnit(d.Root.ID, "U", nil)
	if err != nil {
		t.Fatal(err)
	}
	member := &Account{ID: "222233334444", Name: "Member", Parent: u.ID}
	d.putAccount(nil, member)
	d.inherit(member.ID)
	p := makePolicy(t, d, SCP, "P")
	if err := d.AttachPolicy(p.ID, u.ID); err != nil {
		t.Fatal(err)
	}
	o, _ := d.Seal()
	s, ok := o.Standing(member.ID)
	if !ok || s.Path != o.ID+"/"+o.Root.ID+"/"+u.ID+"/" || s.Management || s.RCPs != nil || len(s.SCPs) != 3 {
		t.Fatalf("%+v, %v", s, ok)
	}
	var levels []int
	for _, level := range s.SCPs {
		levels = append(levels, len(level))
	}
	if !slices.Equal(levels, []int{1, 2, 1}) || s.SCPs[1][1].ID != o.PolicyARN(p) && s.SCPs[1][0].ID != o.PolicyARN(p) {
		t.Errorf("%v: %+v", levels, s.SCPs[1])
	}
	if again, _ := o.Standing(member.ID); again != s {
		t.Error("worked out twice")
	}
	if m, ok := o.Standing(o.Management); !ok || !m.Management || m.SCPs != nil || m.RCPs != nil {
		t.Errorf("the management account: %+v, %v", m, ok)
	}
	if _, ok := o.Standing("999999999999"); ok {
		t.Error("a stranger stands somewhere")
	}
	// The next value's standing is its own.
	next := o.Draft()
	if err := next.MoveAccount(member.ID, u.ID, o.Root.ID); err != nil {
		t.Fatal(err)
	}
	moved, _ := next.Seal()
	if s, _ := moved.Standing(member.ID); len(s.SCPs) != 2 || s.Path != o.ID+"/"+o.Root.ID+"/" {
		t.Errorf("moved: %+v", s)
	}
}
