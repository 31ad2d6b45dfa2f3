package console

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"iamd/guard"
	"iamd/iam"
	"iamd/sigv4"
)

// TestRevoked: what ends console sessions ends them at once, and cannot be renewed
// past; the person's own change does not.
func TestRevoked(t *testing.T) {
	for what, c := range map[string]struct {
		root bool
		do   func(f *front)
		ends bool
	}{
		"nothing":               {false, func(*front) {}, false},
		"the user is renamed":   {false, func(f *front) { f.change(corp, func(d *iam.Draft) error { return d.UpdateUser("Bob", "Rob", "") }) }, false},
		"a reset is asked for":  {false, (*front).mustReset, false},
		"an administrator's":    {false, func(f *front) { f.passwordOfBob(otherWord) }, true},
		"the same, set again":   {false, func(f *front) { f.passwordOfBob(bobWord) }, true},
		"the person's own":      {false, func(f *front) { f.ownPassword() }, false},
		"no password any more":  {false, func(f *front) { f.changeBob(func(d *iam.Draft, u *iam.User) error { return d.DeleteLoginProfile(u) }) }, true},
		"another login profile": {false, func(f *front) { f.loginAgain() }, true},
		"the user is gone":      {false, func(f *front) { f.deleteBob() }, true},
		"another user's name":   {false, func(f *front) { f.deleteBob(); f.bobAgain() }, true},
		"the account is closed": {false, func(f *front) { f.change(corp, func(d *iam.Draft) error { d.Close(f.now); return nil }) }, true},
		"root: nothing":         {true, func(f *front) { f.passwordOfBob(otherWord) }, false},
		"root: its own": {true, func(f *front) {
			f.change(corp, func(d *iam.Draft) error { return d.ChangeRootPassword(d.Root.Password, "x") })
		}, false},
		"root: the operator's": {true, func(f *front) {
			f.change(corp, func(d *iam.Draft) error { d.SetRootPassword(d.Root.Password); return nil })
		}, true},
		"root: no password":      {true, func(f *front) { f.change(corp, func(d *iam.Draft) error { return d.DeleteRootLogin() }) }, true},
		"root: closed":           {true, func(f *front) { f.change(corp, func(d *iam.Draft) error { d.Close(f.now); return nil }) }, true},
		"root: taken, and again": {true, func(f *front) { f.rootAgain() }, true},
	} {
		t.Run(what, func(t *testing.T) {
			f := newFront(t)
			in := asBob()
			if c.root {
				in = asRoot()
			}
			by := f.enter(in)
			c.do(f)
			_, err := f.caller(by)
			renewed := f.signed(by, "renew", nothing{})
			if ended := err != nil; ended != c.ends || (renewed.status != http.StatusOK) != c.ends {
				t.Errorf("%v; renewed: %d %s", err, renewed.status, renewed.text)
			}
			if c.ends && renewed.code() != "InvalidClientTokenId" {
				t.Errorf("renewed: %s", renewed.text)
			}
		})
	}
}

// ownPassword changes Bob's as ChangePassword does.
func (f *front) ownPassword() {
	f.Helper()
	p, err := f.view(corp).Prepare(f.bob(), nextWord)
	f.must(err)
	f.changeBob(func(d *iam.Draft, u *iam.User) error { return d.ChangePassword(u, p) })
}

// loginAgain takes Bob's password and gives it back.
func (f *front) loginAgain() {
	f.Helper()
	f.changeBob(func(d *iam.Draft, u *iam.User) error { return d.DeleteLoginProfile(u) })
	p, err := f.view(corp).Prepare(f.bob(), bobWord)
	f.must(err)
	f.changeBob(func(d *iam.Draft, u *iam.User) error {
		_, err := d.CreateLoginProfile(u, p, false)
		return err
	})
}

func (f *front) deleteBob() {
	f.Helper()
	f.changeBob(func(d *iam.Draft, u *iam.User) error { return d.DeleteLoginProfile(u) })
	f.change(corp, func(d *iam.Draft) error { return d.DeleteUser("Bob") })
}

func (f *front) bobAgain() {
	f.Helper()
	f.change(corp, func(d *iam.Draft) error {
		_, err := d.CreateUser(iam.NewUser{Name: "Bob", Path: "/people/"})
		return err
	})
	p, err := f.view(corp).Prepare(f.bob(), bobWord)
	f.must(err)
	f.changeBob(func(d *iam.Draft, u *iam.User) error {
		_, err := d.CreateLoginProfile(u, p, false)
		return err
	})
}

func (f *front) rootAgain() {
	f.Helper()
	f.change(corp, func(d *iam.Draft) error {
		old := d.Root.Password
		if err := d.DeleteRootLogin(); err != nil {
			return err
		}
		d.SetRootPassword(old)
		return nil
	})
}

// TestRenew: keys last an hour, can be had anew before that, and never last beyond
// twelve hours since the sign-in, whose time and second factor they keep.
func TestRenew(t *testing.T) {
	f := newFront(t)
	serial, code := f.phone("Phone", new("Bob"))
	began := f.now
	by := f.enter(asBob(with(code(0), serial)))
	for f.now.Before(began.Add(11*time.Hour + 30*time.Minute)) {
		f.wait(30 * time.Minute)
		got := f.signed(by, "renew", nothing{})
		old := by
		by = f.keysOf(got)
		want := f.now.Add(time.Hour)
		if end := began.Add(12 * time.Hour); want.After(end) {
			want = end
		}
		c, err := f.caller(by)
		if err != nil || !c.Session.Expires.Equal(want) || !c.Session.Issued.Equal(began) || !c.Session.MFA.Equal(began) || c.UserName != "Bob" ||
			got.member["ends"] != "2026-11-02T00:00:00Z" || by.KeyID == old.KeyID || by.Secret == old.Secret {
			t.Fatalf("at %v: %+v, %v, %s", f.now, c, err, got.text)
		}
	}
	f.wait(30*time.Minute - time.Second)
	if _, err := f.caller(f.keysOf(f.signed(by, "renew", nothing{}))); err != nil {
		t.Errorf("in the last second: %v", err)
	}
	f.wait(time.Second)
	if got := f.signed(by, "renew", nothing{}); got.status != http.StatusForbidden || got.code() != "ExpiredToken" {
		t.Errorf("after twelve hours: %d %s", got.status, got.text)
	}
	f = newFront(t)
	by = f.enter(asBob())
	f.wait(time.Hour)
	if got := f.signed(by, "renew", nothing{}); got.code() != "ExpiredToken" {
		t.Errorf("after an hour: %d %s", got.status, got.text)
	}
}

// rootKey is the root user's own key.
func (f *front) rootKey() sigv4.Credentials {
	f.Helper()
	a := f.view(corp)
	key, _ := a.AnyKey()
	secret, err := a.Secret(key)
	f.must(err)
	return sigv4.Credentials{KeyID: key.ID, Secret: secret}
}

// TestOnlyConsoleSessionsRenew: other keys become none of the console's.
func TestOnlyConsoleSessionsRenew(t *testing.T) {
	f := newFront(t)
	if got := f.signed(f.rootKey(), "renew", nothing{}); got.status != http.StatusForbidden || got.code() != iam.CodeAccessDenied {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := f.post("renew", nothing{}); got.status != http.StatusForbidden || got.code() != "MissingAuthenticationToken" {
		t.Errorf("unsigned: %d %s", got.status, got.text)
	}
	by := f.enter(asBob())
	by.Secret = f.enter(asBob()).Secret
	if got := f.signed(by, "renew", nothing{}); got.code() != "SignatureDoesNotMatch" {
		t.Errorf("with another secret: %d %s", got.status, got.text)
	}
}

// TestRootPassword: the root user changes its own password, knowing the old one;
// nobody else does, and the session goes on.
func TestRootPassword(t *testing.T) {
	f := newFront(t)
	change := func(by sigv4.Credentials, old, word string) answer {
		return f.signed(by, "root-password", rootPasswordRequest{old, word})
	}
	root, bob := f.enter(asRoot()), f.enter(asBob())
	f.allow(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	for what, c := range map[string]struct {
		by        sigv4.Credentials
		old, word string
		code      string
	}{
		"a user":            {bob, bobWord, nextWord, iam.CodeAccessDenied},
		"a user, by root's": {bob, rootWord, nextWord, iam.CodeAccessDenied},
		"root's key":        {f.rootKey(), rootWord, nextWord, iam.CodeAccessDenied},
		"a wrong password":  {root, otherWord, nextWord, iam.CodeAccessDenied},
		"a short one":       {root, rootWord, "Pass1", iam.CodePasswordPolicyViolation},
		"of two kinds":      {root, rootWord, "password1", iam.CodePasswordPolicyViolation},
		"its e-mail":        {root, rootWord, "Root@Corp.Example", iam.CodePasswordPolicyViolation},
	} {
		if got := change(c.by, c.old, c.word); got.status < 400 || got.code() != c.code {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
	if got := change(root, rootWord, nextWord); got.status != http.StatusOK || got.text != "{}" {
		t.Fatalf("%d %s", got.status, got.text)
	}
	if _, err := f.caller(root); err != nil {
		t.Errorf("the session: %v", err)
	}
	if got := f.post("signin", asRoot()); got.status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", got.status)
	}
	in := asRoot()
	in.Password = nextWord
	f.enter(in)
	for range 5 {
		change(root, otherWord, bobWord)
	}
	if got := change(root, nextWord, bobWord); got.status != http.StatusTooManyRequests {
		t.Errorf("after five guesses: %d %s", got.status, got.text)
	}
	if got := f.post("signin", in); got.status != http.StatusTooManyRequests {
		t.Errorf("at the sign-in: %d %s", got.status, got.text)
	}
}

// TestConditionKeys: policies see a console session as they see other temporary
// keys, with the second factor told either way.
func TestConditionKeys(t *testing.T) {
	f := newFront(t)
	for _, mfa := range []string{"false", "true"} {
		in := asBob()
		if mfa == "true" {
			serial, code := f.phone("Phone", new("Bob"))
			in = asBob(with(code(0), serial))
		}
		f.allow(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{` +
			`"Bool":{"aws:MultiFactorAuthPresent":"` + mfa + `"},"DateEquals":{"aws:TokenIssueTime":"2026-11-01T12:00:00Z"},"StringEquals":{"aws:PrincipalType":"User","aws:username":"Bob"},` +
			`"NumericEqualsIfExists":{"aws:MultiFactorAuthAge":"600"}}}}`)
		by := f.enter(in)
		f.wait(10 * time.Minute)
		c, err := f.caller(by)
		f.must(err)
		if err := f.c.cfg.Guard.Authorize(c, f.view(corp), guard.Check{Action: "iam:ListUsers", Resource: "*"}); err != nil {
			t.Errorf("%s: %v", mfa, err)
		}
		f.wait(-10 * time.Minute)
	}
}

// TestTokenIsSmall: the browser sends it with every request.
func TestTokenIsSmall(t *testing.T) {
	f := newFront(t)
	if n := len(f.enter(asBob()).Token); n > 600 {
		t.Errorf("%d characters", n)
	}
	var session map[string]any
	c, err := f.caller(f.enter(asBob()))
	f.must(err)
	b, err := json.Marshal(c.Session)
	f.must(err)
	f.must(json.Unmarshal(b, &session))
	if session["l"] != f.bob().Login.Generation || session["l"] == "" {
		t.Errorf("of generation %v", session["l"])
	}
}
