package server

import (
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/iam"
	"iamd/org"
)

// TestClean: ninety days after it was closed an account is no member any more, by
// its own account and by the organization's.
func TestClean(t *testing.T) {
	var ahead atomic.Int64
	s := start(t, Config{DataDir: t.TempDir(), Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	ctx := t.Context()
	host, err := s.CreateAccount(ctx, "Host", "host@example.com")
	if err != nil {
		t.Fatal(err)
	}
	id, number := org.NewID(s.cfg.Rand), iam.NewAccountID(s.cfg.Rand)
	err = s.joined.Write(ctx, org.Touch{Organization: id, New: true, Accounts: []string{host.AccountID}, NewAccount: number}, func(d *org.Drafts) error {
		d.Organization.Begin(org.AllFeatures, org.Account{ID: host.AccountID, Name: "Host"})
		d.Accounts[host.AccountID].Join(id)
		if _, err := d.Organization.CreateAccount(org.NewAccount{ID: number, Name: "Ink", Email: "ink@example.com"}); err != nil {
			return err
		}
		member := d.Accounts[number]
		member.BeginMember("Ink", "ink@example.com")
		member.Join(id)
		if err := d.Organization.CloseAccount(number); err != nil {
			return err
		}
		closed, _ := d.Organization.Account(number)
		member.Close(closed.Closed)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	member := func() (listed bool, in string) {
		t.Helper()
		o, err := s.joined.View(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.accounts.View(ctx, number)
		if err != nil {
			t.Fatal(err)
		}
		if a.Closed.IsZero() {
			t.Error("it is open")
		}
		_, listed = o.Account(number)
		return listed, a.Organization
	}
	ahead.Store(int64(org.PostClosure - time.Minute))
	if err := s.joined.clean(ctx); err != nil {
		t.Fatal(err)
	}
	if listed, in := member(); !listed || in != id {
		t.Error("it left too early")
	}
	ahead.Store(int64(org.PostClosure + time.Minute))
	for range 2 {
		if err := s.joined.clean(ctx); err != nil {
			t.Fatal(err)
		}
		if listed, in := member(); listed || in != "" {
			t.Error("it is still a member")
		}
	}
	at, err := s.joined.Organization(number)
	if err != nil || !at.Closed {
		t.Errorf("%+v, %v", at, err)
	}
	if _, err := s.CreateAccount(ctx, "Ink", "ink@example.com"); err == nil {
		t.Error("the address of a closed account is free")
	}
}

// TestSignUpProvesNoAddress: whoever signs up says an e-mail address, and nobody
// vouches for it: what waits for who has it is not theirs. The operator's word does.
func TestSignUpProvesNoAddress(t *testing.T) {
	o := newOrganized(t, false)
	ctx := t.Context()
	for _, address := range []string{"claimed@example.com", "known@example.com"} {
		_, err := o.manager.InviteAccountToOrganization(ctx, &sdk.InviteAccountToOrganizationInput{
			Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: &address},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	claimed, err := o.signUp(ctx, "Claimed", "claimed@example.com", "x")
	if err != nil {
		t.Fatal(err)
	}
	known, err := o.CreateAccount(ctx, "Known", "known@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]int{claimed: 0, known.AccountID: 1} {
		a, err := o.accounts.View(ctx, account)
		if err != nil || len(a.Invitations) != want {
			t.Errorf("%s has %d invitations, %v", a.Name, len(a.Invitations), err)
		}
	}
}
