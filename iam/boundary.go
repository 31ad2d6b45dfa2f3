package iam

// checkBoundary tells whether the policy may be a permissions boundary here.
// Every managed policy of the account or of AWS's may, except those that only
// service-linked roles carry.
func (d *Draft) checkBoundary(arn string) error {
	if _, err := PolicyOwner(arn); err != nil {
		return err
	}
	p, ok := d.Policy(arn)
	if !ok {
		return Errorf(CodeNoSuchEntity, "Scope ARN: %s does not exist or is not attachable.", arn)
	}
	if !p.Attachable() {
		return Errorf(CodePolicyNotAttachable, "Policy %s is not attachable.", arn)
	}
	return nil
}

// PutUserPermissionsBoundary bounds a user by a managed policy, in place of the
// boundary that it may have.
func (d *Draft) PutUserPermissionsBoundary(name, policyARN string) error {
	u, err := d.User(name)
	if err != nil {
		return err
	}
	if err := d.checkBoundary(policyARN); err != nil {
		return err
	}
	d.boundUser(u, policyARN)
	return nil
}

// DeleteUserPermissionsBoundary takes a user's boundary away. A user without
// one is no error.
func (d *Draft) DeleteUserPermissionsBoundary(name string) error {
	u, err := d.User(name)
	if err != nil {
		return err
	}
	d.boundUser(u, "")
	return nil
}

func (d *Draft) boundUser(u *User, arn string) {
	if u.Boundary != arn {
		next := clone(u)
		next.Boundary = arn
		d.putUser(u, next)
	}
}

// PutRolePermissionsBoundary bounds a role by a managed policy, in place of the
// boundary that it may have.
func (d *Draft) PutRolePermissionsBoundary(name, policyARN string) error {
	r, err := d.ownRole(name)
	if err != nil {
		return err
	}
	if err := d.checkBoundary(policyARN); err != nil {
		return err
	}
	d.boundRole(r, policyARN)
	return nil
}

// DeleteRolePermissionsBoundary takes a role's boundary away. A role without
// one is no error.
func (d *Draft) DeleteRolePermissionsBoundary(name string) error {
	r, err := d.ownRole(name)
	if err != nil {
		return err
	}
	d.boundRole(r, "")
	return nil
}

func (d *Draft) boundRole(r *Role, arn string) {
	if r.Boundary != arn {
		next := clone(r)
		next.Boundary = arn
		d.putRole(r, next)
	}
}
