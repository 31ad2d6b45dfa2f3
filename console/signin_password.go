package console

import (
	"errors"

	"iamd/guard"
	"iamd/iam"
)

// Reasons for which a new password is due.
const (
	dueReset   = "reset"
	dueExpired = "expired"
)

// enter makes what a sign-in changes, in one commit: a new password where one is
// due, and the second factor used up. next asks for what is wanting. Nothing is
// written for who needs neither.
func (c *Console) enter(k *call, at *attempt, p *proof) (next any, err error) {
	due, err := c.due(k, at)
	if err != nil {
		return nil, err
	}
	var prepared *iam.Password
	var by *guard.Caller
	if due != "" {
		if at.in.NewPassword == "" {
			return &passwordNext{Next: "password", Reason: due}, nil
		}
		if prepared, by, err = c.prepare(k, at, p != nil); err != nil {
			return passwordFault(due, err)
		}
	} else if at.in.NewPassword != "" {
		return nil, badInput("No new password is due: change yours in the console.")
	}
	if p == nil && prepared == nil {
		return nil, nil
	}
	var unproved error
	err = c.cfg.Accounts.Update(k, at.account.ID, func(d *iam.Draft) error {
		unproved = nil
		u := at.user
		if u != nil {
			now, ok := d.UserByID(u.ID)
			if !ok || now.Login == nil {
				return wrong() // gone since
			}
			u = now
		}
		if p != nil {
			if unproved = p.use(d, u); unproved != nil {
				return unproved
			}
		}
		if prepared == nil {
			return nil
		}
		if err := c.cfg.Guard.Authorize(by, d.Account, changeCheck(by, d.Account, u)); err != nil {
			return err
		}
		d.Emit(c.updated(k, d.ID, at.identity(true)).Stored())
		return d.ChangePassword(u, prepared)
	})
	var rule *iam.Error
	switch {
	case err == nil && p != nil:
		p.used()
	case errors.As(unproved, &rule): // somebody else used it up in between
		var list []*iam.MFADevice
		for _, m := range at.account.MFADevicesAfter(at.user, "") {
			list = append(list, m)
		}
		return c.notProved(k, at, list), nil
	case err != nil && prepared != nil:
		return passwordFault(due, err)
	}
	return nil, err
}

// due tells why a person must choose a new password; "" for those who need not. A
// hard expiry leaves that to an administrator.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
func (c *Console) due(k *call, at *attempt) (reason string, err error) {
	if at.user == nil {
		return "", nil
	}
	a := at.account
	ends, ends1 := a.PasswordExpires(at.user)
	over := ends1 && !k.Time.Before(ends)
	switch {
	case over && a.Passwords.HardExpiry != nil && *a.Passwords.HardExpiry:
		c.failed(k, at, false)
		return "", expired()
	case at.user.Login.ResetRequired:
		return dueReset, nil
	case over:
		return dueExpired, nil
	}
	return "", nil
}

// prepare makes sure that a user may change its own password, and hashes the new
// one. by is the user as the session will be.
func (c *Console) prepare(k *call, at *attempt, mfa bool) (p *iam.Password, by *guard.Caller, err error) {
	session := at.session(k.Time, mfa)
	if by, err = c.cfg.Guard.Bearer(at.account, &session, k.Origin); err != nil {
		return nil, nil, err
	}
	check := changeCheck(by, at.account, at.user)
	c.cfg.Audit.Attempted(k, by.Attempt(check.Action))
	if err := c.cfg.Guard.Authorize(by, at.account, check); err != nil {
		c.explain(k, by, nil, check.Action, err)
		return nil, nil, err
	}
	if at.in.NewPassword == at.in.Password {
		return nil, nil, iam.Errorf(iam.CodePasswordPolicyViolation, "The new password must be different from the old one.")
	}
	err = c.cfg.Hashing.Do(k, at.account.ID, func() error {
		p, err = at.account.Prepare(at.user, at.in.NewPassword)
		return err
	})
	return p, by, err
}

// changeCheck is what ChangePassword asks of a user.
func changeCheck(by *guard.Caller, a *iam.Account, u *iam.User) guard.Check {
	return guard.Check{
		Action: "iam:ChangePassword", Resource: a.UserARN(u), Named: "user " + u.Name, Tags: u.Tags, Granted: guard.OwnPassword(by, a),
	}
}

// passwordFault asks again, with what was wrong, where another password may help or
// the person must know why none does; other errors are errors.
func passwordFault(due string, err error) (any, error) {
	var (
		denied *guard.Denied
		rule   *iam.Error
	)
	switch {
	case errors.As(err, &denied):
		return &passwordNext{Next: "password", Reason: due, Error: denied.Error()}, nil
	case errors.As(err, &rule) && rule.Code == iam.CodePasswordPolicyViolation:
		return &passwordNext{Next: "password", Reason: due, Error: rule.Message}, nil
	}
	return nil, err
}
