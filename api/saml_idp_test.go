package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"iamd/saml/samltest"
)

// TestSAMLProgram: an identity provider that somebody else wrote signs in a
// person with its own metadata, assertions and encryption; the keys call IAM.
func TestSAMLProgram(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	signer := samltest.With(t, "https://idp.example.com/metadata", samlSigner())
	idp := &saml.IdentityProvider{
		Key: samlSigner(), Certificate: signer.Cert, SignatureMethod: dsig.RSASHA256SignatureMethod, // its own is SHA-1
		MetadataURL: url.URL{Scheme: "https", Host: "idp.example.com", Path: "/metadata"}, SSOURL: url.URL{Scheme: "https", Host: "idp.example.com", Path: "/sso"},
	}
	metadata, err := xml.MarshalIndent(idp.Metadata(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	decrypts, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	made, err := root.IAM.CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{
		Name: aws.String("Program"), SAMLMetadataDocument: aws.String(string(metadata)), AssertionEncryptionMode: types.AssertionEncryptionModeTypeAllowed,
		AddPrivateKey: aws.String(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(decrypts)}))),
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := aws.ToString(made.SAMLProviderArn)
	role := trustsWeb(t, root, "reader", provider, statement{Effect: "Allow", Action: "sts:AssumeRoleWithSAML", Condition: map[string]map[string]string{
		"StringEquals":             {"saml:aud": samltest.Endpoint, "saml:doc": root.Account + "/Program", "saml:iss": "https://idp.example.com/metadata", "saml:sub_type": "transient"},
		"ForAnyValue:StringEquals": {"saml:cn": "Ada Lovelace", "saml:edupersonaffiliation": "staff"},
	}})
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &decrypts.PublicKey, decrypts)
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][]saml.KeyDescriptor{
		"plain": nil,
		"encrypted": {{Use: "encryption", KeyInfo: saml.KeyInfo{X509Data: saml.X509Data{
			X509Certificates: []saml.X509Certificate{{Data: base64.StdEncoding.EncodeToString(der)}},
		}}}},
	} {
		request := &saml.IdpAuthnRequest{
			IDP: idp, HTTPRequest: httptest.NewRequest(http.MethodGet, "/sso", nil), Now: time.Now(),
			ServiceProviderMetadata: &saml.EntityDescriptor{EntityID: "urn:amazon:webservices"},
			SPSSODescriptor:         &saml.SPSSODescriptor{SSODescriptor: saml.SSODescriptor{RoleDescriptor: saml.RoleDescriptor{KeyDescriptors: keys}}},
			ACSEndpoint:             &saml.IndexedEndpoint{Binding: saml.HTTPPostBinding, Location: samltest.Endpoint},
		}
		attribute := func(name, value string) saml.Attribute {
			return saml.Attribute{Name: samltest.Attributes + name, Values: []saml.AttributeValue{{Type: "xs:string", Value: value}}}
		}
		if err := (saml.DefaultAssertionMaker{}).MakeAssertion(request, &saml.Session{
			NameID: "ada", UserCommonName: "Ada Lovelace", Groups: []string{"member", "staff"}, CreateTime: time.Now(), Index: "1",
			CustomAttributes: []saml.Attribute{attribute("Role", role+","+provider), attribute("RoleSessionName", "ada@example.com")},
		}); err != nil {
			t.Fatal(err)
		}
		form, err := request.PostBinding()
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.unsigned("").STS.AssumeRoleWithSAML(t.Context(), samlCall(role, provider, form.SAMLResponse))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, aws.ToString(out.Subject), "ada")
		session := w.as(root.Account, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
		got, err := session.STS.GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, name, aws.ToString(got.Arn), "arn:aws:sts::"+root.Account+":assumed-role/reader/ada@example.com")
		if _, err := session.IAM.ListUsers(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
