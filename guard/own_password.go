package guard

import (
	"iamd/iam"
	"iamd/policy"
)

// changeOwnPassword is what a password policy grants users that lets them change
// their own passwords. As the permissions that it stands for, it is held to the
// user's boundary, and a Deny is stronger.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_enable-user-change.html
var changeOwnPassword = []policy.Attached{{
	ID: "AccountPasswordPolicy", Type: "Account Password Policy",
	Policy: iam.NewDocument(`{"Version":"2012-10-17","Statement":[`+
		`{"Effect":"Allow","Action":"iam:GetAccountPasswordPolicy","Resource":"*"},`+
		`{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"arn:aws:iam::*:user/*"}]}`, nil).Compiled(),
}}

// OwnPassword is what the caller's account grants by its password policy, for
// Check.Granted; nil for nothing. ChangePassword has no other user than the caller,
// so its resource is open.
func OwnPassword(c *Caller, a *iam.Account) []policy.Attached {
	if c.Kind != policy.User || a.Passwords == nil || !a.Passwords.UsersMayChange {
		return nil
	}
	return changeOwnPassword
}
