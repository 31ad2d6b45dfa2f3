package api

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

func (a *API) getDelegationRequest(c *Call, in *sdk.GetDelegationRequestInput) (*sdk.GetDelegationRequestOutput, error) {
	r, err := a.delegationRequest(c, *in.DelegationRequestId)
	if err != nil {
		return nil, err
	}
	out := showDelegation(c, r)
	answer := &sdk.GetDelegationRequestOutput{DelegationRequest: &out}
	if in.DelegationPermissionCheck {
		answer.PermissionCheckStatus = types.PermissionCheckStatusTypeComplete
		answer.PermissionCheckResult = a.covers(c, r)
	}
	return answer, nil
}

// listDelegationRequests lists those that have an owner in this account.
func (a *API) listDelegationRequests(c *Call, in *sdk.ListDelegationRequestsInput) (*sdk.ListDelegationRequestsOutput, error) {
	keep := func(r *iam.DelegationRequest) bool { return in.OwnerId == nil || r.Owner.ARN == *in.OwnerId }
	show := func(r *iam.DelegationRequest) types.DelegationRequest { return showDelegation(c, r) }
	list, truncated, next, err := page(in.Marker, in.MaxItems, c.Account.DelegationRequestsAfter, keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListDelegationRequestsOutput{DelegationRequests: list, IsTruncated: truncated, Marker: next}, nil
}

// getHumanReadableSummary says what a request asks for, in English. AWS has a
// language model write it, in the languages of its console; those that nobody
// here writes are told to be unsupported.
func (a *API) getHumanReadableSummary(c *Call, in *sdk.GetHumanReadableSummaryInput) (*sdk.GetHumanReadableSummaryOutput, error) {
	id, err := summarized(c, in)
	if err != nil {
		return nil, err
	}
	r, err := a.delegationRequest(c, id)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetHumanReadableSummaryOutput{Locale: in.Locale, SummaryState: types.SummaryStateTypeNotSupported}
	if out.Locale == nil {
		out.Locale = aws.String("en")
	}
	if language, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(*out.Locale), "_", "-"), "-"); language == "en" {
		out.SummaryState, out.SummaryContent = types.SummaryStateTypeAvailable, aws.String(r.Summary())
	}
	return out, nil
}

// most bounds how many questions one permission check asks.
const mostCovered = 1000

// covers tells, as nearly as it can be told, whether the caller may do all that a
// request asks for. A pattern is asked for as it is written: a policy that allows
// it allows all that it stands for; one that does not may allow all of it still.
func (a *API) covers(c *Call, r *iam.DelegationRequest) types.PermissionCheckResultType {
	doc, err := policy.Parse([]byte(r.Policy))
	if err != nil {
		return types.PermissionCheckResultTypeUnsure
	}
	result, asked := types.PermissionCheckResultTypeAllowed, 0
	for _, s := range doc.Statements {
		if s.Effect != "Allow" {
			continue
		}
		if s.Action == nil || s.Resource == nil {
			result = types.PermissionCheckResultTypeUnsure
			continue
		}
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				if asked++; asked > mostCovered {
					return types.PermissionCheckResultTypeUnsure
				}
				if a.cfg.Guard.Allowed(c.Caller, c.Account, guard.Check{Action: action, Resource: resource}) {
					continue
				}
				if len(s.Condition) == 0 && !strings.ContainsAny(action+resource, "*?$") {
					return types.PermissionCheckResultTypeDenied
				}
				result = types.PermissionCheckResultTypeUnsure
			}
		}
	}
	return result
}

func showDelegation(c *Call, r *iam.DelegationRequest) types.DelegationRequest {
	out := types.DelegationRequest{
		DelegationRequestId: aws.String(r.ID), RequestorId: aws.String(r.Requestor), Description: aws.String(r.Description),
		State: types.StateType(r.StateAt(c.Time)), SessionDuration: aws.Int32(r.Seconds), OnlySendByOwner: r.OnlySendByOwner,
		CreateDate: aws.Time(r.CreateDate), UpdatedTime: aws.Time(r.Updated), ExpirationTime: aws.Time(r.Expires()),
		PermissionPolicy: aws.String(r.Policy), RolePermissionRestrictionArns: r.Boundaries,
		Permissions:   &types.DelegationPermission{PolicyTemplateArn: aws.String(r.Template)},
		RequestorName: some(r.RequestorName), RequestMessage: some(r.Message), RedirectUrl: some(r.RedirectURL),
		OwnerAccountId: some(r.OwnerAccount), OwnerId: some(r.Owner.ARN), ApproverId: some(r.Approver.ARN),
		Notes: some(r.Notes), RejectionReason: some(r.RejectionReason),
	}
	for _, p := range r.Parameters {
		kind := types.PolicyParameterTypeEnumString
		if p.List {
			kind = types.PolicyParameterTypeEnumStringList
		}
		out.Permissions.Parameters = append(out.Permissions.Parameters, types.PolicyParameter{Name: aws.String(p.Name), Values: p.Values, Type: kind})
	}
	return out
}

// some is a text, or nothing for an empty one.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
