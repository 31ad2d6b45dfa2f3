package api

import (
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// unitActions are the rows of an organization's tree: roots, units and where
// accounts stand.
func unitActions() []Action {
	return []Action{
		inOrganization("ListRoots", readers, onOrganization[sdk.ListRootsInput], (*API).listRoots),
		inOrganization("ListParents", readers, onTarget(func(in *sdk.ListParentsInput) *string { return in.ChildId }), (*API).listParents),
		inOrganization("ListChildren", readers, onTarget(func(in *sdk.ListChildrenInput) *string { return in.ParentId }), (*API).listChildren),

		reorganizes("CreateOrganizationalUnit", itsManagers, itself[sdk.CreateOrganizationalUnitInput], checkNewUnit, (*API).createOrganizationalUnit),
		inOrganization("DescribeOrganizationalUnit", readers,
			onTarget(func(in *sdk.DescribeOrganizationalUnitInput) *string { return in.OrganizationalUnitId }), (*API).describeOrganizationalUnit),
		inOrganization("ListOrganizationalUnitsForParent", readers,
			onTarget(func(in *sdk.ListOrganizationalUnitsForParentInput) *string { return in.ParentId }), (*API).listOrganizationalUnitsForParent),
		reorganizes("UpdateOrganizationalUnit", itsManagers, itself[sdk.UpdateOrganizationalUnitInput],
			onTarget(func(in *sdk.UpdateOrganizationalUnitInput) *string { return in.OrganizationalUnitId }), (*API).updateOrganizationalUnit),
		reorganizes("DeleteOrganizationalUnit", itsManagers, itself[sdk.DeleteOrganizationalUnitInput],
			onTarget(func(in *sdk.DeleteOrganizationalUnitInput) *string { return in.OrganizationalUnitId }), (*API).deleteOrganizationalUnit),

		reorganizes("MoveAccount", itsManagers, itself[sdk.MoveAccountInput], checkMoveAccount, (*API).moveAccount),
	}
}

// onTarget asks for a root, a unit or an account, by the id that the request
// has.
func onTarget[I any](id func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(targetCheck(c, action, aws.ToString(id(in))))
	}
}

// targetCheck asks for what has an id in the caller's organization, be it there
// or not. Without an organization nothing can be named.
func targetCheck(c *Call, action, id string) guard.Check {
	if c.Org == nil {
		return guard.Check{Action: action, Resource: "*"}
	}
	check := guard.Check{Action: action, Resource: c.Org.TargetARN(id)}
	check.Tags, _ = c.Org.Tags(id) // what isn't there has none
	return check
}

func checkNewUnit(c *Call, action string, in *sdk.CreateOrganizationalUnitInput) ([]guard.Check, error) {
	check := targetCheck(c, action, aws.ToString(in.ParentId))
	check.RequestTags = organizationTags(in.Tags)
	if len(in.Tags) == 0 {
		return one(check)
	}
	return []guard.Check{check, also(check, "organizations:TagResource")}, nil
}

// checkMoveAccount asks for the account, and for both of its parents.
func checkMoveAccount(c *Call, action string, in *sdk.MoveAccountInput) ([]guard.Check, error) {
	var list []guard.Check
	for _, id := range []*string{in.AccountId, in.SourceParentId, in.DestinationParentId} {
		list = append(list, targetCheck(c, action, aws.ToString(id)))
	}
	return list, nil
}

func (a *API) listRoots(c *Call, in *sdk.ListRootsInput) (*sdk.ListRootsOutput, error) {
	show := func(o *org.Organization) types.Root { return *showOrganizationRoot(o) }
	list, next, err := nextPage(in.NextToken, in.MaxResults, alone(c.Org.Root.ID, c.Org), nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListRootsOutput{Roots: list, NextToken: next}, nil
}

// alone walks a single entry.
func alone[V any](id string, v V) func(after string) iter.Seq2[string, V] {
	return func(after string) iter.Seq2[string, V] {
		return func(yield func(string, V) bool) {
			if after < id {
				yield(id, v)
			}
		}
	}
}

func (a *API) listParents(c *Call, in *sdk.ListParentsInput) (*sdk.ListParentsOutput, error) {
	id, kind, err := c.Org.ChildParent(aws.ToString(in.ChildId))
	if err != nil {
		return nil, err
	}
	show := func(kind string) types.Parent { return types.Parent{Id: aws.String(id), Type: types.ParentType(kind)} }
	list, next, err := nextPage(in.NextToken, in.MaxResults, alone(id, kind), nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListParentsOutput{Parents: list, NextToken: next}, nil
}

// childAt is a child with its id, as a page shows it.
type childAt struct {
	id   string
	kind org.ChildKind
}

func (a *API) listChildren(c *Call, in *sdk.ListChildrenInput) (*sdk.ListChildrenOutput, error) {
	parent := aws.ToString(in.ParentId)
	if err := c.Org.Parent(parent); err != nil {
		return nil, err
	}
	keep := func(child childAt) bool { return string(child.kind) == string(in.ChildType) }
	show := func(child childAt) types.Child {
		return types.Child{Id: aws.String(child.id), Type: types.ChildType(child.kind)}
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, c.childrenOf(parent), keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListChildrenOutput{Children: list, NextToken: next}, nil
}

// childrenOf walks what stands under a parent.
func (c *Call) childrenOf(parent string) func(after string) iter.Seq2[string, childAt] {
	return func(after string) iter.Seq2[string, childAt] {
		return func(yield func(string, childAt) bool) {
			for id, kind := range c.Org.ChildrenAfter(parent, after) {
				if !yield(id, childAt{id, kind}) {
					return
				}
			}
		}
	}
}

func (a *API) createOrganizationalUnit(c *Call, in *sdk.CreateOrganizationalUnitInput) (*sdk.CreateOrganizationalUnitOutput, error) {
	u, err := c.Drafts.Organization.CreateUnit(aws.ToString(in.ParentId), aws.ToString(in.Name), organizationTags(in.Tags))
	if err != nil {
		return nil, err
	}
	return &sdk.CreateOrganizationalUnitOutput{OrganizationalUnit: showUnit(c.Org, u)}, nil
}

func (a *API) describeOrganizationalUnit(c *Call, in *sdk.DescribeOrganizationalUnitInput) (*sdk.DescribeOrganizationalUnitOutput, error) {
	u, err := c.Org.FindUnit(aws.ToString(in.OrganizationalUnitId))
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeOrganizationalUnitOutput{OrganizationalUnit: showUnit(c.Org, u)}, nil
}

func (a *API) listOrganizationalUnitsForParent(c *Call, in *sdk.ListOrganizationalUnitsForParentInput) (*sdk.ListOrganizationalUnitsForParentOutput, error) {
	parent := aws.ToString(in.ParentId)
	if err := c.Org.Parent(parent); err != nil {
		return nil, err
	}
	keep := func(child childAt) bool { return child.kind == org.ChildUnit }
	show := func(child childAt) types.OrganizationalUnit {
		u, _ := c.Org.Unit(child.id)
		return *showUnit(c.Org, u)
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, c.childrenOf(parent), keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListOrganizationalUnitsForParentOutput{OrganizationalUnits: list, NextToken: next}, nil
}

func (a *API) updateOrganizationalUnit(c *Call, in *sdk.UpdateOrganizationalUnitInput) (*sdk.UpdateOrganizationalUnitOutput, error) {
	u, err := c.Drafts.Organization.UpdateUnit(aws.ToString(in.OrganizationalUnitId), aws.ToString(in.Name))
	if err != nil {
		return nil, err
	}
	return &sdk.UpdateOrganizationalUnitOutput{OrganizationalUnit: showUnit(c.Org, u)}, nil
}

func (a *API) deleteOrganizationalUnit(c *Call, in *sdk.DeleteOrganizationalUnitInput) (*sdk.DeleteOrganizationalUnitOutput, error) {
	return &sdk.DeleteOrganizationalUnitOutput{}, c.Drafts.Organization.DeleteUnit(aws.ToString(in.OrganizationalUnitId))
}

func (a *API) moveAccount(c *Call, in *sdk.MoveAccountInput) (*sdk.MoveAccountOutput, error) {
	return &sdk.MoveAccountOutput{}, c.Drafts.Organization.MoveAccount(
		aws.ToString(in.AccountId), aws.ToString(in.SourceParentId), aws.ToString(in.DestinationParentId))
}

func showUnit(o *org.Organization, u *org.Unit) *types.OrganizationalUnit {
	return &types.OrganizationalUnit{Id: aws.String(u.ID), Name: aws.String(u.Name), Arn: aws.String(o.TargetARN(u.ID)), Path: aws.String(o.Path(u.ID))}
}

func organizationTags(tags []types.Tag) []iam.Tag {
	var list []iam.Tag
	for _, t := range tags {
		list = append(list, iam.Tag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)})
	}
	return list
}
