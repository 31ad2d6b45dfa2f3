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

// attachPaper attaches Paper to the user, the group and the role Ink.
func attachPaper(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	for _, calls := range attachCalls() {
		if err := calls.attach(t.Context(), root, made["paper"]); err != nil {
			t.Fatalf("attach to %s: %v", calls.kind, err)
		}
	}
}

// attachedCalls are the three calls for one kind of entity.
type attachedCalls struct {
	kind, resource string
	attach, detach func(ctx context.Context, c *clients, arn string) error
	list           func(ctx context.Context, c *clients, prefix string) ([]types.AttachedPolicy, error)
}

func (calls *attachedCalls) names(t *testing.T, c *clients, prefix string) string {
	t.Helper()
	list, err := calls.list(t.Context(), c, prefix)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	var names []string
	for _, p := range list {
		names = append(names, aws.ToString(p.PolicyName))
	}
	return strings.Join(names, " ")
}

func attachCalls() []attachedCalls {
	ink := aws.String("Ink")
	return []attachedCalls{
		{
			kind: "User", resource: inkUser,
			attach: func(ctx context.Context, c *clients, arn string) error {
				_, err := c.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: ink, PolicyArn: &arn})
				return err
			},
			detach: func(ctx context.Context, c *clients, arn string) error {
				_, err := c.IAM.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: ink, PolicyArn: &arn})
				return err
			},
			list: func(ctx context.Context, c *clients, prefix string) ([]types.AttachedPolicy, error) {
				out, err := c.IAM.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: ink, PathPrefix: &prefix})
				if err != nil {
					return nil, err
				}
				return out.AttachedPolicies, nil
			},
		},
		{
			kind: "Group", resource: inkGroup,
			attach: func(ctx context.Context, c *clients, arn string) error {
				_, err := c.IAM.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: ink, PolicyArn: &arn})
				return err
			},
			detach: func(ctx context.Context, c *clients, arn string) error {
				_, err := c.IAM.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: ink, PolicyArn: &arn})
				return err
			},
			list: func(ctx context.Context, c *clients, prefix string) ([]types.AttachedPolicy, error) {
				out, err := c.IAM.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: ink, PathPrefix: &prefix})
				if err != nil {
					return nil, err
				}
				return out.AttachedPolicies, nil
			},
		},
		{
			kind: "Role", resource: inkRole,
			attach: func(ctx context.Context, c *clients, arn string) error {
				_, err := c.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: ink, PolicyArn: &arn})
				return err
			},
			detach: func(ctx context.Context, c *clients, arn string) error {
				_, err := c.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: ink, PolicyArn: &arn})
				return err
			},
			list: func(ctx context.Context, c *clients, prefix string) ([]types.AttachedPolicy, error) {
				out, err := c.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: ink, PathPrefix: &prefix})
				if err != nil {
					return nil, err
				}
				return out.AttachedPolicies, nil
			},
		},
	}
}

func attachedPolicyCases() []actionCase {
	var cases []actionCase
	for _, calls := range attachCalls() {
		cases = slices.Concat(cases, attachedCases(&calls))
	}
	return cases
}

func attachedCases(calls *attachedCalls) []actionCase {
	entities := func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		makePaper(t, root, made)
		makeEntities(t, root, made)
	}
	attached := func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		entities(t, root, made)
		attachPaper(t, root, made)
		if err := calls.attach(t.Context(), root, adminARN); err != nil {
			t.Fatalf("attach: %v", err)
		}
	}
	attach, detach, list := "Attach"+calls.kind+"Policy", "Detach"+calls.kind+"Policy", "ListAttached"+calls.kind+"Policies"
	listing := actionCase{
		action: list, setup: attached, grants: []grant{{"iam:" + list, calls.resource}},
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			found, err := calls.list(ctx, c, "/office/")
			if err == nil && len(found) == 1 {
				made["found"] = aws.ToString(found[0].PolicyArn)
			}
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			same(t, "found", made["found"], made["paper"])
			same(t, "all", calls.names(t, root, "/"), "Paper AdministratorAccess")
		},
	}
	if calls.kind != "Group" { // groups have no tags
		listing.key, listing.holds, listing.other = "iam:ResourceTag/team", "blue", "red"
	}
	return []actionCase{
		{
			action: attach, setup: entities, grants: []grant{{"iam:" + attach, calls.resource}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				return calls.attach(ctx, c, adminARN)
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "attached", calls.names(t, root, "/"), "AdministratorAccess")
			},
			key: "iam:PolicyARN", holds: adminARN, other: boundaryARN,
		},
		{
			action: detach, setup: attached, grants: []grant{{"iam:" + detach, calls.resource}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				return calls.detach(ctx, c, adminARN)
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "attached", calls.names(t, root, "/"), "Paper")
			},
			key: "iam:PolicyARN", holds: adminARN, other: boundaryARN,
		},
		listing,
	}
}
