package iam

// Quotas are AWS's numbers, adjustable as AWS's are.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
type Quotas struct {
	Users, Groups, Roles, Policies                     int // in an account
	GroupsPerUser, KeysPerUser                         int
	MFADevicesPerUser                                  int // the root user's too
	PoliciesPerUser, PoliciesPerGroup, PoliciesPerRole int // attached
	PolicySize, TrustSize                              int // characters, white space not counted
	InlineUser, InlineGroup, InlineRole                int // characters in total, white space not counted
	ServerCertificates                                 int // in an account
	CertificatesPerUser, SSHKeysPerUser                int
	ServiceCredentials                                 int // of a user, for each service
	VersionsPerPolicy                                  int
	InstanceProfiles                                   int // in an account
	OpenIDProviders                                    int // in an account
	ClientIDsPerProvider                               int // of an OpenID Connect provider
	SAMLProviders                                      int // in an account
	Tags                                               int
}

// DefaultQuotas are AWS's defaults.
func DefaultQuotas() Quotas {
	return Quotas{
		Users: 5000, Groups: 300, Roles: 1000, Policies: 1500,
		GroupsPerUser: 10, KeysPerUser: 2, MFADevicesPerUser: 8,
		PoliciesPerUser: 10, PoliciesPerGroup: 10, PoliciesPerRole: 10,
		PolicySize: 6144, TrustSize: 2048,
		InlineUser: 2048, InlineGroup: 5120, InlineRole: 10240,
		ServerCertificates: 20, CertificatesPerUser: 2, SSHKeysPerUser: 5, ServiceCredentials: 2,
		VersionsPerPolicy: 5,
		InstanceProfiles:  1000,
		OpenIDProviders:   100, ClientIDsPerProvider: 100,
		SAMLProviders: 100,
		Tags:          50,
	}
}
