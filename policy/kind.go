package policy

// Kind is a type of policy: where a document is attached, and so which rules it is checked by and which part it has in
// a decision.
type Kind uint8

// The kinds of policy. The zero Kind is none of them.
const (
	Identity    Kind = iota + 1 // on a user, group or role, managed or inline
	Boundary                    // a managed policy set as permissions boundary
	Session                     // given when credentials were issued
	Resource                    // on a resource
	Trust                       // a role's assume-role policy
	SCP                         // service control policy
	RCP                         // resource control policy
	VPCEndpoint                 // on a VPC endpoint
)

// PolicyType is what a decision calls the Kind that decided.
type PolicyType = Kind

// kindNames are AWS's words for each kind, as they stand in messages.
var kindNames = [...]string{
	Identity:    "identity-based policy",
	Boundary:    "permissions boundary",
	Session:     "session policy",
	Resource:    "resource-based policy",
	Trust:       "role trust policy",
	SCP:         "service control policy",
	RCP:         "resource control policy",
	VPCEndpoint: "VPC endpoint policy",
}

// String returns AWS's words for the kind: "identity-based policy", "permissions boundary"…
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// MarshalText lets a kind stand in JSON by its words.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// namesPrincipal tells whether statements of this kind say whom they are about.
func (k Kind) namesPrincipal() bool {
	return k == Resource || k == Trust || k == RCP || k == VPCEndpoint
}

// inOrganizations tells whether Organizations keeps the policy, which has one sentence for whatever it refuses.
func (k Kind) inOrganizations() bool { return k == SCP || k == RCP }
