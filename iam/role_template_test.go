package iam

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	powerTemplate    = "arn:aws:iam::aws:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1"
	rotationTemplate = "arn:aws:iam::aws:role-template/secretsmanager.amazonaws.com/AWSSecretsManagerRotationRoleTemplate:1"
	studioTemplate   = "arn:aws:iam::aws:role-template/datazone.amazonaws.com/AmazonSageMakerAdminIAMPermissiveExecutionRoleTemplate:1"
	backupTemplate   = "arn:aws:iam::aws:role-template/backup.amazonaws.com/AWSBackupDefaultServiceRoleTemplate:1"
)

type values = map[string][]string

func templateOf(t *testing.T, arn string) *RoleTemplate {
	t.Helper()
	all, err := NewTemplates(TemplateFile{})
	must(t, err)
	one, ok := all.RoleTemplate(arn, nil)
	if !ok {
		t.Fatal("no template " + arn)
	}
	return one
}

func acquire(t *testing.T, d *Draft, arn string, given values) (*Role, error) {
	t.Helper()
	plan, err := templateOf(t, arn).Plan(given)
	if err != nil {
		return nil, err
	}
	return d.AcquireRole(plan)
}

func TestAcquireRole(t *testing.T) {
	d := policyDraft()
	given := values{"AWSServiceName": {"lambda.amazonaws.com"}, "RoleName": {"Power"}}
	r, err := acquire(t, d, powerTemplate, given)
	must(t, err)
	if r.Description != "Power user role for lambda.amazonaws.com" || r.Path != "/" || r.MaxSession != 3600 ||
		!cmp.Equal(r.Attached, []string{"arn:aws:iam::aws:policy/PowerUserAccess"}) || len(r.Inline) != 0 ||
		!strings.Contains(r.Trust.Text(), `"Service":"lambda.amazonaws.com"`) || r.Source.TemplateARN != powerTemplate {
		t.Errorf("made %+v", r)
	}
	again := func(what string, change, back func() error, modified bool) {
		t.Helper()
		must(t, change())
		got, err := acquire(t, d, powerTemplate, given)
		if modified {
			refused(t, err, CodeRoleModified, "Role Power has been modified since it was created and is no longer managed.")
		} else if err != nil || got.ID != r.ID {
			t.Errorf("%s: %v %v", what, got, err)
		}
		must(t, back())
		if got, err = acquire(t, d, powerTemplate, given); err != nil || got.ID != r.ID {
			t.Errorf("%s, and back: %v %v", what, got, err)
		}
	}
	nothing := func() error { return nil }
	power := Entity{KindRole, "Power"}
	trust := r.Trust.Text()
	again("as it is", nothing, nothing, false)
	again("duration", func() error { return d.UpdateRole("Power", nil, 7200) }, func() error { return d.UpdateRole("Power", nil, 3600) }, false)
	again("description", func() error { _, err := d.UpdateRoleDescription("Power", "x"); return err }, nothing, false)
	again("tags", func() error { return d.TagRole("Power", []Tag{{"a", "b"}}) }, func() error { return d.UntagRole("Power", []string{"a"}) }, true)
	again("attachment", func() error { return d.AttachPolicy(power, "arn:aws:iam::aws:policy/ReadOnlyAccess") },
		func() error { return d.DetachPolicy(power, "arn:aws:iam::aws:policy/ReadOnlyAccess") }, true)
	again("detachment", func() error { return d.DetachPolicy(power, "arn:aws:iam::aws:policy/PowerUserAccess") },
		func() error { return d.AttachPolicy(power, "arn:aws:iam::aws:policy/PowerUserAccess") }, true)
	again("inline", func() error { return d.PutInlinePolicy(power, "in", allowS3) }, func() error { return d.DeleteInlinePolicy(power, "in") }, true)
	again("boundary", func() error { return d.PutRolePermissionsBoundary("Power", "arn:aws:iam::aws:policy/ReadOnlyAccess") },
		func() error { return d.DeleteRolePermissionsBoundary("Power") }, true)
	again("trust", func() error { return d.UpdateAssumeRolePolicy("Power", strings.Replace(trust, "lambda", "ec2", 1)) },
		func() error { return d.UpdateAssumeRolePolicy("Power", trust) }, true)
	again("the trust's shape", func() error {
		return d.UpdateAssumeRolePolicy("Power", strings.Replace(trust, `"sts:AssumeRole"`, `["sts:AssumeRole"]`, 1))
	}, nothing, false)

	conflict := "A role with this name exists but was created with different parameters. Pass a unique roleName to create a new role."
	_, err = acquire(t, d, powerTemplate, values{"AWSServiceName": {"ec2.amazonaws.com"}, "RoleName": {"Power"}})
	refused(t, err, CodeNameConflict, conflict)
	_, err = acquire(t, d, powerTemplate, values{"AWSServiceName": {"lambda.amazonaws.com"}, "RoleName": {"POWER"}})
	refused(t, err, CodeNameConflict, conflict)
	_, err = d.CreateRole(NewRole{Name: "PowerUserRole", Trust: trust})
	must(t, err)
	_, err = acquire(t, d, powerTemplate, values{"AWSServiceName": {"lambda.amazonaws.com"}})
	refused(t, err, CodeNameConflict, "A role with this name already exists in the account but was not created from this template. Choose a different role name, or remove the existing role if it is no longer needed.")

	for _, c := range []struct {
		given         values
		code, message string
	}{
		{nil, CodeInvalidInput, "Failed to render template: Parameter 'AWSServiceName' not found."},
		{values{"AWSServiceName": {"a", "b"}}, CodeValidation, "AWSServiceName replacement value must contain exactly one value, got 2"},
		{values{"AWSServiceName": {}}, CodeValidation, "AWSServiceName replacement value must contain exactly one value, got 0"},
		{values{"AWSServiceName": {"lambda.amazonaws.com"}, "Unused": {"x"}}, CodeInvalidInput, "Failed to render template: Unrecognized parameter: Unused"},
		{values{"AWSServiceName": {"not-a-service"}, "RoleName": {"New"}}, CodeMalformedPolicy, `Invalid principal in policy: "SERVICE":"not-a-service"`},
		{values{"AWSServiceName": {"lambda.amazonaws.com"}, "RoleName": {"no/name"}}, CodeValidation, "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{values{"AWSServiceName": {strings.Repeat("x", maxRendered)}}, CodeInvalidInput, "Failed to render template: The result is larger than 65536 bytes."},
	} {
		_, err := acquire(t, d, powerTemplate, c.given)
		refused(t, err, c.code, c.message)
	}
}

// TestRoleTemplatePatterns: what values make of a path and a description is held
// to what a role may have.
func TestRoleTemplatePatterns(t *testing.T) {
	template := RoleTemplate{
		RoleNamePattern: "R", RolePathPattern: "@{Path}", RoleDescriptionPattern: "@{Text}", TrustTemplate: json.RawMessage(`{}`),
		Parameters: []TemplateParameter{{Name: "Path", Type: "String"}, {Name: "Text", Type: "String"}},
	}
	const path = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."
	const text = "The specified value for description is invalid."
	for _, c := range []struct{ path, text, refusal string }{
		{"/a/", "Reads é", ""}, {"a/", "", path}, {"/a", "", path}, {"/a b/", "", path}, {"/" + strings.Repeat("a", 511) + "/", "", path},
		{"/", "\x00", text}, {"/", strings.Repeat("a", 1001), text},
	} {
		plan, err := template.Plan(values{"Path": {c.path}, "Text": {c.text}})
		if c.refusal != "" {
			refused(t, err, CodeValidation, c.refusal)
		} else if must(t, err); plan.Path != c.path || plan.Description != c.text {
			t.Errorf("made %+v", plan)
		}
	}
}

// TestRoleTemplateSwitches: statements that are switched off are gone, with what
// they would have needed, and a policy without any is not made.
func TestRoleTemplateSwitches(t *testing.T) {
	d := policyDraft()
	rotation := values{"accountId": {d.ID}, "region": {"us-east-1"}, "resourceType": {"probe"}}
	sids := func(given values) (list []string, text string) {
		t.Helper()
		r, err := acquire(t, d, rotationTemplate, given)
		must(t, err)
		if r.Path != "/service-role/" {
			t.Errorf("path %s", r.Path)
		}
		text = r.Inline[0].Document.Text()
		var doc struct{ Statement []struct{ Sid string } }
		must(t, json.Unmarshal([]byte(text), &doc))
		for _, s := range doc.Statement {
			list = append(list, s.Sid)
		}
		return list, text
	}
	got, text := sids(rotation)
	if !cmp.Equal(got, []string{"AllowRotationAccessGeneric", "AllowPasswordGenerationAccessAdmin"}) || strings.Contains(text, "@") ||
		!strings.Contains(text, `"arn:aws:secretsmanager:us-east-1:123456789012:secret:*"`) {
		t.Errorf("off: %v %s", got, text)
	}
	rotation["RoleName"], rotation["ADMIN_RESOURCE_ENABLED"], rotation["CMK_ENABLED"] = []string{"On"}, []string{"true"}, []string{"True"}
	rotation["adminType"], rotation["kmsKeyArn"] = []string{"admin"}, []string{"arn:aws:kms:us-east-1:123456789012:key/1", "arn:aws:kms:us-east-1:123456789012:key/2"}
	got, text = sids(rotation)
	if len(got) != 4 || !strings.Contains(text, `"Resource":["arn:aws:kms:us-east-1:123456789012:key/1","arn:aws:kms:us-east-1:123456789012:key/2"]`) {
		t.Errorf("on: %v %s", got, text)
	}
	rotation["RoleName"], rotation["CMK_ENABLED"] = []string{"Third"}, []string{"maybe"}
	_, err := acquire(t, d, rotationTemplate, rotation)
	refused(t, err, CodeInvalidInput, "Failed to render template: Parameter 'CMK_ENABLED' must be True or False.")

	r, err := acquire(t, d, studioTemplate, values{"accountId": {d.ID}})
	must(t, err)
	if r.Name != "AmazonSageMakerAdminIAMExecutionRole" || len(r.Inline) != 0 {
		t.Errorf("made %+v", r)
	}
	if r, err = acquire(t, d, backupTemplate, values{"accountId": {d.ID}}); err != nil || len(r.Attached) != 2 {
		t.Errorf("made %+v %v", r, err)
	}
}

func TestTemplateFile(t *testing.T) {
	const role = `{"TemplateArn":"arn:aws:iam::aws:role-template/x.example.com/T:1","RoleNamePattern":"@{Name}","AssumeRolePolicyDocumentTemplate":{},"MinorVersion":2,"DefaultMinorVersion":2,"Enabled":true,"VersionEnabled":true}`
	const policy = `{"Arn":"arn:aws:iam::aws:delegation-template/x.example.com/T","Partner":"X","Accounts":["111111111111"],"PolicyDocument":{"Statement":[{"Action":"@{action}","@Enabled":"switch"}]}}`
	f, err := ReadTemplates([]byte(`{"RoleTemplates":[` + role + `],"PolicyTemplates":[` + policy + `]}`))
	must(t, err)
	all, err := NewTemplates(f)
	must(t, err)
	two, three := int32(2), int32(3)
	for _, c := range []struct {
		minor *int32
		want  bool
	}{{nil, true}, {&two, true}, {&three, false}} {
		if _, ok := all.RoleTemplate("arn:aws:iam::aws:role-template/x.example.com/T:1", c.minor); ok != c.want {
			t.Errorf("minor %v: %v", c.minor, ok)
		}
	}
	const arn = "arn:aws:iam::aws:delegation-template/x.example.com/T"
	if _, ok := all.PolicyTemplate(arn, "222222222222"); ok {
		t.Error("a template serves another account")
	}
	p, ok := all.PolicyTemplate(arn, "111111111111")
	if !ok {
		t.Fatal("no template")
	}
	got, err := p.Fill([]PolicyParameter{{Name: "action", Values: []string{"a:B", "a:C"}, List: true}, {Name: "switch", Values: []string{"TRUE"}}})
	if want := `{"Statement":[{"Action":["a:B","a:C"]}]}`; err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
	got, err = p.Fill([]PolicyParameter{{Name: "switch", Values: []string{"false"}}})
	if got != "" || err != nil {
		t.Errorf("%s %v", got, err)
	}
	for _, c := range []struct {
		given         []PolicyParameter
		code, message string
	}{
		{nil, CodeInvalidInput, "Failed to render template: Parameter 'switch' not found."},
		{[]PolicyParameter{{Name: "other"}}, CodeInvalidInput, "Failed to render template: Unrecognized parameter: other"},
		{[]PolicyParameter{{Name: "switch", Values: []string{"true"}}, {Name: "switch", Values: []string{"true"}}}, CodeInvalidInput, "Failed to render template: Parameter 'switch' is given twice."},
		{[]PolicyParameter{{Name: "action", Values: []string{"a", "b"}}}, CodeValidation, "action replacement value must contain exactly one value, got 2"},
	} {
		_, err := p.Fill(c.given)
		refused(t, err, c.code, c.message)
	}
	list := PolicyTemplate{PolicyDocument: json.RawMessage(`{"Statement":[{"Resource":"x@{names}y<&>"}]}`)}
	_, err = list.Fill([]PolicyParameter{{Name: "names", Values: []string{"a", "b"}, List: true}})
	refused(t, err, CodeInvalidInput, "Failed to render template: Parameter 'names' is a list and stands within a text.")
	// A value is a text, whatever it holds.
	got, err = list.Fill([]PolicyParameter{{Name: "names", Values: []string{`","Effect":"Allow@{names}`}}})
	if want := `{"Statement":[{"Resource":"x\",\"Effect\":\"Allow@{names}y<&>"}]}`; err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
	for text, want := range map[string]string{
		`{"Unknown":1}`: "unknown field", `{} {}`: "something stands behind",
		`{"RoleTemplates":[` + role + `,` + role + `]}`:                              "twice",
		`{"PolicyTemplates":[` + policy + `,` + policy + `]}`:                        "twice",
		`{"RoleTemplates":[{"TemplateArn":"x"}]}`:                                    "the ARN is not",
		`{"PolicyTemplates":[{"Arn":"x"}]}`:                                          "the ARN is not",
		strings.Replace(`{"RoleTemplates":[`+role+`]}`, "@{Name}", "", 1):            "no RoleNamePattern",
		strings.Replace(`{"PolicyTemplates":[`+policy+`]}`, "111111111111", "me", 1): "no number of twelve digits",
	} {
		if _, err := ReadTemplates([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestTemplateValuesAreBounded: what nothing is made of is not kept by the megabyte.
func TestTemplateValuesAreBounded(t *testing.T) {
	long := strings.Repeat("x", maxRendered)
	_, err := templateOf(t, studioTemplate).Plan(values{"accountId": {"123456789012"}, "kmsKeyId": {long}})
	refused(t, err, CodeInvalidInput, "Failed to render template: The values are longer than 65536 bytes.")
	_, err = templateOf(t, studioTemplate).Plan(values{"accountId": {"123456789012"}, "kmsKeyId": {long[20:]}})
	must(t, err)
	p := PolicyTemplate{PolicyDocument: json.RawMessage(`{"Version":"2012-10-17","Statement":[{"@Enabled":"all","Effect":"Allow","Action":"s3:*","Resource":"@{names}"},{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`)}
	_, err = p.Fill([]PolicyParameter{{Name: "all", Values: []string{"False"}}, {Name: "names", Values: []string{long, "x"}, List: true}})
	refused(t, err, CodeInvalidInput, "Failed to render template: The values are longer than 65536 bytes.")
}
