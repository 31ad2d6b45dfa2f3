package api_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// TestOrganizationPolicyRefusals: what AWS refuses reaches a client as the SDK's
// own exceptions, with their reasons.
func TestOrganizationPolicyRefusals(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	withPolicy(t, root, made)
	attachControl(t, root, made["policy"], made["unit"])
	o := root.Organizations
	billing := w.account(t)
	if _, err := billing.Organizations.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetConsolidatedBilling}); err != nil {
		t.Fatal(err)
	}
	member := w.account(t)
	join(t, root, member)
	str := aws.String
	create := func(c *clients, name, content string, kind types.PolicyType) error {
		_, err := c.Organizations.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: &name, Description: str(""), Content: &content, Type: kind})
		return err
	}
	attach := func(policy, target string) error {
		_, err := o.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target})
		return err
	}
	detach := func(policy, target string) error {
		_, err := o.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
		return err
	}
	enable := func(c *clients, id string, kind types.PolicyType) error {
		_, err := c.Organizations.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &id, PolicyType: kind})
		return err
	}
	remove := func(id string) error {
		_, err := o.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &id})
		return err
	}
	_, disabled := o.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: str(made["root"]), PolicyType: rcp})
	_, token := o.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: scp, NextToken: str("bad")})
	_, many := o.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: str(fullAccess), MaxResults: aws.Int32(21)})
	_, read := member.Organizations.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: str(fullAccess)})
	_, stranger := w.account(t).Organizations.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: scp})
	_, target := o.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: str("999999999999"), Filter: scp})
	_, update := o.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: str(fullAccess), Name: str("mine")})
	for i, c := range []struct {
		err  error
		want string
	}{
		{create(root, "P", controlS3, scp), "DuplicatePolicyException: A policy with the specified name and type already exists."},
		{create(root, "Q", "{}", scp), "MalformedPolicyDocumentException: The provided policy document does not meet the requirements of the specified policy type."},
		{create(root, "Q", controlS3, "WRONG"), "InvalidInputException INVALID_ENUM_POLICY_TYPE: You specified an invalid policy type."},
		{create(root, strings.Repeat("n", 129), controlS3, scp), "InvalidInputException MAX_LENGTH_EXCEEDED:NAME: You provided a string that exceeds that maximum length."},
		{create(root, "Q", controlS3+strings.Repeat(" ", 10240), scp), "ConstraintViolationException POLICY_CONTENT_LIMIT_EXCEEDED: You have exceeded the maximum policy size."},
		{create(billing, "Q", controlS3, scp), "PolicyTypeNotAvailableForOrganizationException: You can't use the specified policy type with the feature set currently enabled for this organization."},
		{create(member, "Q", controlS3, scp), "AccessDeniedException: You don't have permissions to access this resource."},
		{read, "AccessDeniedException: You don't have permissions to access this resource."},
		{stranger, "AWSOrganizationsNotInUseException: Your account is not a member of an organization."},
		{update, "InvalidInputException IMMUTABLE_POLICY: You specified a policy that is managed by AWS and can't be modified."},
		{remove(made["policy"]), "PolicyInUseException: The specified policy is in use and cannot be deleted."},
		{remove("p-12345678"), "PolicyNotFoundException: You specified a policy that doesn't exist."},
		{remove("x"), "InvalidInputException INVALID_PATTERN:POLICY_ID: You provided a value that does not match the required pattern."},
		{attach(made["policy"], made["unit"]), "DuplicatePolicyAttachmentException: A policy with the specified name and type already exists."},
		{attach(made["policy"], "r-none"), "TargetNotFoundException: You specified a target that doesn't exist."},
		{target, "TargetNotFoundException: You specified a target that doesn't exist."},
		{detach(made["policy"], made["root"]), "PolicyNotAttachedException: The policy isn't attached to the specified target in the specified root."},
		{detach(fullAccess, made["root"]), "ConstraintViolationException MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED: You cannot remove the last policy attached to the specified target. You must have at least one attached at all times."},
		{enable(root, made["root"], scp), "PolicyTypeAlreadyEnabledException: The specified policy type is already enabled."},
		{enable(root, "r-none", rcp), "RootNotFoundException: You specified a root that doesn't exist."},
		{disabled, "PolicyTypeNotEnabledException: This operation can be performed only for enabled policy types."},
		{token, "InvalidInputException INVALID_NEXT_TOKEN: You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API."},
		{many, "InvalidInputException MAX_VALUE_EXCEEDED:MAX_RESULTS: You provided a value that exceeds the maximum allowed."},
		{enable(root, made["root"], types.PolicyTypeGuarddutyPolicy), ": "},
	} {
		same(t, fmt.Sprint("refusal ", i), exception(c.err), c.want)
	}
}

// exception is an error as the SDK understood it.
func exception(err error) string {
	var (
		input      *types.InvalidInputException
		constraint *types.ConstraintViolationException
	)
	code, message := apiError(err)
	switch {
	case errors.As(err, &input):
		code += " " + string(input.Reason)
	case errors.As(err, &constraint):
		code += " " + string(constraint.Reason)
	}
	return code + ": " + message
}

// TestOrganizationPolicyAnswers: UpdatePolicy tells the names it was given and no
// others, and pages stay right while policies come and go.
func TestOrganizationPolicyAnswers(t *testing.T) {
	root, made := newWorld(t).account(t), map[string]string{}
	withPolicy(t, root, made)
	out, err := root.Organizations.UpdatePolicy(t.Context(), &organizations.UpdatePolicyInput{PolicyId: aws.String(made["policy"]), Description: aws.String("")})
	if err != nil {
		t.Fatal(err)
	}
	if s := out.Policy.PolicySummary; s.Name != nil || aws.ToString(s.Description) != "" || s.Description == nil || *out.Policy.Content != controlS3 {
		t.Errorf("%+v", out.Policy)
	}
	same(t, "policy", controlOf(t, root, made["policy"]), "P about P SERVICE_CONTROL_POLICY false "+controlS3)
	ids := []string{made["policy"]}
	for i := range 5 {
		ids = append(ids, newControl(t, root, fmt.Sprint("P", i), scp, controlS3))
	}
	slices.Sort(ids)
	var listed []string
	pages := organizations.NewListPoliciesPaginator(root.Organizations, &organizations.ListPoliciesInput{Filter: scp, MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil || len(page.Policies) > 2 {
			t.Fatal(page, err)
		}
		for _, p := range page.Policies {
			listed = append(listed, *p.Id)
		}
		if len(listed) == 4 { // the page's last is deleted before the next is asked for
			if _, err := root.Organizations.DeletePolicy(t.Context(), &organizations.DeletePolicyInput{PolicyId: &listed[3]}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := append([]string{fullAccess}, ids...); !slices.Equal(listed, want) {
		t.Errorf("got %v, want %v", listed, want)
	}
}
