package iam

import "strings"

// ServiceLinkedPath is the path of the roles that belong to an AWS service.
func ServiceLinkedPath(service string) string { return serviceLinkedPath + service + "/" }

// ServiceLinked tells whether a role belongs to an AWS service, which alone may
// change it.
func (r *Role) ServiceLinked() bool { return strings.HasPrefix(r.Path, serviceLinkedPath) }

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
