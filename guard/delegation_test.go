package guard_test

import (
	"strings"
	"testing"
	"time"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
	"iamd/sts"
)

// delegating is an account whose user Bob, or whose root user, has let the account
// 999999999999 read from S3, and the credentials of it.
func delegating(t *testing.T, root bool) (a *iam.Account, d *door, cred sigv4.Credentials, id string) {
	t.Helper()
	a, user := bob(t, anything)
	by := iam.Identity{Kind: iam.IdentityUser, ARN: user.ARN, UniqueID: user.UniqueID}
	if root {
		by = iam.Identity{Kind: iam.IdentityRoot, ARN: a.RootARN()}
	}
	var request *iam.DelegationRequest
	a = change(t, a, func(w *iam.Draft) error {
		asked := iam.DelegationRequest{
			ID: "request-1", Requestor: "999999999999", WorkflowID: "w", Channel: "c", Policy: reads, Seconds: 3600,
			State: iam.DelegationUnassigned, CreateDate: clock, Updated: clock,
		}
		if err := w.AssociateDelegationRequest(&asked, by); err != nil {
			return err
		}
		if err := w.AcceptDelegationRequest(asked.ID, by); err != nil {
			return err
		}
		if err := w.SendDelegationToken(asked.ID, by); err != nil {
			return err
		}
		var err error
		request, err = w.OwnedDelegationRequest(asked.ID)
		return err
	})
	d = newDoor(t, a)
	c, err := d.tokens.Issue(sts.DelegatedAccess(a.ID, request), 0)
	if err != nil {
		t.Fatal(err)
	}
	return a, d, sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken}, request.ID
}

// TestDelegatedAccess: no policy of a resource that names the approver reaches
// further than what was delegated.
func TestDelegatedAccess(t *testing.T) {
	for _, root := range []bool{false, true} {
		a, d, cred, _ := delegating(t, root)
		c, err := d.caller(t, cred)
		if err != nil {
			t.Fatal(err)
		}
		own := policy.Attached{ID: "bucket", Policy: iam.NewDocument(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["`+
			c.ARN+`","`+a.RootARN()+`"]},"Action":"s3:*","Resource":"*"}}`, nil).Compiled()}
		for _, check := range []guard.Check{
			{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"},
			{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Policies: []policy.Attached{own}},
			{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Policies: []policy.Attached{own}, Account: "111111111111"},
		} {
			if err := d.guard.Authorize(c, a, check); err != nil {
				t.Errorf("root %v: %v", root, err)
			}
			check.Action = "s3:PutObject"
			if err := d.guard.Authorize(c, a, check); err == nil || !strings.Contains(err.Error(), "because no session policy allows the s3:PutObject action") {
				t.Errorf("root %v: what was not delegated: %v", root, err)
			}
		}
		if i := c.Identity(); i.InvokedByDelegate == nil || i.InvokedByDelegate.AccountID != "999999999999" || i.ARN != c.ARN {
			t.Errorf("the event says %+v", i)
		}
		for _, action := range []string{"iam:AcceptDelegationRequest", "iam:ListDelegationRequests", "iam:SendDelegationToken", "sts:GetDelegatedAccessToken", "sts:GetFederationToken"} {
			if err := d.guard.Open(c, action); err == nil {
				t.Errorf("%s is let through", action)
			}
		}
	}
}

// TestDelegatedAccessEnds with the session, the approver, the approver's older
// sessions, and the request.
func TestDelegatedAccessEnds(t *testing.T) {
	a, d, cred, id := delegating(t, false)
	d.now = clock.Add(time.Hour - time.Second)
	if _, err := d.caller(t, cred); err != nil {
		t.Fatal(err)
	}
	d.now = clock.Add(time.Hour)
	_, err := d.caller(t, cred)
	refusedAs(t, "after the session", err, guard.ExpiredToken)
	d.now = clock

	gone := change(t, a, func(w *iam.Draft) error {
		if err := w.DeleteInlinePolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "p"); err != nil {
			return err
		}
		return w.DeleteUser("Bob")
	})
	d.accounts[account] = change(t, gone, func(w *iam.Draft) error { _, err := w.CreateUser(iam.NewUser{Name: "Bob"}); return err })
	_, err = d.caller(t, cred)
	refusedAs(t, "another Bob", err, guard.BadToken)

	empty := iam.NewAccount(newEnv(), account)
	d.accounts[account] = empty
	_, err = d.caller(t, cred)
	refusedAs(t, "without the request "+id, err, guard.BadToken)
}
