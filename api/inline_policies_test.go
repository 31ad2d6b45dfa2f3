package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	boundaryARN = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	inkUser     = "arn:aws:iam::«ACCOUNT»:user/office/Ink"
	inkGroup    = "arn:aws:iam::«ACCOUNT»:group/office/Ink"
	inkRole     = "arn:aws:iam::«ACCOUNT»:role/office/Ink"
)

// makeEntities makes a user, a group and a role called Ink in /office/. User
// and role have a tag team=blue and a permissions boundary.
func makeEntities(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	ctx, name, path := t.Context(), aws.String("Ink"), aws.String("/office/")
	tags := []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: name, Path: path, Tags: tags, PermissionsBoundary: aws.String(boundaryARN)}); err != nil {
		t.Fatalf("CreateUser: %v", err)
	}
	if _, err := root.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: name, Path: path}); err != nil {
		t.Fatalf("CreateGroup: %v", err)
	}
	if _, err := root.IAM.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: name, Path: path, Tags: tags, PermissionsBoundary: aws.String(boundaryARN), AssumeRolePolicyDocument: aws.String(trustText),
	}); err != nil {
		t.Fatalf("CreateRole: %v", err)
	}
}

// inlineCalls are the four calls for one kind of entity.
type inlineCalls struct {
	kind, resource string
	put            func(ctx context.Context, c *clients, name, text string) error
	remove         func(ctx context.Context, c *clients, name string) error
	get            func(ctx context.Context, c *clients, name string) (*string, error)
	list           func(ctx context.Context, c *clients, marker *string, limit int32) ([]string, *string, error)
}

// all reads every inline policy: names and texts.
func (calls *inlineCalls) all(t *testing.T, c *clients) string {
	t.Helper()
	names, _, err := calls.list(t.Context(), c, nil, 100)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	var all []string
	for _, name := range names {
		text, err := calls.get(t.Context(), c, name)
		if err != nil {
			t.Fatalf("get %s: %v", name, err)
		}
		all = append(all, name+": "+unescaped(t, text))
	}
	return strings.Join(all, "\n")
}

func inlinePolicyCases() []actionCase {
	ink := aws.String("Ink")
	return slices.Concat(
		inlineCases(inlineCalls{
			kind: "User", resource: inkUser,
			put: func(ctx context.Context, c *clients, name, text string) error {
				_, err := c.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: ink, PolicyName: &name, PolicyDocument: &text})
				return err
			},
			remove: func(ctx context.Context, c *clients, name string) error {
				_, err := c.IAM.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: ink, PolicyName: &name})
				return err
			},
			get: func(ctx context.Context, c *clients, name string) (*string, error) {
				out, err := c.IAM.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: ink, PolicyName: &name})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			list: func(ctx context.Context, c *clients, marker *string, limit int32) ([]string, *string, error) {
				out, err := c.IAM.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: ink, Marker: marker, MaxItems: &limit})
				if err != nil {
					return nil, nil, err
				}
				return out.PolicyNames, out.Marker, nil
			},
		}),
		inlineCases(inlineCalls{
			kind: "Group", resource: inkGroup,
			put: func(ctx context.Context, c *clients, name, text string) error {
				_, err := c.IAM.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: ink, PolicyName: &name, PolicyDocument: &text})
				return err
			},
			remove: func(ctx context.Context, c *clients, name string) error {
				_, err := c.IAM.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: ink, PolicyName: &name})
				return err
			},
			get: func(ctx context.Context, c *clients, name string) (*string, error) {
				out, err := c.IAM.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: ink, PolicyName: &name})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			list: func(ctx context.Context, c *clients, marker *string, limit int32) ([]string, *string, error) {
				out, err := c.IAM.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: ink, Marker: marker, MaxItems: &limit})
				if err != nil {
					return nil, nil, err
				}
				return out.PolicyNames, out.Marker, nil
			},
		}),
		inlineCases(inlineCalls{
			kind: "Role", resource: inkRole,
			put: func(ctx context.Context, c *clients, name, text string) error {
				_, err := c.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: ink, PolicyName: &name, PolicyDocument: &text})
				return err
			},
			remove: func(ctx context.Context, c *clients, name string) error {
				_, err := c.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: ink, PolicyName: &name})
				return err
			},
			get: func(ctx context.Context, c *clients, name string) (*string, error) {
				out, err := c.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: ink, PolicyName: &name})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			list: func(ctx context.Context, c *clients, marker *string, limit int32) ([]string, *string, error) {
				out, err := c.IAM.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: ink, Marker: marker, MaxItems: &limit})
				if err != nil {
					return nil, nil, err
				}
				return out.PolicyNames, out.Marker, nil
			},
		}),
	)
}

func inlineCases(calls inlineCalls) []actionCase {
	with := func(names ...string) func(*testing.T, *clients, map[string]string) {
		return func(t *testing.T, root *clients, made map[string]string) {
			t.Helper()
			makeEntities(t, root, made)
			for _, name := range names {
				if err := calls.put(t.Context(), root, name, readText); err != nil {
					t.Fatalf("put %s: %v", name, err)
				}
			}
		}
	}
	only := func(action string) []grant { return []grant{{"iam:" + action, calls.resource}} }
	// Groups have neither tags nor boundaries, so no condition key of theirs.
	tagged := func(c actionCase) actionCase {
		if calls.kind != "Group" {
			c.key, c.holds, c.other = "iam:ResourceTag/team", "blue", "red"
		}
		return c
	}
	bounded := func(c actionCase) actionCase {
		if calls.kind != "Group" {
			c.key, c.holds, c.other = "iam:PermissionsBoundary", boundaryARN, "arn:aws:iam::aws:policy/AdministratorAccess"
		}
		return c
	}
	put, get, list, remove := "Put"+calls.kind+"Policy", "Get"+calls.kind+"Policy", "List"+calls.kind+"Policies", "Delete"+calls.kind+"Policy"
	return []actionCase{
		bounded(actionCase{
			action: put, setup: with("a"), grants: only(put),
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				return calls.put(ctx, c, "b", writeText)
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "policies", calls.all(t, root), "a: "+readText+"\nb: "+writeText)
			},
		}),
		tagged(actionCase{
			action: get, setup: with("a"), grants: only(get),
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				text, err := calls.get(ctx, c, "a")
				made["text"] = aws.ToString(text)
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				same(t, "text", unescaped(t, aws.String(made["text"])), readText)
			},
		}),
		tagged(actionCase{
			action: list, setup: with("c", "a", "b"), grants: only(list),
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				names, marker, err := calls.list(ctx, c, nil, 2)
				made["names"], made["marker"] = strings.Join(names, ""), aws.ToString(marker)
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "first page", made["names"], "ab")
				names, marker, err := calls.list(t.Context(), root, aws.String(made["marker"]), 2)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "second page", strings.Join(names, ""), "c")
				same(t, "third page", marker == nil, true)
			},
		}),
		bounded(actionCase{
			action: remove, setup: with("a", "b"), grants: only(remove),
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				return calls.remove(ctx, c, "a")
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "policies", calls.all(t, root), "b: "+readText)
			},
		}),
	}
}
