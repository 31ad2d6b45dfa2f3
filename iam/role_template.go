package iam

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// RoleTemplate is one minor version of a role template: what a role that is made
// from it is like. Its fields have the names of AWS's own members.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleTemplateVersion.html
type RoleTemplate struct {
	TemplateARN         string `json:"TemplateArn"`
	TemplateName        string
	TemplateVersionID   string `json:"TemplateVersionId"`
	Description         string
	MajorVersion        int32
	MinorVersion        int32
	DefaultMinorVersion int32
	ManagedByType       string
	ManagedByValue      string
	Enabled             bool
	VersionEnabled      bool

	RoleNamePattern        string
	RolePathPattern        string
	RoleDescriptionPattern string
	// TrustTemplate is the trust policy's.
	TrustTemplate         json.RawMessage `json:"AssumeRolePolicyDocumentTemplate"`
	InlinePolicyTemplates []InlinePolicyTemplate
	ManagedPolicyARNs     []string `json:"ManagedPolicyArns"`
	PermissionBoundaryARN string   `json:"PermissionBoundaryArn"`
	RoleTagsTemplate      []TagTemplate
	Parameters            []TemplateParameter `json:"ParametersDefinition"`
	MaxSessionDuration    int32               // seconds

	CreateTimestamp time.Time
	UpdateTimestamp time.Time
}

// InlinePolicyTemplate is the template of one inline policy.
type InlinePolicyTemplate struct {
	PolicyName     string
	PolicyDocument json.RawMessage
}

// TagTemplate is a tag whose parts may hold placeholders.
type TagTemplate struct{ Key, Value string }

// TemplateParameter says what may be filled in. That one is required shows when
// it is needed: behind a switch that is off it may be missing.
type TemplateParameter struct {
	Name         string
	Type         string // String, StringList, Number, NumberList, Arn, ArnList
	SubType      string
	Description  string
	IsRequired   bool
	DefaultValue *string
	Immutable    bool
}

// RoleSource says which template a role was made from, and with which values.
type RoleSource struct {
	TemplateARN string              `json:"arn"`
	Minor       int32               `json:"minor"`
	Values      map[string][]string `json:"values,omitempty"`
}

// RolePlan is the role that a template becomes with some values.
type RolePlan struct {
	NewRole
	Inline  map[string]string // documents by name
	Managed []string          // ARNs
	source  RoleSource
}

// Plan fills a template in.
func (t *RoleTemplate) Plan(given map[string][]string) (*RolePlan, error) {
	values, lists := map[string][]string{}, map[string]bool{}
	for _, p := range t.Parameters {
		lists[p.Name] = strings.HasSuffix(p.Type, "List")
		if p.DefaultValue != nil {
			values[p.Name] = []string{*p.DefaultValue}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		list, known := lists[name]
		if !known {
			return nil, notRendered("Unrecognized parameter: %s", name)
		}
		if !list && len(given[name]) != 1 {
			return nil, oneValue(name, len(given[name]))
		}
		values[name] = given[name]
	}
	r := newRendering(values, lists)
	plan := &RolePlan{
		NewRole: NewRole{MaxSession: t.MaxSessionDuration, Boundary: t.PermissionBoundaryARN},
		Inline:  map[string]string{}, Managed: t.ManagedPolicyARNs,
		source: RoleSource{TemplateARN: t.TemplateARN, Minor: t.MinorVersion, Values: values},
	}
	for _, part := range []struct {
		to      *string
		pattern string
	}{{&plan.Name, t.RoleNamePattern}, {&plan.Path, t.RolePathPattern}, {&plan.Description, t.RoleDescriptionPattern}} {
		var err error
		if *part.to, err = r.text(part.pattern); err != nil {
			return nil, err
		}
	}
	plan.Path = orRoot(plan.Path)
	if err := plan.named(); err != nil {
		return nil, err
	}
	var err error
	if plan.Trust, err = r.document(t.TrustTemplate); err != nil {
		return nil, err
	}
	for _, in := range t.InlinePolicyTemplates {
		document, err := r.document(in.PolicyDocument)
		if err != nil {
			return nil, err
		}
		if document != "" {
			plan.Inline[in.PolicyName] = document
		}
	}
	for _, tag := range t.RoleTagsTemplate {
		key, err := r.text(tag.Key)
		if err != nil {
			return nil, err
		}
		value, err := r.text(tag.Value)
		if err != nil {
			return nil, err
		}
		plan.Tags = append(plan.Tags, Tag{Key: key, Value: value})
	}
	return plan, checkValues(given)
}

var (
	roleName = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	rolePath = regexp.MustCompile(`^/([!-~]{0,510}/)?$`)
	roleText = regexp.MustCompile(`^[\t\n\r -~\x{a1}-\x{ff}]{0,1000}$`)
)

// named holds what values made of the name, the path and the description to what
// CreateRole wants of them.
func (p *RolePlan) named() error {
	switch {
	case !roleName.MatchString(p.Name):
		return Errorf(CodeValidation, "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
	case !rolePath.MatchString(p.Path):
		return Errorf(CodeValidation, "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	case !roleText.MatchString(p.Description):
		return Errorf(CodeValidation, "The specified value for description is invalid.")
	}
	return nil
}

// AcquireRole makes the role of a plan, or gives the one that was made of it
// before and is still as it was made. A description and a longest session that
// were changed do not count.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AcquireRole.html
func (d *Draft) AcquireRole(p *RolePlan) (*Role, error) {
	if r, err := d.Role(p.Name); err == nil {
		return r, d.acquired(r, p)
	}
	if _, err := d.CreateRole(p.NewRole); err != nil {
		return nil, err
	}
	e := Entity{Kind: KindRole, Name: p.Name}
	for _, arn := range p.Managed {
		if err := d.AttachPolicy(e, arn); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Inline)) {
		if err := d.PutInlinePolicy(e, name, p.Inline[name]); err != nil {
			return nil, err
		}
	}
	r, err := d.Role(p.Name)
	if err != nil {
		return nil, err
	}
	next := clone(r)
	next.Source = &p.source
	d.putRole(r, next)
	return next, nil
}

// acquired tells whether a role is still the plan's.
func (d *Draft) acquired(r *Role, p *RolePlan) error {
	switch {
	case r.Source == nil || r.Source.TemplateARN != p.source.TemplateARN:
		return Errorf(CodeNameConflict, "A role with this name already exists in the account but was not created from this template. Choose a different role name, or remove the existing role if it is no longer needed.")
	case r.Source.Minor != p.source.Minor || !maps.EqualFunc(r.Source.Values, p.source.Values, slices.Equal):
		return Errorf(CodeNameConflict, "A role with this name exists but was created with different parameters. Pass a unique roleName to create a new role.")
	}
	same := r.Boundary == p.Boundary && sameSet(r.Attached, p.Managed) && sameTags(r.Tags, p.Tags) &&
		sameStatements(r.Trust.Text(), p.Trust) && len(r.Inline) == len(p.Inline)
	for _, in := range r.Inline {
		document, there := p.Inline[in.Name]
		same = same && there && sameStatements(in.Document.Text(), document)
	}
	if !same {
		return Errorf(CodeRoleModified, "Role %s has been modified since it was created and is no longer managed.", r.Name)
	}
	return nil
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func sameTags(a, b []Tag) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(t Tag) bool { return !slices.Contains(b, t) })
}

// sameStatements tells whether two policies say the same in other shapes: a list
// of one for what stands alone, members and lists in another order.
func sameStatements(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return plainJSON(x) == plainJSON(y)
}

// plainJSON writes a value in one of the shapes that it may have.
func plainJSON(v any) string {
	switch v := v.(type) {
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, fmt.Sprintf("%q:%s", k, plainJSON(v[k])))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		if len(v) == 1 {
			return plainJSON(v[0])
		}
		parts := make([]string, 0, len(v))
		for _, one := range v {
			parts = append(parts, plainJSON(one))
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// known are the role templates of AWS that were seen; AWS publishes no list.
//
//go:embed role_templates.json
var known []byte

var knownTemplates = sync.OnceValues(func() ([]RoleTemplate, error) {
	var list []RoleTemplate
	return list, json.Unmarshal(known, &list)
})

var templateARN = regexp.MustCompile(`^arn:aws:iam::aws:role-template/[\w.-]+/[\w+=,.@-]+:(\d{1,9})$`)

// check refuses a template that nobody could use.
func (t *RoleTemplate) check() error {
	switch {
	case !templateARN.MatchString(t.TemplateARN):
		return fmt.Errorf("role template %q: the ARN is not arn:aws:iam::aws:role-template/SERVICE/NAME:MAJOR", t.TemplateARN)
	case t.RoleNamePattern == "":
		return fmt.Errorf("role template %s: no RoleNamePattern", t.TemplateARN)
	case !json.Valid(t.TrustTemplate):
		return fmt.Errorf("role template %s: no AssumeRolePolicyDocumentTemplate", t.TemplateARN)
	}
	for _, in := range t.InlinePolicyTemplates {
		if in.PolicyName == "" || !json.Valid(in.PolicyDocument) {
			return fmt.Errorf("role template %s: an inline policy without name or document", t.TemplateARN)
		}
	}
	return nil
}

// errTwice says that a template is there already.
var errTwice = errors.New("the template is there twice")
