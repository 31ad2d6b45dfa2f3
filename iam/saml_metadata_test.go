package iam

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// metadata is a document of one identity provider: attributes of its entity,
// and key descriptors.
func metadata(attributes, keys string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<!-- an identity provider -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" %s>
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    %s
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
`, attributes, keys)
}

const entityID = `entityID="https://idp.example.com/"`

// keyDescriptor is a certificate for a use; an empty use is any.
func keyDescriptor(use, der string) string {
	if use != "" {
		use = ` use="` + use + `"`
	}
	return "<md:KeyDescriptor" + use + "><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + der + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
}

// signingKey is the key descriptor of a certificate that has expired, which AWS
// takes.
func signingKey(t *testing.T) string {
	t.Helper()
	made, _ := certified(t, "idp", nil, time.Unix(0, 0), time.Unix(1, 0))
	return keyDescriptor("signing", base64.StdEncoding.EncodeToString(made.cert.Raw))
}

func mustMetadata(t *testing.T, document string) *SAMLMetadata {
	t.Helper()
	m, err := ReadSAMLMetadata(document)
	must(t, err)
	return m
}

func TestSAMLMetadata(t *testing.T) {
	made, _ := certified(t, "idp", nil, time.Unix(0, 0), time.Unix(1, 0))
	der := base64.StdEncoding.EncodeToString(made.cert.Raw)
	key := keyDescriptor("signing", der)
	plain := metadata(entityID, key)
	inside := func(entities ...string) string { // a group of them
		var b strings.Builder
		for _, e := range entities {
			_, e, _ = strings.Cut(e, "-->")
			b.WriteString(e)
		}
		return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2031-01-01T00:00:00Z">` + b.String() + "</EntitiesDescriptor>"
	}
	service := strings.ReplaceAll(strings.ReplaceAll(plain, "IDPSSODescriptor", "SPSSODescriptor"), "SingleSignOnService", "AssertionConsumerService")
	service = strings.ReplaceAll(service, "<md:AssertionConsumerService", `<md:AssertionConsumerService index="0"`)

	for name, c := range map[string]struct{ document, until string }{
		"plain":             {plain, ""},
		"any use":           {metadata(entityID, keyDescriptor("", der)), ""},
		"two certificates":  {metadata(entityID, key+keyDescriptor("encryption", der)), ""},
		"white space":       {metadata(entityID, keyDescriptor("signing", "\n"+der[:64]+"\n  "+der[64:]+"\n")), ""},
		"byte order mark":   {"\ufeff" + plain, ""},
		"an end":            {metadata(entityID+` validUntil="2030-02-03T04:05:06.789Z"`, key), "2030-02-03T04:05:06Z"},
		"an end gone by":    {metadata(entityID+` validUntil="2001-02-03T04:05:06Z"`, key), "2001-02-03T04:05:06Z"},
		"end of the issuer": {strings.Replace(metadata(entityID+` validUntil="2030-01-01T00:00:00Z"`, key), "<md:IDPSSODescriptor", `<md:IDPSSODescriptor validUntil="2029-01-01T00:00:00+01:00"`, 1), "2028-12-31T23:00:00Z"},
		"a group":           {inside(service, plain), "2031-01-01T00:00:00Z"},
	} {
		m, err := ReadSAMLMetadata(c.document)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		until := ""
		if !m.until.IsZero() {
			until = m.until.Format(time.RFC3339Nano)
		}
		if m.document != c.document || until != c.until {
			t.Errorf("%s: valid until %q, want %q", name, until, c.until)
		}
	}

	const (
		unread   = "Could not parse metadata"
		noIssuer = "SAML Providers must reference at least one SAML assertion issuer."
	)
	typed := func(declarations string) string {
		return strings.Replace(plain, "<!-- an identity provider -->", "<!DOCTYPE x ["+declarations+"]>", 1)
	}
	many := make([]string, maxMetadataAttributes)
	for i := range many {
		many[i] = fmt.Sprintf(`a%d=""`, i)
	}
	for name, c := range map[string]struct{ document, message string }{
		"nothing":          {"", unread},
		"no XML":           {strings.Repeat("x", 1000), unread},
		"cut off":          {plain[:len(plain)-10], unread},
		"something else":   {"<a>" + strings.Repeat("x", 1000) + "</a>", unread},
		"of no namespace":  {strings.Replace(plain, "SAML:2.0:metadata", "SAML:1.1:metadata", 1), unread},
		"two documents":    {plain + plain[strings.Index(plain, "-->")+3:], unread},
		"text behind":      {plain + "x", unread},
		"no UTF-8":         {strings.Replace(plain, "an identity", "\xff", 1), unread},
		"other characters": {strings.Replace(plain, "UTF-8", "UTF-16", 1), unread},
		"document type":    {typed(""), unread},
		"external entity":  {strings.Replace(typed(`<!ENTITY e SYSTEM "file:///etc/passwd">`), "https://idp.example.com/sso", "&e;", 1), unread},
		"bomb": {strings.Replace(typed(`<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">`),
			"https://idp.example.com/sso", "&c;", 1), unread},
		"unknown entity":   {strings.Replace(plain, "https://idp.example.com/sso", "&e;", 1), unread},
		"twice read":       {strings.Replace(plain, "<md:NameIDFormat>", `<::x/><md:NameIDFormat>`, 1), unread},
		"attribute twice":  {metadata(entityID+` entityID="https://other.example.com/"`, key), unread},
		"many attributes":  {metadata(entityID+" "+strings.Join(many, " "), key), unread},
		"deep":             {strings.Replace(plain, "<md:NameIDFormat>", strings.Repeat("<a>", maxMetadataDepth)+strings.Repeat("</a>", maxMetadataDepth)+"<md:NameIDFormat>", 1), unread},
		"many elements":    {strings.Replace(plain, "<md:NameIDFormat>", strings.Repeat("<a/>", maxMetadataTokens/2)+"<md:NameIDFormat>", 1), unread},
		"no name":          {metadata("", key), unread},
		"long name":        {metadata(`entityID="`+strings.Repeat("x", maxEntityID+1)+`"`, key), unread},
		"no certificate":   {metadata(entityID, ""), unread},
		"none for signing": {metadata(entityID, keyDescriptor("encryption", der)), unread},
		"bad base64":       {metadata(entityID, keyDescriptor("signing", "*")), unread},
		"bad DER":          {metadata(entityID, key+keyDescriptor("signing", "AAAA")), unread},
		"bad time":         {metadata(entityID+` validUntil="tomorrow"`, key), unread},
		"bad location":     {strings.Replace(plain, "https://idp.example.com/sso", "javascript:x", 1), unread},
		"service provider": {service, noIssuer},
		"an empty group":   {inside(), noIssuer},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadSAMLMetadata(c.document)
			refused(t, err, CodeInvalidInput, c.message)
		})
	}
}

// FuzzSAMLMetadata: no document panics, and what is taken once is taken again.
func FuzzSAMLMetadata(f *testing.F) {
	f.Add(metadata(entityID, keyDescriptor("signing", "AAAA")))
	f.Add(`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><Signature><Child/><Attr><Key>x</Key></Attr></Signature></EntitiesDescriptor>`)
	f.Add(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" cacheDuration="P1Y"><Signature><Child><a/></Child></Signature></EntityDescriptor>`)
	f.Fuzz(func(t *testing.T, document string) {
		m, err := ReadSAMLMetadata(document)
		if err != nil {
			return
		}
		if again, err := ReadSAMLMetadata(m.document); err != nil || !again.until.Equal(m.until) {
			t.Errorf("taken, and then %v", err)
		}
	})
}

// BenchmarkSAMLMetadata is a document as long as the door admits, of as many
// elements as are read.
func BenchmarkSAMLMetadata(b *testing.B) {
	document := metadata(entityID, strings.Repeat(`<md:x a="&lt;" b="c">`+strings.Repeat("y", 70)+`</md:x>`, maxMetadataTokens/3-20))
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		if _, err := ReadSAMLMetadata(document); err == nil {
			b.Fatal("no certificate, and taken")
		}
	}
}
