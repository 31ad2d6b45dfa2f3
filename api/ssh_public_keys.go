package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
)

// sshPublicKeyActions are the rows of SSH public keys.
func sshPublicKeyActions() []Action {
	return []Action{
		write("UploadSSHPublicKey", onEntity(iam.KindUser, func(in *sdk.UploadSSHPublicKeyInput) *string { return in.UserName }), (*API).uploadSSHPublicKey),
		read("GetSSHPublicKey", onEntity(iam.KindUser, func(in *sdk.GetSSHPublicKeyInput) *string { return in.UserName }), (*API).getSSHPublicKey),
		read("ListSSHPublicKeys", onUserOrCaller(func(in *sdk.ListSSHPublicKeysInput) *string { return in.UserName }), (*API).listSSHPublicKeys),
		write("UpdateSSHPublicKey", onEntity(iam.KindUser, func(in *sdk.UpdateSSHPublicKeyInput) *string { return in.UserName }), (*API).updateSSHPublicKey),
		write("DeleteSSHPublicKey", onEntity(iam.KindUser, func(in *sdk.DeleteSSHPublicKeyInput) *string { return in.UserName }), (*API).deleteSSHPublicKey),
	}
}

// namedUserOrCaller is userOrCaller for what the root user can't have: it must
// say whose it means.
func namedUserOrCaller(c *Call, name *string) (*iam.User, error) {
	u, err := userOrCaller(c, name)
	if err == nil && u == nil {
		return nil, iam.Errorf(iam.CodeValidation, "Must specify userName when calling with non-User credentials")
	}
	return u, err
}

// uploadSSHPublicKey answers with the text that came in, comment and all.
func (a *API) uploadSSHPublicKey(c *Call, in *sdk.UploadSSHPublicKeyInput) (*sdk.UploadSSHPublicKeyOutput, error) {
	key, err := c.Draft.UploadSSHPublicKey(aws.ToString(in.UserName), aws.ToString(in.SSHPublicKeyBody))
	if err != nil {
		return nil, err
	}
	u, err := c.Account.User(aws.ToString(in.UserName))
	if err != nil {
		return nil, err
	}
	return &sdk.UploadSSHPublicKeyOutput{SSHPublicKey: showSSHPublicKey(u, key, aws.ToString(in.SSHPublicKeyBody))}, nil
}

func (a *API) getSSHPublicKey(c *Call, in *sdk.GetSSHPublicKeyInput) (*sdk.GetSSHPublicKeyOutput, error) {
	u, err := c.Account.User(aws.ToString(in.UserName))
	if err != nil {
		return nil, err
	}
	key, err := u.SSHPublicKey(aws.ToString(in.SSHPublicKeyId))
	if err != nil {
		return nil, err
	}
	body := key.Line
	if in.Encoding == types.EncodingTypePem {
		if body, err = key.PEM(); err != nil {
			return nil, err
		}
	}
	return &sdk.GetSSHPublicKeyOutput{SSHPublicKey: showSSHPublicKey(u, key, body)}, nil
}

func (a *API) listSSHPublicKeys(c *Call, in *sdk.ListSSHPublicKeysInput) (*sdk.ListSSHPublicKeysOutput, error) {
	u, err := namedUserOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	id := func(k iam.SSHPublicKey) string { return k.ID }
	show := func(k iam.SSHPublicKey) types.SSHPublicKeyMetadata {
		return types.SSHPublicKeyMetadata{
			SSHPublicKeyId: aws.String(k.ID), Status: types.StatusType(k.Status), UploadDate: aws.Time(k.UploadDate), UserName: aws.String(u.Name),
		}
	}
	list, truncated, next, err := pageSlice(in.Marker, in.MaxItems, u.SSHKeys, id, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListSSHPublicKeysOutput{SSHPublicKeys: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateSSHPublicKey(c *Call, in *sdk.UpdateSSHPublicKeyInput) (*sdk.UpdateSSHPublicKeyOutput, error) {
	return &sdk.UpdateSSHPublicKeyOutput{},
		c.Draft.UpdateSSHPublicKey(aws.ToString(in.UserName), aws.ToString(in.SSHPublicKeyId), iam.Status(in.Status))
}

func (a *API) deleteSSHPublicKey(c *Call, in *sdk.DeleteSSHPublicKeyInput) (*sdk.DeleteSSHPublicKeyOutput, error) {
	return &sdk.DeleteSSHPublicKeyOutput{}, c.Draft.DeleteSSHPublicKey(aws.ToString(in.UserName), aws.ToString(in.SSHPublicKeyId))
}

func showSSHPublicKey(u *iam.User, key iam.SSHPublicKey, body string) *types.SSHPublicKey {
	return &types.SSHPublicKey{
		Fingerprint:      aws.String(key.Fingerprint),
		SSHPublicKeyBody: aws.String(body),
		SSHPublicKeyId:   aws.String(key.ID),
		Status:           types.StatusType(key.Status),
		UploadDate:       aws.Time(key.UploadDate),
		UserName:         aws.String(u.Name),
	}
}
