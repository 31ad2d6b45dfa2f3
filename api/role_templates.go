package api

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/wire"
)

// roleTemplateActions are the rows of role templates and the roles made from them.
func roleTemplateActions() []Action {
	return []Action{
		read("GetRoleTemplateVersion", checkRoleTemplate, (*API).getRoleTemplateVersion),
		write("AcquireRole", checkAcquireRole, (*API).acquireRole),
	}
}

func checkRoleTemplate(_ *Call, action string, in *sdk.GetRoleTemplateVersionInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: *in.TemplateArn, Named: "role-template " + *in.TemplateArn})
}

// checkAcquireRole asks, as AWS was seen to, for the template and for each of the
// actions that it takes to make the role, all under iam:RoleTemplateARN; for a role
// that is there already, for GetRole.
func checkAcquireRole(c *Call, _ string, in *sdk.AcquireRoleInput) ([]guard.Check, error) {
	arn := *in.TemplateArn
	list := []guard.Check{{Action: "iam:GetRoleTemplateVersion", Resource: arn, Named: "role template " + arn}}
	_, plan, err := c.api.rolePlan(in)
	if err != nil {
		return list, nil // which the operation says to who may look at the template
	}
	role := guard.Check{
		Resource: c.Account.RoleARN(&iam.Role{Path: plan.Path, Name: plan.Name}), Named: "role/" + plan.Name,
		Keys: []guard.Key{guard.Value("iam:RoleTemplateARN", arn)},
	}
	need := func(action string, keys ...guard.Key) {
		check := role
		check.Action, check.Keys = action, append(role.Keys[:1:1], keys...)
		list = append(list, check)
	}
	if r, err := c.Account.Role(plan.Name); err == nil {
		role.Resource, role.Tags = c.Account.RoleARN(r), r.Tags
		need("iam:GetRole")
		return list, nil
	}
	role.RequestTags = plan.Tags
	var boundary []guard.Key
	if plan.Boundary != "" {
		boundary = boundaryKey(&plan.Boundary)
	}
	need("iam:CreateRole", boundary...)
	if len(plan.Tags) > 0 {
		need("iam:TagRole")
	}
	role.RequestTags = nil
	for _, policy := range plan.Managed {
		need("iam:AttachRolePolicy", append(boundary[:len(boundary):len(boundary)], guard.Value("iam:PolicyARN", policy))...)
	}
	if len(plan.Inline) > 0 {
		need("iam:PutRolePolicy", boundary...)
	}
	return list, nil
}

// rolePlan is the role that a request asks for.
func (a *API) rolePlan(in *sdk.AcquireRoleInput) (*iam.RoleTemplate, *iam.RolePlan, error) {
	t, ok := a.cfg.Templates.RoleTemplate(*in.TemplateArn, in.TemplateMinorVersion)
	if !ok {
		return nil, nil, iam.Errorf(iam.CodeNoSuchEntity, "Role template not found in repository: %s", *in.TemplateArn)
	}
	if !t.Enabled || !t.VersionEnabled {
		return nil, nil, iam.Errorf(iam.CodeRoleTemplateDisabled, "Role template %s is disabled.", *in.TemplateArn)
	}
	values := make(map[string][]string, len(in.ReplacementValues))
	for _, name := range slices.Sorted(maps.Keys(in.ReplacementValues)) {
		values[name] = in.ReplacementValues[name].Values
	}
	plan, err := t.Plan(values)
	return t, plan, err
}

func (a *API) acquireRole(c *Call, in *sdk.AcquireRoleInput) (*sdk.AcquireRoleOutput, error) {
	_, plan, err := a.rolePlan(in)
	if err != nil {
		return nil, err
	}
	r, err := c.Draft.AcquireRole(plan)
	if err != nil {
		return nil, err
	}
	out := showRole(c.Account, r)
	out.Description, out.MaxSessionDuration = nil, nil // not told by AWS here
	return &sdk.AcquireRoleOutput{Role: &out}, nil
}

// showSource says which template a role was made from; nil for none.
func showSource(s *iam.RoleSource) *types.SourceRoleTemplate {
	if s == nil {
		return nil
	}
	return &types.SourceRoleTemplate{TemplateArn: aws.String(s.TemplateARN), TemplateMinorVersion: aws.Int32(s.Minor)}
}

func (a *API) getRoleTemplateVersion(_ *Call, in *sdk.GetRoleTemplateVersionInput) (*sdk.GetRoleTemplateVersionOutput, error) {
	t, ok := a.cfg.Templates.RoleTemplate(*in.TemplateArn, in.MinorVersion)
	if !ok {
		return nil, iam.Errorf(iam.CodeNoSuchEntity, "Role Template %s cannot be found.", *in.TemplateArn)
	}
	out := &types.RoleTemplateVersion{
		TemplateArn: aws.String(t.TemplateARN), TemplateName: some(t.TemplateName), TemplateVersionId: some(t.TemplateVersionID),
		Description: some(t.Description), MajorVersion: aws.Int32(t.MajorVersion), MinorVersion: aws.Int32(t.MinorVersion),
		DefaultMinorVersion: aws.Int32(t.DefaultMinorVersion), ManagedByType: types.ManagedByTypeType(t.ManagedByType), ManagedByValue: some(t.ManagedByValue),
		Enabled: t.Enabled, VersionEnabled: t.VersionEnabled, RoleNamePattern: some(t.RoleNamePattern), RolePathPattern: some(t.RolePathPattern),
		RoleDescriptionPattern: some(t.RoleDescriptionPattern), AssumeRolePolicyDocumentTemplate: document(t.TrustTemplate),
		ManagedPolicyArns: t.ManagedPolicyARNs, PermissionBoundaryArn: some(t.PermissionBoundaryARN), MaxSessionDuration: aws.Int32(t.MaxSessionDuration),
		CreateTimestamp: aws.Time(t.CreateTimestamp), UpdateTimestamp: aws.Time(t.UpdateTimestamp),
	}
	for _, p := range t.InlinePolicyTemplates {
		out.InlinePolicyTemplates = append(out.InlinePolicyTemplates, types.InlinePolicy{PolicyName: aws.String(p.PolicyName), PolicyDocument: document(p.PolicyDocument)})
	}
	for _, tag := range t.RoleTagsTemplate {
		out.RoleTagsTemplate = append(out.RoleTagsTemplate, types.TagTemplate{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
	}
	for _, p := range t.Parameters {
		out.ParametersDefinition = append(out.ParametersDefinition, types.ParameterDefinition{
			Name: aws.String(p.Name), Type: types.ParameterTypeType(p.Type), SubType: some(p.SubType), Description: some(p.Description),
			IsRequired: p.IsRequired, DefaultValue: p.DefaultValue, Immutable: p.Immutable,
		})
	}
	return &sdk.GetRoleTemplateVersionOutput{RoleTemplateVersion: out}, nil
}

func document(text json.RawMessage) *string {
	return aws.String(wire.PercentEncode(string(text)))
}
