package api_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/org"
	"iamd/server"
)

// admin is a user of root's account who may do everything.
func (w *world) admin(t testing.TB, root *clients) *clients {
	t.Helper()
	return w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})
}

// into takes the role by which a management account gets into a member.
func (w *world) into(t testing.TB, admin *clients, member, role string) (*clients, error) {
	t.Helper()
	out, err := admin.STS.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + member + ":role/" + role), RoleSessionName: aws.String("test"),
	})
	if err != nil {
		return nil, err
	}
	c := out.Credentials
	return w.as(member, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken), nil
}

// TestCreatedAccount: it has its role and that of Organizations, and no keys; the
// address can't be had twice.
func TestCreatedAccount(t *testing.T) {
	w := newWorld(t)
	root, made := w.account(t), map[string]string{}
	inNewOrganization(t, root, made)
	admin, ctx := w.admin(t, root), t.Context()
	email := newEmail()
	if err := create(ctx, root, made, &organizations.CreateAccountInput{
		AccountName: aws.String("Ink"), Email: aws.String(email), RoleName: aws.String("Ink"), IamUserAccessToBilling: "DENY",
	}); err != nil {
		t.Fatal(err)
	}
	member := *created(t, root, made["request"]).Id
	if _, err := w.into(t, admin, member, org.AccessRole); err == nil {
		t.Error("it has the role that it should not have")
	}
	inside, err := w.into(t, admin, member, "Ink")
	if err != nil {
		t.Fatal(err)
	}
	summary, err := inside.IAM.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil || summary.SummaryMap["AccountAccessKeysPresent"] != 0 || summary.SummaryMap["AccountPasswordPresent"] != 0 || summary.SummaryMap["Roles"] != 2 {
		t.Errorf("%+v, %v", summary, err)
	}
	linked, err := inside.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("AWSServiceRoleForOrganizations")})
	if err != nil || *linked.Role.Path != "/aws-service-role/organizations.amazonaws.com/" {
		t.Errorf("%+v, %v", linked, err)
	}
	task, err := inside.IAM.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: aws.String("AWSServiceRoleForOrganizations")})
	if err != nil {
		t.Fatal(err)
	}
	status, err := inside.IAM.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task.DeletionTaskId})
	if err != nil || status.Status != "FAILED" {
		t.Errorf("%+v, %v", status, err)
	}

	for address, want := range map[string]types.CreateAccountFailureReason{
		strings.ToUpper(email): "EMAIL_ALREADY_EXISTS", "ink%1@example.com": "INVALID_EMAIL",
	} {
		if err := create(ctx, root, made, &organizations.CreateAccountInput{AccountName: aws.String("Two"), Email: aws.String(address)}); err != nil {
			t.Fatal(err)
		}
		got, err := root.Organizations.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: aws.String(made["request"])})
		if s := got.CreateAccountStatus; err != nil || s.State != "FAILED" || s.FailureReason != want || s.AccountId != nil || s.CompletedTimestamp == nil {
			t.Errorf("%+v, %v", s, err)
		}
	}
	err = create(ctx, root, made, &organizations.CreateAccountInput{AccountName: aws.String("X"), Email: aws.String(newEmail()), RoleName: aws.String("AWSServiceRoleForX")})
	wantReason(t, err, "InvalidInputException", "INVALID_ROLE_NAME")
	err = create(ctx, inside, made, &organizations.CreateAccountInput{AccountName: aws.String("X"), Email: aws.String(newEmail())})
	wantError(t, "a member", err, "AccessDeniedException", "You don't have permissions to access this resource.")
	_, err = root.Organizations.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(member)})
	wantReason(t, err, "ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
	_, err = inside.Organizations.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	wantReason(t, err, "ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
	_, err = root.Organizations.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	wantError(t, "the management account", err, "MasterCannotLeaveOrganizationException", "You can't remove the management account")
}

// wantReason checks a refusal's code and reason, as they are on the wire.
func wantReason(t *testing.T, err error, code, reason string) {
	t.Helper()
	got := ""
	constraint, handshake, input, dependency := new(types.ConstraintViolationException), new(types.HandshakeConstraintViolationException),
		new(types.InvalidInputException), new(types.AccessDeniedForDependencyException)
	switch {
	case errors.As(err, &constraint):
		got = string(constraint.Reason)
	case errors.As(err, &handshake):
		got = string(handshake.Reason)
	case errors.As(err, &input):
		got = string(input.Reason)
	case errors.As(err, &dependency):
		got = string(dependency.Reason)
	}
	if have, _ := apiError(err); have != code || got != reason {
		t.Errorf("got %v (%s), want %s (%s)", err, got, code, reason)
	}
}

// TestParallelAddress: of many who want one address at once, one gets it, and the
// others hear why.
func TestParallelAddress(t *testing.T) {
	w := newWorld(t)
	email := newEmail()
	var hosts []*clients
	for range 4 {
		host := w.account(t)
		inNewOrganization(t, host, map[string]string{})
		hosts = append(hosts, host, host)
	}
	var got, lost atomic.Int32
	var all sync.WaitGroup
	for _, host := range hosts {
		all.Go(func() {
			made := map[string]string{}
			if err := create(context.Background(), host, made, &organizations.CreateAccountInput{AccountName: aws.String("Ink"), Email: aws.String(email)}); err != nil {
				t.Error(err)
				return
			}
			out, err := host.Organizations.DescribeCreateAccountStatus(context.Background(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: aws.String(made["request"])})
			switch {
			case err != nil:
				t.Error(err)
			case out.CreateAccountStatus.State == "SUCCEEDED":
				got.Add(1)
			case out.CreateAccountStatus.FailureReason == "EMAIL_ALREADY_EXISTS":
				lost.Add(1)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 || lost.Load() != int32(len(hosts)-1) {
		t.Errorf("%d got it, %d heard why not", got.Load(), lost.Load())
	}
}

// TestParallelAccepts: an account that accepts several invitations at once is in
// one organization in the end, and in the list of that one alone.
func TestParallelAccepts(t *testing.T) {
	w := newWorld(t)
	guest := w.account(t)
	var hosts []*clients
	var ids []string
	for range 6 {
		host := w.account(t)
		inNewOrganization(t, host, map[string]string{})
		hosts, ids = append(hosts, host), append(ids, invite(t, host, "ACCOUNT", guest.Account))
	}
	var joined atomic.Int32
	var all sync.WaitGroup
	for _, id := range append(ids, ids...) {
		all.Go(func() {
			_, err := guest.Organizations.AcceptHandshake(context.Background(), &organizations.AcceptHandshakeInput{HandshakeId: aws.String(id)})
			code, _ := apiError(err)
			switch {
			case err == nil:
				joined.Add(1)
			case code != "ConcurrentModificationException" && code != "HandshakeAlreadyInStateException":
				t.Error(err)
			}
		})
	}
	all.Wait()
	if joined.Load() == 0 {
		t.Error("nobody was let in")
	}
	in, err := guest.Organizations.DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{})
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for _, host := range hosts {
		for _, a := range members(t, host) {
			if *a.Id != guest.Account {
				continue
			}
			if listed++; host.Account != *in.Organization.MasterAccountId {
				t.Errorf("it is a member of %s's organization too", host.Account)
			}
		}
	}
	if listed != 1 {
		t.Errorf("%d organizations list it", listed)
	}
}

// TestHandshakeParties: whoever is no party learns nothing of a handshake, and who
// is does no more than is his.
func TestHandshakeParties(t *testing.T) {
	w := newWorld(t)
	host, guest, stranger := w.account(t), w.account(t), w.account(t)
	inNewOrganization(t, host, map[string]string{})
	inNewOrganization(t, stranger, map[string]string{})
	member, ctx := w.account(t), t.Context()
	join(t, host, member)
	id := aws.String(invite(t, host, "ACCOUNT", guest.Account))
	calls := map[string]func(c *clients) error{
		"Describe": func(c *clients) error {
			_, err := c.Organizations.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: id})
			return err
		},
		"Accept": func(c *clients) error {
			_, err := c.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: id})
			return err
		},
		"Decline": func(c *clients) error {
			_, err := c.Organizations.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: id})
			return err
		},
		"Cancel": func(c *clients) error {
			_, err := c.Organizations.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: id})
			return err
		},
	}
	for name, call := range calls {
		for who, c := range map[string]*clients{"stranger": stranger, "standalone": w.account(t), "member": member} {
			err := call(c)
			code, text := apiError(err)
			if code != "HandshakeNotFoundException" || text != "You specified a handshake that doesn't exist." {
				t.Errorf("%s by a %s: %v", name, who, err)
			}
		}
	}
	denied := "You don't have permissions to access this resource."
	wantError(t, "the sender", calls["Accept"](host), "AccessDeniedException", denied)
	wantError(t, "the sender", calls["Decline"](host), "AccessDeniedException", denied)
	wantError(t, "the recipient", calls["Cancel"](guest), "AccessDeniedException", denied)
	for _, c := range []*clients{host, guest} {
		if err := calls["Describe"](c); err != nil {
			t.Error(err)
		}
	}
	for who, c := range map[string]*clients{"stranger": stranger, "member": member} {
		out, err := c.Organizations.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{})
		if err != nil || len(out.Handshakes) > 0 && *out.Handshakes[0].Id == *id {
			t.Errorf("%s: %+v, %v", who, out, err)
		}
	}
	_, err := host.Organizations.ListHandshakesForOrganization(ctx, &organizations.ListHandshakesForOrganizationInput{
		Filter: &types.HandshakeFilter{ActionType: "INVITE", ParentHandshakeId: id},
	})
	wantReason(t, err, "InvalidInputException", "MAX_LIMIT_EXCEEDED_FILTER")
	_, err = guest.Organizations.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{NextToken: aws.String("bad")})
	wantReason(t, err, "InvalidInputException", "INVALID_NEXT_TOKEN")

	// With the organization goes what it sent.
	if _, err := host.Organizations.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(member.Account)}); err != nil {
		t.Fatal(err)
	}
	if _, err := host.Organizations.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	for name, call := range calls {
		wantError(t, name+" when the organization is gone", call(guest), "HandshakeNotFoundException", "You specified a handshake")
	}
	if out, err := guest.Organizations.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{}); err != nil || len(out.Handshakes) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestInvitedByEmail: the answer says nothing about who has an address, and an
// invitation waits for the account that the operator makes with it.
func TestInvitedByEmail(t *testing.T) {
	w := newWorld(t)
	host, ctx := w.account(t), t.Context()
	inNewOrganization(t, host, map[string]string{})
	known, unknown := newEmail(), newEmail()
	withEmail := func(email string) *clients {
		c, err := w.server.CreateAccount(ctx, "Ann", email)
		if err != nil {
			t.Fatal(err)
		}
		return w.as(c.AccountID, c.AccessKeyID, c.SecretAccessKey, "")
	}
	ann := withEmail(known)
	shapes := map[string]string{}
	for _, email := range []string{known, unknown} {
		out, err := host.Organizations.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: "EMAIL", Id: aws.String(email)}})
		if err != nil {
			t.Fatal(err)
		}
		h := out.Handshake
		if h.State != "OPEN" || len(h.Parties) != 2 || h.Parties[1].Type != "EMAIL" || len(h.Resources) != 2 || h.Resources[1].Type != "EMAIL" || *h.Resources[1].Value != email {
			t.Errorf("%+v", h)
		}
		shapes[email] = *h.Id
	}
	bob := withEmail(strings.ToUpper(unknown))
	for email, c := range map[string]*clients{known: ann, unknown: bob} {
		out, err := c.Organizations.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{})
		if err != nil || len(out.Handshakes) != 1 || *out.Handshakes[0].Id != shapes[email] {
			t.Errorf("%s: %+v, %v", email, out, err)
			continue
		}
		accepted, err := c.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: out.Handshakes[0].Id})
		if err != nil || accepted.Handshake.Parties[1].Type != "ACCOUNT" || *accepted.Handshake.Parties[1].Id != c.Account {
			t.Errorf("%s: %+v, %v", email, accepted, err)
		}
		_, err = c.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: out.Handshakes[0].Id})
		wantError(t, "once more", err, "HandshakeAlreadyInStateException", "The handshake is already in the requested state.")
	}
	// An address that an organization gave to its own new account proves nothing.
	claimed := newEmail()
	invite(t, host, "EMAIL", claimed)
	thief, made := w.account(t), map[string]string{}
	inNewOrganization(t, thief, made)
	if err := create(ctx, thief, made, &organizations.CreateAccountInput{AccountName: aws.String("Ink"), Email: aws.String(claimed)}); err != nil {
		t.Fatal(err)
	}
	inside, err := w.into(t, w.admin(t, thief), *created(t, thief, made["request"]).Id, org.AccessRole)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := inside.Organizations.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{}); err != nil || len(out.Handshakes) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestInvitedAway: what keeps a member from leaving keeps it from being invited
// away, and a management account stays with its organization.
func TestInvitedAway(t *testing.T) {
	q := org.DefaultQuotas()
	q.Stay = 0
	w := worldOf(t, server.Config{DataDir: t.TempDir(), OrganizationQuotas: q})
	from, to, ctx := w.account(t), w.account(t), t.Context()
	made := map[string]string{}
	inNewOrganization(t, to, map[string]string{})
	inNewOrganization(t, from, made)
	if err := createInk(ctx, from, made); err != nil {
		t.Fatal(err)
	}
	member, admin := *created(t, from, made["request"]).Id, w.admin(t, from)
	inside, err := w.into(t, admin, member, org.AccessRole)
	if err != nil {
		t.Fatal(err)
	}
	id := aws.String(invite(t, to, "ACCOUNT", member))
	master := aws.String(invite(t, to, "ACCOUNT", from.Account))
	_, err = from.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: master})
	wantReason(t, err, "HandshakeConstraintViolationException", "ALREADY_IN_AN_ORGANIZATION")

	roots, err := from.Organizations.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	root := roots.Roots[0].Id
	stay, err := from.Organizations.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("Stay"), Description: aws.String(""), Type: "SERVICE_CONTROL_POLICY",
		Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.Organizations.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: stay.Policy.PolicySummary.Id, TargetId: root}); err != nil {
		t.Fatal(err)
	}
	_, err = inside.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: id})
	wantError(t, "bound to stay", err, "AccessDeniedException", "You don't have permissions to access this resource.")
	if _, err := from.Organizations.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: stay.Policy.PolicySummary.Id, TargetId: root}); err != nil {
		t.Fatal(err)
	}
	if _, err = inside.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: id}); err != nil {
		t.Fatal(err)
	}
	in, err := inside.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil || *in.Organization.MasterAccountId != to.Account || len(members(t, from)) != 1 || len(members(t, to)) != 2 {
		t.Errorf("%+v, %v", in, err)
	}
}

// TestClosedAccount: nobody of a closed account gets in, and nobody gets into it.
func TestClosedAccount(t *testing.T) {
	w := newWorld(t)
	host, guest, ctx := w.account(t), w.account(t), t.Context()
	made := map[string]string{}
	inNewOrganization(t, host, made)
	join(t, host, guest)
	if err := createInk(ctx, host, made); err != nil {
		t.Fatal(err)
	}
	admin, member := w.admin(t, host), *created(t, host, made["request"]).Id
	inside, err := w.into(t, admin, member, org.AccessRole)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{member, guest.Account} {
		if _, err := host.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(id)}); err != nil {
			t.Fatal(err)
		}
	}
	for who, c := range map[string]*clients{"a session": inside, "root": guest} {
		_, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		wantError(t, who, err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	who, err := admin.STS.GetCallerIdentity(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.into(t, admin, member, org.AccessRole)
	refusedAs(t, "AssumeRole", err, "AccessDenied", "User: "+*who.Arn+" is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"+
		member+":role/"+org.AccessRole+" because no role trust policy allows the sts:AssumeRole action")
	_, err = host.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(member)})
	wantError(t, "once more", err, "AccountAlreadyClosedException", "The provided account is already closed.")
	_, err = host.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(host.Account)})
	wantReason(t, err, "ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
	_, err = host.Organizations.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(member)})
	wantReason(t, err, "ConstraintViolationException", "ACCOUNT_CANNOT_LEAVE_ORGANIZATION")
	if n := len(members(t, host)); n != 3 {
		t.Errorf("%d members", n)
	}
}

// TestLinkedByCaller: who makes or joins an organization must be allowed to make
// the role of Organizations, unless it is there.
func TestLinkedByCaller(t *testing.T) {
	w := newWorld(t)
	root, host, ctx := w.account(t), w.account(t), t.Context()
	inNewOrganization(t, host, map[string]string{})
	id := invite(t, host, "ACCOUNT", root.Account)
	caller := w.caller(t, root, statement{Effect: "Allow", Action: "organizations:*", Resource: "*"})
	_, err := caller.Organizations.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	wantReason(t, err, "AccessDeniedForDependencyException", "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE")
	_, err = caller.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(id)})
	wantReason(t, err, "AccessDeniedForDependencyException", "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE")
	if _, err := root.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{}); err == nil {
		t.Error("it came in all the same")
	}
	if _, err := root.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(id)}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("AWSServiceRoleForOrganizations")}); err != nil {
		t.Error(err)
	}
}

// TestAllFeatures: every guest is asked, and the management account has the last
// word.
func TestAllFeatures(t *testing.T) {
	w := newWorld(t)
	host, guest, ctx := w.account(t), w.account(t), t.Context()
	if _, err := host.Organizations.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "CONSOLIDATED_BILLING"}); err != nil {
		t.Fatal(err)
	}
	join(t, host, guest)
	if _, err := guest.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("AWSServiceRoleForOrganizations")}); err == nil {
		t.Error("bills alone need no role")
	}
	_, err := host.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(guest.Account)})
	wantReason(t, err, "ConstraintViolationException", "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	begun, err := host.Organizations.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
	if err != nil || begun.Handshake.State != "REQUESTED" {
		t.Fatalf("%+v, %v", begun, err)
	}
	late := &organizations.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: "ACCOUNT", Id: aws.String(w.account(t).Account)}}
	_, err = host.Organizations.InviteAccountToOrganization(ctx, late)
	wantReason(t, err, "HandshakeConstraintViolationException", "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES")
	refusedAs(t, "inviting meanwhile", err, "HandshakeConstraintViolationException", "You can't issue new invitations to join an organization while it's in the process of enabling all features.")
	_, err = guest.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: begun.Handshake.Id})
	wantError(t, "a member", err, "HandshakeNotFoundException", "You specified a handshake that doesn't exist.")
	_, err = host.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: begun.Handshake.Id})
	wantError(t, "too early", err, "InvalidHandshakeTransitionException", "You cannot perform this operation on a handshake in its current state")
	parts, err := host.Organizations.ListHandshakesForOrganization(ctx, &organizations.ListHandshakesForOrganizationInput{Filter: &types.HandshakeFilter{ParentHandshakeId: begun.Handshake.Id}})
	if err != nil || len(parts.Handshakes) != 1 {
		t.Fatalf("%+v, %v", parts, err)
	}
	asked, err := guest.Organizations.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{Filter: &types.HandshakeFilter{ActionType: "APPROVE_ALL_FEATURES"}})
	if err != nil || len(asked.Handshakes) != 1 || *asked.Handshakes[0].Id != *parts.Handshakes[0].Id {
		t.Fatalf("%+v, %v", asked, err)
	}
	_, err = host.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: asked.Handshakes[0].Id})
	wantError(t, "in the member's place", err, "AccessDeniedException", "You don't have permissions to access this resource.")
	_, err = host.Organizations.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: asked.Handshakes[0].Id})
	wantError(t, "without the member", err, "AccessDeniedException", "You don't have permissions to access this resource.")
	if _, err := guest.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: asked.Handshakes[0].Id}); err != nil {
		t.Fatal(err)
	}
	done, err := host.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: begun.Handshake.Id})
	if err != nil || done.Handshake.State != "ACCEPTED" {
		t.Fatalf("%+v, %v", done, err)
	}
	for _, c := range []*clients{host, guest} {
		out, err := c.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		if err != nil || out.Organization.FeatureSet != "ALL" {
			t.Errorf("%+v, %v", out, err)
		}
		if _, err := c.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("AWSServiceRoleForOrganizations")}); err != nil {
			t.Error(err)
		}
	}
	_, err = host.Organizations.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
	wantReason(t, err, "HandshakeConstraintViolationException", "ORGANIZATION_ALREADY_HAS_ALL_FEATURES")
	if _, err := host.Organizations.InviteAccountToOrganization(ctx, late); err != nil {
		t.Errorf("inviting after it: %v", err)
	}
}
