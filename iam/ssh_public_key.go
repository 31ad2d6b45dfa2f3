package iam

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Codes of the refusals of public keys.
const (
	CodeInvalidPublicKey              = "InvalidPublicKey"
	CodeUnrecognizedPublicKeyEncoding = "UnrecognizedPublicKeyEncoding"
	CodeDuplicateSSHPublicKey         = "DuplicateSSHPublicKey"
)

// AWS publishes these codes, and we know no recording of the texts that go with
// them: the words are ours.
const (
	textInvalidPublicKey      = "The public key is not a valid RSA public key of 2048 to 16384 bits."
	textUnrecognizedPublicKey = "The public key must be encoded in ssh-rsa format or PEM format."
	textDuplicateSSHPublicKey = "The SSH Public Key is already associated with the user."
)

// SSHPublicKey is a key that a user logs in to CodeCommit with.
type SSHPublicKey struct {
	ID         string    `json:"id"`
	Status     Status    `json:"status"`
	UploadDate time.Time `json:"uploaded"`
	// Line is the key in OpenSSH's form, without a comment.
	Line        string `json:"line"`
	Fingerprint string `json:"fingerprint"` // MD5, as AWS shows it
}

const minRSABits = 2048 // of a modulus; maxRSABits is the most

// parseSSHPublicKey reads an RSA key in OpenSSH's or in PEM form.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html
func parseSSHPublicKey(body string) (ssh.PublicKey, error) {
	text := strings.TrimSpace(body)
	var key ssh.PublicKey
	var err error
	switch {
	case strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----"), strings.HasPrefix(text, "-----BEGIN RSA PUBLIC KEY-----"):
		key, err = pemPublicKey(text)
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "ecdsa-"):
		key, err = linePublicKey(text)
	default:
		return nil, Errorf(CodeUnrecognizedPublicKeyEncoding, textUnrecognizedPublicKey)
	}
	if err == nil {
		if public, ok := rsaOf(key); ok && public.N.BitLen() >= minRSABits && public.N.BitLen() <= maxRSABits {
			return key, nil
		}
	}
	return nil, &Error{Code: CodeInvalidPublicKey, Message: textInvalidPublicKey, Err: err}
}

func pemPublicKey(text string) (ssh.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(block.Headers) > 0 || len(rest) > 0 {
		return nil, errors.New("not one public key in PEM form")
	}
	var public any
	var err error
	if block.Type == "PUBLIC KEY" {
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	} else {
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	// It is kept in OpenSSH's form, which does not take every exponent.
	return ssh.ParsePublicKey(key.Marshal())
}

// linePublicKey reads "ssh-rsa BASE64 comment".
func linePublicKey(text string) (ssh.PublicKey, error) {
	fields := strings.Fields(text)
	if len(fields) < 2 || fields[0] != ssh.KeyAlgoRSA || strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("not one line of ssh-rsa")
	}
	wire, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return nil, err
	}
	return ssh.ParsePublicKey(wire)
}

func rsaOf(key ssh.PublicKey) (*rsa.PublicKey, bool) {
	c, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return nil, false
	}
	public, ok := c.CryptoPublicKey().(*rsa.PublicKey)
	return public, ok
}

// PEM gives the key as a SubjectPublicKeyInfo in PEM form.
func (k SSHPublicKey) PEM() (string, error) {
	key, err := linePublicKey(k.Line)
	if err != nil {
		return "", fmt.Errorf("iam: SSH public key %s: %w", k.ID, err)
	}
	public, ok := rsaOf(key)
	if !ok {
		return "", fmt.Errorf("iam: SSH public key %s is not RSA", k.ID)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("iam: SSH public key %s: %w", k.ID, err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// SSHPublicKey finds a key of a user by its id.
func (u *User) SSHPublicKey(id string) (SSHPublicKey, error) {
	if i := u.sshKey(id); i >= 0 {
		return u.SSHKeys[i], nil
	}
	return SSHPublicKey{}, noSSHPublicKey(id)
}

func (u *User) sshKey(id string) int {
	return slices.IndexFunc(u.SSHKeys, func(k SSHPublicKey) bool { return k.ID == id })
}

func noSSHPublicKey(id string) error {
	return Errorf(CodeNoSuchEntity, "The Public Key with id %s cannot be found.", id)
}

// UploadSSHPublicKey keeps a public key of a user. Two users may have the same.
func (d *Draft) UploadSSHPublicKey(userName, body string) (SSHPublicKey, error) {
	u, err := d.User(userName)
	if err != nil {
		return SSHPublicKey{}, err
	}
	key, err := parseSSHPublicKey(body)
	if err != nil {
		return SSHPublicKey{}, err
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	if slices.ContainsFunc(u.SSHKeys, func(k SSHPublicKey) bool { return k.Line == line }) {
		return SSHPublicKey{}, Errorf(CodeDuplicateSSHPublicKey, textDuplicateSSHPublicKey)
	}
	if limit := d.env.Quotas.SSHKeysPerUser; len(u.SSHKeys) >= limit {
		return SSHPublicKey{}, quota("SSHPublicKeysPerUser", limit)
	}
	k := SSHPublicKey{
		ID: NewKeyID(d.env.Rand, PrefixPublicKey, d.ID), Status: Active, UploadDate: d.now(),
		Line: line, Fingerprint: ssh.FingerprintLegacyMD5(key),
	}
	next := clone(u)
	next.SSHKeys = append(slices.Clone(u.SSHKeys), k)
	d.putUser(u, next)
	return k, nil
}

// UpdateSSHPublicKey switches a key on or off.
func (d *Draft) UpdateSSHPublicKey(userName, id string, status Status) error {
	if err := checkStatus(status, "an SSH public key"); err != nil {
		return err
	}
	u, err := d.User(userName)
	if err != nil {
		return err
	}
	i := u.sshKey(id)
	if i < 0 {
		return noSSHPublicKey(id)
	}
	if u.SSHKeys[i].Status != status {
		next := clone(u)
		next.SSHKeys = slices.Clone(u.SSHKeys)
		next.SSHKeys[i].Status = status
		d.putUser(u, next)
	}
	return nil
}

// DeleteSSHPublicKey removes a key.
func (d *Draft) DeleteSSHPublicKey(userName, id string) error {
	u, err := d.User(userName)
	if err != nil {
		return err
	}
	if u.sshKey(id) < 0 {
		return noSSHPublicKey(id)
	}
	next := clone(u)
	next.SSHKeys = without(u.SSHKeys, func(k SSHPublicKey) bool { return k.ID == id })
	d.putUser(u, next)
	return nil
}
