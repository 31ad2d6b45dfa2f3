package api

import (
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/org"
)

// organizationAttachmentActions are the rows of what policies are attached to.
func organizationAttachmentActions() []Action {
	return []Action{
		reorganizes("AttachPolicy", itsManagers, itself[sdk.AttachPolicyInput], checkAttachOrganizationPolicy, (*API).attachOrganizationPolicy),
		reorganizes("DetachPolicy", itsManagers, itself[sdk.DetachPolicyInput], checkDetachOrganizationPolicy, (*API).detachOrganizationPolicy),
		inOrganization("ListPoliciesForTarget", readers, checkListPoliciesForTarget, (*API).listPoliciesForTarget),
		inOrganization("ListTargetsForPolicy", readers,
			onOrganizationPolicy(func(in *sdk.ListTargetsForPolicyInput) *string { return in.PolicyId }), (*API).listTargetsForPolicy),
	}
}

func checkAttachOrganizationPolicy(c *Call, action string, in *sdk.AttachPolicyInput) ([]guard.Check, error) {
	return attachmentChecks(c, action, in.PolicyId, in.TargetId)
}

func checkDetachOrganizationPolicy(c *Call, action string, in *sdk.DetachPolicyInput) ([]guard.Check, error) {
	return attachmentChecks(c, action, in.PolicyId, in.TargetId)
}

// attachmentChecks ask for the policy and for the target.
func attachmentChecks(c *Call, action string, policy, target *string) ([]guard.Check, error) {
	of := organizationPolicyCheck(c, action, aws.ToString(policy))
	to := targetCheck(c, action, aws.ToString(target))
	to.Keys = append(to.Keys, of.Keys...)
	return []guard.Check{of, to}, nil
}

func checkListPoliciesForTarget(c *Call, action string, in *sdk.ListPoliciesForTargetInput) ([]guard.Check, error) {
	return one(typedCheck(c, action, in.TargetId, in.Filter))
}

func (a *API) attachOrganizationPolicy(c *Call, in *sdk.AttachPolicyInput) (*sdk.AttachPolicyOutput, error) {
	return &sdk.AttachPolicyOutput{}, c.Drafts.Organization.AttachPolicy(aws.ToString(in.PolicyId), aws.ToString(in.TargetId))
}

func (a *API) detachOrganizationPolicy(c *Call, in *sdk.DetachPolicyInput) (*sdk.DetachPolicyOutput, error) {
	return &sdk.DetachPolicyOutput{}, c.Drafts.Organization.DetachPolicy(aws.ToString(in.PolicyId), aws.ToString(in.TargetId))
}

func (a *API) listPoliciesForTarget(c *Call, in *sdk.ListPoliciesForTargetInput) (*sdk.ListPoliciesForTargetOutput, error) {
	target := aws.ToString(in.TargetId)
	if err := c.Org.Target(target); err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, *org.Policy] {
		return c.Org.AttachedAfter(target, org.PolicyType(in.Filter), after)
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, nil, func(p *org.Policy) types.PolicySummary {
		return *summarizePolicy(c.Org, p)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.ListPoliciesForTargetOutput{Policies: list, NextToken: next}, nil
}

func (a *API) listTargetsForPolicy(c *Call, in *sdk.ListTargetsForPolicyInput) (*sdk.ListTargetsForPolicyOutput, error) {
	p, err := c.Org.FindPolicy(aws.ToString(in.PolicyId))
	if err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, org.Attachment] { return c.Org.TargetsAfter(p.ID, after) }
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, nil, func(at org.Attachment) types.PolicyTargetSummary {
		name, kind := c.Org.TargetName(at.Target)
		return types.PolicyTargetSummary{
			TargetId: aws.String(at.Target), Arn: aws.String(c.Org.TargetARN(at.Target)), Name: aws.String(name), Type: types.TargetType(kind),
		}
	})
	if err != nil {
		return nil, err
	}
	return &sdk.ListTargetsForPolicyOutput{Targets: list, NextToken: next}, nil
}
