package org

// EnableAllFeatures begins to turn an organization that only shares its bills
// into one with all features. The management account accepts the handshake once
// it is OPEN: when every member that was invited has accepted its own. Invitations
// that are open end, as they were into less, and none are sent until it is over.
// https://docs.aws.amazon.com/organizations/latest/userguide/manage-begin-all-features-standard-migration.html
func (d *Draft) EnableAllFeatures() (*Handshake, error) {
	switch {
	case d.FeatureSet == AllFeatures:
		return nil, refuse(CodeHandshakeConstraint, "ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "All features are already enabled on this organization.")
	case d.migration() != nil:
		return nil, refuse(CodeHandshakeConstraint, "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", "The process to enable all features has already been started on this organization.")
	}
	d.forgetHandshakes()
	for _, h := range d.handshakes.Values() {
		if h = d.current(h); h != nil && h.Action == ActionInvite && h.Open() {
			if _, err := d.settle(h, StateCanceled); err != nil {
				return nil, err
			}
		}
	}
	parent := d.propose(Handshake{
		Action: ActionEnableAllFeatures, State: StateRequested, Expires: d.now().Add(allFeaturesOpen), Recipient: d.Management,
		Parties:   []HandshakeParty{d.party()},
		Resources: []HandshakeResource{{Type: PartyOrganization, Value: d.ID}},
	})
	for id, a := range d.AccountsAfter("") {
		if id != d.Management && a.Method == JoinedInvited && a.Closed.IsZero() {
			d.askApproval(parent, id)
		}
	}
	return d.advance(parent.ID), nil
}

// askApproval asks a member whether all features may be enabled.
func (d *Draft) askApproval(parent *Handshake, account string) {
	d.propose(Handshake{
		Action: ActionApproveAllFeatures, State: StateOpen, Expires: parent.Expires, Recipient: account, Parent: parent.ID,
		Parties: []HandshakeParty{d.party(), {PartyAccount, account}},
		Resources: []HandshakeResource{
			{Type: "PARENT_HANDSHAKE", Value: parent.ID[len("h-"):]},
			{Type: PartyOrganization, Value: d.ID},
			{Type: PartyAccount, Value: account},
		},
	})
}

// Approve is a member's yes.
func (d *Draft) Approve(id string) (*Handshake, error) {
	h, err := d.Handshake(id)
	if err != nil {
		return nil, err
	}
	next, err := d.settle(h, StateAccepted)
	if err == nil {
		d.advance(h.Parent)
	}
	return next, err
}

// FinishAllFeatures enables all features, to which everybody has said yes.
func (d *Draft) FinishAllFeatures(id string) (*Handshake, error) {
	h, err := d.Handshake(id)
	if err != nil {
		return nil, err
	}
	next, err := d.settle(h, StateAccepted)
	if err == nil {
		d.FeatureSet = AllFeatures
		d.putSettings()
	}
	return next, err
}

// migration is the open handshake about all features, or nil.
func (o *Organization) migration() *Handshake {
	for _, h := range o.HandshakesAfter("") {
		if h.Action == ActionEnableAllFeatures && h.Open() {
			return h
		}
	}
	return nil
}

// approvals are the parts of a handshake, as they are now.
func (o *Organization) approvals(parent string) (list []*Handshake) {
	for _, h := range o.HandshakesAfter("") {
		if h.Parent == parent {
			list = append(list, h)
		}
	}
	return list
}

// advance opens the handshake about all features when everybody who is asked has
// said yes.
func (d *Draft) advance(id string) *Handshake {
	h, err := d.Handshake(id)
	if err != nil || !h.Open() {
		return h
	}
	next := *h
	next.State = StateOpen
	for _, part := range d.approvals(id) {
		if part.State != StateAccepted && part.State != StateCanceled {
			next.State = StateRequested
		}
	}
	if next.State != h.State {
		d.putHandshake(&next)
	}
	return &next
}

// withdrawApprovals ends what a member is asked that leaves or is closed.
func (d *Draft) withdrawApprovals(account string) {
	parent := d.migration()
	if parent == nil {
		return
	}
	for _, part := range d.approvals(parent.ID) {
		if part.Recipient == account && part.State != StateCanceled {
			d.withdraw(part)
		}
	}
	d.advance(parent.ID)
}

func (d *Draft) cancelApprovals(parent string) {
	for _, part := range d.approvals(parent) {
		if part.Open() {
			d.withdraw(part)
		}
	}
}

func (d *Draft) withdraw(h *Handshake) {
	next := *h
	next.State, next.Ended = StateCanceled, d.now()
	d.putHandshake(&next)
}
