package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
	"iamd/policy"
)

func readTags(list []types.Tag) []iam.Tag {
	if len(list) == 0 {
		return nil
	}
	tags := make([]iam.Tag, len(list))
	for i, t := range list {
		tags[i] = iam.Tag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)}
	}
	return tags
}

// showTags is a list that is in the answer even when it is empty.
func showTags(tags []iam.Tag) []types.Tag {
	list := make([]types.Tag, len(tags))
	for i, t := range tags {
		list[i] = showTag(t)
	}
	return list
}

// showAnyTags leaves the list out when there are none, as users and roles do.
func showAnyTags(tags []iam.Tag) []types.Tag {
	if len(tags) == 0 {
		return nil
	}
	return showTags(tags)
}

func showTag(t iam.Tag) types.Tag {
	return types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)}
}

// pageTags pages over the tags of a user or role.
func pageTags(marker *string, maxItems *int32, tags []iam.Tag) ([]types.Tag, bool, *string, error) {
	key := func(t iam.Tag) string { return policy.FoldKey(t.Key) + "\x00" + t.Key } // unique, whatever is one key
	return pageSlice(marker, maxItems, tags, key, showTag)
}
