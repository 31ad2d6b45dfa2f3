package org

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/store"
)

// twoOrganizations are drafts of the one that takes over and of one that may hand
// over, with one clock, at the tenth of November.
func twoOrganizations(t *testing.T, q Quotas) (to, from *Draft, clock *time.Time) {
	t.Helper()
	to, clock = newDraft(t, q)
	*clock = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	return to, anotherOrganization(to, 1), clock
}

// anotherOrganization has the account of that number as its management account.
func anotherOrganization(beside *Draft, n int) *Draft {
	d := New(beside.env, NewID(beside.env.Rand)).Draft()
	d.Begin(AllFeatures, Account{ID: number(n), Name: "Other", Email: "other@example.com"})
	return d
}

func month(m time.Month) time.Time { return time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC) }

// proposal asks the organization of an account to hand over from December on.
func proposal(n int) NewTransfer {
	return NewTransfer{From: HandshakeParty{PartyAccount, number(n)}, Recipient: number(n), Name: "Bills", Start: month(12)}
}

func propose(t *testing.T, d *Draft, in NewTransfer) *Handshake {
	t.Helper()
	h, err := d.InviteTransfer(in)
	must(t, err)
	return h
}

// transferred has two organizations agree; it gives the transfer's id.
func transferred(t *testing.T, to, from *Draft) string {
	t.Helper()
	h := propose(t, to, NewTransfer{From: HandshakeParty{PartyAccount, from.Management}, Recipient: from.Management, Name: "Bills", Start: month(12)})
	_, err := to.AcceptTransfer(h.ID, from)
	must(t, err)
	return h.transfer()
}

func TestInviteTransfer(t *testing.T) {
	to, from, clock := twoOrganizations(t, DefaultQuotas())
	for _, c := range []struct {
		change             func(in *NewTransfer)
		code, reason, text string
	}{
		{func(in *NewTransfer) { in.From.ID = "bad" }, CodeInvalidInput, "INVALID_PATTERN", "You provided a value that does not match the required pattern."},
		{func(in *NewTransfer) { in.From = HandshakeParty{PartyEmail, "bad"} }, CodeInvalidInput, "INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address for the invited account owner."},
		{func(in *NewTransfer) { in.From.Type = PartyOrganization }, CodeInvalidInput, "INVALID_PARTY_TYPE_TARGET", "You specified an invalid party type as the target parameter."},
		{func(in *NewTransfer) { in.From.ID = to.Management }, CodeHandshakeConstraint, "SOURCE_AND_TARGET_CANNOT_MATCH", "An account can't accept a transfer invitation if it is both the sender and recipient of the invitation."},
		{func(in *NewTransfer) { in.From = HandshakeParty{PartyEmail, "ROOT@example.com"} }, CodeHandshakeConstraint, "SOURCE_AND_TARGET_CANNOT_MATCH", ""},
		{func(in *NewTransfer) { in.Start = month(12).Add(time.Millisecond) }, CodeInvalidInput, "START_DATE_NOT_BEGINNING_OF_DAY", "You provided an invalid start date. The start date must be the beginning of the day (00:00:00.000)."},
		{func(in *NewTransfer) { in.Start = month(12).AddDate(0, 0, 1) }, CodeInvalidInput, "START_DATE_NOT_BEGINNING_OF_MONTH", "You provided an invalid start date. The start date must be the first day of the month."},
		{func(in *NewTransfer) { in.Start = month(11) }, CodeInvalidInput, "START_DATE_TOO_EARLY", "You provided an invalid start date. The start date is too early."},
		{func(in *NewTransfer) { in.Start = month(24) }, CodeInvalidInput, "START_DATE_TOO_LATE", "You provided an invalid start date. The start date is too late."},
		{func(in *NewTransfer) { in.Tags = []iam.Tag{{Key: "aws:x"}} }, CodeInvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER", ""},
	} {
		in := proposal(1)
		c.change(&in)
		_, err := to.InviteTransfer(in)
		refused(t, err, c.code, c.reason, c.text)
	}
	if to.transfers.Len()+to.handshakes.Len() != 0 {
		t.Error("what was refused left something behind")
	}

	in := proposal(1)
	in.Notes, in.Tags = "Please.", []iam.Tag{{Key: "team", Value: "red"}}
	h := propose(t, to, in)
	id := h.transfer()
	want := &Handshake{
		ID: h.ID, Action: "TRANSFER_RESPONSIBILITY", State: "OPEN", Requested: *clock, Expires: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Recipient: number(1),
		Parties: []HandshakeParty{{"ORGANIZATION", to.ID[2:]}, {"ACCOUNT", number(1)}},
		Resources: []HandshakeResource{
			{Type: "RESPONSIBILITY_TRANSFER", Value: id, Resources: []HandshakeResource{
				{Type: "TRANSFER_TYPE", Value: "BILLING"}, {Type: "TRANSFER_START_TIMESTAMP", Value: "2026-12-01T00:00:00Z"},
			}},
			{Type: "ORGANIZATION", Value: to.ID, Resources: []HandshakeResource{
				{Type: "MANAGEMENT_ACCOUNT", Value: to.Management}, {Type: "MANAGEMENT_EMAIL", Value: "root@example.com"}, {Type: "MANAGEMENT_NAME", Value: "Management"},
			}},
			{Type: "ACCOUNT", Value: number(1)},
			{Type: "NOTES", Value: "Please."},
		},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
	if got := to.HandshakeARN(h); got != "arn:aws:organizations::"+to.Management+":handshake/"+to.ID+"/transfer_responsibility/"+h.ID {
		t.Error(got)
	}
	asked, err := to.FindTransfer(id)
	must(t, err)
	wanted := &Transfer{
		ID: id, Name: "Bills", Type: "BILLING", Status: "REQUESTED", Inbound: true, Start: month(12), Handshake: h.ID, Tags: in.Tags,
		Source: Party{Account: number(1)}, Target: Party{Account: to.Management, Email: "root@example.com", Organization: to.ID},
	}
	if diff := cmp.Diff(wanted, asked); diff != "" {
		t.Error(diff)
	}
	if got := to.TransferARN(asked); got != "arn:aws:organizations::"+to.Management+":transfer/"+to.ID+"/billing/inbound/"+id {
		t.Error(got)
	}
	_, err = to.InviteTransfer(proposal(1))
	refused(t, err, "DuplicateHandshakeException", "", "A handshake with the specified type and parameters already exists for the given parties.")
	refused(t, to.Delete(), CodeConstraint, "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS", "You cannot delete organization due to an ongoing responsibility transfer process.")

	// Who is asked sees it as outbound, without the other's tags.
	offered, ok := to.Offered(h)
	if !ok || offered.Inbound || offered.Tags != nil || offered.ID != id {
		t.Errorf("%+v", offered)
	}

	// Agreed on, each side has its own.
	accepted, err := to.AcceptTransfer(h.ID, from)
	must(t, err)
	if accepted.State != StateAccepted {
		t.Errorf("%+v", accepted)
	}
	ours, err := to.FindTransfer(id)
	must(t, err)
	theirs, err := from.FindTransfer(id)
	must(t, err)
	wanted.Status, wanted.Source = "ACCEPTED", Party{Account: number(1), Email: "other@example.com", Organization: from.ID}
	if diff := cmp.Diff(wanted, ours); diff != "" {
		t.Error(diff)
	}
	wanted.Inbound, wanted.Tags = false, nil
	if diff := cmp.Diff(wanted, theirs); diff != "" {
		t.Error(diff)
	}
	if got := from.TransferARN(theirs); got != "arn:aws:organizations::"+number(1)+":transfer/"+from.ID+"/billing/outbound/"+id {
		t.Error(got)
	}
	refused(t, from.Delete(), CodeConstraint, "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS", "")
	_, err = to.AcceptTransfer(h.ID, from)
	refused(t, err, "HandshakeAlreadyInStateException", "", alreadyInState)
	_, err = to.InviteTransfer(proposal(1))
	refused(t, err, CodeHandshakeConstraint, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS", "You cannot perform this operation with the current transfer.")
	byEmail := proposal(1)
	byEmail.From = HandshakeParty{PartyEmail, "Other@Example.com"}
	_, err = to.InviteTransfer(byEmail)
	refused(t, err, CodeHandshakeConstraint, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS", "")

	// What is sealed is what is loaded.
	o, changes := from.Seal()
	rows := slices.DeleteFunc(changes.Rows, func(r store.Row) bool { return r.Data == nil })
	loaded, err := Load(o.env, o.ID, rows)
	must(t, err)
	got, err := loaded.FindTransfer(id)
	must(t, err)
	if diff := cmp.Diff(theirs, got); diff != "" {
		t.Error(diff)
	}
}

// TestTransferStatus: how an invitation to a transfer ends, and for how long that
// is told.
func TestTransferStatus(t *testing.T) {
	for status, end := range map[string]func(d *Draft, id string) (*Handshake, error){
		TransferDeclined: (*Draft).Decline, TransferCanceled: (*Draft).Cancel, TransferExpired: nil,
	} {
		to, from, clock := twoOrganizations(t, DefaultQuotas())
		h := propose(t, to, proposal(1))
		if end != nil {
			_, err := end(to, h.ID)
			must(t, err)
		} else {
			*clock = h.Expires.Add(-time.Second)
			if got, err := to.FindTransfer(h.transfer()); err != nil || got.Status != TransferRequested {
				t.Errorf("%+v, %v", got, err)
			}
			*clock = h.Expires
		}
		got, err := to.FindTransfer(h.transfer())
		must(t, err)
		if got.Status != status {
			t.Errorf("got %s, want %s", got.Status, status)
		}
		_, err = to.AcceptTransfer(h.ID, from)
		refused(t, err, "InvalidHandshakeTransitionException", "", badTransition)
		_, err = to.RenameTransfer(got.ID, "X")
		refused(t, err, CodeConstraint, "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED", "You cannot update this transfer because it is no longer active. Transfers that have been withdrawn, declined, expired, or cancelled cannot be modified.")
		_, err = to.WithdrawTransfer(got.ID, nil)
		refused(t, err, "InvalidResponsibilityTransferTransitionException", "", "The responsibility transfer can't transition to the requested state because it's not in a valid state for this operation.")
		must(t, to.Draft().Delete())
		if from.transfers.Len() != 0 {
			t.Error("the other organization has something of it")
		}

		*clock = clock.Add(handshakeShown - time.Second)
		if _, err := to.FindTransfer(got.ID); err != nil {
			t.Error(err)
		}
		*clock = clock.Add(time.Second)
		_, err = to.FindTransfer(got.ID)
		refused(t, err, "ResponsibilityTransferNotFoundException", "", "You specified a responsibility transfer that doesn't exist.")
		if to.forgetTransfers(); to.transfers.Len() != 0 {
			t.Error("it is still kept")
		}
	}
}

func TestWithdrawTransfer(t *testing.T) {
	day := func(y int, m time.Month, d, milli int) *time.Time {
		at := time.Date(y, m, d, 23, 59, 59, milli*1e6, time.UTC)
		return &at
	}
	for _, c := range []struct {
		now    time.Time // zero: the tenth of November, before the transfer has begun
		end    *time.Time
		want   *time.Time
		reason string
		text   string
	}{
		{end: nil, want: day(2026, 12, 31, 999)},
		{end: day(2026, 12, 31, 999), want: day(2026, 12, 31, 999)},
		{end: day(2026, 12, 31, 0), want: day(2026, 12, 31, 999)},
		{now: month(12).AddDate(0, 2, 13), want: day(2027, 2, 28, 999)},
		{now: month(12).AddDate(0, 2, 13), end: day(2027, 4, 30, 999), want: day(2027, 4, 30, 999)},
		{end: day(2027, 12, 31, 999), want: day(2027, 12, 31, 999)},
		{end: day(2026, 12, 30, 999), reason: "END_DATE_NOT_END_OF_MONTH", text: "You provided an invalid end date. The end date must be the end of the last day of the month (23.59.59.999)."},
		{end: day(2026, 11, 30, 999), reason: "END_DATE_TOO_EARLY", text: "You provided an invalid end date. The end date is too early."},
		{now: month(12).AddDate(0, 2, 13), end: day(2027, 1, 31, 999), reason: "END_DATE_TOO_EARLY"},
		{end: day(2028, 1, 31, 999), reason: "END_DATE_TOO_LATE", text: "You provided an invalid end date. The end date is too late."},
	} {
		to, from, clock := twoOrganizations(t, DefaultQuotas())
		id := transferred(t, to, from)
		if !c.now.IsZero() {
			*clock = c.now
		}
		got, err := from.WithdrawTransfer(id, c.end) // either side may
		if c.reason != "" {
			refused(t, err, CodeInvalidInput, c.reason, c.text)
			continue
		}
		must(t, err)
		if got.Status != TransferWithdrawn || !got.End.Equal(*c.want) {
			t.Errorf("%v: %+v", c.end, got)
		}
	}

	to, from, clock := twoOrganizations(t, DefaultQuotas())
	id := transferred(t, to, from)
	renamed, err := from.RenameTransfer(id, "Theirs")
	must(t, err)
	if ours, _ := to.Transfer(id); renamed.Name != "Theirs" || ours.Name != "Bills" {
		t.Errorf("%+v, %+v", renamed, ours)
	}
	done, err := to.WithdrawTransfer(id, nil)
	must(t, err)
	must(t, from.TransferWithdrawn(id, done.End))
	theirs, err := from.FindTransfer(id)
	must(t, err)
	if theirs.Status != TransferWithdrawn || !theirs.End.Equal(done.End) || theirs.Other() != to.ID || done.Other() != from.ID {
		t.Errorf("%+v, %+v", theirs, done)
	}
	_, err = from.WithdrawTransfer(id, nil)
	refused(t, err, "ResponsibilityTransferAlreadyInStatusException", "", "The responsibility transfer is already in the status that you specified.")
	refused(t, from.TransferWithdrawn(id, done.End), "InvalidResponsibilityTransferTransitionException", "", "")
	_, err = to.RenameTransfer(id, "X")
	refused(t, err, CodeConstraint, "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED", "")

	// It goes on until its end; the next one may begin then.
	_, err = to.InviteTransfer(proposal(1))
	refused(t, err, CodeHandshakeConstraint, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS", "")
	refused(t, to.Delete(), CodeConstraint, "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS", "")
	next := proposal(1)
	next.Start = month(13)
	h := propose(t, to, next)
	_, err = to.AcceptTransfer(h.ID, from)
	must(t, err)
	_, err = to.WithdrawTransfer(h.transfer(), nil)
	must(t, err)
	*clock = month(14)
	must(t, to.Draft().Delete())
	*clock = done.End.Add(transferShown)
	_, err = from.FindTransfer(id)
	refused(t, err, "ResponsibilityTransferNotFoundException", "", "")
}

func TestTransferQuotas(t *testing.T) {
	q := DefaultQuotas()
	q.InboundTransfers, q.Invitations, q.Accounts = 3, 4, 2
	to, from, clock := twoOrganizations(t, q)
	id := transferred(t, to, from)
	canceled := propose(t, to, proposal(2))
	propose(t, to, proposal(3))
	_, err := to.InviteTransfer(proposal(4))
	refused(t, err, CodeConstraint, "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION", "You have exceeded your inbound transfers limit.")
	_, err = to.Cancel(canceled.ID)
	must(t, err)
	propose(t, to, proposal(4))
	_, err = to.Cancel(propose(t, anotherOrganization(to, 9), proposal(4)).ID)
	refused(t, err, CodeHandshakeNotFound, "", noHandshake)
	for _, n := range []int{3, 4} {
		for _, h := range to.handshakes.Values() {
			if h.Recipient == number(n) {
				_, err := to.Cancel(h.ID)
				must(t, err)
			}
		}
	}
	propose(t, to, proposal(5))
	_, err = to.InviteTransfer(proposal(6))
	refused(t, err, CodeHandshakeConstraint, "HANDSHAKE_RATE_LIMIT_EXCEEDED", "You have exceeded the number of handshakes that you can send in one day.")
	*clock = clock.Add(24 * time.Hour)
	propose(t, to, proposal(6))

	// One takes over, and no other; nobody hands on what was handed over to hand
	// it back, nor through too many.
	second := anotherOrganization(to, 20)
	_, err = second.AcceptTransfer(propose(t, second, proposal(1)).ID, from)
	refused(t, err, CodeConstraint, "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION", "You have exceeded your outbound transfers limit.")
	back := proposal(0)
	back.From.ID, back.Recipient = to.Management, to.Management
	_, err = from.AcceptTransfer(propose(t, from, back).ID, to)
	refused(t, err, CodeHandshakeConstraint, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS", "")
	third := anotherOrganization(to, 21)
	transferred(t, second, third)
	onward := proposal(0)
	onward.From.ID, onward.Recipient = second.Management, second.Management
	_, err = from.AcceptTransfer(propose(t, from, onward).ID, second)
	refused(t, err, CodeConstraint, "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION", "You have exceeded the maximum length of your transfer chain.")
	if _, err := to.FindTransfer(id); err != nil {
		t.Error(err)
	}

	bills := New(to.env, NewID(to.env.Rand)).Draft()
	bills.Begin(ConsolidatedBilling, Account{ID: number(30), Name: "Bills"})
	_, err = bills.InviteTransfer(proposal(1))
	refused(t, err, CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You can perform this operation only if all features are enabled in your organization.")
	_, err = third.AcceptTransfer(propose(t, third, proposal(30)).ID, bills)
	refused(t, err, CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "")
}
