package org

import (
	"path"
	"slices"
	"strings"

	"iamd/catalog"
	"iamd/iam"
	"iamd/policy"
)

// delegable are the actions that write and that a delegation policy may give to
// members; those that read are all whose names begin with Describe or List.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
var delegable = []string{
	"AttachPolicy", "CreatePolicy", "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType", "TagResource", "UntagResource", "UpdatePolicy",
}

// PutResourcePolicy sets the delegation policy. Tags are for a new one.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_PutResourcePolicy.html
func (d *Draft) PutResourcePolicy(content string, tags []iam.Tag) (*ResourcePolicy, error) {
	if d.FeatureSet != AllFeatures {
		return nil, refuse(CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You can perform this operation only if all features are enabled in your organization.")
	}
	text, err := d.delegation(content)
	if err != nil {
		return nil, err
	}
	next := ResourcePolicy{Document: iam.NewDocument(text, nil)}
	switch {
	case d.ResourcePolicy == nil:
		if next.Tags, err = d.tagged(nil, tags); err != nil {
			return nil, err
		}
		next.ID = "rp-" + random(d.env.Rand, 8)
	case len(tags) > 0:
		return nil, refuse(CodeConstraint, "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED", "Adding tags on updating an existing resource-based policy is not supported.")
	default:
		next.ID, next.Tags = d.ResourcePolicy.ID, d.ResourcePolicy.Tags
	}
	d.ResourcePolicy = &next
	d.putSettings()
	return &next, nil
}

// DeleteResourcePolicy removes the delegation policy, with its tags.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteResourcePolicy.html
func (d *Draft) DeleteResourcePolicy() error {
	if _, err := d.FindResourcePolicy(); err != nil {
		return err
	}
	d.ResourcePolicy = nil
	d.putSettings()
	return nil
}

// FindResourcePolicy finds the delegation policy, or AWS's refusal.
func (o *Organization) FindResourcePolicy() (*ResourcePolicy, error) {
	if o.ResourcePolicy == nil {
		return nil, iam.Errorf("ResourcePolicyNotFoundException", "No resource-based policy found.")
	}
	return o.ResourcePolicy, nil
}

// delegation checks a delegation policy and gives it as it is kept: written anew,
// with accounts by the ARNs of their root users.
func (o *Organization) delegation(text string) (string, error) {
	doc, err := policy.Parse([]byte(text))
	if err == nil {
		err = policy.Check(doc, policy.Resource, policy.CheckOptions{})
	}
	if err != nil {
		return "", noDelegation(err)
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Principal == nil || s.Action == nil || s.Resource == nil {
			return "", noDelegation(nil) // NotPrincipal, NotAction and NotResource
		}
		for k := range s.Principal.Named {
			if err := o.delegate(&s.Principal.Named[k]); err != nil {
				return "", err
			}
		}
	}
	for _, s := range doc.Statements {
		if err := checkDelegation(s); err != nil {
			return "", err
		}
	}
	return rewritten(doc), nil
}

// delegate checks a principal: an account of the organization, everybody or a
// service.
func (o *Organization) delegate(p *policy.NamedPrincipal) error {
	if p.Type == "Service" || p.Type == "AWS" && p.Value == "*" {
		return nil
	}
	id := strings.TrimSuffix(strings.TrimPrefix(p.Value, "arn:aws:iam::"), ":root")
	if _, ok := o.Account(id); !ok || p.Type != "AWS" || p.Value != id && p.Value != "arn:aws:iam::"+id+":root" {
		return noDelegation(nil)
	}
	p.Value = "arn:aws:iam::" + id + ":root"
	return nil
}

// checkDelegation refuses what can't be delegated, in AWS's words for actions; for
// resources and types of policies it has words that nobody has written down.
func checkDelegation(s policy.Statement) error {
	for _, a := range s.Action {
		if !delegableAction(a) {
			return refuse(CodeInvalidInput, "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", "%s is not a supported action for this resource-based policy.", a)
		}
	}
	for _, r := range s.Resource {
		if r != "*" && !strings.HasPrefix(r, "arn:aws:organizations:") {
			return refuse(CodeInvalidInput, "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY", "%s is not a supported resource for this resource-based policy.", r)
		}
	}
	for _, c := range s.Condition {
		operator := strings.ToLower(c.Operator)
		if policy.FoldKey(c.Key) != "organizations:policytype" || !strings.Contains(operator, "string") {
			continue
		}
		for _, v := range c.Values {
			if !anyType(v) {
				return refuse(CodeInvalidInput, "UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY", "%s is not a supported policy type for this resource-based policy.", v)
			}
		}
	}
	return nil
}

// delegableAction tells whether a pattern stands for nothing but actions that can
// be delegated.
func delegableAction(pattern string) bool {
	service, name, ok := strings.Cut(strings.ToLower(pattern), ":")
	all, known := catalog.Service("organizations")
	if !ok || !known || service != "organizations" || strings.ContainsAny(name, `[\`) {
		return false
	}
	found := false
	for a := range all.Actions() {
		if match, err := path.Match(name, strings.ToLower(a.Name)); err != nil || !match {
			continue
		}
		if !strings.HasPrefix(a.Name, "Describe") && !strings.HasPrefix(a.Name, "List") && !slices.Contains(delegable, a.Name) {
			return false
		}
		found = true
	}
	return found
}

// anyType tells whether a value is a type of policies; one with wildcards or
// variables may be.
func anyType(value string) bool {
	if strings.ContainsAny(value, "*?$") {
		return true
	}
	_, ok := types[PolicyType(strings.ToUpper(value))]
	return ok
}

// noDelegation is AWS's one sentence for whatever else is wrong.
func noDelegation(err error) error {
	return &iam.Error{Code: CodeInvalidInput, Reason: "INVALID_RESOURCE_POLICY_JSON", Message: "This resource-based policy contains invalid JSON.", Err: err}
}
