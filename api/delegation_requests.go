package api

import (
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	iamsts "iamd/sts"
)

// delegationRequestActions are the rows of temporary delegation.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html
func delegationRequestActions() []Action {
	return []Action{
		write("CreateDelegationRequest", checkNewDelegation, (*API).createDelegationRequest),
		read("GetDelegationRequest", onDelegation(func(in *sdk.GetDelegationRequestInput) *string { return in.DelegationRequestId }), (*API).getDelegationRequest),
		read("ListDelegationRequests", checkListDelegations, (*API).listDelegationRequests),
		read("GetHumanReadableSummary", checkSummary, (*API).getHumanReadableSummary),
		write("AssociateDelegationRequest", checkAssociation, (*API).associateDelegationRequest),
		telling(write("UpdateDelegationRequest", onDelegation(func(in *sdk.UpdateDelegationRequestInput) *string { return in.DelegationRequestId }), (*API).updateDelegationRequest),
			func(in *sdk.UpdateDelegationRequestInput) *string { return in.DelegationRequestId }),
		telling(write("AcceptDelegationRequest", checkAcceptance, (*API).acceptDelegationRequest),
			func(in *sdk.AcceptDelegationRequestInput) *string { return in.DelegationRequestId }),
		telling(write("RejectDelegationRequest", onDelegation(func(in *sdk.RejectDelegationRequestInput) *string { return in.DelegationRequestId }), (*API).rejectDelegationRequest),
			func(in *sdk.RejectDelegationRequestInput) *string { return in.DelegationRequestId }),
		sendingToken(write("SendDelegationToken", onDelegation(func(in *sdk.SendDelegationTokenInput) *string { return in.DelegationRequestId }), (*API).sendDelegationToken)),
	}
}

// ownerMay is what the owner of a request may do with it without a policy of
// their own that says so: see it, send it on, refuse it, and send the token of
// what was approved. To approve, and to become the owner, takes a policy. AWS
// tells of a default permission of owners, and not of every action whether it is
// part of it: this list is the choice.
var ownerMay = []policy.Attached{{
	ID: "DelegationRequestOwner", Type: "Default Permission",
	Policy: iam.NewDocument(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:GetDelegationRequest",`+
		`"iam:GetHumanReadableSummary","iam:ListDelegationRequests","iam:UpdateDelegationRequest","iam:RejectDelegationRequest",`+
		`"iam:SendDelegationToken"],"Resource":"*"}}`, nil).Compiled(),
}}

const ownerKey = "iam:DelegationRequestOwner"

// delegationCheck asks for an action on a request, by the ARN that it has in the
// caller's account.
func delegationCheck(c *Call, action, id string) guard.Check {
	check := guard.Check{Action: action, Resource: c.Account.DelegationRequestARN(id)}
	if r, err := c.Account.OwnedDelegationRequest(id); err == nil {
		check.Keys = []guard.Key{guard.Value(ownerKey, r.Owner.ARN)}
		if r.Owner.Is(c.identity()) {
			check.Granted = ownerMay
		}
	}
	return check
}

func onDelegation[I any](id func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(delegationCheck(c, action, aws.ToString(id(in))))
	}
}

// checkNewDelegation asks for a request whose id is not known yet.
func checkNewDelegation(c *Call, action string, in *sdk.CreateDelegationRequestInput) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: c.Account.DelegationRequestARN("*"), Keys: []guard.Key{
		guard.Value("iam:NotificationChannel", *in.NotificationChannel),
		guard.Value("iam:DelegationDuration", strconv.Itoa(int(*in.SessionDuration))),
	}}
	if in.Permissions.PolicyTemplateArn != nil {
		check.Keys = append(check.Keys, guard.Value("iam:TemplateArn", *in.Permissions.PolicyTemplateArn))
	}
	return one(check)
}

func checkListDelegations(c *Call, action string, in *sdk.ListDelegationRequestsInput) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "*"}
	if in.OwnerId != nil {
		check.Keys = []guard.Key{guard.Value(ownerKey, *in.OwnerId)}
		if *in.OwnerId == c.Caller.ARN {
			check.Granted = ownerMay
		}
	}
	return one(check)
}

// checkAssociation asks with the owner that is going to be.
func checkAssociation(c *Call, action string, in *sdk.AssociateDelegationRequestInput) ([]guard.Check, error) {
	check := delegationCheck(c, action, aws.ToString(in.DelegationRequestId))
	check.Keys = []guard.Key{guard.Value(ownerKey, c.Caller.ARN)}
	return one(check)
}

// checkAcceptance also refuses who could hand on more than they have: what
// narrows a session would be lost, as the access that comes of it has policies of
// its own.
func checkAcceptance(c *Call, action string, in *sdk.AcceptDelegationRequestInput) ([]guard.Check, error) {
	if s := c.Caller.Session; s != nil && (s.Narrowed() || !s.Kind.OfRole() && s.Kind != iamsts.SessionToken && s.Kind != iamsts.Console) {
		return nil, iam.Errorf(iam.CodeAccessDenied, "Cannot call %s with the credentials of a session that has session policies", "AcceptDelegationRequest")
	}
	return one(delegationCheck(c, action, aws.ToString(in.DelegationRequestId)))
}

func checkSummary(c *Call, action string, in *sdk.GetHumanReadableSummaryInput) ([]guard.Check, error) {
	id, err := summarized(c, in)
	if err != nil {
		return nil, err
	}
	return one(delegationCheck(c, action, id))
}

// summarized reads a request's id out of its ARN, which may be that of the
// caller's account only.
func summarized(c *Call, in *sdk.GetHumanReadableSummaryInput) (id string, err error) {
	arn := *in.EntityArn
	id, ok := strings.CutPrefix(arn, c.Account.DelegationRequestARN(""))
	if !ok || id == "" || strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "" {
		return "", iam.Errorf(iam.CodeInvalidInput, "%s is not the ARN of a delegation request of this account.", clip(arn))
	}
	return id, nil
}

// identity is who calls, as a request remembers its owner and its approver.
func (c *Call) identity() iam.Identity {
	who := iam.Identity{Kind: iam.IdentityUser, ARN: c.Caller.ARN, UniqueID: c.Caller.UniqueID}
	switch c.Caller.Kind {
	case policy.Root:
		who.Kind, who.UniqueID = iam.IdentityRoot, ""
	case policy.Role:
		who.Kind = iam.IdentityRole
	}
	if s := c.Caller.Session; s != nil {
		who.Session, who.Tags, who.Transitive, who.SourceIdentity = s.Name, s.Tags, s.Transitive, s.SourceIdentity
		who.Provider, who.Keys = s.Provider, s.Keys
	}
	return who
}

func (a *API) createDelegationRequest(c *Call, in *sdk.CreateDelegationRequestInput) (*sdk.CreateDelegationRequestOutput, error) {
	asked := iam.DelegationRequest{
		WorkflowID: *in.RequestorWorkflowId, Description: *in.Description, Message: aws.ToString(in.RequestMessage),
		RedirectURL: aws.ToString(in.RedirectUrl), Channel: *in.NotificationChannel, Seconds: *in.SessionDuration,
		OnlySendByOwner: in.OnlySendByOwner, OwnerAccount: aws.ToString(in.OwnerAccountId),
		Template: aws.ToString(in.Permissions.PolicyTemplateArn),
	}
	// As with AWS the topic is one of the requestor's own account: the token goes
	// there. One that nothing can be sent to would make an approval useless.
	topic := strings.Split(asked.Channel, ":")
	if len(topic) != 6 || topic[0] != "arn" || topic[2] != "sns" || topic[4] != c.Account.ID || a.cfg.Topics == nil || !a.cfg.Topics.Has(asked.Channel) {
		return nil, iam.Errorf(iam.CodeInvalidInput, "The notification channel %s is not a topic of this account that can be published to.", clip(asked.Channel))
	}
	template, ok := a.cfg.Templates.PolicyTemplate(asked.Template, c.Account.ID)
	if !ok {
		return nil, iam.Errorf(iam.CodeNoSuchEntity, "Policy template %s cannot be found.", clip(asked.Template))
	}
	asked.RequestorName = template.Partner
	for _, p := range in.Permissions.Parameters {
		asked.Parameters = append(asked.Parameters, iam.PolicyParameter{
			Name: aws.ToString(p.Name), Values: p.Values, List: p.Type == types.PolicyParameterTypeEnumStringList,
		})
	}
	var err error
	if asked.Policy, err = template.Fill(asked.Parameters); err != nil {
		return nil, err
	}
	r, err := c.Draft.CreateDelegationRequest(asked)
	if err != nil {
		return nil, err
	}
	return &sdk.CreateDelegationRequestOutput{
		DelegationRequestId: aws.String(r.ID), ConsoleDeepLink: aws.String(a.cfg.Console() + "#/iam/delegation-requests/" + r.ID),
	}, nil
}

// delegationRequest finds a request for who may see it: those of the account
// that is associated with it, and before one is, of the account that it is meant
// for, or of every account if it is meant for none.
func (a *API) delegationRequest(c *Call, id string) (*iam.DelegationRequest, error) {
	if r, err := c.Account.OwnedDelegationRequest(id); err == nil {
		return r, nil
	}
	holder, owned, err := iam.HolderOfDelegation(c.Context, a.cfg.Accounts, id)
	if errors.Is(err, iam.ErrNotFound) || err == nil && owned {
		return nil, iam.NoDelegationRequest(id)
	}
	if err != nil {
		return nil, err
	}
	view := c.Account
	if holder != view.ID {
		if view, err = a.cfg.Accounts.View(c.Context, holder); err != nil {
			return nil, err
		}
	}
	r, err := view.DelegationRequest(id)
	if err != nil {
		return nil, err
	}
	if r.OwnerAccount != "" && r.OwnerAccount != c.Account.ID {
		return nil, iam.NoDelegationRequest(id)
	}
	return r, nil
}

func (a *API) associateDelegationRequest(c *Call, in *sdk.AssociateDelegationRequestInput) (*sdk.AssociateDelegationRequestOutput, error) {
	r, err := a.delegationRequest(c, *in.DelegationRequestId)
	if err != nil {
		return nil, err
	}
	return &sdk.AssociateDelegationRequestOutput{}, c.Draft.AssociateDelegationRequest(r, c.identity())
}

func (a *API) updateDelegationRequest(c *Call, in *sdk.UpdateDelegationRequestInput) (*sdk.UpdateDelegationRequestOutput, error) {
	return &sdk.UpdateDelegationRequestOutput{}, c.Draft.UpdateDelegationRequest(*in.DelegationRequestId, aws.ToString(in.Notes))
}

func (a *API) acceptDelegationRequest(c *Call, in *sdk.AcceptDelegationRequestInput) (*sdk.AcceptDelegationRequestOutput, error) {
	return &sdk.AcceptDelegationRequestOutput{}, c.Draft.AcceptDelegationRequest(*in.DelegationRequestId, c.identity())
}

func (a *API) rejectDelegationRequest(c *Call, in *sdk.RejectDelegationRequestInput) (*sdk.RejectDelegationRequestOutput, error) {
	return &sdk.RejectDelegationRequestOutput{}, c.Draft.RejectDelegationRequest(*in.DelegationRequestId, aws.ToString(in.Notes))
}

func (a *API) sendDelegationToken(c *Call, in *sdk.SendDelegationTokenInput) (*sdk.SendDelegationTokenOutput, error) {
	return &sdk.SendDelegationTokenOutput{}, c.Draft.SendDelegationToken(*in.DelegationRequestId, c.identity())
}
