package org

import (
	"slices"
	"strings"
	"time"

	"iamd/iam"
)

// NewInvitation is an invitation to be sent.
type NewInvitation struct {
	// Target is who is invited, by an account number or an e-mail address.
	Target HandshakeParty
	// Recipient is the account that has the address; "" if there is none.
	Recipient string
	Notes     string
	Tags      []iam.Tag
}

// Invite asks an account to join. It answers alike whether there is such an
// account or not: the invitation of one that isn't here waits for it, and whoever
// asks learns nothing about who has which address. The recipient's own draft must
// Invite.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_InviteAccountToOrganization.html
func (d *Draft) Invite(in NewInvitation) (*Handshake, error) {
	if err := checkInvited(in.Target); err != nil {
		return nil, err
	}
	tags, err := d.tagged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if _, member := d.Account(in.Target.ID); member {
		return nil, AlreadyMember()
	}
	d.forgetHandshakes()
	if err := d.mayInvite(in.Target); err != nil {
		return nil, err
	}
	h := Handshake{
		Action: ActionInvite, State: StateOpen, Expires: d.now().Add(invitationOpen), Recipient: in.Recipient, Tags: tags,
		Parties: []HandshakeParty{d.party(), in.Target},
		Resources: []HandshakeResource{
			{Type: PartyOrganization, Value: d.ID, Resources: []HandshakeResource{
				{Type: "MASTER_EMAIL", Value: d.Master().Email},
				{Type: "MASTER_NAME", Value: d.Master().Name},
				{Type: "ORGANIZATION_FEATURE_SET", Value: string(d.FeatureSet)},
			}},
			{Type: in.Target.Type, Value: in.Target.ID},
		},
	}
	if in.Notes != "" {
		h.Resources = append(h.Resources, HandshakeResource{Type: "NOTES", Value: in.Notes})
	}
	return d.propose(h), nil
}

// checkInvited wants an account number or an e-mail address.
func checkInvited(target HandshakeParty) error {
	switch target.Type {
	case PartyAccount:
		if len(target.ID) != 12 || strings.Trim(target.ID, "0123456789") != "" {
			return refuse(CodeInvalidInput, "INVALID_PATTERN", "You provided a value that does not match the required pattern.")
		}
	case PartyEmail:
		if !ValidEmail(target.ID) {
			return refuse(CodeInvalidInput, "INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address for the invited account owner.")
		}
	default:
		return refuse(CodeInvalidInput, "INVALID_PARTY_TYPE_TARGET", "You specified an invalid party type as the target parameter.")
	}
	return nil
}

// SendTo notes the handshake in its recipient's account, which has room for so
// many of them.
func (d *Draft) SendTo(recipient *iam.Draft, h *Handshake) error {
	if recipient.Invite(iam.Invitation{Handshake: h.ID, Organization: d.ID, Until: h.Until()}) {
		return nil
	}
	return refuse(CodeHandshakeConstraint, "HANDSHAKE_RATE_LIMIT_EXCEEDED", "The account has too many handshakes that are waiting. Try again later.")
}

// mayInvite counts invitations: of one target, of today, and of all that may
// come in. While all features are about to be enabled there are none.
func (d *Draft) mayInvite(target HandshakeParty) error {
	today, yesterday := 0, d.since(24*time.Hour)
	for _, h := range d.HandshakesAfter("") {
		if h.Action != ActionInvite {
			continue
		}
		if h.Open() && h.sentTo(target) {
			return iam.Errorf("DuplicateHandshakeException", "A handshake with the specified type and parameters already exists for the given parties.")
		}
		if h.State != StateAccepted && h.Requested.After(yesterday) {
			today++
		}
	}
	switch q := d.env.Quotas; {
	case d.migration() != nil:
		// The reference has a reason for this; AWS's guide says that inviting goes on.
		return refuse(CodeHandshakeConstraint, "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", "You can't issue new invitations to join an organization while it's in the process of enabling all features.")
	case today >= max(q.Invitations, q.Accounts):
		return refuse(CodeHandshakeConstraint, "HANDSHAKE_RATE_LIMIT_EXCEEDED", "You have exceeded the number of handshakes that you can send in one day.")
	case !d.room():
		return refuse(CodeHandshakeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", tooManyAccounts)
	}
	return nil
}

// sentTo compares e-mail addresses as accounts do: what is one for them is one
// here, and nothing else is.
func (h *Handshake) sentTo(target HandshakeParty) bool {
	return slices.ContainsFunc(h.Parties, func(p HandshakeParty) bool {
		return p == target || p.Type == PartyEmail && target.Type == PartyEmail && iam.RootEmail(p.ID) == iam.RootEmail(target.ID)
	})
}

// invited counts the open invitations.
func (o *Organization) invited() (n int) {
	for _, h := range o.HandshakesAfter("") {
		if h.Action == ActionInvite && h.Open() {
			n++
		}
	}
	return n
}

// Waiting lists the open invitations that nobody has received yet and that were
// sent to one of the account's addresses.
func (o *Organization) Waiting(account, email string) (ids []string) {
	for id, h := range o.HandshakesAfter("") {
		if (h.Action == ActionInvite || h.Action == ActionTransfer) && h.Open() && h.Recipient == "" &&
			(h.sentTo(HandshakeParty{PartyAccount, account}) || email != "" && h.sentTo(HandshakeParty{PartyEmail, email})) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Deliver gives an invitation that was waiting to the account that has its
// address now, whose own draft must Invite; it gives nil for one that is not
// waiting any more.
func (d *Draft) Deliver(id, account string) *Handshake {
	h, err := d.Handshake(id)
	if err != nil || !h.Open() || h.Recipient != "" {
		return nil
	}
	next := *h
	next.Recipient = account
	d.putHandshake(&next)
	return &next
}

// AcceptInvitation makes the recipient a member, with the tags that the
// invitation promised. The account's own draft must Join.
func (d *Draft) AcceptInvitation(id string, account Account) (*Handshake, error) {
	h, err := d.Handshake(id)
	if err != nil {
		return nil, err
	}
	next, err := d.settle(h, StateAccepted)
	if err != nil {
		return nil, err
	}
	if d.accounts.Len() >= d.env.Quotas.Accounts {
		return nil, refuse(CodeHandshakeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", tooManyAccounts)
	}
	for i, p := range next.Parties {
		if p.Type != PartyOrganization { // from now on the number is known
			next.Parties = clone(next.Parties)
			next.Parties[i] = HandshakeParty{PartyAccount, account.ID}
		}
	}
	account.Method, account.Tags = JoinedInvited, next.Tags
	d.join(account)
	return next, nil
}

// AlreadyMember is the refusal of an account that is in an organization.
func AlreadyMember() error {
	return refuse(CodeHandshakeConstraint, "ALREADY_IN_AN_ORGANIZATION", "The AWS account is already a member of an organization.")
}
