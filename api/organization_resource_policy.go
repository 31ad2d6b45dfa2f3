package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/org"
)

// organizationResourcePolicyActions are the rows of the delegation policy.
func organizationResourcePolicyActions() []Action {
	return []Action{
		reorganizes("PutResourcePolicy", itsManagers, itself[sdk.PutResourcePolicyInput], checkPutResourcePolicy, (*API).putResourcePolicy),
		inOrganization("DescribeResourcePolicy", readers, onOrganization[sdk.DescribeResourcePolicyInput], (*API).describeResourcePolicy),
		reorganizes("DeleteResourcePolicy", itsManagers, itself[sdk.DeleteResourcePolicyInput], onOrganization[sdk.DeleteResourcePolicyInput], (*API).deleteResourcePolicy),
	}
}

// checkPutResourcePolicy asks for the policy that is there, or for one whose id
// nobody knows yet.
func checkPutResourcePolicy(c *Call, action string, in *sdk.PutResourcePolicyInput) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "*", RequestTags: organizationTags(in.Tags)}
	if c.Org != nil {
		p := c.Org.ResourcePolicy
		if p == nil {
			p = &org.ResourcePolicy{ID: "rp-*", Tags: check.RequestTags}
		}
		check.Resource, check.Tags = c.Org.ResourcePolicyARN(p), p.Tags
	}
	if len(in.Tags) == 0 {
		return one(check)
	}
	return []guard.Check{check, also(check, "organizations:TagResource")}, nil
}

func (a *API) putResourcePolicy(c *Call, in *sdk.PutResourcePolicyInput) (*sdk.PutResourcePolicyOutput, error) {
	p, err := c.Drafts.Organization.PutResourcePolicy(aws.ToString(in.Content), organizationTags(in.Tags))
	if err != nil {
		return nil, err
	}
	return &sdk.PutResourcePolicyOutput{ResourcePolicy: showResourcePolicy(c.Org, p)}, nil
}

func (a *API) describeResourcePolicy(c *Call, _ *sdk.DescribeResourcePolicyInput) (*sdk.DescribeResourcePolicyOutput, error) {
	p, err := c.Org.FindResourcePolicy()
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeResourcePolicyOutput{ResourcePolicy: showResourcePolicy(c.Org, p)}, nil
}

func (a *API) deleteResourcePolicy(c *Call, _ *sdk.DeleteResourcePolicyInput) (*sdk.DeleteResourcePolicyOutput, error) {
	return &sdk.DeleteResourcePolicyOutput{}, c.Drafts.Organization.DeleteResourcePolicy()
}

func showResourcePolicy(o *org.Organization, p *org.ResourcePolicy) *types.ResourcePolicy {
	return &types.ResourcePolicy{
		Content:               aws.String(p.Document.Text()),
		ResourcePolicySummary: &types.ResourcePolicySummary{Id: aws.String(p.ID), Arn: aws.String(o.ResourcePolicyARN(p))},
	}
}
