package api

import (
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/org"
)

// delegatedAdministratorActions are the rows of members that administer services.
func delegatedAdministratorActions() []Action {
	return []Action{
		reorganizes("RegisterDelegatedAdministrator", itsManagers, itself[sdk.RegisterDelegatedAdministratorInput],
			func(c *Call, action string, in *sdk.RegisterDelegatedAdministratorInput) ([]guard.Check, error) {
				return one(administratorCheck(c, action, in.AccountId, in.ServicePrincipal))
			}, (*API).registerDelegatedAdministrator),
		reorganizes("DeregisterDelegatedAdministrator", itsManagers, itself[sdk.DeregisterDelegatedAdministratorInput],
			func(c *Call, action string, in *sdk.DeregisterDelegatedAdministratorInput) ([]guard.Check, error) {
				return one(administratorCheck(c, action, in.AccountId, in.ServicePrincipal))
			}, (*API).deregisterDelegatedAdministrator),
		inOrganization("ListDelegatedAdministrators", readers,
			onService(func(in *sdk.ListDelegatedAdministratorsInput) *string { return in.ServicePrincipal }), (*API).listDelegatedAdministrators),
		inOrganization("ListDelegatedServicesForAccount", readers,
			onTarget(func(in *sdk.ListDelegatedServicesForAccountInput) *string { return in.AccountId }), (*API).listDelegatedServicesForAccount),
	}
}

func administratorCheck(c *Call, action string, account, service *string) guard.Check {
	check := targetCheck(c, action, aws.ToString(account))
	check.Keys = servicePrincipal(service)
	return check
}

func (a *API) registerDelegatedAdministrator(c *Call, in *sdk.RegisterDelegatedAdministratorInput) (*sdk.RegisterDelegatedAdministratorOutput, error) {
	return &sdk.RegisterDelegatedAdministratorOutput{}, c.Drafts.Organization.RegisterAdministrator(aws.ToString(in.AccountId), aws.ToString(in.ServicePrincipal))
}

func (a *API) deregisterDelegatedAdministrator(c *Call, in *sdk.DeregisterDelegatedAdministratorInput) (*sdk.DeregisterDelegatedAdministratorOutput, error) {
	return &sdk.DeregisterDelegatedAdministratorOutput{}, c.Drafts.Organization.DeregisterAdministrator(aws.ToString(in.AccountId), aws.ToString(in.ServicePrincipal))
}

func (a *API) listDelegatedAdministrators(c *Call, in *sdk.ListDelegatedAdministratorsInput) (*sdk.ListDelegatedAdministratorsOutput, error) {
	service := aws.ToString(in.ServicePrincipal)
	if err := org.CheckAdministered(service); err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, *org.Account] { return c.Org.AdministratorsAfter(service, after) }
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, nil, func(member *org.Account) types.DelegatedAdministrator {
		shown := showAccount(c.Org, member)
		return types.DelegatedAdministrator{
			Id: shown.Id, Arn: shown.Arn, Name: shown.Name, Email: shown.Email, JoinedMethod: shown.JoinedMethod, JoinedTimestamp: shown.JoinedTimestamp,
			State: shown.State, Status: shown.Status, DelegationEnabledDate: aws.Time(member.AdministeredSince(service)),
		}
	})
	if err != nil {
		return nil, err
	}
	return &sdk.ListDelegatedAdministratorsOutput{DelegatedAdministrators: list, NextToken: next}, nil
}

func (a *API) listDelegatedServicesForAccount(c *Call, in *sdk.ListDelegatedServicesForAccountInput) (*sdk.ListDelegatedServicesForAccountOutput, error) {
	walk, err := c.Org.AdministeredBy(aws.ToString(in.AccountId))
	if err != nil {
		return nil, err
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, nil, func(s org.EnabledService) types.DelegatedService {
		return types.DelegatedService{ServicePrincipal: aws.String(s.Principal), DelegationEnabledDate: aws.Time(s.Since)}
	})
	if err != nil {
		return nil, err
	}
	return &sdk.ListDelegatedServicesForAccountOutput{DelegatedServices: list, NextToken: next}, nil
}
