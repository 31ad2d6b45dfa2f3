package iam

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// MFADevice is a virtual device that shows one-time codes, six digits of a seed
// and the time (RFC 6238), or a passkey, which answers challenges.
type MFADevice struct {
	Name       string    `json:"name"`
	Path       string    `json:"path"`
	CreateDate time.Time `json:"created"`
	Tags       []Tag     `json:"tags,omitempty"`
	Sealed     []byte    `json:"sealed,omitempty"` // a virtual device's seed, in base32
	// Owner is the unique id of the user that the device is enabled for, the
	// account number for the root user, and empty for nobody.
	Owner      string    `json:"owner,omitempty"`
	EnableDate time.Time `json:"enabled,omitzero"`
	// Former is the last owner of a device that is enabled for nobody.
	Former string `json:"former,omitempty"`
	Drift  int64  `json:"drift,omitempty"` // steps that its clock is ahead of ours
	Last   int64  `json:"last,omitempty"`  // the newest step whose code was used
	// Passkey is nil for a virtual device.
	Passkey *Passkey `json:"passkey,omitempty"`
}

// NewMFADevice is what a virtual device is made of. Seed is in base32.
type NewMFADevice struct {
	Name, Path string
	Seed       string
	Tags       []Tag
}

// key is what a device is found by. Names are the same in any case, within a
// path; paths begin with a slash, so that passkeys come after all virtual devices.
func (m *MFADevice) key() string {
	if m.Passkey != nil {
		return fold(passkeys + m.Path + m.Name)
	}
	return fold(m.Path + m.Name)
}

// Serial is a device's serial number, which is its ARN.
func (a *Account) Serial(m *MFADevice) string {
	if m.Passkey != nil {
		return a.arn(passkeys, m.Path, m.Name)
	}
	return a.arn("mfa", m.Path, m.Name)
}

// MFADevice finds a virtual device by its serial number, to the letter: policies
// name devices so.
func (a *Account) MFADevice(serial string) (*MFADevice, error) {
	m, ok := a.device(serial)
	if !ok || m.Passkey != nil {
		return nil, Errorf(CodeNoSuchEntity, "VirtualMFADevice with serial number %s doesn't exist.", serial)
	}
	return m, nil
}

// device finds a device of either kind.
func (a *Account) device(serial string) (*MFADevice, bool) {
	at, ok := strings.CutPrefix(serial, "arn:aws:iam::"+a.ID+":")
	if !ok {
		return nil, false
	}
	m, ok := a.devices.Get(fold(strings.TrimPrefix(at, "mfa")))
	return m, ok && a.Serial(m) == serial
}

// MFADeviceOf finds a device of either kind that is enabled for a user; nil is the
// root user.
func (a *Account) MFADeviceOf(owner *User, serial string) (*MFADevice, error) {
	m, ok := a.device(serial)
	if !ok || m.Owner != a.ownerID(owner) {
		return nil, invalidDevice()
	}
	return m, nil
}

func invalidDevice() error { return Errorf(CodeNoSuchEntity, "MFA Device invalid for user.") }

// RootDevice tells whether a device is the root user's, or was when somebody last
// had it.
func (a *Account) RootDevice(m *MFADevice) bool {
	return m.Owner == a.ID || m.Owner == "" && m.Former == a.ID
}

func (a *Account) ownerID(u *User) string {
	if u == nil {
		return a.ID
	}
	return u.ID
}

// VirtualMFADevicesAfter walks all virtual devices by path and name, beginning
// after a key that it gave.
func (a *Account) VirtualMFADevicesAfter(key string) iter.Seq2[string, *MFADevice] {
	return func(yield func(string, *MFADevice) bool) {
		for k, m := range after(a.devices, key) {
			if m.Passkey != nil || !yield(k, m) {
				return
			}
		}
	}
}

// MFADevicesAfter walks the devices of a user, nil for the root user, as
// VirtualMFADevicesAfter does.
func (a *Account) MFADevicesAfter(owner *User, key string) iter.Seq2[string, *MFADevice] {
	prefix := a.ownerID(owner) + "\x00"
	return func(yield func(string, *MFADevice) bool) {
		for k := range after(a.owned, prefix+key) {
			name, in := strings.CutPrefix(k, prefix)
			if !in {
				return
			}
			if m, ok := a.devices.Get(name); ok && !yield(name, m) {
				return
			}
		}
	}
}

// MFADeviceCount counts the devices, and those that are enabled for somebody.
func (a *Account) MFADeviceCount() (all, inUse int) { return a.devices.Len(), a.owned.Len() }

// HasMFA tells whether a user, nil for the root user, has a device.
func (a *Account) HasMFA(owner *User) bool {
	for range a.MFADevicesAfter(owner, "") {
		return true
	}
	return false
}

// CreateVirtualMFADevice makes a device that is enabled for nobody yet. An
// account may have as many as it may have users.
func (d *Draft) CreateVirtualMFADevice(in NewMFADevice) (*MFADevice, error) {
	m := &MFADevice{Name: in.Name, Path: orRoot(in.Path), CreateDate: d.now()}
	if _, taken := d.devices.Get(m.key()); taken {
		return nil, Errorf(CodeEntityAlreadyExists, "MFADevice entity at the same path and name already exists.")
	}
	if limit := d.env.Quotas.Users; d.devices.Len() >= limit && d.devices.Len()-d.passkeyCount() >= limit {
		return nil, quota("VirtualMFADevicesPerAccount", limit)
	}
	tags, err := d.tagged(nil, in.Tags, exactTagKeys)
	if err != nil {
		return nil, err
	}
	m.Tags, m.Sealed = tags, d.env.Seal(d.ID, d.Serial(m), in.Seed)
	d.putDevice(nil, m)
	return m, nil
}

// EnableMFADevice makes a device a user's, nil for the root user. Two codes, one
// after the other, show that the user has it.
func (d *Draft) EnableMFADevice(owner *User, serial, code1, code2 string) error {
	m, err := d.MFADevice(serial)
	if err != nil {
		return err
	}
	if m.Owner != "" {
		return Errorf(CodeEntityAlreadyExists, "MFADevice with serial number %s is already in use.", serial)
	}
	if err := d.roomForDevice(owner); err != nil {
		return err
	}
	next, err := d.synchronized(m, code1, code2)
	if err != nil {
		return err
	}
	next.Owner, next.EnableDate, next.Former = d.ownerID(owner), d.now(), ""
	d.putDevice(m, next)
	return nil
}

// roomForDevice tells whether a user may have one device more, of either kind.
func (d *Draft) roomForDevice(owner *User) error {
	n := 0
	for range d.MFADevicesAfter(owner, "") {
		n++
	}
	if limit := d.env.Quotas.MFADevicesPerUser; n >= limit {
		return quota("MFADevicesPerUser", limit)
	}
	return nil
}

// ResyncMFADevice sets a device's clock right, by two codes one after the other. A
// passkey has neither.
func (d *Draft) ResyncMFADevice(owner *User, serial, code1, code2 string) error {
	m, err := d.MFADeviceOf(owner, serial)
	if err != nil {
		return err
	}
	if m.Passkey != nil {
		return invalidDevice()
	}
	next, err := d.synchronized(m, code1, code2)
	if err != nil {
		return err
	}
	d.putDevice(m, next)
	return nil
}

// DeactivateMFADevice takes a device from a user, nil for the root user. A virtual
// one stays, for nobody, and codes it has shown stay used; a passkey is gone.
func (d *Draft) DeactivateMFADevice(owner *User, serial string) error {
	m, err := d.MFADeviceOf(owner, serial)
	if err != nil {
		return err
	}
	if m.Passkey != nil {
		d.putDevice(m, nil)
		return nil
	}
	next := clone(m)
	next.Owner, next.EnableDate, next.Former = "", time.Time{}, m.Owner
	d.putDevice(m, next)
	return nil
}

// DeleteVirtualMFADevice removes a device that nobody uses.
func (d *Draft) DeleteVirtualMFADevice(serial string) error {
	m, err := d.MFADevice(serial)
	if err != nil {
		return err
	}
	if m.Owner != "" {
		return Errorf(CodeDeleteConflict, "MFA VirtualDevice in use. Must deactivate first.")
	}
	d.putDevice(m, nil)
	return nil
}

// TagMFADevice adds tags to a device; a key that it has gets the new value.
func (d *Draft) TagMFADevice(serial string, tags []Tag) error {
	m, err := d.MFADevice(serial)
	if err != nil {
		return err
	}
	next := clone(m)
	if next.Tags, err = d.tagged(m.Tags, tags, exactTagKeys); err != nil {
		return err
	}
	if !slices.Equal(next.Tags, m.Tags) {
		d.putDevice(m, next)
	}
	return nil
}

// UntagMFADevice removes tags by their keys.
func (d *Draft) UntagMFADevice(serial string, keys []string) error {
	m, err := d.MFADevice(serial)
	if err != nil {
		return err
	}
	next := clone(m)
	next.Tags = untagged(m.Tags, keys, exactTagKeys)
	if len(next.Tags) != len(m.Tags) {
		d.putDevice(m, next)
	}
	return nil
}

// putDevice replaces old by m, as putUser does.
func (d *Draft) putDevice(old, m *MFADevice) {
	d.indexDevice(old, m)
	if m == nil {
		d.note(rowDevice, old.key(), nil)
		return
	}
	d.note(rowDevice, m.key(), m)
}

func (d *Draft) indexDevice(old, m *MFADevice) {
	if old != nil {
		d.devices.Delete(old.key())
		d.owned.Delete(old.Owner + "\x00" + old.key())
	}
	if m != nil {
		d.devices.Set(m.key(), m)
		if m.Owner != "" {
			d.owned.Set(m.Owner+"\x00"+m.key(), m.key())
		}
	}
}
