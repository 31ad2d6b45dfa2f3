package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
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
	return one(guard.Check{Action: action, Resource: "*", Granted: guard.OwnPassword(c.Caller, c.Account)})
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
