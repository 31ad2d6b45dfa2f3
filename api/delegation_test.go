package api_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/server"
	"iamd/wire"
)

// delegated is a delegation of an account to a partner, in the making.
type delegated struct {
	w              *world
	partner, owner *clients // their root users
	id             string
}

// newDelegation makes a partner's request to an owner, who associates with it as
// root.
func newDelegation(t *testing.T, w *world, change func(*iam.CreateDelegationRequestInput)) *delegated {
	t.Helper()
	d := &delegated{w: w, partner: w.account(t), owner: w.account(t)}
	for _, name := range []string{"Ink", "Pen"} {
		if _, err := d.owner.IAM.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	in := askFor(d.partner.Account, "Ink", "workflow-1")
	if change != nil {
		change(in)
	}
	out, err := d.partner.IAM.CreateDelegationRequest(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	d.id = *out.DelegationRequestId
	return d
}

func (d *delegated) associate(c *clients) error {
	_, err := c.IAM.AssociateDelegationRequest(context.Background(), &iam.AssociateDelegationRequestInput{DelegationRequestId: &d.id})
	return err
}

func (d *delegated) accept(c *clients) error {
	_, err := c.IAM.AcceptDelegationRequest(context.Background(), &iam.AcceptDelegationRequestInput{DelegationRequestId: &d.id})
	return err
}

func (d *delegated) reject(c *clients) error {
	_, err := c.IAM.RejectDelegationRequest(context.Background(), &iam.RejectDelegationRequestInput{DelegationRequestId: &d.id})
	return err
}

func (d *delegated) send(c *clients) error {
	_, err := c.IAM.SendDelegationToken(context.Background(), &iam.SendDelegationTokenInput{DelegationRequestId: &d.id})
	return err
}

func (d *delegated) get(c *clients) error {
	_, err := c.IAM.GetDelegationRequest(context.Background(), &iam.GetDelegationRequestInput{DelegationRequestId: &d.id})
	return err
}

// trade gives the credentials of the token that the partner heard of.
func (d *delegated) trade(t *testing.T) *clients {
	t.Helper()
	out, err := d.partner.STS.GetDelegatedAccessToken(t.Context(), &sts.GetDelegatedAccessTokenInput{TradeInToken: aws.String(heard.last(d.partner.Account).ExchangeToken)})
	if err != nil {
		t.Fatal(err)
	}
	return d.w.as(d.owner.Account, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
}

func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func tagsOf(c *clients, name string) error {
	_, err := c.IAM.ListUserTags(context.Background(), &iam.ListUserTagsInput{UserName: aws.String(name)})
	return err
}

// all lets a user do everything.
var all = statement{Effect: "Allow", Action: "*", Resource: "*"}

// TestDelegation is the whole way, over two accounts, with an approver for each
// kind of identity: what was delegated can be done, and nothing else.
func TestDelegation(t *testing.T) {
	w := newWorld(t)
	for _, kind := range []string{"root", "user", "role"} {
		t.Run(kind, func(t *testing.T) {
			d := newDelegation(t, w, func(in *iam.CreateDelegationRequestInput) { in.OwnerAccountId = nil })
			approver, want := d.owner, "arn:aws:iam::"+d.owner.Account+":root"
			if kind != "root" {
				approver, want = w.caller(t, d.owner, all), "arn:aws:iam::"+d.owner.Account+":user/caller"
			}
			if kind == "role" {
				arn := makeRole(t, d.owner, "Admin", trusting(d.owner.Account, "sts:AssumeRole"))
				if _, err := d.owner.IAM.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("Admin"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err != nil {
					t.Fatal(err)
				}
				out, err := assume(approver, arn, "Boss")
				mustDo(t, err)
				approver = w.as(d.owner.Account, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
				want = "arn:aws:sts::" + d.owner.Account + ":assumed-role/Admin/Boss"
			}
			mustDo(t, d.get(d.owner), d.associate(d.owner), d.accept(approver), d.send(d.owner))
			got := delegationOf(t, d.owner, d.id)
			if *got.ApproverId != want || *got.RequestorId != d.partner.Account || *got.RequestorName != "Example Corp" || *got.OwnerAccountId != d.owner.Account ||
				!strings.Contains(*got.PermissionPolicy, `"Resource":"arn:aws:iam::*:user/Ink"`) || got.ExpirationTime.Sub(*got.UpdatedTime) != 7*24*time.Hour {
				t.Errorf("the request %+v", got)
			}
			message := heard.last(d.partner.Account)
			if message.DelegationRequestId != d.id || message.OwnerAccountId != d.owner.Account || message.State != "FINALIZED" {
				t.Errorf("heard %+v", message)
			}
			guest := d.trade(t)
			who, err := guest.STS.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			if err != nil || *who.Arn != want {
				t.Errorf("the guest is %v: %v", who, err)
			}
			mustDo(t, tagsOf(guest, "Ink"))
			_, err = guest.IAM.TagUser(t.Context(), &iam.TagUserInput{UserName: aws.String("Ink"), Tags: []types.Tag{{Key: aws.String("by"), Value: aws.String("guest")}}})
			mustDo(t, err)
			wantError(t, "another user", tagsOf(guest, "Pen"), "AccessDenied", "iam:ListUserTags on resource: user Pen because no session policy allows the iam:ListUserTags action")
			_, err = guest.IAM.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("Ink")})
			wantError(t, "another action", err, "AccessDenied", "because no session policy allows the iam:GetUser action")
			_, err = guest.STS.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
			wantError(t, "a longer session", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
			// One approval does not give or take another.
			for name, err := range map[string]error{
				"AcceptDelegationRequest": d.accept(guest), "RejectDelegationRequest": d.reject(guest), "GetDelegationRequest": d.get(guest), "SendDelegationToken": d.send(guest),
			} {
				wantError(t, name, err, "AccessDenied", "Cannot call "+name+" with session credentials")
			}
			again := d.trade(t) // as long as the access lasts
			mustDo(t, tagsOf(again, "Ink"))
		})
	}
}

// TestDelegationVisibility: who sees a request, and who may associate with it.
func TestDelegationVisibility(t *testing.T) {
	w := newWorld(t)
	stranger := w.account(t)
	d := newDelegation(t, w, nil)
	mustDo(t, d.get(stranger), d.get(d.partner), d.get(d.owner)) // meant for nobody yet
	mustDo(t, d.associate(d.owner))
	gone := "Delegation request " + d.id + " cannot be found."
	wantError(t, "the stranger", d.get(stranger), "NoSuchEntity", gone)
	wantError(t, "the partner", d.get(d.partner), "NoSuchEntity", gone)
	wantError(t, "the stranger", d.associate(stranger), "NoSuchEntity", gone)
	wantError(t, "the stranger", d.accept(stranger), "NoSuchEntity", gone)
	wantError(t, "the partner", d.accept(d.partner), "NoSuchEntity", gone)
	wantError(t, "twice", d.associate(d.owner), "InvalidInput", "Delegation request "+d.id+" is in the state ASSIGNED; it must be in the state UNASSIGNED.")

	owner := w.account(t)
	meant := newDelegation(t, w, func(in *iam.CreateDelegationRequestInput) { in.OwnerAccountId = aws.String(owner.Account) })
	gone = "Delegation request " + meant.id + " cannot be found."
	wantError(t, "the stranger", meant.get(stranger), "NoSuchEntity", gone)
	wantError(t, "the partner", meant.get(meant.partner), "NoSuchEntity", gone)
	wantError(t, "the stranger", meant.associate(stranger), "NoSuchEntity", gone)
	mustDo(t, meant.get(owner), meant.associate(owner))
	for _, c := range []*clients{owner, stranger} {
		out, err := c.IAM.ListDelegationRequests(t.Context(), &iam.ListDelegationRequestsInput{})
		if want := map[bool]int{true: 1}[c == owner]; err != nil || len(out.DelegationRequests) != want {
			t.Errorf("listed %+v %v, want %d", out, err, want)
		}
	}
	// The owner, who has no policies, may look, send on and refuse, and not approve.
	plain := newDelegation(t, w, nil)
	user := w.caller(t, plain.owner, statement{"Allow", "iam:AssociateDelegationRequest", "*", nil})
	mustDo(t, plain.associate(user), plain.get(user))
	out, err := user.IAM.ListDelegationRequests(t.Context(), &iam.ListDelegationRequestsInput{OwnerId: aws.String("arn:aws:iam::" + plain.owner.Account + ":user/caller")})
	if err != nil || len(out.DelegationRequests) != 1 {
		t.Errorf("listed %+v %v", out, err)
	}
	_, err = user.IAM.ListDelegationRequests(t.Context(), &iam.ListDelegationRequestsInput{})
	wantError(t, "everybody's", err, "AccessDenied", "iam:ListDelegationRequests")
	wantError(t, "the owner approves", plain.accept(user), "AccessDenied", "iam:AcceptDelegationRequest on resource: arn:aws:iam::"+plain.owner.Account+":delegation-request/"+plain.id)
	mustDo(t, plain.reject(user))
	wantError(t, "after a rejection", plain.accept(plain.owner), "InvalidInput", "Delegation request "+plain.id+" is in the state REJECTED; it must be in the state ASSIGNED or PENDING_APPROVAL.")
}

// TestDelegationHasOneOwner: of many accounts that associate at once, one does.
func TestDelegationHasOneOwner(t *testing.T) {
	w := newWorld(t)
	d := newDelegation(t, w, nil)
	answers := make(chan error)
	const accounts = 8
	for range accounts {
		c := w.account(t)
		go func() { answers <- d.associate(c) }()
	}
	won := 0
	for range accounts {
		if err := <-answers; err == nil {
			won++
		} else {
			wantError(t, "too late", err, "NoSuchEntity", "Delegation request "+d.id+" cannot be found.")
		}
	}
	if won != 1 {
		t.Errorf("%d accounts own the request", won)
	}
}

// TestTradeInToken: to whom a token is of use, and until when.
func TestTradeInToken(t *testing.T) {
	var late atomic.Int64 // seconds
	w := worldOf(t, server.Config{DataDir: t.TempDir(), Now: func() time.Time { return time.Now().Add(time.Duration(late.Load()) * time.Second) }})
	d := newDelegation(t, w, func(in *iam.CreateDelegationRequestInput) { in.SessionDuration = aws.Int32(300) })
	user := w.caller(t, d.owner, all)
	mustDo(t, d.associate(d.owner), d.accept(user), d.send(d.owner))
	token := heard.last(d.partner.Account).ExchangeToken
	for name, c := range map[string]struct {
		who   *clients
		token string
	}{"the owner": {d.owner, token}, "a stranger": {w.account(t), token}, "another token": {d.partner, token[:len(token)-4] + "AAAA"}, "no token": {d.partner, "x"}, "a long one": {d.partner, strings.Repeat("A", 5000)}} {
		_, err := c.who.STS.GetDelegatedAccessToken(t.Context(), &sts.GetDelegatedAccessTokenInput{TradeInToken: &c.token})
		wantError(t, name, err, "AccessDenied", "The trade-in token is not valid.")
	}
	guest := d.trade(t)
	mustDo(t, tagsOf(guest, "Ink"))
	late.Store(290)
	second := d.trade(t)
	mustDo(t, tagsOf(guest, "Ink"), tagsOf(second, "Ink"))
	late.Store(302)
	for _, c := range []*clients{guest, second} {
		wantError(t, "after the end", tagsOf(c, "Ink"), "ExpiredToken", "The security token included in the request is expired")
	}
	_, err := d.partner.STS.GetDelegatedAccessToken(t.Context(), &sts.GetDelegatedAccessTokenInput{TradeInToken: &token})
	wantError(t, "after the end", err, "ExpiredTradeInTokenException", "The trade-in token has expired and can no longer be exchanged for credentials.")
}

// TestDelegationFollowsApprover: the access is what the approver may do at the
// time, and ends with the approver.
func TestDelegationFollowsApprover(t *testing.T) {
	w := newWorld(t)
	d := newDelegation(t, w, nil)
	user := w.caller(t, d.owner, all)
	mustDo(t, d.associate(d.owner), d.accept(user), d.send(user))
	guest := d.trade(t)
	mustDo(t, tagsOf(guest, "Ink"))
	put := func(policy string) {
		t.Helper()
		_, err := d.owner.IAM.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: aws.String("caller"), PolicyName: aws.String("grants"), PolicyDocument: aws.String(policy)})
		mustDo(t, err)
	}
	put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)
	wantError(t, "what the approver may not", tagsOf(guest, "Ink"), "AccessDenied", "because no identity-based policy allows the iam:ListUserTags action")
	// As sessions are revoked: a token traded in later is of no use either.
	put(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"` +
		time.Now().Add(time.Minute).UTC().Format(time.RFC3339) + `"}}}]}`)
	wantError(t, "revoked", tagsOf(guest, "Ink"), "AccessDenied", "with an explicit deny in an identity-based policy")
	wantError(t, "revoked", tagsOf(d.trade(t), "Ink"), "AccessDenied", "with an explicit deny in an identity-based policy")
	put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	mustDo(t, tagsOf(guest, "Ink"))

	keys, err := d.owner.IAM.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: aws.String("caller")})
	mustDo(t, err)
	_, err = d.owner.IAM.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: aws.String("caller"), AccessKeyId: keys.AccessKeyMetadata[0].AccessKeyId})
	mustDo(t, err)
	_, err = d.owner.IAM.DeleteUserPolicy(t.Context(), &iam.DeleteUserPolicyInput{UserName: aws.String("caller"), PolicyName: aws.String("grants")})
	mustDo(t, err)
	_, err = d.owner.IAM.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: aws.String("caller")})
	mustDo(t, err)
	w.caller(t, d.owner, all) // of the same name
	wantError(t, "an approver that is gone", tagsOf(guest, "Ink"), "InvalidClientTokenId", "The security token included in the request is invalid.")
	_, err = d.partner.STS.GetDelegatedAccessToken(t.Context(), &sts.GetDelegatedAccessTokenInput{TradeInToken: aws.String(heard.last(d.partner.Account).ExchangeToken)})
	wantError(t, "an approver that is gone", err, "AccessDenied", "The access that was delegated is no longer there.")
}

// TestDelegationRefusals are what requestors and approvers are refused.
func TestDelegationRefusals(t *testing.T) {
	w := newWorld(t)
	d := newDelegation(t, w, func(in *iam.CreateDelegationRequestInput) {
		in.SessionDuration = aws.Int32(14401)
		in.OnlySendByOwner = true
	})
	for name, c := range map[string]struct {
		change     func(*iam.CreateDelegationRequestInput)
		code, text string
	}{
		"the workflow again": {func(*iam.CreateDelegationRequestInput) {}, "EntityAlreadyExists", "Delegation request with RequestorWorkflowId workflow-1 already exists."},
		"an unknown template": {func(in *iam.CreateDelegationRequestInput) {
			in.Permissions.PolicyTemplateArn = aws.String(readerTemplate + "s")
		}, "NoSuchEntity", "Policy template " + readerTemplate + "s cannot be found."},
		"no template": {func(in *iam.CreateDelegationRequestInput) { in.Permissions.PolicyTemplateArn = nil }, "NoSuchEntity", "Policy template  cannot be found."},
		"another's template": {func(in *iam.CreateDelegationRequestInput) {
			in.Permissions.PolicyTemplateArn = aws.String(readerTemplate + "Elsewhere")
		}, "NoSuchEntity", "Policy template " + readerTemplate + "Elsewhere cannot be found."},
		"another's topic": {func(in *iam.CreateDelegationRequestInput) {
			in.NotificationChannel = aws.String(topicOf(d.owner.Account))
		}, "InvalidInput", "is not a topic of this account that can be published to."},
		"an unknown topic": {func(in *iam.CreateDelegationRequestInput) {
			in.NotificationChannel = aws.String("arn:aws:sns:us-east-1:" + d.partner.Account + ":x")
		}, "InvalidInput", "is not a topic of this account that can be published to."},
		"no parameter":           {func(in *iam.CreateDelegationRequestInput) { in.Permissions.Parameters = nil }, "InvalidInput", "Failed to render template: Parameter 'userName' not found."},
		"two values":             {func(in *iam.CreateDelegationRequestInput) { in.Permissions.Parameters[0].Values = []string{"a", "b"} }, "ValidationError", "userName replacement value must contain exactly one value, got 2"},
		"another parameter":      {func(in *iam.CreateDelegationRequestInput) { in.Permissions.Parameters[0].Name = aws.String("other") }, "InvalidInput", "Failed to render template: Unrecognized parameter: other"},
		"a session that is long": {func(in *iam.CreateDelegationRequestInput) { in.SessionDuration = aws.Int32(43201) }, "ValidationError", "sessionDuration"},
	} {
		in := askFor(d.partner.Account, "Ink", "workflow-1")
		if name != "the workflow again" {
			in.RequestorWorkflowId = aws.String("workflow-2")
		}
		c.change(in)
		_, err := d.partner.IAM.CreateDelegationRequest(t.Context(), in)
		wantError(t, name, err, c.code, c.text)
	}
	user := w.caller(t, d.owner, all)
	mustDo(t, d.associate(d.owner))
	wantError(t, "root for long", d.accept(d.owner), "InvalidInput", "The root user can approve delegation requests of 14400 seconds or less only; this one asks for 14401.")
	out, err := user.STS.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	mustDo(t, err)
	wantError(t, "a session without a second factor", d.accept(w.as(d.owner.Account, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)),
		"InvalidClientTokenId", "")
	arn := makeRole(t, d.owner, "Admin", trusting(d.owner.Account, "sts:AssumeRole"))
	_, err = d.owner.IAM.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("Admin"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	mustDo(t, err)
	narrow, err := user.STS.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("Boss"),
		Policy: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}`)})
	mustDo(t, err)
	wantError(t, "a narrowed session", d.accept(w.as(d.owner.Account, *narrow.Credentials.AccessKeyId, *narrow.Credentials.SecretAccessKey, *narrow.Credentials.SessionToken)),
		"AccessDenied", "Cannot call AcceptDelegationRequest with the credentials of a session that has session policies")
	mustDo(t, d.accept(user))
	wantError(t, "not the owner", d.send(user), "AccessDenied", "The token of delegation request "+d.id+" can be sent by its owner only.")

	// A token that did not arrive can be sent again, and no other.
	topic := topicOf(d.partner.Account)
	heard.breakDown(topic, true)
	wantError(t, "a broken topic", d.send(d.owner), "ServiceFailure", "The exchange token could not be sent to the notification channel; send it again.")
	heard.breakDown(topic, false)
	mustDo(t, d.send(d.owner))
	wantError(t, "sent twice", d.send(d.owner), "InvalidInput", "Delegation request "+d.id+" is in the state FINALIZED; it must be in the state ACCEPTED.")
	wantError(t, "rejected late", d.reject(d.owner), "InvalidInput", "Delegation request "+d.id+" is in the state FINALIZED; it must be in the state ASSIGNED or PENDING_APPROVAL or ACCEPTED.")

	summary := func(arn, locale string) (*iam.GetHumanReadableSummaryOutput, error) {
		return d.owner.IAM.GetHumanReadableSummary(t.Context(), &iam.GetHumanReadableSummaryInput{EntityArn: &arn, Locale: &locale})
	}
	request := "arn:aws:iam::" + d.owner.Account + ":delegation-request/"
	for locale, state := range map[string]types.SummaryStateType{"en": "AVAILABLE", "en_US": "AVAILABLE", "ja": "NOT_SUPPORTED"} {
		got, err := summary(request+d.id, locale)
		if err != nil || got.SummaryState != state || *got.Locale != locale || (got.SummaryContent != nil) != (state == "AVAILABLE") {
			t.Errorf("%s: %+v %v", locale, got, err)
		}
	}
	_, err = summary("arn:aws:iam::"+d.owner.Account+":user/Ink", "en")
	wantError(t, "another entity", err, "InvalidInput", "arn:aws:iam::"+d.owner.Account+":user/Ink is not the ARN of a delegation request of this account.")
	_, err = summary(request+"0123456789abcdef", "en")
	wantError(t, "no request", err, "NoSuchEntity", "Delegation request 0123456789abcdef cannot be found.")
}

// TestTradeInTokenInEvents: no token reaches an event.
func TestTradeInTokenInEvents(t *testing.T) {
	const secret = "very-secret"
	for _, v := range []any{
		&sts.GetDelegatedAccessTokenInput{TradeInToken: aws.String(secret)},
		&sts.GetDelegatedAccessTokenOutput{Credentials: &ststypes.Credentials{SecretAccessKey: aws.String(secret), SessionToken: aws.String(secret)}},
	} {
		event := string(wire.AppendEvent(nil, wire.Op{Service: "sts", Name: "GetDelegatedAccessToken"}, v))
		if !strings.Contains(event, wire.Hidden) || strings.Contains(event, secret) {
			t.Errorf("%s", event)
		}
	}
}

// TestDelegationPermissionCheck: whether the caller could do what is asked for.
func TestDelegationPermissionCheck(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		grants []statement
		user   string
		want   types.PermissionCheckResultType
	}{
		{[]statement{all}, "Ink", "ALLOWED"},
		{[]statement{{"Allow", "iam:GetDelegationRequest", "*", nil}}, "Ink", "UNSURE"}, // a pattern of accounts
	} {
		d := newDelegation(t, w, nil)
		user := w.caller(t, d.owner, c.grants...)
		got, err := user.IAM.GetDelegationRequest(t.Context(), &iam.GetDelegationRequestInput{DelegationRequestId: &d.id, DelegationPermissionCheck: true})
		if err != nil || got.PermissionCheckStatus != "COMPLETE" || got.PermissionCheckResult != c.want {
			t.Errorf("%v: %+v %v", c.grants, got, err)
		}
		if got, err = user.IAM.GetDelegationRequest(t.Context(), &iam.GetDelegationRequestInput{DelegationRequestId: &d.id}); err != nil || got.PermissionCheckStatus != "" {
			t.Errorf("not asked for: %+v %v", got, err)
		}
	}
}
