package main

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"iamd/iam"
	"iamd/org"
)

// maxQuota keeps what one account or organization holds within what a server can.
const maxQuota = 1_000_000

// quotas lays the configured numbers over AWS's.
func (c *config) quotas() (q iam.Quotas, o org.Quotas, err error) {
	q, o = iam.DefaultQuotas(), org.DefaultQuotas()
	fields := maps.Collect(q.Named())
	maps.Insert(fields, organizationQuotas(&o))
	for _, name := range slices.Sorted(maps.Keys(c.Quotas)) {
		field, ok := fields[name]
		if !ok {
			return q, o, usagef("quotas: %q is none: write one of %s", name, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
		if *field = c.Quotas[name]; *field < 1 || *field > maxQuota {
			return q, o, usagef("quotas: %s is %d: write a number from 1 to %d", name, *field, maxQuota)
		}
	}
	return q, o, nil
}

// organizationQuotas yields the quotas of an organization by name. AWS's refusals
// name none of them; these are made of the words of its list.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
func organizationQuotas(q *org.Quotas) iter.Seq2[string, *int] {
	return maps.All(map[string]*int{
		"AccountsPerOrganization":               &q.Accounts,
		"OrganizationalUnitsPerOrganization":    &q.Units,
		"OrganizationalUnitDepth":               &q.Depth,
		"ServiceControlPoliciesPerOrganization": &q.Policies,
		"ServiceControlPoliciesPerTarget":       &q.Attached,
		"ServiceControlPolicySize":              &q.SCPSize,
		"ResourceControlPolicySize":             &q.RCPSize,
		"AIServicesOptOutPolicySize":            &q.OptOutSize,
		"OtherPolicySize":                       &q.OtherSize,
		"OtherPoliciesPerOrganization":          &q.OtherPolicies,
		"ResourceControlPoliciesPerTarget":      &q.RCPAttached,
		"ChatPoliciesPerTarget":                 &q.ChatAttached,
		"AIServicesOptOutPoliciesPerTarget":     &q.OptOutAttached,
		"OtherPoliciesPerTarget":                &q.OtherAttached,
		"TagsPerOrganizationResource":           &q.Tags,
		"InvitationsPerDay":                     &q.Invitations,
		"DaysBeforeLeaving":                     &q.Stay,
		"AccountClosures":                       &q.Closures,
		"MaxAccountClosures":                    &q.MaxClosures,
		"InboundBillingTransfers":               &q.InboundTransfers,
		"OutboundBillingTransfers":              &q.OutboundTransfers,
	})
}
