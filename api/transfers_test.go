package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func transferCases() []actionCase {
	inbound, billing := "organizations:TransferDirection", "organizations:TransferType"
	return []actionCase{
		{
			action: "InviteOrganizationToTransferResponsibility", setup: nextToOrganization,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				return proposeTransfer(ctx, c, made, types.Tag{Key: aws.String("team"), Value: aws.String("red")})
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				wantState("OPEN")(t, root, made)
				wantTransfer("REQUESTED")(t, root, made)
				wantTeam("red")(t, root, made)
			},
			grants: []grant{
				{"organizations:InviteOrganizationToTransferResponsibility", "arn:aws:organizations::«ACCOUNT»:account/«organization»/«from»"},
				{"organizations:TagResource", "arn:aws:organizations::«ACCOUNT»:transfer/«organization»/billing/inbound/*"},
			},
			key: inbound, holds: "INBOUND", other: "OUTBOUND",
		},
		{
			// A member can be asked too, though it has nothing to hand over.
			action: "InviteOrganizationToTransferResponsibility",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				besideOrganization(t, root, made)
				if err := create(t.Context(), root, made, &organizations.CreateAccountInput{
					AccountName: aws.String("Ink"), Email: aws.String(newEmail()), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
				}); err != nil {
					t.Fatal(err)
				}
				made["from"] = *created(t, root, made["request"]).Id
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				return proposeTransfer(ctx, c, made)
			},
			effect: wantTransfer("REQUESTED"),
			grants: []grant{{"organizations:InviteOrganizationToTransferResponsibility", "arn:aws:organizations::«ACCOUNT»:account/«organization»/«from»"}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "DescribeResponsibilityTransfer", setup: nowProposing,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribeResponsibilityTransfer(ctx, &organizations.DescribeResponsibilityTransferInput{Id: aws.String(made["transfer"])})
				if err == nil {
					made["listed"] = *out.ResponsibilityTransfer.ActiveHandshakeId
				}
				return err
			},
			effect: wantListed,
			grants: []grant{{"organizations:DescribeResponsibilityTransfer", inboundARN}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "ListInboundResponsibilityTransfers", setup: nowProposing,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListInboundResponsibilityTransfers(ctx, &organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING", Id: aws.String(made["transfer"])})
				if err == nil && len(out.ResponsibilityTransfers) == 1 {
					made["listed"] = *out.ResponsibilityTransfers[0].ActiveHandshakeId
				}
				return err
			},
			effect: wantListed,
			grants: []grant{{"organizations:ListInboundResponsibilityTransfers", "*"}},
			key:    inbound, holds: "INBOUND", other: "OUTBOUND",
		},
		{
			action: "ListOutboundResponsibilityTransfers", setup: wasProposed,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListOutboundResponsibilityTransfers(ctx, &organizations.ListOutboundResponsibilityTransfersInput{Type: "BILLING"})
				if err == nil && len(out.ResponsibilityTransfers) == 1 {
					made["listed"] = *out.ResponsibilityTransfers[0].ActiveHandshakeId
				}
				return err
			},
			effect: wantListed,
			grants: []grant{{"organizations:ListOutboundResponsibilityTransfers", "*"}},
			key:    billing, holds: "BILLING", other: "ANOTHER",
		},
		{
			action: "UpdateResponsibilityTransfer", setup: nowProposing,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.UpdateResponsibilityTransfer(ctx, &organizations.UpdateResponsibilityTransferInput{Id: aws.String(made["transfer"]), Name: aws.String("Ink")})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if got := describeTransfer(t, root, made); *got.Name != "Ink" {
					t.Errorf("%+v", got)
				}
			},
			grants: []grant{{"organizations:UpdateResponsibilityTransfer", inboundARN}},
			key:    inbound, holds: "INBOUND", other: "OUTBOUND",
		},
		{
			// Either side may; here it is the one that handed over.
			action: "TerminateResponsibilityTransfer",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				proposed(t, root, made)
				if _, err := root.Organizations.AcceptHandshake(t.Context(), &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.TerminateResponsibilityTransfer(ctx, &organizations.TerminateResponsibilityTransferInput{Id: aws.String(made["transfer"])})
				return err
			},
			effect: wantTransfer("WITHDRAWN"),
			grants: []grant{{"organizations:TerminateResponsibilityTransfer", "arn:aws:organizations::«ACCOUNT»:transfer/«own»/billing/outbound/«transfer»"}},
			key:    inbound, holds: "OUTBOUND", other: "INBOUND",
		},
		{
			action: "TerminateResponsibilityTransfer",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				other := proposing(t, root, made)
				if _, err := other.Organizations.AcceptHandshake(t.Context(), &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.TerminateResponsibilityTransfer(ctx, &organizations.TerminateResponsibilityTransferInput{Id: aws.String(made["transfer"])})
				return err
			},
			effect: wantTransfer("WITHDRAWN"),
			grants: []grant{{"organizations:TerminateResponsibilityTransfer", inboundARN}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "TagResource", setup: nowProposing,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.TagResource(ctx, &organizations.TagResourceInput{
					ResourceId: aws.String(made["transfer"]), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}},
				})
				return err
			},
			effect: wantTeam("blue"),
			grants: []grant{{"organizations:TagResource", inboundARN}},
			key:    inbound, holds: "INBOUND", other: "OUTBOUND",
		},
		{
			action: "UntagResource", setup: nowProposing,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.UntagResource(ctx, &organizations.UntagResourceInput{ResourceId: aws.String(made["transfer"]), TagKeys: []string{"team"}})
				return err
			},
			effect: wantTeam(""),
			grants: []grant{{"organizations:UntagResource", inboundARN}},
			key:    billing, holds: "BILLING", other: "ANOTHER",
		},
		{
			action: "ListTagsForResource", setup: nowProposing,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: aws.String(made["transfer"])})
				if err == nil && len(out.Tags) == 1 {
					made["team"] = *out.Tags[0].Value
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) { wantTeam(made["team"])(t, root, made) },
			grants: []grant{{"organizations:ListTagsForResource", inboundARN}},
			key:    inbound, holds: "INBOUND", other: "OUTBOUND",
		},
		{
			action: "AcceptHandshake", setup: wasProposed,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				return err
			},
			effect: wantTransfer("ACCEPTED"),
			grants: []grant{{"organizations:AcceptHandshake", proposalARN}},
		},
		{
			action: "DeclineHandshake", setup: wasProposed,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				return err
			},
			effect: wantTransfer("DECLINED"),
			grants: []grant{{"organizations:DeclineHandshake", proposalARN}},
		},
		{
			action: "CancelHandshake", setup: nowProposing,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: aws.String(made["handshake"])})
				return err
			},
			effect: wantTransfer("CANCELED"),
			grants: []grant{{"organizations:CancelHandshake", proposalARN}},
		},
	}
}

const (
	inboundARN  = "arn:aws:organizations::«host»:transfer/«organization»/billing/inbound/«transfer»"
	proposalARN = "arn:aws:organizations::«host»:handshake/«organization»/transfer_responsibility/«handshake»"
)

// transferStart is the beginning of a month, at least a month ahead.
func transferStart() *time.Time {
	now := time.Now().UTC()
	return aws.Time(time.Date(now.Year(), now.Month()+2, 1, 0, 0, 0, 0, time.UTC))
}

// proposeTransfer asks the organization of an account to hand over its bills.
func proposeTransfer(ctx context.Context, c *clients, made map[string]string, tags ...types.Tag) error {
	out, err := c.Organizations.InviteOrganizationToTransferResponsibility(ctx, &organizations.InviteOrganizationToTransferResponsibilityInput{
		Type: "BILLING", SourceName: aws.String("Bills"), StartTimestamp: transferStart(), Tags: tags,
		Target: &types.HandshakeParty{Type: "ACCOUNT", Id: aws.String(made["from"])},
	})
	if err == nil {
		made["handshake"], made["transfer"] = *out.Handshake.Id, *out.Handshake.Resources[0].Value
	}
	return err
}

// wantTeam wants the transfer to have this tag, or "" for none.
func wantTeam(team string) func(t *testing.T, root *clients, made map[string]string) {
	return func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		out, err := root.Organizations.ListTagsForResource(t.Context(), &organizations.ListTagsForResourceInput{ResourceId: aws.String(made["transfer"])})
		got := ""
		if err == nil && len(out.Tags) > 0 {
			got = *out.Tags[0].Value
		}
		if err != nil || got != team {
			t.Errorf("%+v, %v, want %q", out, err, team)
		}
	}
}

func nextToOrganization(t *testing.T, root *clients, made map[string]string) {
	besideOrganization(t, root, made)
}

// besideOrganization makes root's organization, and another one, whose clients it
// gives.
func besideOrganization(t *testing.T, root *clients, made map[string]string) *clients {
	t.Helper()
	other := root.world.account(t)
	inNewOrganization(t, other, made)
	made["own"], made["from"] = made["organization"], other.Account
	inNewOrganization(t, root, made)
	made["host"] = root.Account
	return other
}

func nowProposing(t *testing.T, root *clients, made map[string]string) { proposing(t, root, made) }

// proposing has root's organization ask another one.
func proposing(t *testing.T, root *clients, made map[string]string) *clients {
	t.Helper()
	other := besideOrganization(t, root, made)
	if err := proposeTransfer(t.Context(), root, made, types.Tag{Key: aws.String("team"), Value: aws.String("red")}); err != nil {
		t.Fatal(err)
	}
	return other
}

// proposed has another organization ask root's, whose id is own.
func proposed(t *testing.T, root *clients, made map[string]string) *clients {
	t.Helper()
	host := root.world.account(t)
	inNewOrganization(t, root, made)
	made["own"], made["from"] = made["organization"], root.Account
	inNewOrganization(t, host, made)
	made["host"] = host.Account
	if err := proposeTransfer(t.Context(), host, made); err != nil {
		t.Fatal(err)
	}
	return host
}

func wasProposed(t *testing.T, root *clients, made map[string]string) { proposed(t, root, made) }

func describeTransfer(t *testing.T, root *clients, made map[string]string) *types.ResponsibilityTransfer {
	t.Helper()
	out, err := root.Organizations.DescribeResponsibilityTransfer(t.Context(), &organizations.DescribeResponsibilityTransferInput{Id: aws.String(made["transfer"])})
	if err != nil {
		t.Fatal(err)
	}
	return out.ResponsibilityTransfer
}

func wantTransfer(status types.ResponsibilityTransferStatus) func(t *testing.T, root *clients, made map[string]string) {
	return func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		if got := describeTransfer(t, root, made); got.Status != status {
			t.Errorf("%+v, want %s", got, status)
		}
	}
}
