package org

import (
	"encoding/json"
	"slices"
	"strings"

	"iamd/iam"
)

// tagRule is what an effective tag policy says of a tag.
type tagRule struct {
	Key         string   `json:"tag_key"`
	Values      []string `json:"tag_value"`
	EnforcedFor []string `json:"enforced_for"`
}

// TagPolicyText is what AWS says to tags that the account's tag policy does not
// allow. Each service has a code of its own for it: AWS's documentation has
// Organizations' (TAG_POLICY_VIOLATION), and of IAM's nothing; the code that IAM
// has for other tags that can't be is taken.
const TagPolicyText = "The tag policy does not allow the specified value for the following tag key: '%s'."

// CheckTags refuses tags that are to be set on a resource of an account, of a
// kind such as policy of the service iam, where the account's tag policy is
// enforced for that kind and says otherwise. Tags that are missing are none of its
// business.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies-enforcement.html
func (o *Organization) CheckTags(account, service, kind string, tags []iam.Tag) error {
	if !o.Enabled(tagPolicy) || service == "iam" && !slices.Contains(TaggedIAM, kind) {
		return nil
	}
	p, err := o.EffectivePolicy(account, tagPolicy)
	if err != nil {
		return err
	}
	var says struct {
		Tags map[string]tagRule `json:"tags"`
	}
	if err := json.Unmarshal([]byte(p.Content), &says); err != nil {
		return err
	}
	for _, tag := range tags {
		rule, ok := says.Tags[strings.ToLower(tag.Key)]
		if !ok || !rule.enforced(service, kind) || rule.allows(tag) {
			continue
		}
		if service == "iam" {
			return iam.Errorf(iam.CodeInvalidInput, TagPolicyText, tag.Key)
		}
		return refuse(CodeConstraint, "TAG_POLICY_VIOLATION", TagPolicyText, tag.Key)
	}
	return nil
}

const tagPolicy PolicyType = "TAG_POLICY"

func (r tagRule) enforced(service, kind string) bool {
	return slices.ContainsFunc(r.EnforcedFor, func(v string) bool {
		return v == service+":"+kind || v == service+":*" || v == service+":ALL_SUPPORTED"
	})
}

// allows tells whether a tag has the spelling of its key and one of the values,
// which may have one wildcard.
func (r tagRule) allows(tag iam.Tag) bool {
	return tag.Key == r.Key && slices.ContainsFunc(r.Values, func(pattern string) bool {
		before, after, wild := strings.Cut(pattern, "*")
		if !wild {
			return tag.Value == pattern
		}
		return len(tag.Value) >= len(before)+len(after) && strings.HasPrefix(tag.Value, before) && strings.HasSuffix(tag.Value, after)
	})
}
