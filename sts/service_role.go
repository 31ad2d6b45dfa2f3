package sts

import (
	"time"

	"iamd/iam"
)

// ServiceRole is a request for a role's credentials by an AWS service, for the
// workload that it runs, which the guard admitted.
type ServiceRole struct {
	Account     string // of the role
	Role        *iam.Role
	SessionName string
	Lasting     time.Duration // whole seconds
	Keys        []Key         // that every request by the session carries, such as ec2:RoleDelivery
}

// Session says what the credentials will be. The role's longest session does not
// bind services.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html
func (r ServiceRole) Session(now time.Time) Session {
	now = now.UTC().Truncate(time.Second)
	return Session{
		Kind: AssumedRole, Account: r.Account, UniqueID: r.Role.ID, Name: r.SessionName,
		Issued: now, Expires: now.Add(r.Lasting), Keys: r.Keys,
	}
}
