package iam

import (
	"iter"
	"reflect"
)

// Quotas are AWS's numbers, adjustable as AWS's are. The names are those that
// AWS refuses by ("Cannot exceed quota for UsersPerAccount: 5000"); where its
// words hold no name, that of GetAccountSummary, and where AWS has none, one of
// our own. A virtual MFA device counts against as many as there may be
// users.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
type Quotas struct {
	Users    int `quota:"UsersPerAccount"`
	Groups   int `quota:"GroupsPerAccount"`
	Roles    int `quota:"RolesPerAccount"` // service-linked ones may be as many again
	Policies int `quota:"PoliciesPerAccount"`

	GroupsPerUser     int `quota:"GroupsPerUser"`
	KeysPerUser       int `quota:"AccessKeysPerUser"`
	MFADevicesPerUser int `quota:"MFADevicesPerUser"` // the root user's too

	// Managed policies attached.
	PoliciesPerUser  int `quota:"PoliciesPerUser"`
	PoliciesPerGroup int `quota:"PoliciesPerGroup"`
	PoliciesPerRole  int `quota:"PoliciesPerRole"`

	// Characters, white space not counted; of inline policies in total.
	PolicySize  int `quota:"PolicySize"`
	TrustSize   int `quota:"ACLSizePerRole"`
	InlineUser  int `quota:"UserPolicySize"`
	InlineGroup int `quota:"GroupPolicySize"`
	InlineRole  int `quota:"RolePolicySize"`

	ServerCertificates  int `quota:"ServerCertificatesPerAccount"`
	CertificatesPerUser int `quota:"CertificatesPerUser"`
	SSHKeysPerUser      int `quota:"SSHPublicKeysPerUser"`
	ServiceCredentials  int `quota:"ServiceSpecificCredentialsPerUser"` // for each service

	VersionsPerPolicy    int `quota:"VersionsPerPolicy"`
	InstanceProfiles     int `quota:"InstanceProfilesPerAccount"`
	OpenIDProviders      int `quota:"OpenIdConnectProvidersPerAccount"`
	ClientIDsPerProvider int `quota:"ClientIdsPerOpenIdConnectProvider"`
	SAMLProviders        int `quota:"SAMLProvidersPerAccount"`
	Tags                 int `quota:"TagsPerResource"`

	// Delegations are requests for temporary access, of the account and to it. AWS
	// tells no number of its own.
	Delegations int `quota:"DelegationRequestsPerAccount"`
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
		Delegations:   1000,
	}
}

// Named yields each quota by AWS's name, in the order of the fields; what it
// points to may be set.
func (q *Quotas) Named() iter.Seq2[string, *int] {
	return func(yield func(string, *int) bool) {
		v := reflect.ValueOf(q).Elem()
		for i := range v.NumField() {
			if !yield(v.Type().Field(i).Tag.Get("quota"), v.Field(i).Addr().Interface().(*int)) {
				return
			}
		}
	}
}
