package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func handshakeCases() []actionCase {
	return []actionCase{
		{
			action: "InviteAccountToOrganization", setup: besideStranger,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
					Target: &types.HandshakeParty{Type: "ACCOUNT", Id: aws.String(made["member"])}, Notes: aws.String("Come in."),
					Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
				})
				if err == nil {
					made["handshake"] = *out.Handshake.Id
				}
				return err
			},
			effect: wantState("OPEN"),
			grants: []grant{{"organizations:InviteAccountToOrganization", memberARN}, {"organizations:TagResource", memberARN}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue", tagKeys: "team",
		},
		{
			action: "InviteAccountToOrganization", setup: inNewOrganization, // whose address it is, nobody learns
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
					Target: &types.HandshakeParty{Type: "EMAIL", Id: aws.String(newEmail())},
				})
				if err == nil {
					made["handshake"] = *out.Handshake.Id
				}
				return err
			},
			effect: wantState("OPEN"),
			grants: []grant{{"organizations:InviteAccountToOrganization", "*"}},
		},
		{
			action: "AcceptHandshake", setup: invited,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				wantState("ACCEPTED")(t, root, made)
				out, err := root.Organizations.DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{})
				if err != nil || *out.Organization.Id != made["organization"] {
					t.Errorf("%+v, %v", out, err)
				}
			},
			grants: []grant{{"organizations:AcceptHandshake", invitationARN}},
		},
		{
			// Who is in an organization leaves it by this, and must be allowed to.
			action: "AcceptHandshake",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				asGuest(t, root, made)
				invited(t, root, made)
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				return err
			},
			effect: wantState("ACCEPTED"),
			grants: []grant{{"organizations:AcceptHandshake", invitationARN}, {"organizations:LeaveOrganization", "*"}},
		},
		{
			action: "DeclineHandshake", setup: invited,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				return err
			},
			effect: wantState("DECLINED"),
			grants: []grant{{"organizations:DeclineHandshake", invitationARN}},
		},
		{
			action: "CancelHandshake", setup: inviting,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				return err
			},
			effect: wantState("CANCELED"),
			grants: []grant{{"organizations:CancelHandshake", invitationARN}},
		},
		{
			action: "DescribeHandshake", setup: invited,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				if err == nil {
					made["described"] = *out.Handshake.Id
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.Organizations.ListHandshakesForAccount(t.Context(), &organizations.ListHandshakesForAccountInput{})
				if err != nil || len(out.Handshakes) != 1 || *out.Handshakes[0].Id != made["described"] {
					t.Errorf("%+v, %v: %v", out, err, made)
				}
			},
			grants: []grant{{"organizations:DescribeHandshake", invitationARN}},
		},
		{
			action: "ListHandshakesForAccount", setup: invited,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{Filter: &types.HandshakeFilter{ActionType: "INVITE"}})
				if err == nil && len(out.Handshakes) == 1 {
					made["listed"] = *out.Handshakes[0].Id
				}
				return err
			},
			effect: wantListed,
			grants: []grant{{"organizations:ListHandshakesForAccount", "*"}},
		},
		{
			action: "ListHandshakesForOrganization", setup: inviting,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListHandshakesForOrganization(ctx, &organizations.ListHandshakesForOrganizationInput{})
				if err == nil && len(out.Handshakes) == 1 {
					made["listed"] = *out.Handshakes[0].Id
				}
				return err
			},
			effect: wantListed,
			grants: []grant{{"organizations:ListHandshakesForOrganization", "*"}},
		},
		{
			action: "EnableAllFeatures",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.Organizations.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{FeatureSet: "CONSOLIDATED_BILLING"})
				if err != nil {
					t.Fatal(err)
				}
				made["organization"] = *out.Organization.Id
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
				if err == nil {
					made["handshake"] = *out.Handshake.Id
				}
				return err
			},
			effect: wantState("OPEN"),
			grants: []grant{{"organizations:EnableAllFeatures", "*"}},
		},
	}
}

const invitationARN = "arn:aws:organizations::«host»:handshake/«organization»/invite/«handshake»"

// besideStranger makes an organization, and an account outside of it.
func besideStranger(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	inNewOrganization(t, root, made)
	made["host"], made["member"] = root.Account, root.world.account(t).Account
}

// inviting makes an organization, which has invited somebody.
func inviting(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	besideStranger(t, root, made)
	made["handshake"] = invite(t, root, "ACCOUNT", made["member"])
}

// invited has somebody's organization invite root's account.
func invited(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	host := root.world.account(t)
	inNewOrganization(t, host, made)
	made["host"], made["handshake"] = host.Account, invite(t, host, "ACCOUNT", root.Account)
	if _, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("AWSServiceRoleForOrganizations")}); err != nil {
		linkOrganizations(t, root, made)
	}
}

func wantState(state types.HandshakeState) func(t *testing.T, root *clients, made map[string]string) {
	return func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		out, err := root.Organizations.DescribeHandshake(t.Context(), &organizations.DescribeHandshakeInput{HandshakeId: aws.String(made["handshake"])})
		if err != nil || out.Handshake.State != state {
			t.Errorf("%+v, %v, want %s", out, err, state)
		}
	}
}

func wantListed(t *testing.T, _ *clients, made map[string]string) {
	t.Helper()
	if made["listed"] != made["handshake"] {
		t.Errorf("%v", made)
	}
}
