package analyzer

import (
	"strconv"
	"unicode/utf8"
)

// organizationQuota is how many characters a service or resource control policy may have, white space included (AWS
// Organizations User Guide, "Quotas and service limits").
const organizationQuota = 5120

// quotaChecks are those of the size of policies of AWS Organizations.
var quotaChecks = []func(*document){organizationSize}

func organizationSize(d *document) {
	code := map[PolicyType]string{SCP: "POLICY_SIZE_EXCEEDS_SCP_QUOTA", RCP: "POLICY_SIZE_EXCEEDS_RCP_QUOTA"}[d.opt.Type]
	if n := utf8.RuneCountInString(d.text); code != "" && n > organizationQuota {
		d.report(code, []place{d.root}, "policySize", strconv.Itoa(n), "policySizeQuota", strconv.Itoa(organizationQuota))
	}
}
