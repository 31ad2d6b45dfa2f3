package api

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/wire"
)

// roleActions are the rows of roles, their trust policies, tags and boundaries.
func roleActions() []Action {
	return []Action{
		write("CreateRole", checkNewRole, (*API).createRole),
		read("GetRole", granting(iam.KindRole, func(in *sdk.GetRoleInput) *string { return in.RoleName }), (*API).getRole),
		read("ListRoles", checkListRoles, (*API).listRoles),
		write("UpdateRole", granting(iam.KindRole, func(in *sdk.UpdateRoleInput) *string { return in.RoleName }), (*API).updateRole),
		write("UpdateRoleDescription", granting(iam.KindRole, func(in *sdk.UpdateRoleDescriptionInput) *string { return in.RoleName }), (*API).updateRoleDescription),
		write("UpdateAssumeRolePolicy", granting(iam.KindRole, func(in *sdk.UpdateAssumeRolePolicyInput) *string { return in.RoleName }), (*API).updateAssumeRolePolicy),
		write("DeleteRole", granting(iam.KindRole, func(in *sdk.DeleteRoleInput) *string { return in.RoleName }), (*API).deleteRole),

		write("TagRole", checkTagRole, (*API).tagRole),
		write("UntagRole", checkUntagRole, (*API).untagRole),
		read("ListRoleTags", onEntity(iam.KindRole, func(in *sdk.ListRoleTagsInput) *string { return in.RoleName }), (*API).listRoleTags),

		write("PutRolePermissionsBoundary", checkPutRoleBoundary, (*API).putRolePermissionsBoundary),
		write("DeleteRolePermissionsBoundary", granting(iam.KindRole, func(in *sdk.DeleteRolePermissionsBoundaryInput) *string { return in.RoleName }), (*API).deleteRolePermissionsBoundary),
	}
}

// checkNewRole asks for the role's creation and, when it brings tags, for its
// tagging.
func checkNewRole(c *Call, action string, in *sdk.CreateRoleInput) ([]guard.Check, error) {
	arn := c.Account.RoleARN(&iam.Role{Path: pathOr(in.Path), Name: aws.ToString(in.RoleName)})
	return newEntityChecks(action, "iam:TagRole", arn, in.PermissionsBoundary, in.Tags), nil
}

func checkListRoles(c *Call, action string, in *sdk.ListRolesInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: c.Account.RoleARN(&iam.Role{Path: pathOr(in.PathPrefix)})})
}

func checkTagRole(c *Call, action string, in *sdk.TagRoleInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, role(in.RoleName))
	check.RequestTags = readTags(in.Tags)
	return one(check)
}

func checkUntagRole(c *Call, action string, in *sdk.UntagRoleInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, role(in.RoleName))
	check.TagKeys = in.TagKeys
	return one(check)
}

// checkPutRoleBoundary asks with the boundary that is to be, not the one that
// is.
func checkPutRoleBoundary(c *Call, action string, in *sdk.PutRolePermissionsBoundaryInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, role(in.RoleName))
	check.Keys = boundaryKey(in.PermissionsBoundary)
	return one(check)
}

func (a *API) createRole(c *Call, in *sdk.CreateRoleInput) (*sdk.CreateRoleOutput, error) {
	r, err := c.Draft.CreateRole(iam.NewRole{
		Name:        aws.ToString(in.RoleName),
		Path:        pathOr(in.Path),
		Trust:       aws.ToString(in.AssumeRolePolicyDocument),
		Description: aws.ToString(in.Description),
		MaxSession:  aws.ToInt32(in.MaxSessionDuration),
		Boundary:    aws.ToString(in.PermissionsBoundary),
		Tags:        readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	out := showWholeRole(c.Account, r)
	out.MaxSessionDuration = nil // not told by AWS here
	return &sdk.CreateRoleOutput{Role: out}, nil
}

func (a *API) getRole(c *Call, in *sdk.GetRoleInput) (*sdk.GetRoleOutput, error) {
	r, err := c.Account.Role(aws.ToString(in.RoleName))
	if err != nil {
		return nil, err
	}
	out := showWholeRole(c.Account, r)
	out.RoleLastUsed = a.roleLastUsed(c, r)
	out.SourceRoleTemplate = showSource(r.Source)
	return &sdk.GetRoleOutput{Role: out}, nil
}

// roleLastUsed is empty for a role that was not used yet.
func (a *API) roleLastUsed(c *Call, r *iam.Role) *types.RoleLastUsed {
	if at, region, ok := a.usage.Role(c.Context, c.Account.ID, r.ID); ok {
		return &types.RoleLastUsed{LastUsedDate: aws.Time(at), Region: aws.String(region)}
	}
	return &types.RoleLastUsed{}
}

func (a *API) listRoles(c *Call, in *sdk.ListRolesInput) (*sdk.ListRolesOutput, error) {
	prefix := pathOr(in.PathPrefix)
	keep := func(r *iam.Role) bool { return strings.HasPrefix(r.Path, prefix) }
	show := func(r *iam.Role) types.Role { return showRole(c.Account, r) }
	weigh := func(r types.Role) int { return len(*r.AssumeRolePolicyDocument) }
	list, truncated, next, err := pageOfWeight(in.Marker, in.MaxItems, c.Account.RolesAfter, keep, show, weigh)
	if err != nil {
		return nil, err
	}
	return &sdk.ListRolesOutput{Roles: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateRole(c *Call, in *sdk.UpdateRoleInput) (*sdk.UpdateRoleOutput, error) {
	return &sdk.UpdateRoleOutput{}, c.Draft.UpdateRole(aws.ToString(in.RoleName), in.Description, aws.ToInt32(in.MaxSessionDuration))
}

func (a *API) updateRoleDescription(c *Call, in *sdk.UpdateRoleDescriptionInput) (*sdk.UpdateRoleDescriptionOutput, error) {
	r, err := c.Draft.UpdateRoleDescription(aws.ToString(in.RoleName), aws.ToString(in.Description))
	if err != nil {
		return nil, err
	}
	out := showWholeRole(c.Account, r)
	out.MaxSessionDuration = nil // not told by AWS here
	return &sdk.UpdateRoleDescriptionOutput{Role: out}, nil
}

func (a *API) updateAssumeRolePolicy(c *Call, in *sdk.UpdateAssumeRolePolicyInput) (*sdk.UpdateAssumeRolePolicyOutput, error) {
	return &sdk.UpdateAssumeRolePolicyOutput{}, c.Draft.UpdateAssumeRolePolicy(aws.ToString(in.RoleName), aws.ToString(in.PolicyDocument))
}

func (a *API) deleteRole(c *Call, in *sdk.DeleteRoleInput) (*sdk.DeleteRoleOutput, error) {
	return &sdk.DeleteRoleOutput{}, c.Draft.DeleteRole(aws.ToString(in.RoleName))
}

func (a *API) tagRole(c *Call, in *sdk.TagRoleInput) (*sdk.TagRoleOutput, error) {
	return &sdk.TagRoleOutput{}, c.Draft.TagRole(aws.ToString(in.RoleName), readTags(in.Tags))
}

func (a *API) untagRole(c *Call, in *sdk.UntagRoleInput) (*sdk.UntagRoleOutput, error) {
	return &sdk.UntagRoleOutput{}, c.Draft.UntagRole(aws.ToString(in.RoleName), in.TagKeys)
}

func (a *API) listRoleTags(c *Call, in *sdk.ListRoleTagsInput) (*sdk.ListRoleTagsOutput, error) {
	r, err := c.Account.Role(aws.ToString(in.RoleName))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, r.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListRoleTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) putRolePermissionsBoundary(c *Call, in *sdk.PutRolePermissionsBoundaryInput) (*sdk.PutRolePermissionsBoundaryOutput, error) {
	return &sdk.PutRolePermissionsBoundaryOutput{},
		c.Draft.PutRolePermissionsBoundary(aws.ToString(in.RoleName), aws.ToString(in.PermissionsBoundary))
}

func (a *API) deleteRolePermissionsBoundary(c *Call, in *sdk.DeleteRolePermissionsBoundaryInput) (*sdk.DeleteRolePermissionsBoundaryOutput, error) {
	return &sdk.DeleteRolePermissionsBoundaryOutput{}, c.Draft.DeleteRolePermissionsBoundary(aws.ToString(in.RoleName))
}

// showRole is a role as lists have it.
func showRole(a *iam.Account, r *iam.Role) types.Role {
	out := types.Role{
		Arn:                      aws.String(a.RoleARN(r)),
		AssumeRolePolicyDocument: aws.String(wire.PercentEncode(a.TrustText(r))),
		CreateDate:               aws.Time(r.CreateDate),
		MaxSessionDuration:       aws.Int32(r.MaxSession),
		Path:                     aws.String(r.Path),
		RoleId:                   aws.String(r.ID),
		RoleName:                 aws.String(r.Name),
	}
	if r.Description != "" {
		out.Description = aws.String(r.Description)
	}
	return out
}

// showWholeRole is a role with its boundary and tags.
func showWholeRole(a *iam.Account, r *iam.Role) *types.Role {
	out := showRole(a, r)
	out.PermissionsBoundary = showBoundary(r.Boundary)
	out.Tags = showAnyTags(r.Tags)
	return &out
}
