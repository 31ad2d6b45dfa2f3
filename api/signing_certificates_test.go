package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// makeSigningCertificate is makeEntities with a certificate of user Ink.
func makeSigningCertificate(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	readyCertificate(t, root, made)
	out, err := root.IAM.UploadSigningCertificate(t.Context(), &iam.UploadSigningCertificateInput{UserName: ink, CertificateBody: aws.String(made["body"])})
	if err != nil {
		t.Fatalf("UploadSigningCertificate: %v", err)
	}
	made["id"] = aws.ToString(out.Certificate.CertificateId)
}

func signingCertificates(t *testing.T, c *clients, user *string) []types.SigningCertificate {
	t.Helper()
	out, err := c.IAM.ListSigningCertificates(t.Context(), &iam.ListSigningCertificatesInput{UserName: user})
	if err != nil {
		t.Fatalf("ListSigningCertificates: %v", err)
	}
	return out.Certificates
}

func signingCertificateCases() []actionCase {
	const blue = "aws:ResourceTag/team"
	return []actionCase{
		{
			action: "UploadSigningCertificate",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				makeEntities(t, root, made)
				readyCertificate(t, root, made)
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: ink, CertificateBody: aws.String(made["body"])})
				if err == nil {
					made["id"] = aws.ToString(out.Certificate.CertificateId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				list := signingCertificates(t, root, ink)
				same(t, "certificates", len(list), 1)
				same(t, "id", aws.ToString(list[0].CertificateId), made["id"])
				same(t, "body", aws.ToString(list[0].CertificateBody), made["body"])
				same(t, "status", list[0].Status, types.StatusTypeActive)
				same(t, "user", aws.ToString(list[0].UserName), "Ink")
			},
			grants: []grant{{"iam:UploadSigningCertificate", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListSigningCertificates", setup: makeSigningCertificate,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: ink})
				if err == nil && len(out.Certificates) == 1 {
					made["listed"] = aws.ToString(out.Certificates[0].CertificateId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], made["id"])
				_, err := root.IAM.DeleteSigningCertificate(t.Context(), &iam.DeleteSigningCertificateInput{UserName: ink, CertificateId: aws.String(made["listed"])})
				if err != nil {
					t.Errorf("what was listed is not there: %v", err)
				}
			},
			grants: []grant{{"iam:ListSigningCertificates", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "UpdateSigningCertificate", setup: makeSigningCertificate,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{
					UserName: ink, CertificateId: aws.String(made["id"]), Status: types.StatusTypeInactive,
				})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "status", signingCertificates(t, root, ink)[0].Status, types.StatusTypeInactive)
			},
			grants: []grant{{"iam:UpdateSigningCertificate", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "DeleteSigningCertificate", setup: makeSigningCertificate,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: ink, CertificateId: aws.String(made["id"])})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "certificates", len(signingCertificates(t, root, ink)), 0)
			},
			grants: []grant{{"iam:DeleteSigningCertificate", inkUser}}, key: blue, holds: "blue", other: "red",
		},
	}
}

// TestSigningCertificatesOfTheCaller: root's are its own, and each refusal has
// AWS's code and status.
func TestSigningCertificatesOfTheCaller(t *testing.T) {
	w := newWorld(t)
	root, ctx, made := w.account(t), t.Context(), map[string]string{}
	makeSigningCertificate(t, root, made)
	same(t, "root's", len(signingCertificates(t, root, nil)), 0)
	upload := func(user *string, body string) error {
		_, err := root.IAM.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: user, CertificateBody: aws.String(body)})
		return err
	}
	err := upload(nil, made["body"])
	wantError(t, "another's certificate", err, "DuplicateCertificate", "already associated")
	same(t, "status", statusOf(err), 409)
	wantError(t, "no certificate", upload(nil, "bad"), "MalformedCertificate", "Certificate bad is malformed.")
	for range 2 {
		body, _ := selfSigned(t)
		if err := upload(nil, body); err != nil {
			t.Fatal(err)
		}
	}
	body, _ := selfSigned(t)
	wantError(t, "a third", upload(nil, body), "LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2")
	own := signingCertificates(t, root, nil)
	same(t, "root's", len(own), 2)
	page, err := root.IAM.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{MaxItems: aws.Int32(1)})
	if err != nil || !page.IsTruncated || len(page.Certificates) != 1 {
		t.Errorf("a page of one: %v, %v", page, err)
	}
	if _, err := root.IAM.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{CertificateId: own[0].CertificateId}); err != nil {
		t.Error(err)
	}
	_, err = root.IAM.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{CertificateId: own[1].CertificateId, Status: "Expired"})
	wantError(t, "a status", err, "InvalidInput", "can be set to Active or Inactive only")
	gone := "The Certificate with id " + *own[0].CertificateId + " cannot be found."
	_, err = root.IAM.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{CertificateId: own[0].CertificateId, Status: types.StatusTypeActive})
	wantError(t, "an update of what is gone", err, "NoSuchEntity", gone)
	_, err = root.IAM.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{CertificateId: own[0].CertificateId})
	wantError(t, "a deletion of what is gone", err, "NoSuchEntity", gone)
	_, err = root.IAM.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: aws.String("Eve")})
	wantError(t, "nobody's", err, "NoSuchEntity", "The user with name Eve cannot be found.")
}
