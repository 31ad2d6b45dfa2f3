package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/guard"
	"iamd/iam"
	"iamd/wire"
)

// inlinePolicyActions are the rows of policies embedded in users, groups and
// roles.
func inlinePolicyActions() []Action {
	return []Action{
		write("PutUserPolicy", granting(iam.KindUser, func(in *sdk.PutUserPolicyInput) *string { return in.UserName }), (*API).putUserPolicy),
		read("GetUserPolicy", onEntity(iam.KindUser, func(in *sdk.GetUserPolicyInput) *string { return in.UserName }), (*API).getUserPolicy),
		read("ListUserPolicies", onEntity(iam.KindUser, func(in *sdk.ListUserPoliciesInput) *string { return in.UserName }), (*API).listUserPolicies),
		write("DeleteUserPolicy", granting(iam.KindUser, func(in *sdk.DeleteUserPolicyInput) *string { return in.UserName }), (*API).deleteUserPolicy),

		write("PutGroupPolicy", granting(iam.KindGroup, func(in *sdk.PutGroupPolicyInput) *string { return in.GroupName }), (*API).putGroupPolicy),
		read("GetGroupPolicy", onEntity(iam.KindGroup, func(in *sdk.GetGroupPolicyInput) *string { return in.GroupName }), (*API).getGroupPolicy),
		read("ListGroupPolicies", onEntity(iam.KindGroup, func(in *sdk.ListGroupPoliciesInput) *string { return in.GroupName }), (*API).listGroupPolicies),
		write("DeleteGroupPolicy", granting(iam.KindGroup, func(in *sdk.DeleteGroupPolicyInput) *string { return in.GroupName }), (*API).deleteGroupPolicy),

		write("PutRolePolicy", granting(iam.KindRole, func(in *sdk.PutRolePolicyInput) *string { return in.RoleName }), (*API).putRolePolicy),
		read("GetRolePolicy", onEntity(iam.KindRole, func(in *sdk.GetRolePolicyInput) *string { return in.RoleName }), (*API).getRolePolicy),
		read("ListRolePolicies", onEntity(iam.KindRole, func(in *sdk.ListRolePoliciesInput) *string { return in.RoleName }), (*API).listRolePolicies),
		write("DeleteRolePolicy", granting(iam.KindRole, func(in *sdk.DeleteRolePolicyInput) *string { return in.RoleName }), (*API).deleteRolePolicy),
	}
}

func user(name *string) iam.Entity {
	return iam.Entity{Kind: iam.KindUser, Name: aws.ToString(name)}
}

func group(name *string) iam.Entity {
	return iam.Entity{Kind: iam.KindGroup, Name: aws.ToString(name)}
}

func role(name *string) iam.Entity {
	return iam.Entity{Kind: iam.KindRole, Name: aws.ToString(name)}
}

// entityCheck asks for an action on a user, group or role by name, and gives
// the ARN of its permissions boundary, if it has one.
func entityCheck(c *Call, action string, e iam.Entity) (check guard.Check, boundary string) {
	check = guard.Check{Action: action, Named: e.Word() + " " + e.Name}
	switch e.Kind {
	case iam.KindUser:
		u, err := c.Account.User(e.Name)
		if err != nil {
			u = &iam.User{Path: "/", Name: e.Name} // the one that it would be
		}
		check.Resource, check.Tags, boundary = c.Account.UserARN(u), u.Tags, u.Boundary
	case iam.KindGroup:
		g, err := c.Account.Group(e.Name)
		if err != nil {
			g = &iam.Group{Path: "/", Name: e.Name}
		}
		check.Resource = c.Account.GroupARN(g)
	default:
		r, err := c.Account.Role(e.Name)
		if err != nil {
			r = &iam.Role{Path: "/", Name: e.Name}
		}
		check.Resource, check.Tags, boundary = c.Account.RoleARN(r), r.Tags, r.Boundary
	}
	return check, boundary
}

// onEntity asks for an action that only looks at an entity.
func onEntity[I any](kind iam.EntityKind, name func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		check, _ := entityCheck(c, action, iam.Entity{Kind: kind, Name: aws.ToString(name(in))})
		return one(check)
	}
}

// granting asks for an action that changes what an entity may do: those know
// the boundary that the entity has.
func granting[I any](kind iam.EntityKind, name func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(grantCheck(c, action, iam.Entity{Kind: kind, Name: aws.ToString(name(in))}))
	}
}

func grantCheck(c *Call, action string, e iam.Entity) guard.Check {
	check, boundary := entityCheck(c, action, e)
	if boundary != "" {
		check.Keys = []guard.Key{guard.Value("iam:PermissionsBoundary", boundary)}
	}
	return check
}

// inlineText is an inline policy's name, and its text as it leaves.
func inlineText(c *Call, e iam.Entity, policyName *string) (name, document *string, err error) {
	p, err := c.Account.InlinePolicy(e, aws.ToString(policyName))
	if err != nil {
		return nil, nil, err
	}
	return aws.String(p.Name), aws.String(wire.PercentEncode(p.Document.Text())), nil
}

func inlineNames(c *Call, e iam.Entity, marker *string, maxItems *int32) (names []string, truncated bool, next *string, err error) {
	g, err := c.Account.GrantsOf(e)
	if err != nil {
		return nil, false, nil, err
	}
	name := func(p iam.InlinePolicy) string { return p.Name }
	return pageSlice(marker, maxItems, g.Inline, name, name)
}

func putInline(c *Call, e iam.Entity, name, document *string) error {
	return c.Draft.PutInlinePolicy(e, aws.ToString(name), aws.ToString(document))
}

func (a *API) putUserPolicy(c *Call, in *sdk.PutUserPolicyInput) (*sdk.PutUserPolicyOutput, error) {
	return &sdk.PutUserPolicyOutput{}, putInline(c, user(in.UserName), in.PolicyName, in.PolicyDocument)
}

func (a *API) putGroupPolicy(c *Call, in *sdk.PutGroupPolicyInput) (*sdk.PutGroupPolicyOutput, error) {
	return &sdk.PutGroupPolicyOutput{}, putInline(c, group(in.GroupName), in.PolicyName, in.PolicyDocument)
}

func (a *API) putRolePolicy(c *Call, in *sdk.PutRolePolicyInput) (*sdk.PutRolePolicyOutput, error) {
	return &sdk.PutRolePolicyOutput{}, putInline(c, role(in.RoleName), in.PolicyName, in.PolicyDocument)
}

func (a *API) getUserPolicy(c *Call, in *sdk.GetUserPolicyInput) (*sdk.GetUserPolicyOutput, error) {
	name, document, err := inlineText(c, user(in.UserName), in.PolicyName)
	return &sdk.GetUserPolicyOutput{UserName: in.UserName, PolicyName: name, PolicyDocument: document}, err
}

func (a *API) getGroupPolicy(c *Call, in *sdk.GetGroupPolicyInput) (*sdk.GetGroupPolicyOutput, error) {
	name, document, err := inlineText(c, group(in.GroupName), in.PolicyName)
	return &sdk.GetGroupPolicyOutput{GroupName: in.GroupName, PolicyName: name, PolicyDocument: document}, err
}

func (a *API) getRolePolicy(c *Call, in *sdk.GetRolePolicyInput) (*sdk.GetRolePolicyOutput, error) {
	name, document, err := inlineText(c, role(in.RoleName), in.PolicyName)
	return &sdk.GetRolePolicyOutput{RoleName: in.RoleName, PolicyName: name, PolicyDocument: document}, err
}

func (a *API) listUserPolicies(c *Call, in *sdk.ListUserPoliciesInput) (*sdk.ListUserPoliciesOutput, error) {
	names, truncated, next, err := inlineNames(c, user(in.UserName), in.Marker, in.MaxItems)
	return &sdk.ListUserPoliciesOutput{PolicyNames: names, IsTruncated: truncated, Marker: next}, err
}

func (a *API) listGroupPolicies(c *Call, in *sdk.ListGroupPoliciesInput) (*sdk.ListGroupPoliciesOutput, error) {
	names, truncated, next, err := inlineNames(c, group(in.GroupName), in.Marker, in.MaxItems)
	return &sdk.ListGroupPoliciesOutput{PolicyNames: names, IsTruncated: truncated, Marker: next}, err
}

func (a *API) listRolePolicies(c *Call, in *sdk.ListRolePoliciesInput) (*sdk.ListRolePoliciesOutput, error) {
	names, truncated, next, err := inlineNames(c, role(in.RoleName), in.Marker, in.MaxItems)
	return &sdk.ListRolePoliciesOutput{PolicyNames: names, IsTruncated: truncated, Marker: next}, err
}

func (a *API) deleteUserPolicy(c *Call, in *sdk.DeleteUserPolicyInput) (*sdk.DeleteUserPolicyOutput, error) {
	return &sdk.DeleteUserPolicyOutput{}, c.Draft.DeleteInlinePolicy(user(in.UserName), aws.ToString(in.PolicyName))
}

func (a *API) deleteGroupPolicy(c *Call, in *sdk.DeleteGroupPolicyInput) (*sdk.DeleteGroupPolicyOutput, error) {
	return &sdk.DeleteGroupPolicyOutput{}, c.Draft.DeleteInlinePolicy(group(in.GroupName), aws.ToString(in.PolicyName))
}

func (a *API) deleteRolePolicy(c *Call, in *sdk.DeleteRolePolicyInput) (*sdk.DeleteRolePolicyOutput, error) {
	return &sdk.DeleteRolePolicyOutput{}, c.Draft.DeleteInlinePolicy(role(in.RoleName), aws.ToString(in.PolicyName))
}
