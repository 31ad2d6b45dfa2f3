package server

import (
	"context"
	"errors"
	"runtime"

	"iamd/catalog"
	"iamd/guard"
	"iamd/iam"
	"iamd/org"
	"iamd/store"
)

// organizationPrefix precedes an organization's id in the name of its aggregate.
const organizationPrefix = "organization/"

// organizations keeps what accounts are joined in, beside them.
type organizations struct {
	accounts *store.Aggregates[*iam.Account, *iam.Draft]
	all      *store.Aggregates[*org.Organization, *org.Draft]
}

func newOrganizations(cfg Config, backend store.Backend, follower *store.Follower, accounts *store.Aggregates[*iam.Account, *iam.Draft], committed func(int)) *organizations {
	env := &org.Env{Now: cfg.Now, Rand: cfg.Rand, Quotas: cfg.OrganizationQuotas, Controlled: controlled(cfg)}
	return &organizations{accounts, store.New(store.Config[*org.Organization, *org.Draft]{
		Backend: backend, Prefix: organizationPrefix,
		Load:     func(id string, rows []store.Row) (*org.Organization, error) { return org.Load(env, id, rows) },
		New:      func(id string) *org.Organization { return org.New(env, id) },
		Follower: follower, Apply: (*org.Organization).Apply, Committed: committed,
	})}
}

// View gives an organization as it stands.
func (o *organizations) View(ctx context.Context, id string) (*org.Organization, error) {
	return o.all.View(ctx, id)
}

// Write changes organizations and accounts in one commit. The caller's account
// comes last: its function has all other drafts.
func (o *organizations) Write(ctx context.Context, t org.Touch, fn func(*org.Drafts) error) error {
	if len(t.Accounts) == 0 {
		return errors.New("server: a write of an organization without the caller's account")
	}
	d := &org.Drafts{}
	var shares []store.Share
	if t.Organization != "" {
		keep := func(draft *org.Draft) error { d.Organization = draft; return nil }
		if t.New {
			shares = append(shares, o.all.ShareNew(t.Organization, keep))
		} else {
			shares = append(shares, o.all.Share(t.Organization, keep))
		}
	}
	if t.Other != "" {
		shares = append(shares, o.all.Share(t.Other, func(draft *org.Draft) error { d.Other = draft; return nil }))
	}
	account := func(draft *iam.Draft) error { d.Accounts[draft.ID] = draft; return nil }
	for _, id := range t.Accounts[1:] {
		shares = append(shares, o.accounts.Share(id, account))
	}
	if t.NewAccount != "" {
		shares = append(shares, o.accounts.ShareNew(t.NewAccount, account))
	}
	shares = append(shares, o.accounts.Share(t.Accounts[0], func(draft *iam.Draft) error {
		d.Accounts[draft.ID] = draft
		return fn(d)
	}))
	// A second try begins with the first share.
	d.Accounts = map[string]*iam.Draft{}
	return store.Together(ctx, shares...)
}

// readings is how often a membership is read that two commits' halves seem to
// tell of.
const readings = 3

// Organization tells the guard where an account stands.
func (o *organizations) Organization(account string) (guard.Organization, error) {
	ctx := context.Background()
	for n := range readings {
		if n > 0 {
			// One commit changes both, and is published one after the other: on another
			// node than its own not even in that order.
			if err := o.renew(ctx, account); err != nil {
				return guard.Organization{}, err
			}
		}
		a, err := o.accounts.View(ctx, account)
		if errors.Is(err, iam.ErrNotFound) {
			return guard.Organization{}, nil
		}
		if err != nil {
			return guard.Organization{}, err
		}
		closed := !a.Closed.IsZero()
		if a.Organization == "" {
			return guard.Organization{Closed: closed}, nil
		}
		in, err := o.all.View(ctx, a.Organization)
		if err != nil {
			return guard.Organization{}, err
		}
		if s, ok := in.Standing(account); ok {
			return guard.Organization{ID: s.ID, Path: s.Path, Management: s.Management, Closed: closed, SCPs: s.SCPs, RCPs: s.RCPs, MayAssumeRoot: s.MayAssumeRoot}, nil
		}
		runtime.Gosched()
	}
	return guard.Organization{}, errors.New("server: account " + account + " is not listed by its organization")
}

// renew brings an account and its organization up to what any node committed.
func (o *organizations) renew(ctx context.Context, account string) error {
	a, err := o.accounts.Newest(ctx, account)
	if errors.Is(err, iam.ErrNotFound) || err == nil && a.Organization == "" {
		return nil
	}
	if err == nil {
		_, err = o.all.Newest(ctx, a.Organization)
	}
	return err
}

// controlled tells for which services resource control policies are asked: those
// that AWS lists.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
func controlled(cfg Config) func(string) bool {
	return func(service string) bool {
		if service == "execute-api" {
			return cfg.ControlExecuteAPI
		}
		s, ok := catalog.Service(service)
		return ok && s.ResourceControlPolicies
	}
}
