package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
)

// signingCertificateActions are the rows of signing certificates, of users and
// of root.
func signingCertificateActions() []Action {
	return []Action{
		write("UploadSigningCertificate", onUserOrCaller(func(in *sdk.UploadSigningCertificateInput) *string { return in.UserName }), (*API).uploadSigningCertificate),
		read("ListSigningCertificates", onUserOrCaller(func(in *sdk.ListSigningCertificatesInput) *string { return in.UserName }), (*API).listSigningCertificates),
		write("UpdateSigningCertificate", onUserOrCaller(func(in *sdk.UpdateSigningCertificateInput) *string { return in.UserName }), (*API).updateSigningCertificate),
		write("DeleteSigningCertificate", onUserOrCaller(func(in *sdk.DeleteSigningCertificateInput) *string { return in.UserName }), (*API).deleteSigningCertificate),
	}
}

func (a *API) uploadSigningCertificate(c *Call, in *sdk.UploadSigningCertificateInput) (*sdk.UploadSigningCertificateOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	cert, err := c.Draft.UploadSigningCertificate(owner, aws.ToString(in.CertificateBody))
	if err != nil {
		return nil, err
	}
	shown := showSigningCertificate(owner, cert)
	return &sdk.UploadSigningCertificateOutput{Certificate: &shown}, nil
}

func (a *API) listSigningCertificates(c *Call, in *sdk.ListSigningCertificatesInput) (*sdk.ListSigningCertificatesOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	certs := c.Account.Root.Certificates
	if owner != nil {
		certs = owner.Certificates
	}
	id := func(cert iam.SigningCertificate) string { return cert.ID }
	show := func(cert iam.SigningCertificate) types.SigningCertificate { return showSigningCertificate(owner, cert) }
	list, truncated, next, err := pageSlice(in.Marker, in.MaxItems, certs, id, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListSigningCertificatesOutput{Certificates: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateSigningCertificate(c *Call, in *sdk.UpdateSigningCertificateInput) (*sdk.UpdateSigningCertificateOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.UpdateSigningCertificateOutput{}, c.Draft.UpdateSigningCertificate(owner, aws.ToString(in.CertificateId), iam.Status(in.Status))
}

func (a *API) deleteSigningCertificate(c *Call, in *sdk.DeleteSigningCertificateInput) (*sdk.DeleteSigningCertificateOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteSigningCertificateOutput{}, c.Draft.DeleteSigningCertificate(owner, aws.ToString(in.CertificateId))
}

func showSigningCertificate(owner *iam.User, cert iam.SigningCertificate) types.SigningCertificate {
	return types.SigningCertificate{
		CertificateBody: aws.String(cert.Body),
		CertificateId:   aws.String(cert.ID),
		Status:          types.StatusType(cert.Status),
		UploadDate:      aws.Time(cert.UploadDate),
		UserName:        ownerName(owner),
	}
}
