package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// policyVersionCases are the part of policyCases about versions.
func policyVersionCases() []actionCase {
	blue := "aws:ResourceTag/team"
	return []actionCase{
		{
			action: "CreatePolicyVersion", setup: makePaper,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
					PolicyArn: aws.String(made["paper"]), PolicyDocument: aws.String(writeText), SetAsDefault: true,
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "in force", aws.ToString(getPaper(t, root, made).DefaultVersionId), "v2")
			},
			grants: []grant{{"iam:CreatePolicyVersion", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "GetPolicyVersion", setup: makeTwoVersions,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: aws.String(made["paper"]), VersionId: aws.String("v2")})
				if err == nil {
					made["document"] = aws.ToString(out.PolicyVersion.Document)
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				same(t, "document", unescaped(t, aws.String(made["document"])), writeText)
			},
			grants: []grant{{"iam:GetPolicyVersion", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "ListPolicyVersions", setup: makeTwoVersions,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: aws.String(made["paper"])})
				if err != nil {
					return err
				}
				made["versions"] = ""
				for _, v := range out.Versions {
					made["versions"] += aws.ToString(v.VersionId)
					if v.IsDefaultVersion {
						made["versions"] += "*"
					}
				}
				return nil
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				same(t, "versions", made["versions"], "v2v1*")
			},
			grants: []grant{{"iam:ListPolicyVersions", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "DeletePolicyVersion", setup: makeTwoVersions,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: aws.String(made["paper"]), VersionId: aws.String("v2")})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.IAM.ListPolicyVersions(t.Context(), &iam.ListPolicyVersionsInput{PolicyArn: aws.String(made["paper"])})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "versions", len(out.Versions), 1)
			},
			grants: []grant{{"iam:DeletePolicyVersion", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "SetDefaultPolicyVersion", setup: makeTwoVersions,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: aws.String(made["paper"]), VersionId: aws.String("v2")})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "in force", aws.ToString(getPaper(t, root, made).DefaultVersionId), "v2")
			},
			grants: []grant{{"iam:SetDefaultPolicyVersion", paperARN}},
			key:    blue, holds: "blue", other: "red",
		},
	}
}
