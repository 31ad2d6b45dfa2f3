package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// organizationActions are the rows of organizations as a whole.
func organizationActions() []Action {
	return []Action{
		reorganizes("CreateOrganization", anyone, touchNewOrganization, onOrganization[sdk.CreateOrganizationInput], (*API).createOrganization),
		inOrganization("DescribeOrganization", anyMember, onOrganization[sdk.DescribeOrganizationInput], (*API).describeOrganization),
		reorganizes("DeleteOrganization", itsManagers, itself[sdk.DeleteOrganizationInput], onOrganization[sdk.DeleteOrganizationInput], (*API).deleteOrganization),
	}
}

// onOrganization is for actions that know no resources.
func onOrganization[I any](_ *Call, action string, _ *I) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*"})
}

func touchNewOrganization(c *Call, _ *sdk.CreateOrganizationInput) (org.Touch, error) {
	if c.Org != nil {
		return org.Touch{}, alreadyIn()
	}
	return org.Touch{Organization: org.NewID(c.api.cfg.Rand), New: true, Accounts: []string{c.Home}}, nil
}

func alreadyIn() error {
	return iam.Errorf(org.CodeAlreadyInOrg, "The AWS account is already a member of an organization.")
}

func (a *API) createOrganization(c *Call, in *sdk.CreateOrganizationInput) (*sdk.CreateOrganizationOutput, error) {
	if c.Account.Organization != "" {
		return nil, alreadyIn()
	}
	features := org.AllFeatures
	if in.FeatureSet != "" {
		features = org.FeatureSet(in.FeatureSet)
	}
	d := c.Drafts.Organization
	d.Begin(features, org.Account{ID: c.Home, Name: c.Account.Name, Email: c.Account.Root.Email})
	c.Draft.Join(d.ID)
	if features == org.AllFeatures {
		if err := a.linkOrganizations(c); err != nil {
			return nil, err
		}
	}
	return &sdk.CreateOrganizationOutput{Organization: showOrganization(d.Organization)}, nil
}

func (a *API) describeOrganization(c *Call, _ *sdk.DescribeOrganizationInput) (*sdk.DescribeOrganizationOutput, error) {
	return &sdk.DescribeOrganizationOutput{Organization: showOrganization(c.Org)}, nil
}

func (a *API) deleteOrganization(c *Call, _ *sdk.DeleteOrganizationInput) (*sdk.DeleteOrganizationOutput, error) {
	if err := c.Drafts.Organization.Delete(); err != nil {
		return nil, err
	}
	c.Draft.Join("")
	return &sdk.DeleteOrganizationOutput{}, nil
}

func showOrganization(o *org.Organization) *types.Organization {
	master := o.Master()
	return &types.Organization{
		Arn: aws.String(o.ARN()), Id: aws.String(o.ID), FeatureSet: types.OrganizationFeatureSet(o.FeatureSet),
		MasterAccountArn: aws.String(o.TargetARN(master.ID)), MasterAccountEmail: some(master.Email), MasterAccountId: aws.String(master.ID),
		// What AWS answers whatever is enabled; ListRoots tells the truth.
		AvailablePolicyTypes: []types.PolicyTypeSummary{{Type: types.PolicyTypeServiceControlPolicy, Status: types.PolicyTypeStatusEnabled}},
	}
}
