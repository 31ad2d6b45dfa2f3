package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

func organizationCases() []actionCase {
	return []actionCase{
		{
			action: "CreateOrganization",
			setup:  linkOrganizations,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.Organizations.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				out, err := root.Organizations.DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{})
				if err != nil || *out.Organization.MasterAccountId != root.Account || out.Organization.FeatureSet != "ALL" {
					t.Errorf("%+v, %v", out, err)
				}
			},
			grants: []grant{{"organizations:CreateOrganization", "*"}},
		},
		{
			action: "DescribeOrganization",
			setup:  inNewOrganization,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
				if err == nil {
					made["described"] = *out.Organization.Id
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				if made["described"] != made["organization"] {
					t.Errorf("%v", made)
				}
			},
			grants: []grant{{"organizations:DescribeOrganization", "*"}},
		},
		{
			action: "DeleteOrganization",
			setup:  inNewOrganization,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.Organizations.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.Organizations.DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{})
				wantError(t, "DescribeOrganization", err, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
			},
			grants: []grant{{"organizations:DeleteOrganization", "*"}},
		},
	}
}

// linkOrganizations makes the role of Organizations, for whom a caller would need
// another permission.
func linkOrganizations(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	if _, err := root.IAM.CreateServiceLinkedRole(t.Context(), &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("organizations.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
}

// inNewOrganization makes root's account the management account of an
// organization, and notes its id and its root's.
func inNewOrganization(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	out, err := root.Organizations.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{})
	if err != nil {
		t.Fatal(err)
	}
	made["organization"] = *out.Organization.Id
}
