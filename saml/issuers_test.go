package saml

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"iamd/iam"
	"iamd/saml/samltest"
)

// TestTwoIssuers: who signs for itself can't speak for another issuer that the
// provider knows, neither as the document reads nor if an assertion were found in
// it other than what is signed.
func TestTwoIssuers(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	p, other := samltest.New(t, "https://idp.example.com/"), "https://other.example.com/"
	known := []*x509.Certificate{p.Cert}
	trust := &iam.SAMLTrust{ID: "SAMLSPEXAMPLE", ValidUntil: now.AddDate(1, 0, 0), Issuers: []iam.SAMLIssuer{{EntityID: p.EntityID, Certificates: known}, {EntityID: other, Certificates: known}}}
	a := p.Assertion(now, "arn:aws:iam::123456789012:role/Reader", "arn:aws:iam::123456789012:saml-provider/Corp")
	a.Edit = func(s string) string { return strings.Replace(s, p.EntityID, other, 1) }
	read := func() *Response {
		r, err := Read(samltest.Encode(p.Response(a, samltest.How{Response: true})))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	elsewhere := read()
	elsewhere.assertion = elsewhere.assertion.Copy()
	for _, issuer := range all(elsewhere.assertion, nsAssertion, "Issuer") {
		issuer.SetText(p.EntityID)
	}
	for name, r := range map[string]*Response{"as it reads": read(), "found elsewhere": elsewhere} {
		_, err := r.Verify(trust, now)
		var refused *iam.Error
		if !errors.As(err, &refused) || refused.Code != "InvalidIdentityToken" || refused.Message != "Issuer not present in specified provider" ||
			refused.Err == nil || refused.Err.Error() != "saml: response and assertion are of two issuers" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
