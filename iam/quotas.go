package iam

// Quotas are AWS's numbers, adjustable as AWS's are.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
type Quotas struct {
	Users, Groups, Roles, Policies                     int // in an account
	GroupsPerUser, KeysPerUser                         int
	PoliciesPerUser, PoliciesPerGroup, PoliciesPerRole int // attached
	PolicySize, TrustSize                              int // characters, white space not counted
	InlineUser, InlineGroup, InlineRole                int // characters in total, white space not counted
	VersionsPerPolicy                                  int
	Tags                                               int
}

// DefaultQuotas are AWS's defaults.
func DefaultQuotas() Quotas {
	return Quotas{
		Users: 5000, Groups: 300, Roles: 1000, Policies: 1500,
		GroupsPerUser: 10, KeysPerUser: 2,
		PoliciesPerUser: 10, PoliciesPerGroup: 10, PoliciesPerRole: 10,
		PolicySize: 6144, TrustSize: 2048,
		InlineUser: 2048, InlineGroup: 5120, InlineRole: 10240,
		VersionsPerPolicy: 5,
		Tags:              50,
	}
}
