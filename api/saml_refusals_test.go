package api_test

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/saml/samltest"
	"iamd/server"
)

func nameQualifier(s string) string {
	sum := sha1.Sum([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// noise is text that does not compress, as long as a tag's value may be.
func noise(i int) string {
	var b strings.Builder
	for j := range 9 {
		b.WriteString(nameQualifier(fmt.Sprint(i, j)))
	}
	return b.String()
}

// serving is a world over a server that the test closes itself.
func serving(t *testing.T, s *server.Server) *world {
	t.Helper()
	front := httptest.NewServer(s.Handler())
	t.Cleanup(front.Close)
	return &world{server: s, url: front.URL}
}

// TestSAMLRefusals: AWS's codes and texts, and its order.
func TestSAMLRefusals(t *testing.T) {
	w := newSAMLWorld(t)
	other := w.account(t)
	untrusting := trustsWeb(t, w.root, "closed", w.provider)
	stranger := samltest.New(t, samlEntity)
	now := time.Now()
	absent := "arn:aws:iam::" + w.root.Account + ":role/absent"
	unheld := "arn:aws:iam::000000000000"
	of := func(role, provider string) string {
		return samltest.Encode(w.idp.Response(w.idp.Assertion(now, role, provider), samltest.How{Assertion: true}))
	}
	edited := func(f func(*samltest.Assertion)) string { return w.good(f) }
	var tags []func(*samltest.Assertion)
	for i := range 51 {
		tags = append(tags, said(fmt.Sprint(samltest.Attributes, "PrincipalTag:", i), "x"))
	}
	const (
		invalid, expired, denied = "InvalidIdentityToken", "ExpiredTokenException", "AccessDenied"
		notAuthorized            = "Not authorized to perform sts:AssumeRoleWithSAML"
		noProvider               = "Specified provider doesn't exist"
	)
	for name, c := range map[string]struct {
		in         *sts.AssumeRoleWithSAMLInput
		code, text string
	}{
		"no base64":                {samlCall(w.role, w.provider, "****"), invalid, "Invalid base64 SAMLResponse"},
		"no XML":                   {samlCall(w.role, w.provider, samltest.Encode("hello")), invalid, "Invalid SAML response"},
		"a role's ARN for another": {samlCall(w.provider, w.role, w.good()), "ValidationError", "Request ARN is invalid"},
		"no provider's ARN":        {samlCall(w.role, w.role, w.good()), "ValidationError", "Request ARN is invalid"},
		"no provider":              {samlCall(w.role, w.provider+"x", w.good()), invalid, noProvider},
		"no account":               {samlCall(unheld+":role/reader", unheld+":saml-provider/Corp", w.good()), invalid, noProvider},
		"another account's role":   {samlCall("arn:aws:iam::"+other.Account+":role/reader", w.provider, w.good()), denied, notAuthorized},
		"a stranger's":             {samlCall(w.role, w.provider, samltest.Encode(stranger.Response(stranger.Assertion(now, w.role, w.provider), samltest.How{Response: true}))), invalid, "Response signature invalid"},
		"unsigned":                 {samlCall(w.role, w.provider, samltest.Encode(w.idp.Response(w.idp.Assertion(now, w.role, w.provider), samltest.How{}))), invalid, "Response signature invalid"},
		"another issuer":           {samlCall(w.role, w.provider, edited(func(a *samltest.Assertion) { a.Issuer += "x" })), invalid, "Issuer not present in specified provider"},
		"rejected": {samlCall(w.role, w.provider, samltest.Encode(strings.Replace(w.idp.Response(w.idp.Assertion(now, w.role, w.provider), samltest.How{Assertion: true}),
			":Success", ":AuthnFailed", 1))), "IDPRejectedClaim", "The identity provider reported that the authentication failed"},
		"old":           {samlCall(w.role, w.provider, edited(func(a *samltest.Assertion) { a.Issued = now.Add(-6 * time.Minute) })), expired, "Token must be redeemed within 5 minutes of issuance"},
		"ended":         {samlCall(w.role, w.provider, edited(func(a *samltest.Assertion) { a.NotOnOrAfter = now.Add(-time.Second) })), expired, "Response has expired"},
		"not for AWS":   {samlCall(w.role, w.provider, edited(func(a *samltest.Assertion) { a.Audiences = []string{"https://sp.example.com"} })), invalid, "Response does not contain the required audience."},
		"no recipient":  {samlCall(w.role, w.provider, edited(func(a *samltest.Assertion) { a.Recipient = "" })), invalid, "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter"},
		"another role":  {samlCall(untrusting, w.provider, w.good()), invalid, "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"},
		"no name":       {samlCall(w.role, w.provider, edited(func(a *samltest.Assertion) { a.Attributes = a.Attributes[:1] })), invalid, "RoleSessionName is required in AuthnResponse"},
		"a bad name":    {samlCall(w.role, w.provider, w.good(said(samltest.Attributes+"RoleSessionName", "x"))), invalid, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"},
		"a bad source":  {samlCall(w.role, w.provider, w.good(said(samltest.Attributes+"SourceIdentity", "aws:x"))), invalid, `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`},
		"no trust":      {samlCall(untrusting, w.provider, of(untrusting, w.provider)), denied, notAuthorized},
		"no role":       {samlCall(absent, w.provider, of(absent, w.provider)), denied, notAuthorized},
		"no tags":       {samlCall(w.role, w.provider, w.good(tags[0])), denied, "Not authorized to perform sts:TagSession"},
		"no source":     {samlCall(w.role, w.provider, w.good(said(samltest.Attributes+"SourceIdentity", "Ann"))), denied, "Not authorized to perform sts:SetSourceIdentity"},
		"a long answer": {samlCall(w.role, w.provider, strings.Repeat("A", 100_001)), "ValidationError", "1 validation error detected: Value at 'sAMLAssertion' failed to satisfy constraint: Member must have length less than or equal to 100000"},
	} {
		_, err := w.assume(t, c.in)
		refusedAs(t, name, err, c.code, c.text)
	}

	open := trustsWeb(t, w.root, "open", w.provider, letSAMLIn, statement{Effect: "Allow", Action: "sts:TagSession"})
	w.role = open
	for name, c := range map[string]struct {
		change     []func(*samltest.Assertion)
		in         func(*sts.AssumeRoleWithSAMLInput)
		code, text string
	}{
		"a policy that is none": {nil, func(in *sts.AssumeRoleWithSAMLInput) {
			in.PolicyArns = []ststypes.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/Nothing")}}
		},
			"InvalidParameterValue", "Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable."},
		"many tags": {tags, nil, "InvalidParameterValue", "Cannot exceed quota for TagsPerSession: 50"},
		"tags alike": {[]func(*samltest.Assertion){said(samltest.Attributes+"PrincipalTag:a", "x"), said(samltest.Attributes+"PrincipalTag:A", "x")}, nil,
			"InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		"a tag of AWS's": {[]func(*samltest.Assertion){said(samltest.Attributes+"PrincipalTag:aws:a", "x")}, nil,
			"InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for system use."},
		"a transitive tag that is none": {[]func(*samltest.Assertion){said(samltest.Attributes+"TransitiveTagKeys", "x")}, nil,
			"InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."},
	} {
		in := samlCall(w.role, w.provider, w.good(c.change...))
		if c.in != nil {
			c.in(in)
		}
		_, err := w.assume(t, in)
		refusedAs(t, name, err, c.code, c.text)
	}
	var big []func(*samltest.Assertion)
	for i := range 50 {
		big = append(big, said(fmt.Sprint(samltest.Attributes, "PrincipalTag:", i), noise(i)))
	}
	_, err := w.assume(t, samlCall(w.role, w.provider, w.good(big...)))
	wantError(t, "no room", err, "PackedPolicyTooLarge", "Packed policy consumes ")
}

// TestSAMLMetadata: a provider vouches by the metadata that it has now, until its end.
func TestSAMLMetadata(t *testing.T) {
	w := newSAMLWorld(t)
	next := samltest.New(t, samlEntity)
	update := func(document string) {
		t.Helper()
		if _, err := w.root.IAM.UpdateSAMLProvider(t.Context(), &iam.UpdateSAMLProviderInput{SAMLProviderArn: aws.String(w.provider), SAMLMetadataDocument: aws.String(document)}); err != nil {
			t.Fatal(err)
		}
	}
	update(next.Metadata(""))
	_, err := w.assume(t, samlCall(w.role, w.provider, w.good()))
	refusedAs(t, "the certificate before", err, "InvalidIdentityToken", "Response signature invalid")
	w.idp = next
	if _, err := w.assume(t, samlCall(w.role, w.provider, w.good())); err != nil {
		t.Error(err)
	}
	update(next.Metadata(`validUntil="2020-01-01T00:00:00Z"`))
	_, err = w.assume(t, samlCall(w.role, w.provider, w.good()))
	refusedAs(t, "ended metadata", err, "InvalidIdentityToken", "The metadata of the specified provider has expired")
}
