package org

// Quotas are AWS's numbers, adjustable as AWS's are.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
type Quotas struct {
	Accounts int // in an organization; AWS begins with 10
	Units    int
	Depth    int // of units under the root
	Policies int // service control policies
	Attached int // service control policies on one target
	SCPSize  int // characters
	RCPSize  int
	// OptOutSize is for policies that opt out of AI services, OtherSize for all
	// other management policies.
	OptOutSize, OtherSize int
	// OtherPolicies is how many there may be of each type but service control
	// policies.
	OtherPolicies int
	// Policies on one target: resource control policies, chat policies, those that
	// opt out of AI services, and of each further type.
	RCPAttached, ChatAttached, OptOutAttached, OtherAttached int
	Tags                                                     int
	// Invitations may be sent in 24 hours, or as many as there may be accounts if
	// that is more; those that were accepted don't count.
	Invitations int
	// Stay is for how many days an account that was made here can't leave.
	Stay int
	// Closures are allowed in 30 days, or a fifth of the members if that is more,
	// MaxClosures at most.
	Closures, MaxClosures int
	// InboundTransfers may be proposed or taken over, and OutboundTransfers handed
	// over. AWS begins with 0 inbound ones, and allows up to 1,000 when asked.
	// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing-quotas.html
	InboundTransfers, OutboundTransfers int
}

// DefaultQuotas are AWS's defaults.
func DefaultQuotas() Quotas {
	return Quotas{Accounts: 10, Units: 2000, Depth: 5, Policies: 10000, Attached: 10, SCPSize: 10240, RCPSize: 5120, OptOutSize: 2500, OtherSize: 10000,
		OtherPolicies: 1000, RCPAttached: 5, ChatAttached: 5, OptOutAttached: 5, OtherAttached: 10, Tags: 50,
		Invitations: 20, Stay: 4, Closures: 250, MaxClosures: 1000,
		InboundTransfers: 1000, OutboundTransfers: 1}
}

// of gives the numbers of one policy type: characters of a policy, policies on
// one target, policies.
func (q *Quotas) of(t PolicyType) (size, attached, policies int) {
	switch t {
	case SCP:
		return q.SCPSize, q.Attached, q.Policies
	case RCP:
		return q.RCPSize, q.RCPAttached, q.OtherPolicies
	case "CHATBOT_POLICY":
		return q.OtherSize, q.ChatAttached, q.OtherPolicies
	case "AISERVICES_OPT_OUT_POLICY":
		return q.OptOutSize, q.OptOutAttached, q.OtherPolicies
	}
	return q.OtherSize, q.OtherAttached, q.OtherPolicies
}
