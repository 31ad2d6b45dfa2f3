package api_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

const anOrganization = "arn:aws:organizations::«ACCOUNT»:"

// inTree makes an organization with a unit under the root, tagged team=blue.
func inTree(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	inNewOrganization(t, root, made)
	roots, err := root.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil || len(roots.Roots) != 1 {
		t.Fatal(roots, err)
	}
	made["root"] = *roots.Roots[0].Id
	made["unit"] = newUnit(t, root, made["root"], "Workloads", types.Tag{Key: aws.String("team"), Value: aws.String("blue")})
}

func newUnit(t *testing.T, root *clients, parent, name string, tags ...types.Tag) string {
	t.Helper()
	out, err := root.Organizations.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	return *out.OrganizationalUnit.Id
}

func parentOf(t *testing.T, c *clients, child string) string {
	t.Helper()
	out, err := c.Organizations.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: &child})
	if err != nil || len(out.Parents) != 1 {
		t.Fatal(out, err)
	}
	return string(out.Parents[0].Type) + " " + *out.Parents[0].Id
}

func unitCases() []actionCase {
	onUnit := func(action string, call func(ctx context.Context, c *clients, unit *string) (string, error), want func(made map[string]string) string) actionCase {
		return actionCase{
			action: action, setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) (err error) {
				made["answer"], err = call(ctx, c, aws.String(made["unit"]))
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if made["answer"] != want(made) {
					t.Errorf("%s: %s, want %s", action, made["answer"], want(made))
				}
			},
			grants: []grant{{"organizations:" + action, anOrganization + "ou/«organization»/«unit»"}},
			key:    "aws:ResourceTag/team", holds: "blue", other: "red",
		}
	}
	return []actionCase{
		{
			action: "ListRoots", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListRoots(ctx, &organizations.ListRootsInput{})
				if err == nil {
					made["answer"] = *out.Roots[0].Arn
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if want := "arn:aws:organizations::" + root.Account + ":root/" + made["organization"] + "/" + made["root"]; made["answer"] != want {
					t.Error(made["answer"], want)
				}
			},
			grants: []grant{{"organizations:ListRoots", "*"}},
		},
		onUnit("ListParents", func(ctx context.Context, c *clients, unit *string) (string, error) {
			out, err := c.Organizations.ListParents(ctx, &organizations.ListParentsInput{ChildId: unit})
			if err != nil {
				return "", err
			}
			return string(out.Parents[0].Type) + *out.Parents[0].Id, nil
		}, func(made map[string]string) string { return "ROOT" + made["root"] }),
		onUnit("ListChildren", func(ctx context.Context, c *clients, unit *string) (string, error) {
			out, err := c.Organizations.ListChildren(ctx, &organizations.ListChildrenInput{ParentId: unit, ChildType: types.ChildTypeAccount})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(len(out.Children)), nil
		}, func(map[string]string) string { return "0" }),
		onUnit("DescribeOrganizationalUnit", func(ctx context.Context, c *clients, unit *string) (string, error) {
			out, err := c.Organizations.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: unit})
			if err != nil {
				return "", err
			}
			return *out.OrganizationalUnit.Name + *out.OrganizationalUnit.Path, nil
		}, func(made map[string]string) string {
			return "Workloads" + made["organization"] + "/" + made["root"] + "/" + made["unit"] + "/"
		}),
		onUnit("ListOrganizationalUnitsForParent", func(ctx context.Context, c *clients, unit *string) (string, error) {
			out, err := c.Organizations.ListOrganizationalUnitsForParent(ctx, &organizations.ListOrganizationalUnitsForParentInput{ParentId: unit})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(len(out.OrganizationalUnits)), nil
		}, func(map[string]string) string { return "0" }),
		{
			action: "CreateOrganizationalUnit", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{
					ParentId: aws.String(made["unit"]), Name: aws.String("Tests"), Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("test")}},
				})
				if err == nil {
					made["new"] = *out.OrganizationalUnit.Id
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if got := parentOf(t, root, made["new"]); got != "ORGANIZATIONAL_UNIT "+made["unit"] {
					t.Error(got)
				}
				tags, err := root.Organizations.ListTagsForResource(t.Context(), &organizations.ListTagsForResourceInput{ResourceId: aws.String(made["new"])})
				if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "stage" {
					t.Error(tags, err)
				}
			},
			grants: []grant{
				{"organizations:CreateOrganizationalUnit", anOrganization + "ou/«organization»/«unit»"},
				{"organizations:TagResource", anOrganization + "ou/«organization»/«unit»"},
			},
			key: "aws:RequestTag/stage", holds: "test", other: "prod", tagKeys: "stage",
		},
		{
			action: "UpdateOrganizationalUnit", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.UpdateOrganizationalUnit(ctx, &organizations.UpdateOrganizationalUnitInput{
					OrganizationalUnitId: aws.String(made["unit"]), Name: aws.String("Renamed"),
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.Organizations.ListOrganizationalUnitsForParent(t.Context(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: aws.String(made["root"])})
				if err != nil || len(out.OrganizationalUnits) != 1 || *out.OrganizationalUnits[0].Name != "Renamed" {
					t.Error(out, err)
				}
			},
			grants: []grant{{"organizations:UpdateOrganizationalUnit", anOrganization + "ou/«organization»/«unit»"}},
			key:    "aws:ResourceTag/team", holds: "blue", other: "red",
		},
		{
			action: "DeleteOrganizationalUnit", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: aws.String(made["unit"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				_, err := root.Organizations.DescribeOrganizationalUnit(t.Context(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: aws.String(made["unit"])})
				wantError(t, "DescribeOrganizationalUnit", err, "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
			},
			grants: []grant{{"organizations:DeleteOrganizationalUnit", anOrganization + "ou/«organization»/«unit»"}},
			key:    "aws:ResourceTag/team", holds: "blue", other: "red",
		},
		{
			action: "MoveAccount",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				inTree(t, root, made)
				_, err := root.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{
					ResourceId: &root.Account, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}},
				})
				if err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.MoveAccount(ctx, &organizations.MoveAccountInput{
					AccountId: &c.Account, SourceParentId: aws.String(made["root"]), DestinationParentId: aws.String(made["unit"]),
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if got := parentOf(t, root, root.Account); got != "ORGANIZATIONAL_UNIT "+made["unit"] {
					t.Error(got)
				}
			},
			grants: []grant{
				{"organizations:MoveAccount", anOrganization + "account/«organization»/«ACCOUNT»"},
				{"organizations:MoveAccount", anOrganization + "root/«organization»/«root»"},
				{"organizations:MoveAccount", anOrganization + "ou/«organization»/«unit»"},
			},
			key: "aws:ResourceTag/team", holds: "blue", other: "red",
		},
	}
}

func organizationTagCases() []actionCase {
	unit := anOrganization + "ou/«organization»/«unit»"
	tagsOf := func(t *testing.T, c *clients, id string) (list []string) {
		t.Helper()
		out, err := c.Organizations.ListTagsForResource(t.Context(), &organizations.ListTagsForResourceInput{ResourceId: &id})
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range out.Tags {
			list = append(list, *tag.Key+"="+*tag.Value)
		}
		return list
	}
	policy := anOrganization + "policy/«organization»/service_control_policy/«policy»"
	withPolicy := func(t *testing.T, root *clients, made map[string]string) {
		inTree(t, root, made)
		out, err := root.Organizations.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{
			Name: aws.String("Guardrail"), Description: aws.String(""), Type: types.PolicyTypeServiceControlPolicy,
			Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`),
			Tags:    []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		made["policy"] = *out.Policy.PolicySummary.Id
	}
	onPolicy := func(action string, call func(ctx context.Context, c *clients, id *string) error, want ...string) actionCase {
		return actionCase{
			action: action, setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				return call(ctx, c, aws.String(made["policy"]))
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if got := tagsOf(t, root, made["policy"]); !slices.Equal(got, want) {
					t.Error(got)
				}
			},
			grants: []grant{{"organizations:" + action, policy}},
			key:    "organizations:PolicyType", holds: "SERVICE_CONTROL_POLICY", other: "TAG_POLICY",
		}
	}
	return []actionCase{
		onPolicy("TagResource", func(ctx context.Context, c *clients, id *string) error {
			_, err := c.Organizations.TagResource(ctx, &organizations.TagResourceInput{
				ResourceId: id, Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("test")}},
			})
			return err
		}, "stage=test", "team=blue"),
		onPolicy("UntagResource", func(ctx context.Context, c *clients, id *string) error {
			_, err := c.Organizations.UntagResource(ctx, &organizations.UntagResourceInput{ResourceId: id, TagKeys: []string{"team"}})
			return err
		}),
		onPolicy("ListTagsForResource", func(ctx context.Context, c *clients, id *string) error {
			_, err := c.Organizations.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: id})
			return err
		}, "team=blue"),
		{
			action: "TagResource", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.TagResource(ctx, &organizations.TagResourceInput{
					ResourceId: aws.String(made["unit"]), Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("test")}},
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if got := tagsOf(t, root, made["unit"]); !slices.Equal(got, []string{"stage=test", "team=blue"}) {
					t.Error(got)
				}
			},
			grants: []grant{{"organizations:TagResource", unit}},
			key:    "aws:RequestTag/stage", holds: "test", other: "prod", tagKeys: "stage",
		},
		{
			action: "UntagResource", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.UntagResource(ctx, &organizations.UntagResourceInput{ResourceId: aws.String(made["unit"]), TagKeys: []string{"team"}})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if got := tagsOf(t, root, made["unit"]); len(got) != 0 {
					t.Error(got)
				}
			},
			grants: []grant{{"organizations:UntagResource", unit}},
			key:    "aws:ResourceTag/team", holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "ListTagsForResource", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: aws.String(made["unit"])})
				if err == nil {
					made["answer"] = *out.Tags[0].Key
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if made["answer"] != "team" {
					t.Error(made)
				}
			},
			grants: []grant{{"organizations:ListTagsForResource", unit}},
			key:    "aws:ResourceTag/team", holds: "blue", other: "red",
		},
	}
}

func TestUnitsByPages(t *testing.T) {
	w := newWorld(t)
	root, made := w.account(t), map[string]string{}
	inTree(t, root, made)
	want := map[string]bool{made["unit"]: true}
	for i := range 24 {
		want[newUnit(t, root, made["root"], fmt.Sprint("unit ", i))] = true
	}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(root.Organizations, &organizations.ListOrganizationalUnitsForParentInput{ParentId: aws.String(made["root"])})
	n := 0
	for ; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.OrganizationalUnits {
			delete(want, *u.Id)
		}
	}
	if n != 2 || len(want) != 0 {
		t.Errorf("%d pages, without %v", n, want)
	}
	_, err := root.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{NextToken: aws.String("!")})
	wantError(t, "a wrong token", err, "InvalidInputException", "You specified an invalid value for nextToken.")
	roots, err := root.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{MaxResults: aws.Int32(1)})
	if err != nil || len(roots.Roots) != 1 || *roots.Roots[0].Id != made["root"] || roots.NextToken != nil {
		t.Errorf("%+v, %v", roots, err)
	}
}

func TestUnitRefusals(t *testing.T) {
	w := newWorld(t)
	root, made := w.account(t), map[string]string{}
	_, err := root.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{})
	wantError(t, "no organization", err, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	inTree(t, root, made)
	_, err = root.Organizations.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{})
	wantError(t, "a second organization", err, "AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
	_, err = root.Organizations.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{ParentId: aws.String(made["root"]), Name: aws.String("Workloads")})
	wantError(t, "a name that is taken", err, "DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
	_, err = root.Organizations.DeleteOrganization(t.Context(), &organizations.DeleteOrganizationInput{})
	wantError(t, "an organization with a unit", err, "OrganizationNotEmptyException", "")
	_, err = root.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{ResourceId: aws.String("111122223333"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	wantError(t, "no such resource", err, "TargetNotFoundException", "You specified a target that doesn't exist.")
}
