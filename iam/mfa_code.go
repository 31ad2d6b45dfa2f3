package iam

import (
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"

	"github.com/pquerna/otp/hotp"
)

// One-time codes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
const (
	codeStep = 30 // seconds
	// codeSkew is how many steps a code may be early or late, by the device's
	// own clock.
	codeSkew = 1
	// syncSkew is how many steps a device's clock may be off when two codes set
	// it right: AWS does not say; this is an hour. Two codes are hard to guess.
	syncSkew = 120
	seedSize = 40 // bytes: 64 characters of base32, as AWS's
)

// NewSeed makes the seed of a virtual device, in base32.
func NewSeed(rand io.Reader) string {
	b := make([]byte, seedSize)
	read(rand, b)
	return base32.StdEncoding.EncodeToString(b)
}

// clock is the step that the device's clock should be at now.
func (a *Account) clock(m *MFADevice) int64 { return a.step() + m.Drift }

func (a *Account) step() int64 { return a.env.Now().Unix() / codeStep }

// stepOf finds the step within skew of around, and later than the last used one,
// whose code this is. With a second code, that must be of the next step.
func (a *Account) stepOf(m *MFADevice, around, skew int64, code string, then ...string) (step int64, ok bool, err error) {
	seed, err := a.env.Unseal(a.ID, a.Serial(m), m.Sealed)
	if err != nil {
		return 0, false, fmt.Errorf("iam: seed of %s: %w", a.Serial(m), err)
	}
	for s := max(around-skew, m.Last+1, 0); s <= around+skew; s++ {
		right := true
		for i, given := range append([]string{code}, then...) {
			want, err := hotp.GenerateCode(seed, uint64(s)+uint64(i))
			if err != nil {
				return 0, false, fmt.Errorf("iam: code of %s: %w", a.Serial(m), err)
			}
			if subtle.ConstantTimeCompare([]byte(want), []byte(given)) != 1 {
				right = false
				break
			}
		}
		if right {
			return s, true, nil
		}
	}
	return 0, false, nil
}

// synchronized is a device whose clock two codes, one after the other, have set.
// Neither can be used again.
func (d *Draft) synchronized(m *MFADevice, code1, code2 string) (*MFADevice, error) {
	s, ok, err := d.stepOf(m, d.step(), syncSkew, code1, code2)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, Errorf(CodeInvalidAuthenticationCode, "Authentication code for device is not valid.")
	}
	next := clone(m)
	next.Last = s + 1
	next.Drift = next.Last - d.step()
	if -codeSkew <= next.Drift && next.Drift <= codeSkew { // as long as it takes to type two codes
		next.Drift = 0
	}
	return next, nil
}

// CheckCode tells whether a code is one that a user's device, the root user's
// for nil, shows now and that was not used before. It changes nothing: UseCode
// does.
func (a *Account) CheckCode(owner *User, serial, code string) error {
	_, _, err := a.code(owner, serial, code)
	return err
}

// UseCode is CheckCode, once: the code, and those before it, are used up.
func (d *Draft) UseCode(owner *User, serial, code string) error {
	m, s, err := d.code(owner, serial, code)
	if err != nil {
		return err
	}
	next := clone(m)
	next.Last = s
	d.putDevice(m, next)
	return nil
}

func (a *Account) code(owner *User, serial, code string) (*MFADevice, int64, error) {
	m, err := a.MFADeviceOf(owner, serial)
	if err != nil || m.Passkey != nil { // which shows no codes
		return nil, 0, NoDevice()
	}
	s, ok, err := a.stepOf(m, a.clock(m), codeSkew, code)
	if err != nil {
		return nil, 0, err
	}
	if !ok {
		return nil, 0, WrongCode()
	}
	return m, s, nil
}

// NoDevice is AWS's refusal of a one-time code of a device that the caller does
// not have.
func NoDevice() error {
	return Errorf(CodeAccessDenied, "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
}

// WrongCode is AWS's refusal of a one-time code.
func WrongCode() error {
	return Errorf(CodeAccessDenied, "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}
