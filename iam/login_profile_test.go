package iam

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustPrepare(t *testing.T, d *Draft, name, password string) *Password {
	t.Helper()
	p, err := d.Prepare(userNow(t, d, name), password)
	must(t, err)
	return p
}

func mustLogin(t *testing.T, d *Draft, name, password string) {
	t.Helper()
	_, err := d.CreateLoginProfile(userNow(t, d, name), mustPrepare(t, d, name, password), false)
	must(t, err)
}

func TestLoginProfile(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	mustUser(t, d, "Bob")
	const none = "Login Profile for User Bob cannot be found."
	_, err := userNow(t, d, "bob").LoginProfile()
	refused(t, err, CodeNoSuchEntity, none)
	refused(t, d.UpdateLoginProfile(userNow(t, d, "bob"), nil, nil), CodeNoSuchEntity, none)
	refused(t, d.DeleteLoginProfile(userNow(t, d, "bob")), CodeNoSuchEntity, none)

	first := mustPrepare(t, d, "Bob", goodPassword)
	made, err := d.CreateLoginProfile(userNow(t, d, "Bob"), first, true)
	must(t, err)
	if !made.ResetRequired || !made.CreateDate.Equal(*clock) || !PasswordMatches(made.Hash, goodPassword) {
		t.Errorf("made %+v", made)
	}
	_, err = d.CreateLoginProfile(userNow(t, d, "Bob"), first, true)
	refused(t, err, CodeEntityAlreadyExists, "Login Profile for user Bob already exists.")
	refused(t, d.DeleteUser("Bob"), CodeDeleteConflict, "Cannot delete entity, must delete login profile first.")
	must(t, d.UpdateUser("Bob", "Robert", ""))
	if l, err := userNow(t, d, "Robert").LoginProfile(); err != nil || l != made {
		t.Errorf("after the rename: %v, %v", l, err)
	}

	*clock = clock.Add(time.Hour)
	no := false
	must(t, d.UpdateLoginProfile(userNow(t, d, "Robert"), nil, &no))
	l := userNow(t, d, "Robert").Login
	if l.ResetRequired || l.Hash != made.Hash || !l.Changed.Equal(made.Changed) {
		t.Errorf("without a password: %+v", l)
	}
	second := mustPrepare(t, d, "Robert", "Another-Horse-8")
	yes := true
	must(t, d.UpdateLoginProfile(userNow(t, d, "Robert"), second, &yes))
	must(t, d.ChangePassword(userNow(t, d, "Robert"), mustPrepare(t, d, "Robert", "A-third-Horse-9")))
	l = userNow(t, d, "Robert").Login
	if diff := cmp.Diff([]string{second.hash, first.hash}, l.Past); diff != "" {
		t.Error(diff)
	}
	if l.ResetRequired || !l.CreateDate.Equal(made.CreateDate) || !l.Changed.Equal(*clock) {
		t.Errorf("changed to %+v", l)
	}
	must(t, d.DeleteLoginProfile(userNow(t, d, "Robert")))
	must(t, d.DeleteUser("Robert"))
}

// TestPasswordReuse: as many of the last passwords are refused as the policy
// says, the present one among them, and no more are kept than it can say.
func TestPasswordReuse(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	password := func(i int) string { return fmt.Sprintf("Horse-number-%d", i) }
	mustLogin(t, d, "Bob", password(0))
	must(t, d.ChangePassword(userNow(t, d, "Bob"), mustPrepare(t, d, "Bob", password(0)))) // nothing forbids it
	must(t, d.ChangePassword(userNow(t, d, "Bob"), mustPrepare(t, d, "Bob", password(1))))
	must(t, d.ChangePassword(userNow(t, d, "Bob"), mustPrepare(t, d, "Bob", password(2))))
	d.UpdateAccountPasswordPolicy(policyOf(6, func(p *PasswordPolicy) { p.Reuse = 2 }))
	for i, want := range []bool{true, false, false} {
		_, err := d.Prepare(userNow(t, d, "Bob"), password(i))
		if want {
			must(t, err)
			continue
		}
		refused(t, err, CodePasswordPolicyViolation, "Password does not conform to the account password policy.")
	}
	bob := userNow(t, d, "Bob")
	next := clone(bob)
	next.Login = clone(bob.Login)
	next.Login.Past = slices.Repeat([]string{"old"}, pastPasswords+5)
	d.putUser(bob, next)
	must(t, d.ChangePassword(next, mustPrepare(t, d, "Bob", password(3))))
	if n := len(userNow(t, d, "Bob").Login.Past); n != pastPasswords {
		t.Errorf("%d passwords are kept", n)
	}
}

// TestPasswordPreparedForAnother: a password that was compared with what is not
// there any more must be prepared again.
func TestPasswordPreparedForAnother(t *testing.T) {
	const again = "Login Profile for User Bob cannot be modified at the moment. Please try again."
	d := policyDraft()
	mustUser(t, d, "Bob")
	early := mustPrepare(t, d, "Bob", goodPassword)
	mustLogin(t, d, "Bob", goodPassword)
	refused(t, d.ChangePassword(userNow(t, d, "Bob"), early), CodeEntityTemporarilyUnmodifiable, again)

	p := mustPrepare(t, d, "Bob", "Another-Horse-8")
	d.UpdateAccountPasswordPolicy(policyOf(6, func(p *PasswordPolicy) { p.Reuse = 1 }))
	refused(t, d.ChangePassword(userNow(t, d, "Bob"), p), CodeEntityTemporarilyUnmodifiable, again)
	p = mustPrepare(t, d, "Bob", "Another-Horse-8")
	d.UpdateAccountPasswordPolicy(policyOf(100, nil))
	refused(t, d.ChangePassword(userNow(t, d, "Bob"), p), CodePasswordPolicyViolation, "Password should have a minimum length of 100")

	must(t, d.DeleteLoginProfile(userNow(t, d, "Bob")))
	_, err := d.CreateLoginProfile(userNow(t, d, "Bob"), nil, false)
	refused(t, err, CodeEntityTemporarilyUnmodifiable, again)
}
