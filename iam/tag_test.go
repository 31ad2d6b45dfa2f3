package iam

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const duplicateTags = "Duplicate tag keys found. Please note that Tag keys are case insensitive."

func TestTags(t *testing.T) {
	d := policyDraft()
	_, err := d.CreateUser(NewUser{Name: "Bob", Tags: []Tag{{"a", "1"}, {"A", "2"}}})
	refused(t, err, CodeInvalidInput, duplicateTags)
	mustUser(t, d, "Bob")
	_, err = d.CreateRole(NewRole{Name: "R", Trust: trusting(`"123456789012"`)})
	must(t, err)

	for kind, of := range map[string]struct {
		tag   func(string, []Tag) error
		untag func(string, []string) error
		now   func() []Tag
		name  string
		none  string
	}{
		"user": {d.TagUser, d.UntagUser, func() []Tag { return userNow(t, d, "Bob").Tags }, "Bob", "The user with name None cannot be found."},
		"role": {d.TagRole, d.UntagRole, func() []Tag { r, _ := d.Role("R"); return r.Tags }, "R", "The role with name None cannot be found."},
	} {
		t.Run(kind, func(t *testing.T) {
			refused(t, of.tag("None", []Tag{{"a", "1"}}), CodeNoSuchEntity, of.none)
			refused(t, of.untag("None", []string{"a"}), CodeNoSuchEntity, of.none)
			refused(t, of.tag(of.name, []Tag{{"k", "1"}, {"K", "2"}}), CodeInvalidInput, duplicateTags)
			for _, key := range []string{"aws:x", "AWS:x"} {
				refused(t, of.tag(of.name, []Tag{{key, "1"}}), CodeInvalidInput, "aws: prefixed tag key names are not allowed for external use.")
			}
			must(t, of.tag(of.name, []Tag{{"Team", "red"}, {"cost", "1"}, {"aws", ""}}))
			must(t, of.tag(of.name, []Tag{{"TEAM", "blue"}}))
			if diff := cmp.Diff([]Tag{{"aws", ""}, {"cost", "1"}, {"TEAM", "blue"}}, of.now()); diff != "" {
				t.Error(diff)
			}
			must(t, of.untag(of.name, []string{"Cost", "AWS", "nothing"}))
			if diff := cmp.Diff([]Tag{{"TEAM", "blue"}}, of.now()); diff != "" {
				t.Error(diff)
			}
			var many []Tag
			for i := range 49 {
				many = append(many, Tag{fmt.Sprint("k", i), ""})
			}
			must(t, of.tag(of.name, many))
			must(t, of.tag(of.name, []Tag{{"team", "green"}})) // in place of one
			refused(t, of.tag(of.name, []Tag{{"more", ""}}), CodeLimitExceeded, "The number of tags has reached the maximum limit.")
			if n := len(of.now()); n != 50 {
				t.Errorf("%d tags", n)
			}
		})
	}
}

// TestTagKeysFoldAsConditionKeysDo: what is not one condition key is not one
// tag, so that no tag passes for another.
func TestTagKeysFoldAsConditionKeysDo(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	must(t, d.TagUser("Bob", []Tag{{"division", "1"}, {"divİsion", "2"}, {"key", "3"}, {"\u212aey", "4"}, {"étage", "5"}, {"Étage", "6"}}))
	must(t, d.TagUser("Bob", []Tag{{"DIVİSION", "7"}, {"KEY", "8"}, {"ÉTAGE", "9"}}))
	want := []Tag{{"division", "1"}, {"DIVİSION", "7"}, {"KEY", "8"}, {"ÉTAGE", "9"}, {"étage", "5"}, {"\u212aey", "4"}}
	if diff := cmp.Diff(want, userNow(t, d, "Bob").Tags); diff != "" {
		t.Error(diff)
	}
	must(t, d.UntagUser("Bob", []string{"DivİSION", "éTAGE"}))
	if diff := cmp.Diff([]Tag{{"division", "1"}, {"KEY", "8"}, {"ÉTAGE", "9"}, {"\u212aey", "4"}}, userNow(t, d, "Bob").Tags); diff != "" {
		t.Error(diff)
	}
}
