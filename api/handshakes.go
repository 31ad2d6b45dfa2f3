package api

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// handshakeActions are the rows of what organizations and accounts agree on.
func handshakeActions() []Action {
	received := inOrganization("ListHandshakesForAccount", anyone, onOrganization[sdk.ListHandshakesForAccountInput], (*API).listHandshakesForAccount)
	received.org.ours = true // in an organization even these are, as was seen of AWS
	return []Action{
		reorganizes("InviteAccountToOrganization", itsManagers, touchInvited, checkInvitation, (*API).inviteAccountToOrganization),
		reorganizes("EnableAllFeatures", itsManagers, itself[sdk.EnableAllFeaturesInput], onOrganization[sdk.EnableAllFeaturesInput], (*API).enableAllFeatures),

		reorganizes("AcceptHandshake", anyone, touchHandshake(func(in *sdk.AcceptHandshakeInput) *string { return in.HandshakeId }), checkAcceptHandshake, (*API).acceptHandshake),
		reorganizes("DeclineHandshake", anyone, touchHandshake(func(in *sdk.DeclineHandshakeInput) *string { return in.HandshakeId }),
			onHandshake(func(in *sdk.DeclineHandshakeInput) *string { return in.HandshakeId }), (*API).declineHandshake),
		reorganizes("CancelHandshake", anyone, touchHandshake(func(in *sdk.CancelHandshakeInput) *string { return in.HandshakeId }),
			onHandshake(func(in *sdk.CancelHandshakeInput) *string { return in.HandshakeId }), (*API).cancelHandshake),
		inOrganization("DescribeHandshake", anyone, onHandshake(func(in *sdk.DescribeHandshakeInput) *string { return in.HandshakeId }), (*API).describeHandshake),
		received,
		inOrganization("ListHandshakesForOrganization", readers, onOrganization[sdk.ListHandshakesForOrganizationInput], (*API).listHandshakesForOrganization),
	}
}

// handshakeAt is a handshake and the organization that sent it.
type handshakeAt struct {
	in *org.Organization
	*org.Handshake
}

// handshake finds a handshake that the caller's account may know of: one that was
// sent to it, or that its organization has sent, as far as it manages or
// administers that. Whoever else has the id hears that there is none.
func (c *Call) handshake(id string) (at handshakeAt, err error) {
	if c.Org != nil {
		if h, err := c.Org.Handshake(id); err == nil && (h.Recipient == c.Home || c.manages() || c.administers()) {
			return handshakeAt{c.Org, h}, nil
		}
	}
	if i, ok := c.Account.Invitation(id); ok {
		return c.invitation(i)
	}
	return at, org.NoHandshake()
}

// invitation finds what was sent to the caller's account. The organization may
// be gone.
func (c *Call) invitation(i iam.Invitation) (at handshakeAt, err error) {
	if at.in, err = c.api.cfg.Organizations.View(c.Context, i.Organization); errors.Is(err, iam.ErrNotFound) {
		return at, org.NoHandshake()
	}
	if err != nil {
		return at, err
	}
	if at.Handshake, err = at.in.Handshake(i.Handshake); err == nil && at.Recipient != c.Home {
		err = org.NoHandshake()
	}
	return at, err
}

func onHandshake[I any](id func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return c.handshakeChecks(action, aws.ToString(id(in)))
	}
}

// handshakeChecks ask for a handshake. One that the caller may not know of is an
// invitation of the caller's own organization, if anything.
func (c *Call) handshakeChecks(action, id string) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "*"}
	at, err := c.handshake(id)
	var refused *iam.Error
	switch {
	case err == nil:
		check.Resource = at.in.HandshakeARN(at.Handshake)
	case !errors.As(err, &refused):
		return nil, err
	case c.Org != nil:
		check.Resource = c.Org.HandshakeARN(&org.Handshake{ID: id, Action: org.ActionInvite})
	}
	return one(check)
}

// checkAcceptHandshake asks for the handshake, and if the account is to leave the
// organization that it is in, for that too: what keeps accounts from leaving
// keeps them from being invited away.
func checkAcceptHandshake(c *Call, action string, in *sdk.AcceptHandshakeInput) ([]guard.Check, error) {
	id := aws.ToString(in.HandshakeId)
	need, err := c.handshakeChecks(action, id)
	if err != nil {
		return nil, err
	}
	if at, err := c.handshake(id); err == nil && at.Action == org.ActionInvite && c.Org != nil && c.Org.ID != at.in.ID {
		need = append(need, guard.Check{Action: "organizations:LeaveOrganization", Resource: "*"})
	}
	return need, nil
}

// touchHandshake touches the organization that sent the handshake, and the one
// that the caller's account is in.
func touchHandshake[I any](id func(*I) *string) func(c *Call, in *I) (org.Touch, error) {
	return func(c *Call, in *I) (org.Touch, error) {
		at, err := c.handshake(aws.ToString(id(in)))
		if err != nil {
			return org.Touch{}, err
		}
		touch := org.Touch{Organization: at.in.ID, Accounts: []string{c.Home}}
		if c.Org != nil && c.Org.ID != at.in.ID {
			touch.Other = c.Org.ID
		}
		return touch, nil
	}
}

func (a *API) describeHandshake(c *Call, in *sdk.DescribeHandshakeInput) (*sdk.DescribeHandshakeOutput, error) {
	at, err := c.handshake(aws.ToString(in.HandshakeId))
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeHandshakeOutput{Handshake: showHandshake(at)}, nil
}

// listHandshakesForAccount lists what was sent to the caller's account: by any
// organization, and by its own about all features.
func (a *API) listHandshakesForAccount(c *Call, in *sdk.ListHandshakesForAccountInput) (*sdk.ListHandshakesForAccountOutput, error) {
	keep, err := filterHandshakes(in.Filter)
	if err != nil {
		return nil, err
	}
	var received []handshakeAt
	for _, i := range c.Account.Invitations {
		at, err := c.invitation(i)
		if err == nil {
			received = append(received, at)
			continue
		}
		if refused := new(iam.Error); !errors.As(err, &refused) {
			return nil, err
		}
	}
	if c.Org != nil {
		for _, h := range c.Org.HandshakesAfter("") {
			if h.Action == org.ActionApproveAllFeatures && h.Recipient == c.Home {
				received = append(received, handshakeAt{c.Org, h})
			}
		}
	}
	slices.SortFunc(received, func(a, b handshakeAt) int { return strings.Compare(a.ID, b.ID) })
	walk := func(after string) iter.Seq2[string, handshakeAt] {
		return func(yield func(string, handshakeAt) bool) {
			for _, at := range received {
				if cmp.Compare(at.ID, after) > 0 && !yield(at.ID, at) {
					return
				}
			}
		}
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, keep, func(at handshakeAt) types.Handshake { return *showHandshake(at) })
	if err != nil {
		return nil, err
	}
	return &sdk.ListHandshakesForAccountOutput{Handshakes: list, NextToken: next}, nil
}

func (a *API) listHandshakesForOrganization(c *Call, in *sdk.ListHandshakesForOrganizationInput) (*sdk.ListHandshakesForOrganizationOutput, error) {
	keep, err := filterHandshakes(in.Filter)
	if err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, handshakeAt] {
		return func(yield func(string, handshakeAt) bool) {
			for id, h := range c.Org.HandshakesAfter(after) {
				if !yield(id, handshakeAt{c.Org, h}) {
					return
				}
			}
		}
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, keep, func(at handshakeAt) types.Handshake { return *showHandshake(at) })
	if err != nil {
		return nil, err
	}
	return &sdk.ListHandshakesForOrganizationOutput{Handshakes: list, NextToken: next}, nil
}

func filterHandshakes(f *types.HandshakeFilter) (func(handshakeAt) bool, error) {
	if f == nil {
		return nil, nil
	}
	if f.ActionType != "" && f.ParentHandshakeId != nil {
		return nil, &iam.Error{Code: org.CodeInvalidInput, Reason: "MAX_LIMIT_EXCEEDED_FILTER", Message: "You specified too many filter parameters."}
	}
	return func(at handshakeAt) bool {
		return (f.ActionType == "" || string(f.ActionType) == at.Action) && (f.ParentHandshakeId == nil || *f.ParentHandshakeId == at.Parent)
	}, nil
}

func showHandshake(at handshakeAt) *types.Handshake {
	h := &types.Handshake{
		Id: aws.String(at.ID), Arn: aws.String(at.in.HandshakeARN(at.Handshake)), Action: types.ActionType(at.Action), State: types.HandshakeState(at.State),
		RequestedTimestamp: aws.Time(at.Requested), ExpirationTimestamp: aws.Time(at.Expires), Resources: showHandshakeResources(at.Resources),
	}
	for _, p := range at.Parties {
		h.Parties = append(h.Parties, types.HandshakeParty{Id: aws.String(p.ID), Type: types.HandshakePartyType(p.Type)})
	}
	return h
}

func showHandshakeResources(resources []org.HandshakeResource) (list []types.HandshakeResource) {
	for _, r := range resources {
		list = append(list, types.HandshakeResource{
			Type: types.HandshakeResourceType(r.Type), Value: aws.String(r.Value), Resources: showHandshakeResources(r.Resources),
		})
	}
	return list
}
