package iam

import "strings"

// ServiceLinkedPath is the path of the roles that belong to an AWS service.
func ServiceLinkedPath(service string) string { return serviceLinkedPath + service + "/" }

// ServiceLinked tells whether a role belongs to an AWS service, which alone may
// change it.
func (r *Role) ServiceLinked() bool { return strings.HasPrefix(r.Path, serviceLinkedPath) }

// maxRoleName is how long AWS lets the name of a role be.
const maxRoleName = 64

// ServiceLinkedRoleName is the name that the role of a service has, with the
// customer's suffix if that is not empty. With an error it is as much of the
// name as can be told: the call will be refused, but who may not make it is told
// only that.
func ServiceLinkedRoleName(service, suffix string) (string, error) {
	linked, ok := linkedServices[service]
	name := linkedRolePrefix + linked.role
	switch {
	case !ok:
		// AWS knows services that this list does not; their roles' names can't be
		// guessed, and a wrong one would be worse than none.
		return name, Errorf(CodeInvalidInput, "%s is not the principal of a service that is known to have a service-linked role.", service)
	case suffix == "":
		return name, nil
	case !linked.suffix:
		return name, Errorf(CodeInvalidInput, "Custom suffix is not allowed for %s", service)
	}
	if name += "_" + suffix; len(name) > maxRoleName {
		return name, Errorf(CodeInvalidInput, "The role name %s is longer than %d characters.", name, maxRoleName)
	}
	return name, nil
}

// CreateServiceLinkedRole makes the role of a service, which trusts that service
// alone and carries the policy that AWS has for it. Suffix and description may
// be empty. Such roles count against the quota of roles, but are not held up by
// it; twice as many is where this program stops, so that what an account holds
// is bounded.
func (d *Draft) CreateServiceLinkedRole(service, suffix, description string) (*Role, error) {
	name, err := ServiceLinkedRoleName(service, suffix)
	if err != nil {
		return nil, err
	}
	if r, taken := d.roles.Get(fold(name)); taken {
		return nil, Errorf(CodeInvalidInput, "Service role name %s has been taken in this account, please try a different suffix.", r.Name)
	}
	if limit := 2 * d.env.Quotas.Roles; d.RoleCount() >= limit {
		return nil, quota("RolesPerAccount", limit)
	}
	trust, err := d.checkTrust(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`)
	if err != nil {
		return nil, err
	}
	r := &Role{
		ID: NewUniqueID(d.env.Rand, PrefixRole), Name: name, Path: ServiceLinkedPath(service), CreateDate: d.now(),
		Description: description, MaxSession: DefaultMaxSession, Trust: trust,
	}
	if p := linkedServices[service].policy; p != "" {
		r.Attached = []string{"arn:aws:iam::" + AWSOwned + ":policy" + serviceLinkedPath + p}
	}
	d.putRole(nil, r)
	return r, nil
}

// modifiable tells whether customers may change what a role is.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
func modifiable(r *Role) error {
	if !r.ServiceLinked() {
		return nil
	}
	return Errorf(CodeUnmodifiableEntity, "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
}

// ownRole finds a role that customers may change.
func (d *Draft) ownRole(name string) (*Role, error) {
	r, err := d.Role(name)
	if err != nil {
		return nil, err
	}
	return r, modifiable(r)
}
