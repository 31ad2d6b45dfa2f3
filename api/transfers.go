package api

import (
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/org"
)

// transferActions are the rows of transfers of responsibility. They are between
// management accounts.
// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing.html
func transferActions() []Action {
	return []Action{
		reorganizes("InviteOrganizationToTransferResponsibility", itsManagers,
			func(c *Call, in *sdk.InviteOrganizationToTransferResponsibilityInput) (org.Touch, error) {
				return c.touchRecipient(in.Target)
			},
			checkTransferInvitation, (*API).inviteOrganizationToTransferResponsibility),
		inOrganization("DescribeResponsibilityTransfer", itsManagers,
			onTransfer(func(in *sdk.DescribeResponsibilityTransferInput) *string { return in.Id }), (*API).describeResponsibilityTransfer),
		inOrganization("ListInboundResponsibilityTransfers", itsManagers,
			onTransfers(true, func(in *sdk.ListInboundResponsibilityTransfersInput) types.ResponsibilityTransferType { return in.Type }), (*API).listInboundResponsibilityTransfers),
		inOrganization("ListOutboundResponsibilityTransfers", itsManagers,
			onTransfers(false, func(in *sdk.ListOutboundResponsibilityTransfersInput) types.ResponsibilityTransferType {
				return in.Type
			}), (*API).listOutboundResponsibilityTransfers),
		reorganizes("UpdateResponsibilityTransfer", itsManagers, touchRenamed,
			onTransfer(func(in *sdk.UpdateResponsibilityTransferInput) *string { return in.Id }), (*API).updateResponsibilityTransfer),
		reorganizes("TerminateResponsibilityTransfer", itsManagers, touchTransfer,
			onTransfer(func(in *sdk.TerminateResponsibilityTransferInput) *string { return in.Id }), (*API).terminateResponsibilityTransfer),
	}
}

func (a *API) inviteOrganizationToTransferResponsibility(c *Call, in *sdk.InviteOrganizationToTransferResponsibilityInput) (*sdk.InviteOrganizationToTransferResponsibilityOutput, error) {
	d, recipient := c.Drafts.Organization, c.Prepared.(string)
	h, err := d.InviteTransfer(org.NewTransfer{
		From:      org.HandshakeParty{Type: string(in.Target.Type), ID: aws.ToString(in.Target.Id)},
		Recipient: recipient, Name: aws.ToString(in.SourceName), Start: aws.ToTime(in.StartTimestamp), Notes: aws.ToString(in.Notes), Tags: organizationTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	if recipient != "" {
		if err := c.sendTo(recipient, h); err != nil {
			return nil, err
		}
	}
	return &sdk.InviteOrganizationToTransferResponsibilityOutput{Handshake: showHandshake(handshakeAt{d.Organization, h})}, nil
}

// acceptTransfer is the recipient's yes. Only an organization has bills that could
// be handed over, and only its management account may.
func acceptTransfer(c *Call, d *org.Draft, h *org.Handshake) (*org.Handshake, error) {
	switch {
	case c.Org == nil:
		return nil, org.NotInUse()
	case !c.manages() || c.Org.ID == d.ID:
		return nil, org.NotPermitted()
	}
	return d.AcceptTransfer(h.ID, c.Drafts.Of(c.Org.ID))
}

func (a *API) describeResponsibilityTransfer(c *Call, in *sdk.DescribeResponsibilityTransferInput) (*sdk.DescribeResponsibilityTransferOutput, error) {
	t, _, err := c.transfer(aws.ToString(in.Id))
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeResponsibilityTransferOutput{ResponsibilityTransfer: showTransfer(c.Org, t)}, nil
}

func (a *API) listInboundResponsibilityTransfers(c *Call, in *sdk.ListInboundResponsibilityTransfersInput) (*sdk.ListInboundResponsibilityTransfersOutput, error) {
	if in.Id != nil {
		if t, ok := c.Org.Transfer(*in.Id); !ok || !t.Inbound {
			return nil, org.NoTransfer()
		}
	}
	walk := func(after string) iter.Seq2[string, *org.Transfer] { return c.Org.TransfersAfter(true, after) }
	keep := func(t *org.Transfer) bool { return in.Id == nil || *in.Id == t.ID }
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, keep, func(t *org.Transfer) types.ResponsibilityTransfer { return *showTransfer(c.Org, t) })
	if err != nil {
		return nil, err
	}
	return &sdk.ListInboundResponsibilityTransfersOutput{ResponsibilityTransfers: list, NextToken: next}, nil
}

// listOutboundResponsibilityTransfers lists what was handed over, and what the
// organization was invited to hand over.
func (a *API) listOutboundResponsibilityTransfers(c *Call, in *sdk.ListOutboundResponsibilityTransfersInput) (*sdk.ListOutboundResponsibilityTransfersOutput, error) {
	all, err := c.offered()
	if err != nil {
		return nil, err
	}
	for _, t := range c.Org.TransfersAfter(false, "") {
		all = append(all, t)
	}
	slices.SortFunc(all, func(x, y *org.Transfer) int { return strings.Compare(x.ID, y.ID) })
	walk := func(after string) iter.Seq2[string, *org.Transfer] {
		return func(yield func(string, *org.Transfer) bool) {
			for _, t := range all {
				if t.ID > after && !yield(t.ID, t) {
					return
				}
			}
		}
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, nil, func(t *org.Transfer) types.ResponsibilityTransfer { return *showTransfer(c.Org, t) })
	if err != nil {
		return nil, err
	}
	return &sdk.ListOutboundResponsibilityTransfersOutput{ResponsibilityTransfers: list, NextToken: next}, nil
}

// touchRenamed refuses what was only offered: the invitation is its sender's.
func touchRenamed(c *Call, in *sdk.UpdateResponsibilityTransferInput) (org.Touch, error) {
	_, own, err := c.transfer(aws.ToString(in.Id))
	switch {
	case err != nil:
		return org.Touch{}, err
	case !own:
		return org.Touch{}, org.NotPermitted()
	}
	return itself(c, in)
}

// updateResponsibilityTransfer renames the transfer as the caller's organization
// has it.
func (a *API) updateResponsibilityTransfer(c *Call, in *sdk.UpdateResponsibilityTransferInput) (*sdk.UpdateResponsibilityTransferOutput, error) {
	t, err := c.Drafts.Organization.RenameTransfer(aws.ToString(in.Id), aws.ToString(in.Name))
	if err != nil {
		return nil, err
	}
	return &sdk.UpdateResponsibilityTransferOutput{ResponsibilityTransfer: showTransfer(c.Org, t)}, nil
}

// touchTransfer touches the caller's organization, and the one on the other side
// of the transfer, if they have agreed on it.
func touchTransfer(c *Call, in *sdk.TerminateResponsibilityTransferInput) (org.Touch, error) {
	t, own, err := c.transfer(aws.ToString(in.Id))
	switch {
	case err != nil:
		return org.Touch{}, err
	case !own:
		return org.Touch{}, org.NotYetTransferred()
	}
	touch, err := itself(c, in)
	if t.Status == org.TransferAccepted {
		touch.Other = t.Other()
	}
	return touch, err
}

func (a *API) terminateResponsibilityTransfer(c *Call, in *sdk.TerminateResponsibilityTransferInput) (*sdk.TerminateResponsibilityTransferOutput, error) {
	t, err := c.Drafts.Organization.WithdrawTransfer(aws.ToString(in.Id), in.EndTimestamp)
	if err != nil {
		return nil, err
	}
	other := c.Drafts.Of(t.Other())
	if other == nil { // it was accepted just now
		return nil, org.Concurrent()
	}
	if err := other.TransferWithdrawn(t.ID, t.End); err != nil {
		return nil, err
	}
	return &sdk.TerminateResponsibilityTransferOutput{ResponsibilityTransfer: showTransfer(c.Org, t)}, nil
}

// showTransfer shows a transfer as an organization has it, or is offered it.
func showTransfer(in *org.Organization, t *org.Transfer) *types.ResponsibilityTransfer {
	out := &types.ResponsibilityTransfer{
		Id: aws.String(t.ID), Arn: aws.String(in.TransferARN(t)), Name: aws.String(t.Name), Type: types.ResponsibilityTransferType(t.Type),
		Status: types.ResponsibilityTransferStatus(t.Status), StartTimestamp: aws.Time(t.Start), ActiveHandshakeId: aws.String(t.Handshake),
		Source: showParty(t.Source), Target: showParty(t.Target),
	}
	if !t.End.IsZero() {
		out.EndTimestamp = aws.Time(t.End)
	}
	return out
}

// showParty leaves out what isn't known: of who is invited, all but the address
// that was written to.
func showParty(p org.Party) *types.TransferParticipant {
	out := &types.TransferParticipant{}
	if p.Account != "" {
		out.ManagementAccountId = aws.String(p.Account)
	}
	if p.Email != "" {
		out.ManagementAccountEmail = aws.String(p.Email)
	}
	return out
}
