package org

import (
	"errors"
	"slices"
	"strings"

	"iamd/catalog"
)

// tagSyntax is what tag policies hold, by tag key. AWS shows the key, and that any
// value will do, where policies don't say.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
var tagSyntax = named(&shape{
	fields: map[string]*shape{
		"tag_key":                 value(nil),
		"tag_value":               values(tagPattern),
		"enforced_for":            values(enforceable),
		"report_required_tag_for": values(enforceable),
	},
	check: sameTagKey,
	shown: showTag,
})

// tagPattern is a value that may have one wildcard.
func tagPattern(v string) bool { return strings.Count(v, "*") <= 1 && len(v) <= 4*256 }

// unstarred are services whose resources can't be named by a wildcard, but by
// ALL_SUPPORTED. AWS's list of resource types is longer than what is known here:
// every service that AWS's Service Authorization Reference knows is taken.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html
var unstarred = []string{"ecs"}

// enforceable tells whether a text has the form of a type of resources that tag
// policies can be enforced for.
func enforceable(v string) bool {
	service, resource, ok := strings.Cut(v, ":")
	if !ok || resource == "" {
		return false
	}
	if resource == "*" && slices.Contains(unstarred, service) {
		return false
	}
	if service == "iam" {
		return resource == "ALL_SUPPORTED" || resource == "*" || slices.Contains(TaggedIAM, resource)
	}
	_, ok = catalog.Service(service)
	return ok
}

// TaggedIAM are the kinds of IAM's resources that tag policies are enforced for,
// as their ARNs have them. Users and roles are not.
var TaggedIAM = []string{"instance-profile", "mfa", "oidc-provider", "policy", "saml-provider", "server-certificate"}

// sameTagKey holds a tag's key to the name that it stands under.
func sameTagKey(n *node) error {
	for _, c := range n.children {
		if strings.EqualFold(c.name, "tag_key") && c.has != 0 && !strings.EqualFold(c.assign[0], n.name) {
			return errors.New("another tag key")
		}
	}
	return nil
}

func showTag(s *setting) {
	s.defaults("tag_key", single, s.name)
	s.defaults("tag_value", multiple, "*")
	// Lists that came to nothing are shown for values only.
	for _, name := range []string{"enforced_for", "report_required_tag_for"} {
		if c := s.children[name]; c != nil && len(c.values) == 0 {
			c.set = false
		}
	}
}
