package guard

import (
	"iamd/audit"
	"iamd/iam"
	"iamd/policy"
)

// Service is an AWS service that calls by its own principal, such as
// ec2.amazonaws.com, for whom on names. It has no account and no policies of its
// own: what a role's trust policy, and resource control policies, say decides.
func Service(name string, on OnBehalf, o Origin) *Caller {
	if len(on.Names) == 0 {
		on.Names = []string{name}
	}
	return &Caller{
		Principal: policy.Principal{Kind: policy.Service, Service: name}, OnBehalf: &on, Origin: o,
	}
}

// serviceIdentity is who a service is in events.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func (c *Caller) serviceIdentity() audit.Identity {
	return audit.Identity{Type: "AWSService", InvokedBy: c.Principal.Service}
}

// Assuming asks whether a role may be taken: its trust policy must say so. The
// account is the role's. A nil role is one that is not there, and trusts nobody.
func Assuming(action, arn, account string, role *iam.Role) Check {
	check := Check{Action: action, Resource: arn, Account: account, HasTrust: true}
	if role != nil {
		check.Tags, check.Text = role.Tags, role.Trust.Text()
		check.Trust = []policy.Attached{{ID: arn, Type: "Trust Policy", Policy: role.Trust.Compiled()}}
	}
	return check
}
