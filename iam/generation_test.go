package iam

import (
	"strings"
	"testing"
)

// TestGeneration: another password that somebody else sets begins a generation; the
// person's own, and what is no password, do not.
func TestGeneration(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	mustLogin(t, d, "Bob", goodPassword)
	seen := map[string]bool{"": true}
	now := func() string { return userNow(t, d, "Bob").Login.Generation }
	begins := func(what string, want bool) {
		t.Helper()
		if seen[now()] == want {
			t.Errorf("%s: generation %q", what, now())
		}
		seen[now()] = true
	}
	begins("made", true)
	yes := true
	must(t, d.UpdateLoginProfile(userNow(t, d, "Bob"), nil, &yes))
	begins("to be reset", false)
	must(t, d.ChangePassword(userNow(t, d, "Bob"), mustPrepare(t, d, "Bob", "Another-Horse-8")))
	begins("the person's own", false)
	must(t, d.UpdateLoginProfile(userNow(t, d, "Bob"), mustPrepare(t, d, "Bob", "A-third-Horse-9"), nil))
	begins("an administrator's", true)
	must(t, d.DeleteLoginProfile(userNow(t, d, "Bob")))
	mustLogin(t, d, "Bob", goodPassword)
	begins("made again", true)
}

// TestRootPassword: set by the operator, it begins a generation; changed by the root
// user, who knows the one before, it does not.
func TestRootPassword(t *testing.T) {
	d := policyDraft()
	d.BeginMember("Main", "root@example.com")
	refused(t, d.ChangeRootPassword("", "new"), CodeEntityTemporarilyUnmodifiable, "Login Profile for User null cannot be modified at the moment. Please try again.")
	d.SetRootPassword("first")
	first := d.Root.Generation
	refused(t, d.ChangeRootPassword("other", "new"), CodeEntityTemporarilyUnmodifiable, "Login Profile for User null cannot be modified at the moment. Please try again.")
	must(t, d.ChangeRootPassword("first", "second"))
	if d.Root.Password != "second" || d.Root.Generation != first || first == "" {
		t.Errorf("%+v", d.Root)
	}
	d.SetRootPassword("second")
	if d.Root.Generation == first {
		t.Error("the operator's begins none")
	}
}

// TestCheckRootPassword: AWS's rules for root users, whatever the account asks of
// its users.
func TestCheckRootPassword(t *testing.T) {
	const name, email = "Main-Account-1", "Root1@example.com"
	for password, want := range map[string]string{
		"Passw0rd": "", "passw0rd!": "", strings.Repeat("aB3", 42) + "éé": "",
		"Passw0r":                         "Password should have a minimum length of 8",
		"password1":                       "Password should meet 1 more of the following requirements: Password should have at least one uppercase letter, Password should have at least one symbol",
		"main-account-1":                  "Password does not conform to the account password policy.",
		"ROOT1@Example.com":               "Password does not conform to the account password policy.",
		strings.Repeat("aB3", 42) + "ééé": "Password does not conform to the account password policy.",
	} {
		err := CheckRootPassword(name, email, password)
		if want == "" {
			must(t, err)
			continue
		}
		refused(t, err, CodePasswordPolicyViolation, want)
	}
}
