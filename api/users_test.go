package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// ink is the name of the entities that makeEntities makes.
var ink = aws.String("Ink")

func tag(key, value string) types.Tag {
	return types.Tag{Key: aws.String(key), Value: aws.String(value)}
}

// tagText writes tags in one line.
func tagText(tags []types.Tag) string {
	var list []string
	for _, t := range tags {
		list = append(list, aws.ToString(t.Key)+"="+aws.ToString(t.Value))
	}
	return strings.Join(list, " ")
}

func getUser(t *testing.T, root *clients, name string) *types.User {
	t.Helper()
	out, err := root.IAM.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String(name)})
	if err != nil {
		t.Fatalf("GetUser: %v", err)
	}
	return out.User
}

func userTags(t *testing.T, root *clients) string {
	t.Helper()
	out, err := root.IAM.ListUserTags(t.Context(), &iam.ListUserTagsInput{UserName: ink})
	if err != nil {
		t.Fatalf("ListUserTags: %v", err)
	}
	return tagText(out.Tags)
}

// boundaryOf is the ARN of a boundary, or nothing.
func boundaryOf(b *types.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return string(b.PermissionsBoundaryType) + " " + aws.ToString(b.PermissionsBoundaryArn)
}

func userCases() []actionCase {
	const newUser = "arn:aws:iam::«ACCOUNT»:user/office/Pen"
	blue := "aws:ResourceTag/team"
	create := func(tags ...types.Tag) func(context.Context, *clients, map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.CreateUser(ctx, &iam.CreateUserInput{
				UserName: aws.String("Pen"), Path: aws.String("/office/"), PermissionsBoundary: aws.String(boundaryARN), Tags: tags,
			})
			if err == nil {
				made["id"], made["tags"], made["boundary"] = aws.ToString(out.User.UserId), tagText(out.User.Tags), boundaryOf(out.User.PermissionsBoundary)
			}
			return err
		}
	}
	created := func(t *testing.T, root *clients, made map[string]string) {
		u := getUser(t, root, "pen")
		same(t, "ARN", aws.ToString(u.Arn), "arn:aws:iam::"+root.Account+":user/office/Pen")
		same(t, "id", aws.ToString(u.UserId), made["id"])
		same(t, "tags", tagText(u.Tags), made["tags"])
		same(t, "boundary", boundaryOf(u.PermissionsBoundary), "Policy "+boundaryARN)
		same(t, "boundary answered", made["boundary"], "Policy "+boundaryARN)
	}
	return []actionCase{
		{
			action: "CreateUser", call: create(), effect: created,
			grants: []grant{{"iam:CreateUser", newUser}},
			key:    "iam:PermissionsBoundary", holds: boundaryARN, other: "arn:aws:iam::aws:policy/AdministratorAccess",
		},
		{
			action: "CreateUser", call: create(tag("team", "red")), effect: created,
			grants: []grant{{"iam:CreateUser", newUser}, {"iam:TagUser", newUser}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue",
		},
		{
			action: "GetUser", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetUser(ctx, &iam.GetUserInput{UserName: ink})
				if err == nil {
					made["got"] = aws.ToString(out.User.UserId) + tagText(out.User.Tags) + boundaryOf(out.User.PermissionsBoundary)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.IAM.ListUsers(t.Context(), &iam.ListUsersInput{PathPrefix: aws.String("/office/")})
				if err != nil || len(out.Users) != 1 {
					t.Fatalf("ListUsers: %v, %v", out, err)
				}
				same(t, "user", made["got"], aws.ToString(out.Users[0].UserId)+"team=blue"+"Policy "+boundaryARN)
			},
			grants: []grant{{"iam:GetUser", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "GetUser",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetUser(ctx, nil)
				if err == nil {
					made["id"] = aws.ToString(out.User.UserId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the caller", made["id"], aws.ToString(getUser(t, root, "caller").UserId))
			},
			grants: []grant{{"iam:GetUser", "arn:aws:iam::«ACCOUNT»:user/caller"}},
		},
		{
			action: "ListUsers", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				first, err := c.IAM.ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(1)})
				if err != nil {
					return err
				}
				rest, err := c.IAM.ListUsers(ctx, &iam.ListUsersInput{Marker: first.Marker})
				if err == nil && first.IsTruncated && !rest.IsTruncated && len(first.Users) == 1 && len(rest.Users) == 1 {
					made["first"], made["second"] = aws.ToString(first.Users[0].Arn), aws.ToString(rest.Users[0].Arn)
					made["extras"] = tagText(rest.Users[0].Tags) + boundaryOf(rest.Users[0].PermissionsBoundary)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "first", made["first"], aws.ToString(getUser(t, root, "caller").Arn))
				same(t, "second", made["second"], aws.ToString(getUser(t, root, "Ink").Arn))
				same(t, "tags and boundary", made["extras"], "")
			},
			grants: []grant{{"iam:ListUsers", "arn:aws:iam::«ACCOUNT»:user/"}},
		},
		{
			action: "UpdateUser",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				makeEntities(t, root, made)
				made["id"] = aws.ToString(getUser(t, root, "Ink").UserId)
			},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateUser(ctx, &iam.UpdateUserInput{UserName: ink, NewUserName: aws.String("Pen"), NewPath: aws.String("/desk/")})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				u := getUser(t, root, "Pen")
				same(t, "ARN", aws.ToString(u.Arn), "arn:aws:iam::"+root.Account+":user/desk/Pen")
				same(t, "id", aws.ToString(u.UserId), made["id"])
				_, err := root.IAM.GetUser(t.Context(), &iam.GetUserInput{UserName: ink})
				wantError(t, "the old name", err, "NoSuchEntity", "The user with name Ink cannot be found.")
			},
			grants: []grant{{"iam:UpdateUser", inkUser}, {"iam:UpdateUser", "arn:aws:iam::«ACCOUNT»:user/desk/Pen"}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "DeleteUser", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.IAM.GetUser(t.Context(), &iam.GetUserInput{UserName: ink})
				wantError(t, "the deleted user", err, "NoSuchEntity", "The user with name Ink cannot be found.")
			},
			grants: []grant{{"iam:DeleteUser", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "TagUser", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.TagUser(ctx, &iam.TagUserInput{UserName: ink, Tags: []types.Tag{tag("Team", "red"), tag("cost", "")}})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "tags", userTags(t, root), "cost= Team=red")
			},
			grants: []grant{{"iam:TagUser", inkUser}}, key: "aws:RequestTag/team", holds: "red", other: "blue",
		},
		{
			action: "UntagUser", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UntagUser(ctx, &iam.UntagUserInput{UserName: ink, TagKeys: []string{"TEAM"}})
				return err
			},
			effect:  func(t *testing.T, root *clients, _ map[string]string) { same(t, "tags", userTags(t, root), "") },
			tagKeys: "TEAM", grants: []grant{{"iam:UntagUser", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListUserTags", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: ink})
				if err == nil {
					made["tags"] = tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", made["tags"], tagText(getUser(t, root, "Ink").Tags))
				same(t, "tags", made["tags"], "team=blue")
			},
			grants: []grant{{"iam:ListUserTags", inkUser}}, key: "iam:ResourceTag/team", holds: "blue", other: "red",
		},
		{
			action: "PutUserPermissionsBoundary", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: ink, PermissionsBoundary: aws.String(adminARN)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "boundary", boundaryOf(getUser(t, root, "Ink").PermissionsBoundary), "Policy "+adminARN)
			},
			grants: []grant{{"iam:PutUserPermissionsBoundary", inkUser}},
			key:    "iam:PermissionsBoundary", holds: adminARN, other: boundaryARN,
		},
		{
			action: "DeleteUserPermissionsBoundary", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "boundary", boundaryOf(getUser(t, root, "Ink").PermissionsBoundary), "")
			},
			grants: []grant{{"iam:DeleteUserPermissionsBoundary", inkUser}},
			key:    "iam:PermissionsBoundary", holds: boundaryARN, other: adminARN,
		},
	}
}

const adminARN = "arn:aws:iam::aws:policy/AdministratorAccess"

// TestDenialsNameTheirResource: AWS's words for what was asked for, and no
// more told of what exists than of what doesn't.
func TestDenialsNameTheirResource(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	makeEntities(t, root, nil)
	c, ctx := w.caller(t, root), t.Context()
	arn := "arn:aws:iam::" + root.Account + ":"
	none := aws.String("None")
	for action, call := range map[string]struct {
		run  func() error
		want string
	}{
		"CreateUser": {func() error { _, err := c.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: ink}); return err }, arn + "user/Ink"},
		"CreateGroup": {func() error {
			_, err := c.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: none, Path: aws.String("/x/")})
			return err
		}, arn + "group/x/None"},
		"CreateRole": {func() error {
			_, err := c.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: none, AssumeRolePolicyDocument: aws.String(trustText)})
			return err
		}, arn + "role/None"},
		"GetUser":    {func() error { _, err := c.IAM.GetUser(ctx, &iam.GetUserInput{UserName: none}); return err }, "user None"},
		"DeleteUser": {func() error { _, err := c.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: ink}); return err }, "user Ink"},
		"GetGroup":   {func() error { _, err := c.IAM.GetGroup(ctx, &iam.GetGroupInput{GroupName: none}); return err }, "group None"},
		"AddUserToGroup": {func() error {
			_, err := c.IAM.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: ink, UserName: none})
			return err
		}, "group Ink"},
		"GetRole":        {func() error { _, err := c.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: none}); return err }, "role None"},
		"ListAccessKeys": {func() error { _, err := c.IAM.ListAccessKeys(ctx, nil); return err }, "user caller"},
		"GetAccessKeyLastUsed": {func() error {
			_, err := c.IAM.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE")})
			return err
		}, "access key AKIAIOSFODNN7EXAMPLE"},
		"ListUsers":  {func() error { _, err := c.IAM.ListUsers(ctx, nil); return err }, arn + "user/"},
		"ListGroups": {func() error { _, err := c.IAM.ListGroups(ctx, nil); return err }, arn + "group/"},
		"ListRoles": {func() error {
			_, err := c.IAM.ListRoles(ctx, &iam.ListRolesInput{PathPrefix: aws.String("/x/")})
			return err
		}, arn + "role/x/"},
	} {
		wantError(t, action, call.run(), "AccessDenied", "User: "+arn+"user/caller is not authorized to perform: iam:"+action+
			" on resource: "+call.want+" because no identity-based policy allows the iam:"+action+" action")
	}
}
