package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"iamd/iam"
	"iamd/limits"
)

const (
	nextWord  = "Next-Passw0rd"
	mayChange = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"arn:aws:iam::*:user/people/${aws:username}"}}`
)

// newWord adds a new password to a sign-in.
func newWord(word string) func(*signInRequest) {
	return func(in *signInRequest) { in.NewPassword = word }
}

func (f *front) passwords(p iam.PasswordPolicy) {
	f.Helper()
	f.change(corp, func(d *iam.Draft) error { d.UpdateAccountPasswordPolicy(p); return nil })
}

func (f *front) mustReset() {
	f.Helper()
	f.changeBob(func(d *iam.Draft, u *iam.User) error { return d.UpdateLoginProfile(u, nil, new(true)) })
}

// asksForPassword checks an answer that asks for a new password.
func asksForPassword(t *testing.T, what string, got answer, reason, fault string) {
	t.Helper()
	if got.status != http.StatusOK || got.next() != "password" || got.member["reason"] != reason || got.member["credentials"] != nil ||
		(fault == "") != (got.fault() == "") || !strings.Contains(got.fault(), fault) {
		t.Errorf("%s: %d %s", what, got.status, got.text)
	}
}

// TestForcedChange: a password that must be changed lets nobody in, until there is
// another; that takes the permission to change one's own, and AWS says which rule
// it breaks.
func TestForcedChange(t *testing.T) {
	f := newFront(t)
	f.mustReset()
	asksForPassword(t, "at first", f.post("signin", asBob()), dueReset, "")
	asksForPassword(t, "without permission", f.post("signin", asBob(newWord(nextWord))), dueReset,
		"User: arn:aws:iam::"+corp+":user/people/Bob is not authorized to perform: iam:ChangePassword on resource: user Bob because no identity-based policy allows the iam:ChangePassword action")
	f.allow(mayChange)
	asksForPassword(t, "too short", f.post("signin", asBob(newWord("x"))), dueReset, "Password should have a minimum length of 8")
	asksForPassword(t, "the same", f.post("signin", asBob(newWord(bobWord))), dueReset, "must be different")
	f.passwords(iam.PasswordPolicy{MinLength: 8, Symbols: true, Reuse: 3})
	asksForPassword(t, "without a symbol", f.post("signin", asBob(newWord("NextPassw0rd"))), dueReset, "Password should have at least one symbol")
	wrongWord := asBob(newWord(nextWord))
	wrongWord.Password = otherWord
	if got := f.post("signin", wrongWord); got.status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d %s", got.status, got.text)
	}
	first, err := f.caller(f.enter(asBob(newWord(nextWord))))
	f.must(err)
	if f.bob().Login.ResetRequired || first.UserName != "Bob" {
		t.Error("it must be changed again")
	}
	if got := f.post("signin", asBob()); got.status != http.StatusUnauthorized {
		t.Errorf("the old password: %d %s", got.status, got.text)
	}
	in := asBob()
	in.Password = nextWord
	f.enter(in)
	newWord(otherWord)(in)
	if got := f.post("signin", in); got.status != http.StatusBadRequest {
		t.Errorf("a change that is not due: %d %s", got.status, got.text)
	}
	f.mustReset()
	newWord(bobWord)(in)
	asksForPassword(t, "one that was", f.post("signin", in), dueReset, "does not conform to the account password policy")
}

// TestWhoMayChange: the account's password policy lets its users change their
// passwords; a Deny, and a second factor that a policy asks for, hold.
func TestWhoMayChange(t *testing.T) {
	f := newFront(t)
	f.mustReset()
	f.passwords(iam.PasswordPolicy{MinLength: 8, UsersMayChange: true})
	f.allow(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}`)
	got := f.post("signin", asBob(newWord(nextWord)))
	asksForPassword(t, "a Deny", got, dueReset, "with an explicit deny in an identity-based policy")
	if id := got.header.Get("X-Amzn-Requestid"); id == "" {
		t.Error("no request id")
	} else if f.must(f.c.cfg.Audit.Flush(t.Context())); false {
	} else if _, err := f.c.cfg.Audit.Trace(t.Context(), id); err != nil {
		t.Errorf("the denial left no trace: %v", err)
	}
	serial, code := f.phone("Phone", new("Bob"))
	in := asBob(with(code(0), serial))
	asksForPassword(t, "a second factor", f.post("signin", in), dueReset, "")
	newWord(nextWord)(in)
	c, err := f.caller(f.enter(in)) // by the same code, which was not used before
	if err != nil || c.Session.MFA.IsZero() {
		t.Errorf("%+v, %v", c, err)
	}
	in.Password, in.NewPassword = nextWord, ""
	if got := f.post("signin", in); got.next() != "mfa" {
		t.Errorf("the code again: %s", got.text)
	}
}

// TestFaultsDoNotLock: new passwords that are refused are no guesses at the code.
func TestFaultsDoNotLock(t *testing.T) {
	f := newFront(t)
	f.mustReset()
	f.allow(mayChange)
	serial, code := f.phone("Phone", new("Bob"))
	for range 2 * limits.Guessing.Tries {
		asksForPassword(t, "too short", f.post("signin", asBob(with(code(0), serial), newWord("x"))), dueReset, "minimum length")
	}
	f.enter(asBob(with(code(0), serial), newWord(nextWord)))
}

// TestExpired: a password that is over is changed at the sign-in, unless the account
// leaves that to its administrator.
func TestExpired(t *testing.T) {
	f := newFront(t)
	f.allow(mayChange)
	f.passwords(iam.PasswordPolicy{MaxAge: 30})
	f.wait(30*24*time.Hour - time.Second)
	f.enter(asBob())
	f.wait(time.Second)
	asksForPassword(t, "after 30 days", f.post("signin", asBob()), dueExpired, "")
	f.passwords(iam.PasswordPolicy{MaxAge: 30, HardExpiry: new(true)})
	for _, in := range []*signInRequest{asBob(), asBob(newWord(nextWord))} {
		if got := f.post("signin", in); got.status != http.StatusForbidden || got.code() != "PasswordExpired" {
			t.Errorf("a hard expiry: %d %s", got.status, got.text)
		}
	}
	f.passwordOfBob(otherWord)
	in := asBob()
	in.Password = otherWord
	f.enter(in)
	f.wait(30 * 24 * time.Hour)
	f.passwords(iam.PasswordPolicy{MaxAge: 30, HardExpiry: new(false)})
	newWord(nextWord)(in)
	f.enter(in)
}

// TestPasswordRace: a password that an administrator sets while a user chooses one
// stands.
func TestPasswordRace(t *testing.T) {
	f := newFront(t)
	f.mustReset()
	f.allow(mayChange)
	at, err := f.c.find(f.call(), asBob(newWord(nextWord)))
	f.must(err)
	p, by, err := f.c.prepare(f.call(), at, false)
	f.must(err)
	if by.UserName != "Bob" || p == nil {
		t.Fatal("nothing is prepared")
	}
	f.passwordOfBob(otherWord)
	f.mustReset()
	if _, err := f.c.enter(f.call(), at, nil); refusalOf(err).code != iam.CodeEntityTemporarilyUnmodifiable {
		t.Errorf("%v", err)
	}
	if !iam.PasswordMatches(f.bob().Login.Hash, otherWord) {
		t.Error("the administrator's password is gone")
	}
}
