package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// makeMember is makeEntities with user Ink in group Ink.
func makeMember(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	if _, err := root.IAM.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{GroupName: ink, UserName: ink}); err != nil {
		t.Fatalf("AddUserToGroup: %v", err)
	}
}

func getGroup(t *testing.T, root *clients, name string) *iam.GetGroupOutput {
	t.Helper()
	out, err := root.IAM.GetGroup(t.Context(), &iam.GetGroupInput{GroupName: aws.String(name)})
	if err != nil {
		t.Fatalf("GetGroup: %v", err)
	}
	return out
}

func groupsOfInk(t *testing.T, root *clients) []types.Group {
	t.Helper()
	out, err := root.IAM.ListGroupsForUser(t.Context(), &iam.ListGroupsForUserInput{UserName: ink})
	if err != nil {
		t.Fatalf("ListGroupsForUser: %v", err)
	}
	return out.Groups
}

func groupCases() []actionCase {
	return []actionCase{
		{
			action: "CreateGroup",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("Pens"), Path: aws.String("/office/")})
				if err == nil {
					made["id"], made["arn"] = aws.ToString(out.Group.GroupId), aws.ToString(out.Group.Arn)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out := getGroup(t, root, "pens")
				same(t, "id", aws.ToString(out.Group.GroupId), made["id"])
				same(t, "ARN", made["arn"], "arn:aws:iam::"+root.Account+":group/office/Pens")
				same(t, "members", len(out.Users), 0)
			},
			grants: []grant{{"iam:CreateGroup", "arn:aws:iam::«ACCOUNT»:group/office/Pens"}},
		},
		{
			action: "GetGroup", setup: makeMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetGroup(ctx, &iam.GetGroupInput{GroupName: ink})
				if err == nil && len(out.Users) == 1 {
					made["id"], made["member"] = aws.ToString(out.Group.GroupId), aws.ToString(out.Users[0].UserName)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				list := groupsOfInk(t, root)
				same(t, "groups", len(list), 1)
				same(t, "id", made["id"], aws.ToString(list[0].GroupId))
				same(t, "member", made["member"], "Ink")
			},
			grants: []grant{{"iam:GetGroup", inkGroup}},
		},
		{
			action: "ListGroups", setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListGroups(ctx, &iam.ListGroupsInput{PathPrefix: aws.String("/office/")})
				if err == nil && len(out.Groups) == 1 {
					made["arn"] = aws.ToString(out.Groups[0].Arn)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "ARN", made["arn"], aws.ToString(getGroup(t, root, "Ink").Group.Arn))
				out, err := root.IAM.ListGroups(t.Context(), &iam.ListGroupsInput{PathPrefix: aws.String("/desk/")})
				if err != nil || len(out.Groups) != 0 {
					t.Errorf("under another path: %v, %v", out, err)
				}
			},
			grants: []grant{{"iam:ListGroups", "arn:aws:iam::«ACCOUNT»:group/office/"}},
		},
		{
			action: "UpdateGroup", setup: makeMember,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: ink, NewGroupName: aws.String("Pens")})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				out := getGroup(t, root, "Pens")
				same(t, "ARN", aws.ToString(out.Group.Arn), "arn:aws:iam::"+root.Account+":group/office/Pens")
				same(t, "members", len(out.Users), 1)
				same(t, "the member's group", aws.ToString(groupsOfInk(t, root)[0].GroupName), "Pens")
			},
			grants: []grant{{"iam:UpdateGroup", inkGroup}, {"iam:UpdateGroup", "arn:aws:iam::«ACCOUNT»:group/office/Pens"}},
		},
		{
			action: "DeleteGroup", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.IAM.GetGroup(t.Context(), &iam.GetGroupInput{GroupName: ink})
				wantError(t, "the deleted group", err, "NoSuchEntity", "The group with name Ink cannot be found.")
			},
			grants: []grant{{"iam:DeleteGroup", inkGroup}},
		},
		{
			action: "AddUserToGroup", setup: makeEntities,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: ink, UserName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				users := getGroup(t, root, "Ink").Users
				same(t, "members", len(users), 1)
				same(t, "member", aws.ToString(users[0].UserName), "Ink")
				_, err := root.IAM.DeleteGroup(t.Context(), &iam.DeleteGroupInput{GroupName: ink})
				wantError(t, "DeleteGroup", err, "DeleteConflict", "Cannot delete entity, must remove users from group first.")
			},
			grants: []grant{{"iam:AddUserToGroup", inkGroup}},
		},
		{
			action: "RemoveUserFromGroup", setup: makeMember,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: ink, UserName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "members", len(getGroup(t, root, "Ink").Users), 0)
				same(t, "groups", len(groupsOfInk(t, root)), 0)
			},
			grants: []grant{{"iam:RemoveUserFromGroup", inkGroup}},
		},
		{
			action: "ListGroupsForUser", setup: makeMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: ink})
				if err == nil && len(out.Groups) == 1 {
					made["id"] = aws.ToString(out.Groups[0].GroupId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "id", made["id"], aws.ToString(getGroup(t, root, "Ink").Group.GroupId))
			},
			grants: []grant{{"iam:ListGroupsForUser", inkUser}},
			key:    "aws:ResourceTag/team", holds: "blue", other: "red",
		},
	}
}
