package api_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	readText  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	writeText = `{"Version": "2012-10-17", "Statement": [ {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::50%25+é/*"} ]}`
	trustText = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
)

// paperARN is where makePaper puts its policy.
const paperARN = "arn:aws:iam::«ACCOUNT»:policy/office/Paper"

// makePaper makes the policy Paper, tagged team=blue, in /office/.
func makePaper(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	out, err := root.IAM.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
		PolicyName: aws.String("Paper"), Path: aws.String("/office/"), PolicyDocument: aws.String(readText),
		Description: aws.String("for reading"),
		Tags:        []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}},
	})
	if err != nil {
		t.Fatalf("CreatePolicy: %v", err)
	}
	made["paper"] = aws.ToString(out.Policy.Arn)
}

// makeTwoVersions is makePaper with a second version that is not in force.
func makeTwoVersions(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makePaper(t, root, made)
	if _, err := root.IAM.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{
		PolicyArn: aws.String(made["paper"]), PolicyDocument: aws.String(writeText),
	}); err != nil {
		t.Fatalf("CreatePolicyVersion: %v", err)
	}
}

func getPaper(t *testing.T, root *clients, made map[string]string) *types.Policy {
	t.Helper()
	out, err := root.IAM.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String(made["paper"])})
	if err != nil {
		t.Fatalf("GetPolicy: %v", err)
	}
	return out.Policy
}

// same fails the test when an answer is not what it ought to be.
func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func unescaped(t *testing.T, document *string) string {
	t.Helper()
	text, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		t.Errorf("document: %v", err)
	}
	return text
}

func policyCases() []actionCase {
	blue := "aws:ResourceTag/team"
	return append(policyVersionCases(), []actionCase{
		{
			action: "CreatePolicy",
			setup: func(_ *testing.T, root *clients, made map[string]string) {
				made["paper"] = "arn:aws:iam::" + root.Account + ":policy/office/Paper"
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{
					PolicyName: aws.String("Paper"), Path: aws.String("/office/"), PolicyDocument: aws.String(writeText),
					Description: aws.String("for writing"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}},
				})
				if err == nil {
					made["id"] = aws.ToString(out.Policy.PolicyId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				p := getPaper(t, root, made)
				same(t, "name", aws.ToString(p.PolicyName), "Paper")
				same(t, "id", aws.ToString(p.PolicyId), made["id"])
				same(t, "description", aws.ToString(p.Description), "for writing")
				same(t, "version", aws.ToString(p.DefaultVersionId), "v1")
				same(t, "tags", len(p.Tags), 1)
			},
			grants: []grant{{"iam:CreatePolicy", paperARN}, {"iam:TagPolicy", paperARN}},
			key:    "aws:RequestTag/team", holds: "blue", other: "red",
		},
		{
			action: "GetPolicy", setup: makePaper,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(made["paper"])})
				if err == nil {
					made["description"] = aws.ToString(out.Policy.Description)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "description", made["description"], "for reading")
				out, err := root.IAM.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "name", aws.ToString(out.Policy.PolicyName), "AdministratorAccess")
			},
			grants: []grant{{"iam:GetPolicy", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "ListPolicies", setup: makePaper,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal, PathPrefix: aws.String("/office/")})
				if err == nil && len(out.Policies) == 1 {
					made["listed"] = aws.ToString(out.Policies[0].Arn)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], made["paper"])
				count, next := 0, (*string)(nil)
				for {
					out, err := root.IAM.ListPolicies(t.Context(), &iam.ListPoliciesInput{
						Scope: types.PolicyScopeTypeAws, MaxItems: aws.Int32(1000), Marker: next,
					})
					if err != nil {
						t.Fatal(err)
					}
					if count, next = count+len(out.Policies), out.Marker; !out.IsTruncated {
						break
					}
				}
				if count < 1200 {
					t.Errorf("%d policies of AWS's", count)
				}
				out, err := root.IAM.ListPolicies(t.Context(), &iam.ListPoliciesInput{
					Scope: types.PolicyScopeTypeAws, PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary,
				})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "boundaries of AWS's", len(out.Policies), 0)
			},
			grants: []grant{{"iam:ListPolicies", "*"}},
		},
		{
			action: "DeletePolicy", setup: makePaper,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: aws.String(made["paper"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if _, err := root.IAM.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String(made["paper"])}); err == nil {
					t.Error("the policy is still there")
				}
				if _, err := root.IAM.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err == nil {
					t.Error("root deleted a policy of AWS's")
				}
			},
			grants: []grant{{"iam:DeletePolicy", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "ListEntitiesForPolicy",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				makePaper(t, root, made)
				makeEntities(t, root, made)
				attachPaper(t, root, made)
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: aws.String(made["paper"]), EntityFilter: types.EntityTypeUser})
				if err == nil && len(out.PolicyUsers) == 1 && len(out.PolicyGroups)+len(out.PolicyRoles) == 0 {
					made["found"] = aws.ToString(out.PolicyUsers[0].UserName)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "user", made["found"], "Ink")
				users, groups, roles := 0, 0, 0
				for next := (*string)(nil); ; {
					out, err := root.IAM.ListEntitiesForPolicy(t.Context(), &iam.ListEntitiesForPolicyInput{
						PolicyArn: aws.String(made["paper"]), MaxItems: aws.Int32(1), Marker: next,
					})
					if err != nil {
						t.Fatal(err)
					}
					users, groups, roles = users+len(out.PolicyUsers), groups+len(out.PolicyGroups), roles+len(out.PolicyRoles)
					if next = out.Marker; !out.IsTruncated {
						break
					}
				}
				same(t, "entities, page by page", [3]int{users, groups, roles}, [3]int{1, 1, 1})
				same(t, "attachments", aws.ToInt32(getPaper(t, root, made).AttachmentCount), 3)
			},
			grants: []grant{{"iam:ListEntitiesForPolicy", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "TagPolicy", setup: makePaper,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.TagPolicy(ctx, &iam.TagPolicyInput{
					PolicyArn: aws.String(made["paper"]), Tags: []types.Tag{{Key: aws.String("floor"), Value: aws.String("3")}},
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", len(getPaper(t, root, made).Tags), 2)
			},
			grants: []grant{{"iam:TagPolicy", paperARN}},
			key:    "aws:RequestTag/floor", holds: "3", other: "4",
		},
		{
			action: "UntagPolicy", setup: makePaper,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: aws.String(made["paper"]), TagKeys: []string{"team"}})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", len(getPaper(t, root, made).Tags), 0)
			},
			tagKeys: "team", grants: []grant{{"iam:UntagPolicy", paperARN}},
			key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListPolicyTags", setup: makePaper,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: aws.String(made["paper"])})
				if err == nil && len(out.Tags) == 1 {
					made["tag"] = aws.ToString(out.Tags[0].Key) + "=" + aws.ToString(out.Tags[0].Value)
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) { same(t, "tag", made["tag"], "team=blue") },
			grants: []grant{{"iam:ListPolicyTags", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
	}...)
}
