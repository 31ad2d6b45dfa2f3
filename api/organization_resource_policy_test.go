package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// delegation is a delegation policy of one statement about everything.
func delegation(account, effect string, actions ...string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Principal":{"AWS":"` + account + `"},"Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}]}`
}

// putDelegation sets it, and gives its id.
func putDelegation(t testing.TB, root *clients, content string, tags ...types.Tag) string {
	t.Helper()
	out, err := root.Organizations.PutResourcePolicy(context.Background(), &organizations.PutResourcePolicyInput{Content: &content, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ResourcePolicy.ResourcePolicySummary.Id
}

func organizationResourcePolicyCases() []actionCase {
	content := func(account string) string { return delegation(account, "Allow", "organizations:ListAccounts") }
	delegated := func(t *testing.T, root *clients, made map[string]string) {
		inNewOrganization(t, root, made)
		made["policy"] = putDelegation(t, root, content(root.Account), blue)
	}
	put := func(tags ...types.Tag) func(ctx context.Context, c *clients, made map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.Organizations.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{Content: aws.String(content(c.Account)), Tags: tags})
			if err == nil {
				made["put"] = *out.ResourcePolicy.ResourcePolicySummary.Id + *out.ResourcePolicy.ResourcePolicySummary.Arn + *out.ResourcePolicy.Content
			}
			return err
		}
	}
	kept := func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		out, err := root.Organizations.DescribeResourcePolicy(t.Context(), &organizations.DescribeResourcePolicyInput{})
		if err != nil {
			t.Fatal(err)
		}
		s := out.ResourcePolicy.ResourcePolicySummary
		same(t, "described", *s.Id+*s.Arn+*out.ResourcePolicy.Content, made["put"])
		same(t, "ARN", *s.Arn, "arn:aws:organizations::"+root.Account+":resourcepolicy/"+made["organization"]+"/"+*s.Id)
		same(t, "content", *out.ResourcePolicy.Content, strings.NewReplacer(
			`"`+root.Account+`"`, `"arn:aws:iam::`+root.Account+`:root"`, `["organizations:ListAccounts"]`, `"organizations:ListAccounts"`).Replace(content(root.Account)))
	}
	tagged := func(t *testing.T, root *clients, made map[string]string) {
		kept(t, root, made)
		out, err := root.Organizations.ListTagsForResource(t.Context(), &organizations.ListTagsForResourceInput{ResourceId: aws.String(made["put"][:11])})
		if err != nil || len(out.Tags) != 1 || *out.Tags[0].Value != "blue" {
			t.Errorf("%+v, %v", out, err)
		}
	}
	const anyPolicy, thePolicy = anOrganization + "resourcepolicy/«organization»/rp-*", anOrganization + "resourcepolicy/«organization»/«policy»"
	return []actionCase{
		{
			action: "PutResourcePolicy", setup: inNewOrganization, call: put(), effect: kept,
			grants: []grant{{"organizations:PutResourcePolicy", anyPolicy}},
		},
		{
			action: "PutResourcePolicy", setup: inNewOrganization, call: put(blue), effect: tagged,
			grants: []grant{{"organizations:PutResourcePolicy", anyPolicy}, {"organizations:TagResource", anyPolicy}},
			key:    "aws:RequestTag/team", holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "PutResourcePolicy", setup: delegated, call: put(), effect: tagged,
			grants: []grant{{"organizations:PutResourcePolicy", thePolicy}},
			key:    "aws:ResourceTag/team", holds: "blue", other: "red",
		},
		{
			action: "DescribeResourcePolicy", setup: delegated,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribeResourcePolicy(ctx, &organizations.DescribeResourcePolicyInput{})
				if err == nil {
					made["described"] = *out.ResourcePolicy.ResourcePolicySummary.Id
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				same(t, "id", made["described"], made["policy"])
			},
			grants: []grant{{"organizations:DescribeResourcePolicy", "*"}},
		},
		{
			action: "DeleteResourcePolicy", setup: delegated,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.Organizations.DeleteResourcePolicy(ctx, &organizations.DeleteResourcePolicyInput{})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				_, err := root.Organizations.DescribeResourcePolicy(t.Context(), &organizations.DescribeResourcePolicyInput{})
				wantError(t, "the deleted policy", err, "ResourcePolicyNotFoundException", "No resource-based policy found.")
				_, err = root.Organizations.ListTagsForResource(t.Context(), &organizations.ListTagsForResourceInput{ResourceId: aws.String(made["policy"])})
				wantError(t, "its tags", err, "TargetNotFoundException", "You specified a target that doesn't exist.")
			},
			grants: []grant{{"organizations:DeleteResourcePolicy", "*"}},
		},
	}
}

// TestDelegationPolicy: what the delegation policy gives a member and takes from it.
// Both it and the member's own policies must allow, and the management account is
// none of its business.
func TestDelegationPolicy(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	inTree(t, root, made)
	guest, other := w.guestOf(t, root), w.guestOf(t, root)
	trustService(t, root, trail)
	policy := newControl(t, root, "P", types.PolicyTypeServiceControlPolicy, controlS3, blue)
	all := statement{Effect: "Allow", Action: "organizations:*", Resource: "*"}
	user, nobody := w.caller(t, guest, all), asNobody(t, guest)

	lists := func(c *clients) error {
		_, err := c.Organizations.ListAccounts(ctx, &organizations.ListAccountsInput{})
		return err
	}
	describes := func(c *clients) error {
		_, err := c.Organizations.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &policy})
		return err
	}
	where := func(c *clients) error {
		_, err := c.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		return err
	}
	updates := func(c *clients) error {
		_, err := c.Organizations.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: &policy, Name: aws.String("Q")})
		return err
	}
	attaches := func(c *clients) error {
		_, err := c.Organizations.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: aws.String(made["unit"])})
		return err
	}
	check := func(what string, err error, allowed bool) {
		t.Helper()
		if allowed {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			return
		}
		wantError(t, what, err, "AccessDeniedException", hiddenText)
	}
	putDelegation(t, root, delegation(guest.Account, "Allow", "organizations:ListAccounts", "organizations:Describe*"))
	check("a user lists", lists(user), true)
	check("the root user lists", lists(guest), true)
	check("a user without policies lists", lists(nobody), false)
	check("a user describes", describes(user), true)
	check("a user updates", updates(user), false)
	check("another member lists", lists(other), false)
	// AWS's own policies are among what can be delegated.
	_, err := user.Organizations.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: aws.String("p-FullAWSAccess")})
	check("AWS's own policy", err, true)

	// A denial binds delegated administrators, and every member, but not the
	// management account.
	register(t, root, guest.Account, trail)
	putDelegation(t, root, delegation("*", "Deny", "organizations:DescribePolicy", "organizations:ListAccounts", "organizations:DescribeOrganization"))
	for who, c := range map[string]*clients{"an administrator": user, "its root user": guest} {
		check(who+" describes", describes(c), false)
		check(who+" lists", lists(c), false)
		check(who+" asks where it is", where(c), false)
	}
	check("another member asks where it is", where(other), false)
	check("the management account describes", describes(root), true)
	check("the management account lists", lists(root), true)
	if _, err := user.Organizations.ListRoots(ctx, &organizations.ListRootsInput{}); err != nil {
		t.Error(err)
	}

	// Writes, by resource and condition.
	one := func(action, resource, condition string) string {
		return `{"Effect":"Allow","Principal":{"AWS":"` + guest.Account + `"},"Action":"` + action + `","Resource":"arn:aws:organizations::` + root.Account + ":" + resource + `"` + condition + `}`
	}
	scp := "policy/" + made["organization"] + "/service_control_policy/"
	document := func(list ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
	}
	putDelegation(t, root, document(one("organizations:UpdatePolicy", scp+policy, "")))
	check("a delegated update", updates(user), true)
	putDelegation(t, root, document(one("organizations:UpdatePolicy", scp+"p-another1", "")))
	check("an update of what is not delegated", updates(user), false)
	putDelegation(t, root, document(one("organizations:UpdatePolicy", "*", `,"Condition":{"StringEquals":{"organizations:PolicyType":"BACKUP_POLICY"}}`)))
	check("an update of a type that is not delegated", updates(user), false)
	putDelegation(t, root, document(one("organizations:AttachPolicy", scp+"*", "")))
	check("attaching without the target", attaches(user), false)
	putDelegation(t, root, document(one("organizations:AttachPolicy", scp+"*", ""), one("organizations:AttachPolicy", "ou/*", "")))
	check("attaching", attaches(user), true)
	for owner, allowed := range map[string]bool{root.Account: true, guest.Account: false} {
		putDelegation(t, root, document(one("organizations:UpdatePolicy", "*", `,"Condition":{"StringEquals":{"aws:ResourceAccount":"`+owner+`"}}`)))
		check("under aws:ResourceAccount "+owner, updates(user), allowed)
	}
	// What isn't delegable stays so, though the member's own policies allow it.
	_, err = user.Organizations.DeleteResourcePolicy(ctx, &organizations.DeleteResourcePolicyInput{})
	check("deleting the delegation", err, false)
	_, err = user.Organizations.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: aws.String(made["root"]), Name: aws.String("Mine")})
	check("making a unit", err, false)

	if _, err := root.Organizations.DeleteResourcePolicy(ctx, &organizations.DeleteResourcePolicyInput{}); err != nil {
		t.Fatal(err)
	}
	check("without a delegation", updates(user), false)
	check("an administrator without a delegation", describes(user), true)
	_, err = root.Organizations.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{Content: aws.String(delegation(w.account(t).Account, "Allow", "organizations:ListAccounts"))})
	wantReason(t, err, "InvalidInputException", "INVALID_RESOURCE_POLICY_JSON")
}
