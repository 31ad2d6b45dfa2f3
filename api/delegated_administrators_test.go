package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func register(t testing.TB, root *clients, account, service string) {
	t.Helper()
	if _, err := root.Organizations.RegisterDelegatedAdministrator(context.Background(), &organizations.RegisterDelegatedAdministratorInput{
		AccountId: &account, ServicePrincipal: &service,
	}); err != nil {
		t.Fatal(err)
	}
}

// withAdministrator makes an organization with a member, tagged team=red, that
// administers CloudTrail.
func withAdministrator(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	withTaggedMember(t, root, made)
	trustService(t, root, trail, iamAWS)
	register(t, root, made["member"], trail)
}

// administrators lists the numbers of those of a service; "" for any.
func administratorsOf(t testing.TB, c *clients, service string) (list []string) {
	t.Helper()
	in := &organizations.ListDelegatedAdministratorsInput{}
	if service != "" {
		in.ServicePrincipal = &service
	}
	out, err := c.Organizations.ListDelegatedAdministrators(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range out.DelegatedAdministrators {
		list = append(list, *a.Id)
	}
	return list
}

func delegatedAdministratorCases() []actionCase {
	const onMember = anOrganization + "account/«organization»/«member»"
	return []actionCase{
		{
			action: "RegisterDelegatedAdministrator",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				withTaggedMember(t, root, made)
				trustService(t, root, iamAWS)
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{
					AccountId: aws.String(made["member"]), ServicePrincipal: aws.String(iamAWS),
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "administrators", administratorsOf(t, root, iamAWS)[0], made["member"])
			},
			grants: []grant{{"organizations:RegisterDelegatedAdministrator", onMember}},
			key:    "organizations:ServicePrincipal", holds: iamAWS, other: trail,
		},
		{
			action: "DeregisterDelegatedAdministrator", setup: withAdministrator,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.DeregisterDelegatedAdministrator(ctx, &organizations.DeregisterDelegatedAdministratorInput{
					AccountId: aws.String(made["member"]), ServicePrincipal: aws.String(trail),
				})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "administrators", len(administratorsOf(t, root, "")), 0)
			},
			grants: []grant{{"organizations:DeregisterDelegatedAdministrator", onMember}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
		{
			action: "ListDelegatedAdministrators", setup: withAdministrator,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String(trail)})
				if err == nil && len(out.DelegatedAdministrators) == 1 {
					a := out.DelegatedAdministrators[0]
					made["listed"] = *a.Id + " " + *a.Arn + " " + *a.Name + " " + string(a.State) + " " + string(a.Status) + " " + string(a.JoinedMethod)
					if a.DelegationEnabledDate == nil || a.JoinedTimestamp == nil || a.Email == nil {
						made["listed"] = ""
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], made["member"]+" arn:aws:organizations::"+root.Account+":account/"+made["organization"]+"/"+made["member"]+" Ink ACTIVE ACTIVE CREATED")
				same(t, "of any service", len(administratorsOf(t, root, "")), 1)
				same(t, "of another", len(administratorsOf(t, root, iamAWS)), 0)
				_, err := root.Organizations.ListDelegatedAdministrators(t.Context(), &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String("x.amazonaws.com")})
				wantReason(t, err, "InvalidInputException", "UNRECOGNIZED_SERVICE_PRINCIPAL")
			},
			grants: []grant{{"organizations:ListDelegatedAdministrators", "*"}},
			key:    "organizations:ServicePrincipal", holds: trail, other: iamAWS,
		},
		{
			action: "ListDelegatedServicesForAccount", setup: withAdministrator,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListDelegatedServicesForAccount(ctx, &organizations.ListDelegatedServicesForAccountInput{AccountId: aws.String(made["member"])})
				if err == nil && len(out.DelegatedServices) == 1 && out.DelegatedServices[0].DelegationEnabledDate != nil {
					made["listed"] = *out.DelegatedServices[0].ServicePrincipal
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], trail)
				_, err := root.Organizations.ListDelegatedServicesForAccount(t.Context(), &organizations.ListDelegatedServicesForAccountInput{AccountId: aws.String(root.Account)})
				wantError(t, "the management account", err, "AccountNotRegisteredException", "The provided account is not a registered delegated administrator for your organization.")
			},
			grants: []grant{{"organizations:ListDelegatedServicesForAccount", onMember}},
			key:    "aws:ResourceTag/team", holds: "red", other: "blue",
		},
	}
}

// TestDelegatedAdministratorReads: a member reads the organization for as long as
// it administers something, and never writes.
func TestDelegatedAdministratorReads(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	withGuest(t, root, made)
	guest := w.guestOf(t, root)
	other := w.guestOf(t, root)
	trustService(t, root, trail, iamAWS)
	user := w.caller(t, guest, statement{Effect: "Allow", Action: "organizations:*", Resource: "*"})
	reads := func(c *clients) error {
		_, err := c.Organizations.ListAccounts(ctx, &organizations.ListAccountsInput{})
		return err
	}
	registering := func(c *clients, account string) error {
		_, err := c.Organizations.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: aws.String(iamAWS)})
		return err
	}
	for who, c := range map[string]*clients{"root": guest, "a user": user} {
		wantError(t, "a list for "+who, reads(c), "AccessDeniedException", hiddenText)
		wantError(t, who+" registers itself", registering(c, guest.Account), "AccessDeniedException", hiddenText)
		if _, err := c.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{}); err != nil {
			t.Errorf("DescribeOrganization by %s: %v", who, err)
		}
	}
	session, err := user.STS.GetCallerIdentity(ctx, nil)
	if err != nil || *session.Account != guest.Account {
		t.Fatal(session, err)
	}
	register(t, root, guest.Account, trail)
	if err := reads(user); err != nil {
		t.Error(err)
	}
	if _, err := user.Organizations.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &other.Account}); err != nil {
		t.Error(err)
	}
	wantError(t, "an administrator registers another", registering(user, other.Account), "AccessDeniedException", hiddenText)
	wantError(t, "an administrator registers itself", registering(guest, guest.Account), "AccessDeniedException", hiddenText)
	_, err = user.Organizations.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("sso.amazonaws.com")})
	wantError(t, "an administrator trusts a service", err, "AccessDeniedException", hiddenText)
	_, err = user.Organizations.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{Content: aws.String(delegation(guest.Account, "Allow", "organizations:ListAccounts"))})
	wantError(t, "an administrator delegates", err, "AccessDeniedException", hiddenText)
	_, err = user.Organizations.DescribeResourcePolicy(ctx, &organizations.DescribeResourcePolicyInput{})
	wantError(t, "no policy yet", err, "ResourcePolicyNotFoundException", "No resource-based policy found.")
	wantError(t, "another member", reads(other), "AccessDeniedException", hiddenText)

	// Without policies of its own nobody reads, whatever the account may.
	if _, err := root.Organizations.DeregisterDelegatedAdministrator(ctx, &organizations.DeregisterDelegatedAdministratorInput{AccountId: &guest.Account, ServicePrincipal: aws.String(trail)}); err != nil {
		t.Fatal(err)
	}
	for who, c := range map[string]*clients{"root": guest, "a user": user} {
		wantError(t, "afterwards, "+who, reads(c), "AccessDeniedException", hiddenText)
	}
	stranger := w.account(t)
	_, err = stranger.Organizations.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{})
	wantError(t, "a stranger", err, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	register(t, root, guest.Account, trail)
	_, err = root.Organizations.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &guest.Account})
	wantReason(t, err, "ConstraintViolationException", string(types.ConstraintViolationExceptionReasonCannotRemoveDelegatedAdministratorFromOrg))
}

// guestOf makes an account with keys of its root user, and has it join root's
// organization.
func (w *world) guestOf(t testing.TB, root *clients) *clients {
	t.Helper()
	guest := w.account(t)
	join(t, root, guest)
	return guest
}
