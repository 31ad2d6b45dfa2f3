package api_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	powerTemplate = "arn:aws:iam::aws:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1"
	ownTemplate   = "arn:aws:iam::aws:role-template/example.com/Own:1"
)

func acquiring(template string, values map[string]string) *iam.AcquireRoleInput {
	in := &iam.AcquireRoleInput{TemplateArn: aws.String(template), ReplacementValues: map[string]types.ReplacementValueEntry{}}
	for name, value := range values {
		in.ReplacementValues[name] = types.ReplacementValueEntry{Values: []string{value}}
	}
	return in
}

func power(name string) *iam.AcquireRoleInput {
	return acquiring(powerTemplate, map[string]string{"AWSServiceName": "lambda.amazonaws.com", "RoleName": name})
}

func roleTemplateCases() []actionCase {
	return []actionCase{{
		action: "GetRoleTemplateVersion",
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.GetRoleTemplateVersion(ctx, &iam.GetRoleTemplateVersionInput{TemplateArn: aws.String(powerTemplate), MinorVersion: aws.Int32(0)})
			if err == nil {
				made["pattern"] = *out.RoleTemplateVersion.RoleDescriptionPattern
			}
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			if _, err := root.IAM.AcquireRole(t.Context(), power("Power")); err != nil {
				t.Fatal(err)
			}
			role, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Power")})
			if err != nil || *role.Role.Description != strings.Replace(made["pattern"], "@{AWSServiceName}", "lambda.amazonaws.com", 1) {
				t.Errorf("the template is not the role's: %v %v", made["pattern"], err)
			}
		},
		grants: []grant{{"iam:GetRoleTemplateVersion", powerTemplate}},
	}, {
		action: "AcquireRole",
		call: func(ctx context.Context, c *clients, _ map[string]string) error {
			_, err := c.IAM.AcquireRole(ctx, power("Power"))
			return err
		},
		effect: func(t *testing.T, root *clients, _ map[string]string) {
			role, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Power")})
			if err != nil || *role.Role.SourceRoleTemplate.TemplateArn != powerTemplate || *role.Role.SourceRoleTemplate.TemplateMinorVersion != 0 {
				t.Errorf("acquired %v %v", role, err)
			}
		},
		grants: []grant{
			{"iam:CreateRole", "arn:aws:iam::«ACCOUNT»:role/Power"}, {"iam:GetRoleTemplateVersion", powerTemplate},
			{"iam:AttachRolePolicy", "arn:aws:iam::«ACCOUNT»:role/Power"},
		},
		key: "iam:RoleTemplateARN", holds: powerTemplate, other: ownTemplate,
	}, {
		action: "AcquireRole", // once more: nothing but a look at the role is needed
		setup: func(t *testing.T, root *clients, made map[string]string) {
			out, err := root.IAM.AcquireRole(t.Context(), power("Power"))
			if err != nil {
				t.Fatal(err)
			}
			made["id"] = *out.Role.RoleId
		},
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.AcquireRole(ctx, power("Power"))
			if err == nil {
				made["again"] = *out.Role.RoleId
			}
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			role, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Power")})
			if err != nil || *role.Role.RoleId != made["id"] || made["again"] != made["id"] {
				t.Errorf("the role is %v, was %v %v", role, made, err)
			}
		},
		grants: []grant{{"iam:GetRole", "arn:aws:iam::«ACCOUNT»:role/Power"}, {"iam:GetRoleTemplateVersion", powerTemplate}},
		key:    "iam:RoleTemplateARN", holds: powerTemplate, other: ownTemplate,
	}, {
		action: "AcquireRole", // with tags, a boundary and an inline policy
		call: func(ctx context.Context, c *clients, _ map[string]string) error {
			_, err := c.IAM.AcquireRole(ctx, acquiring(ownTemplate, map[string]string{"RoleName": "R"}))
			return err
		},
		effect: func(t *testing.T, root *clients, _ map[string]string) {
			role, err := root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Own-R")})
			if err != nil || *role.Role.Tags[0].Value != "R" || *role.Role.PermissionsBoundary.PermissionsBoundaryArn != "arn:aws:iam::aws:policy/ReadOnlyAccess" {
				t.Errorf("acquired %v %v", role, err)
			}
			in, err := root.IAM.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: aws.String("Own-R"), PolicyName: aws.String("in")})
			if err != nil || !strings.Contains(*in.PolicyDocument, "GetObject") {
				t.Errorf("the inline policy: %v %v", in, err)
			}
		},
		grants: []grant{
			{"iam:CreateRole", "arn:aws:iam::«ACCOUNT»:role/Own-R"}, {"iam:GetRoleTemplateVersion", ownTemplate},
			{"iam:TagRole", "arn:aws:iam::«ACCOUNT»:role/Own-R"}, {"iam:PutRolePolicy", "arn:aws:iam::«ACCOUNT»:role/Own-R"},
		},
		key: "iam:PermissionsBoundary", holds: "arn:aws:iam::aws:policy/ReadOnlyAccess", other: "arn:aws:iam::aws:policy/PowerUserAccess",
	}}
}

// TestRoleTemplates are shapes and refusals as AWS was seen to have them.
func TestRoleTemplates(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	out, err := root.IAM.GetRoleTemplateVersion(t.Context(), &iam.GetRoleTemplateVersionInput{
		TemplateArn: aws.String("arn:aws:iam::aws:role-template/secretsmanager.amazonaws.com/AWSSecretsManagerRotationRoleTemplate:1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	v := out.RoleTemplateVersion
	inline, err := url.PathUnescape(*v.InlinePolicyTemplates[0].PolicyDocument)
	if err != nil || !json.Valid([]byte(inline)) || *v.TemplateVersionId != "AVTAZKAPJZG4PCYR454GW" || !v.Enabled || !v.VersionEnabled ||
		*v.RolePathPattern != "/service-role/" || len(v.ParametersDefinition) != 8 || *v.ParametersDefinition[2].DefaultValue != "AWSSecretsManagerSecretRotationRole" ||
		!v.ParametersDefinition[3].IsRequired || v.ParametersDefinition[5].Type != types.ParameterTypeTypeStringList || v.CreateTimestamp.IsZero() {
		t.Errorf("template %+v %s %v", v, inline, err)
	}
	role, err := root.IAM.AcquireRole(t.Context(), power("Power"))
	if err != nil {
		t.Fatal(err)
	}
	if r := role.Role; *r.Path != "/" || *r.Arn != "arn:aws:iam::"+root.Account+":role/Power" || r.Description != nil || r.MaxSessionDuration != nil ||
		r.SourceRoleTemplate != nil || !strings.Contains(*r.AssumeRolePolicyDocument, "lambda.amazonaws.com") {
		t.Errorf("acquired %+v", r)
	}
	list, err := root.IAM.ListRoles(t.Context(), &iam.ListRolesInput{})
	if err != nil || list.Roles[0].SourceRoleTemplate != nil {
		t.Errorf("listed %+v %v", list, err)
	}

	const none = "arn:aws:iam::aws:role-template/logs.amazonaws.com/None:1"
	_, err = root.IAM.GetRoleTemplateVersion(t.Context(), &iam.GetRoleTemplateVersionInput{TemplateArn: aws.String(none)})
	wantError(t, "no template", err, "NoSuchEntity", "Role Template "+none+" cannot be found.")
	_, err = root.IAM.AcquireRole(t.Context(), acquiring(none, nil))
	wantError(t, "no template", err, "NoSuchEntity", "Role template not found in repository: "+none)
	for _, minor := range []int32{-1, 7} {
		in := power("Other")
		in.TemplateMinorVersion = aws.Int32(minor)
		_, err = root.IAM.AcquireRole(t.Context(), in)
		wantError(t, "no minor version", err, "NoSuchEntity", "Role template not found in repository: "+powerTemplate)
	}
	disabled := ownTemplate[:len(ownTemplate)-1] + "2"
	_, err = root.IAM.AcquireRole(t.Context(), acquiring(disabled, nil))
	wantError(t, "a disabled template", err, "RoleTemplateDisabled", "Role template "+disabled+" is disabled.")
	_, err = root.IAM.AcquireRole(t.Context(), acquiring(powerTemplate, map[string]string{"AWSServiceName": "ec2.amazonaws.com", "RoleName": "Power"}))
	wantError(t, "other parameters", err, "NameConflict", "A role with this name exists but was created with different parameters.")
	if _, err = root.IAM.TagRole(t.Context(), &iam.TagRoleInput{RoleName: aws.String("Power"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}); err != nil {
		t.Fatal(err)
	}
	_, err = root.IAM.AcquireRole(t.Context(), power("Power"))
	wantError(t, "a role that was changed", err, "RoleModified", "Role Power has been modified since it was created and is no longer managed.")

	// In AWS's words, and nothing is made.
	user := w.caller(t, root, statement{"Allow", "iam:GetRoleTemplateVersion", "*", nil}, statement{"Allow", "iam:CreateRole", "*", nil})
	_, err = user.IAM.AcquireRole(t.Context(), power("Missing"))
	wantError(t, "no right to attach", err, "AccessDenied", "User: arn:aws:iam::"+root.Account+
		":user/caller is not authorized to perform: iam:AttachRolePolicy on resource: role/Missing because no identity-based policy allows the iam:AttachRolePolicy action")
	_, err = root.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Missing")})
	wantError(t, "the role", err, "NoSuchEntity", "The role with name Missing cannot be found.")
	if _, err = root.IAM.DeleteUserPolicy(t.Context(), &iam.DeleteUserPolicyInput{UserName: aws.String("caller"), PolicyName: aws.String("grants")}); err != nil {
		t.Fatal(err)
	}
	_, err = user.IAM.AcquireRole(t.Context(), power("Missing"))
	wantError(t, "no right to look", err, "AccessDenied", "iam:GetRoleTemplateVersion on resource: role template "+powerTemplate+" because no identity-based policy allows the iam:GetRoleTemplateVersion action")
	_, err = user.IAM.GetRoleTemplateVersion(t.Context(), &iam.GetRoleTemplateVersionInput{TemplateArn: aws.String(powerTemplate)})
	wantError(t, "no right to look", err, "AccessDenied", "iam:GetRoleTemplateVersion on resource: role-template "+powerTemplate+" because no identity-based policy allows the iam:GetRoleTemplateVersion action")
}
