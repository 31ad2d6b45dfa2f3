package iam

import (
	"time"
	"unicode/utf8"
)

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

// maxPasswordLength is the length of the longest password, in characters.
const maxPasswordLength = 128

// CheckRootPassword holds a password to what AWS asks of root users', of an account
// of that name and with that e-mail address; the account's policy is for its users.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-password.html
func CheckRootPassword(name, email, password string) error {
	if utf8.RuneCountInString(password) > maxPasswordLength {
		return nonconforming()
	}
	a := Account{settings: settings{Name: name, Root: Root{Email: email}}}
	return a.CheckPassword(password)
}

// SetRootPassword gives the root user the password with this hash, in place of the
// one it had, whose console sessions end.
func (d *Draft) SetRootPassword(hash string) {
	d.Root.Password, d.Root.Generation, d.Root.Recoverable = hash, d.newGeneration(), time.Time{}
	d.putSettings()
}

// ChangeRootPassword is SetRootPassword by the root user, who knows the old
// password: the caller has made sure of that with the hash that is given. Sessions
// go on.
func (d *Draft) ChangeRootPassword(old, hash string) error {
	if old == "" || d.Root.Password != old {
		return Errorf(CodeEntityTemporarilyUnmodifiable, "Login Profile for User %s cannot be modified at the moment. Please try again.", rootName)
	}
	d.Root.Password = hash
	d.putSettings()
	return nil
}
