package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/org"
)

// rootAccessActions are the rows of central root access: of IAM, about the
// caller's organization.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
func rootAccessActions() []Action {
	return []Action{
		changesRoots("EnableOrganizationsRootCredentialsManagement", checkAnything[sdk.EnableOrganizationsRootCredentialsManagementInput],
			func(_ *API, c *Call, _ *sdk.EnableOrganizationsRootCredentialsManagementInput) (*sdk.EnableOrganizationsRootCredentialsManagementOutput, error) {
				id, features, err := c.rootFeatures(c.Drafts.Organization.EnableRootFeature(c.Home, org.RootCredentialsManagement))
				return &sdk.EnableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: features}, err
			}),
		changesRoots("DisableOrganizationsRootCredentialsManagement", checkAnything[sdk.DisableOrganizationsRootCredentialsManagementInput],
			func(_ *API, c *Call, _ *sdk.DisableOrganizationsRootCredentialsManagementInput) (*sdk.DisableOrganizationsRootCredentialsManagementOutput, error) {
				id, features, err := c.rootFeatures(c.Drafts.Organization.DisableRootFeature(c.Home, org.RootCredentialsManagement))
				return &sdk.DisableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: features}, err
			}),
		changesRoots("EnableOrganizationsRootSessions", checkAnything[sdk.EnableOrganizationsRootSessionsInput],
			func(_ *API, c *Call, _ *sdk.EnableOrganizationsRootSessionsInput) (*sdk.EnableOrganizationsRootSessionsOutput, error) {
				id, features, err := c.rootFeatures(c.Drafts.Organization.EnableRootFeature(c.Home, org.RootSessions))
				return &sdk.EnableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: features}, err
			}),
		changesRoots("DisableOrganizationsRootSessions", checkAnything[sdk.DisableOrganizationsRootSessionsInput],
			func(_ *API, c *Call, _ *sdk.DisableOrganizationsRootSessionsInput) (*sdk.DisableOrganizationsRootSessionsOutput, error) {
				id, features, err := c.rootFeatures(c.Drafts.Organization.DisableRootFeature(c.Home, org.RootSessions))
				return &sdk.DisableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: features}, err
			}),
		aboutRoots("ListOrganizationsFeatures", checkAnything[sdk.ListOrganizationsFeaturesInput], (*API).listOrganizationsFeatures),
	}
}

// aboutRoots is a read. Whether the caller's account may is for the rules to say:
// IAM has exceptions for it.
func aboutRoots[I, O any](name string, need checks[I], run operation[I, O]) Action {
	r := read(name, need, run)
	r.org = &organized{from: anyone}
	return r
}

// changesRoots is a write of the caller's organization.
func changesRoots[I, O any](name string, need checks[I], run operation[I, O]) Action {
	r := aboutRoots(name, need, run)
	r.Write = true
	r.org.touch = func(c *Call, _ any) (org.Touch, error) {
		if c.Org == nil {
			return org.Touch{}, org.NoRootsToManage(c.Home)
		}
		return org.Touch{Organization: c.Org.ID, Accounts: []string{c.Home}}, nil
	}
	return r
}

// rootFeatures is what every answer has: the organization's id and its features,
// unless err says otherwise.
func (c *Call) rootFeatures(err error) (id *string, features []types.FeatureType, _ error) {
	if err != nil {
		return nil, nil, err
	}
	features = []types.FeatureType{}
	for _, f := range c.Org.RootFeatures {
		features = append(features, types.FeatureType(f))
	}
	return aws.String(c.Org.ID), features, nil
}

func (a *API) listOrganizationsFeatures(c *Call, _ *sdk.ListOrganizationsFeaturesInput) (*sdk.ListOrganizationsFeaturesOutput, error) {
	if c.Org == nil {
		return nil, org.NoRootsToManage(c.Home)
	}
	id, features, err := c.rootFeatures(c.Org.MayManageRoots(c.Home))
	return &sdk.ListOrganizationsFeaturesOutput{OrganizationId: id, EnabledFeatures: features}, err
}
