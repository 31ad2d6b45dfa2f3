package policy

// PrincipalKind is what kind of identity makes a request.
type PrincipalKind uint8

// The kinds of principal.
const (
	Anonymous     PrincipalKind = iota // unsigned
	Root                               // an account's root user
	User                               // an IAM user, by long-lived keys or GetSessionToken
	Role                               // an assumed-role session
	FederatedUser                      // a GetFederationToken session
	WebIdentity                        // the bearer of an OpenID Connect token, before it has a role
	SAML                               // the bearer of a SAML assertion, before it has a role
	Service                            // an AWS service
)

// Principal is who makes a request.
type Principal struct {
	Kind      PrincipalKind
	Account   string // 12 digits; "" for Anonymous, WebIdentity, SAML and Service
	ARN       string // of the user, the root user, the assumed-role session or the federated user
	RoleARN   string // for Role: the role's own ARN, with its path
	UniqueID  string // AIDA… of the user (of the one who asked, for FederatedUser) or AROA… of the role, without a session name
	Service   string // for Service: "lambda.amazonaws.com"
	Federated string // for WebIdentity and SAML: the provider's ARN or domain name
	UserARN   string // for FederatedUser and for GetSessionToken credentials: the user who asked for them
}

// Request is one question: may this principal do this action to this resource?
type Request struct {
	Principal       Principal
	Action          string   // "iam:CreateUser", in any case
	Resource        string   // an ARN, or "*" for an action that has no resource
	ResourceAccount string   // the account that owns the resource; "" means the principal's
	Context         *Context // nil means no keys
}

// Attached is a policy where it applies.
type Attached struct {
	ID     string    // what explanations and messages name: a managed policy's ARN, an inline policy's name
	Type   string    // free: "IAM Policy"…
	Policy *Compiled // nil: the policy exists but can't be read, which denies
}

// Policies is every policy that applies to a request. A kind with no policies does not apply, except where its Has field
// says that it does: then nothing allows it.
type Policies struct {
	Identity    []Attached
	Boundary    []Attached
	HasBoundary bool
	Session     []Attached
	HasSession  bool
	Resource    []Attached
	// NeedsResource: the resource's own policy must allow, in the same account too, as KMS key policies must.
	NeedsResource bool
	// Trust is the policy of the role to be assumed; it must allow, in the same account too.
	Trust          []Attached
	HasTrust       bool
	SCPs           [][]Attached // a slice per level, from the root to the account; every level must allow
	RCPs           [][]Attached // likewise
	VPCEndpoint    []Attached
	HasVPCEndpoint bool
}

// Decision is the answer to a Request.
type Decision struct {
	Allowed  bool
	Explicit bool // denied by a Deny statement, not for want of an Allow
	// Type is the kind of policy that decided: the one that denies or lacks an Allow, or the one that allows.
	Type PolicyType
	// Policy and Statement are the Attached.ID and the index of the statement that decided; "" and -1 when no statement
	// did.
	Policy    string
	Statement int
}
