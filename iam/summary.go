package iam

import "iter"

// policyVersionsInUse is the quota that AWS reports for the managed policies in
// use. It is a report alone: all policies there are come to less.
const policyVersionsInUse = 10000

// Summary counts what the account holds and gives its quotas, by AWS's names.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
func (a *Account) Summary() map[string]int {
	q := &a.env.Quotas
	devices, devicesInUse := a.MFADeviceCount()
	inUse := 0
	for range a.ManagedInUseAfter("") {
		inUse++
	}
	return map[string]int{
		"Users":              a.UserCount(),
		"UsersQuota":         q.Users,
		"Groups":             a.GroupCount(),
		"GroupsQuota":        q.Groups,
		"GroupsPerUserQuota": q.GroupsPerUser,
		"Roles":              a.RoleCount(),
		"RolesQuota":         q.Roles,

		"Policies":                 a.PolicyCount(),
		"PoliciesQuota":            q.Policies,
		"PolicySizeQuota":          q.PolicySize,
		"PolicyVersionsInUse":      inUse,
		"PolicyVersionsInUseQuota": policyVersionsInUse,
		"VersionsPerPolicyQuota":   q.VersionsPerPolicy,

		"AttachedPoliciesPerUserQuota":  q.PoliciesPerUser,
		"AttachedPoliciesPerGroupQuota": q.PoliciesPerGroup,
		"AttachedPoliciesPerRoleQuota":  q.PoliciesPerRole,
		"UserPolicySizeQuota":           q.InlineUser,
		"GroupPolicySizeQuota":          q.InlineGroup,
		"RolePolicySizeQuota":           q.InlineRole,
		"AssumeRolePolicySizeQuota":     q.TrustSize,

		"InstanceProfiles":      a.InstanceProfileCount(),
		"InstanceProfilesQuota": q.InstanceProfiles,

		"ServerCertificates":                a.ServerCertificateCount(),
		"ServerCertificatesQuota":           q.ServerCertificates,
		"SigningCertificatesPerUserQuota":   q.CertificatesPerUser,
		"AccountSigningCertificatesPresent": flag(len(a.Root.Certificates) > 0),

		"MFADevices":      devices,
		"MFADevicesInUse": devicesInUse,
		"Providers":       a.OpenIDProviderCount() + a.SAMLProviderCount(), // identity providers of every kind

		"AccessKeysPerUserQuota":     q.KeysPerUser,
		"AccountAccessKeysPresent":   flag(len(a.Root.Keys) > 0),
		"AccountPasswordPresent":     flag(a.Root.Password != ""),
		"AccountMFAEnabled":          flag(a.HasMFA(nil)),
		"GlobalEndpointTokenVersion": a.GlobalEndpointTokenVersion(),
	}
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

// ManagedInUseAfter walks the managed policies, the account's own and AWS's,
// that someone has attached or is bounded by: each once, by ARN.
func (a *Account) ManagedInUseAfter(arn string) iter.Seq2[string, *Policy] {
	return func(yield func(string, *Policy) bool) {
		for {
			from := arn
			if arn != "" {
				from += "\x01" // past all uses of this policy
			}
			var use Use
			var key string
			a.uses.Ascend(from, func(k string, u Use) bool {
				key, use = k, u
				return false
			})
			if key == "" {
				return
			}
			arn = key[:len(key)-len(useKey("", use.AsWhat, use.Kind, use.Name))]
			if p, ok := a.Policy(arn); ok && !yield(arn, p) {
				return
			}
		}
	}
}
