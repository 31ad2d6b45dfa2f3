package org

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/store"
)

// turn gives a draft a clock that can be turned.
func turn(d *Draft) *time.Time {
	now, env := d.env.Now(), *d.env
	env.Now = func() time.Time { return now }
	d.env = &env
	return &now
}

// newDraft is a draft of a new organization, and its clock.
func newDraft(t testing.TB, q Quotas) (*Draft, *time.Time) {
	t.Helper()
	d := newOrganization(t, q).Draft()
	return d, turn(d)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// number makes the number of an account.
func number(n int) string { return fmt.Sprintf("%012d", n) }

// makeAccount makes a member.
func makeAccount(t testing.TB, d *Draft, n int) string {
	t.Helper()
	_, err := d.CreateAccount(NewAccount{ID: number(n), Name: fmt.Sprint("Account ", n), Email: fmt.Sprintf("a%d@example.com", n)})
	must(t, err)
	return number(n)
}

// inviteAccount has an account invited.
func inviteAccount(t testing.TB, d *Draft, n int) *Handshake {
	t.Helper()
	h, err := d.Invite(NewInvitation{Target: HandshakeParty{PartyAccount, number(n)}, Recipient: number(n)})
	must(t, err)
	return h
}

// joinAccount has an account invited, and accept.
func joinAccount(t testing.TB, d *Draft, n int) string {
	t.Helper()
	_, err := d.AcceptInvitation(inviteAccount(t, d, n).ID, Account{ID: number(n), Name: fmt.Sprint("Account ", n)})
	must(t, err)
	return number(n)
}

func TestCreateAccount(t *testing.T) {
	q := DefaultQuotas()
	q.Accounts, q.Tags = 3, 1
	d, clock := newDraft(t, q)
	d.Root.Types = []PolicyType{SCP}

	one := iam.Tag{Key: "team", Value: "red"}
	_, err := d.CreateAccount(NewAccount{ID: number(1), Tags: []iam.Tag{one, one}})
	refused(t, err, CodeInvalidInput, "DUPLICATE_TAG_KEY", "")
	_, err = d.FailCreation(NewAccount{Tags: []iam.Tag{one, {Key: "more"}}}, EmailExists)
	refused(t, err, CodeConstraint, "MAX_TAG_LIMIT_EXCEEDED", "")

	c, err := d.CreateAccount(NewAccount{ID: number(1), Name: "One", Email: "one@example.com", Tags: []iam.Tag{one}})
	must(t, err)
	want := &Creation{ID: c.ID, Name: "One", State: "SUCCEEDED", Requested: *clock, Completed: *clock, AccountID: number(1)}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	got, err := d.FindAccount(number(1))
	must(t, err)
	if diff := cmp.Diff(&Account{ID: number(1), Name: "One", Email: "one@example.com", Parent: d.Root.ID, Method: JoinedCreated, Joined: *clock, Tags: []iam.Tag{one}}, got); diff != "" {
		t.Error(diff)
	}
	if got.State() != AccountActive || d.AccountPath(got.ID) != d.ID+"/"+d.Root.ID+"/"+got.ID+"/" {
		t.Error(got.State(), d.AccountPath(got.ID))
	}
	// It is bound from the beginning: by its own level too.
	if s, ok := d.Standing(number(1)); !ok || len(s.SCPs) != 2 || len(s.SCPs[1]) != 1 {
		t.Errorf("%+v", s)
	}

	c, err = d.FailCreation(NewAccount{Name: "Two"}, EmailExists)
	must(t, err)
	if c.State != CreationFailed || c.Failure != "EMAIL_ALREADY_EXISTS" || c.AccountID != "" {
		t.Errorf("%+v", c)
	}
	if _, err := d.Creation(c.ID); err != nil {
		t.Error(err)
	}
	_, err = d.Creation("car-unknown")
	refused(t, err, "CreateAccountStatusNotFoundException", "", "You specified a create account status request that doesn't exist.")

	// An invitation takes a place, until it is over.
	h := inviteAccount(t, d, 2)
	_, err = d.CreateAccount(NewAccount{ID: number(3)})
	refused(t, err, CodeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts.")
	_, err = d.FailCreation(NewAccount{}, InvalidEmail)
	refused(t, err, CodeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", "")
	_, err = d.Cancel(h.ID)
	must(t, err)
	makeAccount(t, d, 3)

	refused(t, CheckRoleName("AWSServiceRoleForInk"), CodeInvalidInput, "INVALID_ROLE_NAME", "")
	must(t, CheckRoleName("Ink"))
	refused(t, NoGovCloud(), CodeConstraint, "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED", "")
}

// TestCreationsAreBounded: neither time nor failures fill the memory.
func TestCreationsAreBounded(t *testing.T) {
	d, clock := newDraft(t, DefaultQuotas())
	first, err := d.FailCreation(NewAccount{}, EmailExists)
	must(t, err)
	for range maxCreations {
		*clock = clock.Add(time.Second)
		_, err := d.FailCreation(NewAccount{}, EmailExists)
		must(t, err)
	}
	if _, err := d.Creation(first.ID); err == nil || d.creations.Len() != maxCreations {
		t.Errorf("%d are kept, the first among them: %v", d.creations.Len(), err == nil)
	}
	*clock = clock.Add(creationsKept + time.Second)
	_, err = d.FailCreation(NewAccount{}, EmailExists)
	must(t, err)
	if d.creations.Len() != 1 {
		t.Errorf("%d are kept", d.creations.Len())
	}
}

func TestValidEmail(t *testing.T) {
	for _, good := range []string{"a@b.cd", "ink+1@ex-ample.co.uk", "A.B@EXAMPLE.COM"} {
		if !ValidEmail(good) {
			t.Error(good)
		}
	}
	for _, bad := range []string{
		"", "a@b.c", "no-at.example.com", "a@b@example.com", ".a@example.com", "a b@example.com", "a'b@example.com", "a%b@example.com",
		"a@-example.com", "a@example.com.", "a@.example.com", "a@example", "ä@example.com", "a@exämple.com", "a@example_x.com", "a\x00b@example.com",
		"a1234567890123456789012345678901234567890123456789012@example.com",
	} {
		if ValidEmail(bad) {
			t.Error(bad)
		}
	}
}

func TestLeave(t *testing.T) {
	q := DefaultQuotas()
	q.Stay = 4
	d, clock := newDraft(t, q)
	d.Root.Types = []PolicyType{SCP}
	made, guest := makeAccount(t, d, 1), joinAccount(t, d, 2)

	refused(t, d.Leave(d.Management), "MasterCannotLeaveOrganizationException", "", "You can't remove the management account from the organization.")
	refused(t, d.Leave(number(9)), CodeAccountNotFound, "", "You specified an account that doesn't exist.")
	refused(t, d.Leave(made), CodeConstraint, "WAIT_PERIOD_ACTIVE", "This operation requires a wait period.")
	must(t, d.Leave(guest))
	if _, err := d.FindAccount(guest); err == nil {
		t.Error("it is still there")
	}
	for range within(d.attached, guest, "") {
		t.Error("something is still attached to it")
	}
	for id := range d.ChildrenAfter(d.Root.ID, "") {
		if id == guest {
			t.Error("it still has a place")
		}
	}

	*clock = clock.AddDate(0, 0, 4).Add(-time.Second)
	refused(t, d.Leave(made), CodeConstraint, "WAIT_PERIOD_ACTIVE", "")
	*clock = clock.Add(time.Second)
	a, _ := d.Account(made)
	next := *a
	next.Delegations = []EnabledService{{Principal: "config.amazonaws.com"}}
	d.putAccount(a, &next)
	refused(t, d.Leave(made), CodeConstraint, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "This account is registered as a delegated administrator")
	refused(t, d.CloseAccount(made), CodeConstraint, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "")
	d.putAccount(&next, a)
	must(t, d.Leave(made))
}

func TestCloseAccount(t *testing.T) {
	q := DefaultQuotas()
	q.Accounts, q.Closures, q.MaxClosures = 20, 1, 2
	d, clock := newDraft(t, q)
	for i := range 9 {
		makeAccount(t, d, i)
	}
	refused(t, d.CloseAccount(d.Management), CodeConstraint, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You cannot close the management account of the organization.")
	refused(t, d.CloseAccount(number(99)), CodeAccountNotFound, "", "")
	must(t, d.CloseAccount(number(1)))
	refused(t, d.CloseAccount(number(1)), "AccountAlreadyClosedException", "", "The provided account is already closed.")
	if a, _ := d.Account(number(1)); a.State() != AccountClosed || !a.Closed.Equal(*clock) {
		t.Errorf("%+v", a)
	}
	*clock = clock.AddDate(0, 0, 10)
	refused(t, d.Leave(number(1)), CodeConstraint, "ACCOUNT_CANNOT_LEAVE_ORGANIZATION", "You can't remove a closed account")

	// One, or a fifth of ten, but never more than two.
	must(t, d.CloseAccount(number(2)))
	refused(t, d.CloseAccount(number(3)), CodeConstraint, "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days.")
	for i := range 6 {
		makeAccount(t, d, 20+i)
	}
	refused(t, d.CloseAccount(number(3)), CodeConstraint, "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "")
	*clock = clock.AddDate(0, 0, 20)
	must(t, d.CloseAccount(number(3)))

	// Ninety days later it is no member any more.
	if ids := d.Departed(); ids != nil {
		t.Errorf("%v", ids)
	}
	d.Clean(number(1))
	if _, ok := d.Account(number(1)); !ok {
		t.Error("it left too early")
	}
	*clock = clock.AddDate(0, 0, 60)
	if diff := cmp.Diff([]string{number(1)}, d.Departed()); diff != "" {
		t.Error(diff)
	}
	d.Clean(number(1))
	d.Clean(number(4))
	if _, ok := d.Account(number(1)); ok {
		t.Error("it is still there")
	}
	if _, ok := d.Account(number(4)); !ok {
		t.Error("one that is open was taken out")
	}

	d.FeatureSet = ConsolidatedBilling
	refused(t, d.CloseAccount(number(5)), CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "")
}

// TestDeleteOrganization: no row stays.
func TestDeleteOrganization(t *testing.T) {
	d, _ := newDraft(t, DefaultQuotas())
	d.Root.Types = []PolicyType{SCP}
	d.inherit(d.Root.ID)
	d.inherit(d.Management)
	made := makeAccount(t, d, 1)
	inviteAccount(t, d, 2)
	if err := d.Delete(); err == nil {
		t.Error("deleted with a member")
	}
	d.drop(func() *Account { a, _ := d.Account(made); return a }())
	o, changes := d.Seal()
	rows := map[string]store.Row{}
	keep := func(c store.Changes) {
		for _, r := range c.Rows {
			if name := r.Kind + " " + r.Key; r.Data == nil {
				delete(rows, name)
			} else {
				rows[name] = r
			}
		}
	}
	keep(changes)
	if len(rows) < 4 {
		t.Fatalf("only %d rows", len(rows))
	}
	next := o.Draft()
	must(t, next.Delete())
	_, changes = next.Seal()
	keep(changes)
	for name := range rows {
		t.Errorf("left is %s", name)
	}
}
