package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	autoScaling     = "autoscaling.amazonaws.com"
	autoScalingRole = "AWSServiceRoleForAutoScaling_debug"
	autoScalingARN  = "arn:aws:iam::«ACCOUNT»:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_debug"
)

func createServiceLinkedRole(ctx context.Context, c *clients) (*types.Role, error) {
	out, err := c.IAM.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{
		AWSServiceName: aws.String(autoScaling), CustomSuffix: aws.String("debug"), Description: aws.String("scales"),
	})
	if err != nil {
		return nil, err
	}
	return out.Role, nil
}

// makeServiceLinkedRole makes the role, tagged team=blue.
func makeServiceLinkedRole(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	if _, err := createServiceLinkedRole(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	if _, err := root.IAM.TagRole(t.Context(), &iam.TagRoleInput{RoleName: aws.String(autoScalingRole), Tags: []types.Tag{tag("team", "blue")}}); err != nil {
		t.Fatal(err)
	}
}

func deleteServiceLinkedRole(ctx context.Context, c *clients, name string) (string, error) {
	out, err := c.IAM.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: aws.String(name)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.DeletionTaskId), nil
}

func deletionStatus(ctx context.Context, c *clients, task string) (*iam.GetServiceLinkedRoleDeletionStatusOutput, error) {
	return c.IAM.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: aws.String(task)})
}

func serviceLinkedRoleCases() []actionCase {
	return []actionCase{
		{
			action: "CreateServiceLinkedRole",
			grants: []grant{{"iam:CreateServiceLinkedRole", autoScalingARN}},
			key:    "iam:AWSServiceName", holds: autoScaling, other: "ecs.amazonaws.com",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				r, err := createServiceLinkedRole(ctx, c)
				if err == nil {
					made["role"], made["trust"] = roleText(r), aws.ToString(r.AssumeRolePolicyDocument)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				r := getRole(t, root, autoScalingRole)
				same(t, "ARN", aws.ToString(r.Arn), strings.ReplaceAll(autoScalingARN, "«ACCOUNT»", root.Account))
				same(t, "role answered", made["role"], aws.ToString(r.RoleId)+"   ")
				same(t, "role", roleText(r), aws.ToString(r.RoleId)+"   scales max 3600 used <nil>")
				same(t, "trust policy answered", unescaped(t, aws.String(made["trust"])),
					`{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["autoscaling.amazonaws.com"]}}]}`)
				same(t, "trust policy", unescaped(t, r.AssumeRolePolicyDocument),
					`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"autoscaling.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
				out, err := root.IAM.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(autoScalingRole)})
				if err != nil || len(out.AttachedPolicies) != 1 {
					t.Fatalf("ListAttachedRolePolicies: %v, %v", out, err)
				}
				same(t, "policy", aws.ToString(out.AttachedPolicies[0].PolicyArn), "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy")
			},
		},
		{
			action: "DeleteServiceLinkedRole", setup: makeServiceLinkedRole,
			grants: []grant{{"iam:DeleteServiceLinkedRole", autoScalingARN}},
			key:    "iam:ResourceTag/team", holds: "blue", other: "red",
			call: func(ctx context.Context, c *clients, made map[string]string) (err error) {
				made["task"], err = deleteServiceLinkedRole(ctx, c, autoScalingRole)
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				prefix := "task/aws-service-role/autoscaling.amazonaws.com/" + autoScalingRole + "/"
				if !strings.HasPrefix(made["task"], prefix) || len(made["task"]) != len(prefix)+36 {
					t.Errorf("task %s", made["task"])
				}
				_, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(autoScalingRole)})
				wantError(t, "the deleted role", err, "NoSuchEntity", "The role with name "+autoScalingRole+" cannot be found.")
			},
		},
		{
			action: "GetServiceLinkedRoleDeletionStatus",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				makeServiceLinkedRole(t, root, made)
				task, err := deleteServiceLinkedRole(t.Context(), root, autoScalingRole)
				if err != nil {
					t.Fatal(err)
				}
				made["task"] = task
			},
			grants: []grant{{"iam:GetServiceLinkedRoleDeletionStatus", autoScalingARN}},
			key:    "iam:ResourceTag/team", holds: "blue", other: "red",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := deletionStatus(ctx, c, made["task"])
				if err == nil {
					made["status"] = fmt.Sprint(out.Status, out.Reason)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "status", made["status"], "SUCCEEDED<nil>")
				out, err := root.IAM.ListRoles(t.Context(), &iam.ListRolesInput{PathPrefix: aws.String("/aws-service-role/")})
				if err != nil || len(out.Roles) != 0 {
					t.Errorf("ListRoles: %v, %v", out, err)
				}
			},
		},
	}
}

// TestServiceLinkedRoles: what is refused, what customers may change, and a
// deletion that fails.
func TestServiceLinkedRoles(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	makeServiceLinkedRole(t, root, nil)
	_, err := createServiceLinkedRole(ctx, root)
	wantError(t, "a second one", err, "InvalidInput", "Service role name "+autoScalingRole+" has been taken in this account, please try a different suffix.")
	_, err = root.IAM.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com"), CustomSuffix: aws.String("x")})
	wantError(t, "a suffix", err, "InvalidInput", "Custom suffix is not allowed for ecs.amazonaws.com")
	_, err = root.IAM.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("x.amazonaws.com")})
	wantError(t, "no such service", err, "InvalidInput", "x.amazonaws.com is not the principal of a service")
	_, err = root.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(autoScalingRole)})
	wantError(t, "DeleteRole", err, "UnmodifiableEntity", "Cannot perform the operation on the protected role '"+autoScalingRole+"'")
	if _, err := root.IAM.UpdateRoleDescription(ctx, &iam.UpdateRoleDescriptionInput{RoleName: aws.String(autoScalingRole), Description: aws.String("new")}); err != nil {
		t.Error(err)
	}
	same(t, "description", aws.ToString(getRole(t, root, autoScalingRole).Description), "new")
	_, err = deleteServiceLinkedRole(ctx, root, "None")
	wantError(t, "no such role", err, "NoSuchEntity", "The role with name None cannot be found.")
	makeRole(t, root, "plain", trusting(root.Account))
	_, err = deleteServiceLinkedRole(ctx, root, "plain")
	wantError(t, "another role", err, "NoSuchEntity", "plain exists but is not a service role.")
	_, err = deletionStatus(ctx, root, "bad")
	wantError(t, "no task id", err, "InvalidInput", "Invalid task id")
	_, err = deletionStatus(ctx, root, "task/aws-service-role/"+autoScaling+"/"+autoScalingRole+"/00000000-0000-0000-0000-000000000000")
	wantError(t, "no such task", err, "NoSuchEntity", "Cannot find deletion status for given id.")

	// Another account's task is not to be found.
	task, err := deleteServiceLinkedRole(ctx, root, autoScalingRole)
	if err != nil {
		t.Fatal(err)
	}
	_, err = deletionStatus(ctx, w.account(t), task)
	wantError(t, "another's task", err, "NoSuchEntity", "Cannot find deletion status for given id.")

	if err := putProperties(ctx, root, map[string]string{roleManager: "true"}); err != nil {
		t.Fatal(err)
	}
	if task, err = deleteServiceLinkedRole(ctx, root, "AWSServiceRoleForIAMRoleManager"); err != nil {
		t.Fatal(err)
	}
	out, err := deletionStatus(ctx, root, task)
	if err != nil || out.Status != types.DeletionTaskStatusTypeFailed || out.Reason == nil {
		t.Fatalf("status %v, %v", out, err)
	}
	same(t, "reason", aws.ToString(out.Reason.Reason), "Role Manager is turned on and uses the role.")
	getRole(t, root, "AWSServiceRoleForIAMRoleManager")
}
