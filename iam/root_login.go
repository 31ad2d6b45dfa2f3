package iam

import "time"

// The root user has no name; AWS writes this for it.
const rootName = "null"

// RootLogin tells since when the root user has a login profile, or NoSuchEntity.
// It is a password, or the permission to set one by recovery.
func (a *Account) RootLogin() (since time.Time, err error) {
	switch {
	case a.Root.Password != "":
		return a.CreateDate, nil
	case !a.Root.Recoverable.IsZero():
		return a.Root.Recoverable, nil
	}
	return since, Errorf(CodeNoSuchEntity, "Login Profile for User %s cannot be found.", rootName)
}

// AllowRootRecovery gives the root user a login profile without a password: whoever
// reads its e-mail may set one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
func (d *Draft) AllowRootRecovery() (since time.Time, err error) {
	if _, err := d.RootLogin(); err == nil {
		return since, Errorf(CodeEntityAlreadyExists, "Login Profile for user %s already exists.", rootName)
	}
	d.Root.Recoverable = d.now()
	d.putSettings()
	return d.Root.Recoverable, nil
}

// DeleteRootLogin takes the root user's password away, and the permission to
// recover it.
func (d *Draft) DeleteRootLogin() error {
	if _, err := d.RootLogin(); err != nil {
		return err
	}
	d.Root.Password, d.Root.Recoverable = "", time.Time{}
	d.putSettings()
	return nil
}
