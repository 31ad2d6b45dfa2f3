package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/wire"
)

const (
	firstPassword  = "Correct-Horse-7"
	secondPassword = "Battery-Staple-8"
)

func makeLogin(t *testing.T, root *clients, name string) {
	t.Helper()
	if _, err := root.IAM.CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: aws.String(name), Password: aws.String(firstPassword)}); err != nil {
		t.Fatal(err)
	}
}

// makeInkLogin makes the entities, and gives Ink a password.
func makeInkLogin(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	makeLogin(t, root, "Ink")
}

func getLogin(t *testing.T, root *clients) *types.LoginProfile {
	t.Helper()
	out, err := root.IAM.GetLoginProfile(t.Context(), &iam.GetLoginProfileInput{UserName: ink})
	if err != nil {
		t.Fatal(err)
	}
	return out.LoginProfile
}

func loginProfileCases() []actionCase {
	blue := "iam:ResourceTag/team"
	return []actionCase{
		{
			action: "CreateLoginProfile", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: ink, Password: aws.String(firstPassword), PasswordResetRequired: true})
				if err == nil {
					made["login"] = out.LoginProfile.CreateDate.String() + fmt.Sprint(out.LoginProfile.PasswordResetRequired)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				l := getLogin(t, root)
				same(t, "user", aws.ToString(l.UserName), "Ink")
				same(t, "profile", l.CreateDate.String()+"true", made["login"])
				_, err := root.IAM.CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: ink, Password: aws.String(firstPassword)})
				wantError(t, "a second", err, "EntityAlreadyExists", "Login Profile for user Ink already exists.")
				same(t, "status", statusOf(err), 409)
				_, err = root.IAM.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: ink})
				wantError(t, "DeleteUser", err, "DeleteConflict", "Cannot delete entity, must delete login profile first.")
			},
			grants: []grant{{"iam:CreateLoginProfile", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "GetLoginProfile", setup: makeInkLogin,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: ink})
				if err == nil {
					made["user"] = aws.ToString(out.LoginProfile.UserName)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "user", made["user"], aws.ToString(getUser(t, root, "Ink").UserName))
			},
			grants: []grant{{"iam:GetLoginProfile", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "UpdateLoginProfile", setup: makeInkLogin,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ink, Password: aws.String(secondPassword), PasswordResetRequired: aws.Bool(true)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "reset required", getLogin(t, root).PasswordResetRequired, true)
			},
			grants: []grant{{"iam:UpdateLoginProfile", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "DeleteLoginProfile", setup: makeInkLogin,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.IAM.GetLoginProfile(t.Context(), &iam.GetLoginProfileInput{UserName: ink})
				wantError(t, "the deleted profile", err, "NoSuchEntity", "Login Profile for User Ink cannot be found.")
			},
			grants: []grant{{"iam:DeleteLoginProfile", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ChangePassword",
			ready: func(t *testing.T, root *clients) {
				makeLogin(t, root, "caller")
				if _, err := root.IAM.TagUser(t.Context(), &iam.TagUserInput{UserName: aws.String("caller"), Tags: []types.Tag{tag("team", "blue")}}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: aws.String(firstPassword), NewPassword: aws.String(secondPassword)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				// Only the new password is one that was had.
				if _, err := root.IAM.UpdateAccountPasswordPolicy(t.Context(), &iam.UpdateAccountPasswordPolicyInput{PasswordReusePrevention: aws.Int32(1)}); err != nil {
					t.Fatal(err)
				}
				_, err := root.IAM.UpdateLoginProfile(t.Context(), &iam.UpdateLoginProfileInput{UserName: aws.String("caller"), Password: aws.String(secondPassword)})
				wantError(t, "the new password", err, "PasswordPolicyViolation", "Password does not conform to the account password policy.")
				if _, err := root.IAM.UpdateLoginProfile(t.Context(), &iam.UpdateLoginProfileInput{UserName: aws.String("caller"), Password: aws.String(firstPassword)}); err != nil {
					t.Errorf("the old password: %v", err)
				}
			},
			grants: []grant{{"iam:ChangePassword", "arn:aws:iam::«ACCOUNT»:user/caller"}}, key: blue, holds: "blue", other: "red",
		},
	}
}

func TestLoginProfileRefusals(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	makeEntities(t, root, map[string]string{})
	caller := w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})
	none := "The user with name None cannot be found."
	missing := "Login Profile for User Ink cannot be found."
	whose := "Must specify userName when calling with non-User credentials"
	password := aws.String(firstPassword)
	for what, c := range map[string]struct {
		run        func() error
		code, text string
	}{
		"CreateLoginProfile of nobody": {func() error {
			_, err := root.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("None"), Password: password})
			return err
		}, "NoSuchEntity", none},
		"CreateLoginProfile by root for itself": {func() error {
			_, err := root.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{Password: password})
			return err
		}, "ValidationError", whose},
		"CreateLoginProfile without a password": {func() error {
			_, err := root.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: ink})
			return err
		}, "ValidationError", "Value at 'password' failed to satisfy constraint: Member must not be null"},
		"CreateLoginProfile with a bad password": {func() error {
			_, err := root.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: ink, Password: aws.String("Horse7")})
			return err
		}, "PasswordPolicyViolation", "Password should have a minimum length of 8"},
		"GetLoginProfile by root of itself": {func() error { _, err := root.IAM.GetLoginProfile(ctx, nil); return err }, "ValidationError", whose},
		"GetLoginProfile of nobody": {func() error {
			_, err := root.IAM.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: aws.String("None")})
			return err
		}, "NoSuchEntity", none},
		"UpdateLoginProfile": {func() error {
			_, err := root.IAM.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ink, Password: password})
			return err
		}, "NoSuchEntity", missing},
		"DeleteLoginProfile": {func() error {
			_, err := root.IAM.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: ink})
			return err
		}, "NoSuchEntity", missing},
		"ChangePassword by root": {func() error {
			_, err := root.IAM.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: password, NewPassword: password})
			return err
		}, "InvalidUserType", "Only IAM Users can change their own password"},
		"ChangePassword without one": {func() error {
			_, err := caller.IAM.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: password, NewPassword: password})
			return err
		}, "NoSuchEntity", "Login Profile for User caller cannot be found."},
	} {
		wantError(t, what, c.run(), c.code, c.text)
	}
}

// TestGuessingPasswords: who does not know the old password can guess a few
// times only, and is then refused even the right one.
func TestGuessingPasswords(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	caller := w.caller(t, root, statement{Effect: "Allow", Action: "iam:ChangePassword", Resource: "*"})
	makeLogin(t, root, "caller")
	change := func(from, to string) error {
		_, err := caller.IAM.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: aws.String(from), NewPassword: aws.String(to)}, func(o *iam.Options) {
			o.RetryMaxAttempts = 1
		})
		return err
	}
	wantError(t, "a bad new one", change(firstPassword, "short"), "PasswordPolicyViolation", "Password should have a minimum length of 8")
	for range 4 {
		wantError(t, "a wrong one", change(secondPassword, secondPassword), "AccessDenied", "The old password was incorrect.")
	}
	if err := change(firstPassword, secondPassword); err != nil {
		t.Error(err)
	}
	for range 5 {
		wantError(t, "a wrong one", change(firstPassword, firstPassword), "AccessDenied", "The old password was incorrect.")
	}
	wantError(t, "the sixth", change(secondPassword, firstPassword), "Throttling", "Rate exceeded")
}

// TestPeopleInEvents: no password, seed or code reaches an event.
func TestPeopleInEvents(t *testing.T) {
	const secret = "very-secret"
	for name, v := range map[string]any{
		"ChangePassword":         &iam.ChangePasswordInput{OldPassword: aws.String(secret), NewPassword: aws.String(secret)},
		"CreateLoginProfile":     &iam.CreateLoginProfileInput{Password: aws.String(secret)},
		"UpdateLoginProfile":     &iam.UpdateLoginProfileInput{Password: aws.String(secret)},
		"EnableMFADevice":        &iam.EnableMFADeviceInput{AuthenticationCode1: aws.String(secret), AuthenticationCode2: aws.String(secret)},
		"ResyncMFADevice":        &iam.ResyncMFADeviceInput{AuthenticationCode1: aws.String(secret), AuthenticationCode2: aws.String(secret)},
		"CreateVirtualMFADevice": &iam.CreateVirtualMFADeviceOutput{VirtualMFADevice: &types.VirtualMFADevice{Base32StringSeed: []byte(secret), QRCodePNG: []byte(secret)}},
	} {
		event := string(wire.AppendEvent(nil, wire.Op{Service: "iam", Name: name}, v))
		if !strings.Contains(event, wire.Hidden) || strings.Contains(event, secret) || strings.Contains(event, "dmVyeS1zZWNyZXQ") {
			t.Errorf("%s: %s", name, event)
		}
	}
}
