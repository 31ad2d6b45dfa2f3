package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/org"
)

// serviceAccessActions are the rows of services with trusted access.
func serviceAccessActions() []Action {
	return []Action{
		reorganizes("EnableAWSServiceAccess", itsManagers, itself[sdk.EnableAWSServiceAccessInput],
			onService(func(in *sdk.EnableAWSServiceAccessInput) *string { return in.ServicePrincipal }), (*API).enableServiceAccess),
		reorganizes("DisableAWSServiceAccess", itsManagers, itself[sdk.DisableAWSServiceAccessInput],
			onService(func(in *sdk.DisableAWSServiceAccessInput) *string { return in.ServicePrincipal }), (*API).disableServiceAccess),
		inOrganization("ListAWSServiceAccessForOrganization", readers, onOrganization[sdk.ListAWSServiceAccessForOrganizationInput], (*API).listServiceAccess),
	}
}

// onService is for actions that know no resources, and a service principal.
func onService[I any](service func(*I) *string) checks[I] {
	return func(_ *Call, action string, in *I) ([]guard.Check, error) {
		return one(guard.Check{Action: action, Resource: "*", Keys: servicePrincipal(service(in))})
	}
}

// servicePrincipal is the condition key of the service that a request names.
func servicePrincipal(name *string) []guard.Key {
	if name == nil {
		return nil
	}
	return []guard.Key{guard.Value("organizations:ServicePrincipal", *name)}
}

func (a *API) enableServiceAccess(c *Call, in *sdk.EnableAWSServiceAccessInput) (*sdk.EnableAWSServiceAccessOutput, error) {
	return &sdk.EnableAWSServiceAccessOutput{}, c.Drafts.Organization.EnableServiceAccess(aws.ToString(in.ServicePrincipal))
}

func (a *API) disableServiceAccess(c *Call, in *sdk.DisableAWSServiceAccessInput) (*sdk.DisableAWSServiceAccessOutput, error) {
	return &sdk.DisableAWSServiceAccessOutput{}, c.Drafts.Organization.DisableServiceAccess(aws.ToString(in.ServicePrincipal))
}

func (a *API) listServiceAccess(c *Call, in *sdk.ListAWSServiceAccessForOrganizationInput) (*sdk.ListAWSServiceAccessForOrganizationOutput, error) {
	list, next, err := nextPage(in.NextToken, in.MaxResults, c.Org.ServicesAfter, nil, func(s org.EnabledService) types.EnabledServicePrincipal {
		return types.EnabledServicePrincipal{ServicePrincipal: aws.String(s.Principal), DateEnabled: aws.Time(s.Since)}
	})
	if err != nil {
		return nil, err
	}
	return &sdk.ListAWSServiceAccessForOrganizationOutput{EnabledServicePrincipals: list, NextToken: next}, nil
}
