package api

import (
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// policyActions are the rows of managed policies and their versions.
func policyActions() []Action {
	return []Action{
		write("CreatePolicy", checkNewPolicy, (*API).createPolicy),
		read("GetPolicy", onPolicy(func(in *sdk.GetPolicyInput) *string { return in.PolicyArn }), (*API).getPolicy),
		read("ListPolicies", checkListPolicies, (*API).listPolicies),
		write("DeletePolicy", onOwnPolicy(func(in *sdk.DeletePolicyInput) *string { return in.PolicyArn }), (*API).deletePolicy),
		read("ListEntitiesForPolicy", onPolicy(func(in *sdk.ListEntitiesForPolicyInput) *string { return in.PolicyArn }), (*API).listEntitiesForPolicy),

		write("CreatePolicyVersion", onOwnPolicy(func(in *sdk.CreatePolicyVersionInput) *string { return in.PolicyArn }), (*API).createPolicyVersion),
		read("GetPolicyVersion", checkPolicyVersion, (*API).getPolicyVersion),
		read("ListPolicyVersions", onPolicy(func(in *sdk.ListPolicyVersionsInput) *string { return in.PolicyArn }), (*API).listPolicyVersions),
		write("DeletePolicyVersion", onOwnPolicy(func(in *sdk.DeletePolicyVersionInput) *string { return in.PolicyArn }), (*API).deletePolicyVersion),
		write("SetDefaultPolicyVersion", onOwnPolicy(func(in *sdk.SetDefaultPolicyVersionInput) *string { return in.PolicyArn }), (*API).setDefaultPolicyVersion),

		write("TagPolicy", checkTagPolicy, (*API).tagPolicy),
		write("UntagPolicy", checkUntagPolicy, (*API).untagPolicy),
		read("ListPolicyTags", onPolicy(func(in *sdk.ListPolicyTagsInput) *string { return in.PolicyArn }), (*API).listPolicyTags),
	}
}

// policyCheck asks for an action on a managed policy. AWS's policies may be
// looked at as if they were the caller's; another account's never are.
func policyCheck(c *Call, action, arn string) (guard.Check, error) {
	owner, err := iam.PolicyOwner(arn)
	if err != nil {
		return guard.Check{}, err
	}
	check := guard.Check{Action: action, Resource: arn, Named: "policy " + arn}
	if p, ok := c.Account.Policy(arn); ok {
		check.Tags = p.Tags
	}
	if owner != iam.AWSOwned {
		check.Account = owner
	}
	return check, nil
}

// ownPolicyCheck is policyCheck for changes: AWS's policies belong to AWS, and
// no policy of AWS's lets customers change them.
func ownPolicyCheck(c *Call, action, arn string) (guard.Check, error) {
	check, err := policyCheck(c, action, arn)
	if err == nil && check.Account == "" {
		check.Account = iam.AWSOwned
	}
	return check, err
}

func onPolicy[I any](arn func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		check, err := policyCheck(c, action, aws.ToString(arn(in)))
		return []guard.Check{check}, err
	}
}

func onOwnPolicy[I any](arn func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		check, err := ownPolicyCheck(c, action, aws.ToString(arn(in)))
		return []guard.Check{check}, err
	}
}

// checkNewPolicy asks for the policy's creation and, when it brings tags, for
// its tagging.
func checkNewPolicy(c *Call, action string, in *sdk.CreatePolicyInput) ([]guard.Check, error) {
	create := guard.Check{
		Action:      action,
		Resource:    c.Account.PolicyARN(pathOr(in.Path), aws.ToString(in.PolicyName)),
		Named:       "policy " + aws.ToString(in.PolicyName),
		RequestTags: readTags(in.Tags),
	}
	if len(in.Tags) == 0 {
		return one(create)
	}
	tag := create
	tag.Action = "iam:TagPolicy"
	return []guard.Check{create, tag}, nil
}

func checkListPolicies(_ *Call, action string, in *sdk.ListPoliciesInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Named: "policy path " + pathOr(in.PathPrefix)})
}

func checkTagPolicy(c *Call, action string, in *sdk.TagPolicyInput) ([]guard.Check, error) {
	check, err := ownPolicyCheck(c, action, aws.ToString(in.PolicyArn))
	check.RequestTags = readTags(in.Tags)
	return []guard.Check{check}, err
}

func checkUntagPolicy(c *Call, action string, in *sdk.UntagPolicyInput) ([]guard.Check, error) {
	check, err := ownPolicyCheck(c, action, aws.ToString(in.PolicyArn))
	check.TagKeys = in.TagKeys
	return []guard.Check{check}, err
}

func (a *API) createPolicy(c *Call, in *sdk.CreatePolicyInput) (*sdk.CreatePolicyOutput, error) {
	p, err := c.Draft.CreatePolicy(iam.NewPolicy{
		Name:        aws.ToString(in.PolicyName),
		Path:        pathOr(in.Path),
		Description: aws.ToString(in.Description),
		Document:    aws.ToString(in.PolicyDocument),
		Tags:        readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	out := showPolicy(c.Account, p)
	out.Tags = showAnyTags(p.Tags)
	return &sdk.CreatePolicyOutput{Policy: &out}, nil
}

func (a *API) getPolicy(c *Call, in *sdk.GetPolicyInput) (*sdk.GetPolicyOutput, error) {
	p, err := c.Account.FindPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	out := showPolicy(c.Account, p)
	if p.Description != "" {
		out.Description = aws.String(p.Description)
	}
	out.Tags = showTags(p.Tags)
	return &sdk.GetPolicyOutput{Policy: &out}, nil
}

func (a *API) listPolicies(c *Call, in *sdk.ListPoliciesInput) (*sdk.ListPoliciesOutput, error) {
	scope := iam.PolicyScope(in.Scope)
	if scope == "" {
		scope = iam.ScopeAll
	}
	prefix := pathOr(in.PathPrefix)
	walk := func(after string) iter.Seq2[string, *iam.Policy] { return c.Account.ManagedPoliciesAfter(scope, after) }
	keep := func(p *iam.Policy) bool {
		if !strings.HasPrefix(p.Path, prefix) {
			return false
		}
		if !in.OnlyAttached && in.PolicyUsageFilter == "" {
			return true
		}
		attached, boundaries := c.Account.UseCount(p.ARN)
		switch in.PolicyUsageFilter {
		case types.PolicyUsageTypePermissionsPolicy:
			return attached > 0
		case types.PolicyUsageTypePermissionsBoundary:
			return boundaries > 0 && (!in.OnlyAttached || attached > 0)
		default:
			return attached > 0
		}
	}
	show := func(p *iam.Policy) types.Policy { return showPolicy(c.Account, p) }
	list, truncated, next, err := page(in.Marker, in.MaxItems, walk, keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListPoliciesOutput{Policies: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) deletePolicy(c *Call, in *sdk.DeletePolicyInput) (*sdk.DeletePolicyOutput, error) {
	return &sdk.DeletePolicyOutput{}, c.Draft.DeletePolicy(aws.ToString(in.PolicyArn))
}

func (a *API) listEntitiesForPolicy(c *Call, in *sdk.ListEntitiesForPolicyInput) (*sdk.ListEntitiesForPolicyOutput, error) {
	p, err := c.Account.FindPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	// The two kinds of managed policies are no entities that use one: with
	// them as the filter nothing is found.
	filter := iam.UseFilter{
		Kind: iam.EntityKind(in.EntityFilter), AsWhat: iam.UseKind(in.PolicyUsageFilter), PathPrefix: aws.ToString(in.PathPrefix),
	}
	walk := func(after string) iter.Seq2[string, iam.Use] { return c.Account.EntitiesAfter(p.ARN, after, filter) }
	uses, truncated, next, err := page(in.Marker, in.MaxItems, walk, nil, func(u iam.Use) iam.Use { return u })
	if err != nil {
		return nil, err
	}
	out := &sdk.ListEntitiesForPolicyOutput{
		PolicyGroups: []types.PolicyGroup{}, PolicyRoles: []types.PolicyRole{}, PolicyUsers: []types.PolicyUser{},
		IsTruncated: truncated, Marker: next,
	}
	for _, u := range uses {
		id, name := aws.String(u.ID), aws.String(u.Name)
		switch u.Kind {
		case iam.KindUser:
			out.PolicyUsers = append(out.PolicyUsers, types.PolicyUser{UserId: id, UserName: name})
		case iam.KindGroup:
			out.PolicyGroups = append(out.PolicyGroups, types.PolicyGroup{GroupId: id, GroupName: name})
		case iam.KindRole:
			out.PolicyRoles = append(out.PolicyRoles, types.PolicyRole{RoleId: id, RoleName: name})
		}
	}
	return out, nil
}

func (a *API) tagPolicy(c *Call, in *sdk.TagPolicyInput) (*sdk.TagPolicyOutput, error) {
	return &sdk.TagPolicyOutput{}, c.Draft.TagPolicy(aws.ToString(in.PolicyArn), readTags(in.Tags))
}

func (a *API) untagPolicy(c *Call, in *sdk.UntagPolicyInput) (*sdk.UntagPolicyOutput, error) {
	return &sdk.UntagPolicyOutput{}, c.Draft.UntagPolicy(aws.ToString(in.PolicyArn), in.TagKeys)
}

func (a *API) listPolicyTags(c *Call, in *sdk.ListPolicyTagsInput) (*sdk.ListPolicyTagsOutput, error) {
	p, err := c.Account.FindPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, p.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListPolicyTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}

// showPolicy is a managed policy as every answer has it; description and tags
// are told by a few only.
func showPolicy(a *iam.Account, p *iam.Policy) types.Policy {
	attached, boundaries := a.UseCount(p.ARN)
	return types.Policy{
		Arn:                           aws.String(p.ARN),
		AttachmentCount:               aws.Int32(int32(attached)),
		CreateDate:                    aws.Time(p.CreateDate),
		DefaultVersionId:              aws.String(p.DefaultVersion),
		IsAttachable:                  true,
		Path:                          aws.String(p.Path),
		PermissionsBoundaryUsageCount: aws.Int32(int32(boundaries)),
		PolicyId:                      aws.String(p.ID),
		PolicyName:                    aws.String(p.Name),
		UpdateDate:                    aws.Time(p.UpdateDate),
	}
}
