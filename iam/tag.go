package iam

import (
	"slices"
	"strings"

	"iamd/policy"
)

// tagCase says whether tag keys that differ in case only are one key. They are
// for users and roles, as the condition keys made of them are, and are not for
// other resources.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
type tagCase bool

const (
	foldTagKeys  tagCase = true
	exactTagKeys tagCase = false
)

func (c tagCase) same(a, b string) bool {
	if c == foldTagKeys {
		return policy.FoldKey(a) == policy.FoldKey(b)
	}
	return a == b
}

// tagged is have with the tags of add: a key that is there gets the new value,
// and the spelling of the new key. The result is a new slice, sorted by key.
func (d *Draft) tagged(have, add []Tag, keys tagCase) ([]Tag, error) {
	for i, t := range add {
		if len(t.Key) >= 4 && policy.FoldKey(t.Key[:4]) == "aws:" {
			return nil, Errorf(CodeInvalidInput, "aws: prefixed tag key names are not allowed for external use.")
		}
		for _, other := range add[:i] {
			if !keys.same(t.Key, other.Key) {
				continue
			}
			if keys == foldTagKeys {
				return nil, Errorf(CodeInvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
			}
			return nil, Errorf(CodeInvalidInput, "Duplicate tag keys found.")
		}
	}
	next := without(have, func(t Tag) bool {
		return slices.ContainsFunc(add, func(n Tag) bool { return keys.same(n.Key, t.Key) })
	})
	next = append(next, add...)
	if len(next) > d.env.Quotas.Tags {
		return nil, Errorf(CodeLimitExceeded, "The number of tags has reached the maximum limit.")
	}
	sortTags(next)
	return next, nil
}

// untagged is have without the keys, as a new slice. A key that is not there is
// no error.
func untagged(have []Tag, remove []string, keys tagCase) []Tag {
	return without(have, func(t Tag) bool {
		return slices.ContainsFunc(remove, func(k string) bool { return keys.same(k, t.Key) })
	})
}

func sortTags(tags []Tag) {
	slices.SortFunc(tags, func(a, b Tag) int {
		if c := strings.Compare(policy.FoldKey(a.Key), policy.FoldKey(b.Key)); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
}
