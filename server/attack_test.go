package server

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/iam"
	"iamd/org"
)

// TestStrangersHoldNobodyUp: an organization that is slow to write keeps no
// account from writing that it only sends something to.
func TestStrangersHoldNobodyUp(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	ctx := t.Context()
	host, err := s.CreateAccount(ctx, "Host", "")
	if err != nil {
		t.Fatal(err)
	}
	guest, err := s.CreateAccount(ctx, "Guest", "")
	if err != nil {
		t.Fatal(err)
	}
	if host.AccountID < guest.AccountID { // the worst order, when accounts are waited for by their numbers
		host, guest = guest, host
	}
	id := org.NewID(s.cfg.Rand)
	err = s.joined.Write(ctx, org.Touch{Organization: id, New: true, Accounts: []string{host.AccountID}}, func(d *org.Drafts) error {
		d.Organization.Begin(org.AllFeatures, org.Account{ID: host.AccountID, Name: "Host"})
		d.Accounts[host.AccountID].Join(id)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slow, end := make(chan struct{}), make(chan struct{})
	nothing := errors.New("nothing")
	var all sync.WaitGroup
	write := func(accounts []string, fn func()) {
		all.Go(func() {
			err := s.joined.Write(ctx, org.Touch{Organization: id, Accounts: accounts}, func(*org.Drafts) error { fn(); return nothing })
			if !errors.Is(err, nothing) {
				t.Error(err)
			}
		})
	}
	write([]string{host.AccountID}, func() { close(slow); <-end })
	<-slow
	for range 8 {
		write([]string{host.AccountID, guest.AccountID}, func() {})
	}
	own, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for range 200 {
		if err := s.accounts.Update(own, guest.AccountID, func(d *iam.Draft) error { d.KeepBillsFromUsers(); return nil }); err != nil {
			t.Error(err)
			break
		}
	}
	close(end)
	all.Wait()
}

// TestNotLoadedYet: an organization that nobody has asked for since the start binds
// its members from the first question on, and one that can't be read lets nobody do
// anything.
func TestNotLoadedYet(t *testing.T) {
	o := newOrganized(t, false)
	o.control(t, "D", types.PolicyTypeServiceControlPolicy, `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`)
	fresh := newOrganizations(o.cfg, o.backend, nil, o.accounts, nil)
	in, err := fresh.Organization(owner)
	if err != nil || in.ID == "" || len(in.SCPs) != 2 || len(in.SCPs[0]) != 2 {
		t.Errorf("%+v, %v", in, err)
	}
	closed := newOrganizations(o.cfg, o.backend, nil, o.accounts, nil)
	if err := closed.all.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if in, err := closed.Organization(owner); err == nil {
		t.Errorf("%+v", in)
	}
}
