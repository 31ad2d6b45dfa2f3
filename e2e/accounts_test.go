package e2e_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestTwoAccounts: a user of the second account takes a role of the first when
// both the trust policy and their own policy allow it, and not without either.
func TestTwoAccounts(t *testing.T) {
	t.Parallel()
	ctx, w := context.Background(), newWorld(t)
	other, otherRoot := w.account(t, "partner")
	partner, made := user(t, w.url, otherRoot, "partner")
	shop := role(t, w.root, "Shop", trusting(arn("root"))).Role
	take := func() error {
		_, err := partner.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: shop.Arn, RoleSessionName: aws.String("partner")})
		return err
	}
	trust := func(document string) {
		must[*iam.UpdateAssumeRolePolicyOutput](t)(w.root.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
			RoleName: shop.RoleName, PolicyDocument: &document,
		}))
	}
	words := "User: " + *made.User.Arn + " is not authorized to perform: sts:AssumeRole on resource: " + *shop.Arn
	wantRefused(t, "neither side allows", take(), "AccessDenied", words)
	putUserPolicy(t, otherRoot, "partner", mayAssume(*shop.Arn))
	wantRefused(t, "only the user's policy allows", take(), "AccessDenied", words)
	for _, principal := range []string{"arn:aws:iam::" + other + ":root", other, *made.User.Arn} {
		trust(trusting(principal))
		if err := take(); err != nil {
			t.Errorf("trusting %s: %v", principal, err)
		}
	}
	must[*iam.DeleteUserPolicyOutput](t)(otherRoot.IAM.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{
		UserName: aws.String("partner"), PolicyName: aws.String("grants"),
	}))
	wantRefused(t, "only the trust policy allows", take(), "AccessDenied", words)
	putUserPolicy(t, otherRoot, "partner", mayAssume("arn:aws:iam::"+account+":role/Another"))
	wantRefused(t, "the user's policy allows another role", take(), "AccessDenied", words)
	_, err := otherRoot.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: shop.Arn, RoleSessionName: aws.String("partner")})
	wantRefused(t, "the other account's root", err, "AccessDenied", "Roles may not be assumed by root accounts.")
	// What the role does not show, nobody learns from another account.
	_, err = otherRoot.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: shop.RoleName})
	wantRefused(t, "the role by name in the other account", err, "NoSuchEntity", "")
}

// TestMadeAgain: a user or role that is deleted and made again under its name
// gains nothing from old keys, tokens and trusts.
func TestMadeAgain(t *testing.T) {
	t.Parallel()
	ctx, w := context.Background(), newWorld(t)
	alice, made := user(t, w.url, w.root, "alice")
	shop := role(t, w.root, "Shop", trusting(*made.User.Arn)).Role
	inline := func() {
		must[*iam.PutRolePolicyOutput](t)(w.root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: shop.RoleName, PolicyName: aws.String("invoke"), PolicyDocument: aws.String(invokePolicy),
		}))
	}
	inline()
	// The trust names the user, so that no policy of their own is needed.
	old := assume(t, alice, *shop.Arn, "old")
	temporary := must[*sts.GetSessionTokenOutput](t)(alice.STS.GetSessionToken(ctx, &sts.GetSessionTokenInput{})).Credentials
	token := w.as(aws.Credentials{
		AccessKeyID: *temporary.AccessKeyId, SecretAccessKey: *temporary.SecretAccessKey, SessionToken: *temporary.SessionToken,
	})
	must[*sts.GetCallerIdentityOutput](t)(token.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))
	w.gate.passes(t, old, ask{}, sessionARN(*shop.Arn, "old"))

	must[*iam.DeleteAccessKeyOutput](t)(w.root.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &alice.key.AccessKeyID}))
	must[*iam.DeleteUserOutput](t)(w.root.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("alice")}))
	again, remade := user(t, w.url, w.root, "alice")
	if !strings.HasPrefix(*made.User.UserId, "AIDA") || !strings.HasPrefix(*shop.RoleId, "AROA") {
		t.Errorf("unique ids %s and %s", *made.User.UserId, *shop.RoleId)
	}
	if *remade.User.UserId == *made.User.UserId || *remade.User.Arn != *made.User.Arn {
		t.Fatalf("made again: %s %s, before: %s %s", *remade.User.UserId, *remade.User.Arn, *made.User.UserId, *made.User.Arn)
	}
	for what, c := range map[string]clients{"key": alice, "session token": token} {
		_, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		wantRefused(t, "the old user's "+what, err, "InvalidClientTokenId", unknown)
	}
	_, err := again.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: shop.Arn, RoleSessionName: aws.String("new")})
	wantRefused(t, "the new user by the old trust", err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+*shop.Arn)
	wantPrincipal(t, w, "Shop", *made.User.UserId)

	// The role's session outlives the user who took it, not the role.
	w.gate.passes(t, old, ask{}, sessionARN(*shop.Arn, "old"))
	after := role(t, w.root, "After", trusting(*shop.Arn)).Role
	wantPrincipal(t, w, "After", *shop.Arn)
	must[*iam.DeleteRolePolicyOutput](t)(w.root.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: shop.RoleName, PolicyName: aws.String("invoke")}))
	must[*iam.DeleteRoleOutput](t)(w.root.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: shop.RoleName}))
	reborn := role(t, w.root, "Shop", trusting(*remade.User.Arn)).Role
	inline()
	w.gate.refuses(t, "the old role's session", w.gate.signed(t, old, ask{}), "UnrecognizedClientException", unknown)
	_, err = w.as(old).STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	wantRefused(t, "the old role's session", err, "InvalidClientTokenId", unknown)
	wantPrincipal(t, w, "After", *shop.RoleId)
	fresh := assume(t, again, *reborn.Arn, "new")
	w.gate.passes(t, fresh, ask{}, sessionARN(*shop.Arn, "new"))
	_, err = w.as(fresh).STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: after.Arn, RoleSessionName: aws.String("chain")})
	wantRefused(t, "the new role by the old trust", err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+*after.Arn)
}

// wantPrincipal reads whom a role's trust policy names.
func wantPrincipal(t *testing.T, w *world, name, principal string) {
	t.Helper()
	got := must[*iam.GetRoleOutput](t)(w.root.IAM.GetRole(context.Background(), &iam.GetRoleInput{RoleName: &name})).Role.AssumeRolePolicyDocument
	text, err := url.QueryUnescape(*got)
	if err != nil || !strings.Contains(text, `"AWS":"`+principal+`"`) {
		t.Errorf("role %s trusts %s, %v; want %s", name, text, err, principal)
	}
}
