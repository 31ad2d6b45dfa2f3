package api_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

const (
	backups = types.EffectivePolicyTypeBackupPolicy
	tagging = types.EffectivePolicyTypeTagPolicy

	colours    = `{"tags":{"Team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["blue"]}}}}`
	noRegions  = `{"plans":{"p":{"rules":{"daily":{"target_backup_vault_name":{"@@assign":"V"}}}}}}`
	onAccount  = anOrganization + "account/«organization»/«account»"
	notEnabled = "The specified policy type is not enabled. Enable that policy type on your organization root and then retry."
)

func enableType(t testing.TB, root *clients, made map[string]string, kind types.EffectivePolicyType) {
	t.Helper()
	if _, err := root.Organizations.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{
		RootId: aws.String(made["root"]), PolicyType: types.PolicyType(kind),
	}); err != nil {
		t.Fatal(err)
	}
}

// withEffective makes an organization with a policy of a type at its root, and
// tags its account.
func withEffective(kind types.EffectivePolicyType, content string) func(t *testing.T, root *clients, made map[string]string) {
	return func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		inTree(t, root, made)
		made["account"] = root.Account
		if _, err := root.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{ResourceId: &root.Account, Tags: []types.Tag{blue}}); err != nil {
			t.Fatal(err)
		}
		enableType(t, root, made, kind)
		made["policy"] = newControl(t, root, "P", types.PolicyType(kind), content)
		attachControl(t, root, made["policy"], made["root"])
	}
}

func effectivePolicyCases() []actionCase {
	// byType says that the case knows organizations:PolicyType.
	byType := func(c actionCase, kind types.EffectivePolicyType) actionCase {
		c.key, c.holds, c.other = "organizations:PolicyType", string(kind), "CHATBOT_POLICY"
		return c
	}
	return []actionCase{
		byType(actionCase{
			action: "DescribeEffectivePolicy", setup: withEffective(tagging, colours),
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribeEffectivePolicy(ctx, &organizations.DescribeEffectivePolicyInput{PolicyType: tagging})
				if err == nil {
					made["content"], made["target"] = *out.EffectivePolicy.PolicyContent, *out.EffectivePolicy.TargetId
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "content", made["content"], `{"tags":{"team":{"tag_key":"Team","tag_value":["blue"]}}}`)
				same(t, "target", made["target"], root.Account)
			},
			grants: []grant{{"organizations:DescribeEffectivePolicy", onAccount}},
		}, tagging),
		byType(actionCase{
			action: "ListEffectivePolicyValidationErrors", setup: withEffective(backups, noRegions),
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				in := &organizations.ListEffectivePolicyValidationErrorsInput{AccountId: aws.String(made["account"]), PolicyType: backups, MaxResults: aws.Int32(1)}
				pages, found := organizations.NewListEffectivePolicyValidationErrorsPaginator(c.Organizations, in), ""
				for pages.HasMorePages() {
					out, err := pages.NextPage(ctx)
					if err != nil {
						return err
					}
					for _, e := range out.EffectivePolicyValidationErrors {
						found += *e.ErrorCode + " " + *e.PathToError + ": " + *e.ErrorMessage + " " + e.ContributingPolicies[0] + "\n"
					}
					made["path"] = *out.Path
				}
				made["found"] = found
				return nil
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "errors", made["found"], "KEY_REQUIRED plans/p: 'regions' is missing "+made["policy"]+"\nKEY_REQUIRED plans/p: 'selections' is missing "+made["policy"]+"\n")
				same(t, "path", made["path"], made["organization"]+"/"+made["root"]+"/"+root.Account+"/")
			},
			grants: []grant{{"organizations:ListEffectivePolicyValidationErrors", onAccount}},
		}, backups),
		byType(actionCase{
			action: "ListAccountsWithInvalidEffectivePolicy", setup: withEffective(backups, noRegions),
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListAccountsWithInvalidEffectivePolicy(ctx, &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: backups})
				if err == nil && len(out.Accounts) == 1 {
					made["found"] = *out.Accounts[0].Id + " " + string(out.PolicyType)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "accounts", made["found"], root.Account+" BACKUP_POLICY")
			},
			grants: []grant{{"organizations:ListAccountsWithInvalidEffectivePolicy", "*"}},
		}, backups),
	}
}

// TestEffectivePolicies: who may ask for whose, and what is refused.
func TestEffectivePolicies(t *testing.T) {
	w := newWorld(t)
	host, guest, other, made := w.account(t), w.account(t), w.account(t), map[string]string{}
	inTree(t, host, made)
	join(t, host, guest)
	join(t, host, other)
	describe := func(c *clients, target string) (*types.EffectivePolicy, error) {
		in := &organizations.DescribeEffectivePolicyInput{PolicyType: tagging}
		if target != "" {
			in.TargetId = &target
		}
		out, err := c.Organizations.DescribeEffectivePolicy(t.Context(), in)
		if err != nil {
			return nil, err
		}
		return out.EffectivePolicy, nil
	}
	refusedTo := func(what string, c *clients, target, code, text string) {
		t.Helper()
		_, err := describe(c, target)
		wantError(t, what, err, code, text)
	}
	for _, c := range []struct {
		*clients
		target string
	}{{host, ""}, {host, guest.Account}, {guest, ""}, {guest, guest.Account}} {
		refusedTo("not enabled", c.clients, c.target, "EffectivePolicyNotFoundException", notEnabled)
	}
	enableType(t, host, made, tagging)
	attachControl(t, host, newControl(t, host, "P", types.PolicyTypeTagPolicy, colours), guest.Account)
	want := `{"tags":{"team":{"tag_key":"Team","tag_value":["blue"]}}}`
	for _, c := range []struct {
		*clients
		target, want string
	}{{guest, "", want}, {guest, guest.Account, want}, {host, guest.Account, want}, {host, "", `{}`}, {other, "", `{}`}} {
		p, err := describe(c.clients, c.target)
		if err != nil || *p.PolicyContent != c.want || p.LastUpdatedTimestamp == nil {
			t.Errorf("%+v, %v", p, err)
		}
	}
	refusedTo("another's", guest, host.Account, "AccessDeniedException", "You don't have permissions to access this resource.")
	refusedTo("another's", other, guest.Account, "AccessDeniedException", "You don't have permissions to access this resource.")
	refusedTo("the root's", host, made["root"], "InvalidInputException", "You specified a target that is not currently supported.")
	refusedTo("nobody's", host, "123456789012", "TargetNotFoundException", "You specified a target that doesn't exist.")

	errorsOf := func(c *clients, account string) error {
		_, err := c.Organizations.ListEffectivePolicyValidationErrors(t.Context(), &organizations.ListEffectivePolicyValidationErrorsInput{AccountId: &account, PolicyType: tagging})
		return err
	}
	wantError(t, "errors of nobody", errorsOf(host, "123456789012"), "AccountNotFoundException", "You specified an account that doesn't exist.")
	wantError(t, "a member's call", errorsOf(guest, guest.Account), "AccessDeniedException", "")
	out, err := host.Organizations.ListEffectivePolicyValidationErrors(t.Context(), &organizations.ListEffectivePolicyValidationErrorsInput{AccountId: &guest.Account, PolicyType: tagging})
	if err != nil || len(out.EffectivePolicyValidationErrors) > 0 || out.Path != nil || out.EvaluationTimestamp != nil {
		t.Errorf("%+v, %v", out, err)
	}
	none, err := host.Organizations.ListAccountsWithInvalidEffectivePolicy(t.Context(), &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: tagging})
	if err != nil || len(none.Accounts) > 0 {
		t.Errorf("%+v, %v", none, err)
	}
	_, err = host.Organizations.ListAccountsWithInvalidEffectivePolicy(t.Context(), &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: backups})
	wantError(t, "not enabled", err, "EffectivePolicyNotFoundException", notEnabled)
	token := "invalid"
	_, err = host.Organizations.ListAccountsWithInvalidEffectivePolicy(t.Context(), &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: tagging, NextToken: &token})
	wantError(t, "a bad token", err, "InvalidInputException", "You specified an invalid value for nextToken.")
}
