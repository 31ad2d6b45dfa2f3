package e2e_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestWorkflowSDK does the whole job with the SDK for Go.
func TestWorkflowSDK(t *testing.T) {
	t.Parallel()
	ctx, w := context.Background(), newWorld(t)
	root := w.root

	// A user with tags and keys.
	name := aws.String("orders-app")
	made := must[*iam.CreateUserOutput](t)(root.IAM.CreateUser(ctx, &iam.CreateUserInput{
		UserName: name, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("orders")}},
	})).User
	read := must[*iam.GetUserOutput](t)(root.IAM.GetUser(ctx, &iam.GetUserInput{UserName: name})).User
	if *read.UserId != *made.UserId || *read.Arn != arn("user/orders-app") || len(read.Tags) != 1 || *read.Tags[0].Value != "orders" {
		t.Errorf("GetUser: %v %v %v", *read.UserId, *read.Arn, read.Tags)
	}
	first, spare := newKey(t, root, *name), newKey(t, root, *name)
	_, err := root.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	wantRefused(t, "third key", err, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	deleted := spare
	must[*iam.DeleteAccessKeyOutput](t)(root.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: &spare.AccessKeyID}))
	spare = newKey(t, root, *name)
	must[*iam.UpdateAccessKeyOutput](t)(root.IAM.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{
		UserName: name, AccessKeyId: &spare.AccessKeyID, Status: types.StatusTypeInactive,
	}))

	// A policy: five versions, one of them the default.
	invoke := must[*iam.CreatePolicyOutput](t)(root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("OrdersInvoke"), PolicyDocument: aws.String(invokePolicy), Description: aws.String("Calls the orders API"),
	})).Policy.Arn
	for range 4 {
		must[*iam.CreatePolicyVersionOutput](t)(root.IAM.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
			PolicyArn: invoke, PolicyDocument: aws.String(verifyPolicy),
		}))
	}
	_, err = root.IAM.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: invoke, PolicyDocument: aws.String(verifyPolicy)})
	wantRefused(t, "sixth version", err, "LimitExceeded", "")
	versions := must[*iam.ListPolicyVersionsOutput](t)(root.IAM.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: invoke})).Versions
	defaults := 0
	for _, v := range versions {
		if v.IsDefaultVersion {
			defaults++
		}
	}
	if len(versions) != 5 || defaults != 1 {
		t.Errorf("%d versions, %d of them the default", len(versions), defaults)
	}
	document := must[*iam.GetPolicyVersionOutput](t)(root.IAM.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: invoke, VersionId: aws.String("v1"),
	})).PolicyVersion.Document
	if text, err := url.QueryUnescape(*document); err != nil || text != invokePolicy {
		t.Errorf("the document reads back as %q, %v", text, err)
	}

	// A role that trusts the account, and the user's right to assume it.
	orders := role(t, root, "OrdersRole", trusting(arn("root"))).Role
	must[*iam.AttachRolePolicyOutput](t)(root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: orders.RoleName, PolicyArn: invoke}))
	must[*iam.PutRolePolicyOutput](t)(root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: orders.RoleName, PolicyName: aws.String("NoSecret"), PolicyDocument: aws.String(denySecret),
	}))
	user := w.as(first)
	take := &sts.AssumeRoleInput{RoleArn: orders.Arn, RoleSessionName: aws.String("one")}
	_, err = user.STS.AssumeRole(ctx, take)
	wantRefused(t, "AssumeRole without a policy", err, "AccessDenied", "because no identity-based policy allows the sts:AssumeRole action")
	putUserPolicy(t, root, *name, mayAssume(*orders.Arn))
	one, two := assume(t, user, *orders.Arn, "one"), assume(t, user, *orders.Arn, "two")
	_, err = root.STS.AssumeRole(ctx, take)
	wantRefused(t, "AssumeRole by root", err, "AccessDenied", "Roles may not be assumed by root accounts.")

	w.gate.passes(t, one, ask{}, sessionARN(*orders.Arn, "one"))
	w.gate.refusals(t, callers{
		user: first, userARN: *made.Arn, role: one, other: two, inactive: spare, deleted: deleted,
		roleSession: sessionARN(*orders.Arn, "one"), otherSession: sessionARN(*orders.Arn, "two"),
	})
	narrow := assume(t, user, *orders.Arn, "narrow", func(in *sts.AssumeRoleInput) { in.Policy = aws.String(denySecret) })
	w.gate.refuses(t, "a session policy that allows nothing", w.gate.signed(t, narrow, ask{}), "AccessDeniedException",
		"because no session policy allows the execute-api:Invoke action")

	// Verification, by a policy for just that.
	check := must[*iam.CreatePolicyOutput](t)(root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("OrdersVerify"), PolicyDocument: aws.String(verifyPolicy),
	})).Policy.Arn
	must[*iam.AttachUserPolicyOutput](t)(root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: check}))
	simulated := must[*iam.SimulatePrincipalPolicyOutput](t)(user.IAM.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: orders.Arn, ActionNames: []string{"execute-api:Invoke"},
		ResourceArns: []string{"arn:aws:execute-api:us-east-1:" + account + ":orders/prod/GET/orders/v0/orders"},
	})).EvaluationResults
	if len(simulated) != 1 || simulated[0].EvalDecision != types.PolicyEvaluationDecisionTypeAllowed {
		t.Errorf("simulated: %v", simulated)
	}
	_, err = user.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name})
	wantRefused(t, "DeleteUser by the user", err, "AccessDenied", "iam:DeleteUser on resource: user orders-app because no identity-based policy allows")
}

// TestExpiredSession moves the server's clock to just before a session's end,
// and to the end.
func TestExpiredSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	user, made := user(t, w.url, w.root, "caller")
	shop := role(t, w.root, "Shop", trusting(*made.User.Arn)).Role
	must[*iam.PutRolePolicyOutput](t)(w.root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: shop.RoleName, PolicyName: aws.String("invoke"), PolicyDocument: aws.String(invokePolicy),
	}))
	cred := assume(t, user, *shop.Arn, "short", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(900) })
	w.ahead.Store(int64(14 * time.Minute))
	w.gate.passes(t, cred, ask{at: w.now()}, sessionARN(*shop.Arn, "short"))
	w.ahead.Store(int64(15*time.Minute + time.Second))
	w.gate.refuses(t, "expired session", w.gate.signed(t, cred, ask{at: w.now()}), "ExpiredTokenException",
		"The security token included in the request is expired")
	w.ahead.Store(int64(14 * time.Minute)) // still within what IAM and STS allow a clock
	_, err := w.as(cred).STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Error(err)
	}
	w.ahead.Store(int64(15*time.Minute + time.Second))
	w.gate.refuses(t, "an old signature", w.gate.signed(t, cred, ask{}), "InvalidSignatureException", "Signature expired: ")
}
