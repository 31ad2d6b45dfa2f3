package iam

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// PasswordPolicy is what an account asks of its users' passwords.
type PasswordPolicy struct {
	MinLength      int   `json:"min"` // characters
	Symbols        bool  `json:"symbols,omitempty"`
	Numbers        bool  `json:"numbers,omitempty"`
	Upper          bool  `json:"upper,omitempty"`
	Lower          bool  `json:"lower,omitempty"`
	UsersMayChange bool  `json:"usersMayChange,omitempty"` // their own password, policies aside
	MaxAge         int   `json:"maxAge,omitempty"`         // days; 0 is for ever
	Reuse          int   `json:"reuse,omitempty"`          // how many of a user's last passwords are refused
	HardExpiry     *bool `json:"hardExpiry,omitempty"`     // nil when nobody has said
}

// What a password needs where the account asks for less, or for nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
const (
	// LeastPasswordLength is the length that a policy asks for unless it says
	// otherwise, in characters.
	LeastPasswordLength   = 6
	defaultPasswordLength = 8
	defaultPasswordKinds  = 3 // of the four kinds of characters
	pastPasswords         = 24
)

// passwordSymbols are the characters that count as symbols.
const passwordSymbols = "!@#$%^&*()_+-=[]{}|'"

// PasswordPolicy gives the account's own password policy, or NoSuchEntity.
func (a *Account) PasswordPolicy() (*PasswordPolicy, error) {
	if a.Passwords == nil {
		return nil, Errorf(CodeNoSuchEntity, "The Password Policy with domain name %s cannot be found.", a.ID)
	}
	return a.Passwords, nil
}

// UpdateAccountPasswordPolicy puts a policy in the place of the one there is,
// whole. Passwords that stand are not looked at again.
func (d *Draft) UpdateAccountPasswordPolicy(p PasswordPolicy) {
	if p.MinLength == 0 {
		p.MinLength = LeastPasswordLength
	}
	d.Passwords = &p
	d.putSettings()
}

// DeleteAccountPasswordPolicy goes back to what AWS asks for by itself.
func (d *Draft) DeleteAccountPasswordPolicy() error {
	if _, err := d.PasswordPolicy(); err != nil {
		return err
	}
	d.Passwords = nil
	d.putSettings()
	return nil
}

// CheckPassword holds a new password to the account's policy, or to AWS's own
// when there is none. It costs nothing; whether a password was had before is
// another question (Password).
func (a *Account) CheckPassword(password string) error {
	kinds := []struct {
		asked bool
		chars string
		text  string
	}{
		{a.Passwords != nil && a.Passwords.Upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Password should have at least one uppercase letter"},
		{a.Passwords != nil && a.Passwords.Lower, "abcdefghijklmnopqrstuvwxyz", "Password should have at least one lowercase letter"},
		{a.Passwords != nil && a.Passwords.Numbers, "0123456789", "Password should have at least one number"},
		{a.Passwords != nil && a.Passwords.Symbols, passwordSymbols, "Password should have at least one symbol"},
	}
	least := defaultPasswordLength
	if a.Passwords != nil {
		least = a.Passwords.MinLength
	}
	var faults, absent []string
	if utf8.RuneCountInString(password) < least {
		faults = append(faults, "Password should have a minimum length of "+strconv.Itoa(least))
	}
	for _, k := range kinds {
		if strings.ContainsAny(password, k.chars) {
			continue
		}
		absent = append(absent, k.text)
		if k.asked {
			faults = append(faults, k.text)
		}
	}
	if a.Passwords == nil {
		if more := len(absent) - (len(kinds) - defaultPasswordKinds); more > 0 {
			faults = append(faults, "Password should meet "+strconv.Itoa(more)+" more of the following requirements: "+strings.Join(absent, ", "))
		}
		if len(faults) == 0 && (fold(password) == fold(a.Name) || fold(password) == fold(a.Root.Email)) {
			return nonconforming()
		}
	}
	if len(faults) > 0 {
		return Errorf(CodePasswordPolicyViolation, "%s", strings.Join(faults, ", "))
	}
	return nil
}

// nonconforming is AWS's refusal of a password where it tells no reason.
func nonconforming() error {
	return Errorf(CodePasswordPolicyViolation, "Password does not conform to the account password policy.")
}

// PasswordExpires tells when a user's password is of no use any more; ok is
// false for one that stays.
func (a *Account) PasswordExpires(u *User) (at time.Time, ok bool) {
	if u.Login == nil || a.Passwords == nil || a.Passwords.MaxAge == 0 {
		return time.Time{}, false
	}
	return u.Login.Changed.AddDate(0, 0, a.Passwords.MaxAge), true
}
