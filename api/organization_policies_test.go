package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

const (
	controlS3  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	controlSQS = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sqs:*","Resource":"*"}]}`
	aPolicy    = anOrganization + "policy/«organization»/service_control_policy/"
)

var blue = types.Tag{Key: aws.String("team"), Value: aws.String("blue")}

// withPolicy makes a service control policy, tagged team=blue, in a tree whose
// root has that tag too.
func withPolicy(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	inTree(t, root, made)
	made["policy"] = newControl(t, root, "P", types.PolicyTypeServiceControlPolicy, controlS3, blue)
	if _, err := root.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{ResourceId: aws.String(made["root"]), Tags: []types.Tag{blue}}); err != nil {
		t.Fatal(err)
	}
}

func newControl(t testing.TB, root *clients, name string, kind types.PolicyType, content string, tags ...types.Tag) string {
	t.Helper()
	out, err := root.Organizations.CreatePolicy(context.Background(), &organizations.CreatePolicyInput{
		Name: &name, Description: aws.String("about " + name), Type: kind, Content: &content, Tags: tags,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Policy.PolicySummary.Id
}

func attachControl(t testing.TB, root *clients, policy, target string) {
	t.Helper()
	if _, err := root.Organizations.AttachPolicy(context.Background(), &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target}); err != nil {
		t.Fatal(err)
	}
}

func detachControl(t testing.TB, root *clients, policy, target string) {
	t.Helper()
	if _, err := root.Organizations.DetachPolicy(context.Background(), &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target}); err != nil {
		t.Fatal(err)
	}
}

// controlOf reads a policy, as text.
func controlOf(t *testing.T, root *clients, id string) string {
	t.Helper()
	out, err := root.Organizations.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		_, message := apiError(err)
		return message
	}
	s := out.Policy.PolicySummary
	return fmt.Sprint(*s.Name, " ", *s.Description, " ", s.Type, " ", s.AwsManaged, " ", *out.Policy.Content)
}

// attachedTo are the names of the service control policies on a target.
func attachedTo(t *testing.T, root *clients, target string) string {
	t.Helper()
	out, err := root.Organizations.ListPoliciesForTarget(t.Context(), &organizations.ListPoliciesForTargetInput{
		TargetId: &target, Filter: types.PolicyTypeServiceControlPolicy,
	})
	if err != nil {
		t.Fatal(err)
	}
	return policyNames(out.Policies)
}

func policyNames(list []types.PolicySummary) string {
	var names []string
	for _, p := range list {
		names = append(names, *p.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// enabledTypes are the root's.
func enabledTypes(t *testing.T, root *clients) (list []types.PolicyType) {
	t.Helper()
	out, err := root.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out.Roots[0].PolicyTypes {
		list = append(list, p.Type)
	}
	return list
}

// byPolicyType says that the case knows organizations:PolicyType.
func byPolicyType(c actionCase, kind types.PolicyType) actionCase {
	c.key, c.holds, c.other = "organizations:PolicyType", string(kind), "TAG_POLICY"
	return c
}

func organizationPolicyCases() []actionCase {
	const scp = types.PolicyTypeServiceControlPolicy
	create := func(tags ...types.Tag) actionCase {
		return byPolicyType(actionCase{
			action: "organizations:CreatePolicy", setup: inTree,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.CreatePolicy(ctx, &organizations.CreatePolicyInput{
					Name: aws.String("P"), Description: aws.String("about P"), Type: scp, Content: aws.String(controlS3), Tags: tags,
				})
				if err == nil {
					made["policy"], made["arn"] = *out.Policy.PolicySummary.Id, *out.Policy.PolicySummary.Arn
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "policy", controlOf(t, root, made["policy"]), "P about P SERVICE_CONTROL_POLICY false "+controlS3)
				same(t, "ARN", made["arn"], "arn:aws:organizations::"+root.Account+":policy/"+made["organization"]+"/service_control_policy/"+made["policy"])
			},
			grants: []grant{{"organizations:CreatePolicy", aPolicy + "*"}},
		}, scp)
	}
	tagged := create(blue)
	tagged.grants, tagged.tagKeys = append(tagged.grants, grant{"organizations:TagResource", aPolicy + "*"}), "team"
	return []actionCase{
		create(), tagged,
		byPolicyType(actionCase{
			action: "UpdatePolicy", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{
					PolicyId: aws.String(made["policy"]), Name: aws.String("Q"), Content: aws.String(controlSQS),
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "policy", controlOf(t, root, made["policy"]), "Q about P SERVICE_CONTROL_POLICY false "+controlSQS)
			},
			grants: []grant{{"organizations:UpdatePolicy", aPolicy + "«policy»"}},
		}, scp),
		byPolicyType(actionCase{
			action: "organizations:DeletePolicy", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: aws.String(made["policy"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "policy", controlOf(t, root, made["policy"]), "You specified a policy that doesn't exist.")
			},
			grants: []grant{{"organizations:DeletePolicy", aPolicy + "«policy»"}},
		}, scp),
		byPolicyType(actionCase{
			action: "DescribePolicy", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: aws.String(made["policy"])})
				if err == nil {
					made["described"] = *out.Policy.Content
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				same(t, "content", made["described"], controlS3)
			},
			grants: []grant{{"organizations:DescribePolicy", aPolicy + "«policy»"}},
		}, scp),
		byPolicyType(actionCase{
			action: "organizations:ListPolicies", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: scp})
				if err == nil {
					made["listed"] = policyNames(out.Policies)
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				same(t, "policies", made["listed"], "FullAWSAccess P")
			},
			grants: []grant{{"organizations:ListPolicies", "*"}},
		}, scp),
		byPolicyType(actionCase{
			action: "EnablePolicyType", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{
					RootId: aws.String(made["root"]), PolicyType: types.PolicyTypeResourceControlPolicy,
				})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "types", fmt.Sprint(enabledTypes(t, root)), "[RESOURCE_CONTROL_POLICY SERVICE_CONTROL_POLICY]")
			},
			grants: []grant{{"organizations:EnablePolicyType", anOrganization + "root/«organization»/«root»"}},
		}, types.PolicyTypeResourceControlPolicy),
		byPolicyType(actionCase{
			action: "DisablePolicyType", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: aws.String(made["root"]), PolicyType: scp})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "types and policies", fmt.Sprint(enabledTypes(t, root), attachedTo(t, root, made["root"])), "[]")
			},
			grants: []grant{{"organizations:DisablePolicyType", anOrganization + "root/«organization»/«root»"}},
		}, scp),
		byPolicyType(actionCase{
			action: "AttachPolicy", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: aws.String(made["policy"]), TargetId: aws.String(made["unit"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "attached", attachedTo(t, root, made["unit"]), "FullAWSAccess P")
			},
			grants: []grant{{"organizations:AttachPolicy", aPolicy + "«policy»"}, {"organizations:AttachPolicy", anOrganization + "ou/«organization»/«unit»"}},
		}, scp),
		byPolicyType(actionCase{
			action: "DetachPolicy",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				withPolicy(t, root, made)
				attachControl(t, root, made["policy"], made["root"])
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.Organizations.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: aws.String(made["policy"]), TargetId: aws.String(made["root"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "attached", attachedTo(t, root, made["root"]), "FullAWSAccess")
			},
			grants: []grant{{"organizations:DetachPolicy", aPolicy + "«policy»"}, {"organizations:DetachPolicy", anOrganization + "root/«organization»/«root»"}},
		}, scp),
		byPolicyType(actionCase{
			action: "ListPoliciesForTarget", setup: withPolicy,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: aws.String(made["unit"]), Filter: scp})
				if err == nil {
					made["listed"] = policyNames(out.Policies)
				}
				return err
			},
			effect: func(t *testing.T, _ *clients, made map[string]string) {
				same(t, "policies", made["listed"], "FullAWSAccess")
			},
			grants: []grant{{"organizations:ListPoliciesForTarget", anOrganization + "ou/«organization»/«unit»"}},
		}, scp),
		byPolicyType(actionCase{
			action: "ListTargetsForPolicy",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				withPolicy(t, root, made)
				for _, target := range []string{made["root"], made["unit"], root.Account} {
					attachControl(t, root, made["policy"], target)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: aws.String(made["policy"])})
				if err == nil {
					for _, target := range out.Targets {
						made["listed"] += fmt.Sprintf("%s %s %s %s\n", target.Type, *target.Name, *target.TargetId, *target.Arn)
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				in := "arn:aws:organizations::" + root.Account
				for _, want := range []string{
					"ROOT Root " + made["root"] + " " + in + ":root/" + made["organization"] + "/" + made["root"] + "\n",
					"ORGANIZATIONAL_UNIT Workloads " + made["unit"] + " " + in + ":ou/" + made["organization"] + "/" + made["unit"] + "\n",
					" " + root.Account + " " + in + ":account/" + made["organization"] + "/" + root.Account + "\n",
				} {
					if !strings.Contains(made["listed"], want) {
						t.Errorf("no %s in %s", want, made["listed"])
					}
				}
			},
			grants: []grant{{"organizations:ListTargetsForPolicy", aPolicy + "«policy»"}},
		}, scp),
	}
}
