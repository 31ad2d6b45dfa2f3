package saml_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"
	"strings"
	"testing"

	"iamd/saml/samltest"
)

// FuzzRead: no response makes anything but an answer, and nothing is believed
// that the provider did not sign.
func FuzzRead(f *testing.F) {
	// One key for all processes that fuzz.
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	p := samltest.With(f, entity, key)
	trust := trusted(p)
	a := p.Assertion(clock, role, provider)
	a.ID = "_fuzz"
	for _, how := range signings {
		f.Add(p.Response(a, how))
	}
	f.Add(p.Response(a, samltest.How{Assertion: true, For: &decryptionKey().PublicKey, Encryption: samltest.Encryption{Block: "aes128-cbc"}}))
	f.Add(p.Response(a, samltest.How{}))
	f.Fuzz(func(t *testing.T, document string) {
		got, err := verify(document, trust, clock)
		if err == nil && (got.Subject != a.Subject || got.ID != a.ID || got.Allows(role, provider) != nil) {
			t.Errorf("believed: %+v of %s", got, document)
		}
	})
}

// BenchmarkVerify is a good response.
func BenchmarkVerify(b *testing.B) {
	p, trust := idp(b)
	document := p.Response(p.Assertion(clock, role, provider), samltest.How{Assertion: true})
	for b.Loop() {
		if _, err := verify(document, trust, clock); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkForged is as much as one can send, of many elements in many prefixes,
// under a signature that was good for something else.
func BenchmarkForged(b *testing.B) {
	p, trust := idp(b)
	document := p.Response(p.Assertion(clock, role, provider), samltest.How{Assertion: true})
	var begin, end strings.Builder
	for i := range 50 {
		fmt.Fprintf(&begin, "<a xmlns:p%d='x'>", i)
		end.WriteString("</a>")
	}
	fill := begin.String() + strings.Repeat("<p1:a/>", 950) + end.String()
	document = strings.Replace(document, "</saml:Assertion>", fill+strings.Repeat(" ", 74_000-len(document)-len(fill))+"</saml:Assertion>", 1)
	for b.Loop() {
		if _, err := verify(document, trust, clock); err == nil {
			b.Fatal("believed")
		}
	}
}
