package iam

import (
	"strings"
	"testing"
	"time"
)

const goodPassword = "Correct-Horse-7"

func policyOf(min int, change func(*PasswordPolicy)) PasswordPolicy {
	p := PasswordPolicy{MinLength: min}
	if change != nil {
		change(&p)
	}
	return p
}

// TestPasswordRules are AWS's rules, its own and an account's, in its words.
func TestPasswordRules(t *testing.T) {
	const (
		upper  = "Password should have at least one uppercase letter"
		lower  = "Password should have at least one lowercase letter"
		number = "Password should have at least one number"
		symbol = "Password should have at least one symbol"
		other  = "Password does not conform to the account password policy."
	)
	all := policyOf(10, func(p *PasswordPolicy) { p.Upper, p.Lower, p.Numbers, p.Symbols = true, true, true, true })
	short, long := policyOf(0, nil), policyOf(128, nil)
	for _, c := range []struct {
		policy   *PasswordPolicy
		password string
		want     string
	}{
		{nil, "Abcdefg1", ""},
		{nil, "abcdef1!", ""},
		{nil, "ABCDEF1!", ""},
		{nil, "Abcdefg!", ""},
		{nil, "Abcdef1", "Password should have a minimum length of 8"},
		{nil, "éééÉÉ1a", "Password should have a minimum length of 8, Password should meet 1 more of the following requirements: " + upper + ", " + symbol},
		{nil, "abcdefg1", "Password should meet 1 more of the following requirements: " + upper + ", " + symbol},
		{nil, "abcdefgh", "Password should meet 2 more of the following requirements: " + upper + ", " + number + ", " + symbol},
		{nil, "        ", "Password should meet 3 more of the following requirements: " + upper + ", " + lower + ", " + number + ", " + symbol},
		{nil, "Main-Account", other},
		{nil, "ROOT@example.com1-", ""},
		{nil, "Root1@Example.com", other},
		{&all, "Abcdefgh1!", ""},
		{&all, "Abcdefg1!", "Password should have a minimum length of 10"},
		{&all, "abcdefgh1!", upper},
		{&all, "ABCDEFGH1!", lower},
		{&all, "Abcdefghi!", number},
		{&all, "Abcdefghi1", symbol},
		{&all, "Abcdefghi1~", symbol}, // not one of AWS's symbols
		{&all, "short", "Password should have a minimum length of 10, " + upper + ", " + number + ", " + symbol},
		{&short, "aaaaaa", ""},
		{&short, "aaaaa", "Password should have a minimum length of 6"},
		{&long, strings.Repeat("é", 128), ""},
		{&long, strings.Repeat("é", 127), "Password should have a minimum length of 128"},
	} {
		d := policyDraft()
		d.Begin(NewAccountInput{Name: "main-account", Email: "root1@example.com"})
		if c.policy != nil {
			d.UpdateAccountPasswordPolicy(*c.policy)
		}
		err := d.CheckPassword(c.password)
		if c.want == "" {
			must(t, err)
			continue
		}
		refused(t, err, CodePasswordPolicyViolation, c.want)
	}
}

func TestPasswordPolicy(t *testing.T) {
	d := policyDraft()
	const none = "The Password Policy with domain name 123456789012 cannot be found."
	_, err := d.PasswordPolicy()
	refused(t, err, CodeNoSuchEntity, none)
	refused(t, d.DeleteAccountPasswordPolicy(), CodeNoSuchEntity, none)
	hard := true
	d.UpdateAccountPasswordPolicy(policyOf(9, func(p *PasswordPolicy) { p.HardExpiry, p.MaxAge = &hard, 90 }))
	d.UpdateAccountPasswordPolicy(PasswordPolicy{}) // what is left out is not kept
	p, err := d.PasswordPolicy()
	must(t, err)
	if *p != (PasswordPolicy{MinLength: 6}) {
		t.Errorf("the policy is %+v", p)
	}
	must(t, d.DeleteAccountPasswordPolicy())
	_, err = d.PasswordPolicy()
	refused(t, err, CodeNoSuchEntity, none)
}

func TestPasswordExpires(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	u := mustUser(t, d, "Bob")
	mustLogin(t, d, "Bob", goodPassword)
	if _, ok := d.PasswordExpires(userNow(t, d, "Bob")); ok {
		t.Error("a password expires without a policy")
	}
	d.UpdateAccountPasswordPolicy(policyOf(6, func(p *PasswordPolicy) { p.MaxAge = 30 }))
	if _, ok := d.PasswordExpires(u); ok {
		t.Error("a user without a password has one that expires")
	}
	if at, ok := d.PasswordExpires(userNow(t, d, "Bob")); !ok || !at.Equal(clock.Add(30*24*time.Hour)) {
		t.Errorf("expires %v, %v", at, ok)
	}
}
