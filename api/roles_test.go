package api_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// oddTrust has white space and signs that only an exact encoding brings back.
const oddTrust = `{ "Version": "2012-10-17",` + "\r\n\t" + `"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
  "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:SourceArn": "arn%3Aaws+é %"}}} }` + "\n"

func getRole(t *testing.T, root *clients, name string) *types.Role {
	t.Helper()
	out, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(name)})
	if err != nil {
		t.Fatalf("GetRole: %v", err)
	}
	return out.Role
}

func roleTags(t *testing.T, root *clients) string {
	t.Helper()
	out, err := root.IAM.ListRoleTags(t.Context(), &iam.ListRoleTagsInput{RoleName: ink})
	if err != nil {
		t.Fatalf("ListRoleTags: %v", err)
	}
	return tagText(out.Tags)
}

// roleText writes what an answer tells of a role, and what it leaves out.
func roleText(r *types.Role) string {
	text := fmt.Sprint(aws.ToString(r.RoleId), " ", tagText(r.Tags), " ", boundaryOf(r.PermissionsBoundary), " ", aws.ToString(r.Description))
	if r.MaxSessionDuration != nil {
		text += fmt.Sprint(" max ", *r.MaxSessionDuration)
	}
	if r.RoleLastUsed != nil {
		text += fmt.Sprint(" used ", r.RoleLastUsed.LastUsedDate, aws.ToString(r.RoleLastUsed.Region))
	}
	return text
}

func roleCases() []actionCase {
	const newRole = "arn:aws:iam::«ACCOUNT»:role/office/Pen"
	onBoundary := func(c actionCase) actionCase {
		c.key, c.holds, c.other = "iam:PermissionsBoundary", boundaryARN, adminARN
		return c
	}
	create := func(tags ...types.Tag) func(context.Context, *clients, map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.CreateRole(ctx, &iam.CreateRoleInput{
				RoleName: aws.String("Pen"), Path: aws.String("/office/"), AssumeRolePolicyDocument: aws.String(oddTrust),
				MaxSessionDuration: aws.Int32(7200), Description: aws.String("writes"), PermissionsBoundary: aws.String(boundaryARN), Tags: tags,
			})
			if err == nil {
				made["role"], made["trust"] = roleText(out.Role), aws.ToString(out.Role.AssumeRolePolicyDocument)
			}
			return err
		}
	}
	created := func(t *testing.T, root *clients, made map[string]string) {
		r := getRole(t, root, "pen")
		same(t, "role", roleText(r), made["role"]+" max 7200 used <nil>")
		same(t, "ARN", aws.ToString(r.Arn), "arn:aws:iam::"+root.Account+":role/office/Pen")
		same(t, "trust policy", unescaped(t, r.AssumeRolePolicyDocument), oddTrust)
		same(t, "trust policy answered", made["trust"], aws.ToString(r.AssumeRolePolicyDocument))
	}
	return []actionCase{
		onBoundary(actionCase{
			action: "CreateRole", call: create(), effect: created, grants: []grant{{"iam:CreateRole", newRole}},
		}),
		{
			action: "CreateRole", call: create(tag("team", "red")), effect: created,
			grants: []grant{{"iam:CreateRole", newRole}, {"iam:TagRole", newRole}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue",
		},
		onBoundary(actionCase{
			action: "GetRole", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: ink})
				if err == nil {
					made["role"] = roleText(out.Role)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.IAM.ListRoles(t.Context(), &iam.ListRolesInput{PathPrefix: aws.String("/office/")})
				if err != nil || len(out.Roles) != 1 {
					t.Fatalf("ListRoles: %v, %v", out, err)
				}
				id := aws.ToString(out.Roles[0].RoleId)
				same(t, "role", made["role"], id+" team=blue Policy "+boundaryARN+"  max 3600 used <nil>")
				same(t, "role listed", roleText(&out.Roles[0]), id+"    max 3600")
			},
			grants: []grant{{"iam:GetRole", inkRole}},
		}),
		{
			action: "ListRoles", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListRoles(ctx, nil)
				if err == nil && len(out.Roles) == 1 {
					made["arn"], made["trust"] = aws.ToString(out.Roles[0].Arn), aws.ToString(out.Roles[0].AssumeRolePolicyDocument)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "ARN", made["arn"], aws.ToString(getRole(t, root, "Ink").Arn))
				same(t, "trust policy", unescaped(t, aws.String(made["trust"])), trustText)
			},
			grants: []grant{{"iam:ListRoles", "arn:aws:iam::«ACCOUNT»:role/"}},
		},
		onBoundary(actionCase{
			action: "UpdateRole", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: ink, Description: aws.String("new"), MaxSessionDuration: aws.Int32(43200)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				r := getRole(t, root, "Ink")
				same(t, "description", aws.ToString(r.Description), "new")
				same(t, "longest session", aws.ToInt32(r.MaxSessionDuration), 43200)
			},
			grants: []grant{{"iam:UpdateRole", inkRole}},
		}),
		onBoundary(actionCase{
			action: "UpdateRoleDescription", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.UpdateRoleDescription(ctx, &iam.UpdateRoleDescriptionInput{RoleName: ink, Description: aws.String("new")})
				if err == nil {
					made["answered"] = aws.ToString(out.Role.Description) + " " + fmt.Sprint(aws.ToInt32(out.Role.MaxSessionDuration))
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "description", aws.ToString(getRole(t, root, "Ink").Description), "new")
				same(t, "description answered, without the longest session", made["answered"], "new 0")
			},
			grants: []grant{{"iam:UpdateRoleDescription", inkRole}},
		}),
		onBoundary(actionCase{
			action: "UpdateAssumeRolePolicy", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: ink, PolicyDocument: aws.String(oddTrust)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "trust policy", unescaped(t, getRole(t, root, "Ink").AssumeRolePolicyDocument), oddTrust)
			},
			grants: []grant{{"iam:UpdateAssumeRolePolicy", inkRole}},
		}),
		onBoundary(actionCase{
			action: "DeleteRole", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: ink})
				wantError(t, "the deleted role", err, "NoSuchEntity", "The role with name Ink cannot be found.")
			},
			grants: []grant{{"iam:DeleteRole", inkRole}},
		}),
		{
			action: "TagRole", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.TagRole(ctx, &iam.TagRoleInput{RoleName: ink, Tags: []types.Tag{tag("TEAM", "red")}})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) { same(t, "tags", roleTags(t, root), "TEAM=red") },
			grants: []grant{{"iam:TagRole", inkRole}}, key: "aws:RequestTag/team", holds: "red", other: "blue",
		},
		{
			action: "UntagRole", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: ink, TagKeys: []string{"Team", "other"}})
				return err
			},
			effect:  func(t *testing.T, root *clients, _ map[string]string) { same(t, "tags", roleTags(t, root), "") },
			tagKeys: "Team", grants: []grant{{"iam:UntagRole", inkRole}}, key: "iam:ResourceTag/team", holds: "blue", other: "red",
		},
		{
			action: "ListRoleTags", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: ink})
				if err == nil {
					made["tags"] = tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", made["tags"], tagText(getRole(t, root, "Ink").Tags))
			},
			grants: []grant{{"iam:ListRoleTags", inkRole}}, key: "aws:ResourceTag/team", holds: "blue", other: "red",
		},
		{
			action: "PutRolePermissionsBoundary", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: ink, PermissionsBoundary: aws.String(adminARN)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "boundary", boundaryOf(getRole(t, root, "Ink").PermissionsBoundary), "Policy "+adminARN)
			},
			grants: []grant{{"iam:PutRolePermissionsBoundary", inkRole}},
			key:    "iam:PermissionsBoundary", holds: adminARN, other: boundaryARN,
		},
		onBoundary(actionCase{
			action: "DeleteRolePermissionsBoundary", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "boundary", boundaryOf(getRole(t, root, "Ink").PermissionsBoundary), "")
			},
			grants: []grant{{"iam:DeleteRolePermissionsBoundary", inkRole}},
		}),
	}
}

// TestTrustAcrossAccounts: a principal of another account of this server is
// known by who it is; recreated under its name, it is somebody else.
func TestTrustAcrossAccounts(t *testing.T) {
	w := newWorld(t)
	here, there := w.account(t), w.account(t)
	ctx := t.Context()
	caller := w.caller(t, there, statement{Effect: "Allow", Action: "sts:AssumeRole", Resource: "*"})
	arn := "arn:aws:iam::" + there.Account + ":user/caller"
	role := makeRole(t, here, "open", trusting(arn))
	if _, err := assume(caller, role, "trusted"); err != nil {
		t.Errorf("the trusted user: %v", err)
	}
	_, err := here.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trusting(arn + "x"))})
	wantError(t, "nobody there", err, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"`+arn+`x"`)

	id := aws.ToString(getUser(t, there, "caller").UserId)
	if _, err := there.IAM.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("caller"), NewUserName: aws.String("moved")}); err != nil {
		t.Fatal(err)
	}
	same(t, "trust policy of the renamed", unescaped(t, getRole(t, here, "open").AssumeRolePolicyDocument), trusting("arn:aws:iam::"+there.Account+":user/moved"))
	if _, err := assume(caller, role, "trusted"); err != nil {
		t.Errorf("the renamed user: %v", err)
	}
	second := w.caller(t, there, statement{Effect: "Allow", Action: "sts:AssumeRole", Resource: "*"})
	_, err = assume(second, role, "trusted")
	wantError(t, "another user of the name", err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+role)

	keys, err := there.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("moved")})
	if err != nil {
		t.Fatal(err)
	}
	moved := aws.String("moved")
	for _, gone := range []error{
		func() error {
			_, err := there.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: moved, AccessKeyId: keys.AccessKeyMetadata[0].AccessKeyId})
			return err
		}(),
		func() error {
			_, err := there.IAM.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: moved, PolicyName: aws.String("grants")})
			return err
		}(),
		func() error { _, err := there.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: moved}); return err }(),
	} {
		if gone != nil {
			t.Fatal(gone)
		}
	}
	same(t, "trust policy of the deleted", unescaped(t, getRole(t, here, "open").AssumeRolePolicyDocument), trusting(id))
}
