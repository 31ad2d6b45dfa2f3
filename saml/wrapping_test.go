package saml_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"iamd/saml/samltest"
)

// TestWrapping: what was signed is kept where a verifier finds it, and what
// Eve wrote is put where a reader looks. Known shapes have their usual numbers.
func TestWrapping(t *testing.T) {
	p, trust := idp(t)
	a := p.Assertion(clock, role, provider)
	byAssertion := p.Response(a, samltest.How{Assertion: true})
	signed := between(t, byAssertion, "saml:Assertion")
	signature := between(t, signed, "ds:Signature")
	bare := strings.Replace(signed, signature, "", 1)
	own := strings.Replace(bare, "ada@", "eve@", 1) // under the same id
	evil := strings.Replace(own, a.ID, samltest.NewID(), 1)
	in := func(parent, child string) string { // child at the end of parent
		at := strings.LastIndex(parent, "</")
		return parent[:at] + child + parent[at:]
	}
	afterIssuer := func(assertion, child string) string {
		return strings.Replace(assertion, "</saml:Issuer>", "</saml:Issuer>"+child, 1)
	}
	with := func(assertions ...string) string {
		return strings.Replace(byAssertion, signed, strings.Join(assertions, ""), 1)
	}

	byResponse := p.Response(a, samltest.How{Response: true})
	outer := between(t, byResponse, "ds:Signature")
	whole := strings.Replace(byResponse, outer, "", 1)
	id := strings.Split(strings.Split(byResponse, ` ID="`)[1], `"`)[0]
	forged := strings.Replace(strings.Replace(whole, "ada@", "eve@", 1), id, samltest.NewID(), 1)
	object := func(child string) string { return "<ds:Object>" + child + "</ds:Object>" }

	encrypted := between(t, p.Response(a, samltest.How{Assertion: true, For: &decryptionKey().PublicKey}), "saml:EncryptedAssertion")
	emptied := strings.Replace(signature, "#"+a.ID, "", 1)
	reference := between(t, signature, "ds:Reference")

	extensions := func(child string) string { return "<samlp:Extensions>" + child + "</samlp:Extensions>" }
	// What the provider itself signed, and what no good provider signs.
	odd := func(change func(info *etree.Element)) string {
		return p.Response(a, samltest.How{Assertion: true, Info: change})
	}
	const malformed, one, broken = "Invalid SAML response", "Response must contain exactly one assertion", "Response signature invalid"
	renamed := a
	renamed.Edit = strings.NewReplacer("<saml:Assertion ", `<old:Assertion xmlns:old="urn:oasis:names:tc:SAML:1.0:assertion" `, "</saml:Assertion>", "</old:Assertion>").Replace
	for text, documents := range map[string]map[string]string{
		one: {
			"1: the response in the signature":            afterIssuer(forged, in(outer, strings.Replace(strings.Replace(whole, id, "_a", 1), a.ID, "_b", 1))),
			"3: a second assertion before":                with(evil, signed),
			"3: behind":                                   with(signed, evil),
			"4: the assertion in another":                 with(in(evil, signed)),
			"5: the signature in another, the own behind": with(afterIssuer(evil, signature), bare),
			"6: the own in the signature in another":      with(afterIssuer(evil, in(signature, bare))),
			"7: another in extensions":                    with(extensions(evil), signed),
			"7: the own in extensions":                    with(extensions(signed), evil),
			"8: the own in an object":                     with(afterIssuer(evil, in(signature, object(bare)))),
			"the own in advice":                           with(in(evil, "<saml:Advice>"+signed+"</saml:Advice>")),
			"the own deeper":                              with(extensions(signed)),
			"another name":                                with(strings.ReplaceAll(evil, "saml:Assertion", "saml:assertion"), signed, strings.Replace(evil, ` ID="`, ` ID="_`, 1)),
			"another namespace":                           with(strings.Replace(signed, "SAML:2.0:assertion", "SAML:1.0:assertion", 1), evil),
			"encrypted and plain":                         with(encrypted, evil),
			"plain in encrypted":                          with(in(encrypted, evil)),
			"two encrypted":                               with(encrypted, encrypted),
		},
		malformed: {
			"1: the same ids, in an object":   afterIssuer(forged, in(outer, object(whole))),
			"2: the same ids, beside":         afterIssuer(forged, whole+outer),
			"the same id, before":             with(own, signed),
			"the same id, in an object":       with(afterIssuer(own, in(signature, object(bare)))),
			"the same id in another spelling": with(strings.Replace(afterIssuer(own, signature), ` ID="`, ` Id="`, 1), in("<x></x>", signed)),
			"the same id of something else":   strings.Replace(byAssertion, "<samlp:Status>", `<samlp:Status id="`+a.ID+`">`, 1),
			"two ids":                         strings.Replace(byAssertion, "<samlp:Status>", `<samlp:Status id="_1" ID="_2">`, 1),
			"an id of a namespace":            strings.Replace(byAssertion, "<samlp:Status>", `<samlp:Status xmlns:x="x" x:ID="_x">`, 1),
			"an id of a namespace, the same":  strings.Replace(byAssertion, `<samlp:Response `, `<samlp:Response xmlns:x="x" x:ID="`+a.ID+`" `, 1),
			"an id of XML's":                  strings.Replace(byAssertion, "<samlp:Status>", `<samlp:Status xml:id="_x">`, 1),
			"an empty id":                     strings.Replace(byAssertion, "<samlp:Status>", `<samlp:Status ID="">`, 1),
			"two alike":                       with(signed, signed),
		},
		broken: {
			"the same id, signed":                                     with(afterIssuer(own, signature)),
			"the signature over another":                              with(afterIssuer(evil, signature)),
			"a reference to everything":                               with(afterIssuer(evil, emptied)),
			"a reference to everything, of its own":                   with(afterIssuer(own, emptied)),
			"a second reference":                                      with(strings.Replace(afterIssuer(own, signature), reference, reference+strings.Replace(reference, a.ID, "x", 1), 1)),
			"the signature alone":                                     with(signature, evil),
			"the signature in the response":                           strings.Replace(with(evil), "<samlp:Status>", signature+"<samlp:Status>", 1),
			"another signature in extensions":                         with(extensions(signature), signed),
			"another signature deeper":                                with(in(signed, "<saml:Advice>"+signature+"</saml:Advice>")),
			"the response's over another":                             strings.Replace(byResponse, "ada@", "eve@", 1),
			"the response's in the assertion":                         strings.Replace(forged, "<saml:Subject>", outer+"<saml:Subject>", 1),
			"two signatures":                                          with(afterIssuer(signed, signature)),
			"an object":                                               with(strings.Replace(signed, signature, in(signature, object("")), 1)),
			"unsigned":                                                with(bare),
			"the response signed, the assertion of another namespace": p.Response(renamed, samltest.How{Response: true}),
			"unsigned, another's":                                     with(evil),
			"an empty signature":                                      with(afterIssuer(evil, `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>`)),
			"a signature of another namespace":                        with(afterIssuer(signed, `<Signature xmlns="x"/>`)),
			"no transforms":                                           with(strings.Replace(signed, between(t, signed, "ds:Transforms"), "", 1)),
			"transforms turned round, signed": odd(func(info *etree.Element) {
				transforms := info.FindElement("./Reference/Transforms")
				transforms.AddChild(transforms.RemoveChildAt(0))
			}),
			"a reference to everything, signed": odd(func(info *etree.Element) { info.FindElement("./Reference").CreateAttr("URI", "") }),
			"two references, signed": odd(func(info *etree.Element) {
				second := info.FindElement("./Reference").Copy()
				second.CreateAttr("URI", "#x")
				info.AddChild(second)
			}),
			"other canonical forms, signed": strings.Replace(byAssertion, signed, inclusive(t, p, bare), 1),
			"XSLT":                          with(strings.Replace(signed, "http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116", 1)),
			"HMAC":                          with(strings.Replace(signed, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1", 1)),
			"a second info": with(strings.Replace(signed, "</ds:SignedInfo>", "</ds:SignedInfo>"+
				strings.Replace(between(t, signed, "ds:SignedInfo"), a.ID, "x", 1), 1)),
		},
	} {
		for name, document := range documents {
			_, err := verify(document, trust, clock)
			refused(t, name, err, invalid, text)
		}
	}
	if got, err := verify(with(signed), trust, clock); err != nil || got.Subject != "ada@example.com" {
		t.Errorf("the good one: %+v, %v", got, err)
	}
}

// inclusive signs an assertion in a canonical form that SAML does not allow.
func inclusive(t *testing.T, p *samltest.IdP, assertion string) string {
	t.Helper()
	tree := etree.NewDocument()
	if err := tree.ReadFromString(assertion); err != nil {
		t.Fatal(err)
	}
	by, err := dsig.NewSigningContext(p.Key, [][]byte{p.Cert.Raw})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := by.SignEnveloped(tree.Root())
	if err != nil {
		t.Fatal(err)
	}
	tree.SetRoot(signed)
	text, err := tree.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestMalformed: what is no response, and what is a trap.
func TestMalformed(t *testing.T) {
	p, trust := idp(t)
	good := p.Response(p.Assertion(clock, role, provider), samltest.How{Assertion: true})
	typed := func(declarations, use string) string {
		return "<!DOCTYPE x [" + declarations + "]>" + strings.Replace(good, "ada@", use+"ada@", 1)
	}
	const malformed, one = "Invalid SAML response", "Response must contain exactly one assertion"
	var prefixes strings.Builder
	for i := range 65 {
		fmt.Fprintf(&prefixes, "<a xmlns:p%d='x'/>", i)
	}
	for name, c := range map[string]struct{ document, text string }{
		"prefixes":           {strings.Replace(good, "<samlp:Status>", prefixes.String()+"<samlp:Status>", 1), malformed},
		"nothing":            {"", malformed},
		"no XML":             {"hello", malformed},
		"cut off":            {good[:len(good)-5], malformed},
		"two documents":      {good + good, malformed},
		"an assertion alone": {between(t, good, "saml:Assertion"), malformed},
		"another protocol":   {strings.ReplaceAll(good, "SAML:2.0:protocol", "SAML:1.1:protocol"), malformed},
		"another version":    {strings.Replace(good, `Version="2.0"`, `Version="1.1"`, 1), malformed},
		"document type":      {typed("", ""), malformed},
		"entity":             {typed(`<!ENTITY e SYSTEM "file:///etc/passwd">`, "&e;"), malformed},
		"unknown entity":     {strings.Replace(good, "ada@", "&e;@", 1), malformed},
		"bomb":               {typed(`<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">`, "&c;"), malformed},
		"other characters":   {`<?xml version="1.0" encoding="UTF-16"?>` + good, malformed},
		"no UTF-8":           {strings.Replace(good, "ada@", "\xff@", 1), malformed},
		"deep":               {strings.Repeat("<a>", 10000) + strings.Repeat("</a>", 10000), malformed},
		"long":               {good + strings.Repeat(" ", 75_000), malformed},
		"twice read":         {strings.Replace(good, "<samlp:Status>", "<::x/><samlp:Status>", 1), malformed},
		"attribute twice":    {strings.Replace(good, `Version="2.0"`, `Version="2.0" Version="2.0"`, 1), malformed},
		"no status":          {strings.Replace(good, between(t, good, "samlp:Status"), "", 1), malformed},
		"two issuers":        {strings.Replace(good, "<samlp:Status>", `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">x</saml:Issuer><samlp:Status>`, 1), malformed},
		"an instruction":     {strings.Replace(good, "<samlp:Status>", "<?php x?><samlp:Status>", 1), malformed},
		"no assertion":       {strings.Replace(good, between(t, good, "saml:Assertion"), "", 1), one},
	} {
		_, err := verify(c.document, trust, clock)
		refused(t, name, err, "InvalidIdentityToken", c.text)
	}
	_, err := verify(strings.Replace(good, ":status:Success", ":status:Responder", 1), trust, clock)
	refused(t, "rejected", err, "IDPRejectedClaim", "The identity provider reported that the authentication failed")
}
