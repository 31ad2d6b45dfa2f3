package samltest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// IdP is an identity provider with a key of its own.
type IdP struct {
	EntityID string
	Key      crypto.Signer
	Cert     *x509.Certificate

	t testing.TB
}

// New makes an identity provider. Its certificate has long expired, which AWS
// does not mind.
func New(t testing.TB, entityID string) *IdP {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return With(t, entityID, key)
}

// With makes one that signs with a key.
func With(t testing.TB, entityID string, key crypto.Signer) *IdP {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: entityID}, NotBefore: time.Unix(1e9, 0), NotAfter: time.Unix(1e9+1, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &IdP{EntityID: entityID, Key: key, Cert: cert, t: t}
}

// Metadata is the provider's metadata document; attributes are added to its root.
func (p *IdP) Metadata(attributes string) string {
	return `<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + p.EntityID + `" ` + attributes + `>
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(p.Cert.Raw) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
  </IDPSSODescriptor>
  <!--` + strings.Repeat(" ", 1000) + `-->
</EntityDescriptor>`
}

// Names of AWS's attributes.
const Attributes = "https://aws.amazon.com/SAML/Attributes/"

// Endpoint is AWS's sign-in page.
const Endpoint = "https://signin.aws.amazon.com/saml"

// Assertion is an assertion by its parts; a zero time, and an empty text, is left
// out.
type Assertion struct {
	ID, Issuer, Subject, Format                                 string
	Method, Recipient, Destination                              string
	Issued, NotBefore, NotOnOrAfter, ConfirmedUntil, SessionEnd time.Time
	Audiences                                                   []string
	Attributes                                                  [][]string // name, then values
	// Edit changes the assertion's text before it is signed; nil does not.
	Edit func(string) string
}

// Assertion is a good one as of now, of Ada, for a role.
func (p *IdP) Assertion(now time.Time, role, provider string) Assertion {
	return Assertion{
		ID: NewID(), Issuer: p.EntityID, Subject: "ada@example.com", Format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
		Method: "urn:oasis:names:tc:SAML:2.0:cm:bearer", Recipient: Endpoint, Destination: Endpoint,
		Issued: now, NotBefore: now.Add(-time.Minute), NotOnOrAfter: now.Add(10 * time.Minute), ConfirmedUntil: now.Add(10 * time.Minute),
		Audiences: []string{"urn:amazon:webservices"},
		Attributes: [][]string{
			{Attributes + "Role", role + "," + provider},
			{Attributes + "RoleSessionName", "ada"},
		},
	}
}

// NewID makes an id that nothing else has.
func NewID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails
	return "_" + hex.EncodeToString(b)
}

func attribute(name, value string) string {
	if value == "" {
		return ""
	}
	return " " + name + `="` + value + `"`
}

func stamp(name string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return attribute(name, t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// XML is the assertion's text, unsigned.
func (a Assertion) XML() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" `+
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Version="2.0"%s%s><saml:Issuer>%s</saml:Issuer>`,
		attribute("ID", a.ID), stamp("IssueInstant", a.Issued), a.Issuer)
	fmt.Fprintf(&b, `<saml:Subject><saml:NameID%s>%s</saml:NameID><saml:SubjectConfirmation%s><saml:SubjectConfirmationData%s%s/></saml:SubjectConfirmation></saml:Subject>`,
		attribute("Format", a.Format), a.Subject, attribute("Method", a.Method), stamp("NotOnOrAfter", a.ConfirmedUntil), attribute("Recipient", a.Recipient))
	fmt.Fprintf(&b, `<saml:Conditions%s%s>`, stamp("NotBefore", a.NotBefore), stamp("NotOnOrAfter", a.NotOnOrAfter))
	if len(a.Audiences) > 0 {
		b.WriteString("<saml:AudienceRestriction>")
		for _, name := range a.Audiences {
			b.WriteString("<saml:Audience>" + name + "</saml:Audience>")
		}
		b.WriteString("</saml:AudienceRestriction>")
	}
	fmt.Fprintf(&b, `</saml:Conditions><saml:AuthnStatement%s%s><saml:AuthnContext><saml:AuthnContextClassRef>`+
		`urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>`,
		stamp("AuthnInstant", a.Issued), stamp("SessionNotOnOrAfter", a.SessionEnd))
	for _, list := range a.Attributes {
		b.WriteString(`<saml:Attribute Name="` + list[0] + `">`)
		for _, v := range list[1:] {
			b.WriteString(`<saml:AttributeValue xsi:type="xs:string">` + v + `</saml:AttributeValue>`)
		}
		b.WriteString("</saml:Attribute>")
	}
	b.WriteString("</saml:AttributeStatement></saml:Assertion>")
	if a.Edit != nil {
		return a.Edit(b.String())
	}
	return b.String()
}

// How says how a response is signed and encrypted.
type How struct {
	Response, Assertion bool   // what is signed
	Method              string // of the signature; "" is RSA with SHA-256
	// Info changes what is signed, the SignedInfo; nil does not.
	Info       func(*etree.Element)
	For        *rsa.PublicKey
	Encryption Encryption // when For is set
}

// Response is a response's text with an assertion in it.
func (p *IdP) Response(a Assertion, how How) string {
	p.t.Helper()
	assertion := p.element(a.XML())
	if how.Assertion {
		assertion = p.Sign(assertion, how)
	}
	tree := etree.NewDocument()
	tree.SetRoot(assertion)
	body := p.text(tree)
	if how.For != nil {
		body = p.Encrypt(body, how.For, how.Encryption)
	}
	response := p.element(p.Wrap(a, body))
	if how.Response {
		response = p.Sign(response, how)
	}
	tree = etree.NewDocument()
	tree.SetRoot(response)
	return p.text(tree)
}

// Wrap puts text into a response.
func (p *IdP) Wrap(a Assertion, body string) string {
	return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0"` + attribute("ID", NewID()) + stamp("IssueInstant", a.Issued) +
		attribute("Destination", a.Destination) + `><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">` + a.Issuer + `</saml:Issuer>` +
		`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + body + `</samlp:Response>`
}

// Sign puts an enveloped signature after an element's issuer.
func (p *IdP) Sign(el *etree.Element, how How) *etree.Element {
	p.t.Helper()
	by, err := dsig.NewSigningContext(p.Key, [][]byte{p.Cert.Raw})
	if err != nil {
		p.t.Fatal(err)
	}
	by.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("xs")
	if how.Method != "" {
		if err := by.SetSignatureMethod(how.Method); err != nil {
			p.t.Fatal(err)
		}
	}
	signature, err := by.ConstructSignature(el, true)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, transform := range signature.FindElements(".//Transform") {
		if strings.HasSuffix(transform.SelectAttrValue("Algorithm", ""), "enveloped-signature") {
			continue
		}
		// goxmldsig uses its prefix list and does not write it.
		list := transform.CreateElement("ec:InclusiveNamespaces")
		list.CreateAttr("xmlns:ec", "http://www.w3.org/2001/10/xml-exc-c14n#")
		list.CreateAttr("PrefixList", "xs")
	}
	if how.Info != nil {
		how.Info(signature.FindElement("./SignedInfo"))
	}
	p.again(by, signature)
	signed := el.Copy()
	signed.InsertChildAt(signed.ChildElements()[0].Index()+1, signature)
	return signed
}

// again signs the signature's info anew, after a change.
func (p *IdP) again(by *dsig.SigningContext, signature *etree.Element) {
	p.t.Helper()
	info := signature.FindElement("./SignedInfo").Copy()
	info.CreateAttr("xmlns:ds", dsig.Namespace)
	canonical, err := by.Canonicalizer.Canonicalize(info)
	if err != nil {
		p.t.Fatal(err)
	}
	value, err := by.SignString(string(canonical))
	if err != nil {
		p.t.Fatal(err)
	}
	signature.FindElement("./SignatureValue").SetText(base64.StdEncoding.EncodeToString(value))
}

func (p *IdP) element(text string) *etree.Element {
	p.t.Helper()
	tree := etree.NewDocument()
	if err := tree.ReadFromString(text); err != nil {
		p.t.Fatalf("%v in %s", err, text)
	}
	return tree.Root()
}

func (p *IdP) text(tree *etree.Document) string {
	p.t.Helper()
	s, err := tree.WriteToString()
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// Encode is a response as it is sent.
func Encode(document string) string { return base64.StdEncoding.EncodeToString([]byte(document)) }
