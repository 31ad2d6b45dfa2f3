package iam

import (
	"crypto/ed25519"
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// rsaPublic is a public key of so many bits. Nobody has its private key.
func rsaPublic(bits, n int64) *rsa.PublicKey {
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: modulus.Add(modulus, big.NewInt(2*n+1)), E: 65537}
}

func sshLine(t *testing.T, bits, n int64) string {
	t.Helper()
	key, err := ssh.NewPublicKey(rsaPublic(bits, n))
	must(t, err)
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

func TestSSHPublicKeys(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	mustUser(t, d, "Al")
	line := sshLine(t, 2048, 1)
	k, err := d.UploadSSHPublicKey("Bob", line+" bob@home\n")
	must(t, err)
	if len(k.ID) != 20 || !strings.HasPrefix(k.ID, "APKA") || k.Status != Active || k.Line != line {
		t.Errorf("made %+v", k)
	}
	wire, err := base64.StdEncoding.DecodeString(strings.Fields(line)[1])
	must(t, err)
	sum := md5.Sum(wire)
	if got := strings.ReplaceAll(k.Fingerprint, ":", ""); len(k.Fingerprint) != 47 || got != hexOf(sum[:]) {
		t.Errorf("fingerprint %s of %x", k.Fingerprint, sum)
	}
	der, err := x509.MarshalPKIXPublicKey(rsaPublic(2048, 1))
	must(t, err)
	inPEM := pemOf("PUBLIC KEY", der)
	if got, err := k.PEM(); err != nil || got != inPEM {
		t.Errorf("in PEM form: %s, %v", got, err)
	}

	for _, same := range []string{line, inPEM, pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rsaPublic(2048, 1)))} {
		_, err = d.UploadSSHPublicKey("bob", same)
		refused(t, err, CodeDuplicateSSHPublicKey, "The SSH Public Key is already associated with the user.")
	}
	_, err = d.UploadSSHPublicKey("Al", line) // another user may have it
	must(t, err)
	for n := range int64(4) {
		_, err = d.UploadSSHPublicKey("Bob", sshLine(t, 4096, n))
		must(t, err)
	}
	_, err = d.UploadSSHPublicKey("Bob", sshLine(t, 4096, 9))
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for SSHPublicKeysPerUser: 5")
	_, err = d.UploadSSHPublicKey("Eve", line)
	refused(t, err, CodeNoSuchEntity, "The user with name Eve cannot be found.")

	must(t, d.UpdateSSHPublicKey("Bob", k.ID, Inactive))
	got, err := userNow(t, d, "Bob").SSHPublicKey(k.ID)
	must(t, err)
	if got.Status != Inactive {
		t.Errorf("status %s", got.Status)
	}
	refused(t, d.UpdateSSHPublicKey("Bob", k.ID, "Expired"), CodeInvalidInput, "The status of an SSH public key can be set to Active or Inactive only.")
	gone := "The Public Key with id " + k.ID + " cannot be found."
	refused(t, d.UpdateSSHPublicKey("Al", k.ID, Active), CodeNoSuchEntity, gone)
	refused(t, d.DeleteSSHPublicKey("Al", k.ID), CodeNoSuchEntity, gone)
	refused(t, d.DeleteSSHPublicKey("Eve", k.ID), CodeNoSuchEntity, "The user with name Eve cannot be found.")
	refused(t, d.UpdateSSHPublicKey("Eve", k.ID, Active), CodeNoSuchEntity, "The user with name Eve cannot be found.")
	refused(t, d.DeleteUser("Al"), CodeDeleteConflict, "Cannot delete entity, must remove referenced objects first.")
	must(t, d.DeleteSSHPublicKey("Bob", k.ID))
	_, err = userNow(t, d, "Bob").SSHPublicKey(k.ID)
	refused(t, err, CodeNoSuchEntity, gone)
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

func TestSSHPublicKeysThatAreNone(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	ed, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(make([]byte, 32)).Public())
	must(t, err)
	edDER, err := x509.MarshalPKIXPublicKey(ed25519.NewKeyFromSeed(make([]byte, 32)).Public())
	must(t, err)
	good := sshLine(t, 2048, 1)
	for _, body := range []string{
		"ssh-rsa", "ssh-rsa not-base64!", "ssh-rsa AAAA", "ssh-dss " + strings.Fields(good)[1], good + "\n" + good,
		sshLine(t, 2047, 1), sshLine(t, 1024, 1), sshLine(t, 16385, 1),
		string(ssh.MarshalAuthorizedKey(ed)), "ssh-rsa " + base64.StdEncoding.EncodeToString(ed.Marshal()),
		pemOf("PUBLIC KEY", edDER), pemOf("PUBLIC KEY", []byte("x")), "-----BEGIN PUBLIC KEY-----",
	} {
		_, err := d.UploadSSHPublicKey("Bob", body)
		refused(t, err, CodeInvalidPublicKey, "The public key is not a valid RSA public key of 2048 to 16384 bits.")
	}
	for _, body := range []string{"not a key", pemOf("CERTIFICATE", edDER), "no-pty " + good} {
		_, err := d.UploadSSHPublicKey("Bob", body)
		refused(t, err, CodeUnrecognizedPublicKeyEncoding, "The public key must be encoded in ssh-rsa format or PEM format.")
	}
	for _, bits := range []int64{2048, 16384} {
		_, err := d.UploadSSHPublicKey("Bob", sshLine(t, bits, 1))
		must(t, err)
	}
}

func FuzzSSHPublicKey(f *testing.F) {
	f.Add("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQE= x")
	f.Add("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----")
	f.Fuzz(func(t *testing.T, body string) {
		key, err := parseSSHPublicKey(body)
		if err != nil {
			return
		}
		k := SSHPublicKey{Line: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))}
		inPEM, err := k.PEM()
		must(t, err)
		again, err := parseSSHPublicKey(inPEM)
		must(t, err)
		if string(again.Marshal()) != string(key.Marshal()) {
			t.Error("not the same key in PEM form")
		}
	})
}
