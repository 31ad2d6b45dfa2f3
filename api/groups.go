package api

import (
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// groupActions are the rows of groups and who is in them.
func groupActions() []Action {
	return []Action{
		write("CreateGroup", checkNewGroup, (*API).createGroup),
		read("GetGroup", onEntity(iam.KindGroup, func(in *sdk.GetGroupInput) *string { return in.GroupName }), (*API).getGroup),
		read("ListGroups", checkListGroups, (*API).listGroups),
		write("UpdateGroup", checkUpdateGroup, (*API).updateGroup),
		write("DeleteGroup", onEntity(iam.KindGroup, func(in *sdk.DeleteGroupInput) *string { return in.GroupName }), (*API).deleteGroup),

		write("AddUserToGroup", onEntity(iam.KindGroup, func(in *sdk.AddUserToGroupInput) *string { return in.GroupName }), (*API).addUserToGroup),
		write("RemoveUserFromGroup", onEntity(iam.KindGroup, func(in *sdk.RemoveUserFromGroupInput) *string { return in.GroupName }), (*API).removeUserFromGroup),
		read("ListGroupsForUser", onEntity(iam.KindUser, func(in *sdk.ListGroupsForUserInput) *string { return in.UserName }), (*API).listGroupsForUser),
	}
}

func checkNewGroup(c *Call, action string, in *sdk.CreateGroupInput) ([]guard.Check, error) {
	g := &iam.Group{Path: pathOr(in.Path), Name: aws.ToString(in.GroupName)}
	return one(guard.Check{Action: action, Resource: c.Account.GroupARN(g)})
}

func checkListGroups(c *Call, action string, in *sdk.ListGroupsInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: c.Account.GroupARN(&iam.Group{Path: pathOr(in.PathPrefix)})})
}

// checkUpdateGroup asks for the group as it is and as it is going to be.
func checkUpdateGroup(c *Call, action string, in *sdk.UpdateGroupInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, group(in.GroupName))
	next := iam.Group{Path: "/", Name: aws.ToString(in.GroupName)}
	if g, err := c.Account.Group(next.Name); err == nil {
		next = *g
	}
	if in.NewGroupName != nil {
		next.Name = *in.NewGroupName
	}
	if in.NewPath != nil {
		next.Path = *in.NewPath
	}
	return moved(check, c.Account.GroupARN(&next), "group "+next.Name), nil
}

func (a *API) createGroup(c *Call, in *sdk.CreateGroupInput) (*sdk.CreateGroupOutput, error) {
	g, err := c.Draft.CreateGroup(aws.ToString(in.GroupName), pathOr(in.Path))
	if err != nil {
		return nil, err
	}
	out := showGroup(c.Account, g)
	return &sdk.CreateGroupOutput{Group: &out}, nil
}

func (a *API) getGroup(c *Call, in *sdk.GetGroupInput) (*sdk.GetGroupOutput, error) {
	g, err := c.Account.Group(aws.ToString(in.GroupName))
	if err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, *iam.User] { return c.Account.MembersAfter(g, after) }
	show := func(u *iam.User) types.User { return showUser(c.Account, u) }
	users, truncated, next, err := page(in.Marker, in.MaxItems, walk, nil, show)
	if err != nil {
		return nil, err
	}
	out := showGroup(c.Account, g)
	return &sdk.GetGroupOutput{Group: &out, Users: users, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) listGroups(c *Call, in *sdk.ListGroupsInput) (*sdk.ListGroupsOutput, error) {
	prefix := pathOr(in.PathPrefix)
	keep := func(g *iam.Group) bool { return strings.HasPrefix(g.Path, prefix) }
	show := func(g *iam.Group) types.Group { return showGroup(c.Account, g) }
	list, truncated, next, err := page(in.Marker, in.MaxItems, c.Account.GroupsAfter, keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListGroupsOutput{Groups: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateGroup(c *Call, in *sdk.UpdateGroupInput) (*sdk.UpdateGroupOutput, error) {
	return &sdk.UpdateGroupOutput{}, c.Draft.UpdateGroup(aws.ToString(in.GroupName), aws.ToString(in.NewGroupName), aws.ToString(in.NewPath))
}

func (a *API) deleteGroup(c *Call, in *sdk.DeleteGroupInput) (*sdk.DeleteGroupOutput, error) {
	return &sdk.DeleteGroupOutput{}, c.Draft.DeleteGroup(aws.ToString(in.GroupName))
}

func (a *API) addUserToGroup(c *Call, in *sdk.AddUserToGroupInput) (*sdk.AddUserToGroupOutput, error) {
	return &sdk.AddUserToGroupOutput{}, c.Draft.AddUserToGroup(aws.ToString(in.GroupName), aws.ToString(in.UserName))
}

func (a *API) removeUserFromGroup(c *Call, in *sdk.RemoveUserFromGroupInput) (*sdk.RemoveUserFromGroupOutput, error) {
	return &sdk.RemoveUserFromGroupOutput{}, c.Draft.RemoveUserFromGroup(aws.ToString(in.GroupName), aws.ToString(in.UserName))
}

func (a *API) listGroupsForUser(c *Call, in *sdk.ListGroupsForUserInput) (*sdk.ListGroupsForUserOutput, error) {
	u, err := c.Account.User(aws.ToString(in.UserName))
	if err != nil {
		return nil, err
	}
	key := func(g *iam.Group) string { return strings.ToLower(g.Name) } // unique regardless of case
	show := func(g *iam.Group) types.Group { return showGroup(c.Account, g) }
	list, truncated, next, err := pageSlice(in.Marker, in.MaxItems, c.Account.GroupsOf(u), key, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListGroupsForUserOutput{Groups: list, IsTruncated: truncated, Marker: next}, nil
}

func showGroup(a *iam.Account, g *iam.Group) types.Group {
	return types.Group{
		Arn:        aws.String(a.GroupARN(g)),
		CreateDate: aws.Time(g.CreateDate),
		GroupId:    aws.String(g.ID),
		GroupName:  aws.String(g.Name),
		Path:       aws.String(g.Path),
	}
}
