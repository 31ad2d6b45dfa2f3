package api_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/org"
	"iamd/server"
)

// TestOrganizationQuotas sets each quota and comes to its end: there, and not by
// AWS's own number, the last call is refused. What takes days or many accounts
// (Accounts, Invitations, Stay, Closures and MaxClosures) is for org's tests.
func TestOrganizationQuotas(t *testing.T) {
	const scp, rcp, tagging = types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy, types.PolicyTypeTagPolicy
	const deny = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`
	const aiServices, chat = types.PolicyTypeAiservicesOptOutPolicy, types.PolicyTypeChatbotPolicy
	const optOut = `{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}`
	const chats = `{"chatbot":{"platforms":{"slack":{"client":{"@@assign":"disabled"}}}}}`
	const tags = `{"tags":{"team":{"tag_key":{"@@assign":"team"}}}}`
	policy := func(c *clients, name string, kind types.PolicyType, content string) (string, error) {
		out, err := c.Organizations.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: &name, Description: aws.String(""), Type: kind, Content: &content})
		if err != nil {
			return "", err
		}
		return *out.Policy.PolicySummary.Id, nil
	}
	unit := func(c *clients, parent, name string) (string, error) {
		out, err := c.Organizations.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
		if err != nil {
			return "", err
		}
		return *out.OrganizationalUnit.Id, nil
	}
	two := func(kind types.PolicyType, content string) func(*clients, string) error {
		return func(c *clients, _ string) error {
			if _, err := policy(c, "A", kind, content); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			_, err := policy(c, "B", kind, content)
			return err
		}
	}
	one := func(kind types.PolicyType, content string) func(*clients, string) error {
		return func(c *clients, _ string) error {
			_, err := policy(c, "A", kind, content)
			return err
		}
	}
	attached := func(kind types.PolicyType, content string) func(*clients, string) error {
		return func(c *clients, root string) error {
			if kind != scp { // which is enabled from the beginning
				if _, err := c.Organizations.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: kind}); err != nil {
					return err
				}
			}
			for _, name := range []string{"A", "B"} {
				id, err := policy(c, name, kind, content)
				if err != nil {
					return err
				}
				if _, err := c.Organizations.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: &id, TargetId: &root}); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		limit int
		run   func(c *clients, root string) error
		text  string
	}{
		"Units": {1, func(c *clients, root string) error {
			if _, err := unit(c, root, "A"); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			_, err := unit(c, root, "B")
			return err
		}, "You have reached the maximum number of organizational units for your organization."},
		"Depth": {1, func(c *clients, root string) error {
			id, err := unit(c, root, "A")
			if err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			_, err = unit(c, id, "B")
			return err
		}, "You have exceeded the allowed depth for your organizational unit tree."},
		"Policies":       {1, two(scp, controlS3), "You have reached the maximum number of policies for your organization."},
		"OtherPolicies":  {1, two(rcp, deny), "You have reached the maximum number of policies for your organization."},
		"SCPSize":        {len(controlS3) - 1, one(scp, controlS3), "You have exceeded the maximum policy size."},
		"RCPSize":        {len(deny) - 1, one(rcp, deny), "You have exceeded the maximum policy size."},
		"Attached":       {2, attached(scp, controlS3), "You have attached the maximum number of policies to the specified target."},
		"OptOutSize":     {len(optOut) - 1, one(aiServices, optOut), "You have exceeded the maximum policy size."},
		"OtherSize":      {len(tags) - 1, one(tagging, tags), "You have exceeded the maximum policy size."},
		"RCPAttached":    {2, attached(rcp, deny), "You have attached the maximum number of policies to the specified target."},
		"ChatAttached":   {1, attached(chat, chats), "You have attached the maximum number of policies to the specified target."},
		"OptOutAttached": {1, attached(aiServices, optOut), "You have attached the maximum number of policies to the specified target."},
		"OtherAttached":  {1, attached(tagging, tags), "You have attached the maximum number of policies to the specified target."},
		"Tags": {1, func(c *clients, root string) error {
			for _, key := range []string{"a", "b"} {
				if _, err := c.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{ResourceId: &root, Tags: []types.Tag{{Key: aws.String(key), Value: aws.String("")}}}); err != nil {
					return err
				}
			}
			return nil
		}, "You have exceeded the number of tags allowed on this resource."},
	} {
		t.Run(name, func(t *testing.T) {
			play := func(quotas org.Quotas) error {
				account := worldOf(t, server.Config{DataDir: t.TempDir(), OrganizationQuotas: quotas}).account(t)
				inNewOrganization(t, account, map[string]string{})
				roots, err := account.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{})
				if err != nil {
					t.Fatal(err)
				}
				return c.run(account, *roots.Roots[0].Id)
			}
			quotas := org.DefaultQuotas()
			if err := play(quotas); err != nil {
				t.Fatalf("with AWS's number: %v", err)
			}
			reflect.ValueOf(&quotas).Elem().FieldByName(name).SetInt(int64(c.limit))
			refusedAs(t, name, play(quotas), "ConstraintViolationException", c.text)
		})
	}
}
