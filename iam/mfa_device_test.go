package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"
)

const testSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func mustDevice(t *testing.T, d *Draft, path, name string) string {
	t.Helper()
	m, err := d.CreateVirtualMFADevice(NewMFADevice{Name: name, Path: path, Seed: testSeed})
	must(t, err)
	return d.Serial(m)
}

// codeAt is what a device whose clock is right shows after so many steps.
func codeAt(t *testing.T, d *Draft, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(testSeed, d.env.Now().Add(time.Duration(steps)*codeStep*time.Second))
	must(t, err)
	return code
}

// enabled makes a device for a user.
func enabled(t *testing.T, d *Draft, owner *User, name string) string {
	t.Helper()
	serial := mustDevice(t, d, "", name)
	must(t, d.EnableMFADevice(owner, serial, codeAt(t, d, -2), codeAt(t, d, -1)))
	return serial
}

func wrongCode(t *testing.T, err error) {
	t.Helper()
	refused(t, err, CodeAccessDenied, "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}

func TestVirtualMFADevice(t *testing.T) {
	d := policyDraft()
	m, err := d.CreateVirtualMFADevice(NewMFADevice{Name: "Phone", Path: "/p/", Seed: testSeed, Tags: []Tag{{"a", "b"}, {"A", "c"}}})
	must(t, err)
	serial := d.Serial(m)
	if serial != "arn:aws:iam::123456789012:mfa/p/Phone" || string(m.Sealed) != testSeed {
		t.Errorf("made %s %+v", serial, m)
	}
	_, err = d.CreateVirtualMFADevice(NewMFADevice{Name: "phone", Path: "/p/"})
	refused(t, err, CodeEntityAlreadyExists, "MFADevice entity at the same path and name already exists.")
	mustDevice(t, d, "", "Phone") // another path
	for _, other := range []string{"arn:aws:iam::123456789012:mfa/p/phone", "arn:aws:iam::210987654321:mfa/p/Phone", "Phone", ""} {
		_, err = d.MFADevice(other)
		refused(t, err, CodeNoSuchEntity, "VirtualMFADevice with serial number "+other+" doesn't exist.")
	}
	must(t, d.TagMFADevice(serial, []Tag{{"a", "d"}}))
	must(t, d.UntagMFADevice(serial, []string{"A", "none"}))
	m, err = d.MFADevice(serial)
	must(t, err)
	if diff := cmp.Diff([]Tag{{"a", "d"}}, m.Tags); diff != "" {
		t.Error(diff)
	}
	refused(t, d.TagMFADevice(serial, []Tag{{"aws:x", "d"}}), CodeInvalidInput, "aws: prefixed tag key names are not allowed for external use.")
	_, err = d.CreateVirtualMFADevice(NewMFADevice{Name: "x", Tags: []Tag{{"a", "1"}, {"a", "2"}}})
	refused(t, err, CodeInvalidInput, "Duplicate tag keys found.")
	d.env.Quotas.Users = 2
	_, err = d.CreateVirtualMFADevice(NewMFADevice{Name: "x"})
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for VirtualMFADevicesPerAccount: 2")
	must(t, d.DeleteVirtualMFADevice(serial))
	for _, err := range []error{
		d.DeleteVirtualMFADevice(serial), d.TagMFADevice(serial, nil), d.UntagMFADevice(serial, nil), d.EnableMFADevice(nil, serial, "", ""),
	} {
		refused(t, err, CodeNoSuchEntity, "VirtualMFADevice with serial number "+serial+" doesn't exist.")
	}
}

func TestEnableMFADevice(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	u := mustUser(t, d, "Bob")
	serial := mustDevice(t, d, "", "phone")
	const wrong = "Authentication code for device is not valid."
	for _, codes := range [][2]string{
		{codeAt(t, d, 0), codeAt(t, d, 0)}, {codeAt(t, d, -1), codeAt(t, d, -2)}, {codeAt(t, d, -2), codeAt(t, d, 0)},
		{codeAt(t, d, -syncSkew-1), codeAt(t, d, -syncSkew)}, {"000000", "000000"},
	} {
		refused(t, d.EnableMFADevice(u, serial, codes[0], codes[1]), CodeInvalidAuthenticationCode, wrong)
	}
	must(t, d.EnableMFADevice(u, serial, codeAt(t, d, -1), codeAt(t, d, 0)))
	m, err := d.MFADeviceOf(u, serial)
	must(t, err)
	if !m.EnableDate.Equal(*clock) || m.Drift != 0 {
		t.Errorf("enabled as %+v", m)
	}
	refused(t, d.EnableMFADevice(u, serial, codeAt(t, d, 1), codeAt(t, d, 2)), CodeEntityAlreadyExists, "MFADevice with serial number "+serial+" is already in use.")
	refused(t, d.DeleteVirtualMFADevice(serial), CodeDeleteConflict, "MFA VirtualDevice in use. Must deactivate first.")
	refused(t, d.DeleteUser("Bob"), CodeDeleteConflict, "Cannot delete entity, must delete MFA device first.")
	al := mustUser(t, d, "Al")
	for _, err := range []error{
		d.DeactivateMFADevice(al, serial), d.DeactivateMFADevice(nil, serial), d.ResyncMFADevice(al, serial, "", ""), d.DeactivateMFADevice(u, serial+"2"),
	} {
		refused(t, err, CodeNoSuchEntity, "MFA Device invalid for user.")
	}
	must(t, d.DeactivateMFADevice(u, serial))
	if all, used := d.MFADeviceCount(); all != 1 || used != 0 || d.HasMFA(u) {
		t.Errorf("%d devices, %d in use", all, used)
	}
	refused(t, d.EnableMFADevice(al, serial, codeAt(t, d, -1), codeAt(t, d, 0)), CodeInvalidAuthenticationCode, wrong) // used once
	must(t, d.EnableMFADevice(al, serial, codeAt(t, d, 1), codeAt(t, d, 2)))
	must(t, d.DeleteUser("Bob"))

	for i := range d.env.Quotas.MFADevicesPerUser - 1 {
		enabled(t, d, al, fmt.Sprintf("more-%d", i))
	}
	refused(t, d.EnableMFADevice(al, mustDevice(t, d, "", "last"), codeAt(t, d, 0), codeAt(t, d, 1)), CodeLimitExceeded, "Cannot exceed quota for MFADevicesPerUser: 8")
	enabled(t, d, nil, "root-account-mfa-device")
	if all, used := d.MFADeviceCount(); all != 10 || used != 9 || !d.HasMFA(nil) || !d.HasMFA(al) {
		t.Errorf("%d devices, %d in use", all, used)
	}
}

// TestUseCode: a code is good for a step before and after its own, for the
// device's owner, once.
func TestUseCode(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	u := mustUser(t, d, "Bob")
	serial := enabled(t, d, u, "phone")
	const none = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	refused(t, d.UseCode(nil, serial, codeAt(t, d, 0)), CodeAccessDenied, none)
	refused(t, d.UseCode(u, serial+"2", codeAt(t, d, 0)), CodeAccessDenied, none)
	wrongCode(t, d.UseCode(u, serial, codeAt(t, d, -1))) // used to enable
	wrongCode(t, d.UseCode(u, serial, codeAt(t, d, 2)))
	wrongCode(t, d.UseCode(u, serial, ""))
	must(t, d.CheckCode(u, serial, codeAt(t, d, 0)))
	must(t, d.UseCode(u, serial, codeAt(t, d, 0)))
	wrongCode(t, d.CheckCode(u, serial, codeAt(t, d, 0)))
	wrongCode(t, d.UseCode(u, serial, codeAt(t, d, 0)))
	must(t, d.UseCode(u, serial, codeAt(t, d, 1)))
	*clock = clock.Add(10 * time.Minute)
	wrongCode(t, d.UseCode(u, serial, codeAt(t, d, -2)))
	must(t, d.UseCode(u, serial, codeAt(t, d, -1)))
}

// TestResyncMFADevice: a device whose clock is wrong shows codes that are not
// accepted, until two of them set it right.
func TestResyncMFADevice(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	u := mustUser(t, d, "Bob")
	serial := enabled(t, d, u, "phone")
	const ahead = 20
	wrongCode(t, d.UseCode(u, serial, codeAt(t, d, ahead)))
	refused(t, d.ResyncMFADevice(u, serial, codeAt(t, d, ahead), codeAt(t, d, ahead+2)), CodeInvalidAuthenticationCode, "Authentication code for device is not valid.")
	must(t, d.ResyncMFADevice(u, serial, codeAt(t, d, ahead-1), codeAt(t, d, ahead)))
	wrongCode(t, d.UseCode(u, serial, codeAt(t, d, ahead)))
	*clock = clock.Add(time.Minute)
	wrongCode(t, d.UseCode(u, serial, codeAt(t, d, 0)))
	must(t, d.UseCode(u, serial, codeAt(t, d, ahead)))
}

// TestPeopleLoadEqual: devices, owners and passwords survive their rows, and a
// draft that is thrown away leaves them alone.
func TestPeopleLoadEqual(t *testing.T) {
	d := policyDraft()
	u := mustUser(t, d, "Bob")
	mustLogin(t, d, "Bob", goodPassword)
	d.UpdateAccountPasswordPolicy(policyOf(9, nil))
	serial := enabled(t, d, u, "phone")
	enabled(t, d, nil, "root")
	mustDevice(t, d, "/x/", "spare")
	made, changes := d.Seal()
	loaded, err := Load(made.env, made.ID, rowsOf(changes))
	must(t, err)
	all := func(a *Account) (list []any) {
		for k, m := range a.VirtualMFADevicesAfter("") {
			list = append(list, k, m)
		}
		bob, err := a.User("Bob")
		must(t, err)
		for _, owner := range []*User{bob, nil} {
			for k, m := range a.MFADevicesAfter(owner, "") {
				list = append(list, k, m)
			}
		}
		return append(list, bob.Login, a.Passwords)
	}
	before := all(made)
	if diff := cmp.Diff(before, all(loaded)); diff != "" {
		t.Error(diff)
	}
	lost := made.Draft()
	bob := userNow(t, lost, "Bob")
	must(t, lost.UseCode(bob, serial, codeAt(t, lost, 0)))
	must(t, lost.DeactivateMFADevice(bob, serial))
	must(t, lost.DeleteVirtualMFADevice(serial))
	must(t, lost.DeleteLoginProfile(bob))
	must(t, lost.DeleteAccountPasswordPolicy())
	if diff := cmp.Diff(before, all(made)); diff != "" {
		t.Errorf("a draft that failed left: %s", diff)
	}
}

func TestCredentialReportOfPeople(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	d.Begin(NewAccountInput{Name: "main"})
	u := mustUser(t, d, "Bob")
	mustUser(t, d, "Cy")
	*clock = clock.Add(time.Hour)
	mustLogin(t, d, "Bob", goodPassword)
	same := func(want []string) {
		t.Helper()
		got := [][]string{
			rootCredentials(d.Account, neverUsed)[3:8],
			userCredentials(d.Account, userNow(t, d, "Bob"), neverUsed)[3:8], userCredentials(d.Account, userNow(t, d, "Cy"), neverUsed)[3:8],
		}
		for i, w := range want {
			if g := strings.Join(got[i], " "); g != w {
				t.Errorf("got %s, want %s", g, w)
			}
		}
	}
	same([]string{
		"not_supported no_information not_supported not_supported false",
		"true no_information 2026-11-01T13:00:00+00:00 N/A false",
		"false N/A N/A N/A false",
	})
	enabled(t, d, u, "phone")
	enabled(t, d, nil, "root")
	d.UpdateAccountPasswordPolicy(policyOf(6, func(p *PasswordPolicy) { p.MaxAge = 1 }))
	same([]string{
		"not_supported no_information not_supported not_supported true",
		"true no_information 2026-11-01T13:00:00+00:00 2026-11-02T13:00:00+00:00 true",
		"false N/A N/A N/A false",
	})
}
