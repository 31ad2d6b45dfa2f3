package guard

import (
	"strconv"

	"iamd/audit"
	"iamd/policy"
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
	case policy.Root:
		id.Type = "Root"
	case policy.Role:
		id.Type = "AssumedRole"
	default:
		id.Type = "IAMUser"
	}
	if s := c.Session; s != nil {
		id.SessionContext = &audit.SessionContext{
			Attributes: audit.SessionAttributes{
				CreationDate: s.Issued, MFAAuthenticated: strconv.FormatBool(!s.MFA.IsZero()),
			},
			SourceIdentity: s.SourceIdentity,
		}
		if c.Kind == policy.Role {
			id.SessionContext.SessionIssuer = &audit.SessionIssuer{
				Type: "Role", PrincipalID: c.UniqueID, ARN: c.RoleARN, AccountID: c.Account, UserName: c.RoleName,
			}
		}
	}
	return id
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
	switch c.Kind {
	case policy.Root:
		return a
	case policy.Role:
		a.RoleID = c.UniqueID
	}
	a.EntityID = c.UniqueID
	return a
}
