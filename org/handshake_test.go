package org

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/store"
)

const (
	alreadyInState = "The handshake is already in the requested state."
	badTransition  = "You cannot perform this operation on a handshake in its current state"
	noHandshake    = "You specified a handshake that doesn't exist."
	inviteDisabled = "You can't issue new invitations to join an organization while it's in the process of enabling all features."
)

func TestInvite(t *testing.T) {
	d, clock := newDraft(t, DefaultQuotas())
	guest := HandshakeParty{PartyEmail, "Ann@example.com"}
	for _, c := range []struct {
		target       HandshakeParty
		reason, text string
	}{
		{HandshakeParty{PartyAccount, "bad"}, "INVALID_PATTERN", "You provided a value that does not match the required pattern."},
		{HandshakeParty{PartyEmail, "invalid"}, "INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address for the invited account owner."},
		{HandshakeParty{PartyOrganization, number(1)}, "INVALID_PARTY_TYPE_TARGET", "You specified an invalid party type as the target parameter."},
		{HandshakeParty{}, "INVALID_PARTY_TYPE_TARGET", ""},
	} {
		_, err := d.Invite(NewInvitation{Target: c.target})
		refused(t, err, CodeInvalidInput, c.reason, c.text)
	}
	_, err := d.Invite(NewInvitation{Target: HandshakeParty{PartyAccount, d.Management}})
	refused(t, err, CodeHandshakeConstraint, "ALREADY_IN_AN_ORGANIZATION", "The AWS account is already a member of an organization.")
	_, err = d.Invite(NewInvitation{Target: guest, Tags: []iam.Tag{{Key: "aws:x"}}})
	refused(t, err, CodeInvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER", "")

	h, err := d.Invite(NewInvitation{Target: guest, Recipient: number(1), Notes: "Come in.", Tags: []iam.Tag{{Key: "team", Value: "red"}}})
	must(t, err)
	want := &Handshake{
		ID: h.ID, Action: "INVITE", State: "OPEN", Requested: *clock, Expires: clock.AddDate(0, 0, 15), Recipient: number(1), Tags: h.Tags,
		Parties: []HandshakeParty{{"ORGANIZATION", d.ID[2:]}, {"EMAIL", "Ann@example.com"}},
		Resources: []HandshakeResource{
			{Type: "ORGANIZATION", Value: d.ID, Resources: []HandshakeResource{
				{Type: "MASTER_EMAIL", Value: "root@example.com"}, {Type: "MASTER_NAME", Value: "Management"}, {Type: "ORGANIZATION_FEATURE_SET", Value: "ALL"},
			}},
			{Type: "EMAIL", Value: "Ann@example.com"},
			{Type: "NOTES", Value: "Come in."},
		},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
	if got, want := d.HandshakeARN(h), "arn:aws:organizations::111122223333:handshake/"+d.ID+"/invite/"+h.ID; got != want {
		t.Error(got)
	}
	_, err = d.Invite(NewInvitation{Target: HandshakeParty{PartyEmail, "ann@EXAMPLE.com"}})
	refused(t, err, "DuplicateHandshakeException", "", "A handshake with the specified type and parameters already exists for the given parties.")

	// The tags come with the account, and its number is known now.
	accepted, err := d.AcceptInvitation(h.ID, Account{ID: number(1), Name: "Ann", Email: "ann@example.com"})
	must(t, err)
	if accepted.State != StateAccepted || accepted.Parties[1] != (HandshakeParty{"ACCOUNT", number(1)}) || h.Parties[1].Type != "EMAIL" {
		t.Errorf("%+v", accepted)
	}
	a, err := d.FindAccount(number(1))
	must(t, err)
	if a.Method != JoinedInvited || a.Parent != d.Root.ID || len(a.Tags) != 1 {
		t.Errorf("%+v", a)
	}

	// What is sealed is what is loaded.
	o, changes := d.Seal()
	rows := slices.DeleteFunc(changes.Rows, func(r store.Row) bool { return r.Data == nil })
	loaded, err := Load(o.env, o.ID, rows)
	must(t, err)
	got, err := loaded.Handshake(h.ID)
	must(t, err)
	if diff := cmp.Diff(accepted, got); diff != "" {
		t.Error(diff)
	}
}

// TestHandshakeStates: what is over stays over, also by time.
func TestHandshakeStates(t *testing.T) {
	type step func(d *Draft, id string) error
	accept := func(d *Draft, id string) error {
		_, err := d.AcceptInvitation(id, Account{ID: number(1)})
		return err
	}
	decline := func(d *Draft, id string) error { _, err := d.Decline(id); return err }
	cancel := func(d *Draft, id string) error { _, err := d.Cancel(id); return err }
	steps := map[string]step{StateAccepted: accept, StateDeclined: decline, StateCanceled: cancel}
	for end, first := range steps {
		d, clock := newDraft(t, DefaultQuotas())
		h := inviteAccount(t, d, 1)
		must(t, first(d, h.ID))
		for again, next := range steps {
			if again == end {
				refused(t, next(d, h.ID), "HandshakeAlreadyInStateException", "", alreadyInState)
			} else {
				refused(t, next(d, h.ID), "InvalidHandshakeTransitionException", "", badTransition)
			}
		}
		*clock = clock.Add(handshakeShown - time.Second)
		if got, err := d.Handshake(h.ID); err != nil || got.State != end {
			t.Errorf("%s: %+v, %v", end, got, err)
		}
		*clock = clock.Add(time.Second)
		for name, next := range steps {
			t.Log(name)
			refused(t, next(d, h.ID), CodeHandshakeNotFound, "", noHandshake)
		}
		d.forgetHandshakes()
		if d.handshakes.Len() != 0 {
			t.Error("it is still kept")
		}
	}

	d, clock := newDraft(t, DefaultQuotas())
	h := inviteAccount(t, d, 1)
	*clock = clock.AddDate(0, 0, 15).Add(-time.Millisecond)
	if got, err := d.Handshake(h.ID); err != nil || got.State != StateOpen {
		t.Errorf("%+v, %v", got, err)
	}
	*clock = clock.Add(time.Millisecond)
	if got, err := d.Handshake(h.ID); err != nil || got.State != StateExpired {
		t.Errorf("%+v, %v", got, err)
	}
	for _, next := range steps {
		refused(t, next(d, h.ID), "InvalidHandshakeTransitionException", "", badTransition)
	}
	if _, member := d.Account(number(1)); member {
		t.Error("who comes too late is a member")
	}
	inviteAccount(t, d, 1) // one that is over is no duplicate
	*clock = clock.AddDate(0, 0, 30)
	if _, err := d.Handshake(h.ID); err == nil {
		t.Error("it is still shown")
	}
}

func TestInvitationQuotas(t *testing.T) {
	q := DefaultQuotas()
	q.Accounts, q.Invitations = 4, 5
	d, clock := newDraft(t, q)
	open := inviteAccount(t, d, 1)
	inviteAccount(t, d, 2)
	inviteAccount(t, d, 3)
	_, err := d.Invite(NewInvitation{Target: HandshakeParty{PartyAccount, number(4)}})
	refused(t, err, CodeHandshakeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts")
	_, err = d.Cancel(open.ID)
	must(t, err)
	joinAccount(t, d, 4) // what was accepted doesn't count for the day
	h := func() *Handshake {
		for _, h := range d.HandshakesAfter("") {
			if h.sentTo(HandshakeParty{PartyAccount, number(2)}) {
				return h
			}
		}
		return nil
	}()
	for range 2 {
		_, err = d.Decline(h.ID)
		must(t, err)
		h = inviteAccount(t, d, 2)
	}
	_, err = d.Decline(h.ID)
	must(t, err)
	_, err = d.Invite(NewInvitation{Target: HandshakeParty{PartyAccount, number(2)}})
	refused(t, err, CodeHandshakeConstraint, "HANDSHAKE_RATE_LIMIT_EXCEEDED", "You have exceeded the number of handshakes")
	*clock = clock.Add(24 * time.Hour)
	last := inviteAccount(t, d, 2)

	// The quota may have shrunk since.
	env := *d.env
	env.Quotas.Accounts = 2
	d.env = &env
	_, err = d.AcceptInvitation(last.ID, Account{ID: number(2)})
	refused(t, err, CodeHandshakeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", "")
}

// TestWaiting: an invitation waits for whoever comes to have the address, and is
// handed out once.
func TestWaiting(t *testing.T) {
	d, clock := newDraft(t, DefaultQuotas())
	h, err := d.Invite(NewInvitation{Target: HandshakeParty{PartyEmail, "Ann@example.com"}})
	must(t, err)
	inviteAccount(t, d, 7) // has its recipient
	if ids := d.Waiting(number(7), ""); ids != nil {
		t.Error(ids)
	}
	if ids := d.Waiting(number(1), "bob@example.com"); ids != nil {
		t.Error(ids)
	}
	if diff := cmp.Diff([]string{h.ID}, d.Waiting(number(1), "ann@EXAMPLE.com")); diff != "" {
		t.Error(diff)
	}
	if got := d.Deliver(h.ID, number(1)); got == nil || got.Recipient != number(1) {
		t.Errorf("%+v", got)
	}
	if got := d.Deliver(h.ID, number(2)); got != nil || d.Waiting(number(2), "ann@example.com") != nil {
		t.Errorf("%+v", got)
	}
	late, err := d.Invite(NewInvitation{Target: HandshakeParty{PartyEmail, "late@example.com"}})
	must(t, err)
	*clock = clock.AddDate(0, 0, 16)
	if d.Waiting(number(3), "late@example.com") != nil || d.Deliver(late.ID, number(3)) != nil {
		t.Error("what has expired is delivered")
	}
}

// bills is an organization that only shares its bills, with these guests.
func bills(t testing.TB, guests ...int) (*Draft, *time.Time) {
	t.Helper()
	d, clock := newDraft(t, DefaultQuotas())
	d.FeatureSet = ConsolidatedBilling
	for _, n := range guests {
		joinAccount(t, d, n)
	}
	return d, clock
}

// asked is the handshake by which a member is asked to approve all features.
func asked(t testing.TB, d *Draft, account string) *Handshake {
	t.Helper()
	for _, h := range d.HandshakesAfter("") {
		if h.Action == ActionApproveAllFeatures && h.Recipient == account {
			return h
		}
	}
	t.Fatalf("%s is not asked", account)
	return nil
}

func TestEnableAllFeatures(t *testing.T) {
	d, _ := newDraft(t, DefaultQuotas())
	_, err := d.EnableAllFeatures()
	refused(t, err, CodeHandshakeConstraint, "ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "All features are already enabled on this organization.")

	d, clock := bills(t, 1, 2)
	makeAccount(t, d, 3)
	open := inviteAccount(t, d, 4)
	parent, err := d.EnableAllFeatures()
	must(t, err)
	want := &Handshake{
		ID: parent.ID, Action: "ENABLE_ALL_FEATURES", State: "REQUESTED", Requested: *clock, Expires: clock.AddDate(0, 0, 90), Recipient: d.Management,
		Parties: []HandshakeParty{{"ORGANIZATION", d.ID[2:]}}, Resources: []HandshakeResource{{Type: "ORGANIZATION", Value: d.ID}},
	}
	if diff := cmp.Diff(want, parent); diff != "" {
		t.Error(diff)
	}
	if h, err := d.Handshake(open.ID); err != nil || h.State != StateCanceled {
		t.Errorf("an invitation into less: %+v, %v", h, err)
	}
	_, err = d.EnableAllFeatures()
	refused(t, err, CodeHandshakeConstraint, "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", "")
	one := asked(t, d, number(1))
	wantOne := &Handshake{
		ID: one.ID, Action: "APPROVE_ALL_FEATURES", State: "OPEN", Requested: *clock, Expires: parent.Expires, Recipient: number(1), Parent: parent.ID,
		Parties: []HandshakeParty{{"ORGANIZATION", d.ID[2:]}, {"ACCOUNT", number(1)}},
		Resources: []HandshakeResource{
			{Type: "PARENT_HANDSHAKE", Value: parent.ID[2:]}, {Type: "ORGANIZATION", Value: d.ID}, {Type: "ACCOUNT", Value: number(1)},
		},
	}
	if diff := cmp.Diff(wantOne, one); diff != "" {
		t.Error(diff)
	}
	if n := len(d.approvals(parent.ID)); n != 2 {
		t.Errorf("%d are asked", n) // who was made here is not
	}

	_, err = d.FinishAllFeatures(parent.ID)
	refused(t, err, "InvalidHandshakeTransitionException", "", badTransition)
	_, err = d.Cancel(one.ID) // whom it has asked, the organization can't leave out
	refused(t, err, CodeAccessDenied, "", "You don't have permissions to access this resource.")
	_, err = d.Decline(parent.ID)
	refused(t, err, CodeAccessDenied, "", "")
	_, err = d.Approve(one.ID)
	must(t, err)
	_, err = d.FinishAllFeatures(parent.ID)
	refused(t, err, "InvalidHandshakeTransitionException", "", badTransition)
	_, err = d.Approve(asked(t, d, number(2)).ID)
	must(t, err)

	// Nobody is invited until it is over, accepted or given up.
	if h, err := d.Handshake(parent.ID); err != nil || h.State != StateOpen {
		t.Errorf("%+v, %v", h, err)
	}
	_, err = d.Invite(NewInvitation{Target: HandshakeParty{PartyAccount, number(5)}})
	refused(t, err, CodeHandshakeConstraint, "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", inviteDisabled)
	done, err := d.FinishAllFeatures(parent.ID)
	must(t, err)
	if done.State != StateAccepted || d.FeatureSet != AllFeatures {
		t.Errorf("%+v, %s", done, d.FeatureSet)
	}
	inviteAccount(t, d, 5)
}

// TestAllFeaturesRefused: a No stands, however long it takes.
func TestAllFeaturesRefused(t *testing.T) {
	d, clock := bills(t, 1, 2)
	parent, err := d.EnableAllFeatures()
	must(t, err)
	_, err = d.Decline(asked(t, d, number(1)).ID)
	must(t, err)
	*clock = clock.AddDate(0, 0, 40)
	d.forgetHandshakes()
	_, err = d.Approve(asked(t, d, number(2)).ID)
	must(t, err)
	_, err = d.FinishAllFeatures(parent.ID)
	refused(t, err, "InvalidHandshakeTransitionException", "", badTransition)

	// It can be given up, and begun anew.
	_, err = d.Cancel(parent.ID)
	must(t, err)
	if n := slices.IndexFunc(d.approvals(parent.ID), func(h *Handshake) bool { return h.Open() }); n >= 0 {
		t.Error("somebody is still asked")
	}
	inviteAccount(t, d, 3)
	_, err = d.EnableAllFeatures()
	must(t, err)
	_, err = d.Invite(NewInvitation{Target: HandshakeParty{PartyAccount, number(3)}})
	refused(t, err, CodeHandshakeConstraint, "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", inviteDisabled)
	*clock = clock.AddDate(0, 0, 90)
	inviteAccount(t, d, 3)
	_, err = d.EnableAllFeatures() // the second has expired
	must(t, err)

	// Who is closed is not waited for.
	d.FeatureSet = AllFeatures
	must(t, d.CloseAccount(number(1)))
	must(t, d.CloseAccount(number(2)))
	d.FeatureSet = ConsolidatedBilling
	if d.migration().State != StateOpen {
		t.Errorf("%+v", d.migration())
	}
}

// TestDelivered: an account has room for so many handshakes, and forgets them in
// time.
func TestDelivered(t *testing.T) {
	d, _ := newDraft(t, DefaultQuotas())
	now := d.env.Now()
	env := &iam.Env{Now: func() time.Time { return now }}
	account := iam.NewAccount(env, number(1)).Draft()
	h := inviteAccount(t, d, 1)
	for range 100 {
		must(t, d.SendTo(account, h))
	}
	refused(t, d.SendTo(account, h), CodeHandshakeConstraint, "HANDSHAKE_RATE_LIMIT_EXCEEDED", "The account has too many handshakes")
	now = h.Until()
	must(t, d.SendTo(account, h))
	if len(account.Invitations) != 1 {
		t.Errorf("%d are kept", len(account.Invitations))
	}
}
