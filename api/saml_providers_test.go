package api_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// samlMetadata is the metadata document of an identity provider of this name.
func samlMetadata(t *testing.T, name string) string {
	t.Helper()
	cert, _, _ := issued(t, tls.Certificate{})
	return `<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://` + name + `/" validUntil="2035-01-02T03:04:05Z">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(cert.Leaf.Raw) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://` + name + `/sso"/>
  </IDPSSODescriptor>
  <!--` + strings.Repeat(" ", 1000) + `-->
</EntityDescriptor>`
}

// samlKey is a private key that opens assertions.
func samlKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// readySAML notes a metadata document and a private key, to be used by the call.
func readySAML(t *testing.T, _ *clients, made map[string]string) {
	t.Helper()
	made["document"], made["key"] = samlMetadata(t, "new.example.com"), samlKey(t)
}

// makeSAMLProvider makes Corp, whose team is blue, with a private key.
func makeSAMLProvider(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	readySAML(t, root, made)
	out, err := root.IAM.CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{
		Name: aws.String("Corp"), SAMLMetadataDocument: aws.String(samlMetadata(t, "idp.example.com")),
		AddPrivateKey: aws.String(made["key"]), Tags: []types.Tag{tag("team", "blue")},
	})
	if err != nil {
		t.Fatalf("CreateSAMLProvider: %v", err)
	}
	made["arn"] = aws.ToString(out.SAMLProviderArn)
}

func getSAMLProvider(t *testing.T, c *clients, name string) *iam.GetSAMLProviderOutput {
	t.Helper()
	out, err := c.IAM.GetSAMLProvider(t.Context(), &iam.GetSAMLProviderInput{
		SAMLProviderArn: aws.String("arn:aws:iam::" + c.Account + ":saml-provider/" + name),
	})
	if err != nil {
		t.Fatalf("GetSAMLProvider: %v", err)
	}
	return out
}

func samlProviderCases() []actionCase {
	const (
		corp  = "arn:aws:iam::«ACCOUNT»:saml-provider/Corp"
		fresh = "arn:aws:iam::«ACCOUNT»:saml-provider/New"
		blue  = "aws:ResourceTag/team"
	)
	listed := func(t *testing.T, root *clients) (list []types.SAMLProviderListEntry) {
		out, err := root.IAM.ListSAMLProviders(t.Context(), &iam.ListSAMLProvidersInput{})
		if err != nil {
			t.Fatal(err)
		}
		return out.SAMLProviderList
	}
	tagged := func(want string) func(*testing.T, *clients, map[string]string) {
		return func(t *testing.T, root *clients, made map[string]string) {
			out, err := root.IAM.ListSAMLProviderTags(t.Context(), &iam.ListSAMLProviderTagsInput{SAMLProviderArn: aws.String(made["arn"])})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "tags", tagText(out.Tags), want)
		}
	}
	return []actionCase{
		{
			action: "CreateSAMLProvider", setup: readySAML,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{
					Name: aws.String("New"), SAMLMetadataDocument: aws.String(made["document"]), AddPrivateKey: aws.String(made["key"]),
					AssertionEncryptionMode: types.AssertionEncryptionModeTypeRequired, Tags: []types.Tag{tag("team", "blue")},
				})
				if err == nil {
					made["arn"], made["tags"] = aws.ToString(out.SAMLProviderArn), tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				got := getSAMLProvider(t, root, "New")
				same(t, "ARN", made["arn"], "arn:aws:iam::"+root.Account+":saml-provider/New")
				same(t, "document", aws.ToString(got.SAMLMetadataDocument), made["document"])
				same(t, "mode", got.AssertionEncryptionMode, types.AssertionEncryptionModeTypeRequired)
				same(t, "keys", len(got.PrivateKeyList), 1)
				same(t, "tags", tagText(got.Tags), made["tags"])
				same(t, "until", aws.ToTime(got.ValidUntil).Format("2006-01-02T15:04:05Z"), "2035-01-02T03:04:05Z")
				if id := aws.ToString(got.SAMLProviderUUID); len(id) < 22 || !strings.HasPrefix(id, "SAMLSP") {
					t.Errorf("unique id %q", id)
				}
				out, err := root.IAM.GetAccountSummary(t.Context(), &iam.GetAccountSummaryInput{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "providers in the summary", out.SummaryMap["Providers"], 1)
			},
			grants: []grant{{"iam:CreateSAMLProvider", fresh}, {"iam:TagSAMLProvider", fresh}},
			key:    "aws:RequestTag/team", holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "GetSAMLProvider", setup: makeSAMLProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetSAMLProvider(ctx, &iam.GetSAMLProviderInput{SAMLProviderArn: aws.String(made["arn"])})
				if err == nil {
					made["got"] = aws.ToTime(out.ValidUntil).String() + aws.ToTime(out.CreateDate).String()
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				list := listed(t, root)
				same(t, "providers", len(list), 1)
				same(t, "times", made["got"], aws.ToTime(list[0].ValidUntil).String()+aws.ToTime(list[0].CreateDate).String())
			},
			grants: []grant{{"iam:GetSAMLProvider", corp}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListSAMLProviders", setup: makeSAMLProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
				if err == nil {
					for _, p := range out.SAMLProviderList {
						made["listed"] += aws.ToString(p.Arn) + aws.ToTime(p.CreateDate).String()
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], made["arn"]+aws.ToTime(getSAMLProvider(t, root, "Corp").CreateDate).String())
			},
			grants: []grant{{"iam:ListSAMLProviders", "*"}},
		},
		{
			action: "UpdateSAMLProvider", setup: makeSAMLProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{
					SAMLProviderArn: aws.String(made["arn"]), SAMLMetadataDocument: aws.String(made["document"]), AddPrivateKey: aws.String(made["key"]),
					AssertionEncryptionMode: types.AssertionEncryptionModeTypeRequired,
				})
				if err == nil {
					made["updated"] = aws.ToString(out.SAMLProviderArn)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				got := getSAMLProvider(t, root, "Corp")
				same(t, "ARN", made["updated"], made["arn"])
				same(t, "document", aws.ToString(got.SAMLMetadataDocument), made["document"])
				same(t, "mode", got.AssertionEncryptionMode, types.AssertionEncryptionModeTypeRequired)
				same(t, "keys", len(got.PrivateKeyList), 2)
				same(t, "tags", tagText(got.Tags), "team=blue")
			},
			grants: []grant{{"iam:UpdateSAMLProvider", corp}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "DeleteSAMLProvider", setup: makeSAMLProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeleteSAMLProvider(ctx, &iam.DeleteSAMLProviderInput{SAMLProviderArn: aws.String(made["arn"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "providers left", len(listed(t, root)), 0)
				_, err := root.IAM.GetSAMLProvider(t.Context(), &iam.GetSAMLProviderInput{SAMLProviderArn: aws.String(made["arn"])})
				wantError(t, "the deleted provider", err, "NoSuchEntity", "Manifest not found for arn "+made["arn"])
			},
			grants: []grant{{"iam:DeleteSAMLProvider", corp}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "TagSAMLProvider", setup: makeSAMLProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.TagSAMLProvider(ctx, &iam.TagSAMLProviderInput{SAMLProviderArn: aws.String(made["arn"]), Tags: []types.Tag{tag("cost", "1")}})
				return err
			},
			effect: tagged("cost=1 team=blue"),
			grants: []grant{{"iam:TagSAMLProvider", corp}}, key: "aws:RequestTag/cost", holds: "1", other: "2", tagKeys: "cost",
		},
		{
			action: "UntagSAMLProvider", setup: makeSAMLProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.UntagSAMLProvider(ctx, &iam.UntagSAMLProviderInput{SAMLProviderArn: aws.String(made["arn"]), TagKeys: []string{"team"}})
				return err
			},
			effect: tagged(""),
			grants: []grant{{"iam:UntagSAMLProvider", corp}}, key: blue, holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "ListSAMLProviderTags", setup: makeSAMLProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListSAMLProviderTags(ctx, &iam.ListSAMLProviderTagsInput{SAMLProviderArn: aws.String(made["arn"])})
				if err == nil {
					made["tags"] = tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", made["tags"], tagText(getSAMLProvider(t, root, "Corp").Tags))
			},
			grants: []grant{{"iam:ListSAMLProviderTags", corp}}, key: blue, holds: "blue", other: "red",
		},
	}
}

// TestSAMLProviderRefusals are AWS's errors, as a client gets them.
func TestSAMLProviderRefusals(t *testing.T) {
	w := newWorld(t)
	root, ctx, made := w.account(t), t.Context(), map[string]string{}
	makeSAMLProvider(t, root, made)
	create := func(name, document, key string, tags ...types.Tag) error {
		in := &iam.CreateSAMLProviderInput{Name: aws.String(name), SAMLMetadataDocument: aws.String(document), Tags: tags}
		if key != "" {
			in.AddPrivateKey = aws.String(key)
		}
		_, err := root.IAM.CreateSAMLProvider(ctx, in)
		return err
	}
	update := func(change func(*iam.UpdateSAMLProviderInput)) error {
		in := &iam.UpdateSAMLProviderInput{SAMLProviderArn: aws.String(made["arn"])}
		change(in)
		_, err := root.IAM.UpdateSAMLProvider(ctx, in)
		return err
	}
	bomb := strings.Replace(made["document"], "?>", `?><!DOCTYPE x [<!ENTITY a "aaaa">]>`, 1)
	for what, c := range map[string]struct {
		err        error
		code, part string
		status     int
	}{
		"the same name":    {create("CORP", made["document"], ""), "EntityAlreadyExists", "Provider with name CORP already exists.", 409},
		"no metadata":      {create("x", strings.Repeat("PRIVATE", 200), ""), "InvalidInput", "Could not parse metadata", 400},
		"a bomb":           {create("x", bomb, ""), "InvalidInput", "Could not parse metadata", 400},
		"a short document": {create("x", "<x/>", ""), "ValidationError", "Member must have length greater than or equal to 1000", 400},
		"a bad key":        {create("x", made["document"], "PRIVATE"), "InvalidInput", "Invalid private key.", 400},
		"a tag of AWS's":   {create("x", made["document"], "", tag("aws:x", "")), "InvalidInput", "aws: prefixed tag key names are not allowed for external use.", 400},
		"no update":        {update(func(*iam.UpdateSAMLProviderInput) {}), "InvalidInput", "No updates are defined", 400},
		"a bad new key":    {update(func(in *iam.UpdateSAMLProviderInput) { in.AddPrivateKey = aws.String("PRIVATE") }), "InvalidInput", "Invalid private key.", 400},
		"no such key": {update(func(in *iam.UpdateSAMLProviderInput) { in.RemovePrivateKey = aws.String(strings.Repeat("SAML", 6)) }),
			"InvalidInput", "the Key ID does not match a private key", 400},
	} {
		wantError(t, what, c.err, c.code, c.part)
		same(t, what, statusOf(c.err), c.status)
		if strings.Contains(c.err.Error(), "PRIVATE") {
			t.Errorf("%s: the refusal repeats what was sent: %v", what, c.err)
		}
	}
	if err := update(func(in *iam.UpdateSAMLProviderInput) { in.AddPrivateKey = aws.String(made["key"]) }); err != nil {
		t.Fatal(err)
	}
	err := update(func(in *iam.UpdateSAMLProviderInput) { in.AddPrivateKey = aws.String(made["key"]) })
	wantError(t, "a third key", err, "LimitExceeded", "Private key limit of 2 is reached.")
	same(t, "a third key", statusOf(err), 409)
	for _, k := range getSAMLProvider(t, root, "Corp").PrivateKeyList {
		if err := update(func(in *iam.UpdateSAMLProviderInput) { in.RemovePrivateKey = k.KeyId }); err != nil {
			t.Error(err)
		}
	}
	same(t, "keys left", len(getSAMLProvider(t, root, "Corp").PrivateKeyList), 0)

	user := w.caller(t, root)
	foreign := "arn:aws:iam::" + w.account(t).Account + ":saml-provider/Corp"
	for arn, want := range map[string]struct{ code, part string }{
		made["arn"] + "x":                     {"NoSuchEntity", "Manifest not found for arn " + made["arn"] + "x"},
		"arn:aws:iam::123456789012:role/Corp": {"InvalidInput", "is not the ARN of a SAML provider."},
		foreign:                               {"AccessDenied", "on resource: " + foreign},
	} {
		arn := aws.String(arn)
		for what, call := range map[string]func(c *clients) error{
			"GetSAMLProvider": func(c *clients) error {
				_, err := c.IAM.GetSAMLProvider(ctx, &iam.GetSAMLProviderInput{SAMLProviderArn: arn})
				return err
			},
			"UpdateSAMLProvider": func(c *clients) error {
				_, err := c.IAM.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, SAMLMetadataDocument: aws.String(made["document"])})
				return err
			},
			"DeleteSAMLProvider": func(c *clients) error {
				_, err := c.IAM.DeleteSAMLProvider(ctx, &iam.DeleteSAMLProviderInput{SAMLProviderArn: arn})
				return err
			},
			"TagSAMLProvider": func(c *clients) error {
				_, err := c.IAM.TagSAMLProvider(ctx, &iam.TagSAMLProviderInput{SAMLProviderArn: arn, Tags: []types.Tag{tag("a", "b")}})
				return err
			},
			"UntagSAMLProvider": func(c *clients) error {
				_, err := c.IAM.UntagSAMLProvider(ctx, &iam.UntagSAMLProviderInput{SAMLProviderArn: arn, TagKeys: []string{"a"}})
				return err
			},
			"ListSAMLProviderTags": func(c *clients) error {
				_, err := c.IAM.ListSAMLProviderTags(ctx, &iam.ListSAMLProviderTagsInput{SAMLProviderArn: arn})
				return err
			},
		} {
			wantError(t, what, call(root), want.code, want.part)
			if want.code == "NoSuchEntity" {
				wantError(t, what+" by nobody", call(user), "AccessDenied", "is not authorized to perform: iam:"+what+" on resource: "+*arn)
			}
		}
	}
	_, err = user.IAM.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	wantError(t, "a denial", err, "AccessDenied", "iam:ListSAMLProviders on resource: arn:aws:iam::"+root.Account+":saml-provider/* because")
}
