package api

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// checkInvitation asks for the account that is invited, by the number that it is
// invited by.
func checkInvitation(c *Call, action string, in *sdk.InviteAccountToOrganizationInput) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "*"}
	if c.Org != nil && in.Target.Type == types.HandshakePartyTypeAccount {
		check = targetCheck(c, action, aws.ToString(in.Target.Id))
	}
	check.RequestTags = organizationTags(in.Tags)
	check.Tags = append(check.Tags[:len(check.Tags):len(check.Tags)], check.RequestTags...) // those that it is to have
	if len(in.Tags) == 0 {
		return one(check)
	}
	return []guard.Check{check, also(check, "organizations:TagResource")}, nil
}

// touchInvited looks up whose the address is that an invitation is sent to.
func touchInvited(c *Call, in *sdk.InviteAccountToOrganizationInput) (org.Touch, error) {
	return c.touchRecipient(in.Target)
}

// touchRecipient touches the caller's organization, and the account that a
// handshake goes to.
func (c *Call) touchRecipient(target *types.HandshakeParty) (org.Touch, error) {
	touch, err := itself(c, target)
	if err != nil {
		return touch, err
	}
	recipient, err := c.api.accountAt(c, target)
	if errors.Is(err, iam.ErrNotFound) || recipient == c.Home {
		recipient, err = "", nil
	}
	c.Prepared, c.settled = recipient, nil
	if recipient != "" {
		touch.Accounts = append(touch.Accounts, recipient)
		c.settled, err = c.api.settledNotes(c, recipient)
	}
	return touch, err
}

// settledNotes lists an account's notes of handshakes that wait for nobody any
// more, the oldest first, if there are so many that no more fit. Whoever sends and
// takes back, or deletes the whole organization, would fill the account otherwise.
func (a *API) settledNotes(c *Call, account string) (list []string, err error) {
	view, err := a.cfg.Accounts.View(c.Context, account)
	if err != nil || !view.InvitationsFull() {
		return nil, err
	}
	for _, i := range view.Invitations {
		in, err := a.cfg.Organizations.View(c.Context, i.Organization)
		if err != nil && !errors.Is(err, iam.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			if h, err := in.Handshake(i.Handshake); err == nil && h.Open() {
				continue
			}
		}
		list = append(list, i.Handshake)
	}
	return list, nil
}

// sendTo notes a handshake in its recipient's account, in the place of one that
// is settled if there is no room beside.
func (c *Call) sendTo(recipient string, h *org.Handshake) error {
	d, settled := c.Drafts.Accounts[recipient], c.settled
	for {
		err := c.Drafts.Organization.SendTo(d, h)
		if err == nil || len(settled) == 0 {
			return err
		}
		d.Disinvite(settled[0])
		settled = settled[1:]
	}
}

// accountAt finds the account that has a number or an e-mail address.
// iam.ErrNotFound.
func (a *API) accountAt(c *Call, target *types.HandshakeParty) (string, error) {
	address := aws.ToString(target.Id)
	switch {
	case target.Type == types.HandshakePartyTypeEmail && org.ValidEmail(address):
		return iam.OwnerOfEmail(c.Context, a.cfg.Accounts, address)
	case target.Type == types.HandshakePartyTypeAccount && isAccount(address):
		_, err := a.cfg.Accounts.View(c.Context, address)
		return address, err
	}
	return "", iam.ErrNotFound
}

func (a *API) inviteAccountToOrganization(c *Call, in *sdk.InviteAccountToOrganizationInput) (*sdk.InviteAccountToOrganizationOutput, error) {
	d, recipient := c.Drafts.Organization, c.Prepared.(string)
	h, err := d.Invite(org.NewInvitation{
		Target:    org.HandshakeParty{Type: string(in.Target.Type), ID: aws.ToString(in.Target.Id)},
		Recipient: recipient, Notes: aws.ToString(in.Notes), Tags: organizationTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	if recipient != "" {
		if err := c.sendTo(recipient, h); err != nil {
			return nil, err
		}
	}
	return &sdk.InviteAccountToOrganizationOutput{Handshake: showHandshake(handshakeAt{d.Organization, h})}, nil
}
