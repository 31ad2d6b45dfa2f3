package saml_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"iamd/iam"
	"iamd/saml"
	"iamd/saml/samltest"
)

const (
	entity   = "https://idp.example.com/"
	role     = "arn:aws:iam::123456789012:role/Reader"
	provider = "arn:aws:iam::123456789012:saml-provider/Corp"
)

var clock = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// decryptionKey opens the assertions of all tests: making one takes long.
var decryptionKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// idp is a provider, and what the account knows of it.
func idp(t testing.TB) (*samltest.IdP, *iam.SAMLTrust) {
	t.Helper()
	p := samltest.New(t, entity)
	return p, trusted(p)
}

func trusted(p *samltest.IdP) *iam.SAMLTrust {
	return &iam.SAMLTrust{
		ID: "SAMLSPEXAMPLE", ValidUntil: clock.AddDate(1, 0, 0), Issuers: []iam.SAMLIssuer{{EntityID: p.EntityID, Certificates: []*x509.Certificate{p.Cert}}},
		Keys: func() ([]*rsa.PrivateKey, error) { return []*rsa.PrivateKey{decryptionKey()}, nil },
	}
}

func verify(document string, trust *iam.SAMLTrust, now time.Time) (*saml.Assertion, error) {
	r, err := saml.Read(samltest.Encode(document))
	if err != nil {
		return nil, err
	}
	return r.Verify(trust, now)
}

func refused(t *testing.T, name string, err error, code, text string) {
	t.Helper()
	var rule *iam.Error
	if !errors.As(err, &rule) || rule.Code != code || rule.Message != text {
		t.Errorf("%s: %v, want %s: %s", name, err, code, text)
	}
}

// signings are the ways in which an assertion can be vouched for.
var signings = map[string]samltest.How{
	"assertion": {Assertion: true}, "response": {Response: true}, "both": {Assertion: true, Response: true},
}

func TestVerify(t *testing.T) {
	p, trust := idp(t)
	want := &saml.Assertion{
		Issuer: entity, Subject: "ada@example.com", Format: "persistent", Recipient: samltest.Endpoint,
		Expires: clock.Add(5 * time.Minute), SessionEnd: clock.Add(time.Hour),
	}
	for name, how := range signings {
		for _, encrypted := range []bool{false, true} {
			a := p.Assertion(clock, role, provider)
			a.SessionEnd = clock.Add(time.Hour)
			want.ID = a.ID
			if encrypted {
				how.For = &decryptionKey().PublicKey
			}
			got, err := verify(p.Response(a, how), trust, clock)
			if err != nil {
				t.Errorf("%s, encrypted %v: %v", name, encrypted, err)
				continue
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(saml.Assertion{})); diff != "" {
				t.Errorf("%s, encrypted %v: %s", name, encrypted, diff)
			}
			if err := got.Allows(role, provider); err != nil {
				t.Errorf("%s, encrypted %v: %v", name, encrypted, err)
			}
		}
	}
}

// TestSignatures: whose and which signatures are taken.
func TestSignatures(t *testing.T) {
	p, trust := idp(t)
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve := samltest.With(t, entity, ec)
	curveTrust := trusted(curve)
	curveTrust.Issuers[0].Certificates = append([]*x509.Certificate{p.Cert}, curve.Cert)
	stranger := samltest.New(t, entity)
	const more = "http://www.w3.org/2001/04/xmldsig-more#"
	withoutKey := func(s string) string {
		begin, end := strings.Index(s, "<ds:KeyInfo"), strings.Index(s, "</ds:KeyInfo>")
		return s[:begin] + s[end+len("</ds:KeyInfo>"):]
	}
	same := func(s string) string { return s }
	for name, c := range map[string]struct {
		by     *samltest.IdP
		trust  *iam.SAMLTrust
		method string
		edit   func(string) string
		good   bool
	}{
		"RSA, SHA-256":         {p, trust, more + "rsa-sha256", same, true},
		"RSA, SHA-384":         {p, trust, more + "rsa-sha384", same, true},
		"RSA, SHA-512":         {p, trust, more + "rsa-sha512", same, true},
		"RSA, SHA-1":           {p, trust, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", same, false},
		"ECDSA":                {curve, curveTrust, more + "ecdsa-sha384", same, true},
		"ECDSA, side by side":  {curve, curveTrust, more + "ecdsa-sha256", func(s string) string { return sideBySide(t, s, 48) }, true},
		"ECDSA, SHA-1":         {curve, curveTrust, more + "ecdsa-sha1", same, false},
		"no certificate named": {p, trust, "", withoutKey, true},
		"second of two":        {curve, curveTrust, more + "ecdsa-sha256", withoutKey, true},
		"a stranger's":         {stranger, trust, "", same, false},
		"a stranger's, hidden": {stranger, trust, "", withoutKey, false},
		"text changed":         {p, trust, "", func(s string) string { return strings.ReplaceAll(s, "ada@", "eve@") }, false},
		"time changed":         {p, trust, "", func(s string) string { return strings.ReplaceAll(s, `NotOnOrAfter="2026`, `NotOnOrAfter="2036`) }, false},
		"value broken":         {p, trust, "", func(s string) string { return strings.Replace(s, "<ds:SignatureValue>", "<ds:SignatureValue>A", 1) }, false},
		"value in lines":       {p, trust, "", func(s string) string { return strings.Replace(s, "<ds:SignatureValue>", "<ds:SignatureValue>\n   ", 1) }, true},
		"laid out anew": {p, trust, "", func(s string) string {
			return strings.Replace(s, `<samlp:Status>`, "\n  <!-- a comment -->\n<samlp:Status>", 1)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			document := c.edit(c.by.Response(c.by.Assertion(clock, role, provider), samltest.How{Assertion: true, Method: c.method}))
			got, err := verify(document, c.trust, clock)
			if c.good {
				if err != nil || got.Subject != "ada@example.com" {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			refused(t, name, err, "InvalidIdentityToken", "Response signature invalid")
		})
	}
}

// TestComments: what canonical forms leave out doesn't cut a name short.
func TestComments(t *testing.T) {
	p, trust := idp(t)
	for name, how := range signings {
		a := p.Assertion(clock, role, provider)
		a.Subject = "admin@example.com.evil.example.net"
		document := strings.Replace(p.Response(a, how), "admin@example.com.evil", "admin@example.com<!---->.evil", 1)
		got, err := verify(document, trust, clock)
		if err != nil || got.Subject != "admin@example.com.evil.example.net" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		// The provider signed it so.
		a.Subject = "admin@example.com<!-- -->.evil.example.net"
		if got, err = verify(p.Response(a, how), trust, clock); err != nil || got.Subject != "admin@example.com.evil.example.net" {
			t.Errorf("%s, signed: %+v, %v", name, got, err)
		}
		a.Subject = "admin@example.com<?x?>.evil.example.net"
		_, err = verify(p.Response(a, how), trust, clock)
		refused(t, name, err, "InvalidIdentityToken", "Invalid SAML response")
	}
}

// TestEncryption: which encryptions are taken, and that failures are all alike.
func TestEncryption(t *testing.T) {
	p, trust := idp(t)
	another, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	to := &decryptionKey().PublicKey
	for name, e := range map[string]samltest.Encryption{
		"128 GCM": {Block: "aes128-gcm"}, "192 GCM": {Block: "aes192-gcm"}, "256 GCM": {}, "128 CBC": {Block: "aes128-cbc"}, "192 CBC": {Block: "aes192-cbc"},
		"256 CBC": {Block: "aes256-cbc"}, "beside": {Beside: true}, "label": {Label: "x"}, "SHA-256": {Hash: crypto.SHA256}, "new": {Key: "rsa-oaep"},
		"new, SHA-512": {Key: "rsa-oaep", Hash: crypto.SHA512, Mask: crypto.SHA384},
	} {
		got, err := verify(p.Response(p.Assertion(clock, role, provider), samltest.How{Assertion: true, For: to, Encryption: e}), trust, clock)
		if err != nil || got.Subject != "ada@example.com" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	good := func(a samltest.Assertion, how samltest.How) string { how.For = to; return p.Response(a, how) }
	a := p.Assertion(clock, role, provider)
	flip := func(s string, at int) string { // a letter of the last cipher value, from its end
		end := strings.LastIndex(s, "</xenc:CipherValue>") + at
		letter := "A"
		if s[end] == 'A' {
			letter = "B"
		}
		return s[:end] + letter + s[end+1:]
	}
	cbc := samltest.How{Assertion: true, Encryption: samltest.Encryption{Block: "aes256-cbc"}}
	nested := a
	nested.Edit = func(s string) string { return "<x>" + s + "</x>" }
	foreign := a
	foreign.Issuer = "https://other.example.com/"
	for name, document := range map[string]string{
		"another's key":        p.Response(a, samltest.How{Assertion: true, For: &another.PublicKey}),
		"RSA 1.5":              good(a, samltest.How{Assertion: true, Encryption: samltest.Encryption{Key: "rsa-1_5"}}),
		"unsigned":             good(a, samltest.How{}),
		"changed":              flip(good(a, samltest.How{Assertion: true}), -40),
		"changed, CBC, begin":  flip(good(a, cbc), -500),
		"changed, CBC, end":    flip(good(a, cbc), -12),
		"no assertion in it":   good(nested, samltest.How{}),
		"another issuer in it": strings.Replace(good(foreign, samltest.How{Assertion: true}), foreign.Issuer, entity, 1),
		"short":                cut(good(a, samltest.How{Assertion: true}), 4),
		"short, CBC":           cut(good(a, cbc), 44),
		"half a block":         cut(good(a, cbc), 60),
		"nothing":              cut(good(a, cbc), 0),
		"unknown":              strings.Replace(good(a, samltest.How{Assertion: true}), "#aes256-gcm", "#aes256-xyz", 1),
		"key gone":             strings.ReplaceAll(good(a, samltest.How{Assertion: true}), "EncryptedKey", "EncryptedKeys"),
		"signed, changed":      flip(good(a, samltest.How{Response: true}), -40),
	} {
		_, err := verify(document, trust, clock)
		refused(t, name, err, "InvalidIdentityToken", "Response signature invalid")
	}
	trust.EncryptedOnly = true
	_, err = verify(p.Response(a, samltest.How{Assertion: true}), trust, clock)
	refused(t, "plain", err, "InvalidIdentityToken", "SAML Assertion must be encrypted")
	if _, err = verify(good(a, samltest.How{Assertion: true}), trust, clock); err != nil {
		t.Error(err)
	}
	trust.Keys = func() ([]*rsa.PrivateKey, error) { return nil, nil }
	_, err = verify(good(a, samltest.How{Assertion: true}), trust, clock)
	refused(t, "no keys", err, "InvalidIdentityToken", "Response signature invalid")
}
