package api

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// transferKeys are the condition keys of a transfer.
func transferKeys(t *org.Transfer) []guard.Key {
	direction := "OUTBOUND"
	if t.Inbound {
		direction = "INBOUND"
	}
	return []guard.Key{guard.Value("organizations:TransferDirection", direction), guard.Value("organizations:TransferType", t.Type)}
}

// transfer finds a transfer that the caller's organization has, or that its
// management account, which calls, was invited to.
func (c *Call) transfer(id string) (t *org.Transfer, own bool, err error) {
	if c.Org == nil {
		return nil, false, org.NoTransfer()
	}
	if t, ok := c.Org.Transfer(id); ok {
		return t, true, nil
	}
	offered, err := c.offered()
	if err != nil {
		return nil, false, err
	}
	for _, t := range offered {
		if t.ID == id {
			return t, false, nil
		}
	}
	return nil, false, org.NoTransfer()
}

// offered lists the transfers that the caller's account was invited to and has
// not accepted, by id.
func (c *Call) offered() (list []*org.Transfer, err error) {
	if !c.manages() {
		return nil, nil
	}
	for _, i := range c.Account.Invitations {
		if i.Organization == c.Org.ID {
			continue
		}
		at, err := c.invitation(i)
		if isRefusal(err) { // it is gone
			continue
		}
		if err != nil {
			return nil, err
		}
		if at.Action != org.ActionTransfer || at.State == org.StateAccepted {
			continue
		}
		if t, ok := at.in.Offered(at.Handshake); ok {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(x, y *org.Transfer) int { return strings.Compare(x.ID, y.ID) })
	return list, nil
}

// isRefusal tells AWS's words from failures.
func isRefusal(err error) bool {
	var refused *iam.Error
	return errors.As(err, &refused)
}

func onTransfer[I any](id func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		if c.Org == nil {
			return one(guard.Check{Action: action, Resource: "*"})
		}
		t, own, err := c.transfer(aws.ToString(id(in)))
		if err != nil && !isRefusal(err) {
			return nil, err
		}
		if err != nil {
			t = &org.Transfer{ID: aws.ToString(id(in)), Type: org.TransferBilling, Inbound: true}
		}
		check := guard.Check{Action: action, Resource: c.Org.TransferARN(t), Keys: transferKeys(t)}
		if own {
			check.Tags = t.Tags
		}
		return one(check)
	}
}

// onTransfers asks for the transfers of one direction; the action knows no
// resources.
func onTransfers[I any](inbound bool, kind func(*I) types.ResponsibilityTransferType) checks[I] {
	return func(_ *Call, action string, in *I) ([]guard.Check, error) {
		return one(guard.Check{Action: action, Resource: "*", Keys: transferKeys(&org.Transfer{Inbound: inbound, Type: string(kind(in))})})
	}
}

// checkTransferInvitation asks for the account that is invited, by the number that
// it is invited by, and for the tags of the transfer, whose id nobody knows yet.
func checkTransferInvitation(c *Call, action string, in *sdk.InviteOrganizationToTransferResponsibilityInput) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "*"}
	if c.Org != nil && in.Target.Type == types.HandshakePartyTypeAccount {
		check = targetCheck(c, action, aws.ToString(in.Target.Id))
	}
	t := &org.Transfer{ID: "*", Inbound: true, Type: string(in.Type)}
	check.Keys = transferKeys(t)
	if len(in.Tags) == 0 {
		return one(check)
	}
	check.RequestTags = organizationTags(in.Tags)
	tag := also(check, "organizations:TagResource")
	if tag.Tags = nil; c.Org != nil {
		tag.Resource = c.Org.TransferARN(t)
	}
	return []guard.Check{check, tag}, nil
}
