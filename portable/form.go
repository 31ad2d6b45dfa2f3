package portable

// Account is an account as it stands in a file. Of the lists, the first four are
// what GetAccountAuthorizationDetails tells.
type Account struct {
	AccountID      string `json:"AccountId"`
	AccountName    string `json:",omitempty"`
	CreateDate     moment `json:",omitzero"`
	AccountAlias   string `json:",omitempty"`
	OrganizationID string `json:"OrganizationId,omitempty"` // told, and not brought
	CloseDate      moment `json:",omitzero"`
	// The settings of the account.
	GlobalEndpointTokenVersion int             `json:",omitempty"`
	RoleManagerEnabled         bool            `json:",omitempty"`
	BillingForRootOnly         bool            `json:",omitempty"`
	PasswordPolicy             *passwordPolicy `json:",omitempty"`
	RootUser                   rootUser

	UserDetailList  []user
	GroupDetailList []group
	RoleDetailList  []role
	Policies        []managedPolicy

	InstanceProfiles       []instanceProfile    `json:",omitempty"`
	MFADevices             []mfaDevice          `json:",omitempty"`
	ServerCertificates     []serverCertificate  `json:",omitempty"`
	SAMLProviders          []samlProvider       `json:",omitempty"`
	OpenIDConnectProviders []openIDProvider     `json:",omitempty"`
	OutboundWebIdentity    *outboundWebIdentity `json:",omitempty"`
	Applications           []application        `json:",omitempty"`

	fromAWS bool
}

type passwordPolicy struct {
	MinimumPasswordLength      int32
	RequireSymbols             bool
	RequireNumbers             bool
	RequireUppercaseCharacters bool
	RequireLowercaseCharacters bool
	AllowUsersToChangePassword bool
	MaxPasswordAge             int32 `json:",omitempty"`
	PasswordReusePrevention    int32 `json:",omitempty"`
	HardExpiry                 *bool `json:",omitempty"`
}

type rootUser struct {
	Email               string               `json:",omitempty"`
	AccessKeys          []accessKey          `json:",omitempty"`
	SigningCertificates []signingCertificate `json:",omitempty"`
	SessionsNotBefore   moment               `json:",omitzero"`
	PasswordEnabled     bool                 `json:",omitempty"` // there is one
	// Secrets.
	PasswordHash       string `json:",omitempty"`
	PasswordGeneration string `json:",omitempty"`
}

// named is what entities have in common.
type named struct {
	Path       string
	CreateDate moment `json:",omitzero"`
	ARN        string `json:"Arn,omitempty"`
}

type policyDetail struct {
	PolicyName     string
	PolicyDocument document
}

type attachedPolicy struct {
	PolicyName string `json:",omitempty"`
	PolicyARN  string `json:"PolicyArn"`
}

type boundary struct {
	PermissionsBoundaryType string
	PermissionsBoundaryARN  string `json:"PermissionsBoundaryArn"`
}

type user struct {
	UserName string
	UserID   string `json:"UserId"`
	named
	GroupList               []string         `json:",omitempty"`
	UserPolicyList          []policyDetail   `json:",omitempty"`
	AttachedManagedPolicies []attachedPolicy `json:",omitempty"`
	PermissionsBoundary     *boundary        `json:",omitempty"`
	Tags                    []tag            `json:",omitempty"`

	AccessKeys                 []accessKey          `json:",omitempty"`
	LoginProfile               *loginProfile        `json:",omitempty"`
	SigningCertificates        []signingCertificate `json:",omitempty"`
	SSHPublicKeys              []sshPublicKey       `json:",omitempty"`
	ServiceSpecificCredentials []serviceCredential  `json:",omitempty"`
	SessionsNotBefore          moment               `json:",omitzero"`
}

type accessKey struct {
	AccessKeyID  string `json:"AccessKeyId"`
	Status       string
	CreateDate   moment `json:",omitzero"`
	SealedSecret []byte `json:",omitempty"` // a secret
}

type loginProfile struct {
	CreateDate            moment `json:",omitzero"`
	PasswordLastChanged   moment `json:",omitzero"`
	PasswordResetRequired bool
	// Secrets.
	PasswordHash       string   `json:",omitempty"`
	PastPasswordHashes []string `json:",omitempty"`
	PasswordGeneration string   `json:",omitempty"`
}

type signingCertificate struct {
	CertificateID   string `json:"CertificateId"`
	Status          string
	UploadDate      moment `json:",omitzero"`
	CertificateBody string
}

type sshPublicKey struct {
	SSHPublicKeyID   string `json:"SSHPublicKeyId"`
	Status           string
	UploadDate       moment `json:",omitzero"`
	SSHPublicKeyBody string
}

type serviceCredential struct {
	ServiceSpecificCredentialID string `json:"ServiceSpecificCredentialId"`
	ServiceName                 string
	ServiceUserName             string
	Status                      string
	CreateDate                  moment `json:",omitzero"`
	ExpirationDate              moment `json:",omitzero"`
	SecretHash                  []byte `json:",omitempty"` // a secret
}

type group struct {
	GroupName string
	GroupID   string `json:"GroupId"`
	named
	GroupPolicyList         []policyDetail   `json:",omitempty"`
	AttachedManagedPolicies []attachedPolicy `json:",omitempty"`
}

type role struct {
	RoleName string
	RoleID   string `json:"RoleId"`
	named
	Description              string `json:",omitempty"`
	MaxSessionDuration       int32  `json:",omitempty"`
	AssumeRolePolicyDocument document
	// PrincipalIds are the unique ids of the principals of other accounts that the
	// trust policy was bound to, by ARN.
	PrincipalIDs            map[string]string `json:"PrincipalIds,omitempty"`
	InstanceProfileList     []instanceProfile `json:",omitempty"` // AWS's place for them
	RolePolicyList          []policyDetail    `json:",omitempty"`
	AttachedManagedPolicies []attachedPolicy  `json:",omitempty"`
	PermissionsBoundary     *boundary         `json:",omitempty"`
	Tags                    []tag             `json:",omitempty"`
	SessionsNotBefore       moment            `json:",omitzero"`
	Source                  *roleSource       `json:",omitempty"`
}

type roleSource struct {
	TemplateARN  string `json:"TemplateArn"`
	MinorVersion int32
	Parameters   map[string][]string `json:",omitempty"`
}

type managedPolicy struct {
	PolicyName string
	PolicyID   string `json:"PolicyId"`
	named
	Description       string          `json:",omitempty"`
	UpdateDate        moment          `json:",omitzero"`
	DefaultVersionID  string          `json:"DefaultVersionId"`
	LastVersion       int             `json:",omitempty"`
	PolicyVersionList []policyVersion `json:",omitempty"`
	Tags              []tag           `json:",omitempty"`
}

type policyVersion struct {
	VersionID        string `json:"VersionId"`
	IsDefaultVersion bool
	CreateDate       moment `json:",omitzero"`
	Document         document
}

type instanceProfile struct {
	InstanceProfileName string
	InstanceProfileID   string `json:"InstanceProfileId"`
	named
	Roles []roleName `json:",omitempty"`
	Tags  []tag      `json:",omitempty"`
}

type roleName struct {
	RoleName string
}

type mfaDevice struct {
	DeviceName string
	Path       string
	CreateDate moment `json:",omitzero"`
	Tags       []tag  `json:",omitempty"`
	// User is the name of the user whose the device is; Root says that it is the root
	// user's.
	User       string   `json:",omitempty"`
	Root       bool     `json:",omitempty"`
	FormerID   string   `json:"FormerId,omitempty"`
	EnableDate moment   `json:",omitzero"`
	ClockSteps int64    `json:",omitempty"` // that its clock is ahead
	LastStep   int64    `json:",omitempty"`
	Passkey    *passkey `json:",omitempty"`
	SealedSeed []byte   `json:",omitempty"` // a secret
}

type passkey struct {
	CredentialID   []byte `json:"CredentialId"`
	PublicKey      []byte // COSE
	RelyingParty   string
	AAGUID         []byte   `json:",omitempty"`
	Transports     []string `json:",omitempty"`
	SignCount      uint32   `json:",omitempty"`
	BackupEligible bool     `json:",omitempty"`
	BackedUp       bool     `json:",omitempty"`
	Answered       moment   `json:",omitzero"`
}

type serverCertificate struct {
	ServerCertificateName string
	ServerCertificateID   string `json:"ServerCertificateId"`
	Path                  string
	ARN                   string `json:"Arn,omitempty"`
	UploadDate            moment `json:",omitzero"`
	CertificateBody       string
	CertificateChain      string `json:",omitempty"`
	Tags                  []tag  `json:",omitempty"`
	SealedPrivateKey      []byte `json:",omitempty"` // a secret
}

type samlProvider struct {
	Name                    string
	SAMLProviderUUID        string
	CreateDate              moment `json:",omitzero"`
	ValidUntil              moment `json:",omitzero"`
	SAMLMetadataDocument    string
	AssertionEncryptionMode string    `json:",omitempty"`
	PrivateKeys             []samlKey `json:",omitempty"`
	Tags                    []tag     `json:",omitempty"`
}

type samlKey struct {
	KeyID            string `json:"KeyId"`
	Timestamp        moment `json:",omitzero"`
	SealedPrivateKey []byte `json:",omitempty"` // a secret
}

type openIDProvider struct {
	URL            string `json:"Url"` // without https://, as AWS answers
	CreateDate     moment `json:",omitzero"`
	ClientIDList   []string
	ThumbprintList []string `json:",omitempty"`
	Tags           []tag    `json:",omitempty"`
}

type outboundWebIdentity struct {
	Enabled     bool
	Issuer      string // the account's part of its URL
	DisableDate moment `json:",omitzero"`
	SigningKeys []signingKey
}

type signingKey struct {
	KeyID            string `json:"KeyId"`
	Algorithm        string
	SealedPrivateKey []byte `json:",omitempty"` // a secret
}

type application struct {
	ClientID       string `json:"ClientId"`
	ApplicationID  string `json:"ApplicationId"`
	Name           string
	CreateDate     moment `json:",omitzero"`
	IAMARN         string `json:"IamArn"`
	UniqueID       string `json:"UniqueId"`
	Authorizations []authorization
	SecretHashes   []secretHash `json:",omitempty"` // secrets
}

type authorization struct {
	ID             string `json:"Id"`
	SellingPartner string
	CreateDate     moment `json:",omitzero"`
}

type secretHash struct {
	Hash           []byte
	ExpirationDate moment `json:",omitzero"`
}
