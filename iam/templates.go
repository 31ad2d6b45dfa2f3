package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// TemplateFile is what an installation brings: role templates beside those of
// AWS that are known, and the policy templates that delegation requests name.
type TemplateFile struct {
	RoleTemplates   []RoleTemplate
	PolicyTemplates []PolicyTemplate
}

// PolicyTemplate is the template of what a delegation request asks for. AWS
// registers them for partners that it has vetted, and nobody else may ask. Here
// whoever runs the installation vets: a request needs a template that stands in
// its file, from an account that the template is for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-policy-templates.html
type PolicyTemplate struct {
	ARN string `json:"Arn"`
	// Partner is what customers know the requestor as.
	Partner string
	// Accounts may make requests of it; none: every account.
	Accounts []string
	// PolicyDocument is an identity policy with placeholders.
	PolicyDocument json.RawMessage
}

// Templates are those that are known, by ARN. They are never changed.
type Templates struct {
	roles    map[string][]RoleTemplate
	policies map[string]PolicyTemplate
}

// NewTemplates are AWS's role templates, as far as they are known, and the
// installation's own, which stand in the place of AWS's of the same version.
func NewTemplates(own TemplateFile) (*Templates, error) {
	aws, err := knownTemplates()
	if err != nil {
		return nil, fmt.Errorf("iam: the known role templates: %w", err)
	}
	t := &Templates{roles: map[string][]RoleTemplate{}, policies: map[string]PolicyTemplate{}}
	seen := map[string]bool{}
	for _, r := range own.RoleTemplates {
		version := fmt.Sprintf("%s %d", r.TemplateARN, r.MinorVersion)
		if err := r.check(); err != nil {
			return nil, err
		}
		if seen[version] {
			return nil, fmt.Errorf("role template %s: %w", version, errTwice)
		}
		seen[version] = true
		t.roles[r.TemplateARN] = append(t.roles[r.TemplateARN], r)
	}
	for _, r := range aws {
		if !seen[fmt.Sprintf("%s %d", r.TemplateARN, r.MinorVersion)] {
			t.roles[r.TemplateARN] = append(t.roles[r.TemplateARN], r)
		}
	}
	for _, p := range own.PolicyTemplates {
		switch _, twice := t.policies[p.ARN]; {
		case !policyTemplateARN.MatchString(p.ARN):
			return nil, fmt.Errorf("policy template %q: the ARN is not arn:aws:iam::aws:delegation-template/PARTNER/NAME", p.ARN)
		case twice:
			return nil, fmt.Errorf("policy template %s: %w", p.ARN, errTwice)
		case !json.Valid(p.PolicyDocument):
			return nil, fmt.Errorf("policy template %s: no PolicyDocument", p.ARN)
		case slices.ContainsFunc(p.Accounts, func(a string) bool { return !isAccountID(a) }):
			return nil, fmt.Errorf("policy template %s: an account that is no number of twelve digits", p.ARN)
		}
		t.policies[p.ARN] = p
	}
	return t, nil
}

// AWS does not tell the form of these ARNs; this one is ours.
var policyTemplateARN = regexp.MustCompile(`^arn:aws:iam::aws:delegation-template/[\w.-]+/[\w+=,.@/-]+$`)

// ReadTemplates reads a template file, which is JSON; members that are unknown
// are refused.
func ReadTemplates(text []byte) (f TemplateFile, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("templates: %w", err)
	}
	if d.More() {
		return f, fmt.Errorf("templates: something stands behind the document")
	}
	_, err = NewTemplates(f)
	return f, err
}

// RoleTemplate finds a version of a role template: with nil, the default one.
func (t *Templates) RoleTemplate(arn string, minor *int32) (*RoleTemplate, bool) {
	list := t.roles[arn]
	for i := range list {
		want := list[i].DefaultMinorVersion
		if minor != nil {
			want = *minor
		}
		if list[i].MinorVersion == want {
			return &list[i], true
		}
	}
	return nil, false
}

// PolicyTemplate finds the template that an account's request names.
func (t *Templates) PolicyTemplate(arn, account string) (*PolicyTemplate, bool) {
	p, ok := t.policies[arn]
	if !ok || len(p.Accounts) > 0 && !slices.Contains(p.Accounts, account) {
		return nil, false
	}
	return &p, true
}

// Fill gives the policy that a template becomes.
func (p *PolicyTemplate) Fill(parameters []PolicyParameter) (string, error) {
	values, lists, takes := map[string][]string{}, map[string]bool{}, parametersOf(p.PolicyDocument)
	for _, given := range parameters {
		switch _, twice := values[given.Name]; {
		case !slices.Contains(takes, given.Name):
			return "", notRendered("Unrecognized parameter: %s", given.Name)
		case twice:
			return "", notRendered("Parameter '%s' is given twice.", given.Name)
		case !given.List && len(given.Values) != 1:
			return "", oneValue(given.Name, len(given.Values))
		}
		values[given.Name], lists[given.Name] = given.Values, given.List
	}
	if err := checkValues(values); err != nil {
		return "", err
	}
	return newRendering(values, lists).document(p.PolicyDocument)
}

// PolicyParameter is a value for a placeholder.
type PolicyParameter struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
	List   bool     `json:"list,omitempty"` // a stringList
}
