package api_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// makePasswordPolicy asks for everything that a policy can ask for.
func makePasswordPolicy(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	if _, err := root.IAM.UpdateAccountPasswordPolicy(t.Context(), wholePasswordPolicy()); err != nil {
		t.Fatal(err)
	}
}

func wholePasswordPolicy() *iam.UpdateAccountPasswordPolicyInput {
	return &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: aws.Int32(14), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
		AllowUsersToChangePassword: true, MaxPasswordAge: aws.Int32(90), PasswordReusePrevention: aws.Int32(5), HardExpiry: aws.Bool(true),
	}
}

const wholePolicyText = "14 true true true true true true age 90 reuse 5 hard true"

func policyText(p *types.PasswordPolicy) string {
	text := fmt.Sprint(aws.ToInt32(p.MinimumPasswordLength), p.RequireSymbols, p.RequireNumbers, p.RequireUppercaseCharacters, p.RequireLowercaseCharacters,
		p.AllowUsersToChangePassword, p.ExpirePasswords)
	if p.MaxPasswordAge != nil {
		text += fmt.Sprintf(" age %d", *p.MaxPasswordAge)
	}
	if p.PasswordReusePrevention != nil {
		text += fmt.Sprintf(" reuse %d", *p.PasswordReusePrevention)
	}
	if p.HardExpiry != nil {
		text += fmt.Sprintf(" hard %t", *p.HardExpiry)
	}
	return text
}

func passwordPolicyOf(t *testing.T, root *clients) string {
	t.Helper()
	out, err := root.IAM.GetAccountPasswordPolicy(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return policyText(out.PasswordPolicy)
}

func noPasswordPolicy(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	_, err := root.IAM.GetAccountPasswordPolicy(t.Context(), nil)
	wantError(t, "no policy", err, "NoSuchEntity", "The Password Policy with domain name "+root.Account+" cannot be found.")
}

func passwordPolicyCases() []actionCase {
	return []actionCase{
		{
			action: "UpdateAccountPasswordPolicy", setup: noPasswordPolicy,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateAccountPasswordPolicy(ctx, wholePasswordPolicy())
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "the policy", passwordPolicyOf(t, root), wholePolicyText)
				if _, err := root.IAM.UpdateAccountPasswordPolicy(t.Context(), &iam.UpdateAccountPasswordPolicyInput{RequireNumbers: true}); err != nil {
					t.Fatal(err)
				}
				same(t, "the next one", passwordPolicyOf(t, root), "6 false true false false false false")
			},
			grants: []grant{{"iam:UpdateAccountPasswordPolicy", "*"}},
		},
		{
			action: "GetAccountPasswordPolicy",
			setup: func(t *testing.T, root *clients, _ map[string]string) {
				if _, err := root.IAM.UpdateAccountPasswordPolicy(t.Context(), &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(1)}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetAccountPasswordPolicy(ctx, nil)
				if err == nil {
					made["policy"] = policyText(out.PasswordPolicy)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the policy", made["policy"], "6 false false false false false true age 1")
			},
			grants: []grant{{"iam:GetAccountPasswordPolicy", "*"}},
		},
		{
			action: "DeleteAccountPasswordPolicy", setup: makePasswordPolicy,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteAccountPasswordPolicy(ctx, nil)
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				noPasswordPolicy(t, root, made)
				_, err := root.IAM.DeleteAccountPasswordPolicy(t.Context(), nil)
				wantError(t, "deleted twice", err, "NoSuchEntity", "The Password Policy with domain name "+root.Account+" cannot be found.")
			},
			grants: []grant{{"iam:DeleteAccountPasswordPolicy", "*"}},
		},
	}
}

// TestUsersChangeTheirPasswords: a password policy may let every user do so,
// without a policy of their own; a Deny and a boundary are stronger.
func TestUsersChangeTheirPasswords(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	change := func(c *clients, from, to string) error {
		_, err := c.IAM.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: aws.String(from), NewPassword: aws.String(to)})
		return err
	}
	start := func(statements ...statement) (root, caller *clients) {
		root = w.account(t)
		makePasswordPolicy(t, root, nil)
		caller = w.caller(t, root, statements...)
		makeLogin(t, root, "caller")
		return root, caller
	}
	root, caller := start()
	if err := change(caller, firstPassword, secondPassword); err != nil {
		t.Error(err)
	}
	if _, err := caller.IAM.GetAccountPasswordPolicy(ctx, nil); err != nil {
		t.Error(err)
	}
	_, err := caller.IAM.DeleteAccountPasswordPolicy(ctx, nil)
	wantError(t, "another action", err, "AccessDenied", "is not authorized to perform: iam:DeleteAccountPasswordPolicy")
	if _, err := root.IAM.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
		UserName: aws.String("caller"), PermissionsBoundary: aws.String(boundaryARN),
	}); err != nil {
		t.Fatal(err)
	}
	wantError(t, "beyond the boundary", change(caller, secondPassword, firstPassword), "AccessDenied", "no permissions boundary allows the iam:ChangePassword action")

	_, caller = start(statement{Effect: "Deny", Action: "iam:ChangePassword", Resource: "*"})
	wantError(t, "denied", change(caller, firstPassword, secondPassword), "AccessDenied", "with an explicit deny in an identity-based policy")

	root, caller = start()
	if _, err := root.IAM.DeleteAccountPasswordPolicy(ctx, nil); err != nil {
		t.Fatal(err)
	}
	wantError(t, "without a policy", change(caller, firstPassword, secondPassword), "AccessDenied", "no identity-based policy allows the iam:ChangePassword action")
}
