package iam

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// authority is a certificate that tests sign others with.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

// made is a certificate in PEM form with its private key. signer is nil for one
// that signs itself.
func certified(t *testing.T, name string, signer *authority, from, to time.Time) (made authority, privateKey string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	parent, parentKey := template, key
	if signer != nil {
		parent, parentKey = signer.cert, signer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return authority{cert, key, pemOf("CERTIFICATE", der)}, pemOf("PRIVATE KEY", pkcs8)
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// valid is a time before and one after that of the drafts of tests.
func valid(d *Draft) (from, to time.Time) { return d.now().Add(-time.Hour), d.now().Add(time.Hour) }

func mustServerCertificate(t *testing.T, d *Draft, name string) *ServerCertificate {
	t.Helper()
	from, to := valid(d)
	made, key := certified(t, name, nil, from, to)
	c, err := d.UploadServerCertificate(NewServerCertificate{Name: name, Body: made.pem, PrivateKey: key})
	must(t, err)
	return c
}

func TestServerCertificates(t *testing.T) {
	d := policyDraft()
	from, to := valid(d)
	made, key := certified(t, "example.com", nil, from, to)
	in := NewServerCertificate{Name: "Web", Path: "/tls/", Body: made.pem, PrivateKey: key, Tags: []Tag{{"team", "red"}, {"Team", "blue"}}}
	c, err := d.UploadServerCertificate(in)
	must(t, err)
	if got := d.ServerCertificateARN(c); got != "arn:aws:iam::123456789012:server-certificate/tls/Web" {
		t.Errorf("ARN %s", got)
	}
	if len(c.ID) != 21 || !strings.HasPrefix(c.ID, "ASCA") || !c.Expiration.Equal(to) || c.Body != made.pem || len(c.Tags) != 2 {
		t.Errorf("made %+v", c)
	}
	if got, err := d.PrivateKey(c); err != nil || got != key {
		t.Errorf("the key opens as %q, %v", got, err)
	}
	in.Name = "WEB"
	_, err = d.UploadServerCertificate(in)
	refused(t, err, CodeEntityAlreadyExists, "The Server Certificate with name WEB already exists.")
	mustServerCertificate(t, d, "Mail")
	refused(t, d.UpdateServerCertificate("Web", "mail", ""), CodeEntityAlreadyExists, "The Server Certificate with name mail already exists.")
	d.env.Quotas.ServerCertificates = 2
	in.Name = "Third"
	_, err = d.UploadServerCertificate(in)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for ServerCertificatesPerAccount: 2")

	must(t, d.UpdateServerCertificate("web", "Site", "/"))
	moved, err := d.ServerCertificate("SITE")
	must(t, err)
	if moved.ID != c.ID || len(moved.Tags) != 2 || d.ServerCertificateARN(moved) != "arn:aws:iam::123456789012:server-certificate/Site" {
		t.Errorf("is now %+v", moved)
	}
	before := d.notes.Rows()
	must(t, d.UpdateServerCertificate("Site", "", ""))
	if d.notes.Rows() != before {
		t.Error("an update of nothing changed something")
	}
	must(t, d.TagServerCertificate("Site", []Tag{{"team", "green"}}))
	must(t, d.UntagServerCertificate("Site", []string{"Team"}))
	now, err := d.ServerCertificate("Site")
	must(t, err)
	if diff := cmp.Diff([]Tag{{"team", "green"}}, now.Tags); diff != "" {
		t.Error(diff)
	}
	refused(t, d.TagServerCertificate("Site", []Tag{{"aws:x", ""}}), CodeInvalidInput, "aws: prefixed tag key names are not allowed for external use.")
	d.env.Quotas.Tags = 1
	refused(t, d.TagServerCertificate("Site", []Tag{{"b", ""}}), CodeLimitExceeded, "The number of tags has reached the maximum limit.")
	must(t, d.DeleteServerCertificate("site"))
	const gone = "The Server Certificate with name Site cannot be found."
	refused(t, d.DeleteServerCertificate("Site"), CodeNoSuchEntity, gone)
	refused(t, d.UpdateServerCertificate("Site", "x", ""), CodeNoSuchEntity, gone)
	refused(t, d.TagServerCertificate("Site", nil), CodeNoSuchEntity, gone)
	refused(t, d.UntagServerCertificate("Site", nil), CodeNoSuchEntity, gone)
	if d.ServerCertificateCount() != 1 {
		t.Errorf("%d are left", d.ServerCertificateCount())
	}
}

func TestCertificateKeyAndChainMustFit(t *testing.T) {
	d := policyDraft()
	from, to := valid(d)
	root, _ := certified(t, "root", nil, from, to)
	middle, _ := certified(t, "middle", &root, from, to)
	leaf, key := certified(t, "leaf", &middle, from, to)
	other, otherKey := certified(t, "other", nil, from, to)
	expired, expiredKey := certified(t, "old", nil, from.Add(-time.Hour), from)
	early, earlyKey := certified(t, "early", nil, to, to.Add(time.Hour))
	ecKey, err := x509.MarshalECPrivateKey(leaf.key)
	must(t, err)

	const (
		unparsed = "Unable to parse certificate. Please ensure the certificate is in PEM format."
		chained  = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: "
	)
	for name, c := range map[string]struct{ body, key, chain, code, message string }{
		"alone":           {body: leaf.pem, key: key},
		"EC key":          {body: leaf.pem, key: pemOf("EC PRIVATE KEY", ecKey)},
		"white space":     {body: "\n " + leaf.pem + "\r\n", key: "\n" + key, chain: "\n" + middle.pem + "\n\n" + root.pem},
		"chain":           {body: leaf.pem, key: key, chain: middle.pem + root.pem},
		"part of a chain": {body: leaf.pem, key: key, chain: middle.pem},
		"root twice":      {body: leaf.pem, key: key, chain: middle.pem + root.pem + root.pem},

		"nothing":         {"", key, "", CodeMalformedCertificate, unparsed},
		"no certificate":  {"bad", key, "", CodeMalformedCertificate, unparsed},
		"a key":           {key, key, "", CodeMalformedCertificate, unparsed},
		"bad base64":      {strings.Replace(leaf.pem, "M", "*", 1), key, "", CodeMalformedCertificate, unparsed},
		"bad DER":         {pemOf("CERTIFICATE", []byte("x")), key, "", CodeMalformedCertificate, unparsed},
		"no end":          {certificateBegin + "\n", key, "", CodeMalformedCertificate, unparsed},
		"two":             {leaf.pem + middle.pem, key, "", CodeMalformedCertificate, unparsed},
		"text before":     {"Subject: leaf\n" + leaf.pem, key, "", CodeMalformedCertificate, unparsed},
		"not valid yet":   {early.pem, earlyKey, "", CodeMalformedCertificate, unparsed},
		"expired":         {expired.pem, expiredKey, "", CodeMalformedCertificate, "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed."},
		"no key":          {leaf.pem, "bad", "", CodeMalformedCertificate, textPrivateKey},
		"key is DER junk": {leaf.pem, pemOf("PRIVATE KEY", []byte("x")), "", CodeMalformedCertificate, textPrivateKey},
		"encrypted key":   {leaf.pem, pemOf("ENCRYPTED PRIVATE KEY", []byte("x")), "", CodeMalformedCertificate, textPrivateKey},
		"two keys":        {leaf.pem, key + otherKey, "", CodeMalformedCertificate, textPrivateKey},
		"another key":     {leaf.pem, otherKey, "", CodeKeyPairMismatch, "The public key certificate and the private key do not match."},
		"bad chain":       {leaf.pem, key, "bad", CodeMalformedCertificate, chained + "-1"},
		"another chain":   {leaf.pem, key, other.pem, CodeMalformedCertificate, chained + "-1"},
		"wrong order":     {leaf.pem, key, root.pem + middle.pem, CodeMalformedCertificate, chained + "-1"},
		"leaf in chain":   {leaf.pem, key, leaf.pem + middle.pem, CodeMalformedCertificate, chained + "-1"},
		"self in chain":   {other.pem, otherKey, other.pem, CodeMalformedCertificate, chained + "-1"},
		"end of chain":    {leaf.pem, key, middle.pem + other.pem, CodeMalformedCertificate, chained + "1"},
		"long chain":      {leaf.pem, key, middle.pem + strings.Repeat(root.pem, maxChain), CodeMalformedCertificate, chained + "20"},
	} {
		t.Run(name, func(t *testing.T) {
			d := d.Account.Draft()
			_, err := d.UploadServerCertificate(NewServerCertificate{Name: "Web", Body: c.body, PrivateKey: c.key, Chain: c.chain})
			if c.code == "" {
				must(t, err)
				return
			}
			refused(t, err, c.code, c.message)
			if d.Changed() {
				t.Error("a refused upload changed something")
			}
		})
	}
}

func TestSealedCredentialsLoadEqual(t *testing.T) {
	d := policyDraft()
	d.Begin(NewAccountInput{Name: "test"})
	mustServerCertificate(t, d, "Web")
	mustUser(t, d, "Bob")
	mustSigningCertificate(t, d, userNow(t, d, "Bob"))
	mustSigningCertificate(t, d, nil)
	_, err := d.UploadSSHPublicKey("Bob", sshLine(t, 2048, 1))
	must(t, err)
	_, _, err = d.CreateServiceCredential("Bob", "bedrock.amazonaws.com", 30)
	must(t, err)
	made, changes := d.Seal()
	loaded, err := Load(made.env, made.ID, rowsOf(changes))
	must(t, err)
	all := func(a *Account) (list []any) {
		for k, c := range a.ServerCertificatesAfter("") {
			list = append(list, k, c)
		}
		for _, u := range a.UsersAfter("") {
			list = append(list, u.Credentials)
		}
		for k, owner := range after(a.credentialOwners, "") {
			list = append(list, k, owner)
		}
		return append(list, a.Root.Certificates)
	}
	if diff := cmp.Diff(all(made), all(loaded)); diff != "" {
		t.Errorf("loaded differs (-made +loaded):\n%s", diff)
	}
	if loaded.credentialOwners.Len() != 4 {
		t.Errorf("%d credentials have owners", loaded.credentialOwners.Len())
	}
	// A failed draft leaves the account as it was.
	next := loaded.Draft()
	must(t, next.DeleteServerCertificate("Web"))
	must(t, next.DeleteSigningCertificate(nil, loaded.Root.Certificates[0].ID))
	if diff := cmp.Diff(all(made), all(loaded)); diff != "" {
		t.Errorf("a dropped draft changed the account:\n%s", diff)
	}
}
