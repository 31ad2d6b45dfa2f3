package api_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/org"
)

func organizationAccountCases() []actionCase {
	return []actionCase{
		{
			action: "CreateAccount", setup: inNewOrganization, call: createInk,
			effect: func(t *testing.T, root *clients, made map[string]string) {
				got := created(t, root, made["request"])
				if got.Status != "ACTIVE" || *got.Name != "Ink" || got.JoinedMethod != "CREATED" {
					t.Errorf("%+v", got)
				}
			},
			grants: []grant{{"organizations:CreateAccount", "*"}},
		},
		{
			action: "CreateAccount", setup: inNewOrganization,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				return create(ctx, c, made, &organizations.CreateAccountInput{
					AccountName: aws.String("Ink"), Email: aws.String(newEmail()), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
				})
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				got := created(t, root, made["request"])
				tags, err := root.Organizations.ListTagsForResource(t.Context(), &organizations.ListTagsForResourceInput{ResourceId: got.Id})
				if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "team" || *tags.Tags[0].Value != "red" {
					t.Errorf("%+v, %v", tags, err)
				}
			},
			grants: []grant{{"organizations:CreateAccount", "*"}, {"organizations:TagResource", "*"}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue", tagKeys: "team",
		},
		{
			// No account here has a counterpart in GovCloud, and whoever may call hears
			// just that.
			action: "CreateGovCloudAccount", setup: inNewOrganization,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.CreateGovCloudAccount(ctx, &organizations.CreateGovCloudAccountInput{
					AccountName: aws.String("Ink"), Email: aws.String(newEmail()), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
				})
				if refused := new(types.ConstraintViolationException); errors.As(err, &refused) {
					made["reason"] = string(refused.Reason)
					return nil
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if made["reason"] != "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED" {
					t.Errorf("%v", made)
				}
				if n := len(members(t, root)); n != 1 {
					t.Errorf("%d accounts", n)
				}
			},
			grants: []grant{{"organizations:CreateGovCloudAccount", "*"}, {"organizations:TagResource", "*"}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue",
		},
		{
			action: "DescribeCreateAccountStatus", setup: withMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: aws.String(made["request"])})
				if err == nil {
					made["described"] = string(out.CreateAccountStatus.State) + " " + *out.CreateAccountStatus.AccountId
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				if made["described"] != "SUCCEEDED "+made["member"] {
					t.Errorf("%v", made)
				}
			},
			grants: []grant{{"organizations:DescribeCreateAccountStatus", "*"}},
		},
		{
			action: "ListCreateAccountStatus", setup: withMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListCreateAccountStatus(ctx, &organizations.ListCreateAccountStatusInput{States: []types.CreateAccountState{"SUCCEEDED"}})
				if err == nil && len(out.CreateAccountStatuses) == 1 {
					made["listed"] = *out.CreateAccountStatuses[0].Id
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if made["listed"] != made["request"] {
					t.Errorf("%v", made)
				}
				out, err := root.Organizations.ListCreateAccountStatus(t.Context(), &organizations.ListCreateAccountStatusInput{States: []types.CreateAccountState{"FAILED"}})
				if err != nil || len(out.CreateAccountStatuses) != 0 {
					t.Errorf("%+v, %v", out, err)
				}
			},
			grants: []grant{{"organizations:ListCreateAccountStatus", "*"}},
		},
		{
			action: "DescribeAccount", setup: withTaggedMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: aws.String(made["member"])})
				if err == nil {
					made["described"] = *out.Account.Arn
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if want := "arn:aws:organizations::" + root.Account + ":account/" + made["organization"] + "/" + made["member"]; made["described"] != want {
					t.Errorf("%s, want %s", made["described"], want)
				}
			},
			grants: []grant{{"organizations:DescribeAccount", memberARN}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "ListAccounts", setup: withMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				for p := organizations.NewListAccountsPaginator(c.Organizations, &organizations.ListAccountsInput{MaxResults: aws.Int32(1)}); p.HasMorePages(); {
					out, err := p.NextPage(ctx)
					if err != nil {
						return err
					}
					for _, a := range out.Accounts {
						made["listed"] += *a.Id + " "
					}
				}
				return nil
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				list := ""
				for _, a := range members(t, root) {
					list += *a.Id + " "
				}
				if made["listed"] != list || len(members(t, root)) != 2 {
					t.Errorf("%v, want %s", made, list)
				}
			},
			grants: []grant{{"organizations:ListAccounts", "*"}},
		},
		{
			action: "ListAccountsForParent", setup: withMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: aws.String(made["unit"])})
				if err == nil {
					made["listed"] = fmt.Sprint(len(out.Accounts), *out.Accounts[0].Id, out.Accounts[0].Paths)
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				if want := fmt.Sprint(1, made["member"], []string{made["organization"] + "/" + made["root"] + "/" + made["unit"] + "/" + made["member"] + "/"}); made["listed"] != want {
					t.Errorf("%s, want %s", made["listed"], want)
				}
			},
			grants: []grant{{"organizations:ListAccountsForParent", "arn:aws:organizations::«ACCOUNT»:ou/«organization»/«unit»"}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "CloseAccount", setup: withTaggedMember,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(made["member"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.Organizations.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String(made["member"])})
				if err != nil || out.Account.State != "CLOSED" || out.Account.Status != "SUSPENDED" {
					t.Errorf("%+v, %v", out, err)
				}
			},
			grants: []grant{{"organizations:CloseAccount", memberARN}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "RemoveAccountFromOrganization", setup: withGuest,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(made["member"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				_, err := root.Organizations.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String(made["member"])})
				wantError(t, "DescribeAccount", err, "AccountNotFoundException", "You specified an account that doesn't exist.")
			},
			grants: []grant{{"organizations:RemoveAccountFromOrganization", memberARN}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "LeaveOrganization", setup: asGuest,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.Organizations.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.Organizations.DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{})
				wantError(t, "DescribeOrganization", err, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
			},
			grants: []grant{{"organizations:LeaveOrganization", "*"}},
		},
	}
}

const memberARN = "arn:aws:organizations::«ACCOUNT»:account/«organization»/«member»"

var emails atomic.Int64

// newEmail is an address that nobody has.
func newEmail() string { return fmt.Sprintf("ink-%d@example.com", emails.Add(1)) }

func createInk(ctx context.Context, c *clients, made map[string]string) error {
	made["email"] = newEmail()
	return create(ctx, c, made, &organizations.CreateAccountInput{AccountName: aws.String("Ink"), Email: aws.String(made["email"])})
}

// create asks for an account and notes the request.
func create(ctx context.Context, c *clients, made map[string]string, in *organizations.CreateAccountInput) error {
	out, err := c.Organizations.CreateAccount(ctx, in)
	if err != nil {
		return err
	}
	made["request"] = *out.CreateAccountStatus.Id
	if s := out.CreateAccountStatus; s.State != "IN_PROGRESS" || s.AccountId != nil || s.CompletedTimestamp != nil || s.FailureReason != "" {
		return fmt.Errorf("the status at first: %+v", s)
	}
	return nil
}

// created is the account that a request made.
func created(t testing.TB, root *clients, request string) *types.Account {
	t.Helper()
	status, err := root.Organizations.DescribeCreateAccountStatus(t.Context(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: aws.String(request)})
	if err != nil || status.CreateAccountStatus.State != org.CreationSucceeded {
		t.Fatalf("%+v, %v", status, err)
	}
	out, err := root.Organizations.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: status.CreateAccountStatus.AccountId})
	if err != nil {
		t.Fatal(err)
	}
	return out.Account
}

// members lists an organization's accounts.
func members(t testing.TB, root *clients) []types.Account {
	t.Helper()
	out, err := root.Organizations.ListAccounts(t.Context(), &organizations.ListAccountsInput{})
	if err != nil {
		t.Fatal(err)
	}
	return out.Accounts
}

// withMember makes an organization with an account in a unit.
func withMember(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	inNewOrganization(t, root, made)
	if err := createInk(t.Context(), root, made); err != nil {
		t.Fatal(err)
	}
	made["member"] = *created(t, root, made["request"]).Id
	roots, err := root.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	made["root"] = *roots.Roots[0].Id
	unit, err := root.Organizations.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{
		Name: aws.String("Ink"), ParentId: aws.String(made["root"]), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	made["unit"] = *unit.OrganizationalUnit.Id
	if _, err := root.Organizations.MoveAccount(t.Context(), &organizations.MoveAccountInput{
		AccountId: aws.String(made["member"]), SourceParentId: aws.String(made["root"]), DestinationParentId: aws.String(made["unit"]),
	}); err != nil {
		t.Fatal(err)
	}
}

func withTaggedMember(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	withMember(t, root, made)
	if _, err := root.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{
		ResourceId: aws.String(made["member"]), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
	}); err != nil {
		t.Fatal(err)
	}
}

// withGuest makes an organization with an account that was invited, and tagged.
func withGuest(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	inNewOrganization(t, root, made)
	guest := root.world.account(t)
	made["member"] = guest.Account
	join(t, root, guest)
}

// asGuest makes root's account a member of somebody's organization.
func asGuest(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	host := root.world.account(t)
	inNewOrganization(t, host, made)
	made["host"] = host.Account
	join(t, host, root)
}

// join invites an account, and has it accept.
func join(t testing.TB, host, guest *clients) {
	t.Helper()
	id := invite(t, host, "ACCOUNT", guest.Account, types.Tag{Key: aws.String("team"), Value: aws.String("red")})
	if _, err := guest.Organizations.AcceptHandshake(t.Context(), &organizations.AcceptHandshakeInput{HandshakeId: aws.String(id)}); err != nil {
		t.Fatal(err)
	}
}

// invite sends an invitation and gives its id.
func invite(t testing.TB, host *clients, kind types.HandshakePartyType, address string, tags ...types.Tag) string {
	t.Helper()
	out, err := host.Organizations.InviteAccountToOrganization(t.Context(), &organizations.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Type: kind, Id: aws.String(address)}, Tags: tags,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Handshake.Id
}
