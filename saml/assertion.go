package saml

import (
	"encoding/xml"
	"errors"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// Assertion is what a provider was found to say.
type Assertion struct {
	ID     string // of the provider's making: no other assertion of it has it
	Issuer string // the provider's name of itself
	// Subject is the person, by a name that Format tells the kind of, in AWS's
	// short form.
	Subject, Format string
	// Recipient is the place that the assertion is for, which AWS calls audience.
	Recipient string
	// Expires is when the assertion is not taken any more, SessionEnd when what
	// was given out for it must end; zero: the provider does not say.
	Expires, SessionEnd time.Time

	attributes map[string][]string
}

// The XML, by AWS's needs. Everything that must be there once is a list, so that
// a second one is seen.
type (
	xmlAssertion struct {
		XMLName    xml.Name       `xml:"urn:oasis:names:tc:SAML:2.0:assertion Assertion"`
		ID         string         `xml:"ID,attr"`
		Version    string         `xml:"Version,attr"`
		Issued     string         `xml:"IssueInstant,attr"`
		Issuers    []xmlText      `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
		Subjects   []xmlSubject   `xml:"urn:oasis:names:tc:SAML:2.0:assertion Subject"`
		Conditions []xmlCondition `xml:"urn:oasis:names:tc:SAML:2.0:assertion Conditions"`
		Authn      []struct {
			SessionEnd string `xml:"SessionNotOnOrAfter,attr"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AuthnStatement"`
		Statements []struct {
			Attributes []xmlAttribute `xml:"urn:oasis:names:tc:SAML:2.0:assertion Attribute"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeStatement"`
	}
	xmlText struct {
		Format string `xml:"Format,attr"`
		Text   string `xml:",chardata"`
	}
	xmlSubject struct {
		NameIDs       []xmlText `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		Confirmations []struct {
			Method string `xml:"Method,attr"`
			Data   []struct {
				NotBefore    string `xml:"NotBefore,attr"`
				NotOnOrAfter string `xml:"NotOnOrAfter,attr"`
				Recipient    string `xml:"Recipient,attr"`
			} `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmationData"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmation"`
	}
	xmlCondition struct {
		NotBefore    string `xml:"NotBefore,attr"`
		NotOnOrAfter string `xml:"NotOnOrAfter,attr"`
		Restrictions []struct {
			Audiences []xmlText `xml:"urn:oasis:names:tc:SAML:2.0:assertion Audience"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AudienceRestriction"`
	}
	xmlAttribute struct {
		Name   string `xml:"Name,attr"`
		Values []struct {
			Text string `xml:",chardata"`
			// A name may be a value, as eduPersonTargetedID's are.
			NameIDs []xmlText `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeValue"`
	}
)

// decode reads an element that was verified.
func decode(el *etree.Element) (*xmlAssertion, error) {
	tree := etree.NewDocument()
	tree.WriteSettings = etree.WriteSettings{CanonicalAttrVal: true, CanonicalEndTags: true, CanonicalText: true}
	tree.SetRoot(el.Copy())
	document, err := tree.WriteToBytes()
	if err != nil {
		return nil, err
	}
	var a xmlAssertion
	if err := xml.Unmarshal(document, &a); err != nil {
		return nil, err
	}
	if a.Version != "2.0" || a.ID == "" || len(a.Issuers) != 1 || len(a.Conditions) > 1 {
		return nil, errors.New("saml: not an assertion of SAML 2.0")
	}
	return &a, nil
}

// attributes are the values of each attribute, by its name to the letter.
func (a *xmlAssertion) attributes() map[string][]string {
	values := map[string][]string{}
	for _, s := range a.Statements {
		for _, attribute := range s.Attributes {
			for _, v := range attribute.Values {
				text := v.Text
				if len(v.NameIDs) == 1 {
					text = v.NameIDs[0].Text
				}
				values[attribute.Name] = append(values[attribute.Name], strings.TrimSpace(text))
			}
		}
	}
	return values
}

// instant reads a time; zero for none.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, invalid(textMalformed, err)
	}
	return t.UTC(), nil
}
