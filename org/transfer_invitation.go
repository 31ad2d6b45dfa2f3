package org

import (
	"strings"
	"time"

	"iamd/iam"
)

// ActionTransfer is what another organization's management account is asked: to
// hand over a responsibility.
const ActionTransfer = "TRANSFER_RESPONSIBILITY"

// NewTransfer is a transfer to be proposed.
type NewTransfer struct {
	// From is who is asked to hand over, by an account number or an e-mail
	// address; Recipient is the account that has it, "" if there is none.
	From      HandshakeParty
	Recipient string
	Name      string
	Start     time.Time
	Notes     string
	Tags      []iam.Tag
}

// InviteTransfer asks another organization's management account to hand a
// responsibility over to this one's. As with Invite it answers alike whether
// there is such an account, whatever that is. The recipient's own draft must
// Invite.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_InviteOrganizationToTransferResponsibility.html
func (d *Draft) InviteTransfer(in NewTransfer) (*Handshake, error) {
	if err := checkInvited(in.From); err != nil {
		return nil, err
	}
	if in.From.ID == d.Management || strings.EqualFold(in.From.ID, d.Master().Email) {
		return nil, refuse(CodeHandshakeConstraint, "SOURCE_AND_TARGET_CANNOT_MATCH", "An account can't accept a transfer invitation if it is both the sender and recipient of the invitation.")
	}
	if err := d.checkStart(in.Start); err != nil {
		return nil, err
	}
	tags, err := d.tagged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := d.mayTransfer(); err != nil {
		return nil, err
	}
	d.forgetHandshakes()
	d.forgetTransfers()
	if err := d.mayInviteTransfer(in.From, in.Start); err != nil {
		return nil, err
	}
	t := &Transfer{
		ID: d.newTransferID(), Name: in.Name, Type: TransferBilling, Status: TransferRequested, Inbound: true, Start: in.Start.UTC(),
		Target: d.managementParty(), Tags: tags,
	}
	if in.From.Type == PartyAccount {
		t.Source.Account = in.From.ID
	} else {
		t.Source.Email = in.From.ID
	}
	h := Handshake{
		Action: ActionTransfer, State: StateOpen, Expires: t.Expires(), Recipient: in.Recipient,
		Parties: []HandshakeParty{d.party(), in.From},
		Resources: []HandshakeResource{
			{Type: "RESPONSIBILITY_TRANSFER", Value: t.ID, Resources: []HandshakeResource{
				{Type: "TRANSFER_TYPE", Value: t.Type},
				{Type: "TRANSFER_START_TIMESTAMP", Value: t.Start.Format(time.RFC3339)},
			}},
			{Type: PartyOrganization, Value: d.ID, Resources: []HandshakeResource{
				{Type: "MANAGEMENT_ACCOUNT", Value: t.Target.Account},
				{Type: "MANAGEMENT_EMAIL", Value: t.Target.Email},
				{Type: "MANAGEMENT_NAME", Value: d.Master().Name},
			}},
			{Type: in.From.Type, Value: in.From.ID},
		},
	}
	if in.Notes != "" {
		h.Resources = append(h.Resources, HandshakeResource{Type: "NOTES", Value: in.Notes})
	}
	made := d.propose(h)
	t.Handshake = made.ID
	d.putTransfer(t)
	return made, nil
}

// checkStart wants the first moment of a month.
func (d *Draft) checkStart(start time.Time) error {
	start = start.UTC()
	now := d.env.Now()
	switch {
	case !start.Truncate(24 * time.Hour).Equal(start):
		return refuse(CodeInvalidInput, "START_DATE_NOT_BEGINNING_OF_DAY", "You provided an invalid start date. The start date must be the beginning of the day (00:00:00.000).")
	case start.Day() != 1:
		return refuse(CodeInvalidInput, "START_DATE_NOT_BEGINNING_OF_MONTH", "You provided an invalid start date. The start date must be the first day of the month.")
	case !now.Before(start.Add(-acceptBefore)):
		return refuse(CodeInvalidInput, "START_DATE_TOO_EARLY", "You provided an invalid start date. The start date is too early.")
	case start.After(now.AddDate(0, monthsAhead, 0)):
		return refuse(CodeInvalidInput, "START_DATE_TOO_LATE", "You provided an invalid start date. The start date is too late.")
	}
	return nil
}

func (d *Draft) mayTransfer() error {
	if d.FeatureSet != AllFeatures {
		return refuse(CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You can perform this operation only if all features are enabled in your organization.")
	}
	return nil
}

// mayInviteTransfer counts: what is proposed to the same account, what was
// proposed today, and all that is or may be taken over.
func (d *Draft) mayInviteTransfer(from HandshakeParty, start time.Time) error {
	today, yesterday := 0, d.since(24*time.Hour)
	for _, h := range d.HandshakesAfter("") {
		if h.Action != ActionTransfer {
			continue
		}
		if h.Open() && h.sentTo(from) {
			return iam.Errorf("DuplicateHandshakeException", "A handshake with the specified type and parameters already exists for the given parties.")
		}
		if h.State != StateAccepted && h.Requested.After(yesterday) {
			today++
		}
	}
	inbound := 0
	for _, t := range d.TransfersAfter(true, "") {
		if t.reaches(start) && (t.Source.Account == from.ID || strings.EqualFold(t.Source.Email, from.ID)) {
			return transferExists()
		}
		if t.Status == TransferRequested || t.active(d.env.Now()) {
			inbound++
		}
	}
	switch q := d.env.Quotas; {
	case today >= max(q.Invitations, q.Accounts):
		return refuse(CodeHandshakeConstraint, "HANDSHAKE_RATE_LIMIT_EXCEEDED", "You have exceeded the number of handshakes that you can send in one day.")
	case inbound >= q.InboundTransfers:
		return refuse(CodeConstraint, "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION", "You have exceeded your inbound transfers limit.")
	}
	return nil
}

// AcceptTransfer is the yes of the organization that hands over, from, whose own
// draft it changes too.
//
// AWS bounds how long chains of transfers may be. Of a chain only the transfers
// next to this one are looked at here: none may be both in front of it and
// behind it.
func (d *Draft) AcceptTransfer(id string, from *Draft) (*Handshake, error) {
	h, err := d.Handshake(id)
	if err != nil {
		return nil, err
	}
	t, ok := d.Transfer(h.transfer())
	if !ok {
		return nil, NoHandshake()
	}
	next, err := d.settle(h, StateAccepted)
	if err != nil {
		return nil, err
	}
	if err := from.mayTransfer(); err != nil {
		return nil, err
	}
	from.forgetTransfers()
	behind, out := from.lasting(true, t.Start), from.lasting(false, t.Start)
	ahead := d.lasting(false, t.Start)
	for _, t := range append(behind, ahead...) {
		if t.Other() == d.ID || t.Other() == from.ID { // to and fro
			return nil, transferExists()
		}
	}
	switch {
	case len(out) >= d.env.Quotas.OutboundTransfers:
		return nil, refuse(CodeConstraint, "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION", "You have exceeded your outbound transfers limit.")
	case len(behind) > 0 && len(ahead) > 0:
		return nil, refuse(CodeConstraint, "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION", "You have exceeded the maximum length of your transfer chain.")
	}
	next.Parties = clone(next.Parties)
	for i, p := range next.Parties {
		if p.Type != PartyOrganization { // from now on the number is known
			next.Parties[i] = HandshakeParty{PartyAccount, from.Management}
		}
	}
	d.putHandshake(next)
	ours := *t
	ours.Status, ours.Source = TransferAccepted, from.managementParty()
	d.putTransfer(&ours)
	theirs := ours
	theirs.Inbound, theirs.Tags = false, nil
	from.putTransfer(&theirs)
	return next, nil
}

// lasting lists the transfers of one direction that reach a time.
func (o *Organization) lasting(inbound bool, then time.Time) (list []*Transfer) {
	for _, t := range o.TransfersAfter(inbound, "") {
		if t.reaches(then) {
			list = append(list, t)
		}
	}
	return list
}

// failTransfer notes that the invitation to a transfer was declined or canceled.
func (d *Draft) failTransfer(h *Handshake) {
	t, ok := d.Transfer(h.transfer())
	if !ok || t.Status != TransferRequested {
		return
	}
	next := *t
	next.Status, next.Ended = h.State, h.Ended // they have the same names
	d.putTransfer(&next)
}

func (o *Organization) managementParty() Party {
	m := o.Master()
	return Party{Account: m.ID, Email: m.Email, Organization: o.ID}
}

func (d *Draft) newTransferID() string { return "rt-" + random(d.env.Rand, 32) }

func transferExists() error {
	return refuse(CodeHandshakeConstraint, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS", "You cannot perform this operation with the current transfer.")
}
