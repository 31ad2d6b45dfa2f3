package guard

import (
	"strconv"
	"strings"

	"iamd/audit"
	"iamd/policy"
	"iamd/sts"
)

// Identity says who the caller is as CloudTrail does.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func (c *Caller) Identity() audit.Identity {
	id := audit.Identity{
		PrincipalID: c.UserID, ARN: c.ARN, AccountID: c.Account, AccessKeyID: c.KeyID, UserName: c.UserName,
	}
	switch c.Kind {
	case policy.Anonymous:
		return audit.Identity{Type: "AWSAccount", PrincipalID: "anonymous"}
	case policy.WebIdentity, policy.SAML:
		return c.federatedIdentity()
	case policy.Service:
		return c.serviceIdentity()
	case policy.Root:
		id.Type = "Root"
	case policy.Role:
		id.Type = "AssumedRole"
	case policy.FederatedUser:
		id.Type = "FederatedUser"
	default:
		id.Type = "IAMUser"
	}
	if s := c.Session; s != nil {
		if s.Kind == sts.Delegated {
			id.InvokedByDelegate = &audit.Delegate{AccountID: s.Delegate}
		}
		id.SessionContext = &audit.SessionContext{
			Attributes: audit.SessionAttributes{
				CreationDate: s.Issued, MFAAuthenticated: strconv.FormatBool(!s.MFA.IsZero()),
			},
			SourceIdentity: s.SourceIdentity,
		}
		id.SessionContext.SessionIssuer = c.issuer()
		if s.Kind == sts.AssumedRoot {
			id.SessionContext.AssumedRoot = "true"
		}
		if s.Kind == sts.WebIdentity {
			id.SessionContext.WebIDFederation = &audit.WebIDFederation{FederatedProvider: s.Provider}
		}
	}
	return id
}

// FromConsole tells whether the caller signed in to the console.
func (c *Caller) FromConsole() bool { return c.Session != nil && c.Session.Kind == sts.Console }

// issuer is whose credentials a session's were made from: the role, or the user
// who federated; nil for a user's own sessions.
func (c *Caller) issuer() *audit.SessionIssuer {
	i := &audit.SessionIssuer{PrincipalID: c.UniqueID, AccountID: c.Account}
	switch {
	case c.Kind == policy.Role:
		i.Type, i.ARN, i.UserName = "Role", c.RoleARN, c.RoleName
	case c.federatedByRoot():
		i.Type, i.ARN = "Root", c.UserARN
	case c.Kind == policy.FederatedUser:
		i.Type, i.ARN, i.UserName = "IAMUser", c.UserARN, c.UserARN[strings.LastIndexByte(c.UserARN, '/')+1:]
	default:
		return nil
	}
	return i
}

// Attempt is what last-used data keeps of one action that the caller asked for.
func (c *Caller) Attempt(action string) audit.Attempt {
	service, name := split(action)
	a := audit.Attempt{
		Account: c.Account, ARN: c.ARN, Service: service, Action: name, Region: c.Region, Time: c.Time,
	}
	if c.Session == nil {
		a.KeyID = c.KeyID
	}
	switch {
	case c.Kind == policy.Root || c.federatedByRoot():
		return a
	case c.Kind == policy.Role:
		a.RoleID = c.UniqueID
	}
	a.EntityID = c.UniqueID
	return a
}
