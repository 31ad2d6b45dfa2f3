package iam

import (
	"testing"

	"iamd/store"
)

// TestBeginMember: the root user of an account that an organization made has
// neither key nor password, and its address is taken.
func TestBeginMember(t *testing.T) {
	d := NewAccount(policyDraft().env, "444455556666").Draft()
	d.BeginMember("Ink", "Ink@example.com")
	if _, ok := d.AnyKey(); ok || d.Root.Password != "" || d.Name != "Ink" || d.CreateDate.IsZero() {
		t.Errorf("%+v", d.settings)
	}
	_, changes := d.Seal()
	if len(changes.Take) != 1 || changes.Take[0] != (store.Unique{Space: SpaceRootEmail, Key: "ink@example.com"}) {
		t.Errorf("%+v", changes.Take)
	}
}

func TestLinkOrganizations(t *testing.T) {
	d := policyDraft()
	must(t, d.LinkOrganizations())
	must(t, d.LinkOrganizations()) // once is enough
	r, err := d.Role("AWSServiceRoleForOrganizations")
	must(t, err)
	if r.Path != "/aws-service-role/organizations.amazonaws.com/" || len(r.Attached) != 1 ||
		r.Attached[0] != "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy" ||
		r.Description != "Service-linked role used by AWS Organizations to enable integration of other AWS services with Organizations." {
		t.Errorf("%+v", r)
	}
	d.Join("o-example")
	task, err := d.DeleteServiceLinkedRole(r.Name, "one")
	must(t, err)
	if task.Failure == "" || !d.LinkedToOrganizations() {
		t.Errorf("deleted in an organization: %+v", task)
	}
	d.Join("")
	task, err = d.DeleteServiceLinkedRole(r.Name, "two")
	must(t, err)
	if task.Failure != "" || d.LinkedToOrganizations() {
		t.Errorf("%+v", task)
	}

	// A role of that name that is the customer's own is not the service's.
	_, err = d.CreateRole(NewRole{Name: OrganizationsRole, Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + d.ID + `"},"Action":"sts:AssumeRole"}}`})
	must(t, err)
	if d.LinkedToOrganizations() {
		t.Error("a customer's role is taken for the service's")
	}
	refused(t, d.LinkOrganizations(), CodeInvalidInput, "Service role name AWSServiceRoleForOrganizations has been taken in this account, please try a different suffix.")
}

func TestInvitations(t *testing.T) {
	d := policyDraft()
	for _, id := range []string{"h-1", "h-2"} {
		if !d.Invite(Invitation{Handshake: id, Organization: "o-1"}) {
			t.Error("there is no room")
		}
	}
	if i, ok := d.Invitation("h-2"); !ok || i.Organization != "o-1" {
		t.Errorf("%+v", i)
	}
	d.Disinvite("h-2")
	if _, ok := d.Invitation("h-2"); ok || len(d.Invitations) != 1 {
		t.Errorf("%+v", d.Invitations)
	}
}
