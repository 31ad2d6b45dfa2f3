package e2e_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/ssh"

	"iamd/server"
)

// stock is what lives find kept from the beginning: certificates, keys and the
// codes that a device with the kept seed shows.
func stock(t *testing.T) map[string]any {
	t.Helper()
	certificate, private, der := newCertificate(t)
	other, _, _ := newCertificate(t)
	return map[string]any{
		"certificate": certificate, "privateKey": private, "otherCertificate": other,
		"sshKey": newSSHKey(t), "otherSshKey": newSSHKey(t),
		"samlMetadata":   samlMetadata(base64.StdEncoding.EncodeToString(der)),
		"monthAfterNext": monthAfterNext(time.Now().UTC()),
		"codeBefore":     codeShown(-30 * time.Second), "codeNow": codeShown(0), "codeNext": codeShown(30 * time.Second), "codeAfterNext": codeShown(time.Minute),
	}
}

func newCertificate(t *testing.T) (certificate, private string, der []byte) {
	t.Helper()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ink.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der = must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	text := must[[]byte](t)(x509.MarshalPKCS8PrivateKey(key))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})), der
}

// newSSHKey makes a public key of RSA, which is all that AWS takes. Making a real
// one takes long, and any odd number looks like one.
func newSSHKey(t *testing.T) string {
	t.Helper()
	n := must[*big.Int](t)(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 2046)))
	n.SetBit(n.SetBit(n, 2047, 1), 0, 1)
	public := must[ssh.PublicKey](t)(ssh.NewPublicKey(&rsa.PublicKey{N: n, E: 65537}))
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
}

// monthAfterNext is when it begins.
func monthAfterNext(now time.Time) string {
	return time.Date(now.Year(), now.Month()+2, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
}

// codeShown is what a device shows, some time from now. Seeds are bytes for AWS,
// so that clients give them in base64 once more.
func codeShown(later time.Duration) func(kept map[string]any) (string, error) {
	return func(kept map[string]any) (string, error) {
		text, ok := kept["seed"].(string)
		if !ok {
			return "", errors.New("no seed was kept")
		}
		seed, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", err
		}
		return totp.GenerateCode(string(seed), time.Now().Add(later))
	}
}

// samlMetadata describes an identity provider with one certificate. AWS wants
// 1,000 characters.
func samlMetadata(certificate string) string {
	return `<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/metadata">` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + certificate + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` +
		`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/></IDPSSODescriptor>` +
		`<Organization><OrganizationName xml:lang="en">Example` + strings.Repeat(" ", 600) + `</OrganizationName>` +
		`<OrganizationDisplayName xml:lang="en">Example</OrganizationDisplayName><OrganizationURL xml:lang="en">https://example.com</OrganizationURL></Organization></EntityDescriptor>`
}

// withDelegation gives an installation what requests for delegated access need:
// a partner's template, and topics where partners hear of them.
func withDelegation(t *testing.T) func(*server.Config) {
	return func(c *server.Config) {
		c.Topics = heardNothing{}
		if err := json.Unmarshal([]byte(`{"PolicyTemplates":[{"Arn":"arn:aws:iam::aws:delegation-template/example.com/Reader","Partner":"Example Corp",
			"PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUserTags","Resource":"arn:aws:iam::*:user/@{userName}"}]}}]}`), &c.Templates); err != nil {
			t.Fatal(err)
		}
	}
}

// heardNothing is every topic, and nobody listens.
type heardNothing struct{}

func (heardNothing) Has(string) bool                               { return true }
func (heardNothing) Publish(context.Context, string, []byte) error { return nil }
