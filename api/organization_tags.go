package api

import (
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/iam"
)

// organizationTagActions are the rows of tags on what an organization has.
func organizationTagActions() []Action {
	return []Action{
		reorganizes("TagResource", itsManagers, itself[sdk.TagResourceInput], checkTagResource, (*API).tagResource),
		reorganizes("UntagResource", itsManagers, itself[sdk.UntagResourceInput], checkUntagResource, (*API).untagResource),
		inOrganization("ListTagsForResource", readers, checkTaggedResource, (*API).listTagsForResource),
	}
}

// taggedCheck asks for whatever has tags, by its id.
func taggedCheck(c *Call, action, id string) guard.Check {
	check := targetCheck(c, action, id)
	if c.Org == nil {
		return check
	}
	if p, ok := c.Org.Policy(id); ok {
		check.Resource = c.Org.PolicyARN(p)
		check.Keys = append(check.Keys, guard.Value("organizations:PolicyType", string(p.Type)))
	}
	if p := c.Org.ResourcePolicy; p != nil && p.ID == id {
		check.Resource = c.Org.ResourcePolicyARN(p)
	}
	if t, ok := c.Org.Transfer(id); ok {
		check.Resource = c.Org.TransferARN(t)
		check.Keys = append(check.Keys, transferKeys(t)...)
	}
	return check
}

func checkTagResource(c *Call, action string, in *sdk.TagResourceInput) ([]guard.Check, error) {
	check := taggedCheck(c, action, aws.ToString(in.ResourceId))
	check.RequestTags = organizationTags(in.Tags)
	return one(check)
}

func checkUntagResource(c *Call, action string, in *sdk.UntagResourceInput) ([]guard.Check, error) {
	check := taggedCheck(c, action, aws.ToString(in.ResourceId))
	check.TagKeys = in.TagKeys
	return one(check)
}

func checkTaggedResource(c *Call, action string, in *sdk.ListTagsForResourceInput) ([]guard.Check, error) {
	return one(taggedCheck(c, action, aws.ToString(in.ResourceId)))
}

func (a *API) tagResource(c *Call, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	return &sdk.TagResourceOutput{}, c.Drafts.Organization.TagResource(aws.ToString(in.ResourceId), organizationTags(in.Tags))
}

func (a *API) untagResource(c *Call, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	return &sdk.UntagResourceOutput{}, c.Drafts.Organization.UntagResource(aws.ToString(in.ResourceId), in.TagKeys)
}

// maxTags is how many tags a page holds.
const maxTags = 100

// listTagsForResource gives a page at a time, though no resource has more tags
// than fit in one.
func (a *API) listTagsForResource(c *Call, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	tags, err := c.Org.Tags(aws.ToString(in.ResourceId))
	if err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, iam.Tag] {
		return func(yield func(string, iam.Tag) bool) {
			for _, t := range tags {
				if strings.Compare(t.Key, after) > 0 && !yield(t.Key, t) {
					return
				}
			}
		}
	}
	show := func(t iam.Tag) types.Tag { return types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)} }
	list, next, err := nextPage(in.NextToken, aws.Int32(maxTags), walk, nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListTagsForResourceOutput{Tags: list, NextToken: next}, nil
}
