package api

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// userActions are the rows of users, their tags and their boundaries.
func userActions() []Action {
	return []Action{
		write("CreateUser", checkNewUser, (*API).createUser),
		read("GetUser", onUserOrCaller(func(in *sdk.GetUserInput) *string { return in.UserName }), (*API).getUser),
		read("ListUsers", checkListUsers, (*API).listUsers),
		write("UpdateUser", checkUpdateUser, (*API).updateUser),
		write("DeleteUser", onEntity(iam.KindUser, func(in *sdk.DeleteUserInput) *string { return in.UserName }), (*API).deleteUser),

		write("TagUser", checkTagUser, (*API).tagUser),
		write("UntagUser", checkUntagUser, (*API).untagUser),
		read("ListUserTags", onEntity(iam.KindUser, func(in *sdk.ListUserTagsInput) *string { return in.UserName }), (*API).listUserTags),

		write("PutUserPermissionsBoundary", checkPutUserBoundary, (*API).putUserPermissionsBoundary),
		write("DeleteUserPermissionsBoundary", granting(iam.KindUser, func(in *sdk.DeleteUserPermissionsBoundaryInput) *string { return in.UserName }), (*API).deleteUserPermissionsBoundary),
	}
}

// userOrCaller finds the user that a request means: the one it names, or else
// the caller. It is nil when the root user calls and means itself.
func userOrCaller(c *Call, name *string) (*iam.User, error) {
	switch {
	case name != nil:
		return c.Account.User(*name)
	case c.Caller.Kind == policy.User:
		if u, ok := c.Account.UserByID(c.Caller.UniqueID); ok {
			return u, nil
		}
		return c.Account.User(c.Caller.UserName)
	case c.isRoot():
		return nil, nil
	default:
		return nil, iam.Errorf(iam.CodeValidation, "Must specify userName when calling with non-User credentials")
	}
}

// onUserOrCaller asks for an action on the user that userOrCaller finds.
func onUserOrCaller[I any](name func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		if name(in) != nil {
			check, _ := entityCheck(c, action, user(name(in)))
			return one(check)
		}
		u, err := userOrCaller(c, nil)
		if err != nil {
			return nil, err
		}
		if u == nil {
			return one(guard.Check{Action: action, Resource: c.Account.RootARN()})
		}
		check, _ := entityCheck(c, action, user(&u.Name))
		return one(check)
	}
}

// pathOr is a path or path prefix, "/" when it is left out.
func pathOr(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}

// checkNewUser asks for the user's creation and, when it brings tags, for its
// tagging.
func checkNewUser(c *Call, action string, in *sdk.CreateUserInput) ([]guard.Check, error) {
	arn := c.Account.UserARN(&iam.User{Path: pathOr(in.Path), Name: aws.ToString(in.UserName)})
	return newEntityChecks(action, "iam:TagUser", arn, in.PermissionsBoundary, in.Tags), nil
}

// newEntityChecks are what the creation of a user or role needs.
func newEntityChecks(action, tagAction, arn string, boundary *string, tags []types.Tag) []guard.Check {
	create := guard.Check{Action: action, Resource: arn, RequestTags: readTags(tags), Keys: boundaryKey(boundary)}
	if len(tags) == 0 {
		return []guard.Check{create}
	}
	return []guard.Check{create, {Action: tagAction, Resource: arn, RequestTags: create.RequestTags}}
}

// boundaryKey is the condition key of the boundary that a request brings.
func boundaryKey(arn *string) []guard.Key {
	if arn == nil {
		return nil
	}
	return []guard.Key{guard.Value("iam:PermissionsBoundary", *arn)}
}

func checkListUsers(c *Call, action string, in *sdk.ListUsersInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: c.Account.UserARN(&iam.User{Path: pathOr(in.PathPrefix)})})
}

// checkUpdateUser asks for the user as it is and as it is going to be.
func checkUpdateUser(c *Call, action string, in *sdk.UpdateUserInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, user(in.UserName))
	next := iam.User{Path: "/", Name: aws.ToString(in.UserName)}
	if u, err := c.Account.User(next.Name); err == nil {
		next = *u
	}
	if in.NewUserName != nil {
		next.Name = *in.NewUserName
	}
	if in.NewPath != nil {
		next.Path = *in.NewPath
	}
	return moved(check, c.Account.UserARN(&next), "user "+next.Name), nil
}

// moved is a check, and the same for the ARN that the entity is to have.
func moved(check guard.Check, arn, named string) []guard.Check {
	if arn == check.Resource {
		return []guard.Check{check}
	}
	target := check
	target.Resource, target.Named = arn, named
	return []guard.Check{check, target}
}

func checkTagUser(c *Call, action string, in *sdk.TagUserInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, user(in.UserName))
	check.RequestTags = readTags(in.Tags)
	return one(check)
}

func checkUntagUser(c *Call, action string, in *sdk.UntagUserInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, user(in.UserName))
	check.TagKeys = in.TagKeys
	return one(check)
}

// checkPutUserBoundary asks with the boundary that is to be, not the one that
// is.
func checkPutUserBoundary(c *Call, action string, in *sdk.PutUserPermissionsBoundaryInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, user(in.UserName))
	check.Keys = boundaryKey(in.PermissionsBoundary)
	return one(check)
}

// createUser makes a user. Names, quota and uniqueness are iam's to judge; the
// caller was admitted before we got here.
func (a *API) createUser(c *Call, in *sdk.CreateUserInput) (*sdk.CreateUserOutput, error) {
	u, err := c.Draft.CreateUser(iam.NewUser{
		Name:     aws.ToString(in.UserName),
		Path:     pathOr(in.Path),
		Boundary: aws.ToString(in.PermissionsBoundary),
		Tags:     readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateUserOutput{User: showWholeUser(c.Account, u)}, nil
}

func (a *API) getUser(c *Call, in *sdk.GetUserInput) (*sdk.GetUserOutput, error) {
	u, err := userOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if u == nil {
		out := showRoot(c.Account)
		out.PasswordLastUsed = a.passwordLastUsed(c, c.Account.ID)
		return &sdk.GetUserOutput{User: out}, nil
	}
	out := showWholeUser(c.Account, u)
	out.PasswordLastUsed = a.passwordLastUsed(c, u.ID)
	return &sdk.GetUserOutput{User: out}, nil
}

// passwordLastUsed is when somebody last signed in by password; nil for never. AWS
// tells it of users in GetUser and ListUsers alone.
func (a *API) passwordLastUsed(c *Call, id string) *time.Time {
	if at, ok := a.usage.Login(c.Context, c.Account.ID, id); ok {
		return &at
	}
	return nil
}

func (a *API) listUsers(c *Call, in *sdk.ListUsersInput) (*sdk.ListUsersOutput, error) {
	prefix := pathOr(in.PathPrefix)
	keep := func(u *iam.User) bool { return strings.HasPrefix(u.Path, prefix) }
	show := func(u *iam.User) types.User {
		out := showUser(c.Account, u)
		out.PasswordLastUsed = a.passwordLastUsed(c, u.ID)
		return out
	}
	list, truncated, next, err := page(in.Marker, in.MaxItems, c.Account.UsersAfter, keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListUsersOutput{Users: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateUser(c *Call, in *sdk.UpdateUserInput) (*sdk.UpdateUserOutput, error) {
	return &sdk.UpdateUserOutput{}, c.Draft.UpdateUser(aws.ToString(in.UserName), aws.ToString(in.NewUserName), aws.ToString(in.NewPath))
}

func (a *API) deleteUser(c *Call, in *sdk.DeleteUserInput) (*sdk.DeleteUserOutput, error) {
	return &sdk.DeleteUserOutput{}, c.Draft.DeleteUser(aws.ToString(in.UserName))
}

func (a *API) tagUser(c *Call, in *sdk.TagUserInput) (*sdk.TagUserOutput, error) {
	return &sdk.TagUserOutput{}, c.Draft.TagUser(aws.ToString(in.UserName), readTags(in.Tags))
}

func (a *API) untagUser(c *Call, in *sdk.UntagUserInput) (*sdk.UntagUserOutput, error) {
	return &sdk.UntagUserOutput{}, c.Draft.UntagUser(aws.ToString(in.UserName), in.TagKeys)
}

func (a *API) listUserTags(c *Call, in *sdk.ListUserTagsInput) (*sdk.ListUserTagsOutput, error) {
	u, err := c.Account.User(aws.ToString(in.UserName))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, u.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListUserTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) putUserPermissionsBoundary(c *Call, in *sdk.PutUserPermissionsBoundaryInput) (*sdk.PutUserPermissionsBoundaryOutput, error) {
	return &sdk.PutUserPermissionsBoundaryOutput{},
		c.Draft.PutUserPermissionsBoundary(aws.ToString(in.UserName), aws.ToString(in.PermissionsBoundary))
}

func (a *API) deleteUserPermissionsBoundary(c *Call, in *sdk.DeleteUserPermissionsBoundaryInput) (*sdk.DeleteUserPermissionsBoundaryOutput, error) {
	return &sdk.DeleteUserPermissionsBoundaryOutput{}, c.Draft.DeleteUserPermissionsBoundary(aws.ToString(in.UserName))
}

// showUser is a user as lists have it.
func showUser(a *iam.Account, u *iam.User) types.User {
	return types.User{
		Arn:        aws.String(a.UserARN(u)),
		CreateDate: aws.Time(u.CreateDate),
		Path:       aws.String(u.Path),
		UserId:     aws.String(u.ID),
		UserName:   aws.String(u.Name),
	}
}

// showRoot is the root user, who has neither name nor path.
func showRoot(a *iam.Account) *types.User {
	return &types.User{Arn: aws.String(a.RootARN()), UserId: aws.String(a.ID), CreateDate: aws.Time(a.CreateDate)}
}

// showWholeUser is a user with its boundary and tags.
func showWholeUser(a *iam.Account, u *iam.User) *types.User {
	out := showUser(a, u)
	out.PermissionsBoundary = showBoundary(u.Boundary)
	out.Tags = showAnyTags(u.Tags)
	return &out
}

// showBoundary is the boundary of a user or role. AWS's answers say "Policy",
// whatever the SDK's enumeration has.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachedPermissionsBoundary.html
func showBoundary(arn string) *types.AttachedPermissionsBoundary {
	if arn == "" {
		return nil
	}
	return &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String(arn), PermissionsBoundaryType: "Policy"}
}
