package api

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// answerable finds the handshake that a write is about, for the party whose word
// it needs: its recipient's, or that of the account which sent it.
func (c *Call) answerable(id *string, bySender bool) (*org.Draft, *org.Handshake, error) {
	d := c.Drafts.Organization
	h, err := d.Handshake(aws.ToString(id))
	if err != nil {
		return nil, nil, err
	}
	received, sent := h.Recipient == c.Home, d.Management == c.Home
	switch {
	case bySender && sent, !bySender && received:
		return d, h, nil
	case received, sent:
		return nil, nil, org.NotPermitted()
	}
	if c.administers() && c.Org.ID == d.ID { // it may see it
		return nil, nil, org.NotPermitted()
	}
	return nil, nil, org.NoHandshake()
}

// acceptHandshake does what was agreed on.
func (a *API) acceptHandshake(c *Call, in *sdk.AcceptHandshakeInput) (*sdk.AcceptHandshakeOutput, error) {
	d, h, err := c.answerable(in.HandshakeId, false)
	if err != nil {
		return nil, err
	}
	switch h.Action {
	case org.ActionInvite:
		h, err = a.acceptInvitation(c, d, h)
	case org.ActionApproveAllFeatures:
		if h, err = d.Approve(h.ID); err == nil {
			err = a.linkOrganizations(c)
		}
	case org.ActionEnableAllFeatures:
		if h, err = d.FinishAllFeatures(h.ID); err == nil {
			err = a.linkOrganizations(c)
		}
	case org.ActionTransfer:
		h, err = acceptTransfer(c, d, h)
	default:
		err = org.NotPermitted()
	}
	if err != nil {
		return nil, err
	}
	return &sdk.AcceptHandshakeOutput{Handshake: showHandshake(handshakeAt{d.Organization, h})}, nil
}

// acceptInvitation makes the caller's account a member: of no organization
// before, or of another, which it leaves in the same commit.
func (a *API) acceptInvitation(c *Call, d *org.Draft, h *org.Handshake) (*org.Handshake, error) {
	if c.Org != nil && h.Open() {
		if c.Org.ID == d.ID || c.manages() {
			return nil, org.AlreadyMember()
		}
		if err := c.Drafts.Of(c.Org.ID).Leave(c.Home); err != nil {
			return nil, err
		}
	}
	h, err := d.AcceptInvitation(h.ID, org.Account{ID: c.Home, Name: c.Account.Name, Email: c.Account.Root.Email})
	if err != nil {
		return nil, err
	}
	c.Draft.Join(d.ID)
	if d.FeatureSet != org.AllFeatures {
		return h, nil
	}
	return h, a.linkOrganizations(c)
}

// linkOrganizations makes the role of Organizations in the caller's account, if
// it is not there; whoever calls must be allowed to.
func (a *API) linkOrganizations(c *Call) error {
	if c.Draft.LinkedToOrganizations() {
		return nil
	}
	err := a.cfg.Guard.Authorize(c.Caller, c.Account, serviceLinkedRoleCheck(c, "iam:CreateServiceLinkedRole", iam.OrganizationsService, iam.OrganizationsRole))
	if denied := new(guard.Denied); errors.As(err, &denied) {
		return &iam.Error{
			Code: "AccessDeniedForDependencyException", Reason: "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE",
			Message: "The request failed because your credentials do not have permission to create the service-linked role required by AWS Organizations.",
		}
	}
	if err != nil {
		return err
	}
	return c.Draft.LinkOrganizations()
}

func (a *API) declineHandshake(c *Call, in *sdk.DeclineHandshakeInput) (*sdk.DeclineHandshakeOutput, error) {
	d, h, err := c.answerable(in.HandshakeId, false)
	if err != nil {
		return nil, err
	}
	if h, err = d.Decline(h.ID); err != nil {
		return nil, err
	}
	return &sdk.DeclineHandshakeOutput{Handshake: showHandshake(handshakeAt{d.Organization, h})}, nil
}

func (a *API) cancelHandshake(c *Call, in *sdk.CancelHandshakeInput) (*sdk.CancelHandshakeOutput, error) {
	d, h, err := c.answerable(in.HandshakeId, true)
	if err != nil {
		return nil, err
	}
	if h, err = d.Cancel(h.ID); err != nil {
		return nil, err
	}
	return &sdk.CancelHandshakeOutput{Handshake: showHandshake(handshakeAt{d.Organization, h})}, nil
}

func (a *API) enableAllFeatures(c *Call, _ *sdk.EnableAllFeaturesInput) (*sdk.EnableAllFeaturesOutput, error) {
	h, err := c.Drafts.Organization.EnableAllFeatures()
	if err != nil {
		return nil, err
	}
	return &sdk.EnableAllFeaturesOutput{Handshake: showHandshake(handshakeAt{c.Org, h})}, nil
}
