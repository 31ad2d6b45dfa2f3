package org

import (
	"slices"
	"strings"

	"iamd/iam"
)

// Tags are those of a root, unit, account, policy, resource policy or transfer,
// by its id.
func (o *Organization) Tags(id string) ([]iam.Tag, error) {
	if t := o.taggable(id); t != nil {
		return t.tags, nil
	}
	return nil, noTarget()
}

// TagResource sets tags: a key that is there gets the new value.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_TagResource.html
func (d *Draft) TagResource(id string, tags []iam.Tag) error {
	t := d.taggable(id)
	if t == nil {
		return noTarget()
	}
	next, err := d.tagged(t.tags, tags)
	if err != nil {
		return err
	}
	t.put(d, next)
	return nil
}

// UntagResource takes tags away; a key that is not there is no error.
func (d *Draft) UntagResource(id string, keys []string) error {
	t := d.taggable(id)
	if t == nil {
		return noTarget()
	}
	for _, k := range keys {
		if reserved(k) {
			return systemTag()
		}
	}
	t.put(d, slices.DeleteFunc(slices.Clone(t.tags), func(tag iam.Tag) bool { return slices.Contains(keys, tag.Key) }))
	return nil
}

// taggable is something with tags, and how it gets others.
type taggable struct {
	tags []iam.Tag
	put  func(d *Draft, tags []iam.Tag)
}

func (o *Organization) taggable(id string) *taggable {
	switch {
	case id == o.Root.ID:
		return &taggable{o.Root.Tags, func(d *Draft, tags []iam.Tag) { d.Root.Tags = tags; d.putSettings() }}
	case o.ResourcePolicy != nil && id == o.ResourcePolicy.ID:
		return &taggable{o.ResourcePolicy.Tags, func(d *Draft, tags []iam.Tag) {
			next := *d.ResourcePolicy
			next.Tags = tags
			d.ResourcePolicy = &next
			d.putSettings()
		}}
	}
	if u, ok := o.units.Get(id); ok {
		return &taggable{u.Tags, func(d *Draft, tags []iam.Tag) { next := *u; next.Tags = tags; d.putUnit(u, &next) }}
	}
	if a, ok := o.accounts.Get(id); ok {
		return &taggable{a.Tags, func(d *Draft, tags []iam.Tag) { next := *a; next.Tags = tags; d.putAccount(a, &next) }}
	}
	if p, ok := o.policies.Get(id); ok {
		return &taggable{p.Tags, func(d *Draft, tags []iam.Tag) { next := *p; next.Tags = tags; d.putPolicy(&next) }}
	}
	if t, ok := o.Transfer(id); ok {
		return &taggable{t.Tags, func(d *Draft, tags []iam.Tag) { next := *t; next.Tags = tags; d.putTransfer(&next) }}
	}
	return nil
}

// tagged is have with the tags of add, sorted, as a new slice. Keys that differ
// in case are two.
func (d *Draft) tagged(have, add []iam.Tag) ([]iam.Tag, error) {
	next := slices.Clone(have)
	for i, t := range add {
		if reserved(t.Key) {
			return nil, systemTag()
		}
		if slices.ContainsFunc(add[:i], func(other iam.Tag) bool { return other.Key == t.Key }) {
			return nil, refuse(CodeInvalidInput, "DUPLICATE_TAG_KEY", "Your request includes duplicate tag keys.")
		}
		next = slices.DeleteFunc(next, func(old iam.Tag) bool { return old.Key == t.Key })
	}
	next = append(next, add...)
	if len(next) > d.env.Quotas.Tags {
		return nil, refuse(CodeConstraint, "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
	}
	slices.SortFunc(next, func(a, b iam.Tag) int { return strings.Compare(a.Key, b.Key) })
	return next, nil
}

func reserved(key string) bool { return len(key) >= 4 && strings.EqualFold(key[:4], "aws:") }

func systemTag() error {
	return refuse(CodeInvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use. System tags don't count against your tags per resource limit.")
}

func noTarget() error {
	return iam.Errorf(CodeTargetNotFound, "You specified a target that doesn't exist.")
}
