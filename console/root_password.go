package console

import (
	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// rootPasswordRequest is the root user's own change of its password, for which AWS
// has no API.
type rootPasswordRequest struct {
	OldPassword string `json:"oldPassword"`
	NewPassword string `json:"newPassword"`
}

// changedRoot is a root user's new password on its way to the account.
type changedRoot struct{ old, hash string }

// rootPasswordRow changes the root user's password, by a root user who signed in to
// the console; others are refused before anything is compared.
func rootPasswordRow() row {
	return signed[rootPasswordRequest]{
		path: "root-password", source: signInSource, event: passwordUpdated, action: "signin:UpdatePassword", write: true,
		checks: func(k *call, _ *rootPasswordRequest) ([]guard.Check, error) {
			if k.Caller.Kind != policy.Root || !k.Caller.FromConsole() {
				return nil, notConsole(k.Caller)
			}
			return []guard.Check{{Action: "signin:UpdatePassword", Resource: k.Caller.ARN}}, nil
		},
		prepare: (*Console).prepareRootPassword,
		run: func(_ *Console, k *call, _ *rootPasswordRequest) (any, error) {
			p := k.Prepared.(changedRoot)
			return &nothing{}, k.Draft.ChangeRootPassword(p.old, p.hash)
		},
		record: func(_ *rootPasswordRequest, _ any) (request, response any) {
			return nil, outcome(passwordUpdated, "Success")
		},
	}.row()
}

// prepareRootPassword compares the old password and hashes the new one. Guesses
// count with those at the sign-in, which do not count here.
func (c *Console) prepareRootPassword(k *call, in *rootPasswordRequest) error {
	a := k.Account
	if err := iam.CheckRootPassword(a.Name, a.Root.Email, in.NewPassword); err != nil {
		return err
	}
	secret := "password " + a.ID
	return c.cfg.Hashing.Do(k, a.ID, func() error {
		if !c.cfg.Guesses.BeginOwn(secret, k.Time) {
			return tooManyTries()
		}
		if len(in.OldPassword) > 4*maxPassword || !iam.PasswordMatches(a.Root.Password, in.OldPassword) {
			return iam.Errorf(iam.CodeAccessDenied, "The old password was incorrect.")
		}
		c.cfg.Guesses.RightOwn(secret)
		k.Prepared = changedRoot{a.Root.Password, c.cfg.PasswordCost.Hash(c.cfg.Rand, in.NewPassword)}
		return nil
	})
}
