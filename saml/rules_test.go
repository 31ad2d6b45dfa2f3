package saml_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/saml"
	"iamd/saml/samltest"
)

const invalid, expired = "InvalidIdentityToken", "ExpiredTokenException"

// TestTimes: to the second.
func TestTimes(t *testing.T) {
	p, trust := idp(t)
	at := func(d time.Duration) time.Time { return clock.Add(d) }
	for name, c := range map[string]struct {
		change     func(a *samltest.Assertion)
		now        time.Time
		code, text string // "": good
	}{
		"at once":                    {now: clock},
		"within five minutes":        {now: at(5 * time.Minute)},
		"after five minutes":         {now: at(5*time.Minute + time.Second), code: expired, text: "Token must be redeemed within 5 minutes of issuance"},
		"their clock ahead":          {now: at(-5 * time.Minute), change: func(a *samltest.Assertion) { a.NotBefore = time.Time{} }},
		"their clock too far ahead":  {now: at(-5*time.Minute - time.Second), change: func(a *samltest.Assertion) { a.NotBefore = time.Time{} }, code: invalid, text: "Response is not valid yet"},
		"begin soon":                 {now: clock, change: func(a *samltest.Assertion) { a.NotBefore = at(5 * time.Minute) }},
		"begin later":                {now: clock, change: func(a *samltest.Assertion) { a.NotBefore = at(5*time.Minute + time.Second) }, code: invalid, text: "Response is not valid yet"},
		"before the end":             {now: at(59 * time.Second), change: func(a *samltest.Assertion) { a.NotOnOrAfter = at(time.Minute) }},
		"at the end":                 {now: at(time.Minute), change: func(a *samltest.Assertion) { a.NotOnOrAfter = at(time.Minute) }, code: expired, text: "Response has expired"},
		"before the confirmed end":   {now: at(59 * time.Second), change: func(a *samltest.Assertion) { a.ConfirmedUntil = at(time.Minute) }},
		"at the confirmed end":       {now: at(time.Minute), change: func(a *samltest.Assertion) { a.ConfirmedUntil = at(time.Minute) }, code: expired, text: "Response has expired"},
		"no bounds":                  {now: clock, change: func(a *samltest.Assertion) { a.NotBefore, a.NotOnOrAfter = time.Time{}, time.Time{} }},
		"before the session's end":   {now: at(59 * time.Second), change: func(a *samltest.Assertion) { a.SessionEnd = at(time.Minute) }},
		"at the session's end":       {now: at(time.Minute), change: func(a *samltest.Assertion) { a.SessionEnd = at(time.Minute) }, code: expired, text: "Response has expired"},
		"no issue":                   {now: clock, change: func(a *samltest.Assertion) { a.Issued = time.Time{} }, code: invalid, text: "Invalid SAML response"},
		"no time":                    {now: clock, change: func(a *samltest.Assertion) { a.Edit = replace(`IssueInstant="2026`, `IssueInstant="MMXXVI`) }, code: invalid, text: "Invalid SAML response"},
		"metadata valid":             {now: trust.ValidUntil.Add(-time.Second), change: func(a *samltest.Assertion) { shift(a, trust.ValidUntil) }},
		"metadata not valid anymore": {now: trust.ValidUntil, change: func(a *samltest.Assertion) { shift(a, trust.ValidUntil) }, code: invalid, text: "The metadata of the specified provider has expired"},
	} {
		a := p.Assertion(clock, role, provider)
		if c.change != nil {
			c.change(&a)
		}
		_, err := verify(p.Response(a, samltest.How{Assertion: true}), trust, c.now)
		if c.code != "" {
			refused(t, name, err, c.code, c.text)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []struct{ condition, confirmed, want time.Time }{
		{at(time.Hour), at(time.Hour), at(5 * time.Minute)}, {at(time.Minute), at(time.Hour), at(time.Minute)}, {at(time.Hour), at(time.Minute), at(time.Minute)},
	} {
		a := p.Assertion(clock, role, provider)
		a.NotOnOrAfter, a.ConfirmedUntil = c.condition, c.confirmed
		got, err := verify(p.Response(a, samltest.How{Assertion: true}), trust, clock)
		if err != nil || !got.Expires.Equal(c.want) {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
}

func replace(from, to string) func(string) string {
	return func(s string) string { return strings.Replace(s, from, to, 1) }
}

func shift(a *samltest.Assertion, to time.Time) {
	a.Issued, a.NotBefore, a.NotOnOrAfter, a.ConfirmedUntil = to.Add(-time.Minute), to.Add(-time.Minute), to.Add(time.Minute), to.Add(time.Minute)
}

// TestMeantForUs: issuer, subject, recipient, destination and audience.
func TestMeantForUs(t *testing.T) {
	p, trust := idp(t)
	const (
		audience     = "Response does not contain the required audience."
		confirmation = "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter"
		subject      = "SAML Assertion must contain a Subject with a NameID"
		issuer       = "Issuer not present in specified provider"
	)
	type change = func(a *samltest.Assertion)
	for name, c := range map[string]struct {
		change change
		text   string // "": good
	}{
		"a region's":          {func(a *samltest.Assertion) { a.Recipient, a.Destination = region("/saml"), region("/saml") }, ""},
		"of this provider":    {func(a *samltest.Assertion) { a.Recipient = region("/saml/acs/SAMLSPEXAMPLE") }, ""},
		"of another provider": {func(a *samltest.Assertion) { a.Recipient = region("/saml/acs/SAMLSPOTHER") }, audience},
		"numbered":            {func(a *samltest.Assertion) { a.Audiences = []string{samltest.Endpoint + "#12"} }, ""},
		"endpoint as audience": {func(a *samltest.Assertion) {
			a.Audiences = []string{"https://x.example.com", " " + samltest.Endpoint + " "}
		}, ""},
		"no destination":      {func(a *samltest.Assertion) { a.Destination = "" }, ""},
		"another destination": {func(a *samltest.Assertion) { a.Destination = "https://sp.example.com/saml" }, audience},
		"another recipient":   {func(a *samltest.Assertion) { a.Recipient = "https://sp.example.com/saml" }, audience},
		"a look-alike":        {func(a *samltest.Assertion) { a.Recipient = "https://signin.aws.amazon.com.example.com/saml" }, audience},
		"a longer one":        {func(a *samltest.Assertion) { a.Recipient = samltest.Endpoint + "/x" }, audience},
		"another scheme":      {func(a *samltest.Assertion) { a.Recipient = "http://signin.aws.amazon.com/saml" }, audience},
		"another host":        {func(a *samltest.Assertion) { a.Recipient = "https://evil.signin.aws.amazon.com/saml" }, audience},
		"another audience":    {func(a *samltest.Assertion) { a.Audiences = []string{"urn:amazon:webservice"} }, audience},
		"no audience":         {func(a *samltest.Assertion) { a.Audiences = nil }, audience},
		"two restrictions": {func(a *samltest.Assertion) {
			a.Edit = replace("</saml:Conditions>", "<saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction></saml:Conditions>")
		}, audience},
		"no recipient":       {func(a *samltest.Assertion) { a.Recipient = "" }, confirmation},
		"no end":             {func(a *samltest.Assertion) { a.ConfirmedUntil = time.Time{} }, confirmation},
		"holder of key":      {func(a *samltest.Assertion) { a.Method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key" }, confirmation},
		"two confirmations":  {func(a *samltest.Assertion) { a.Edit = doubled("saml:SubjectConfirmation") }, confirmation},
		"no confirmation":    {func(a *samltest.Assertion) { a.Edit = without("saml:SubjectConfirmation") }, confirmation},
		"no name":            {func(a *samltest.Assertion) { a.Subject = " " }, subject},
		"no subject":         {func(a *samltest.Assertion) { a.Edit = without("saml:Subject") }, subject},
		"two names":          {func(a *samltest.Assertion) { a.Edit = doubled("saml:NameID") }, subject},
		"no authentication":  {func(a *samltest.Assertion) { a.Edit = without("saml:AuthnStatement") }, "SAML Assertion must contain an AuthnStatement"},
		"another version":    {func(a *samltest.Assertion) { a.Edit = replace(`Version="2.0"`, `Version="1.1"`) }, "Invalid SAML response"},
		"two conditions":     {func(a *samltest.Assertion) { a.Edit = doubled("saml:Conditions") }, "Invalid SAML response"},
		"another issuer":     {func(a *samltest.Assertion) { a.Issuer = "https://idp.example.org/" }, issuer},
		"another case":       {func(a *samltest.Assertion) { a.Issuer = strings.ToUpper(entity) }, issuer},
		"no issuer within":   {func(a *samltest.Assertion) { a.Edit = without("saml:Issuer") }, issuer},
		"two issuers within": {func(a *samltest.Assertion) { a.Edit = doubled("saml:Issuer") }, issuer},
		"differing issuers":  {func(a *samltest.Assertion) { a.Edit = replace(entity, "https://idp.example.org/") }, issuer},
	} {
		a := p.Assertion(clock, role, provider)
		c.change(&a)
		how := samltest.How{Assertion: true}
		if strings.Contains(name, "within") { // whose signature would stand after the issuer
			how = samltest.How{Response: true}
		}
		_, err := verify(p.Response(a, how), trust, clock)
		if c.text != "" {
			refused(t, name, err, invalid, c.text)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Of two issuers of one provider, each signs by its own certificate.
	other := samltest.New(t, "https://idp.example.org/")
	trust.Issuers = append(trust.Issuers, trusted(other).Issuers...)
	a := other.Assertion(clock, role, provider)
	if _, err := verify(other.Response(a, samltest.How{Assertion: true}), trust, clock); err != nil {
		t.Error(err)
	}
	a = p.Assertion(clock, role, provider)
	_, err := verify(other.Response(a, samltest.How{Assertion: true}), trust, clock)
	refused(t, "the other's signature", err, invalid, "Response signature invalid")
}

func region(path string) string { return "https://eu-west-1.signin.aws.amazon.com" + path }

func element(s, tag string) string {
	begin, end := strings.Index(s, "<"+tag), strings.Index(s, "</"+tag+">")
	return s[begin : end+len("</"+tag+">")]
}

func doubled(tag string) func(string) string {
	return func(s string) string { return strings.Replace(s, element(s, tag), element(s, tag)+element(s, tag), 1) }
}

func without(tag string) func(string) string {
	return func(s string) string { return strings.Replace(s, element(s, tag), "", 1) }
}

// TestSession: AWS's attributes.
func TestSession(t *testing.T) {
	p, trust := idp(t)
	const name, source, tag = samltest.Attributes + "RoleSessionName", samltest.Attributes + "SourceIdentity", samltest.Attributes + "PrincipalTag:"
	read := func(attributes ...[]string) *saml.Assertion {
		t.Helper()
		a := p.Assertion(clock, role, provider)
		a.Attributes = attributes
		got, err := verify(p.Response(a, samltest.How{Assertion: true}), trust, clock)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	full := read([]string{name, " ada=,.@-_9+ "}, []string{source, "Ada"}, []string{samltest.Attributes + "SessionDuration", "1800"},
		[]string{tag + "team", "red & blue"[:3]}, []string{tag + "Cost Center", ""}, []string{samltest.Attributes + "TransitiveTagKeys", "team", "x"})
	got, err := full.Session()
	want := saml.Session{
		Name: "ada=,.@-_9+", Seconds: 1800, Source: "Ada", Transitive: []string{"team", "x"},
		Tags: []iam.Tag{{Key: "Cost Center"}, {Key: "team", Value: "red"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	same := func(what string, got, want time.Time) {
		t.Helper()
		if !got.Equal(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	same("end by duration", full.End(got, clock), clock.Add(30*time.Minute))
	full.SessionEnd = clock.Add(time.Minute)
	same("end by the provider", full.End(got, clock), clock.Add(time.Minute))
	same("no end", read([]string{name, "ada"}).End(saml.Session{}, clock), time.Time{})

	const (
		badName   = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
		badSource = `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`
		badEnd    = "SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200"
		badTag    = "PrincipalTag in AuthnResponse must have a key of 1 to 128 characters and one value of up to 256, of letters, numbers, spaces and _.:/=+-@"
	)
	for _, c := range []struct {
		attribute []string
		text      string
	}{
		{nil, "RoleSessionName is required in AuthnResponse"},
		{[]string{name, "a"}, badName}, {[]string{name, "Ada Lovelace"}, badName}, {[]string{name, strings.Repeat("a", 65)}, badName}, {[]string{name, "ada", "eve"}, badName},
		{[]string{name, "adä"}, badName}, {[]string{source, "a"}, badSource}, {[]string{source, "aws:ada"}, badSource}, {[]string{source, "ada", "eve"}, badSource},
		{[]string{samltest.Attributes + "SessionDuration", "899"}, badEnd}, {[]string{samltest.Attributes + "SessionDuration", "43201"}, badEnd},
		{[]string{samltest.Attributes + "SessionDuration", "1e3"}, badEnd}, {[]string{samltest.Attributes + "SessionDuration", "900", "900"}, badEnd},
		{[]string{tag, "x"}, badTag}, {[]string{tag + "x", "y", "z"}, badTag}, {[]string{tag + "x*", "y"}, badTag}, {[]string{tag + "x", "y;"}, badTag},
		{[]string{tag + strings.Repeat("x", 129), "y"}, badTag}, {[]string{tag + "x", strings.Repeat("ä", 257)}, badTag},
	} {
		list := [][]string{{name, "ada"}, c.attribute}
		if c.attribute == nil {
			list = nil
		} else if c.attribute[0] == name {
			list = list[1:]
		}
		_, err := read(list...).Session()
		refused(t, strings.Join(c.attribute, " "), err, invalid, c.text)
	}

	const another = "arn:aws:iam::123456789012:role/Writer"
	roles := read([]string{samltest.Attributes + "Role", "x", provider + " , " + role, another, another + "," + provider + "x"})
	if err := roles.Allows(role, provider); err != nil {
		t.Error(err)
	}
	for _, pair := range [][2]string{{another, provider}, {role, provider + "x"}, {"", ""}, {provider, provider}} {
		refused(t, pair[0], roles.Allows(pair[0], pair[1]), invalid, "SAML Assertion doesn't contain the requested Role and Metadata in the attributes")
	}
}

// TestKeys: the condition keys.
func TestKeys(t *testing.T) {
	p, trust := idp(t)
	a := p.Assertion(clock, role, provider)
	a.Attributes = [][]string{
		{"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff", "member"}, {"urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "ada@example.com", "second"},
		{"2.5.4.3", "second"}, {"http://schemas.xmlsoap.org/claims/CommonName", "Ada"}, {"urn:oid:0.0", "unknown"},
	}
	a.Edit = func(s string) string {
		return strings.Replace(s, "</saml:AttributeStatement>", `</saml:AttributeStatement><saml:AttributeStatement><saml:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10">`+
			`<saml:AttributeValue><saml:NameID>target</saml:NameID></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`, 1)
	}
	got, err := verify(p.Response(a, samltest.How{Assertion: true}), trust, clock)
	if err != nil {
		t.Fatal(err)
	}
	one := func(name, value string) saml.Key { return saml.Key{Name: "saml:" + name, Values: []string{value}} }
	want := []saml.Key{
		one("aud", samltest.Endpoint), one("iss", entity), one("sub", "ada@example.com"), one("namequalifier", got.NameQualifier("123456789012", "Corp")),
		one("doc", "123456789012/Corp"), one("sub_type", "persistent"),
		{Name: "saml:eduPersonAffiliation", Values: []string{"staff", "member"}, Many: true}, one("eduPersonPrincipalName", "ada@example.com"),
		{Name: "saml:eduPersonTargetedID", Values: []string{"target"}, Many: true}, one("commonName", "Ada"),
	}
	if diff := cmp.Diff(want, got.Keys("123456789012", "Corp")); diff != "" {
		t.Error(diff)
	}
	// SHA-1 of "https://example.com/saml123456789012/MySAMLIdP", by another program.
	const sum = "1uAJanUnBc2XeUkHURMht+xam2c="
	if q := (&saml.Assertion{Issuer: "https://example.com/saml"}).NameQualifier("123456789012", "MySAMLIdP"); q != sum {
		t.Errorf("name qualifier %q, want %q", q, sum)
	}
	if q := slices.IndexFunc(want, func(k saml.Key) bool { return k.Name == "saml:cn" }); q >= 0 {
		t.Error("a key of no attribute")
	}
}

// TestManyCertificates: a signature is verified by the certificate that it names,
// and, if it names none, by so many of the provider's and no more.
func TestManyCertificates(t *testing.T) {
	p, trust := idp(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other := samltest.With(t, entity, key).Cert
	document := p.Response(p.Assertion(clock, role, provider), samltest.How{Assertion: true})
	unnamed := regexp.MustCompile(`<ds:KeyInfo.*</ds:KeyInfo>`).ReplaceAllString(document, "")
	for _, before := range []int{0, 31, 32} {
		trust.Issuers[0].Certificates = append(slices.Repeat([]*x509.Certificate{other}, before), p.Cert)
		if _, err := verify(document, trust, clock); err != nil {
			t.Errorf("named, behind %d others: %v", before, err)
		}
		if _, err := verify(unnamed, trust, clock); (err == nil) != (before < 32) {
			t.Errorf("not named, behind %d others: %v", before, err)
		}
	}
}
