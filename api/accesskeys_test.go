package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// makeKey is makeEntities with an access key of user Ink.
func makeKey(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	out, err := root.IAM.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: ink})
	if err != nil {
		t.Fatalf("CreateAccessKey: %v", err)
	}
	made["key"] = aws.ToString(out.AccessKey.AccessKeyId)
}

func keysOf(t *testing.T, c *clients, user *string) []types.AccessKeyMetadata {
	t.Helper()
	out, err := c.IAM.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: user})
	if err != nil {
		t.Fatalf("ListAccessKeys: %v", err)
	}
	return out.AccessKeyMetadata
}

func accessKeyCases() []actionCase {
	const self = "arn:aws:iam::«ACCOUNT»:user/caller"
	blue := "aws:ResourceTag/team"
	return []actionCase{
		{
			action: "CreateAccessKey", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: ink})
				if err == nil {
					made["key"], made["user"] = aws.ToString(out.AccessKey.AccessKeyId), aws.ToString(out.AccessKey.UserName)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				keys := keysOf(t, root, ink)
				same(t, "keys", len(keys), 1)
				same(t, "key", aws.ToString(keys[0].AccessKeyId), made["key"])
				same(t, "status", keys[0].Status, types.StatusTypeActive)
				same(t, "user", made["user"], "Ink")
			},
			grants: []grant{{"iam:CreateAccessKey", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "CreateAccessKey", // for the caller itself
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.CreateAccessKey(ctx, nil)
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "keys", len(keysOf(t, root, aws.String("caller"))), 2)
			},
			grants: []grant{{"iam:CreateAccessKey", self}},
		},
		{
			action: "ListAccessKeys", setup: makeKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: ink})
				if err == nil && len(out.AccessKeyMetadata) == 1 {
					made["listed"] = aws.ToString(out.AccessKeyMetadata[0].AccessKeyId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "key", made["listed"], made["key"])
				out, err := root.IAM.GetAccessKeyLastUsed(t.Context(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String(made["listed"])})
				if err != nil || aws.ToString(out.UserName) != "Ink" {
					t.Errorf("GetAccessKeyLastUsed: %v, %v", out, err)
				}
			},
			grants: []grant{{"iam:ListAccessKeys", inkUser}}, key: "iam:ResourceTag/team", holds: "blue", other: "red",
		},
		{
			action: "UpdateAccessKey", setup: makeKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: ink, AccessKeyId: aws.String(made["key"]), Status: types.StatusTypeInactive})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "status", keysOf(t, root, ink)[0].Status, types.StatusTypeInactive)
			},
			grants: []grant{{"iam:UpdateAccessKey", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "DeleteAccessKey", setup: makeKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: ink, AccessKeyId: aws.String(made["key"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "keys", len(keysOf(t, root, ink)), 0)
				_, err := root.IAM.GetAccessKeyLastUsed(t.Context(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String(made["key"])})
				wantError(t, "the deleted key", err, "NoSuchEntity", "The Access Key with id "+made["key"]+" cannot be found.")
			},
			grants: []grant{{"iam:DeleteAccessKey", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "GetAccessKeyLastUsed", setup: makeKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String(made["key"])})
				if err == nil {
					last := out.AccessKeyLastUsed
					made["user"], made["service"], made["region"] = aws.ToString(out.UserName), aws.ToString(last.ServiceName), aws.ToString(last.Region)
					if last.LastUsedDate != nil {
						made["at"] = last.LastUsedDate.String()
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "user", made["user"], aws.ToString(keysOf(t, root, ink)[0].UserName))
				same(t, "service", made["service"], "N/A")
				same(t, "region", made["region"], "N/A")
				same(t, "date", made["at"], "")
			},
			grants: []grant{{"iam:GetAccessKeyLastUsed", inkUser}}, key: blue, holds: "blue", other: "red",
		},
	}
}

// TestKeysOfTheCaller: without a user's name root means root, a user itself,
// and a role session nobody.
func TestKeysOfTheCaller(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root := w.account(t)
	same(t, "root's keys", len(keysOf(t, root, nil)), 1)
	own, err := root.IAM.CreateAccessKey(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = root.IAM.CreateAccessKey(ctx, nil)
	wantError(t, "a third key of root", err, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	second := w.as(root.Account, *own.AccessKey.AccessKeyId, *own.AccessKey.SecretAccessKey, "")
	me, err := second.IAM.GetUser(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "root's ARN", aws.ToString(me.User.Arn), "arn:aws:iam::"+root.Account+":root")
	same(t, "root's id", aws.ToString(me.User.UserId), root.Account)
	if me.User.UserName != nil || me.User.Path != nil {
		t.Errorf("root has a name: %+v", me.User)
	}
	off := &iam.UpdateAccessKeyInput{AccessKeyId: own.AccessKey.AccessKeyId, Status: types.StatusTypeInactive}
	if _, err := root.IAM.UpdateAccessKey(ctx, off); err != nil {
		t.Fatal(err)
	}
	_, err = second.IAM.GetUser(ctx, nil)
	wantError(t, "a key that is off", err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	if _, err := root.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: own.AccessKey.AccessKeyId}); err != nil {
		t.Fatal(err)
	}
	same(t, "root's keys", len(keysOf(t, root, nil)), 1)

	user := w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})
	theirs := keysOf(t, user, nil)
	same(t, "the user's keys", len(theirs), 1)
	same(t, "the user", aws.ToString(theirs[0].UserName), "caller")
	rootKey := keysOf(t, root, nil)[0].AccessKeyId
	_, err = user.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: rootKey})
	wantError(t, "root's key by a user", err, "NoSuchEntity", "The Access Key with id "+*rootKey+" cannot be found.")

	role := makeRole(t, root, "porter", trusting(root.Account))
	out, err := assume(user, role, "keys")
	if err != nil {
		t.Fatal(err)
	}
	session := w.session(root.Account, out.Credentials)
	const nobody = "Must specify userName when calling with non-User credentials"
	_, err = session.IAM.GetUser(ctx, nil)
	wantError(t, "GetUser", err, "ValidationError", nobody)
	_, err = session.IAM.CreateAccessKey(ctx, nil)
	wantError(t, "CreateAccessKey", err, "ValidationError", nobody)
	_, err = session.IAM.ListAccessKeys(ctx, nil)
	wantError(t, "ListAccessKeys", err, "ValidationError", nobody)
}
