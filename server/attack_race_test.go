package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/org"
	"iamd/server/servertest"
)

// denies makes a policy that denies something and attaches it.
func denies(t *testing.T, manager *sdk.Client, action string, targets ...string) {
	t.Helper()
	p, err := manager.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{
		Name: aws.String(action), Description: aws.String(""), Type: types.PolicyTypeServiceControlPolicy,
		Content: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"` + action + `","Resource":"*"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range targets {
		if _, err := manager.AttachPolicy(t.Context(), &sdk.AttachPolicyInput{PolicyId: p.Policy.PolicySummary.Id, TargetId: &at}); err != nil {
			t.Fatal(err)
		}
	}
}

// unrest is what goes on in a member's account until it is ended: calls that are
// denied everywhere, and that must never come through, writes of the account, and
// writes of the organization whose callers go away.
func (o *organized) unrest(t *testing.T) (end func()) {
	ctx, member := t.Context(), iam.NewFromConfig(o.config)
	var done atomic.Bool
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for !done.Load() {
				if _, err := member.ListUsers(ctx, &iam.ListUsersInput{}); err == nil {
					t.Error("it was allowed between")
					return
				}
			}
		})
	}
	all.Go(func() {
		for i := 0; !done.Load(); i++ {
			name := fmt.Sprint("u", i)
			_, err := member.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
			if err == nil {
				_, err = member.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &name})
			}
			if err != nil { // its membership was being changed
				t.Log(err)
			}
		}
	})
	all.Go(func() {
		home, err := o.manager.DescribeOrganization(ctx, &sdk.DescribeOrganizationInput{})
		if err != nil {
			t.Error(err)
			return
		}
		for !done.Load() {
			gone, cancel := context.WithCancel(ctx)
			go cancel()
			for _, caller := range []context.Context{gone, ctx} { // one goes away, the next stays: none runs ahead of the queue
				err := o.joined.Write(caller, org.Touch{Organization: *home.Organization.Id, Accounts: []string{owner}}, func(*org.Drafts) error { return errors.New("no") })
				if err == nil {
					t.Error("it was written")
				}
			}
			cancel()
		}
	})
	return func() { done.Store(true); all.Wait() }
}

// TestNeverBetweenUnits: while a member is moved between two units that both deny
// it something, there is no moment at which it may.
func TestNeverBetweenUnits(t *testing.T) {
	o := newOrganized(t, false)
	ctx := t.Context()
	at := []string{"", "", o.root}
	for i := range 2 {
		u, err := o.manager.CreateOrganizationalUnit(ctx, &sdk.CreateOrganizationalUnitInput{ParentId: &o.root, Name: aws.String(fmt.Sprint("U", i))})
		if err != nil {
			t.Fatal(err)
		}
		at[i] = *u.OrganizationalUnit.Id
	}
	denies(t, o.manager, "iam:ListUsers", at[0], at[1])
	move := func(from, to string) {
		t.Helper()
		_, err := o.manager.MoveAccount(ctx, &sdk.MoveAccountInput{AccountId: aws.String(owner), SourceParentId: &from, DestinationParentId: &to})
		if err != nil {
			t.Error(err)
		}
	}
	move(o.root, at[0])
	defer o.unrest(t)()
	for range 8 {
		move(at[0], at[1])
		o.control(t, "beside", types.PolicyTypeServiceControlPolicy, `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`)()
		list, err := o.manager.ListPolicies(ctx, &sdk.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list.Policies {
			if *p.Name == "beside" {
				if _, err := o.manager.DeletePolicy(ctx, &sdk.DeletePolicyInput{PolicyId: p.Id}); err != nil {
					t.Error(err)
				}
			}
		}
		move(at[1], at[0])
	}
}

// TestNeverBetweenOrganizations: nor is there one while it goes from one
// organization to another that denies it too.
func TestNeverBetweenOrganizations(t *testing.T) {
	o := newOrganized(t, false)
	ctx, member := t.Context(), sdk.NewFromConfig(o.config)
	denies(t, o.manager, "iam:ListUsers", o.root)
	second, err := o.CreateAccount(ctx, "second", "")
	if err != nil {
		t.Fatal(err)
	}
	other := sdk.NewFromConfig(servertest.Config(o.front.URL, "us-east-1", second.AccessKeyID, second.SecretAccessKey, ""))
	if _, err := other.CreateOrganization(ctx, &sdk.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	roots, err := other.ListRoots(ctx, &sdk.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	denies(t, other, "iam:ListUsers", *roots.Roots[0].Id)
	defer o.unrest(t)()
	for range 5 {
		for _, manager := range []*sdk.Client{other, o.manager} {
			invited, err := manager.InviteAccountToOrganization(ctx, &sdk.InviteAccountToOrganizationInput{
				Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: aws.String(owner)},
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := member.AcceptHandshake(ctx, &sdk.AcceptHandshakeInput{HandshakeId: invited.Handshake.Id}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestNeverBetweenLeaving: who may not look at the organization doesn't at the
// moment of leaving it either, when its policies no longer bind and it is no longer
// a member.
func TestNeverBetweenLeaving(t *testing.T) {
	o := newOrganized(t, false)
	ctx, member := t.Context(), sdk.NewFromConfig(o.config)
	denies(t, o.manager, "organizations:DescribeOrganization", o.root)
	var done atomic.Bool
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for !done.Load() {
				if out, err := member.DescribeOrganization(ctx, &sdk.DescribeOrganizationInput{}); err == nil {
					t.Error("it was shown", *out.Organization.Id)
					return
				}
			}
		})
	}
	defer all.Wait()
	defer done.Store(true)
	for range 150 {
		if _, err := member.LeaveOrganization(ctx, &sdk.LeaveOrganizationInput{}); err != nil {
			t.Fatal(err)
		}
		invited, err := o.manager.InviteAccountToOrganization(ctx, &sdk.InviteAccountToOrganizationInput{
			Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: aws.String(owner)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := member.AcceptHandshake(ctx, &sdk.AcceptHandshakeInput{HandshakeId: invited.Handshake.Id}); err != nil {
			t.Fatal(err)
		}
	}
}
