package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// TestTransfer: from the invitation to its end, as both sides see it.
func TestTransfer(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	host := proposed(t, root, made)
	start := transferStart()
	see := func(c *clients, inbound bool) *types.ResponsibilityTransfer {
		t.Helper()
		got := describeTransfer(t, c, made)
		in, err := c.Organizations.ListInboundResponsibilityTransfers(ctx, &organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING"})
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.Organizations.ListOutboundResponsibilityTransfers(ctx, &organizations.ListOutboundResponsibilityTransfersInput{Type: "BILLING"})
		if err != nil {
			t.Fatal(err)
		}
		list, none, direction := in.ResponsibilityTransfers, out.ResponsibilityTransfers, "/billing/inbound/"
		if !inbound {
			list, none, direction = none, list, "/billing/outbound/"
		}
		if len(list) != 1 || len(none) != 0 || *list[0].Id != made["transfer"] || list[0].Status != got.Status || !strings.HasSuffix(*got.Arn, direction+made["transfer"]) {
			t.Errorf("%+v, %+v, %+v", got, list, none)
		}
		if !got.StartTimestamp.Equal(*start) || *got.Target.ManagementAccountId != host.Account || *got.Source.ManagementAccountId != root.Account || *got.Name != "Bills" {
			t.Errorf("%+v", got)
		}
		return got
	}
	both := func(status types.ResponsibilityTransferStatus) {
		t.Helper()
		same(t, "the taker's", see(host, true).Status, status)
		same(t, "the giver's", see(root, false).Status, status)
	}
	both("REQUESTED")
	terminate := func(c *clients, end *time.Time) error {
		_, err := c.Organizations.TerminateResponsibilityTransfer(ctx, &organizations.TerminateResponsibilityTransferInput{Id: aws.String(made["transfer"]), EndTimestamp: end})
		return err
	}
	const badTransition = "The responsibility transfer can't transition to the requested state because it's not in a valid state for this operation."
	for _, c := range []*clients{host, root} {
		wantError(t, "only proposed", terminate(c, nil), "InvalidResponsibilityTransferTransitionException", badTransition)
	}
	rename := func(c *clients) error {
		_, err := c.Organizations.UpdateResponsibilityTransfer(ctx, &organizations.UpdateResponsibilityTransferInput{Id: aws.String(made["transfer"]), Name: aws.String("Bills")})
		return err
	}
	wantError(t, "another's invitation", rename(root), "AccessDeniedException", "You don't have permissions to access this resource.")
	_, err := host.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])})
	wantError(t, "the sender", err, "AccessDeniedException", "You don't have permissions to access this resource.")
	wantReason(t, proposeTransfer(ctx, host, map[string]string{"from": host.Account}), "HandshakeConstraintViolationException", "SOURCE_AND_TARGET_CANNOT_MATCH")
	wantError(t, "twice", proposeTransfer(ctx, host, map[string]string{"from": root.Account}), "DuplicateHandshakeException", "A handshake with the specified type and parameters already exists")

	accepted, err := root.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])})
	if err != nil || accepted.Handshake.State != "ACCEPTED" || accepted.Handshake.Action != "TRANSFER_RESPONSIBILITY" {
		t.Fatalf("%+v, %v", accepted, err)
	}
	both("ACCEPTED")
	wantReason(t, proposeTransfer(ctx, host, map[string]string{"from": root.Account}), "HandshakeConstraintViolationException", "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS")
	_, err = root.Organizations.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
	wantReason(t, err, "ConstraintViolationException", "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS")
	wantReason(t, terminate(root, aws.Time(start.AddDate(0, 1, 0))), "InvalidInputException", "END_DATE_NOT_END_OF_MONTH")
	wantReason(t, terminate(root, aws.Time(start.Add(-time.Millisecond))), "InvalidInputException", "END_DATE_TOO_EARLY")
	end := start.AddDate(0, 2, 0).Add(-time.Millisecond)
	if err := terminate(host, &end); err != nil {
		t.Fatal(err)
	}
	both("WITHDRAWN")
	if got := see(root, false); !got.EndTimestamp.Equal(end) {
		t.Errorf("%v, want %v", got.EndTimestamp, end)
	}
	wantError(t, "once more", terminate(root, nil), "ResponsibilityTransferAlreadyInStatusException", "The responsibility transfer is already in the status that you specified.")
	wantReason(t, rename(root), "ConstraintViolationException", "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED")

	// Nobody else has heard of it.
	stranger := w.account(t)
	_, err = stranger.Organizations.DescribeResponsibilityTransfer(ctx, &organizations.DescribeResponsibilityTransferInput{Id: aws.String(made["transfer"])})
	wantError(t, "without an organization", err, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	inNewOrganization(t, stranger, map[string]string{})
	_, err = stranger.Organizations.DescribeResponsibilityTransfer(ctx, &organizations.DescribeResponsibilityTransferInput{Id: aws.String(made["transfer"])})
	const none = "You specified a responsibility transfer that doesn't exist."
	wantError(t, "another organization", err, "ResponsibilityTransferNotFoundException", none)
	wantError(t, "another organization", terminate(stranger, nil), "ResponsibilityTransferNotFoundException", none)
	wantError(t, "another organization", rename(stranger), "ResponsibilityTransferNotFoundException", none)
}

// TestTransferToNobody: an account that manages no organization has nothing to
// hand over, and who asks learns nothing of that.
func TestTransferToNobody(t *testing.T) {
	w := newWorld(t)
	host, guest, made, ctx := w.account(t), w.account(t), map[string]string{}, t.Context()
	inNewOrganization(t, host, made)
	made["from"] = guest.Account
	if err := proposeTransfer(ctx, host, made); err != nil {
		t.Fatal(err)
	}
	accept := func() error {
		_, err := guest.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["handshake"])})
		return err
	}
	wantError(t, "without an organization", accept(), "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	join(t, host, guest)
	wantError(t, "as a member", accept(), "AccessDeniedException", "You don't have permissions to access this resource.")
	for address, kind := range map[string]types.HandshakePartyType{"999999999999": "ACCOUNT", newEmail(): "EMAIL"} {
		out, err := host.Organizations.InviteOrganizationToTransferResponsibility(ctx, &organizations.InviteOrganizationToTransferResponsibilityInput{
			Type: "BILLING", SourceName: aws.String("Bills"), StartTimestamp: transferStart(), Target: &types.HandshakeParty{Type: kind, Id: aws.String(address)},
		})
		if err != nil || out.Handshake.State != "OPEN" {
			t.Errorf("%s: %+v, %v", address, out, err)
		}
	}
	// What waited for an address goes to the account that has it.
	email := newEmail()
	late, err := host.Organizations.InviteOrganizationToTransferResponsibility(ctx, &organizations.InviteOrganizationToTransferResponsibilityInput{
		Type: "BILLING", SourceName: aws.String("Bills"), StartTimestamp: transferStart(), Target: &types.HandshakeParty{Type: "EMAIL", Id: aws.String(email)},
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := w.server.CreateAccount(ctx, "Ann", email)
	if err != nil {
		t.Fatal(err)
	}
	ann := w.as(keys.AccountID, keys.AccessKeyID, keys.SecretAccessKey, "")
	inNewOrganization(t, ann, map[string]string{})
	if _, err := ann.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: late.Handshake.Id}); err != nil {
		t.Error(err)
	}
	in := &organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING", MaxResults: aws.Int32(2)}
	seen := map[string]bool{}
	for {
		out, err := host.Organizations.ListInboundResponsibilityTransfers(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, transfer := range out.ResponsibilityTransfers {
			seen[*transfer.Id] = true
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	same(t, "transfers", len(seen), 4)
	_, err = host.Organizations.ListOutboundResponsibilityTransfers(ctx, &organizations.ListOutboundResponsibilityTransfersInput{Type: "BILLING", NextToken: aws.String("bad")})
	wantReason(t, err, "InvalidInputException", "INVALID_NEXT_TOKEN")
	_, err = guest.Organizations.ListInboundResponsibilityTransfers(ctx, in)
	wantError(t, "a member", err, "AccessDeniedException", "You don't have permissions to access this resource.")
	for start, reason := range map[time.Time]string{
		transferStart().AddDate(0, 0, 1):  "START_DATE_NOT_BEGINNING_OF_MONTH",
		transferStart().Add(time.Hour):    "START_DATE_NOT_BEGINNING_OF_DAY",
		transferStart().AddDate(0, -4, 0): "START_DATE_TOO_EARLY",
		transferStart().AddDate(2, 0, 0):  "START_DATE_TOO_LATE",
	} {
		_, err := host.Organizations.InviteOrganizationToTransferResponsibility(ctx, &organizations.InviteOrganizationToTransferResponsibilityInput{
			Type: "BILLING", SourceName: aws.String("Bills"), StartTimestamp: aws.Time(start), Target: &types.HandshakeParty{Type: "ACCOUNT", Id: aws.String("111111111111")},
		})
		wantReason(t, err, "InvalidInputException", reason)
	}
}
