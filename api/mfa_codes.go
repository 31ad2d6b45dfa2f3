package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// secondFactor verifies the one-time code of a request to STS, by a device of
// the user that calls, and uses it up: the same code proves nothing twice. A
// request without one passes; c.mfa tells them apart. A wrong code never reaches
// the account's writer.
func (a *API) secondFactor(c *Call, serial, code *string) error {
	if serial == nil && code == nil {
		return nil
	}
	if serial == nil || code == nil {
		return iam.Errorf(iam.CodeAccessDenied, "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	owner := func(view *iam.Account) *iam.User {
		u, _ := view.UserByID(c.Caller.UniqueID)
		return u
	}
	if c.Caller.Kind != policy.User && !c.isRoot() || !c.isRoot() && owner(c.Account) == nil {
		return iam.NoDevice() // sessions of roles have none
	}
	if m, err := c.Account.MFADeviceOf(owner(c.Account), *serial); err != nil || m.Passkey != nil {
		return iam.NoDevice() // passkeys are for the console, and show no codes
	}
	secret := "mfa " + *serial
	if !a.guesses.Begin(secret, c.Time) {
		return iam.WrongCode()
	}
	if err := c.Account.CheckCode(owner(c.Account), *serial, *code); err != nil {
		return err
	}
	err := a.cfg.Accounts.Update(c.Context, c.Caller.Account, func(d *iam.Draft) error {
		u := owner(d.Account)
		if u == nil && !c.isRoot() {
			return iam.NoDevice()
		}
		return d.UseCode(u, *serial, aws.ToString(code))
	})
	if err != nil {
		return err
	}
	a.guesses.Right(secret)
	c.mfa = true
	return nil
}

// mfaKeys are the condition keys of a request that proved a second factor. The
// session that AssumeRole gives does not have them: the trust policy was the
// place to ask.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
func (c *Call) mfaKeys() []guard.Key {
	if !c.mfa {
		return nil
	}
	return []guard.Key{guard.Value("aws:MultiFactorAuthPresent", "true"), guard.Value("aws:MultiFactorAuthAge", "0")}
}
