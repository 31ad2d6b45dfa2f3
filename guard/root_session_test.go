package guard_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/sigv4"
	"iamd/sts"
)

const (
	manager   = "999999999999"
	auditRoot = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
	noTask    = "arn:aws:iam::aws:policy/root-task/None"
)

// TestRootSessions: a session of a root user is what its task leaves, for as long
// as it could be begun.
func TestRootSessions(t *testing.T) {
	a, _ := bob(t, anything)
	places := tree{}
	d := &door{accounts: accounts{account: a}, now: clock}
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return d.now }
	d.tokens = sts.New(sts.Config{Ring: ring, Now: now, Rand: rand.Reader})
	if d.guard, err = guard.New(guard.Config{Accounts: d.accounts, STS: d.tokens, Now: now, Organizations: places}); err != nil {
		t.Fatal(err)
	}
	begin := func(change func(s *sts.Session)) (*guard.Caller, error) {
		t.Helper()
		s := sts.AssumeRoot{Account: account, By: manager, Task: auditRoot}.Session(clock)
		if change != nil {
			change(&s)
		}
		c, err := d.tokens.Issue(s, 0)
		if err != nil {
			t.Fatal(err)
		}
		return d.caller(t, sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken})
	}
	_, err = begin(nil)
	refusedAs(t, "in no organization", err, guard.BadToken)
	places[account] = guard.Organization{ID: "o-example", MayAssumeRoot: func(by, task string) bool { return by == manager && (task == auditRoot || task == noTask) }}
	for what, change := range map[string]func(s *sts.Session){
		"begun by another": func(s *sts.Session) { s.Delegate = account },
		"begun by nobody":  func(s *sts.Session) { s.Delegate = "" },
		"of another task": func(s *sts.Session) {
			s.PolicyARNs = []string{"arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}
		},
		"of no task":          func(s *sts.Session) { s.PolicyARNs = nil },
		"of two tasks":        func(s *sts.Session) { s.PolicyARNs = []string{auditRoot, auditRoot} },
		"of somebody's place": func(s *sts.Session) { s.Account = manager },
	} {
		_, err := begin(change)
		refusedAs(t, what, err, guard.BadToken)
	}
	_, err = begin(func(s *sts.Session) { s.Expires = clock })
	refusedAs(t, "expired", err, guard.ExpiredToken)

	caller, err := begin(nil)
	if err != nil {
		t.Fatal(err)
	}
	root, user := a.RootARN(), "arn:aws:iam::"+account+":user/Bob"
	for _, c := range []struct {
		action, resource string
		want             bool
	}{
		{"iam:ListAccessKeys", root, true}, {"iam:GetAccountSummary", "*", true}, {"iam:ListAccessKeys", user, false}, {"iam:DeleteAccessKey", root, false},
		{"iam:CreateAccessKey", root, false}, {"s3:GetObject", "arn:aws:s3:::b/o", false}, {"execute-api:Invoke", "arn:aws:execute-api:eu-west-1:" + account + ":x", false},
	} {
		if got := d.guard.Allowed(caller, a, guard.Check{Action: c.action, Resource: c.resource}); got != c.want {
			t.Errorf("%s on %s: %v", c.action, c.resource, got)
		}
	}
	// A policy of a resource that lets the account in does not lead past the task.
	given := guard.Check{Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:eu-west-1:" + account + ":x", Policies: level(t, allowAnyone)}
	if d.guard.Allowed(caller, a, given) {
		t.Error("a resource policy leads past the task")
	}
	var refused *iam.Error
	for _, action := range []string{"sts:AssumeRoot", "sts:AssumeRole", "sts:GetSessionToken", "sts:GetFederationToken"} {
		if err := d.guard.Open(caller, action); !errors.As(err, &refused) || refused.Code != iam.CodeAccessDenied {
			t.Errorf("%s: %v", action, err)
		}
	}
	if err := d.guard.Open(caller, "sts:GetCallerIdentity"); err != nil {
		t.Error(err)
	}
	if id := caller.Identity(); id.Type != "Root" || id.SessionContext.AssumedRoot != "true" || id.ARN != root {
		t.Errorf("%+v", id)
	}
	// A task policy that is gone leaves nothing.
	if caller, err = begin(func(s *sts.Session) { s.PolicyARNs = []string{noTask} }); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"iam:ListAccessKeys", "iam:CreateUser", "s3:GetObject"} {
		if d.guard.Allowed(caller, a, guard.Check{Action: action, Resource: root}) {
			t.Errorf("%s without a task policy", action)
		}
	}

	d.accounts[account] = change(t, a, func(w *iam.Draft) error { w.Root.SessionsNotBefore = clock.Add(time.Second); return nil })
	_, err = begin(nil)
	refusedAs(t, "revoked", err, guard.BadToken)
	d.accounts[account] = change(t, a, func(w *iam.Draft) error { w.Close(clock); return nil })
	_, err = begin(nil)
	refusedAs(t, "closed", err, guard.BadToken)
}
