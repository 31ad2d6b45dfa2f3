package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/org"
)

// organizationPolicyActions are the rows of an organization's policies, and of
// their types.
func organizationPolicyActions() []Action {
	return []Action{
		reorganizes("CreatePolicy", itsManagers, itself[sdk.CreatePolicyInput], checkNewOrganizationPolicy, (*API).createOrganizationPolicy),
		reorganizes("UpdatePolicy", itsManagers, itself[sdk.UpdatePolicyInput],
			onOrganizationPolicy(func(in *sdk.UpdatePolicyInput) *string { return in.PolicyId }), (*API).updateOrganizationPolicy),
		reorganizes("DeletePolicy", itsManagers, itself[sdk.DeletePolicyInput],
			onOrganizationPolicy(func(in *sdk.DeletePolicyInput) *string { return in.PolicyId }), (*API).deleteOrganizationPolicy),
		inOrganization("DescribePolicy", readers,
			onOrganizationPolicy(func(in *sdk.DescribePolicyInput) *string { return in.PolicyId }), (*API).describeOrganizationPolicy),
		inOrganization("ListPolicies", readers, checkListOrganizationPolicies, (*API).listOrganizationPolicies),
		reorganizes("EnablePolicyType", itsManagers, itself[sdk.EnablePolicyTypeInput], checkEnablePolicyType, (*API).enablePolicyType),
		reorganizes("DisablePolicyType", itsManagers, itself[sdk.DisablePolicyTypeInput], checkDisablePolicyType, (*API).disablePolicyType),
	}
}

// keyPolicyType is the condition key that all of these actions know.
const keyPolicyType = "organizations:PolicyType"

// organizationPolicyCheck asks for a policy of the caller's organization, be it there or not.
func organizationPolicyCheck(c *Call, action, id string) guard.Check {
	if c.Org == nil {
		return guard.Check{Action: action, Resource: "*"}
	}
	p, ok := c.Org.Policy(id)
	if !ok {
		return guard.Check{Action: action, Resource: c.Org.PolicyARN(&org.Policy{ID: id, Type: "*"})}
	}
	return guard.Check{
		Action: action, Resource: c.Org.PolicyARN(p), Tags: p.Tags, Keys: []guard.Key{guard.Value(keyPolicyType, string(p.Type))},
	}
}

func onOrganizationPolicy[I any](id func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(organizationPolicyCheck(c, action, aws.ToString(id(in))))
	}
}

// checkNewOrganizationPolicy asks for a policy whose id nobody knows yet.
func checkNewOrganizationPolicy(c *Call, action string, in *sdk.CreatePolicyInput) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "*", Keys: []guard.Key{guard.Value(keyPolicyType, string(in.Type))}}
	if c.Org != nil {
		check.Resource = c.Org.PolicyARN(&org.Policy{ID: "p-*", Type: org.PolicyType(in.Type)})
	}
	check.RequestTags = organizationTags(in.Tags)
	check.Tags = check.RequestTags // that it will have; AWS lists the resource's for this action too
	if len(in.Tags) == 0 {
		return one(check)
	}
	return []guard.Check{check, also(check, "organizations:TagResource")}, nil
}

func checkListOrganizationPolicies(_ *Call, action string, in *sdk.ListPoliciesInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Keys: []guard.Key{guard.Value(keyPolicyType, string(in.Filter))}})
}

func checkEnablePolicyType(c *Call, action string, in *sdk.EnablePolicyTypeInput) ([]guard.Check, error) {
	return one(typedCheck(c, action, in.RootId, in.PolicyType))
}

func checkDisablePolicyType(c *Call, action string, in *sdk.DisablePolicyTypeInput) ([]guard.Check, error) {
	return one(typedCheck(c, action, in.RootId, in.PolicyType))
}

// typedCheck asks for a root, unit or account, and a type of policies.
func typedCheck(c *Call, action string, id *string, t types.PolicyType) guard.Check {
	check := targetCheck(c, action, aws.ToString(id))
	check.Keys = append(check.Keys, guard.Value(keyPolicyType, string(t)))
	return check
}

func (a *API) createOrganizationPolicy(c *Call, in *sdk.CreatePolicyInput) (*sdk.CreatePolicyOutput, error) {
	p, err := c.Drafts.Organization.CreatePolicy(org.NewPolicy{
		Name: aws.ToString(in.Name), Description: aws.ToString(in.Description), Content: aws.ToString(in.Content),
		Type: org.PolicyType(in.Type), Tags: organizationTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreatePolicyOutput{Policy: showOrganizationPolicy(c.Org, p)}, nil
}

// updateOrganizationPolicy answers, as AWS does, with the names that the request
// gave and no others.
func (a *API) updateOrganizationPolicy(c *Call, in *sdk.UpdatePolicyInput) (*sdk.UpdatePolicyOutput, error) {
	p, err := c.Drafts.Organization.UpdatePolicy(aws.ToString(in.PolicyId), in.Name, in.Description, in.Content)
	if err != nil {
		return nil, err
	}
	shown := showOrganizationPolicy(c.Org, p)
	shown.PolicySummary.Name, shown.PolicySummary.Description = in.Name, in.Description
	return &sdk.UpdatePolicyOutput{Policy: shown}, nil
}

func (a *API) deleteOrganizationPolicy(c *Call, in *sdk.DeletePolicyInput) (*sdk.DeletePolicyOutput, error) {
	return &sdk.DeletePolicyOutput{}, c.Drafts.Organization.DeletePolicy(aws.ToString(in.PolicyId))
}

func (a *API) describeOrganizationPolicy(c *Call, in *sdk.DescribePolicyInput) (*sdk.DescribePolicyOutput, error) {
	p, err := c.Org.FindPolicy(aws.ToString(in.PolicyId))
	if err != nil {
		return nil, err
	}
	return &sdk.DescribePolicyOutput{Policy: showOrganizationPolicy(c.Org, p)}, nil
}

func (a *API) listOrganizationPolicies(c *Call, in *sdk.ListPoliciesInput) (*sdk.ListPoliciesOutput, error) {
	keep := func(p *org.Policy) bool { return p.Type == org.PolicyType(in.Filter) }
	list, next, err := nextPage(in.NextToken, in.MaxResults, c.Org.PoliciesAfter, keep, func(p *org.Policy) types.PolicySummary {
		return *summarizePolicy(c.Org, p)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.ListPoliciesOutput{Policies: list, NextToken: next}, nil
}

func (a *API) enablePolicyType(c *Call, in *sdk.EnablePolicyTypeInput) (*sdk.EnablePolicyTypeOutput, error) {
	d := c.Drafts.Organization
	if err := d.EnablePolicyType(aws.ToString(in.RootId), org.PolicyType(in.PolicyType)); err != nil {
		return nil, err
	}
	root := showOrganizationRoot(d.Organization)
	for i := range root.PolicyTypes {
		if root.PolicyTypes[i].Type == types.PolicyTypeResourceControlPolicy && in.PolicyType == types.PolicyTypeResourceControlPolicy {
			// AWS attaches its own to everything in the background, and says so; whoever
			// looks again sees that it is done.
			root.PolicyTypes[i].Status = types.PolicyTypeStatusPendingEnable
		}
	}
	return &sdk.EnablePolicyTypeOutput{Root: root}, nil
}

func (a *API) disablePolicyType(c *Call, in *sdk.DisablePolicyTypeInput) (*sdk.DisablePolicyTypeOutput, error) {
	d := c.Drafts.Organization
	if err := d.DisablePolicyType(aws.ToString(in.RootId), org.PolicyType(in.PolicyType)); err != nil {
		return nil, err
	}
	return &sdk.DisablePolicyTypeOutput{Root: showOrganizationRoot(d.Organization)}, nil
}

func showOrganizationPolicy(o *org.Organization, p *org.Policy) *types.Policy {
	return &types.Policy{Content: aws.String(p.Content.Text()), PolicySummary: summarizePolicy(o, p)}
}

func summarizePolicy(o *org.Organization, p *org.Policy) *types.PolicySummary {
	return &types.PolicySummary{
		Id: aws.String(p.ID), Arn: aws.String(o.PolicyARN(p)), Name: aws.String(p.Name), Description: aws.String(p.Description),
		Type: types.PolicyType(p.Type), AwsManaged: p.AWSManaged(),
	}
}

// showOrganizationRoot is the root with the types that are enabled, by name.
func showOrganizationRoot(o *org.Organization) *types.Root {
	root := &types.Root{
		Id: aws.String(o.Root.ID), Name: aws.String(o.Root.Name), Arn: aws.String(o.TargetARN(o.Root.ID)),
		PolicyTypes: []types.PolicyTypeSummary{},
	}
	for _, t := range o.EnabledTypes() {
		root.PolicyTypes = append(root.PolicyTypes, types.PolicyTypeSummary{Type: types.PolicyType(t), Status: types.PolicyTypeStatusEnabled})
	}
	return root
}
