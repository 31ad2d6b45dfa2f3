package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// passwordPolicyActions are the rows of the account's password policy.
func passwordPolicyActions() []Action {
	return []Action{
		write("UpdateAccountPasswordPolicy", checkAnything[sdk.UpdateAccountPasswordPolicyInput], (*API).updateAccountPasswordPolicy),
		read("GetAccountPasswordPolicy", checkGetPasswordPolicy, (*API).getAccountPasswordPolicy),
		write("DeleteAccountPasswordPolicy", checkAnything[sdk.DeleteAccountPasswordPolicyInput], (*API).deleteAccountPasswordPolicy),
	}
}

func checkGetPasswordPolicy(c *Call, action string, _ *sdk.GetAccountPasswordPolicyInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Granted: ownPassword(c)})
}

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

// ownPassword gives changeOwnPassword to whom it is for. ChangePassword has no
// other user than the caller, so its resource is open.
func ownPassword(c *Call) []policy.Attached {
	if c.Caller.Kind != policy.User || c.Account.Passwords == nil || !c.Account.Passwords.UsersMayChange {
		return nil
	}
	return changeOwnPassword
}

func (a *API) updateAccountPasswordPolicy(c *Call, in *sdk.UpdateAccountPasswordPolicyInput) (*sdk.UpdateAccountPasswordPolicyOutput, error) {
	c.Draft.UpdateAccountPasswordPolicy(iam.PasswordPolicy{
		MinLength:      int(aws.ToInt32(in.MinimumPasswordLength)),
		Symbols:        in.RequireSymbols,
		Numbers:        in.RequireNumbers,
		Upper:          in.RequireUppercaseCharacters,
		Lower:          in.RequireLowercaseCharacters,
		UsersMayChange: in.AllowUsersToChangePassword,
		MaxAge:         int(aws.ToInt32(in.MaxPasswordAge)),
		Reuse:          int(aws.ToInt32(in.PasswordReusePrevention)),
		HardExpiry:     in.HardExpiry,
	})
	return &sdk.UpdateAccountPasswordPolicyOutput{}, nil
}

func (a *API) getAccountPasswordPolicy(c *Call, _ *sdk.GetAccountPasswordPolicyInput) (*sdk.GetAccountPasswordPolicyOutput, error) {
	p, err := c.Account.PasswordPolicy()
	if err != nil {
		return nil, err
	}
	out := &types.PasswordPolicy{
		MinimumPasswordLength:      aws.Int32(int32(p.MinLength)),
		RequireSymbols:             p.Symbols,
		RequireNumbers:             p.Numbers,
		RequireUppercaseCharacters: p.Upper,
		RequireLowercaseCharacters: p.Lower,
		AllowUsersToChangePassword: p.UsersMayChange,
		ExpirePasswords:            p.MaxAge > 0,
		HardExpiry:                 p.HardExpiry,
	}
	if p.MaxAge > 0 {
		out.MaxPasswordAge = aws.Int32(int32(p.MaxAge))
	}
	if p.Reuse > 0 {
		out.PasswordReusePrevention = aws.Int32(int32(p.Reuse))
	}
	return &sdk.GetAccountPasswordPolicyOutput{PasswordPolicy: out}, nil
}

func (a *API) deleteAccountPasswordPolicy(c *Call, _ *sdk.DeleteAccountPasswordPolicyInput) (*sdk.DeleteAccountPasswordPolicyOutput, error) {
	return &sdk.DeleteAccountPasswordPolicyOutput{}, c.Draft.DeleteAccountPasswordPolicy()
}
