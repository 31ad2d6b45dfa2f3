package org

import (
	"iter"
	"slices"
	"time"

	"iamd/iam"
)

// RegisterAdministrator makes a member a delegated administrator of a service.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html
func (d *Draft) RegisterAdministrator(account, service string) error {
	a, err := d.administrable(account, service)
	switch {
	case err != nil:
		return err
	case !a.Closed.IsZero():
		return refuse(CodeConstraint, "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", "You cannot register a suspended account as a delegated administrator.")
	case a.Administers(service):
		return iam.Errorf("AccountAlreadyRegisteredException", "The provided account is already a delegated administrator for your organization.")
	case !d.trusts(service):
		return refuse(CodeConstraint, "SERVICE_ACCESS_NOT_ENABLED", "You attempted to register a delegated administrator before you enabled service access. Call the EnableAWSServiceAccess API first.")
	}
	have := administrators(0)
	for range d.AdministratorsAfter(service, "") {
		have++
	}
	switch most := integrated[service]; {
	case most == 1 && have == 1:
		return refuse(CodeConstraint, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", "You attempted to register an AWS account as a delegated administrator for an AWS service that already has a delegated administrator. To complete this operation, you must first deregister any existing delegated administrators for this service.")
	case most != anybody && have >= most:
		return refuse(CodeConstraint, "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED", "You attempted to register more delegated administrators than allowed for the service principal.")
	}
	next := *a
	next.Delegations = append(slices.Clone(a.Delegations), EnabledService{Principal: service, Since: d.now()})
	d.putAccount(a, &next)
	return nil
}

// DeregisterAdministrator ends that a member administers a service. Who
// administers nothing more reads no more of the organization than other members.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeregisterDelegatedAdministrator.html
func (d *Draft) DeregisterAdministrator(account, service string) error {
	a, err := d.administrable(account, service)
	if err != nil {
		return err
	}
	if !a.Administers(service) {
		return notRegistered()
	}
	next := *a
	next.Delegations = slices.DeleteFunc(slices.Clone(a.Delegations), func(s EnabledService) bool { return s.Principal == service })
	d.putAccount(a, &next)
	return nil
}

// administrable finds a member that could administer a service.
func (o *Organization) administrable(account, service string) (*Account, error) {
	if integrated[service] == nobody {
		return nil, unrecognized()
	}
	if err := o.integrates(service); err != nil {
		return nil, err
	}
	a, err := o.FindAccount(account)
	if err == nil && account == o.Management {
		return nil, refuse(CodeConstraint, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", "You cannot register management account/yourself as delegated administrator for your organization.")
	}
	return a, err
}

// Administers tells whether the account is a delegated administrator of a
// service.
func (a *Account) Administers(service string) bool {
	return slices.ContainsFunc(a.Delegations, func(s EnabledService) bool { return s.Principal == service })
}

// AdministeredSince is since when the account administers a service, or any if
// the name is empty.
func (a *Account) AdministeredSince(service string) (since time.Time) {
	for _, s := range a.Delegations {
		if (service == "" || s.Principal == service) && (since.IsZero() || s.Since.Before(since)) {
			since = s.Since
		}
	}
	return since
}

// CheckAdministered refuses to look for the administrators of a service that
// can't have any; "" stands for all services.
func CheckAdministered(service string) error {
	if service != "" && integrated[service] == nobody {
		return unrecognized()
	}
	return nil
}

// AdministratorsAfter walks the delegated administrators of a service, or of any
// if its name is empty, by number.
func (o *Organization) AdministratorsAfter(service, id string) iter.Seq2[string, *Account] {
	return func(yield func(string, *Account) bool) {
		for id, a := range o.AccountsAfter(id) {
			if !a.AdministeredSince(service).IsZero() && !yield(id, a) {
				return
			}
		}
	}
}

// AdministeredBy gives the walk over the services that a member administers, by
// name.
func (o *Organization) AdministeredBy(account string) (func(name string) iter.Seq2[string, EnabledService], error) {
	a, err := o.FindAccount(account)
	if err != nil {
		return nil, err
	}
	if len(a.Delegations) == 0 {
		return nil, notRegistered()
	}
	return func(name string) iter.Seq2[string, EnabledService] { return servicesAfter(a.Delegations, name) }, nil
}

func notRegistered() error {
	return iam.Errorf("AccountNotRegisteredException", "The provided account is not a registered delegated administrator for your organization.")
}
