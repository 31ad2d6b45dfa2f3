package saml

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// The algorithms of signatures that are taken. SHA-1 is not among them: whether
// AWS still takes it, it does not say, and collisions of it can be bought.
// Canonical forms and transforms are those that SAML allows (core, 5.4.3 and 5.4.4).
var (
	signatureMethods = []string{
		dsig.RSASHA256SignatureMethod, dsig.RSASHA384SignatureMethod, dsig.RSASHA512SignatureMethod,
		dsig.ECDSASHA256SignatureMethod, dsig.ECDSASHA384SignatureMethod, dsig.ECDSASHA512SignatureMethod,
	}
	digestMethods = []string{
		"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512",
	}
	canonicalForms = []string{
		string(dsig.CanonicalXML10ExclusiveAlgorithmId), string(dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId),
	}
)

// signatureOf is the signature that stands in an element; nil for none.
func signatureOf(el *etree.Element) *etree.Element {
	for _, s := range all(el, nsSignature, "Signature") {
		return s
	}
	return nil
}

// verify gives the element that the signature in el covers, made of the very
// bytes that were hashed. One of the certificates must have signed it; whether
// they are valid still is not asked, as AWS does not ask it: the provider's
// administrator put them there.
func verify(el *etree.Element, certificates []*x509.Certificate) (*etree.Element, error) {
	if err := checkShape(el); err != nil {
		return nil, err
	}
	around, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		return nil, err
	}
	signed, err := etreeutils.NSDetatch(around, el)
	if err != nil {
		return nil, err
	}
	// Neither key nor value is covered by the signature. The key is a hint only,
	// and the value is put into the form that the library reads.
	signature := signatureOf(signed)
	hint := ""
	for _, info := range all(signature, nsSignature, "KeyInfo") {
		for _, data := range all(info, nsSignature, "X509Data") {
			for _, c := range all(data, nsSignature, "X509Certificate") {
				hint = dense(c)
			}
		}
		signature.RemoveChild(info)
	}
	given, err := only(signature, nsSignature, "SignatureValue")
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(dense(given))
	if err != nil {
		return nil, err
	}
	err = errors.New("saml: no certificate to verify by")
	for _, c := range hinted(certificates, hint) {
		for len(given.Child) > 0 {
			given.RemoveChildAt(0)
		}
		given.CreateText(base64.StdEncoding.EncodeToString(asASN1(raw, c)))
		var covered *etree.Element
		if covered, err = verifyBy(signed, c); err == nil {
			if !is(covered, el.NamespaceURI(), el.Tag) || value(covered, "ID") != value(el, "ID") {
				return nil, errors.New("saml: the signature covers another element")
			}
			return covered, nil
		}
	}
	return nil, err
}

func verifyBy(el *etree.Element, c *x509.Certificate) (*etree.Element, error) {
	by := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{c}})
	by.Clock = dsig.NewFakeClockAt(c.NotBefore)
	return by.Validate(el)
}

// maxTried is how many certificates a signature that names none of them is tried
// by: each costs as much as a good one.
const maxTried = 32

// hinted is the certificate that a signature says it is by, if it is one of the
// list, or else the first of the list.
func hinted(list []*x509.Certificate, hint string) []*x509.Certificate {
	der, err := base64.StdEncoding.DecodeString(hint)
	for i, c := range list {
		if err == nil && slices.Equal(c.Raw, der) {
			return list[i : i+1]
		}
	}
	return list[:min(len(list), maxTried)]
}

// asASN1 is an ECDSA signature as Go verifies it: XML has the two numbers side
// by side. Any other stays as it is.
func asASN1(signature []byte, c *x509.Certificate) []byte {
	key, ok := c.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return signature
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	if len(signature) != 2*size {
		return signature
	}
	encoded, err := asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]),
	})
	if err != nil {
		return signature
	}
	return encoded
}

// checkShape: the signature in el is enveloped, and covers el by its id, whole,
// and nothing else.
func checkShape(el *etree.Element) error {
	id := value(el, "ID")
	signature := signatureOf(el)
	if signature == nil || id == "" {
		return errors.New("saml: nothing is signed")
	}
	for _, child := range signature.ChildElements() {
		if !is(child, nsSignature, "SignedInfo") && !is(child, nsSignature, "SignatureValue") && !is(child, nsSignature, "KeyInfo") {
			return errors.New("saml: the signature holds something else")
		}
	}
	info, err := only(signature, nsSignature, "SignedInfo")
	if err != nil {
		return err
	}
	reference, err := only(info, nsSignature, "Reference")
	if err != nil {
		return err
	}
	if value(reference, "URI") != "#"+id {
		return errors.New("saml: the signature refers to something else")
	}
	if err := checkTransforms(reference); err != nil {
		return err
	}
	for _, must := range []struct {
		in    *etree.Element
		tag   string
		among []string
	}{
		{info, "CanonicalizationMethod", canonicalForms}, {info, "SignatureMethod", signatureMethods}, {reference, "DigestMethod", digestMethods},
	} {
		method, err := only(must.in, nsSignature, must.tag)
		if err != nil {
			return err
		}
		if algorithm := value(method, "Algorithm"); !slices.Contains(must.among, algorithm) {
			return errors.New("saml: " + must.tag + " is none that is taken: " + strings.ToValidUTF8(algorithm, ""))
		}
	}
	return nil
}

func checkTransforms(reference *etree.Element) error {
	transforms, err := only(reference, nsSignature, "Transforms")
	if err != nil {
		return err
	}
	list := transforms.ChildElements()
	if len(list) != 2 || !is(list[0], nsSignature, "Transform") || !is(list[1], nsSignature, "Transform") ||
		value(list[0], "Algorithm") != string(dsig.EnvelopedSignatureAltorithmId) || !slices.Contains(canonicalForms, value(list[1], "Algorithm")) {
		return errors.New("saml: transforms other than the standard's")
	}
	return nil
}
