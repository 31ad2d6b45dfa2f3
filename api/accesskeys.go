package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// accessKeyActions are the rows of long-term keys, of users and of root.
func accessKeyActions() []Action {
	return []Action{
		write("CreateAccessKey", onUserOrCaller(func(in *sdk.CreateAccessKeyInput) *string { return in.UserName }), (*API).createAccessKey),
		read("ListAccessKeys", onUserOrCaller(func(in *sdk.ListAccessKeysInput) *string { return in.UserName }), (*API).listAccessKeys),
		write("UpdateAccessKey", onUserOrCaller(func(in *sdk.UpdateAccessKeyInput) *string { return in.UserName }), (*API).updateAccessKey),
		write("DeleteAccessKey", onUserOrCaller(func(in *sdk.DeleteAccessKeyInput) *string { return in.UserName }), (*API).deleteAccessKey),
		read("GetAccessKeyLastUsed", checkKeyLastUsed, (*API).getAccessKeyLastUsed),
	}
}

// checkKeyLastUsed asks for the user whose key it is. A key that is not in the
// account has no user: then every user is asked for.
func checkKeyLastUsed(c *Call, action string, in *sdk.GetAccessKeyLastUsedInput) ([]guard.Check, error) {
	id := aws.ToString(in.AccessKeyId)
	check := guard.Check{Action: action, Resource: "*"}
	switch _, u, ok := c.Account.AccessKey(id); {
	case ok && u != nil:
		check, _ = entityCheck(c, action, user(&u.Name))
	case ok:
		check.Resource = c.Account.RootARN()
	}
	check.Named = "access key " + id
	return one(check)
}

// createAccessKey makes a key. Its secret is in this answer and in no other.
func (a *API) createAccessKey(c *Call, in *sdk.CreateAccessKeyInput) (*sdk.CreateAccessKeyOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	key, secret, err := c.Draft.CreateAccessKey(owner)
	if err != nil {
		return nil, err
	}
	return &sdk.CreateAccessKeyOutput{AccessKey: &types.AccessKey{
		AccessKeyId:     aws.String(key.ID),
		CreateDate:      aws.Time(key.CreateDate),
		SecretAccessKey: aws.String(secret),
		Status:          types.StatusType(key.Status),
		UserName:        ownerName(owner),
	}}, nil
}

// ownerName is left out for the root user, which has no name.
func ownerName(u *iam.User) *string {
	if u == nil {
		return nil
	}
	return aws.String(u.Name)
}

func (a *API) listAccessKeys(c *Call, in *sdk.ListAccessKeysInput) (*sdk.ListAccessKeysOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	keys := c.Account.Root.Keys
	if owner != nil {
		keys = owner.Keys
	}
	id := func(k iam.AccessKey) string { return k.ID }
	show := func(k iam.AccessKey) types.AccessKeyMetadata {
		return types.AccessKeyMetadata{
			AccessKeyId: aws.String(k.ID), CreateDate: aws.Time(k.CreateDate), Status: types.StatusType(k.Status), UserName: ownerName(owner),
		}
	}
	list, truncated, next, err := pageSlice(in.Marker, in.MaxItems, keys, id, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListAccessKeysOutput{AccessKeyMetadata: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateAccessKey(c *Call, in *sdk.UpdateAccessKeyInput) (*sdk.UpdateAccessKeyOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.UpdateAccessKeyOutput{}, c.Draft.UpdateAccessKey(owner, aws.ToString(in.AccessKeyId), iam.Status(in.Status))
}

func (a *API) deleteAccessKey(c *Call, in *sdk.DeleteAccessKeyInput) (*sdk.DeleteAccessKeyOutput, error) {
	owner, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteAccessKeyOutput{}, c.Draft.DeleteAccessKey(owner, aws.ToString(in.AccessKeyId))
}

// getAccessKeyLastUsed answers AWS's "N/A" for a key that was never used.
func (a *API) getAccessKeyLastUsed(c *Call, in *sdk.GetAccessKeyLastUsedInput) (*sdk.GetAccessKeyLastUsedOutput, error) {
	id := aws.ToString(in.AccessKeyId)
	_, u, ok := c.Account.AccessKey(id)
	if !ok {
		return nil, iam.NoAccessKey(id)
	}
	last := &types.AccessKeyLastUsed{ServiceName: aws.String("N/A"), Region: aws.String("N/A")}
	if at, service, region, used := a.usage.Key(c.Context, c.Account.ID, id); used {
		last = &types.AccessKeyLastUsed{LastUsedDate: aws.Time(at), ServiceName: aws.String(service), Region: aws.String(region)}
	}
	return &sdk.GetAccessKeyLastUsedOutput{UserName: ownerName(u), AccessKeyLastUsed: last}, nil
}
