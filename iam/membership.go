package iam

import (
	"slices"
	"time"
)

// OrganizationsService is the service principal of Organizations, and
// OrganizationsRole the role that it has in every account of an organization.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html#orgs_integrate_services-using_slrs
const (
	OrganizationsService = "organizations.amazonaws.com"
	OrganizationsRole    = "AWSServiceRoleForOrganizations"
)

// maxInvitations bounds how many handshakes an account keeps note of, so that
// strangers can't fill it.
const maxInvitations = 100

// Membership is what an account knows of organizations.
type Membership struct {
	// Organization is the id (o-…) of the one that the account is in; "" for none.
	Organization string `json:"organization,omitempty"`
	// Closed is when the account was closed, zero while it is open. Nobody of a
	// closed account gets in.
	Closed time.Time `json:"closed,omitzero"`
	// Invitations are the handshakes that were sent to the account.
	Invitations []Invitation `json:"invitations,omitempty"`
	// RootBilling says that users and roles were not given access to bills when the
	// account was made.
	RootBilling bool `json:"rootBilling,omitempty"`
}

// Invitation points to a handshake of an organization.
type Invitation struct {
	Handshake    string `json:"handshake"` // h-…
	Organization string `json:"organization"`
	// Until is when the handshake is no longer shown, whatever becomes of it.
	Until time.Time `json:"until,omitzero"`
}

// Join makes the account a member of an organization; "" ends that. The
// organization's own draft must say the same.
func (d *Draft) Join(organization string) {
	d.Organization = organization
	d.putSettings()
}

// LinkOrganizations makes the role of Organizations, unless it is there.
func (d *Draft) LinkOrganizations() error {
	if d.LinkedToOrganizations() {
		return nil
	}
	_, err := d.CreateServiceLinkedRole(OrganizationsService, "",
		"Service-linked role used by AWS Organizations to enable integration of other AWS services with Organizations.")
	return err
}

// LinkedToOrganizations tells whether the role of Organizations is there.
func (a *Account) LinkedToOrganizations() bool {
	r, err := a.Role(OrganizationsRole)
	return err == nil && r.ServiceLinked()
}

// KeepBillsFromUsers notes that only the root user was given access to bills.
func (d *Draft) KeepBillsFromUsers() {
	d.RootBilling = true
	d.putSettings()
}

// Close ends the account; the zero time opens it again.
func (d *Draft) Close(at time.Time) {
	d.Closed = at
	d.putSettings()
}

// Invite notes a handshake that was sent to the account, and forgets those whose
// time is over. It tells whether there was room.
func (d *Draft) Invite(i Invitation) bool {
	now := d.env.Now()
	kept := without(d.Invitations, func(old Invitation) bool { return !old.Until.IsZero() && !now.Before(old.Until) })
	if len(kept) >= maxInvitations {
		return false
	}
	d.Invitations = append(kept, i)
	d.putSettings()
	return true
}

// InvitationsFull tells whether the account may have no room for another note.
func (a *Account) InvitationsFull() bool { return len(a.Invitations) >= maxInvitations }

// Disinvite forgets a handshake.
func (d *Draft) Disinvite(handshake string) {
	d.Invitations = without(d.Invitations, func(i Invitation) bool { return i.Handshake == handshake })
	d.putSettings()
}

// Invitation finds the note of a handshake.
func (a *Account) Invitation(handshake string) (Invitation, bool) {
	if i := slices.IndexFunc(a.Invitations, func(i Invitation) bool { return i.Handshake == handshake }); i >= 0 {
		return a.Invitations[i], true
	}
	return Invitation{}, false
}
