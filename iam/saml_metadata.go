package iam

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crewjam/saml"
	roundtrip "github.com/mattermost/xml-roundtrip-validator"
)

// Bounds on a metadata document, far above what identity providers write, so
// that looking at one stays linear.
const (
	maxMetadataDepth      = 64
	maxMetadataAttributes = 64 // of one element
	maxMetadataTokens     = 1 << 15
	maxEntityID           = 1024 // characters, as the standard has it
)

// SAMLMetadata is a metadata document that was read and found to describe an
// identity provider. Only ReadSAMLMetadata makes one.
type SAMLMetadata struct {
	document string
	until    time.Time // zero when the document has no end
}

var errMetadata = errors.New("not the metadata of an identity provider")

// ReadSAMLMetadata reads a metadata document, which takes time in proportion to
// its length: call it outside of drafts. What is no document, or a trap (a
// document type, entities, XML that programs read in different ways), is
// InvalidInput. As with AWS, neither the document nor its certificates need be
// valid still.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html
func ReadSAMLMetadata(document string) (*SAMLMetadata, error) {
	refusal := Errorf(CodeInvalidInput, "Could not parse metadata")
	entities, until, err := readEntities(document)
	if err != nil {
		refusal.Err = err
		return nil, refusal
	}
	issuers := 0
	for i := range entities {
		e := &entities[i]
		until = earlier(until, e.ValidUntil)
		for j := range e.IDPSSODescriptors {
			if err := checkIssuer(e, &e.IDPSSODescriptors[j]); err != nil {
				refusal.Err = err
				return nil, refusal
			}
			until = earlier(until, deref(e.IDPSSODescriptors[j].ValidUntil))
			issuers++
		}
	}
	if issuers == 0 {
		return nil, Errorf(CodeInvalidInput, "SAML Providers must reference at least one SAML assertion issuer.")
	}
	return &SAMLMetadata{document: document, until: until.UTC().Truncate(time.Second)}, nil
}

// readEntities gives the entities of a document: its only one, or those of the
// group that it is, with the group's end.
func readEntities(document string) ([]saml.EntityDescriptor, time.Time, error) {
	document = strings.TrimPrefix(document, "\ufeff")
	root, err := ScanXML(document)
	if err != nil {
		return nil, time.Time{}, err
	}
	if err := roundtrip.Validate(strings.NewReader(document)); err != nil {
		return nil, time.Time{}, err
	}
	if root.Local == "EntitiesDescriptor" {
		var group saml.EntitiesDescriptor
		if err := xml.Unmarshal([]byte(document), &group); err != nil {
			return nil, time.Time{}, err
		}
		return group.EntityDescriptors, deref(group.ValidUntil), nil
	}
	var one saml.EntityDescriptor
	if err := xml.Unmarshal([]byte(document), &one); err != nil {
		return nil, time.Time{}, err
	}
	return []saml.EntityDescriptor{one}, time.Time{}, nil
}

// ScanXML walks a document before anything is built of it, and names its root:
// one element, in UTF-8, with no document type (so no entities of its own), not
// too long or too deep, no attribute twice.
func ScanXML(document string) (root xml.Name, err error) {
	if !utf8.ValidString(document) {
		return root, errMetadata
	}
	d := xml.NewDecoder(strings.NewReader(document))
	depth, roots := 0, 0
	for tokens := 0; ; tokens++ {
		token, err := d.Token()
		if err == io.EOF && roots == 1 {
			return root, nil
		}
		if err != nil {
			return root, err
		}
		if tokens >= maxMetadataTokens {
			return root, errMetadata
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				root = t.Name
				roots++
			}
			depth++
			if roots > 1 || depth > maxMetadataDepth || !distinct(t.Attr) {
				return root, errMetadata
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return root, errMetadata
			}
		case xml.Directive:
			return root, errMetadata
		}
	}
}

func distinct(attributes []xml.Attr) bool {
	if len(attributes) > maxMetadataAttributes {
		return false
	}
	seen := make(map[xml.Name]bool, len(attributes))
	for _, a := range attributes {
		if seen[a.Name] {
			return false
		}
		seen[a.Name] = true
	}
	return true
}

// checkIssuer: an issuer has a name, and at least one certificate to verify its
// assertions by; every certificate can be read.
func checkIssuer(e *saml.EntityDescriptor, d *saml.IDPSSODescriptor) error {
	if e.EntityID == "" || utf8.RuneCountInString(e.EntityID) > maxEntityID {
		return errMetadata
	}
	signing := 0
	for _, key := range d.KeyDescriptors {
		for _, c := range key.KeyInfo.X509Data.X509Certificates {
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(c.Data), ""))
			if err != nil {
				return err
			}
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				return err
			}
			if public, ok := cert.PublicKey.(*rsa.PublicKey); ok && public.N.BitLen() > maxRSABits {
				return errMetadata
			}
			if key.Use == "" || key.Use == "signing" {
				signing++
			}
		}
	}
	if signing == 0 {
		return errMetadata
	}
	return nil
}

// earlier is the earlier of two times, of which zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
