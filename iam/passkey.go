package iam

import (
	"bytes"
	"encoding/base32"
	"strings"
	"time"
)

// Passkey is what is kept of a passkey or security key (FIDO2): the public half,
// and how far its answers have come. Who answered is verified by the door that
// asked.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_fido.html
type Passkey struct {
	ID           []byte   `json:"id"`        // the credential's
	PublicKey    []byte   `json:"publicKey"` // COSE_Key
	RelyingParty string   `json:"rp"`        // the host it was registered at, and answers at
	Model        []byte   `json:"aaguid,omitempty"`
	Transports   []string `json:"transports,omitempty"`
	// SignCount is what the authenticator counted to last; one that does not
	// count stays at 0.
	SignCount uint32 `json:"signCount,omitempty"`
	// BackupEligible tells that the key can be copied among a person's devices,
	// BackedUp that it was.
	BackupEligible bool `json:"backupEligible,omitempty"`
	BackedUp       bool `json:"backedUp,omitempty"`
	// Answered is when the newest challenge that it answered was issued.
	Answered time.Time `json:"answered"`
}

// passkeys is their word in serial numbers.
const passkeys = "u2f"

// Bounds of what is kept of a passkey. AWS does not say its own: a device's name
// takes what serial numbers may hold of characters, and the rest is what keys of
// the usual kinds need.
const (
	maxPasskeyName = 64   // characters
	maxPasskeyID   = 1023 // bytes, by WebAuthn
	maxPasskeyKey  = 2048 // bytes
)

// PasskeyName refuses what cannot be the name of a passkey.
func PasskeyName(name string) error {
	foreign := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_+=,.@-", r))
	}
	if name == "" || len(name) > maxPasskeyName || strings.ContainsFunc(name, foreign) {
		return Errorf(CodeInvalidInput, "The device name must have 1 to %d characters: letters, digits and any of + = , . @ - _", maxPasskeyName)
	}
	return nil
}

// EnablePasskey gives a passkey to a user, nil for the root user. The serial
// number holds the user's name as it is now, and stays the same when the user is
// renamed: AWS does not say, and serial numbers stand in policies and events.
func (d *Draft) EnablePasskey(owner *User, name string, p Passkey) (*MFADevice, error) {
	if err := PasskeyName(name); err != nil {
		return nil, err
	}
	if len(p.ID) == 0 || len(p.ID) > maxPasskeyID || len(p.PublicKey) == 0 || len(p.PublicKey) > maxPasskeyKey {
		return nil, Errorf(CodeInvalidInput, "The security key is of a kind that is not supported.")
	}
	for _, m := range d.MFADevicesAfter(owner, "") {
		if m.Passkey != nil && bytes.Equal(m.Passkey.ID, p.ID) {
			return nil, Errorf(CodeEntityAlreadyExists, "This security key is already registered.")
		}
	}
	if err := d.roomForDevice(owner); err != nil {
		return nil, err
	}
	at := "/root/"
	if owner != nil {
		at = "/user/" + owner.Name + "/"
	}
	var suffix [16]byte
	read(d.env.Rand, suffix[:])
	m := &MFADevice{
		Name: name + "-" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(suffix[:]), Path: at,
		CreateDate: d.now(), Owner: d.ownerID(owner), EnableDate: d.now(), Passkey: &p,
	}
	d.putDevice(nil, m)
	return m, nil
}

// FriendlyName is a device's name as the person gave it.
func (m *MFADevice) FriendlyName() string {
	if m.Passkey == nil {
		return m.Name
	}
	return m.Name[:strings.LastIndexByte(m.Name, '-')]
}

// Passkeys are a user's, the root user's for nil, that answer at a host.
func (a *Account) Passkeys(owner *User, host string) []*MFADevice {
	var list []*MFADevice
	for _, m := range a.MFADevicesAfter(owner, "") {
		if m.Passkey != nil && m.Passkey.RelyingParty == host {
			list = append(list, m)
		}
	}
	return list
}

// PasskeyUse is the verified answer of a passkey to a challenge.
type PasskeyUse struct {
	Serial    string
	Issued    time.Time // the challenge
	SignCount uint32
	BackedUp  bool
}

// CheckPasskey tells whether an answer is one that a user's passkey, the root
// user's for nil, may give now. It changes nothing: UsePasskey does.
func (a *Account) CheckPasskey(owner *User, use PasskeyUse) error {
	_, err := a.answering(owner, use)
	return err
}

// UsePasskey is CheckPasskey, once: the challenge, and those issued before it, are
// used up for all passkeys of the user.
func (d *Draft) UsePasskey(owner *User, use PasskeyUse) error {
	m, err := d.answering(owner, use)
	if err != nil {
		return err
	}
	next, p := clone(m), clone(m.Passkey)
	p.Answered, p.SignCount, p.BackedUp = use.Issued, use.SignCount, use.BackedUp
	next.Passkey = p
	d.putDevice(m, next)
	return nil
}

func (a *Account) answering(owner *User, use PasskeyUse) (*MFADevice, error) {
	m, err := a.MFADeviceOf(owner, use.Serial)
	if err != nil || m.Passkey == nil {
		return nil, NoPasskey()
	}
	for _, other := range a.MFADevicesAfter(owner, "") {
		if other.Passkey != nil && !use.Issued.After(other.Passkey.Answered) {
			return nil, Errorf(CodeAccessDenied, "This request to your security key was used already. Please try again.")
		}
	}
	if last := m.Passkey.SignCount; use.SignCount <= last && (use.SignCount != 0 || last != 0) {
		return nil, Errorf(CodeAccessDenied, "Your security key's counter went backwards: somebody may have a copy of it. Remove it, and register another.")
	}
	return m, nil
}

// NoPasskey refuses an answer of a passkey that the user does not have, or that
// is not right.
func NoPasskey() error {
	return Errorf(CodeAccessDenied, "Your security key could not be verified. Please try again.")
}

// passkeyCount counts all users' passkeys.
func (a *Account) passkeyCount() (n int) {
	for range after(a.devices, passkeys) {
		n++
	}
	return n
}
