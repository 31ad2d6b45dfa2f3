package saml

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/beevik/etree"
	roundtrip "github.com/mattermost/xml-roundtrip-validator"
	dsig "github.com/russellhaering/goxmldsig"

	"iamd/iam"
)

const (
	nsProtocol   = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion  = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsSignature  = dsig.Namespace
	nsEncryption = "http://www.w3.org/2001/04/xmlenc#"

	statusSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success"

	// maxDocument bounds a document, in bytes; AWS takes 100,000 characters of
	// base64.
	maxDocument = 75_000
	// maxPrefixes bounds the prefixes of a document: canonical forms look through
	// all of them at each element.
	maxPrefixes = 64
)

// Response is a response that was read and of which nothing is verified.
type Response struct {
	root      *etree.Element
	assertion *etree.Element // as it came
	encrypted bool
}

// Encrypted tells whether the assertion must be decrypted, which takes long.
func (r *Response) Encrypted() bool { return r.encrypted }

// Read reads a response in base64, in time that grows with its length. It is
// refused unless it has exactly one assertion, and nothing in it stands where
// two readers could take it for two things.
func Read(encoded string) (*Response, error) {
	document, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, invalid(textBase64, err)
	}
	root, err := parse(string(document))
	if err != nil {
		return nil, invalid(textMalformed, err)
	}
	if !is(root, nsProtocol, "Response") || value(root, "Version") != "2.0" {
		return nil, invalid(textMalformed, errors.New("saml: not a response of SAML 2.0"))
	}
	found, err := look(root)
	if err != nil {
		return nil, invalid(textMalformed, err)
	}
	if err := checkStatus(root); err != nil {
		return nil, err
	}
	r := &Response{root: root}
	switch {
	case len(found.assertions) == 1 && len(found.encrypted) == 0:
		r.assertion = found.assertions[0]
	case len(found.assertions) == 0 && len(found.encrypted) == 1:
		r.assertion, r.encrypted = found.encrypted[0], true
	default:
		return nil, invalid(textOne, nil)
	}
	if r.assertion.Parent() != root {
		return nil, invalid(textOne, errors.New("saml: the assertion is not the response's own"))
	}
	if err := found.checkSignatures(root, r.assertion); err != nil {
		return nil, invalid(textSignature, err)
	}
	return r, nil
}

// parse makes a tree of a document that all readers read alike.
func parse(document string) (*etree.Element, error) {
	if len(document) > maxDocument {
		return nil, errors.New("saml: the document is too long")
	}
	document = strings.TrimPrefix(document, "\ufeff")
	if _, err := iam.ScanXML(document); err != nil {
		return nil, err
	}
	if err := roundtrip.Validate(strings.NewReader(document)); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	if err := tree.ReadFromString(document); err != nil {
		return nil, err
	}
	if tree.Root() == nil {
		return nil, errors.New("saml: no element")
	}
	return tree.Root(), nil
}

// findings are the elements of a document that decide what it says.
type findings struct {
	ids, prefixes                     map[string]bool
	assertions, encrypted, signatures []*etree.Element
}

// look walks a whole document. It counts by local names, so that nothing hides
// in another namespace; and it refuses ids that could be read in two ways and
// processing instructions, which canonical forms keep and readers skip.
func look(root *etree.Element) (*findings, error) {
	f := &findings{ids: map[string]bool{}, prefixes: map[string]bool{}}
	return f, f.walk(root)
}

func (f *findings) walk(el *etree.Element) error {
	own := false
	for _, a := range el.Attr {
		if a.Space == "xmlns" {
			if f.prefixes[a.Key] = true; len(f.prefixes) > maxPrefixes {
				return errors.New("saml: too many prefixes")
			}
			continue
		}
		if !strings.EqualFold(a.Key, "ID") {
			continue
		}
		if own || a.Space != "" || a.Value == "" || f.ids[a.Value] {
			return errors.New("saml: an id stands twice, or is not a plain one")
		}
		own, f.ids[a.Value] = true, true
	}
	switch el.Tag {
	case "Assertion":
		f.assertions = append(f.assertions, el)
	case "EncryptedAssertion":
		f.encrypted = append(f.encrypted, el)
	case "Signature":
		f.signatures = append(f.signatures, el)
	}
	for _, child := range el.Child {
		switch child := child.(type) {
		case *etree.ProcInst:
			return errors.New("saml: a processing instruction")
		case *etree.Element:
			if err := f.walk(child); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSignatures: each signature is a child of one of the holders, and of each
// there is one at most.
func (f *findings) checkSignatures(holders ...*etree.Element) error {
	count := map[*etree.Element]int{}
	for _, s := range f.signatures {
		count[s.Parent()]++
		if !is(s, nsSignature, "Signature") || count[s.Parent()] > 1 {
			return errors.New("saml: a signature too many, or none that we know")
		}
	}
	for _, h := range holders {
		delete(count, h)
	}
	if len(count) > 0 {
		return errors.New("saml: a signature out of its place")
	}
	return nil
}

func checkStatus(root *etree.Element) error {
	status, err := only(root, nsProtocol, "Status")
	if err != nil {
		return invalid(textMalformed, err)
	}
	code, err := only(status, nsProtocol, "StatusCode")
	if err != nil {
		return invalid(textMalformed, err)
	}
	if value(code, "Value") != statusSuccess {
		return iam.Errorf(iam.CodeIDPRejectedClaim, textRejected)
	}
	return nil
}

// is tells whether an element has a name.
func is(el *etree.Element, space, tag string) bool {
	return el.Tag == tag && el.NamespaceURI() == space
}

// value is that of an attribute without a namespace.
func value(el *etree.Element, key string) string {
	for _, a := range el.Attr {
		if a.Space == "" && a.Key == key {
			return a.Value
		}
	}
	return ""
}

// all are the children of a name.
func all(el *etree.Element, space, tag string) (list []*etree.Element) {
	for _, child := range el.ChildElements() {
		if is(child, space, tag) {
			list = append(list, child)
		}
	}
	return list
}

// only is the child of a name of which there must be one.
func only(el *etree.Element, space, tag string) (*etree.Element, error) {
	list := all(el, space, tag)
	if len(list) != 1 {
		return nil, errors.New("saml: " + tag + " is not there once")
	}
	return list[0], nil
}

// text is all of an element's own text, whatever stands between its parts.
func text(el *etree.Element) string {
	var b strings.Builder
	for _, child := range el.Child {
		if data, ok := child.(*etree.CharData); ok {
			b.WriteString(data.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// dense is an element's text without white space, as base64 is written.
func dense(el *etree.Element) string { return strings.Join(strings.Fields(text(el)), "") }
