package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// attachedPolicyActions are the rows of managed policies on users, groups and
// roles.
func attachedPolicyActions() []Action {
	return []Action{
		write("AttachUserPolicy", attaching(func(in *sdk.AttachUserPolicyInput) (iam.Entity, *string) { return user(in.UserName), in.PolicyArn }), (*API).attachUserPolicy),
		write("DetachUserPolicy", attaching(func(in *sdk.DetachUserPolicyInput) (iam.Entity, *string) { return user(in.UserName), in.PolicyArn }), (*API).detachUserPolicy),
		read("ListAttachedUserPolicies", onEntity(iam.KindUser, func(in *sdk.ListAttachedUserPoliciesInput) *string { return in.UserName }), (*API).listAttachedUserPolicies),

		write("AttachGroupPolicy", attaching(func(in *sdk.AttachGroupPolicyInput) (iam.Entity, *string) { return group(in.GroupName), in.PolicyArn }), (*API).attachGroupPolicy),
		write("DetachGroupPolicy", attaching(func(in *sdk.DetachGroupPolicyInput) (iam.Entity, *string) { return group(in.GroupName), in.PolicyArn }), (*API).detachGroupPolicy),
		read("ListAttachedGroupPolicies", onEntity(iam.KindGroup, func(in *sdk.ListAttachedGroupPoliciesInput) *string { return in.GroupName }), (*API).listAttachedGroupPolicies),

		write("AttachRolePolicy", attaching(func(in *sdk.AttachRolePolicyInput) (iam.Entity, *string) { return role(in.RoleName), in.PolicyArn }), (*API).attachRolePolicy),
		write("DetachRolePolicy", attaching(func(in *sdk.DetachRolePolicyInput) (iam.Entity, *string) { return role(in.RoleName), in.PolicyArn }), (*API).detachRolePolicy),
		read("ListAttachedRolePolicies", onEntity(iam.KindRole, func(in *sdk.ListAttachedRolePoliciesInput) *string { return in.RoleName }), (*API).listAttachedRolePolicies),
	}
}

// attaching asks for an action that attaches or detaches a managed policy.
func attaching[I any](what func(*I) (iam.Entity, *string)) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		e, arn := what(in)
		if _, err := iam.PolicyOwner(aws.ToString(arn)); err != nil {
			return nil, err
		}
		check := grantCheck(c, action, e)
		check.Keys = append(check.Keys, guard.Value("iam:PolicyARN", aws.ToString(arn)))
		return one(check)
	}
}

func attachedTo(c *Call, e iam.Entity, pathPrefix, marker *string, maxItems *int32) (list []types.AttachedPolicy, truncated bool, next *string, err error) {
	policies, err := c.Account.AttachedPolicies(e, pathOr(pathPrefix))
	if err != nil {
		return nil, false, nil, err
	}
	return pageSlice(marker, maxItems, policies,
		func(p *iam.Policy) string { return p.ARN },
		func(p *iam.Policy) types.AttachedPolicy {
			return types.AttachedPolicy{PolicyArn: aws.String(p.ARN), PolicyName: aws.String(p.Name)}
		})
}

func (a *API) attachUserPolicy(c *Call, in *sdk.AttachUserPolicyInput) (*sdk.AttachUserPolicyOutput, error) {
	return &sdk.AttachUserPolicyOutput{}, c.Draft.AttachPolicy(user(in.UserName), aws.ToString(in.PolicyArn))
}

func (a *API) attachGroupPolicy(c *Call, in *sdk.AttachGroupPolicyInput) (*sdk.AttachGroupPolicyOutput, error) {
	return &sdk.AttachGroupPolicyOutput{}, c.Draft.AttachPolicy(group(in.GroupName), aws.ToString(in.PolicyArn))
}

func (a *API) attachRolePolicy(c *Call, in *sdk.AttachRolePolicyInput) (*sdk.AttachRolePolicyOutput, error) {
	return &sdk.AttachRolePolicyOutput{}, c.Draft.AttachPolicy(role(in.RoleName), aws.ToString(in.PolicyArn))
}

func (a *API) detachUserPolicy(c *Call, in *sdk.DetachUserPolicyInput) (*sdk.DetachUserPolicyOutput, error) {
	return &sdk.DetachUserPolicyOutput{}, c.Draft.DetachPolicy(user(in.UserName), aws.ToString(in.PolicyArn))
}

func (a *API) detachGroupPolicy(c *Call, in *sdk.DetachGroupPolicyInput) (*sdk.DetachGroupPolicyOutput, error) {
	return &sdk.DetachGroupPolicyOutput{}, c.Draft.DetachPolicy(group(in.GroupName), aws.ToString(in.PolicyArn))
}

func (a *API) detachRolePolicy(c *Call, in *sdk.DetachRolePolicyInput) (*sdk.DetachRolePolicyOutput, error) {
	return &sdk.DetachRolePolicyOutput{}, c.Draft.DetachPolicy(role(in.RoleName), aws.ToString(in.PolicyArn))
}

func (a *API) listAttachedUserPolicies(c *Call, in *sdk.ListAttachedUserPoliciesInput) (*sdk.ListAttachedUserPoliciesOutput, error) {
	list, truncated, next, err := attachedTo(c, user(in.UserName), in.PathPrefix, in.Marker, in.MaxItems)
	return &sdk.ListAttachedUserPoliciesOutput{AttachedPolicies: list, IsTruncated: truncated, Marker: next}, err
}

func (a *API) listAttachedGroupPolicies(c *Call, in *sdk.ListAttachedGroupPoliciesInput) (*sdk.ListAttachedGroupPoliciesOutput, error) {
	list, truncated, next, err := attachedTo(c, group(in.GroupName), in.PathPrefix, in.Marker, in.MaxItems)
	return &sdk.ListAttachedGroupPoliciesOutput{AttachedPolicies: list, IsTruncated: truncated, Marker: next}, err
}

func (a *API) listAttachedRolePolicies(c *Call, in *sdk.ListAttachedRolePoliciesInput) (*sdk.ListAttachedRolePoliciesOutput, error) {
	list, truncated, next, err := attachedTo(c, role(in.RoleName), in.PathPrefix, in.Marker, in.MaxItems)
	return &sdk.ListAttachedRolePoliciesOutput{AttachedPolicies: list, IsTruncated: truncated, Marker: next}, err
}
