package iam

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testPasskey(d *Draft, id string) Passkey {
	return Passkey{ID: []byte(id), PublicKey: []byte("key of " + id), RelyingParty: "localhost", SignCount: 7, Answered: d.now()}
}

func mustPasskey(t *testing.T, d *Draft, owner *User, name, id string) *MFADevice {
	t.Helper()
	m, err := d.EnablePasskey(owner, name, testPasskey(d, id))
	must(t, err)
	return m
}

func serials(d *Draft, owner *User) (list []string) {
	for _, m := range d.MFADevicesAfter(owner, "") {
		list = append(list, d.Serial(m))
	}
	return list
}

func TestEnablePasskey(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	u := mustUser(t, d, "Bob")
	phone := enabled(t, d, u, "phone")
	m := mustPasskey(t, d, u, "my-key", "one")
	serial := d.Serial(m)
	suffix, ok := strings.CutPrefix(serial, "arn:aws:iam::123456789012:u2f/user/Bob/my-key-")
	if !ok || len(suffix) != 26 || suffix != strings.ToUpper(suffix) || m.FriendlyName() != "my-key" || !m.EnableDate.Equal(*clock) {
		t.Errorf("registered as %s, %+v", serial, m)
	}
	if diff := cmp.Diff([]string{phone, serial}, serials(d, u)); diff != "" {
		t.Error(diff)
	}
	for _, m := range d.VirtualMFADevicesAfter("") {
		if d.Serial(m) != phone {
			t.Errorf("%s is listed as virtual", d.Serial(m))
		}
	}
	if all, used := d.MFADeviceCount(); all != 2 || used != 2 {
		t.Errorf("%d devices, %d in use", all, used)
	}
	_, err := d.EnablePasskey(u, "again", testPasskey(d, "one"))
	refused(t, err, CodeEntityAlreadyExists, "This security key is already registered.")
	root := mustPasskey(t, d, nil, "key", "one") // another person's
	if !strings.HasPrefix(d.Serial(root), "arn:aws:iam::123456789012:u2f/root/key-") || !d.RootDevice(root) || !d.HasMFA(nil) {
		t.Errorf("root's is %s", d.Serial(root))
	}

	const name = "The device name must have 1 to 64 characters: letters, digits and any of + = , . @ - _"
	for _, bad := range []string{"", "a/b", "a b", "é", strings.Repeat("x", 65)} {
		_, err := d.EnablePasskey(u, bad, testPasskey(d, "two"))
		refused(t, err, CodeInvalidInput, name)
	}
	for _, bad := range []Passkey{{}, {ID: []byte("x")}, {ID: make([]byte, 1024), PublicKey: []byte("x")}, {ID: []byte("x"), PublicKey: make([]byte, 2049)}} {
		_, err := d.EnablePasskey(u, "x", bad)
		refused(t, err, CodeInvalidInput, "The security key is of a kind that is not supported.")
	}
	for i := range d.env.Quotas.MFADevicesPerUser - 2 {
		mustPasskey(t, d, u, "more", fmt.Sprint(i))
	}
	_, err = d.EnablePasskey(u, "last", testPasskey(d, "last"))
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for MFADevicesPerUser: 8")
	refused(t, d.EnableMFADevice(u, mustDevice(t, d, "", "tablet"), "", ""), CodeLimitExceeded, "Cannot exceed quota for MFADevicesPerUser: 8")
	refused(t, d.DeleteUser("Bob"), CodeDeleteConflict, "Cannot delete entity, must delete MFA device first.")
	d.env.Quotas.Users = 3 // of virtual devices
	mustDevice(t, d, "", "third")
	_, err = d.CreateVirtualMFADevice(NewMFADevice{Name: "fourth"})
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for VirtualMFADevicesPerAccount: 3")
}

// TestPasskeyIsNoVirtualDevice: what AWS does with codes, tags and deletion of
// virtual devices is not for passkeys.
func TestPasskeyIsNoVirtualDevice(t *testing.T) {
	d := policyDraft()
	turn(d)
	u, al := mustUser(t, d, "Bob"), mustUser(t, d, "Al")
	serial := d.Serial(mustPasskey(t, d, u, "key", "one"))
	for _, err := range []error{
		d.DeleteVirtualMFADevice(serial), d.TagMFADevice(serial, []Tag{{"a", "b"}}), d.UntagMFADevice(serial, []string{"a"}), d.EnableMFADevice(al, serial, "1", "2"),
	} {
		refused(t, err, CodeNoSuchEntity, "VirtualMFADevice with serial number "+serial+" doesn't exist.")
	}
	refused(t, d.CheckCode(u, serial, "123456"), CodeAccessDenied, NoDevice().(*Error).Message)
	virtual := "arn:aws:iam::123456789012:mfa" + strings.TrimPrefix(serial, "arn:aws:iam::123456789012:")
	for _, err := range []error{
		d.ResyncMFADevice(u, serial, "1", "2"), d.DeactivateMFADevice(al, serial), d.DeactivateMFADevice(nil, serial),
		d.DeactivateMFADevice(u, strings.ToLower(serial)), d.DeactivateMFADevice(u, virtual), d.DeactivateMFADevice(u, strings.Replace(serial, "u2f/", "mfa/", 1)),
	} {
		refused(t, err, CodeNoSuchEntity, "MFA Device invalid for user.")
	}
	must(t, d.UpdateUser("Bob", "Robert", "")) // the serial number stays
	u, err := d.User("Robert")
	must(t, err)
	if diff := cmp.Diff([]string{serial}, serials(d, u)); diff != "" {
		t.Error(diff)
	}
	must(t, d.DeactivateMFADevice(u, serial))
	if all, used := d.MFADeviceCount(); all != 0 || used != 0 || d.HasMFA(u) {
		t.Errorf("%d devices, %d in use", all, used)
	}
	must(t, d.DeleteUser("Robert"))
}

// TestUsePasskey: a challenge is good once for all keys of a user, and an
// authenticator's counter only grows.
func TestUsePasskey(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	u, al := mustUser(t, d, "Bob"), mustUser(t, d, "Al")
	one, two := d.Serial(mustPasskey(t, d, u, "one", "one")), d.Serial(mustPasskey(t, d, u, "two", "two"))
	others := d.Serial(mustPasskey(t, d, al, "one", "one"))
	phone := enabled(t, d, u, "phone")
	at := func(serial string, seconds int, count uint32) PasskeyUse {
		return PasskeyUse{Serial: serial, Issued: clock.Add(time.Duration(seconds) * time.Second), SignCount: count, BackedUp: true}
	}
	for _, use := range []PasskeyUse{at(others, 1, 8), at(phone, 1, 8), at("", 1, 8)} {
		refused(t, d.UsePasskey(u, use), CodeAccessDenied, NoPasskey().(*Error).Message)
	}
	const used, cloned = "This request to your security key was used already. Please try again.",
		"Your security key's counter went backwards: somebody may have a copy of it. Remove it, and register another."
	refused(t, d.UsePasskey(u, at(one, 0, 8)), CodeAccessDenied, used) // issued before it was registered
	refused(t, d.UsePasskey(u, at(one, 1, 7)), CodeAccessDenied, cloned)
	refused(t, d.UsePasskey(u, at(one, 1, 0)), CodeAccessDenied, cloned)
	must(t, d.CheckPasskey(u, at(one, 5, 8)))
	must(t, d.UsePasskey(u, at(one, 5, 8)))
	refused(t, d.CheckPasskey(u, at(one, 5, 9)), CodeAccessDenied, used)
	refused(t, d.UsePasskey(u, at(two, 5, 8)), CodeAccessDenied, used)
	refused(t, d.UsePasskey(u, at(two, 4, 8)), CodeAccessDenied, used)
	must(t, d.UsePasskey(al, at(others, 4, 8))) // another person's challenges are their own
	must(t, d.UsePasskey(u, at(two, 6, 1<<32-1)))
	refused(t, d.UsePasskey(u, at(one, 7, 8)), CodeAccessDenied, cloned)
	m, err := d.MFADeviceOf(u, one)
	must(t, err)
	if m.Passkey.SignCount != 8 || !m.Passkey.BackedUp || !m.Passkey.Answered.Equal(clock.Add(5*time.Second)) {
		t.Errorf("kept %+v", m.Passkey)
	}
	// What does not count has only the challenges.
	p := testPasskey(d, "zero")
	p.SignCount = 0
	zero, err := d.EnablePasskey(nil, "zero", p)
	must(t, err)
	must(t, d.UsePasskey(nil, at(d.Serial(zero), 1, 0)))
	must(t, d.UsePasskey(nil, at(d.Serial(zero), 2, 0)))
	if here, there := d.Passkeys(nil, "localhost"), d.Passkeys(nil, "other.example"); len(here) != 1 || len(there) != 0 {
		t.Errorf("%d keys here, %d there", len(here), len(there))
	}
}

// TestPasskeyRow: a row written before there were passkeys reads as a virtual
// device, and a passkey's comes back as it was.
func TestPasskeyRow(t *testing.T) {
	d := policyDraft()
	turn(d)
	var old MFADevice
	must(t, json.Unmarshal([]byte(`{"name":"Phone","path":"/p/","created":"2026-01-02T03:04:05Z","sealed":"AAEC","owner":"AIDA"}`), &old))
	if old.Passkey != nil || d.Serial(&old) != "arn:aws:iam::123456789012:mfa/p/Phone" || len(old.Sealed) != 3 {
		t.Errorf("read %+v", old)
	}
	m := mustPasskey(t, d, nil, "key", "one")
	row, err := json.Marshal(m)
	must(t, err)
	var back MFADevice
	must(t, json.Unmarshal(row, &back))
	if diff := cmp.Diff(*m, back); diff != "" {
		t.Error(diff)
	}
}
