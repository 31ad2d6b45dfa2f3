package console

import (
	"errors"

	"iamd/iam"
)

// proof is a second factor that was right and is not used up yet: that happens in
// the commit that lets the person in, or it could be used twice.
type proof struct {
	serial string
	use    func(d *iam.Draft, u *iam.User) error
	// used is told once it is.
	used func()
}

// noCode is what a person hears whose code or passkey was not right.
const noCode = "Your MFA code or security key was not accepted. Please try again."

// secondFactor verifies the second factor of a person whose password was right. Who
// has no device needs none (nil); who has one and brought nothing, or not the right
// thing, is asked for it: next.
func (c *Console) secondFactor(k *call, at *attempt) (_ *proof, next any, err error) {
	var list []*iam.MFADevice
	for _, m := range at.account.MFADevicesAfter(at.user, "") {
		list = append(list, m)
	}
	in := at.in
	var got *proof
	switch {
	case len(list) == 0 && (in.Code != "" || in.Passkey != nil):
		return nil, nil, badInput("No MFA device is assigned.") // it was taken away since it was asked for
	case len(list) == 0:
		return nil, nil, nil
	case in.Passkey != nil:
		got, err = c.passkeyProof(k, at)
	case in.Code != "":
		got, err = c.codeProof(k, at, list)
	default:
		c.asked(k, at, list)
		return nil, c.mfaNext(k, at, list, ""), nil
	}
	var rule *iam.Error
	if errors.As(err, &rule) {
		return nil, c.notProved(k, at, list), nil
	}
	return got, nil, err
}

// notProved records a second factor that was wrong, and asks again.
func (c *Console) notProved(k *call, at *attempt, list []*iam.MFADevice) any {
	c.failed(k, at, true)
	return c.mfaNext(k, at, list, noCode)
}

func (c *Console) mfaNext(k *call, at *attempt, list []*iam.MFADevice, text string) *mfaNext {
	next := &mfaNext{Next: "mfa", Devices: []device{}, Passkey: c.passkeyOptions(k, at.account, at.user), Error: text}
	for _, m := range list {
		kind := "totp"
		if m.Passkey != nil {
			kind = "passkey"
		}
		next.Devices = append(next.Devices, device{at.account.Serial(m), kind, m.FriendlyName()})
	}
	return next
}

// codeProof verifies a one-time code, as the API does, and counts it as the API
// does. *iam.Error for one that is wrong.
func (c *Console) codeProof(k *call, at *attempt, list []*iam.MFADevice) (*proof, error) {
	serial := at.in.Serial
	for _, m := range list {
		if m.Passkey != nil || at.in.Serial != "" {
			continue
		}
		if serial != "" {
			return nil, badInput("There are several MFA devices: say by its serial number which one shows the code.")
		}
		serial = at.account.Serial(m)
	}
	if m, err := at.account.MFADeviceOf(at.user, serial); err != nil || m.Passkey != nil {
		return nil, iam.NoDevice()
	}
	secret := "mfa " + serial
	if !c.cfg.Guesses.Begin(secret, k.Time) {
		return nil, tooManyTries()
	}
	if err := at.account.CheckCode(at.user, serial, at.in.Code); err != nil {
		return nil, err
	}
	c.cfg.Guesses.Back(secret) // it was right, and may come again with a new password
	return &proof{
		serial: serial,
		use:    func(d *iam.Draft, u *iam.User) error { return d.UseCode(u, serial, at.in.Code) },
		used:   func() { c.cfg.Guesses.Right(secret) },
	}, nil
}

// passkeyProof verifies the answer of a passkey. *iam.Error for one that is wrong.
func (c *Console) passkeyProof(k *call, at *attempt) (*proof, error) {
	answer, err := c.passkeyUse(k, at.account, at.user, at.in.Passkey)
	if err != nil {
		return nil, err
	}
	if err := at.account.CheckPasskey(at.user, answer); err != nil {
		return nil, err
	}
	return &proof{
		serial: answer.Serial,
		use:    func(d *iam.Draft, u *iam.User) error { return d.UsePasskey(u, answer) },
		used:   func() {},
	}, nil
}
