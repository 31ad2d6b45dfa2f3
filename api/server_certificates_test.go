package api_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// selfSigned is a certificate that is valid until an hour from now, and its
// private key, in PEM form.
func selfSigned(t *testing.T) (body, privateKey string) {
	t.Helper()
	_, body, privateKey = issued(t, tls.Certificate{})
	return body, privateKey
}

// issued is a certificate by an issuer, or by itself when there is none.
func issued(t *testing.T, by tls.Certificate) (cert tls.Certificate, body, privateKey string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "example.com"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	parent, signer := template, any(key)
	if by.Leaf != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	body = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	privateKey = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	if cert, err = tls.X509KeyPair([]byte(body), []byte(privateKey)); err != nil {
		t.Fatal(err)
	}
	return cert, body, privateKey
}

// readyCertificate notes a certificate, its key and its chain, to be uploaded by
// the call.
func readyCertificate(t *testing.T, _ *clients, made map[string]string) {
	t.Helper()
	authority, chain, _ := issued(t, tls.Certificate{})
	_, made["body"], made["key"] = issued(t, authority)
	made["chain"] = chain
}

// makeServerCertificate uploads Ink of /tls/, whose team is blue.
func makeServerCertificate(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	readyCertificate(t, root, made)
	out, err := root.IAM.UploadServerCertificate(t.Context(), &iam.UploadServerCertificateInput{
		ServerCertificateName: ink, Path: aws.String("/tls/"), Tags: []types.Tag{tag("team", "blue")},
		CertificateBody: aws.String(made["body"]), PrivateKey: aws.String(made["key"]),
	})
	if err != nil {
		t.Fatalf("UploadServerCertificate: %v", err)
	}
	made["id"] = aws.ToString(out.ServerCertificateMetadata.ServerCertificateId)
}

func getServerCertificate(t *testing.T, c *clients, name string) *types.ServerCertificate {
	t.Helper()
	out, err := c.IAM.GetServerCertificate(t.Context(), &iam.GetServerCertificateInput{ServerCertificateName: aws.String(name)})
	if err != nil {
		t.Fatalf("GetServerCertificate: %v", err)
	}
	return out.ServerCertificate
}

func serverCertificateCases() []actionCase {
	const (
		inkCertificate = "arn:aws:iam::«ACCOUNT»:server-certificate/tls/Ink"
		newCertificate = "arn:aws:iam::«ACCOUNT»:server-certificate/new/Pen"
		blue           = "aws:ResourceTag/team"
	)
	upload := func(tags ...types.Tag) func(context.Context, *clients, map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{
				ServerCertificateName: aws.String("Pen"), Path: aws.String("/new/"), Tags: tags,
				CertificateBody: aws.String(made["body"]), PrivateKey: aws.String(made["key"]), CertificateChain: aws.String(made["chain"]),
			})
			if err == nil {
				made["id"], made["tags"] = aws.ToString(out.ServerCertificateMetadata.ServerCertificateId), tagText(out.Tags)
			}
			return err
		}
	}
	uploaded := func(t *testing.T, root *clients, made map[string]string) {
		got := getServerCertificate(t, root, "pen")
		m := got.ServerCertificateMetadata
		same(t, "ARN", aws.ToString(m.Arn), "arn:aws:iam::"+root.Account+":server-certificate/new/Pen")
		same(t, "id", aws.ToString(m.ServerCertificateId), made["id"])
		same(t, "body", aws.ToString(got.CertificateBody), made["body"])
		same(t, "chain", aws.ToString(got.CertificateChain), made["chain"])
		same(t, "tags", tagText(got.Tags), made["tags"])
		if left := time.Until(aws.ToTime(m.Expiration)); left <= 0 || left > time.Hour {
			t.Errorf("expires in %s", left)
		}
	}
	tagged := func(want string) func(*testing.T, *clients, map[string]string) {
		return func(t *testing.T, root *clients, _ map[string]string) {
			out, err := root.IAM.ListServerCertificateTags(t.Context(), &iam.ListServerCertificateTagsInput{ServerCertificateName: ink})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "tags", tagText(out.Tags), want)
		}
	}
	return []actionCase{
		{
			action: "UploadServerCertificate", setup: readyCertificate, call: upload(tag("team", "blue")), effect: uploaded,
			grants: []grant{{"iam:UploadServerCertificate", newCertificate}, {"iam:TagServerCertificate", newCertificate}},
			key:    "aws:RequestTag/team", holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "GetServerCertificate", setup: makeServerCertificate,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: ink})
				if err == nil {
					made["got"] = aws.ToString(out.ServerCertificate.ServerCertificateMetadata.ServerCertificateId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.IAM.ListServerCertificates(t.Context(), &iam.ListServerCertificatesInput{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "id", made["got"], aws.ToString(out.ServerCertificateMetadataList[0].ServerCertificateId))
			},
			grants: []grant{{"iam:GetServerCertificate", inkCertificate}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListServerCertificates", setup: makeServerCertificate,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListServerCertificates(ctx, &iam.ListServerCertificatesInput{PathPrefix: aws.String("/tls/")})
				if err == nil {
					for _, m := range out.ServerCertificateMetadataList {
						made["listed"] += aws.ToString(m.Arn)
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], aws.ToString(getServerCertificate(t, root, "Ink").ServerCertificateMetadata.Arn))
			},
			grants: []grant{{"iam:ListServerCertificates", "arn:aws:iam::«ACCOUNT»:server-certificate/tls/"}},
		},
		{
			action: "UpdateServerCertificate", setup: makeServerCertificate,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateServerCertificate(ctx, &iam.UpdateServerCertificateInput{
					ServerCertificateName: ink, NewServerCertificateName: aws.String("Pen"), NewPath: aws.String("/new/"),
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				got := getServerCertificate(t, root, "Pen")
				same(t, "ARN", aws.ToString(got.ServerCertificateMetadata.Arn), "arn:aws:iam::"+root.Account+":server-certificate/new/Pen")
				same(t, "id", aws.ToString(got.ServerCertificateMetadata.ServerCertificateId), made["id"])
				same(t, "tags", tagText(got.Tags), "team=blue")
			},
			grants: []grant{{"iam:UpdateServerCertificate", inkCertificate}, {"iam:UpdateServerCertificate", newCertificate}},
			key:    blue, holds: "blue", other: "red",
		},
		{
			action: "DeleteServerCertificate", setup: makeServerCertificate,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteServerCertificate(ctx, &iam.DeleteServerCertificateInput{ServerCertificateName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.IAM.GetServerCertificate(t.Context(), &iam.GetServerCertificateInput{ServerCertificateName: ink})
				wantError(t, "the deleted certificate", err, "NoSuchEntity", "The Server Certificate with name Ink cannot be found.")
			},
			grants: []grant{{"iam:DeleteServerCertificate", inkCertificate}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "TagServerCertificate", setup: makeServerCertificate,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.TagServerCertificate(ctx, &iam.TagServerCertificateInput{ServerCertificateName: ink, Tags: []types.Tag{tag("cost", "1")}})
				return err
			},
			effect: tagged("cost=1 team=blue"),
			grants: []grant{{"iam:TagServerCertificate", inkCertificate}}, key: "aws:RequestTag/cost", holds: "1", other: "2", tagKeys: "cost",
		},
		{
			action: "UntagServerCertificate", setup: makeServerCertificate,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UntagServerCertificate(ctx, &iam.UntagServerCertificateInput{ServerCertificateName: ink, TagKeys: []string{"team"}})
				return err
			},
			effect: tagged(""),
			grants: []grant{{"iam:UntagServerCertificate", inkCertificate}}, key: blue, holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "ListServerCertificateTags", setup: makeServerCertificate,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListServerCertificateTags(ctx, &iam.ListServerCertificateTagsInput{ServerCertificateName: ink})
				if err == nil {
					made["tags"] = tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", made["tags"], tagText(getServerCertificate(t, root, "Ink").Tags))
			},
			grants: []grant{{"iam:ListServerCertificateTags", inkCertificate}}, key: blue, holds: "blue", other: "red",
		},
	}
}

// TestServerCertificateRefusals are AWS's errors, as a client gets them.
func TestServerCertificateRefusals(t *testing.T) {
	w := newWorld(t)
	root, ctx, made := w.account(t), t.Context(), map[string]string{}
	makeServerCertificate(t, root, made)
	_, otherKey := selfSigned(t)
	upload := func(name, body, key, chain string) error {
		in := &iam.UploadServerCertificateInput{ServerCertificateName: aws.String(name), CertificateBody: aws.String(body), PrivateKey: aws.String(key)}
		if chain != "" {
			in.CertificateChain = aws.String(chain)
		}
		_, err := root.IAM.UploadServerCertificate(ctx, in)
		return err
	}
	for what, c := range map[string]struct {
		err        error
		code, part string
		status     int
	}{
		"the same name":  {upload("INK", made["body"], made["key"], ""), "EntityAlreadyExists", "The Server Certificate with name INK already exists.", 409},
		"no certificate": {upload("x", "bad", made["key"], ""), "MalformedCertificate", "Unable to parse certificate.", 400},
		"another key":    {upload("x", made["body"], otherKey, ""), "KeyPairMismatch", "do not match", 400},
		"no chain":       {upload("x", made["body"], made["key"], "bad"), "MalformedCertificate", "Unable to validate certificate chain.", 400},
	} {
		wantError(t, what, c.err, c.code, c.part)
		same(t, what, statusOf(c.err), c.status)
		if strings.Contains(c.err.Error(), "PRIVATE") {
			t.Errorf("%s: the refusal repeats the key: %v", what, c.err)
		}
	}
	_, err := root.IAM.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{
		ServerCertificateName: aws.String("x"), CertificateBody: aws.String(made["body"]), PrivateKey: aws.String(made["key"]), Tags: []types.Tag{tag("aws:x", "")},
	})
	wantError(t, "a tag of AWS's", err, "InvalidInput", "aws: prefixed tag key names are not allowed for external use.")

	const none = "The Server Certificate with name Nib cannot be found."
	nib := aws.String("Nib")
	_, err = root.IAM.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: nib})
	wantError(t, "GetServerCertificate", err, "NoSuchEntity", none)
	_, err = root.IAM.UpdateServerCertificate(ctx, &iam.UpdateServerCertificateInput{ServerCertificateName: nib})
	wantError(t, "UpdateServerCertificate", err, "NoSuchEntity", none)
	_, err = root.IAM.DeleteServerCertificate(ctx, &iam.DeleteServerCertificateInput{ServerCertificateName: nib})
	wantError(t, "DeleteServerCertificate", err, "NoSuchEntity", none)
	_, err = root.IAM.TagServerCertificate(ctx, &iam.TagServerCertificateInput{ServerCertificateName: nib, Tags: []types.Tag{tag("a", "b")}})
	wantError(t, "TagServerCertificate", err, "NoSuchEntity", none)
	_, err = root.IAM.UntagServerCertificate(ctx, &iam.UntagServerCertificateInput{ServerCertificateName: nib, TagKeys: []string{"a"}})
	wantError(t, "UntagServerCertificate", err, "NoSuchEntity", none)
	_, err = root.IAM.ListServerCertificateTags(ctx, &iam.ListServerCertificateTagsInput{ServerCertificateName: nib})
	wantError(t, "ListServerCertificateTags", err, "NoSuchEntity", none)

	user := w.caller(t, root)
	_, err = user.IAM.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: ink})
	wantError(t, "a denial", err, "AccessDenied", "is not authorized to perform: iam:GetServerCertificate on resource: server certificate Ink because")
}
