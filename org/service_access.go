package org

import (
	"iter"
	"slices"
	"strings"
)

// integrated are the services that can have trusted access to an organization, and
// how many members can be delegated administrators of each.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
var integrated = map[string]administrators{
	"access-analyzer.amazonaws.com":                      1,
	"account.amazonaws.com":                              1,
	"auditmanager.amazonaws.com":                         1,
	"aws-artifact-account-sync.amazonaws.com":            nobody,
	"backup.amazonaws.com":                               anybody,
	"billing-cost-management.amazonaws.com":              anybody,
	"cloudtrail.amazonaws.com":                           3,
	"compute-optimizer.amazonaws.com":                    1,
	"config-multiaccountsetup.amazonaws.com":             3,
	"config.amazonaws.com":                               3,
	"controltower.amazonaws.com":                         nobody,
	"cost-optimization-hub.bcm.amazonaws.com":            1,
	"detective.amazonaws.com":                            1,
	"devops-guru.amazonaws.com":                          1,
	"ds.amazonaws.com":                                   nobody,
	"ec2.amazonaws.com":                                  anybody,
	"fms.amazonaws.com":                                  anybody,
	"guardduty.amazonaws.com":                            1,
	"health.amazonaws.com":                               5,
	IAMService:                                           anybody,
	"inspector2.amazonaws.com":                           1,
	"ipam.amazonaws.com":                                 1,
	"license-management.marketplace.amazonaws.com":       nobody,
	"license-manager-linux-subscriptions.amazonaws.com":  anybody,
	"license-manager.amazonaws.com":                      1,
	"license-manager.member-account.amazonaws.com":       nobody,
	"macie.amazonaws.com":                                1,
	"malware-protection.guardduty.amazonaws.com":         1,
	"management.chatbot.amazonaws.com":                   nobody,
	"member.org.stacksets.cloudformation.amazonaws.com":  5,
	"mgn.amazonaws.com":                                  anybody,
	"networkmanager.amazonaws.com":                       anybody,
	"notifications.amazonaws.com":                        anybody,
	"observabilityadmin.amazonaws.com":                   anybody,
	"opsdatasync.ssm.amazonaws.com":                      anybody,
	"private-marketplace.marketplace.amazonaws.com":      1,
	"procurement-insights.marketplace.amazonaws.com":     1,
	"ram.amazonaws.com":                                  nobody,
	"reachabilityanalyzer.networkinsights.amazonaws.com": anybody,
	"reporting.trustedadvisor.amazonaws.com":             5,
	"resiliencehub.amazonaws.com":                        anybody,
	"resource-explorer-2.amazonaws.com":                  1,
	"security-ir.amazonaws.com":                          1,
	"securityhub.amazonaws.com":                          1,
	"securitylake.amazonaws.com":                         1,
	"servicecatalog.amazonaws.com":                       50,
	"servicequotas.amazonaws.com":                        nobody,
	"ssm-quicksetup.amazonaws.com":                       anybody,
	"ssm.amazonaws.com":                                  1,
	"sso.amazonaws.com":                                  1,
	"stacksets.cloudformation.amazonaws.com":             nobody,
	"storage-lens.s3.amazonaws.com":                      anybody,
	"tagpolicies.tag.amazonaws.com":                      nobody,
	"topology.networkflowmonitor.amazonaws.com":          anybody,
	"wellarchitected.amazonaws.com":                      nobody,
}

// administrators is how many members can administer a service; anybody where AWS
// tells no number.
type administrators int

const (
	nobody  administrators = 0
	anybody administrators = -1
)

// EnableServiceAccess gives a service trusted access; one that has it keeps it.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html
func (d *Draft) EnableServiceAccess(service string) error {
	if err := d.integrates(service); err != nil {
		return err
	}
	if !d.trusts(service) {
		d.Services = append(slices.Clone(d.Services), EnabledService{Principal: service, Since: d.now()})
		d.putSettings()
	}
	return nil
}

// DisableServiceAccess takes a service's trusted access away; one that has none
// has none after. Its delegated administrators must be deregistered before: AWS
// does not say what else they would be good for. Without it IAM's features of
// root access end, and do not begin again by themselves.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisableAWSServiceAccess.html
func (d *Draft) DisableServiceAccess(service string) error {
	if err := d.integrates(service); err != nil {
		return err
	}
	if len(d.TypesOf(service)) > 0 {
		return refuse(CodeConstraint, "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE", "You attempted to disable service access before you disabled the policy type. To complete this operation, you must first disable the policy type.")
	}
	for range d.AdministratorsAfter(service, "") {
		return refuse(CodeConstraint, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", "You attempted to disable service access for a service that has a delegated administrator. To complete this operation, you must first deregister any existing delegated administrators for this service.")
	}
	if !d.trusts(service) {
		return nil
	}
	d.Services = slices.DeleteFunc(slices.Clone(d.Services), func(s EnabledService) bool { return s.Principal == service })
	if service == IAMService {
		d.RootFeatures = nil
	}
	d.putSettings()
	return nil
}

// ServicesAfter walks the services with trusted access, by name.
func (o *Organization) ServicesAfter(name string) iter.Seq2[string, EnabledService] {
	return servicesAfter(o.Services, name)
}

func servicesAfter(list []EnabledService, name string) iter.Seq2[string, EnabledService] {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b EnabledService) int { return strings.Compare(a.Principal, b.Principal) })
	return func(yield func(string, EnabledService) bool) {
		for _, s := range sorted {
			if s.Principal > name && !yield(s.Principal, s) {
				return
			}
		}
	}
}

// integrates refuses a service that can't have trusted access, and an
// organization whose services can't.
func (o *Organization) integrates(service string) error {
	if _, ok := integrated[service]; !ok {
		return unrecognized()
	}
	if o.FeatureSet != AllFeatures {
		return refuse(CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You can perform this operation only if all features are enabled in your organization.")
	}
	return nil
}

func unrecognized() error {
	return refuse(CodeInvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
}
