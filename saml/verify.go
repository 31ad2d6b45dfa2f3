package saml

import (
	"crypto/x509"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/beevik/etree"

	"iamd/iam"
)

const (
	bearer       = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	formatPrefix = "urn:oasis:names:tc:SAML:2.0:nameid-format:"

	// redeemWithin is AWS's bound on the age of an assertion.
	redeemWithin = 5 * time.Minute
	// clockSkew is how far a provider's clock may be ahead of ours. AWS publishes
	// none. Ends have no such grace: AWS was seen to refuse on the second.
	clockSkew = 5 * time.Minute

	audienceURN = "urn:amazon:webservices"
)

// endpoint is where AWS has assertions sent: its sign-in page, one for all
// regions or a region's, for everybody or for one provider by its unique id. A
// number after "#", which some providers need to tell accounts apart, is nothing.
// https://docs.aws.amazon.com/general/latest/gr/signin-service.html
var endpoint = regexp.MustCompile(`^https://(?:[a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}\.)?signin\.aws\.amazon\.com/(?:static/)?saml(?:/acs/([A-Za-z0-9]+))?(?:#[0-9]{1,4})?$`)

// isEndpoint tells whether an address is AWS's for a provider.
func isEndpoint(address string, t *iam.SAMLTrust) bool {
	m := endpoint.FindStringSubmatch(address)
	return m != nil && (m[1] == "" || m[1] == t.ID)
}

// Verify finds out what the provider says, as of now. It takes long for
// encrypted assertions.
func (r *Response) Verify(t *iam.SAMLTrust, now time.Time) (*Assertion, error) {
	issuer, el, err := r.signed(t)
	if err != nil {
		return nil, err
	}
	if t.EncryptedOnly && !r.encrypted {
		return nil, invalid(textPlain, nil)
	}
	if !now.Before(t.ValidUntil) {
		return nil, invalid(textMetadata, nil)
	}
	x, err := decode(el)
	if err != nil {
		return nil, invalid(textMalformed, err)
	}
	if strings.TrimSpace(x.Issuers[0].Text) != issuer {
		return nil, invalid(textIssuer, errors.New("saml: response and assertion are of two issuers"))
	}
	if d := value(r.root, "Destination"); d != "" && !isEndpoint(d, t) {
		return nil, invalid(textAudience, errors.New("saml: sent to somebody else"))
	}
	a := &Assertion{ID: x.ID, Issuer: issuer, attributes: x.attributes()}
	if err := a.setTimes(x, now); err != nil {
		return nil, err
	}
	if err := a.setSubject(x, t, now); err != nil {
		return nil, err
	}
	return a, checkAudience(x, t)
}

// signed gives the assertion as it was signed, and whose certificate says so.
func (r *Response) signed(t *iam.SAMLTrust) (issuer string, el *etree.Element, err error) {
	root, own := r.root, signatureOf(r.root) != nil
	said, err := issuerOf(r.root, r.encrypted)
	if err != nil {
		return "", nil, invalid(textMalformed, err)
	}
	if own {
		if said == "" { // which is against the standard, and told by the assertion
			if said, err = issuerOf(r.assertion, false); err != nil {
				return "", nil, invalid(textMalformed, err)
			}
		}
		certificates, err := certificatesOf(t, said)
		if err != nil {
			return "", nil, err
		}
		if root, err = verify(r.root, certificates); err != nil {
			return "", nil, invalid(textSignature, err)
		}
	}
	el = r.assertion
	if r.encrypted {
		// One text for everything that may come of what was decrypted.
		if el, err = r.decrypted(root, t); err != nil {
			return "", nil, invalid(textSignature, err)
		}
	}
	named, err := issuerOf(el, false)
	if err == nil && said != "" && named != said {
		err = errors.New("saml: response and assertion are of two issuers")
	}
	var certificates []*x509.Certificate
	if err == nil {
		certificates, err = certificatesOf(t, named)
	}
	if err != nil {
		if r.encrypted {
			return "", nil, invalid(textSignature, err)
		}
		return "", nil, invalid(textIssuer, err)
	}
	switch {
	case signatureOf(el) != nil:
		if el, err = verify(el, certificates); err != nil {
			return "", nil, invalid(textSignature, err)
		}
	case !own:
		return "", nil, invalid(textSignature, errors.New("saml: nothing is signed"))
	case !r.encrypted:
		if el, err = only(root, nsAssertion, "Assertion"); err != nil {
			return "", nil, invalid(textSignature, err)
		}
	}
	return named, el, nil
}

// decrypted reads the encrypted assertion of a response, as if it had come in
// its place.
func (r *Response) decrypted(root *etree.Element, t *iam.SAMLTrust) (*etree.Element, error) {
	sealed, err := only(root, nsAssertion, "EncryptedAssertion")
	if err != nil {
		return nil, err
	}
	keys, err := t.Keys()
	if err != nil {
		return nil, err
	}
	plain, err := decrypt(sealed, keys)
	if err != nil {
		return nil, err
	}
	el, err := parse(plain)
	if err != nil {
		return nil, err
	}
	found, err := look(el)
	if err != nil {
		return nil, err
	}
	if !is(el, nsAssertion, "Assertion") || len(found.assertions) != 1 || len(found.encrypted) != 0 {
		return nil, errors.New("saml: not one assertion")
	}
	return el, found.checkSignatures(el)
}

// issuerOf is the issuer that an element names. A response need not name one
// unless it must be known before its assertion is.
func issuerOf(el *etree.Element, must bool) (string, error) {
	list := all(el, nsAssertion, "Issuer")
	switch {
	case len(list) == 1:
		return text(list[0]), nil
	case len(list) == 0 && !must && el.Tag == "Response":
		return "", nil
	default:
		return "", errors.New("saml: not one issuer")
	}
}

// certificatesOf are those that an issuer signs by; the provider must know it.
func certificatesOf(t *iam.SAMLTrust, issuer string) (list []*x509.Certificate, err error) {
	known := false
	for _, i := range t.Issuers {
		if i.EntityID == issuer {
			known, list = true, append(list, i.Certificates...)
		}
	}
	if !known {
		return nil, invalid(textIssuer, nil)
	}
	return list, nil
}

// setTimes holds an assertion to the time, and notes when it ends.
func (a *Assertion) setTimes(x *xmlAssertion, now time.Time) error {
	issued, err := instant(x.Issued)
	if err != nil {
		return err
	}
	switch {
	case issued.IsZero():
		return invalid(textMalformed, errors.New("saml: no time of issue"))
	case now.Add(clockSkew).Before(issued):
		return invalid(textEarly, nil)
	case now.After(issued.Add(redeemWithin)):
		return expired(textRedeem)
	}
	a.Expires = issued.Add(redeemWithin)
	for _, c := range x.Conditions {
		if err := a.within(c.NotBefore, c.NotOnOrAfter, now); err != nil {
			return err
		}
	}
	if len(x.Authn) == 0 {
		return invalid(textAuthn, nil)
	}
	for _, s := range x.Authn {
		end, err := instant(s.SessionEnd)
		if err != nil {
			return err
		}
		if end.IsZero() {
			continue
		}
		if !now.Before(end) {
			return expired(textExpired)
		}
		if a.SessionEnd.IsZero() || end.Before(a.SessionEnd) {
			a.SessionEnd = end
		}
	}
	return nil
}

// within holds the time to two bounds, either of which may be missing.
func (a *Assertion) within(notBefore, notOnOrAfter string, now time.Time) error {
	begin, err := instant(notBefore)
	if err != nil {
		return err
	}
	end, err := instant(notOnOrAfter)
	if err != nil {
		return err
	}
	if now.Add(clockSkew).Before(begin) {
		return invalid(textEarly, nil)
	}
	if end.IsZero() {
		return nil
	}
	if !now.Before(end) {
		return expired(textExpired)
	}
	if end.Before(a.Expires) {
		a.Expires = end
	}
	return nil
}

// setSubject reads who the assertion is of, and that its bearer may use it with us.
func (a *Assertion) setSubject(x *xmlAssertion, t *iam.SAMLTrust, now time.Time) error {
	if len(x.Subjects) != 1 || len(x.Subjects[0].NameIDs) != 1 {
		return invalid(textSubject, nil)
	}
	name := x.Subjects[0].NameIDs[0]
	if a.Subject = strings.TrimSpace(name.Text); a.Subject == "" {
		return invalid(textSubject, nil)
	}
	a.Format = strings.TrimPrefix(name.Format, formatPrefix)
	list := x.Subjects[0].Confirmations
	if len(list) != 1 || list[0].Method != bearer || len(list[0].Data) != 1 {
		return invalid(textConfirmation, nil)
	}
	data := list[0].Data[0]
	if data.Recipient == "" || data.NotOnOrAfter == "" {
		return invalid(textConfirmation, nil)
	}
	if !isEndpoint(data.Recipient, t) {
		return invalid(textAudience, errors.New("saml: the recipient is somebody else"))
	}
	a.Recipient = data.Recipient
	return a.within(data.NotBefore, data.NotOnOrAfter, now)
}

// checkAudience: we are meant by every restriction, and there is one.
func checkAudience(x *xmlAssertion, t *iam.SAMLTrust) error {
	restricted := false
	for _, c := range x.Conditions {
		for _, r := range c.Restrictions {
			meant := false
			for _, audience := range r.Audiences {
				name := strings.TrimSpace(audience.Text)
				meant = meant || name == audienceURN || isEndpoint(name, t)
			}
			if !meant {
				return invalid(textAudience, nil)
			}
			restricted = true
		}
	}
	if !restricted {
		return invalid(textAudience, errors.New("saml: no audience"))
	}
	return nil
}
