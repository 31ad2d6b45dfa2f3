package api_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	wrongCodeText = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	noDeviceText  = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
)

// ownPhone makes a device that is enabled for a user, or by its account number
// for the root user.
func ownPhone(t *testing.T, root *clients, name string) map[string]string {
	t.Helper()
	made := map[string]string{}
	out, err := root.IAM.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("Of-" + name)})
	if err != nil {
		t.Fatal(err)
	}
	made["serial"], made["seed"] = *out.VirtualMFADevice.SerialNumber, string(out.VirtualMFADevice.Base32StringSeed)
	if err := enable(t.Context(), root, name, made); err != nil {
		t.Fatal(err)
	}
	return made
}

func sessionToken(ctx context.Context, c *clients, serial, code *string) (*sts.GetSessionTokenOutput, error) {
	return c.STS.GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code})
}

// TestSecondFactor: a session by a one-time code may call IAM, and is told apart
// by policies; a code is good once.
func TestSecondFactor(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	user := w.caller(t, root, statement{"Allow", "iam:ListUsers", "*", map[string]map[string]string{
		"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "300"},
	}})
	phone, others := ownPhone(t, root, "caller"), ownPhone(t, root, root.Account)
	serial := aws.String(phone["serial"])

	_, err := user.IAM.ListUsers(ctx, nil)
	wantError(t, "without a session", err, "AccessDenied", "no identity-based policy allows the iam:ListUsers action")
	for what, c := range map[string]struct {
		serial, code *string
		text         string
	}{
		"another step's code": {serial, shown(phone, 9), wrongCodeText},
		"a used code":         {serial, shown(phone, 0), wrongCodeText},
		"root's device":       {aws.String(others["serial"]), shown(others, 1), noDeviceText},
		"no device":           {aws.String(phone["serial"] + "x"), shown(phone, 1), noDeviceText},
		"no code":             {serial, nil, "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."},
		"no serial number":    {nil, shown(phone, 1), "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."},
	} {
		_, err := sessionToken(ctx, user, c.serial, c.code)
		wantError(t, what, err, "AccessDenied", c.text)
	}
	code := shown(phone, 1)
	out, err := sessionToken(ctx, user, serial, code)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.session(root.Account, out.Credentials).IAM.ListUsers(ctx, nil); err != nil {
		t.Errorf("with a second factor: %v", err)
	}
	_, err = sessionToken(ctx, user, serial, code)
	wantError(t, "the same code again", err, "AccessDenied", wrongCodeText)

	out, err = sessionToken(ctx, root, aws.String(others["serial"]), shown(others, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.session(root.Account, out.Credentials).IAM.ListUsers(ctx, nil); err != nil {
		t.Errorf("root with a second factor: %v", err)
	}
}

// TestSecondFactorOfRoles: a trust policy may ask for a second factor; the
// role's session does not carry it, as with AWS.
func TestSecondFactorOfRoles(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	user := w.caller(t, root, statement{Effect: "Allow", Action: "sts:AssumeRole", Resource: "*"})
	trust, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
		"Effect": "Allow", "Principal": map[string]string{"AWS": root.Account}, "Action": "sts:AssumeRole",
		"Condition": map[string]any{"Bool": map[string]string{"aws:MultiFactorAuthPresent": "true"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	arn := makeRole(t, root, "guarded", string(trust))
	if _, err := root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("guarded"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},` +
			`{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`),
	}); err != nil {
		t.Fatal(err)
	}
	phone := ownPhone(t, root, "caller")
	with := func(code *string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.SerialNumber, in.TokenCode = aws.String(phone["serial"]), code }
	}
	_, err = assume(user, arn, "session")
	wantError(t, "without a code", err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+arn)
	_, err = assume(user, arn, "session", with(shown(phone, 9)))
	wantError(t, "by a wrong code", err, "AccessDenied", wrongCodeText)
	code := shown(phone, 1)
	out, err := assume(user, arn, "session", with(code))
	if err != nil {
		t.Fatal(err)
	}
	_, err = assume(user, arn, "session", with(code))
	wantError(t, "by the same code", err, "AccessDenied", wrongCodeText)
	role := w.session(root.Account, out.Credentials)
	_, err = role.IAM.ListUsers(ctx, nil)
	wantError(t, "the role's session", err, "AccessDenied", "no identity-based policy allows the iam:ListUsers action")
	_, err = assume(role, arn, "session", with(shown(phone, 2)))
	wantError(t, "by the role's session", err, "AccessDenied", noDeviceText)
}

// TestGuessingCodes: after a few wrong codes the right one is refused as well.
func TestGuessingCodes(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	user := w.caller(t, root)
	phone := ownPhone(t, root, "caller")
	for range 5 {
		_, err := sessionToken(ctx, user, aws.String(phone["serial"]), shown(phone, 9))
		wantError(t, "a wrong code", err, "AccessDenied", wrongCodeText)
	}
	_, err := sessionToken(ctx, user, aws.String(phone["serial"]), shown(phone, 1))
	wantError(t, "the right code", err, "AccessDenied", wrongCodeText)
}

// TestDevicesOfRoot: the root user has devices like any user, and is named by
// its account number where a request must name somebody.
func TestDevicesOfRoot(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	phone := ownPhone(t, root, root.Account)
	arn := "arn:aws:iam::" + root.Account + ":root"
	same(t, "user", aws.ToString(listed(t, root, types.AssignmentStatusTypeAssigned).User.Arn), arn)
	out, err := root.IAM.ListMFADevices(ctx, nil)
	if err != nil || len(out.MFADevices) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	same(t, "serial number", aws.ToString(out.MFADevices[0].SerialNumber), phone["serial"])
	if _, err := root.IAM.GenerateCredentialReport(ctx, nil); err != nil {
		t.Fatal(err)
	}
	same(t, "in the report", credentialReport(t, root)[0]["mfa_active"], "true")
	caller := w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})
	_, err = caller.IAM.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: aws.String(root.Account), SerialNumber: aws.String(phone["serial"])})
	wantError(t, "by a user", err, "NoSuchEntity", "The user with name "+root.Account+" cannot be found.")
	if _, err := root.IAM.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: aws.String(phone["serial"])}); err != nil {
		t.Error(err)
	}
}

// TestPagesOfDevices: as many as asked for, in order, of the user only.
func TestPagesOfDevices(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	w.caller(t, root)
	ownPhone(t, root, root.Account)
	for _, name := range []string{"b", "a", "C"} {
		out, err := root.IAM.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		made := map[string]string{"serial": *out.VirtualMFADevice.SerialNumber, "seed": string(out.VirtualMFADevice.Base32StringSeed)}
		if err := enable(ctx, root, "caller", made); err != nil {
			t.Fatal(err)
		}
	}
	var got string
	pages := iam.NewListMFADevicesPaginator(root.IAM, &iam.ListMFADevicesInput{UserName: aws.String("caller"), MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.MFADevices {
			got += (*m.SerialNumber)[len("arn:aws:iam::123456789012:mfa"):]
		}
		got += ";"
	}
	same(t, "pages", got, "/a/b;/C;")
}
