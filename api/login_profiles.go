package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// loginProfileActions are the rows of users' passwords.
func loginProfileActions() []Action {
	return []Action{
		prepared(write("CreateLoginProfile", onUserOrCaller(func(in *sdk.CreateLoginProfileInput) *string { return in.UserName }), (*API).createLoginProfile),
			(*API).prepareLoginProfile),
		read("GetLoginProfile", onUserOrCaller(func(in *sdk.GetLoginProfileInput) *string { return in.UserName }), (*API).getLoginProfile),
		prepared(write("UpdateLoginProfile", onEntity(iam.KindUser, func(in *sdk.UpdateLoginProfileInput) *string { return in.UserName }), (*API).updateLoginProfile),
			(*API).prepareLoginUpdate),
		write("DeleteLoginProfile", onUserOrCaller(func(in *sdk.DeleteLoginProfileInput) *string { return in.UserName }), (*API).deleteLoginProfile),
		prepared(write("ChangePassword", checkChangePassword, (*API).changePassword), (*API).prepareChangePassword),
	}
}

// loginUser finds whose login profile is meant. The root user has none, and must
// say whose.
func loginUser(c *Call, name *string) (*iam.User, error) {
	u, err := userOrCaller(c, name)
	if err == nil && u == nil {
		return nil, iam.Errorf(iam.CodeValidation, "Must specify userName when calling with non-User credentials")
	}
	return u, err
}

// rootLogin tells whether the root user's own login profile is meant: only sessions
// of AssumeRoot may mean it.
func (c *Call) rootLogin(name *string) bool { return name == nil && c.asAssumedRoot() }

func checkChangePassword(c *Call, action string, _ *sdk.ChangePasswordInput) ([]guard.Check, error) {
	if c.Caller.Kind != policy.User {
		return nil, iam.Errorf(iam.CodeInvalidUserType, "Only IAM Users can change their own password")
	}
	u, err := userOrCaller(c, nil)
	if err != nil {
		return nil, err
	}
	check, _ := entityCheck(c, action, user(&u.Name))
	check.Granted = guard.OwnPassword(c.Caller, c.Account)
	return one(check)
}

// preparePassword hashes a user's new password outside of any draft.
func (a *API) preparePassword(c *Call, u *iam.User, password string) error {
	return a.hashing.Do(c.Context, c.Account.ID, func() error {
		p, err := c.Account.Prepare(u, password)
		c.Prepared = p
		return err
	})
}

func (a *API) prepareLoginProfile(c *Call, in *sdk.CreateLoginProfileInput) error {
	if c.rootLogin(in.UserName) {
		if in.Password != nil {
			return iam.Errorf(iam.CodeValidation, "Password must be omitted when calling with AssumeRoot credentials")
		}
		return nil
	}
	u, err := loginUser(c, in.UserName)
	if err != nil {
		return err
	}
	if in.Password == nil {
		return iam.Errorf(iam.CodeValidation, "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null")
	}
	if _, err := u.LoginProfile(); err == nil {
		return nil // which the operation refuses
	}
	return a.preparePassword(c, u, *in.Password)
}

func (a *API) createLoginProfile(c *Call, in *sdk.CreateLoginProfileInput) (*sdk.CreateLoginProfileOutput, error) {
	if c.rootLogin(in.UserName) {
		since, err := c.Draft.AllowRootRecovery()
		return &sdk.CreateLoginProfileOutput{LoginProfile: &types.LoginProfile{CreateDate: aws.Time(since)}}, err
	}
	u, err := loginUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	l, err := c.Draft.CreateLoginProfile(u, preparedPassword(c), in.PasswordResetRequired)
	if err != nil {
		return nil, err
	}
	return &sdk.CreateLoginProfileOutput{LoginProfile: showLogin(u, l)}, nil
}

// preparedPassword is nil when the request brought none.
func preparedPassword(c *Call) *iam.Password {
	p, _ := c.Prepared.(*iam.Password)
	return p
}

func showLogin(u *iam.User, l *iam.LoginProfile) *types.LoginProfile {
	return &types.LoginProfile{
		UserName: aws.String(u.Name), CreateDate: aws.Time(l.CreateDate), PasswordResetRequired: l.ResetRequired,
	}
}

func (a *API) getLoginProfile(c *Call, in *sdk.GetLoginProfileInput) (*sdk.GetLoginProfileOutput, error) {
	if c.rootLogin(in.UserName) {
		since, err := c.Account.RootLogin()
		return &sdk.GetLoginProfileOutput{LoginProfile: &types.LoginProfile{CreateDate: aws.Time(since)}}, err
	}
	u, err := loginUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	l, err := u.LoginProfile()
	if err != nil {
		return nil, err
	}
	return &sdk.GetLoginProfileOutput{LoginProfile: showLogin(u, l)}, nil
}

func (a *API) prepareLoginUpdate(c *Call, in *sdk.UpdateLoginProfileInput) error {
	u, err := loginUser(c, in.UserName)
	if err != nil || in.Password == nil {
		return err
	}
	if _, err := u.LoginProfile(); err != nil {
		return err
	}
	return a.preparePassword(c, u, *in.Password)
}

func (a *API) updateLoginProfile(c *Call, in *sdk.UpdateLoginProfileInput) (*sdk.UpdateLoginProfileOutput, error) {
	u, err := loginUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.UpdateLoginProfileOutput{}, c.Draft.UpdateLoginProfile(u, preparedPassword(c), in.PasswordResetRequired)
}

func (a *API) deleteLoginProfile(c *Call, in *sdk.DeleteLoginProfileInput) (*sdk.DeleteLoginProfileOutput, error) {
	if c.rootLogin(in.UserName) {
		return &sdk.DeleteLoginProfileOutput{}, c.Draft.DeleteRootLogin()
	}
	u, err := loginUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteLoginProfileOutput{}, c.Draft.DeleteLoginProfile(u)
}

// prepareChangePassword makes sure that the caller knows the old password. Who
// guesses at it has few tries, here and at the console's sign-in.
func (a *API) prepareChangePassword(c *Call, in *sdk.ChangePasswordInput) error {
	u, err := userOrCaller(c, nil)
	if err != nil {
		return err
	}
	l, err := u.LoginProfile()
	if err != nil {
		return err
	}
	secret := "password " + u.ID
	return a.hashing.Do(c.Context, c.Account.ID, func() error {
		if !a.guesses.BeginOwn(secret, c.Time) {
			return iam.Errorf(iam.CodeThrottling, "Rate exceeded")
		}
		if !iam.PasswordMatches(l.Hash, *in.OldPassword) {
			return iam.Errorf(iam.CodeAccessDenied, "The old password was incorrect.")
		}
		a.guesses.RightOwn(secret)
		p, err := c.Account.Prepare(u, *in.NewPassword)
		c.Prepared = p
		return err
	})
}

func (a *API) changePassword(c *Call, _ *sdk.ChangePasswordInput) (*sdk.ChangePasswordOutput, error) {
	u, err := userOrCaller(c, nil)
	if err != nil {
		return nil, err
	}
	return &sdk.ChangePasswordOutput{}, c.Draft.ChangePassword(u, preparedPassword(c))
}
