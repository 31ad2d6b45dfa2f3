package api_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/org"
)

// TestRecordedOwners: whose the organization's resources are, to a condition on
// their owner: the management account's, AWS's own policies among them.
func TestRecordedOwners(t *testing.T) {
	for _, c := range []struct{ who, action, in string }{
		{"the member", "DescribeOrganization", `{}`},
		{"the manager", "DescribeOrganization", `{}`},
		{"an administrator", "ListAccounts", `{}`},
		{"the manager", "ListAccounts", `{}`},
		{"an administrator", "DescribePolicy", `{"PolicyId":"p-FullAWSAccess"}`},
		{"the manager", "DescribePolicy", `{"PolicyId":"p-FullAWSAccess"}`},
		{"the manager", "DeleteResourcePolicy", `{}`},
	} {
		for _, owner := range []string{"<management>", "<member>", "aws"} {
			w, r, root, member := inObserved(t)
			from := member
			if c.who == "the manager" {
				from = root
			}
			if c.who == "an administrator" {
				r.hold(root,
					exchange{"EnableAWSServiceAccess", `{"ServicePrincipal":"account.amazonaws.com"}`, ""},
					exchange{"RegisterDelegatedAdministrator", `{"AccountId":"<member>","ServicePrincipal":"account.amazonaws.com"}`, ""},
				)
			}
			if c.action == "DeleteResourcePolicy" {
				if got := r.call(root, "PutResourcePolicy", `{"Content":`+quoted(delegation(member.Account, "Allow", "organizations:ListRoots"))+`}`); !strings.HasPrefix(got, "{") {
					t.Fatal(got)
				}
			}
			caller := w.caller(t, from, statement{Effect: "Allow", Action: "organizations:" + c.action, Resource: "*",
				Condition: map[string]map[string]string{"StringEquals": {"aws:ResourceAccount": r.actual(owner)}}})
			got := r.call(caller, c.action, c.in)
			if allowed := owner == "<management>"; allowed != strings.HasPrefix(got, "{") || !allowed && got != toldDenied {
				t.Errorf("%s, %s of %s: %s", c.who, c.action, owner, got)
			}
		}
	}
}

// TestRecordedAuthority: what members may do, with and without a delegation.
func TestRecordedAuthority(t *testing.T) {
	w, r, root, member := inObserved(t)
	all, nobody := w.caller(t, member, statement{Effect: "Allow", Action: "organizations:*", Resource: "*"}), asNobody(t, member)
	r.hold(root, exchange{"CreatePolicy", creates("SERVICE_CONTROL_POLICY", "Own", controlS3), taken("<policy1>", "SERVICE_CONTROL_POLICY", "Own", controlS3)})
	const own = `{"PolicyId":"<policy1>"}`
	described := taken("<policy1>", "SERVICE_CONTROL_POLICY", "Own", controlS3)
	delegate := func(effect string, actions ...string) {
		t.Helper()
		if got := r.call(root, "PutResourcePolicy", `{"Content":`+quoted(delegation(member.Account, effect, actions...))+`}`); !strings.HasPrefix(got, "{") {
			t.Fatal(got)
		}
	}
	// Nothing is delegated.
	r.hold(all, exchange{"DescribePolicy", own, toldDenied})
	if got := r.call(all, "DescribeOrganization", `{}`); !strings.HasPrefix(got, "{") {
		t.Error(got)
	}
	// Reading is.
	delegate("Allow", "organizations:DescribePolicy", "organizations:DescribeResourcePolicy")
	r.hold(nobody, exchange{"DescribePolicy", own, toldDenied})
	r.hold(all, exchange{"DescribePolicy", own, described})
	for action, in := range map[string]string{"DescribeResourcePolicy": `{}`, "DescribePolicy": `{"PolicyId":"p-FullAWSAccess"}`} {
		if got := r.call(all, action, in); !strings.HasPrefix(got, "{") {
			t.Error(action, got)
		}
	}
	// Tags of what is new must be delegated too.
	tagged := strings.TrimSuffix(creates("SERVICE_CONTROL_POLICY", "Two", controlS3), "}") + `,"Tags":[{"Key":"team","Value":"own"}]}`
	delegate("Allow", "organizations:CreatePolicy")
	r.hold(all, exchange{"CreatePolicy", tagged, toldDenied})
	delegate("Allow", "organizations:CreatePolicy", "organizations:TagResource", "organizations:UntagResource", "organizations:UpdatePolicy",
		"organizations:AttachPolicy", "organizations:DetachPolicy", "organizations:DeletePolicy")
	attach := `{"PolicyId":"<policy2>","TargetId":"<unit>"}`
	updated := strings.Replace(taken("<policy2>", "SERVICE_CONTROL_POLICY", "Three", controlS3), `"Description":"",`, "", 1)
	r.hold(all,
		exchange{"CreatePolicy", tagged, taken("<policy2>", "SERVICE_CONTROL_POLICY", "Two", controlS3)},
		exchange{"UpdatePolicy", `{"PolicyId":"<policy2>","Name":"Three"}`, updated},
		exchange{"TagResource", `{"ResourceId":"<policy2>","Tags":[{"Key":"more","Value":"v"}]}`, ""},
		exchange{"UntagResource", `{"ResourceId":"<policy2>","TagKeys":["more"]}`, ""},
		exchange{"AttachPolicy", attach, ""},
		exchange{"DeletePolicy", `{"PolicyId":"<policy2>"}`, "PolicyInUseException: The specified policy is in use and cannot be deleted."},
		exchange{"DetachPolicy", attach, ""},
		exchange{"DeletePolicy", `{"PolicyId":"<policy2>"}`, ""},
	)
	// What is gone is none of those that were delegated.
	controls := strings.Replace(delegation(member.Account, "Allow", "organizations:DescribePolicy"), `"Resource":"*"`,
		r.actual(`"Resource":"arn:aws:organizations::<management>:policy/<organization>/service_control_policy/*"`), 1)
	putDelegation(t, root, controls)
	r.hold(all, exchange{"DescribePolicy", own, described}, exchange{"DescribePolicy", `{"PolicyId":"<policy2>"}`, toldDenied})
	// A denial binds administrators too, and not what else is delegated, nor the
	// management account.
	r.hold(root,
		exchange{"EnableAWSServiceAccess", `{"ServicePrincipal":"account.amazonaws.com"}`, ""},
		exchange{"RegisterDelegatedAdministrator", `{"AccountId":"<member>","ServicePrincipal":"account.amazonaws.com"}`, ""},
		exchange{"DeleteResourcePolicy", `{}`, ""},
	)
	r.hold(all,
		exchange{"DescribePolicy", own, described},
		exchange{"DescribeResourcePolicy", `{}`, "ResourcePolicyNotFoundException: No resource-based policy found."},
		exchange{"UpdatePolicy", `{"PolicyId":"<policy1>","Name":"Mine"}`, toldDenied},
	)
	delegate("Deny", "organizations:DescribePolicy", "organizations:ListAccounts", "organizations:DescribeResourcePolicy", "organizations:DescribeOrganization")
	for action, in := range map[string]string{"DescribePolicy": own, "ListAccounts": `{}`, "DescribeResourcePolicy": `{}`, "DescribeOrganization": `{}`} {
		r.hold(all, exchange{action, in, toldDenied})
	}
	r.hold(root, exchange{"DescribePolicy", own, described})
	r.hold(root, exchange{"DeregisterDelegatedAdministrator", `{"AccountId":"<member>","ServicePrincipal":"account.amazonaws.com"}`, ""})
	r.hold(all, exchange{"DescribePolicy", own, toldDenied}, exchange{"DescribeOrganization", `{}`, toldDenied})
}

// TestRecordedRoles: the roles that an organization makes in its accounts.
func TestRecordedRoles(t *testing.T) {
	w := newWorld(t)
	root, made := w.account(t), map[string]string{}
	withMember(t, root, made)
	member, err := w.into(t, w.admin(t, root), made["member"], org.AccessRole)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		*clients
		name, path, trust, description, policy string
	}{
		{member, "OrganizationAccountAccessRole", "/", `"Principal":{"AWS":"arn:aws:iam::` + root.Account + `:root"}`, "", "arn:aws:iam::aws:policy/AdministratorAccess"},
		{member, "AWSServiceRoleForOrganizations", "/aws-service-role/organizations.amazonaws.com/", `"Principal":{"Service":"organizations.amazonaws.com"}`,
			"Service-linked role used by AWS Organizations to enable integration of other AWS services with Organizations.",
			"arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"},
		{root, "AWSServiceRoleForOrganizations", "/aws-service-role/organizations.amazonaws.com/", `"Principal":{"Service":"organizations.amazonaws.com"}`,
			"Service-linked role used by AWS Organizations to enable integration of other AWS services with Organizations.",
			"arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"},
	} {
		out, err := c.IAM.GetRole(t.Context(), &iam.GetRoleInput{RoleName: &c.name})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "path", *out.Role.Path, c.path)
		same(t, "trust", unescaped(t, out.Role.AssumeRolePolicyDocument), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+c.trust+`,"Action":"sts:AssumeRole"}]}`)
		if aws.ToString(out.Role.Description) != c.description || (out.Role.Description == nil) != (c.description == "") || *out.Role.MaxSessionDuration != 3600 {
			t.Errorf("%s: %v, %d", c.name, out.Role.Description, *out.Role.MaxSessionDuration)
		}
		attached, err := c.IAM.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &c.name})
		if err != nil || len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyArn != c.policy {
			t.Errorf("%s: %+v, %v", c.name, attached, err)
		}
		inline, err := c.IAM.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: &c.name})
		if err != nil || len(inline.PolicyNames) != 0 {
			t.Errorf("%s: %+v, %v", c.name, inline, err)
		}
	}
}
