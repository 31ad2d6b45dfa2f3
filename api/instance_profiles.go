package api

import (
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/wire"
)

// instanceProfileActions are the rows of instance profiles and their tags.
func instanceProfileActions() []Action {
	return []Action{
		write("CreateInstanceProfile", checkNewInstanceProfile, (*API).createInstanceProfile),
		read("GetInstanceProfile", onInstanceProfile(func(in *sdk.GetInstanceProfileInput) *string { return in.InstanceProfileName }), (*API).getInstanceProfile),
		read("ListInstanceProfiles", checkListInstanceProfiles, (*API).listInstanceProfiles),
		read("ListInstanceProfilesForRole", onEntity(iam.KindRole, func(in *sdk.ListInstanceProfilesForRoleInput) *string { return in.RoleName }), (*API).listInstanceProfilesForRole),
		write("DeleteInstanceProfile", onInstanceProfile(func(in *sdk.DeleteInstanceProfileInput) *string { return in.InstanceProfileName }), (*API).deleteInstanceProfile),

		write("AddRoleToInstanceProfile", checkAddRoleToInstanceProfile, (*API).addRoleToInstanceProfile),
		write("RemoveRoleFromInstanceProfile", onInstanceProfile(func(in *sdk.RemoveRoleFromInstanceProfileInput) *string { return in.InstanceProfileName }), (*API).removeRoleFromInstanceProfile),

		write("TagInstanceProfile", checkTagInstanceProfile, (*API).tagInstanceProfile),
		write("UntagInstanceProfile", checkUntagInstanceProfile, (*API).untagInstanceProfile),
		read("ListInstanceProfileTags", onInstanceProfile(func(in *sdk.ListInstanceProfileTagsInput) *string { return in.InstanceProfileName }), (*API).listInstanceProfileTags),
	}
}

// instanceProfileCheck asks for an action on an instance profile by name.
func instanceProfileCheck(c *Call, action string, name *string) guard.Check {
	p, err := c.Account.InstanceProfile(aws.ToString(name))
	if err != nil {
		p = &iam.InstanceProfile{Path: "/", Name: aws.ToString(name)} // the one that it would be
	}
	return guard.Check{
		Action: action, Resource: c.Account.InstanceProfileARN(p), Tags: p.Tags, Named: "instance profile " + aws.ToString(name),
	}
}

func onInstanceProfile[I any](name func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(instanceProfileCheck(c, action, name(in)))
	}
}

func checkNewInstanceProfile(c *Call, action string, in *sdk.CreateInstanceProfileInput) ([]guard.Check, error) {
	arn := c.Account.InstanceProfileARN(&iam.InstanceProfile{Path: pathOr(in.Path), Name: aws.ToString(in.InstanceProfileName)})
	return newEntityChecks(action, "iam:TagInstanceProfile", arn, nil, in.Tags), nil
}

func checkListInstanceProfiles(c *Call, action string, in *sdk.ListInstanceProfilesInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: c.Account.InstanceProfileARN(&iam.InstanceProfile{Path: pathOr(in.PathPrefix)})})
}

// checkAddRoleToInstanceProfile asks for the profile, and for the role to be
// passed to EC2, on any of the account's instances.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
func checkAddRoleToInstanceProfile(c *Call, action string, in *sdk.AddRoleToInstanceProfileInput) ([]guard.Check, error) {
	pass, _ := entityCheck(c, "iam:PassRole", role(in.RoleName))
	pass.Named = "" // a denial has the ARN
	pass.Keys = []guard.Key{
		guard.Value("iam:PassedToService", "ec2.amazonaws.com"),
		guard.Value("iam:AssociatedResourceArn", "arn:aws:ec2:*:"+c.Account.ID+":instance/*"),
	}
	return []guard.Check{instanceProfileCheck(c, action, in.InstanceProfileName), pass}, nil
}

func checkTagInstanceProfile(c *Call, action string, in *sdk.TagInstanceProfileInput) ([]guard.Check, error) {
	check := instanceProfileCheck(c, action, in.InstanceProfileName)
	check.RequestTags = readTags(in.Tags)
	return one(check)
}

func checkUntagInstanceProfile(c *Call, action string, in *sdk.UntagInstanceProfileInput) ([]guard.Check, error) {
	check := instanceProfileCheck(c, action, in.InstanceProfileName)
	check.TagKeys = in.TagKeys
	return one(check)
}

func (a *API) createInstanceProfile(c *Call, in *sdk.CreateInstanceProfileInput) (*sdk.CreateInstanceProfileOutput, error) {
	p, err := c.Draft.CreateInstanceProfile(aws.ToString(in.InstanceProfileName), pathOr(in.Path), readTags(in.Tags))
	if err != nil {
		return nil, err
	}
	out := showInstanceProfile(c.Account, p)
	out.Tags = showAnyTags(p.Tags)
	return &sdk.CreateInstanceProfileOutput{InstanceProfile: &out}, nil
}

func (a *API) getInstanceProfile(c *Call, in *sdk.GetInstanceProfileInput) (*sdk.GetInstanceProfileOutput, error) {
	p, err := c.Account.InstanceProfile(aws.ToString(in.InstanceProfileName))
	if err != nil {
		return nil, err
	}
	out := showInstanceProfile(c.Account, p)
	out.Tags = showTags(p.Tags)
	return &sdk.GetInstanceProfileOutput{InstanceProfile: &out}, nil
}

func (a *API) listInstanceProfiles(c *Call, in *sdk.ListInstanceProfilesInput) (*sdk.ListInstanceProfilesOutput, error) {
	prefix := pathOr(in.PathPrefix)
	keep := func(p *iam.InstanceProfile) bool { return strings.HasPrefix(p.Path, prefix) }
	show := func(p *iam.InstanceProfile) types.InstanceProfile { return showInstanceProfile(c.Account, p) }
	list, truncated, next, err := pageOfWeight(in.Marker, in.MaxItems, c.Account.InstanceProfilesAfter, keep, show, profileWeight)
	if err != nil {
		return nil, err
	}
	return &sdk.ListInstanceProfilesOutput{InstanceProfiles: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) listInstanceProfilesForRole(c *Call, in *sdk.ListInstanceProfilesForRoleInput) (*sdk.ListInstanceProfilesForRoleOutput, error) {
	r, err := c.Account.Role(aws.ToString(in.RoleName))
	if err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, *iam.InstanceProfile] {
		return c.Account.InstanceProfilesOfRoleAfter(r, after)
	}
	show := func(p *iam.InstanceProfile) types.InstanceProfile { return showInstanceProfile(c.Account, p) }
	list, truncated, next, err := pageOfWeight(in.Marker, in.MaxItems, walk, nil, show, profileWeight)
	if err != nil {
		return nil, err
	}
	return &sdk.ListInstanceProfilesForRoleOutput{InstanceProfiles: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) deleteInstanceProfile(c *Call, in *sdk.DeleteInstanceProfileInput) (*sdk.DeleteInstanceProfileOutput, error) {
	return &sdk.DeleteInstanceProfileOutput{}, c.Draft.DeleteInstanceProfile(aws.ToString(in.InstanceProfileName))
}

func (a *API) addRoleToInstanceProfile(c *Call, in *sdk.AddRoleToInstanceProfileInput) (*sdk.AddRoleToInstanceProfileOutput, error) {
	return &sdk.AddRoleToInstanceProfileOutput{}, c.Draft.AddRoleToInstanceProfile(aws.ToString(in.InstanceProfileName), aws.ToString(in.RoleName))
}

func (a *API) removeRoleFromInstanceProfile(c *Call, in *sdk.RemoveRoleFromInstanceProfileInput) (*sdk.RemoveRoleFromInstanceProfileOutput, error) {
	return &sdk.RemoveRoleFromInstanceProfileOutput{}, c.Draft.RemoveRoleFromInstanceProfile(aws.ToString(in.InstanceProfileName), aws.ToString(in.RoleName))
}

func (a *API) tagInstanceProfile(c *Call, in *sdk.TagInstanceProfileInput) (*sdk.TagInstanceProfileOutput, error) {
	return &sdk.TagInstanceProfileOutput{}, c.Draft.TagInstanceProfile(aws.ToString(in.InstanceProfileName), readTags(in.Tags))
}

func (a *API) untagInstanceProfile(c *Call, in *sdk.UntagInstanceProfileInput) (*sdk.UntagInstanceProfileOutput, error) {
	return &sdk.UntagInstanceProfileOutput{}, c.Draft.UntagInstanceProfile(aws.ToString(in.InstanceProfileName), in.TagKeys)
}

func (a *API) listInstanceProfileTags(c *Call, in *sdk.ListInstanceProfileTagsInput) (*sdk.ListInstanceProfileTagsOutput, error) {
	p, err := c.Account.InstanceProfile(aws.ToString(in.InstanceProfileName))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, p.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListInstanceProfileTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}

// showInstanceProfile is an instance profile as lists have it: without tags, and
// of its role only who it is and whom it trusts.
func showInstanceProfile(a *iam.Account, p *iam.InstanceProfile) types.InstanceProfile {
	out := types.InstanceProfile{
		Arn: aws.String(a.InstanceProfileARN(p)), CreateDate: aws.Time(p.CreateDate), Path: aws.String(p.Path),
		InstanceProfileId: aws.String(p.ID), InstanceProfileName: aws.String(p.Name), Roles: []types.Role{},
	}
	if r, ok := a.RoleByID(p.Role); ok {
		out.Roles = append(out.Roles, types.Role{
			Arn: aws.String(a.RoleARN(r)), CreateDate: aws.Time(r.CreateDate), Path: aws.String(r.Path),
			RoleId: aws.String(r.ID), RoleName: aws.String(r.Name),
			AssumeRolePolicyDocument: aws.String(wire.PercentEncode(a.TrustText(r))),
		})
	}
	return out
}

// profileWeight is how long the documents of an instance profile are.
func profileWeight(p types.InstanceProfile) (n int) {
	for i := range p.Roles {
		n += len(*p.Roles[i].AssumeRolePolicyDocument)
	}
	return n
}
