package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/pquerna/otp/totp"
)

// user makes a user who may do everything, and the user's key.
func (r *clearRun) user() *Credentials {
	ctx, name := r.t.Context(), aws.String("Ink")
	_, err := r.admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: name})
	r.ok(err)
	_, err = r.admin.AttachUserPolicy(ctx, &sdk.AttachUserPolicyInput{UserName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	r.ok(err)
	key, err := r.admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: name})
	r.ok(err)
	c := &Credentials{AccountID: r.first.AccountID, AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: r.add("access key", *key.AccessKey.SecretAccessKey)}
	for _, service := range []string{"codecommit.amazonaws.com", "bedrock.amazonaws.com"} {
		made, err := r.admin.CreateServiceSpecificCredential(ctx, &sdk.CreateServiceSpecificCredentialInput{UserName: name, ServiceName: &service})
		r.ok(err)
		again, err := r.admin.ResetServiceSpecificCredential(ctx, &sdk.ResetServiceSpecificCredentialInput{UserName: name, ServiceSpecificCredentialId: made.ServiceSpecificCredential.ServiceSpecificCredentialId})
		r.ok(err)
		for _, s := range []*types.ServiceSpecificCredential{made.ServiceSpecificCredential, again.ServiceSpecificCredential} {
			for _, secret := range []*string{s.ServicePassword, s.ServiceCredentialSecret} {
				if secret != nil {
					r.add(service, *secret)
				}
			}
		}
	}
	return c
}

// passwords gives the user one and another, and signs in rightly and wrongly.
func (r *clearRun) passwords(user *Credentials) {
	ctx, name := r.t.Context(), aws.String("Ink")
	given, next, own := r.add("password", "Given-Password-1!"), r.add("password", `Next/"Pass<word>+2`), r.add("password", "Own Password & 3?")
	_, err := r.admin.CreateLoginProfile(ctx, &sdk.CreateLoginProfileInput{UserName: name, Password: &given})
	r.ok(err)
	_, err = r.admin.UpdateLoginProfile(ctx, &sdk.UpdateLoginProfileInput{UserName: name, Password: &next})
	r.ok(err)
	self := sdk.NewFromConfig(root(user, r.url))
	_, err = self.ChangePassword(ctx, &sdk.ChangePasswordInput{OldPassword: aws.String(r.add("password", "Never-was-one-9")), NewPassword: &own})
	r.fails("a wrong old password", err)
	_, err = self.ChangePassword(ctx, &sdk.ChangePasswordInput{OldPassword: &next, NewPassword: &own})
	r.ok(err)
	_, err = r.admin.CreateLoginProfile(ctx, &sdk.CreateLoginProfileInput{UserName: aws.String("nobody"), Password: aws.String(r.add("password", "Of-nobody-at-all-4"))})
	r.fails("a password of nobody", err)
	_, err = r.admin.UpdateLoginProfile(ctx, &sdk.UpdateLoginProfileInput{UserName: name, Password: aws.String(r.add("password", strings.Repeat("too long ", 30)))})
	r.fails("a password that is too long", err)
	for password, right := range map[string]bool{own: true, given: false, r.add("password", "Wrong-Password-5"): false} {
		r.signIn(right, map[string]string{"type": "user", "account": r.first.AccountID, "user": "Ink", "password": password})
	}
	r.signIn(false, map[string]string{"type": "user", "account": r.first.AccountID, "user": r.add("password typed as a name", "Typed-In-The-Wrong-Field-6"), "password": own})
	r.signIn(false, map[string]string{"type": "root", "email": r.first.Email, "password": r.add("password", "Wrong-Root-Password-7")})
	r.signIn(true, map[string]string{"type": "root", "email": r.first.Email, "password": r.first.Password})
	r.signIn(false, map[string]string{"type": "root", "email": r.first.Email, "pasword": r.first.Password})
}

// signIn signs in to the console, and notes what comes of it.
func (r *clearRun) signIn(right bool, in map[string]string) {
	r.t.Helper()
	body, err := json.Marshal(in)
	r.ok(err)
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+"/console/api/signin", bytes.NewReader(body))
	r.ok(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", r.url)
	answer, err := http.DefaultClient.Do(req)
	r.ok(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	r.ok(err)
	if right != (answer.StatusCode == http.StatusOK) {
		r.t.Errorf("signing in as %s: %d %s", in["type"], answer.StatusCode, text)
	}
	var told any
	r.ok(json.Unmarshal(text, &told))
	r.deep("console", told)
}

// deep notes every secret of an answer, by the names of its members.
func (r *clearRun) deep(what string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if text, ok := member.(string); ok && len(text) > 16 {
				if low := strings.ToLower(name); strings.Contains(low, "secret") || strings.Contains(low, "token") {
					r.add(what+" "+name, text)
				}
			}
			r.deep(what, member)
		}
	case []any:
		for _, member := range v {
			r.deep(what, member)
		}
	}
}

// devices makes and uses a second factor.
func (r *clearRun) devices(user *Credentials) {
	ctx := r.t.Context()
	made, err := r.admin.CreateVirtualMFADevice(ctx, &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")})
	r.ok(err)
	seed := r.add("seed", string(made.VirtualMFADevice.Base32StringSeed))
	code := func(steps int) *string {
		c, err := totp.GenerateCode(seed, time.Now().Add(time.Duration(30*steps)*time.Second))
		r.ok(err)
		r.add("code", `"`+c+`"`) // six digits alone stand in many a number
		return &c
	}
	_, err = r.admin.EnableMFADevice(ctx, &sdk.EnableMFADeviceInput{UserName: aws.String("Ink"), SerialNumber: made.VirtualMFADevice.SerialNumber, AuthenticationCode1: code(-5), AuthenticationCode2: code(5)})
	r.fails("codes apart", err)
	_, err = r.admin.EnableMFADevice(ctx, &sdk.EnableMFADeviceInput{UserName: aws.String("Ink"), SerialNumber: made.VirtualMFADevice.SerialNumber, AuthenticationCode1: code(-1), AuthenticationCode2: code(0)})
	r.ok(err)
	self := sts.NewFromConfig(root(user, r.url))
	out, err := self.GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: made.VirtualMFADevice.SerialNumber, TokenCode: code(1)})
	r.ok(err)
	r.session("session with a code", out.Credentials)
	_, err = self.GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: made.VirtualMFADevice.SerialNumber, TokenCode: code(7)})
	r.fails("a wrong code", err)
}
