package org

import (
	"fmt"
	"testing"

	"iamd/iam"
)

func TestCheckTags(t *testing.T) {
	const everything = `{"tags":{"CostCenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","20*","*-x"]},"enforced_for":{"@@assign":[%s]}}}}`
	for _, c := range []struct {
		enforced, service, kind, key, value string
		ok                                  bool
	}{
		{`"iam:policy"`, "iam", "policy", "CostCenter", "100", true},
		{`"iam:policy"`, "iam", "policy", "CostCenter", "20", true},
		{`"iam:policy"`, "iam", "policy", "CostCenter", "2000", true},
		{`"iam:policy"`, "iam", "policy", "CostCenter", "a-x", true},
		{`"iam:policy"`, "iam", "policy", "CostCenter", "1000", false},
		{`"iam:policy"`, "iam", "policy", "CostCenter", "", false},
		{`"iam:policy"`, "iam", "policy", "costcenter", "100", false},
		{`"iam:policy"`, "iam", "policy", "Team", "x", true},
		{`"iam:policy"`, "iam", "mfa", "CostCenter", "x", true},
		{`"iam:*"`, "iam", "mfa", "CostCenter", "x", false},
		{`"iam:ALL_SUPPORTED"`, "iam", "saml-provider", "CostCenter", "x", false},
		{`"iam:*"`, "iam", "role", "CostCenter", "x", true},
		{`"iam:*"`, "organizations", "account", "CostCenter", "x", true},
		{`"organizations:account"`, "organizations", "account", "CostCenter", "x", false},
		{``, "iam", "policy", "CostCenter", "x", true},
	} {
		g := newGoverned(t, "TAG_POLICY")
		g.attach(g.Root.ID, fmt.Sprintf(everything, c.enforced))
		err := g.CheckTags(g.member, c.service, c.kind, []iam.Tag{{Key: "other"}, {Key: c.key, Value: c.value}})
		switch text := fmt.Sprintf(TagPolicyText, c.key); {
		case c.ok && err != nil:
			t.Errorf("%+v: %v", c, err)
		case !c.ok && c.service == "iam":
			refused(t, err, "InvalidInput", "", text)
		case !c.ok:
			refused(t, err, CodeConstraint, "TAG_POLICY_VIOLATION", text)
		}
		must(t, g.DisablePolicyType(g.Root.ID, "TAG_POLICY"))
		must(t, g.CheckTags(g.member, c.service, c.kind, []iam.Tag{{Key: c.key, Value: c.value}}))
	}
}
