package iam

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"

	"golang.org/x/crypto/ssh"
)

var (
	accessKeyID = regexp.MustCompile(`^\w{16,128}$`)
	// passwordHash is of those that PasswordCost makes.
	passwordHash = regexp.MustCompile(`^\$argon2id\$v=19\$m=\d{1,5},t=\d,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	generation   = regexp.MustCompile(`^[A-Z2-7]{0,32}$`)
)

// hashed tells whether a text is a password's hash that costs little enough to
// compare with.
func hashed(text string) bool { return passwordHash.MatchString(text) }

// credentials brings all by which a user is known, into the user that is to be.
func (m *importing) credentials(what string, u *User) (err error) {
	if u.Keys, err = m.keys(what, u.Keys, "aws iam create-access-key --user-name "+u.Name); err != nil {
		return err
	}
	if u.Login, err = m.login(what, u); err != nil {
		return err
	}
	if u.Certificates, err = m.certificates(what, u.Certificates); err != nil {
		return err
	}
	if u.SSHKeys, err = m.sshKeys(what, u.SSHKeys); err != nil {
		return err
	}
	u.ServiceCredentials, err = m.serviceCredentials(what, u)
	return err
}

// keys brings the access keys whose secrets open here.
func (m *importing) keys(what string, list []AccessKey, remedy string) (kept []AccessKey, err error) {
	for _, k := range list {
		if !accessKeyID.MatchString(k.ID) || strings.HasPrefix(k.ID, PrefixTempKey) {
			return nil, Errorf(CodeValidation, "%s: %q is not the id of an access key.", what, k.ID)
		}
		if err := checkStatus(k.Status, "an access key"); err != nil {
			return nil, about(what+", access key "+k.ID, err)
		}
		if _, taken := m.Draft.keys.Get(k.ID); taken || m.ids[k.ID] {
			return nil, Errorf(CodeEntityAlreadyExists, "%s: the access key %s is there twice.", what, k.ID)
		}
		m.ids[k.ID] = true
		if !m.opens(k.ID, k.Sealed) {
			m.note(what+", access key "+k.ID, unopened(k.Sealed), remedy)
			continue
		}
		kept = append(kept, k)
		m.takeKey(k.ID)
		m.calls = m.calls || k.Status == Active
	}
	m.quota(what, "AccessKeysPerUser", len(kept), m.env.Quotas.KeysPerUser)
	return kept, nil
}

func (m *importing) login(what string, u *User) (*LoginProfile, error) {
	l := u.Login
	switch {
	case l == nil:
		return nil, nil
	case l.Hash == "":
		m.note(what+", password", "it is not in the file", "aws iam create-login-profile --password-reset-required --user-name "+u.Name)
		return nil, nil
	case len(l.Past) > pastPasswords || !generation.MatchString(l.Generation):
		return nil, Errorf(CodeValidation, "%s: the login profile is none of iamd's.", what)
	}
	for _, hash := range append([]string{l.Hash}, l.Past...) {
		if !hashed(hash) {
			return nil, Errorf(CodeValidation, "%s: the password's hash is not one of iamd's.", what)
		}
	}
	m.calls = true
	return l, nil
}

func (m *importing) certificates(what string, list []SigningCertificate) ([]SigningCertificate, error) {
	for _, c := range list {
		cert, err := oneCertificate(c.Body)
		if err != nil {
			return nil, malformedCertificate(err, "%s: Certificate %s is malformed.", what, c.ID)
		}
		sum := sha1.Sum(cert.Raw) // AWS's id of a certificate; it proves nothing
		if c.ID != base32.StdEncoding.EncodeToString(sum[:]) {
			return nil, Errorf(CodeValidation, "%s: %q is not the id of its certificate.", what, c.ID)
		}
		if err := checkStatus(c.Status, "a signing certificate"); err != nil {
			return nil, about(what, err)
		}
		if _, taken := m.credentialOwners.Get(ownCertificate + c.ID); taken || m.ids[c.ID] {
			return nil, Errorf(CodeDuplicateCertificate, textDuplicateCertificate)
		}
		m.ids[c.ID] = true
	}
	return list, nil
}

func (m *importing) sshKeys(what string, list []SSHPublicKey) (kept []SSHPublicKey, err error) {
	for _, k := range list {
		key, err := parseSSHPublicKey(k.Line)
		if err != nil {
			return nil, about(what, err)
		}
		if err := m.take(what+", SSH public key", PrefixPublicKey, k.ID); err != nil {
			return nil, err
		}
		if err := checkStatus(k.Status, "an SSH public key"); err != nil {
			return nil, about(what, err)
		}
		k.Line, k.Fingerprint = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))), ssh.FingerprintLegacyMD5(key)
		kept = append(kept, k)
	}
	m.quota(what, "SSHPublicKeysPerUser", len(kept), m.env.Quotas.SSHKeysPerUser)
	return kept, nil
}

var serviceLogin = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)

func (m *importing) serviceCredentials(what string, u *User) (kept []ServiceCredential, err error) {
	for _, c := range u.ServiceCredentials {
		if err := m.take(what+", service specific credential", PrefixServiceCredential, c.ID); err != nil {
			return nil, err
		}
		name := what + ", service specific credential " + c.ID
		if c.Service, err = CredentialService(c.Service); err != nil {
			return nil, about(name, err)
		}
		if err := checkStatus(c.Status, "a service specific credential"); err != nil {
			return nil, about(name, err)
		}
		if !serviceLogin.MatchString(c.Login) {
			return nil, Errorf(CodeValidation, "%s: %q is not a name to log in with.", name, c.Login)
		}
		key := loginKey(c.Service, c.Login)
		if m.ids[key] {
			return nil, Errorf(CodeEntityAlreadyExists, "%s: the name %s is there twice.", name, c.Login)
		}
		m.ids[key] = true
		if len(c.Hash) != sha256.Size {
			m.note(name, "its secret is not in the file", "aws iam create-service-specific-credential --service-name "+c.Service+" --user-name "+u.Name)
			continue
		}
		kept = append(kept, c)
	}
	return kept, nil
}
