package org

import (
	"iter"
	"strings"
	"time"

	"iamd/iam"
)

// Transfer is a transfer of responsibility (for bills) between two
// organizations' management accounts, as one of the two keeps it.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ResponsibilityTransfer.html
type Transfer struct {
	ID        string    `json:"id"` // rt-…, the same on both sides
	Name      string    `json:"name"`
	Type      string    `json:"type"`   // BILLING
	Status    string    `json:"status"` // as it was left; see Organization.Transfer
	Inbound   bool      `json:"inbound"`
	Source    Party     `json:"source"` // who hands over
	Target    Party     `json:"target"` // who takes over: the sender of the invitation
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`      // when its invitation was declined or canceled
	Handshake string    `json:"handshake,omitempty"` // the invitation
	Tags      []iam.Tag `json:"tags,omitempty"`
}

// Party is a management account in a transfer.
type Party struct {
	Account      string `json:"account,omitempty"`
	Email        string `json:"email,omitempty"`
	Organization string `json:"organization,omitempty"`
}

// TransferBilling is the one type of transfers.
const TransferBilling = "BILLING"

// The statuses of transfers.
const (
	TransferRequested = "REQUESTED"
	TransferDeclined  = "DECLINED"
	TransferCanceled  = "CANCELED"
	TransferExpired   = "EXPIRED"
	TransferAccepted  = "ACCEPTED"
	TransferWithdrawn = "WITHDRAWN"
)

// Transfers last for whole months. AWS says that invitations must be accepted a
// day before the transfer starts; how far ahead it may start or end, and for how
// long one that has ended is shown, was chosen here.
// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing-respond-invitation.html
const (
	acceptBefore  = 24 * time.Hour
	monthsAhead   = 12
	transferShown = 365 * 24 * time.Hour
)

// Expires is when the invitation to a transfer can no longer be accepted.
func (t *Transfer) Expires() time.Time { return t.Start.Add(-acceptBefore) }

// active tells whether a transfer was agreed on and has not ended.
func (t *Transfer) active(now time.Time) bool {
	return t.Status == TransferAccepted || t.Status == TransferWithdrawn && now.Before(t.End)
}

// reaches tells whether a transfer was agreed on that lasts longer than till then.
func (t *Transfer) reaches(then time.Time) bool {
	return t.Status == TransferAccepted || t.Status == TransferWithdrawn && !t.End.Before(then)
}

// Transfer finds a transfer by its id, as it is now.
func (o *Organization) Transfer(id string) (*Transfer, bool) {
	t, ok := o.transfers.Get(id)
	if ok {
		t = o.currentTransfer(t)
	}
	return t, t != nil
}

// FindTransfer finds a transfer, or AWS's refusal.
func (o *Organization) FindTransfer(id string) (*Transfer, error) {
	if t, ok := o.Transfer(id); ok {
		return t, nil
	}
	return nil, NoTransfer()
}

// TransfersAfter walks the transfers of one direction by id, as they are now.
func (o *Organization) TransfersAfter(inbound bool, id string) iter.Seq2[string, *Transfer] {
	return func(yield func(string, *Transfer) bool) {
		for id, t := range after(o.transfers, id) {
			if t = o.currentTransfer(t); t != nil && t.Inbound == inbound && !yield(id, t) {
				return
			}
		}
	}
}

// currentTransfer is a transfer as it is now; nil when it is shown no longer. One
// that never came to be is shown for as long as its handshake.
func (o *Organization) currentTransfer(t *Transfer) *Transfer {
	now := o.env.Now()
	if t.Status == TransferRequested && !now.Before(t.Expires()) {
		expired := *t
		expired.Status, expired.Ended = TransferExpired, t.Expires()
		t = &expired
	}
	switch t.Status {
	case TransferRequested, TransferAccepted:
		return t
	case TransferWithdrawn:
		if now.Before(t.End.Add(transferShown)) {
			return t
		}
	default:
		if now.Before(t.Ended.Add(handshakeShown)) {
			return t
		}
	}
	return nil
}

// Offered is the transfer that a handshake of the organization proposes, as whom
// it was sent to sees it.
func (o *Organization) Offered(h *Handshake) (*Transfer, bool) {
	t, ok := o.Transfer(h.transfer())
	if !ok {
		return nil, false
	}
	theirs := *t
	theirs.Inbound, theirs.Tags = false, nil
	return &theirs, true
}

// transfer is the id of the transfer that a handshake is about, or "".
func (h *Handshake) transfer() string {
	for _, r := range h.Resources {
		if r.Type == "RESPONSIBILITY_TRANSFER" {
			return r.Value
		}
	}
	return ""
}

// TransferARN is the ARN of a transfer.
func (o *Organization) TransferARN(t *Transfer) string {
	direction := "outbound"
	if t.Inbound {
		direction = "inbound"
	}
	return o.arn("transfer", strings.ToLower(t.Type)+"/"+direction+"/"+t.ID)
}

// RenameTransfer gives a transfer another name, on this side of it.
func (d *Draft) RenameTransfer(id, name string) (*Transfer, error) {
	t, err := d.FindTransfer(id)
	if err != nil {
		return nil, err
	}
	if t.Status != TransferRequested && t.Status != TransferAccepted {
		return nil, refuse(CodeConstraint, "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED", "You cannot update this transfer because it is no longer active. Transfers that have been withdrawn, declined, expired, or cancelled cannot be modified.")
	}
	next := *t
	next.Name = name
	d.putTransfer(&next)
	return &next, nil
}

// WithdrawTransfer ends a transfer, at the end of a month: of this one, or of the
// first that it lasts for, when end is nil. The other organization's draft must
// TransferWithdrawn.
func (d *Draft) WithdrawTransfer(id string, end *time.Time) (*Transfer, error) {
	t, err := d.FindTransfer(id)
	if err != nil {
		return nil, err
	}
	switch t.Status {
	case TransferAccepted:
	case TransferWithdrawn:
		return nil, iam.Errorf("ResponsibilityTransferAlreadyInStatusException", "The responsibility transfer is already in the status that you specified.")
	default:
		return nil, badTransferTransition()
	}
	first := d.now()
	if t.Start.After(first) {
		first = t.Start
	}
	first = endOfMonth(first)
	next := *t
	next.Status, next.End = TransferWithdrawn, first
	if end != nil {
		next.End = endOfMonth(*end)
		switch {
		case !end.Truncate(time.Second).Equal(next.End.Truncate(time.Second)):
			return nil, refuse(CodeInvalidInput, "END_DATE_NOT_END_OF_MONTH", "You provided an invalid end date. The end date must be the end of the last day of the month (23.59.59.999).")
		case next.End.Before(first):
			return nil, refuse(CodeInvalidInput, "END_DATE_TOO_EARLY", "You provided an invalid end date. The end date is too early.")
		case next.End.After(endOfMonth(time.Date(first.Year(), first.Month()+monthsAhead, 1, 0, 0, 0, 0, time.UTC))):
			return nil, refuse(CodeInvalidInput, "END_DATE_TOO_LATE", "You provided an invalid end date. The end date is too late.")
		}
	}
	d.putTransfer(&next)
	return &next, nil
}

// TransferWithdrawn notes that the other side has ended a transfer.
func (d *Draft) TransferWithdrawn(id string, end time.Time) error {
	t, ok := d.Transfer(id)
	if !ok || t.Status != TransferAccepted {
		return badTransferTransition()
	}
	next := *t
	next.Status, next.End = TransferWithdrawn, end
	d.putTransfer(&next)
	return nil
}

// Other is the organization on the other side of a transfer.
func (t *Transfer) Other() string {
	if t.Inbound {
		return t.Source.Organization
	}
	return t.Target.Organization
}

// transferring tells whether a transfer is about to be, or lasts.
func (o *Organization) transferring() bool {
	for _, t := range after(o.transfers, "") {
		if t = o.currentTransfer(t); t != nil && (t.Status == TransferRequested || t.active(o.env.Now())) {
			return true
		}
	}
	return false
}

// forgetTransfers drops those that are shown no longer.
func (d *Draft) forgetTransfers() {
	for _, t := range d.transfers.Values() {
		if d.currentTransfer(t) == nil {
			d.transfers.Delete(t.ID)
			d.note(rowTransfer, t.ID, nil)
		}
	}
}

// endOfMonth is the last millisecond of a time's month.
func endOfMonth(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond)
}

// NoTransfer is what everybody hears who has no part in a transfer, be it there
// or not.
func NoTransfer() error {
	return iam.Errorf("ResponsibilityTransferNotFoundException", "You specified a responsibility transfer that doesn't exist.")
}

func badTransferTransition() error {
	return iam.Errorf("InvalidResponsibilityTransferTransitionException", "The responsibility transfer can't transition to the requested state because it's not in a valid state for this operation.")
}

// NotYetTransferred is the refusal to end what was only offered.
func NotYetTransferred() error { return badTransferTransition() }
