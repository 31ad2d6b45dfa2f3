package api

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// serverCertificateActions are the rows of server certificates and their tags.
func serverCertificateActions() []Action {
	return []Action{
		write("UploadServerCertificate", checkNewServerCertificate, (*API).uploadServerCertificate),
		read("GetServerCertificate", onServerCertificate(func(in *sdk.GetServerCertificateInput) *string { return in.ServerCertificateName }), (*API).getServerCertificate),
		read("ListServerCertificates", checkListServerCertificates, (*API).listServerCertificates),
		write("UpdateServerCertificate", checkUpdateServerCertificate, (*API).updateServerCertificate),
		write("DeleteServerCertificate", onServerCertificate(func(in *sdk.DeleteServerCertificateInput) *string { return in.ServerCertificateName }), (*API).deleteServerCertificate),

		write("TagServerCertificate", checkTagServerCertificate, (*API).tagServerCertificate),
		write("UntagServerCertificate", checkUntagServerCertificate, (*API).untagServerCertificate),
		read("ListServerCertificateTags", onServerCertificate(func(in *sdk.ListServerCertificateTagsInput) *string { return in.ServerCertificateName }), (*API).listServerCertificateTags),
	}
}

// serverCertificateCheck asks for an action on a server certificate by name.
func serverCertificateCheck(c *Call, action, name string) guard.Check {
	cert, err := c.Account.ServerCertificate(name)
	if err != nil {
		cert = &iam.ServerCertificate{Path: "/", Name: name} // the one that it would be
	}
	return guard.Check{
		Action: action, Resource: c.Account.ServerCertificateARN(cert), Named: "server certificate " + name, Tags: cert.Tags,
	}
}

func onServerCertificate[I any](name func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(serverCertificateCheck(c, action, aws.ToString(name(in))))
	}
}

// checkNewServerCertificate asks for the upload and, when it brings tags, for
// their setting.
func checkNewServerCertificate(c *Call, action string, in *sdk.UploadServerCertificateInput) ([]guard.Check, error) {
	arn := c.Account.ServerCertificateARN(&iam.ServerCertificate{Path: pathOr(in.Path), Name: aws.ToString(in.ServerCertificateName)})
	return newEntityChecks(action, "iam:TagServerCertificate", arn, nil, in.Tags), nil
}

func checkListServerCertificates(c *Call, action string, in *sdk.ListServerCertificatesInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: c.Account.ServerCertificateARN(&iam.ServerCertificate{Path: pathOr(in.PathPrefix)})})
}

// checkUpdateServerCertificate asks for the certificate as it is and as it is
// going to be.
func checkUpdateServerCertificate(c *Call, action string, in *sdk.UpdateServerCertificateInput) ([]guard.Check, error) {
	name := aws.ToString(in.ServerCertificateName)
	next := iam.ServerCertificate{Path: "/", Name: name}
	if cert, err := c.Account.ServerCertificate(name); err == nil {
		next = *cert
	}
	if in.NewServerCertificateName != nil {
		next.Name = *in.NewServerCertificateName
	}
	if in.NewPath != nil {
		next.Path = *in.NewPath
	}
	return moved(serverCertificateCheck(c, action, name), c.Account.ServerCertificateARN(&next), "server certificate "+next.Name), nil
}

func checkTagServerCertificate(c *Call, action string, in *sdk.TagServerCertificateInput) ([]guard.Check, error) {
	check := serverCertificateCheck(c, action, aws.ToString(in.ServerCertificateName))
	check.RequestTags = readTags(in.Tags)
	return one(check)
}

func checkUntagServerCertificate(c *Call, action string, in *sdk.UntagServerCertificateInput) ([]guard.Check, error) {
	check := serverCertificateCheck(c, action, aws.ToString(in.ServerCertificateName))
	check.TagKeys = in.TagKeys
	return one(check)
}

func (a *API) uploadServerCertificate(c *Call, in *sdk.UploadServerCertificateInput) (*sdk.UploadServerCertificateOutput, error) {
	cert, err := c.Draft.UploadServerCertificate(iam.NewServerCertificate{
		Name:       aws.ToString(in.ServerCertificateName),
		Path:       pathOr(in.Path),
		Body:       aws.ToString(in.CertificateBody),
		PrivateKey: aws.ToString(in.PrivateKey),
		Chain:      aws.ToString(in.CertificateChain),
		Tags:       readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	shown := showServerCertificate(c.Account, cert)
	return &sdk.UploadServerCertificateOutput{ServerCertificateMetadata: &shown, Tags: showAnyTags(cert.Tags)}, nil
}

// getServerCertificate gives all but the private key.
func (a *API) getServerCertificate(c *Call, in *sdk.GetServerCertificateInput) (*sdk.GetServerCertificateOutput, error) {
	cert, err := c.Account.ServerCertificate(aws.ToString(in.ServerCertificateName))
	if err != nil {
		return nil, err
	}
	shown := showServerCertificate(c.Account, cert)
	out := &types.ServerCertificate{
		CertificateBody: aws.String(cert.Body), ServerCertificateMetadata: &shown, Tags: showTags(cert.Tags),
	}
	if cert.Chain != "" {
		out.CertificateChain = aws.String(cert.Chain)
	}
	return &sdk.GetServerCertificateOutput{ServerCertificate: out}, nil
}

func (a *API) listServerCertificates(c *Call, in *sdk.ListServerCertificatesInput) (*sdk.ListServerCertificatesOutput, error) {
	prefix := pathOr(in.PathPrefix)
	keep := func(cert *iam.ServerCertificate) bool { return strings.HasPrefix(cert.Path, prefix) }
	show := func(cert *iam.ServerCertificate) types.ServerCertificateMetadata {
		return showServerCertificate(c.Account, cert)
	}
	list, truncated, next, err := page(in.Marker, in.MaxItems, c.Account.ServerCertificatesAfter, keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListServerCertificatesOutput{ServerCertificateMetadataList: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateServerCertificate(c *Call, in *sdk.UpdateServerCertificateInput) (*sdk.UpdateServerCertificateOutput, error) {
	return &sdk.UpdateServerCertificateOutput{}, c.Draft.UpdateServerCertificate(
		aws.ToString(in.ServerCertificateName), aws.ToString(in.NewServerCertificateName), aws.ToString(in.NewPath))
}

func (a *API) deleteServerCertificate(c *Call, in *sdk.DeleteServerCertificateInput) (*sdk.DeleteServerCertificateOutput, error) {
	return &sdk.DeleteServerCertificateOutput{}, c.Draft.DeleteServerCertificate(aws.ToString(in.ServerCertificateName))
}

func (a *API) tagServerCertificate(c *Call, in *sdk.TagServerCertificateInput) (*sdk.TagServerCertificateOutput, error) {
	return &sdk.TagServerCertificateOutput{}, c.Draft.TagServerCertificate(aws.ToString(in.ServerCertificateName), readTags(in.Tags))
}

func (a *API) untagServerCertificate(c *Call, in *sdk.UntagServerCertificateInput) (*sdk.UntagServerCertificateOutput, error) {
	return &sdk.UntagServerCertificateOutput{}, c.Draft.UntagServerCertificate(aws.ToString(in.ServerCertificateName), in.TagKeys)
}

func (a *API) listServerCertificateTags(c *Call, in *sdk.ListServerCertificateTagsInput) (*sdk.ListServerCertificateTagsOutput, error) {
	cert, err := c.Account.ServerCertificate(aws.ToString(in.ServerCertificateName))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, cert.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListServerCertificateTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}

// showServerCertificate is a certificate as lists have it.
func showServerCertificate(a *iam.Account, cert *iam.ServerCertificate) types.ServerCertificateMetadata {
	return types.ServerCertificateMetadata{
		Arn:                   aws.String(a.ServerCertificateARN(cert)),
		Expiration:            aws.Time(cert.Expiration),
		Path:                  aws.String(cert.Path),
		ServerCertificateId:   aws.String(cert.ID),
		ServerCertificateName: aws.String(cert.Name),
		UploadDate:            aws.Time(cert.UploadDate),
	}
}
