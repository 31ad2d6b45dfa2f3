package guard_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
	"iamd/store"
	"iamd/sts"
)

// console signs in, by a user's id or, if it is empty, root, with the password of a
// generation.
func (d *door) console(t testing.TB, by, login string, mfa bool) sigv4.Credentials {
	t.Helper()
	c, err := d.tokens.Issue(sts.SignIn{Account: account, UserID: by, Login: login, MFA: mfa}.Session(d.now), 0)
	if err != nil {
		t.Fatal(err)
	}
	return sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken}
}

// withPassword gives Bob a password.
func withPassword(t testing.TB, a *iam.Account) (*iam.Account, *iam.LoginProfile) {
	t.Helper()
	u, err := a.User("Bob")
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Prepare(u, "Bobs-Passw0rd")
	if err != nil {
		t.Fatal(err)
	}
	var made *iam.LoginProfile
	return change(t, a, func(w *iam.Draft) error {
		made, err = w.CreateLoginProfile(u, p, false)
		return err
	}), made
}

// TestConsoleSession: it is the user's, or root's, who may call IAM, STS and
// Organizations without a second factor, but get no other session by it.
func TestConsoleSession(t *testing.T) {
	a, bob := bob(t, anything)
	a, login := withPassword(t, a)
	a = change(t, a, func(w *iam.Draft) error { w.Root.Password = "hash"; return nil })
	d := newDoor(t, a)
	user, err := d.caller(t, d.console(t, bob.UniqueID, login.Generation, false))
	if err != nil || user.Kind != policy.User || user.ARN != bob.ARN || user.UserName != "Bob" || !user.FromConsole() {
		t.Fatalf("%+v, %v", user, err)
	}
	root, err := d.caller(t, d.console(t, "", "", true))
	if err != nil || root.Kind != policy.Root || !root.FromConsole() {
		t.Fatalf("%+v, %v", root, err)
	}
	for _, c := range []*guard.Caller{user, root} {
		for _, action := range []string{"iam:CreateUser", "iam:ChangePassword", "sts:AssumeRole", "sts:GetCallerIdentity", "sts:GetWebIdentityToken", "organizations:ListAccounts", "sts:DecodeAuthorizationMessage"} {
			if err := d.guard.Authorize(c, a, guard.Check{Action: action, Resource: "*"}); err != nil {
				t.Errorf("%s: %v", action, err)
			}
		}
		for action, want := range map[string]string{
			"sts:GetSessionToken":    "Cannot call GetSessionToken with session credentials",
			"sts:GetFederationToken": "Cannot call GetFederationToken with session credentials",
		} {
			var refused *iam.Error
			if err := d.guard.Open(c, action); !errors.As(err, &refused) || refused.Code != iam.CodeAccessDenied || refused.Message != want {
				t.Errorf("%s: %v", action, err)
			}
		}
	}
	want := audit.Identity{
		Type: "IAMUser", PrincipalID: bob.UniqueID, ARN: bob.ARN, AccountID: account, AccessKeyID: user.KeyID, UserName: "Bob",
		SessionContext: &audit.SessionContext{Attributes: audit.SessionAttributes{CreationDate: clock, MFAAuthenticated: "false"}},
	}
	if diff := cmp.Diff(want, user.Identity()); diff != "" {
		t.Error(diff)
	}
	if id := root.Identity(); id.Type != "Root" || id.SessionContext.Attributes.MFAAuthenticated != "true" {
		t.Errorf("%+v", id)
	}
	if used := user.Attempt("iam:CreateUser"); used.KeyID != "" || used.EntityID != bob.UniqueID {
		t.Errorf("%+v", used)
	}
}

// TestConsoleSessionEnds: with the password that it began with, when sessions are
// revoked, and when its keys are over.
func TestConsoleSessionEnds(t *testing.T) {
	a, bob := bob(t, anything)
	a, login := withPassword(t, a)
	d := newDoor(t, a)
	own := d.console(t, bob.UniqueID, login.Generation, false)
	for what, other := range map[string]sigv4.Credentials{
		"another generation": d.console(t, bob.UniqueID, "G", false), "none": d.console(t, bob.UniqueID, "", false),
		"nobody's": d.console(t, "AIDANOBODY", login.Generation, false), "root's, who has no password": d.console(t, "", "", false),
	} {
		_, err := d.caller(t, other)
		refusedAs(t, what, err, guard.BadToken)
	}
	if _, err := d.caller(t, own); err != nil {
		t.Fatal(err)
	}
	d.now = clock.Add(time.Hour)
	_, err := d.caller(t, own)
	refusedAs(t, "after an hour", err, guard.ExpiredToken)
	d.now = clock

	d.accounts[account] = change(t, a, func(w *iam.Draft) error { w.Close(clock); return nil })
	_, err = d.caller(t, own)
	refusedAs(t, "the account is closed", err, guard.BadToken)

	// Keys that were had anew count from the sign-in.
	session, err := d.tokens.Open(own.KeyID, own.Token)
	if err != nil {
		t.Fatal(err)
	}
	for since, let := range map[time.Time]bool{clock: true, clock.Add(time.Second): false} {
		u, _ := a.UserByID(bob.UniqueID)
		revoked := *u
		revoked.SessionsNotBefore = since
		d.now = clock.Add(30 * time.Minute)
		c, err := d.tokens.Issue(session.Renewed(d.now), 0)
		if err != nil {
			t.Fatal(err)
		}
		if d.accounts[account], err = iam.Load(newEnv(), account, []store.Row{stored(t, "user", u.ID, &revoked), stored(t, "account", "", map[string]any{})}); err != nil {
			t.Fatal(err)
		}
		_, err = d.caller(t, sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken})
		if !let {
			refusedAs(t, "revoked", err, guard.BadToken)
		} else if err != nil {
			t.Errorf("none since %v: %v", since, err)
		}
	}
}

// TestBearer: who would call with a session, before there is a call.
func TestBearer(t *testing.T) {
	a, bob := bob(t, anything)
	a, login := withPassword(t, a)
	d := newDoor(t, a)
	s := sts.SignIn{Account: account, UserID: bob.UniqueID, Login: login.Generation, MFA: true}.Session(clock)
	c, err := d.guard.Bearer(a, &s, guard.Origin{SourceIP: "192.0.2.1", Time: clock})
	if err != nil || c.ARN != bob.ARN || c.Session != &s || c.SourceIP != "192.0.2.1" {
		t.Fatalf("%+v, %v", c, err)
	}
	if err := d.guard.Authorize(c, a, guard.Check{Action: "iam:ListUsers", Resource: "*"}); err != nil {
		t.Error(err)
	}
	s.Login = "another"
	_, err = d.guard.Bearer(a, &s, guard.Origin{})
	refusedAs(t, "another password", err, guard.BadToken)
}

// TestOwnPassword: what a password policy grants users, and nobody else.
func TestOwnPassword(t *testing.T) {
	a, bob := bob(t, reads)
	check := func(c *guard.Caller, a *iam.Account) error {
		return newGuard(t, accounts{account: a}).Authorize(c, a, guard.Check{Action: "iam:ChangePassword", Resource: bob.ARN, Granted: guard.OwnPassword(c, a)})
	}
	if err := check(bob, a); err == nil {
		t.Error("without a policy")
	}
	may := change(t, a, func(w *iam.Draft) error {
		w.UpdateAccountPasswordPolicy(iam.PasswordPolicy{UsersMayChange: true})
		return nil
	})
	if err := check(bob, may); err != nil {
		t.Error(err)
	}
	other := *bob
	other.Kind = policy.Role
	if guard.OwnPassword(&other, may) != nil {
		t.Error("granted to a role")
	}
}
