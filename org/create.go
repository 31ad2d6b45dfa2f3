package org

import (
	"slices"

	"iamd/iam"
)

// Begin makes the organization, with a root and the management account in it,
// and enables service control policies if it has all features.
// The account's own draft must Join.
func (d *Draft) Begin(features FeatureSet, management Account) {
	d.Created, d.FeatureSet, d.Management = d.now(), features, management.ID
	d.Root = Root{ID: "r-" + random(d.env.Rand, 4), Name: "Root"}
	management.Parent, management.Method, management.Joined = d.Root.ID, JoinedInvited, d.Created
	d.putAccount(nil, &management)
	d.putSettings()
	if features == AllFeatures {
		d.enable(SCP)
	}
}

// Delete removes the whole organization; every row goes, and with the handshakes
// what was agreed on. It must hold no other account, unit or policy.
func (d *Draft) Delete() error {
	if d.accounts.Len() > 1 || d.units.Len() > 0 || d.policies.Len() > 0 {
		return iam.Errorf("OrganizationNotEmptyException", "To delete an organization you must first remove all member accounts (except the management account), organizational units, and policies.")
	}
	if d.transferring() {
		return refuse(CodeConstraint, "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS", "You cannot delete organization due to an ongoing responsibility transfer process.")
	}
	d.detachAll(d.Root.ID)
	d.detachAll(d.Management)
	for _, id := range d.handshakes.Keys() {
		d.dropHandshake(id)
	}
	for _, id := range d.creations.Keys() {
		d.dropCreation(id)
	}
	for _, id := range d.transfers.Keys() {
		d.transfers.Delete(id)
		d.note(rowTransfer, id, nil)
	}
	d.putAccount(d.Master(), nil)
	d.note(rowSettings, "", nil)
	d.settings = settings{}
	return nil
}

// clone is a list that may be changed.
func clone[T any](list []T) []T { return slices.Clone(list) }
