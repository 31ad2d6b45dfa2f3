package analyzer

import (
	"slices"
	"strings"
)

// servicePrincipalChecks are those of AWS services that a resource policy lets in (IAM User Guide, "The confused
// deputy problem").
var servicePrincipalChecks = []func(*document){
	servicePrincipals,
	irrelevantKeys,
}

// sourceKeys say on whose behalf a service calls.
var sourceKeys = []string{"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"}

// weakSourceKeys have been used for that, and are not made for it.
var weakSourceKeys = []string{"aws:Referer"}

// servicePrincipals: a service calls on anyone's behalf. Trust policies are left out: whom a service assumes a role
// for is settled by iam:PassRole.
func servicePrincipals(d *document) {
	if d.opt.Type != ResourcePolicy {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		if !s.allow() || d.assumed(s) || s.conditioned(sourceKeys) != nil {
			continue
		}
		weak := d.weakSource(s)
		for _, v := range principalsOf(s.principals, "Service") {
			if weak == nil {
				d.report("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", []place{v.place})
				continue
			}
			name, _, _ := strings.Cut(v.text, ".amazonaws.com")
			d.report("RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", []place{v.place, weak.keyAt}, "servicePrincipalPrefix", name, "key", weak.key)
		}
	}
}

// weakSource is the condition by which a statement means to say on whose behalf a service calls, where it has none better.
func (d *document) weakSource(s *statement) *condition {
	if d.opt.Type != ResourcePolicy || !s.allow() || s.conditioned(sourceKeys) != nil || len(principalsOf(s.principals, "Service")) == 0 {
		return nil
	}
	return s.conditioned(weakSourceKeys)
}

// conditioned is the first condition on one of the keys that asks for their values; nil if there is none.
func (s *statement) conditioned(keys []string) *condition {
	for i := range s.conditions {
		c := &s.conditions[i]
		if op, ok := parseOperator(c.operator.key); ok && op.family != opNull && foldIn(keys, c.key) {
			return c
		}
	}
	return nil
}

// foldIn tells whether a key is in a list, in whatever case.
func foldIn(keys []string, key string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) })
}

// irrelevantKeysOf are keys that say nothing in the policies of a type of resource: they speak of the resource's owner,
// which is known where the policy is attached (the check reference, "Irrelevant condition key in policy").
var irrelevantKeysOf = map[string][]string{
	"AWS::S3::Bucket":      {"s3:ResourceAccount"},
	"AWS::S3::AccessPoint": {"s3:ResourceAccount"},
}

func irrelevantKeys(d *document) {
	keys := irrelevantKeysOf[d.opt.ResourceType]
	if d.opt.Type != ResourcePolicy || len(keys) == 0 {
		return
	}
	for i := range d.statement {
		for _, c := range d.statement[i].conditions {
			if foldIn(keys, c.key) {
				d.report("IRRELEVANT_CONDITION_KEY_IN_POLICY", []place{c.keyAt}, "condition-key", c.key, "resource-type", d.opt.ResourceType)
			}
		}
	}
}
