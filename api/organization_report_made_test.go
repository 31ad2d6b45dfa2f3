package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"iamd/org"
)

// TestOrganizationReport: which services are open where, and whose use counts.
func TestOrganizationReport(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	withControlledUnit(t, root, made)
	admin := w.admin(t, root)
	var members []string
	for i := range 2 {
		if err := create(ctx, root, made, &organizations.CreateAccountInput{AccountName: aws.String(fmt.Sprint("M", i)), Email: aws.String(newEmail())}); err != nil {
			t.Fatal(err)
		}
		members = append(members, *created(t, root, made["request"]).Id)
	}
	if _, err := root.Organizations.MoveAccount(ctx, &organizations.MoveAccountInput{
		AccountId: aws.String(members[0]), SourceParentId: aws.String(made["root"]), DestinationParentId: aws.String(made["unit"]),
	}); err != nil {
		t.Fatal(err)
	}
	base := made["organization"] + "/" + made["root"]
	inUnit, inRoot := made["path"]+"/"+members[0], base+"/"+members[1]

	same(t, "beside what allows everything", report(t, root, inUnit, ""), "all, 0 used: ")
	if _, err := root.Organizations.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: aws.String("p-FullAWSAccess"), TargetId: aws.String(made["unit"])}); err != nil {
		t.Fatal(err)
	}
	const three = "3, 0 used: iam=0@us-east-1 s3=0 sqs=0"
	asking := 0
	// Each report is asked for by somebody else, as who asks once more within a
	// minute gets the one that is there.
	someone := func() *clients {
		t.Helper()
		asking++
		return w.asking(t, admin, asking, allow("*", "*"))
	}
	same(t, "nobody has done anything", report(t, someone(), inUnit, ""), three)
	for i, member := range members {
		inside, err := w.into(t, admin, member, org.AccessRole)
		if err != nil {
			t.Fatal(err)
		}
		// In the unit only s3, iam:GetUser and sqs are allowed; who tries has tried.
		_, err = inside.IAM.ListUsers(ctx, &iam.ListUsersInput{})
		if i == 0 {
			wantError(t, "by the policy", err, "AccessDenied", "because no service control policy allows the iam:ListUsers action")
		} else if err != nil {
			t.Fatal(err)
		}
	}
	used := func(n int, path string) string { return fmt.Sprintf("iam=%d@us-east-1 by %s", n, path) }
	const (
		noPath   = "INVALID_ORGANIZATIONS_ENTITY_PATH: The entity with the specified path does not exist in your organization."
		noPolicy = "INVALID_ORGANIZATIONS_POLICY: The policy with the specified ID does not exist in your organization."
	)
	for _, c := range []struct{ name, path, policy, want string }{
		{"an account", inUnit, "", "3, 1 used: " + used(1, inUnit) + " s3=0 sqs=0"},
		{"a unit", made["path"], "", "3, 1 used: " + used(1, inUnit) + " s3=0 sqs=0"},
		{"another account", inRoot, "", "all, 1 used: " + used(1, inRoot)},
		{"the root", base, "", "all, 1 used: " + used(2, "…")},
		{"a policy at the unit", made["path"], made["policy"], "3, 1 used: " + used(1, inUnit) + " s3=0 sqs=0"},
		{"a policy from the root", base, made["policy"], "3, 1 used: " + used(1, inUnit) + " s3=0 sqs=0"},
		{"a policy above the account", inUnit, made["policy"], three},
		{"a policy elsewhere", inRoot, made["policy"], three},
		{"no such unit", base + "/ou-zzzz-99999999", "", noPath},
		{"another root", made["organization"] + "/r-zzzz/" + made["unit"], "", noPath},
		{"a slash at the end", made["path"] + "/", "", noPath},
		{"an account elsewhere", made["path"] + "/" + members[1], "", noPath},
		{"no such policy", made["path"], "p-notexist0", noPolicy},
		{"a policy of another type", made["path"], "p-RCPFullAWSAccess", noPolicy},
	} {
		got := report(t, someone(), c.path, c.policy)
		if c.name == "the root" { // which account was the last one is a matter of one second
			got = strings.NewReplacer(inUnit, "…", inRoot, "…").Replace(got)
		}
		same(t, c.name, got, c.want)
	}
	// No control policy binds the management account, and none is looked at.
	for _, policy := range []string{"", "p-notexist0"} {
		out := generated(t, someone(), base+"/"+root.Account, policy)
		got := details(out.AccessDetails, false)
		if len(out.AccessDetails) < 300 || !strings.Contains(got, "organizations=1@us-east-1 by "+base+"/"+root.Account) || !strings.Contains(got, "sts=1@") {
			t.Errorf("%d services: %s", len(out.AccessDetails), got)
		}
	}

	// Others are told at once.
	refuse := func(c *clients, path, code, text string) {
		t.Helper()
		_, err := c.IAM.GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{EntityPath: aws.String(path)})
		wantError(t, path, err, code, text)
	}
	refuse(root, "o-zzzzzzzzzz/"+made["root"], "AccessDenied", "The organization ID in the specified entity path is different than your organization ID.")
	inside, err := w.into(t, admin, members[1], org.AccessRole)
	if err != nil {
		t.Fatal(err)
	}
	refuse(inside, base, "AccessDenied", "Your account is not the management account of an organization.")
	refuse(w.account(t), base, "AccessDenied", "Your account is not the management account of an organization.")

	if _, err := root.Organizations.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: aws.String(made["root"]), PolicyType: "SERVICE_CONTROL_POLICY"}); err != nil {
		t.Fatal(err)
	}
	same(t, "without control policies", report(t, someone(), base, ""), "SERVICE_CONTROL_POLICIES_NOT_ENABLED: Service control policies are not enabled for your organization root.")
}

// asking gives a role of the account that may do what a policy says, and nobody
// has asked for reports as.
func (w *world) asking(t *testing.T, admin *clients, n int, policy string) *clients {
	t.Helper()
	name := fmt.Sprint("asking", n)
	makeRole(t, admin, name, trusting(admin.Account))
	if _, err := admin.IAM.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("grants"), PolicyDocument: aws.String(policy)}); err != nil {
		t.Fatal(err)
	}
	session, err := w.into(t, admin, admin.Account, name)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// TestOrganizationReportPages: in each order every service comes once, and markers
// are good for one report in one order.
func TestOrganizationReportPages(t *testing.T) {
	root, made, ctx := newWorld(t).account(t), map[string]string{}, t.Context()
	withControlledUnit(t, root, made)
	id := func(policy string) *string {
		t.Helper()
		out, err := root.IAM.GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{EntityPath: aws.String(made["path"]), OrganizationsPolicyId: aws.String(policy)})
		if err != nil {
			t.Fatal(err)
		}
		return out.JobId
	}
	job := id(made["policy"])
	same(t, "asked at once again", *id(made["policy"]), *job)
	for order, want := range map[types.SortKeyType]string{
		"": "iam=0@us-east-1 s3=0 sqs=0", "SERVICE_NAMESPACE_ASCENDING": "iam=0@us-east-1 s3=0 sqs=0", "SERVICE_NAMESPACE_DESCENDING": "sqs=0 s3=0 iam=0@us-east-1",
		"LAST_AUTHENTICATED_TIME_ASCENDING": "iam=0@us-east-1 s3=0 sqs=0", "LAST_AUTHENTICATED_TIME_DESCENDING": "sqs=0 s3=0 iam=0@us-east-1",
	} {
		in := &iam.GetOrganizationsAccessReportInput{JobId: job, SortKey: order, MaxItems: aws.Int32(2)}
		var all []types.AccessDetail
		for {
			out, err := root.IAM.GetOrganizationsAccessReport(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "status", out.JobStatus, "COMPLETED")
			all = append(all, out.AccessDetails...)
			if in.Marker = out.Marker; !out.IsTruncated {
				break
			}
		}
		same(t, string(order), details(all, true), want)
	}
	first, err := root.IAM.GetOrganizationsAccessReport(ctx, &iam.GetOrganizationsAccessReportInput{JobId: job, MaxItems: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	const invalid = "The marker passed in the request was invalid."
	for _, c := range []struct {
		in         iam.GetOrganizationsAccessReportInput
		code, text string
	}{
		{iam.GetOrganizationsAccessReportInput{JobId: job, Marker: first.Marker, SortKey: "SERVICE_NAMESPACE_DESCENDING"}, "InvalidInput", invalid},
		{iam.GetOrganizationsAccessReportInput{JobId: id("p-FullAWSAccess"), Marker: first.Marker}, "InvalidInput", invalid},
		{iam.GetOrganizationsAccessReportInput{JobId: job, Marker: aws.String("invalid")}, "ValidationError", "Invalid Marker."},
		{iam.GetOrganizationsAccessReportInput{JobId: aws.String("00000000-0000-0000-0000-000000000000")}, "NoSuchEntity", "Job 00000000-0000-0000-0000-000000000000 does not exist."},
		{iam.GetOrganizationsAccessReportInput{JobId: job, SortKey: "INVALID"}, "ValidationError", "1 validation error detected: Value at 'sortKey' failed to satisfy constraint: Member must satisfy enum value set"},
		{iam.GetOrganizationsAccessReportInput{JobId: job, MaxItems: aws.Int32(1001)}, "ValidationError", "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"},
	} {
		_, err := root.IAM.GetOrganizationsAccessReport(ctx, &c.in)
		wantError(t, "GetOrganizationsAccessReport", err, c.code, c.text)
	}
	_, err = root.IAM.GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{EntityPath: aws.String(made["path"]), OrganizationsPolicyId: aws.String("bad")})
	wantError(t, "a bad policy id", err, "ValidationError", "1 validation error detected: Value at 'organizationsPolicyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ")
}

// TestOrganizationReportReads: who asks for a report must be allowed to read what
// it is made of, which depends on what it is about.
func TestOrganizationReportReads(t *testing.T) {
	w := newWorld(t)
	root, made := w.account(t), map[string]string{}
	withControlledUnit(t, root, made)
	base := made["organization"] + "/" + made["root"]
	admin := w.admin(t, root)
	const denied = "ORGANIZATIONS_REPORT_ACCESS_DENIED: Requester is not authorized to perform the required AWS Organizations Describe* and List* actions."
	// Of a unit, a unit and a policy, the root, the management account: which can't
	// be reported on without an action.
	targets := []struct{ path, policy string }{{made["path"], ""}, {made["path"], made["policy"]}, {base, ""}, {base + "/" + root.Account, made["policy"]}}
	n := 0
	for deny, fails := range map[string]string{
		"": "", "*": "0123", "organizations:ListRoots": "0123", "organizations:ListParents": "013", "organizations:ListPoliciesForTarget": "012",
		"organizations:DescribePolicy": "012", "organizations:ListChildren": "02", "organizations:ListTargetsForPolicy": "1", "organizations:ListAccounts": "",
	} {
		statements := []map[string]any{{"Effect": "Allow", "Action": []string{"iam:*OrganizationsAccessReport", "organizations:Describe*", "organizations:List*"}, "Resource": "*"}}
		switch deny {
		case "":
		case "*":
			statements[0]["Action"] = "iam:*OrganizationsAccessReport"
		default:
			statements = append(statements, map[string]any{"Effect": "Deny", "Action": deny, "Resource": "*"})
		}
		document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
		if err != nil {
			t.Fatal(err)
		}
		n++
		caller := w.asking(t, admin, n, string(document))
		for i, target := range targets {
			got := report(t, caller, target.path, target.policy)
			if want := strings.Contains(fails, fmt.Sprint(i)); want != (got == denied) {
				t.Errorf("without %q, %d: %s", deny, i, got)
			}
		}
	}
}
