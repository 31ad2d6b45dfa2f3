package server

import (
	"context"
	"errors"

	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/lwa"
	"iamd/spapi"
	"iamd/store"
)

// applicationPrefix precedes an account's number in the name of the aggregate of
// its applications.
const applicationPrefix = "lwa/"

// applicationStore keeps applications, beside the accounts that registered them.
type applicationStore struct {
	*store.Aggregates[*lwa.Applications, *lwa.Draft]
	accounts *store.Aggregates[*iam.Account, *iam.Draft]
}

func newApplications(cfg Config, backend store.Backend, follower *store.Follower, accounts *store.Aggregates[*iam.Account, *iam.Draft], committed func(int)) applicationStore {
	env := &lwa.Env{Now: cfg.Now, Rand: cfg.Rand, Quotas: lwa.DefaultQuotas()}
	return applicationStore{store.New(store.Config[*lwa.Applications, *lwa.Draft]{
		Backend: backend, Prefix: applicationPrefix,
		Load: func(account string, rows []store.Row) (*lwa.Applications, error) {
			return lwa.Load(env, account, rows)
		},
		New:      func(account string) *lwa.Applications { return lwa.New(env, account) },
		Follower: follower, Apply: (*lwa.Applications).Apply, Committed: committed,
	}), accounts}
}

// Write changes an account's applications and the account in one commit. The
// account comes last: its function has the other draft.
func (s applicationStore) Write(ctx context.Context, account string, fn func(*lwa.Draft, *iam.Draft) error) error {
	var draft *lwa.Draft
	keep := func(d *lwa.Draft) error { draft = d; return nil }
	write := func(applications store.Share) error {
		return store.Together(ctx, applications, s.accounts.Share(account, func(of *iam.Draft) error { return fn(draft, of) }))
	}
	err := write(s.Share(account, keep))
	if errors.Is(err, store.ErrNotFound) { // the account's first application
		err = write(s.ShareNew(account, keep))
	}
	if errors.Is(err, store.ErrExists) { // another was first
		err = write(s.Share(account, keep))
	}
	return err
}

// applicationDoor makes Login with Amazon's door, with the parts that the AWS APIs
// have.
func (s *Server) applicationDoor(gate *guard.Guard, ring *keyring.Ring, from *origin) (*spapi.Door, error) {
	var err error
	s.registered = newApplications(s.cfg, s.backend, s.follower, s.accounts, s.committed)
	s.lwa, err = lwa.NewService(lwa.Config{
		Store: s.registered, Accounts: s.accounts, Ring: ring, Now: s.cfg.Now, Rand: s.cfg.Rand,
	})
	if err != nil {
		return nil, err
	}
	return spapi.New(spapi.Config{
		Guard: gate, Accounts: s.accounts, Applications: s.registered, Tokens: s.lwa, Audit: s.audit,
		Origin: from.of, Observe: s.observe, Now: s.cfg.Now, Rand: s.cfg.Rand, Log: s.cfg.Log,
	}), nil
}
