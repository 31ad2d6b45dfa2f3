package api_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// refusedAs holds an error to AWS's exact code and text.
func refusedAs(t *testing.T, what string, err error, code, message string) {
	t.Helper()
	if c, m := apiError(err); c != code || m != message {
		t.Errorf("%s:\n got %s: %s\nwant %s: %s", what, c, m, code, message)
	}
}

// TestPolicyDenials are AWS's sentences: how each kind of resource is named.
func TestPolicyDenials(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	makePaper(t, root, made)
	nobody := w.caller(t, root)
	denial := func(what string, err error, action, resource string) {
		t.Helper()
		refusedAs(t, what, err, "AccessDenied", "User: arn:aws:iam::"+root.Account+":user/caller is not authorized to perform: iam:"+action+
			" on resource: "+resource+" because no identity-based policy allows the iam:"+action+" action")
	}
	paper := aws.String(made["paper"])

	_, err := nobody.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("P"), PolicyDocument: aws.String(readText)})
	denial("create", err, "CreatePolicy", "policy P")
	_, err = nobody.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: paper})
	denial("get", err, "GetPolicy", "policy "+made["paper"])
	_, err = nobody.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(adminARN)})
	denial("get AWS's", err, "GetPolicy", "policy "+adminARN)
	_, err = nobody.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(made["paper"] + "-gone")})
	denial("get one that is not there", err, "GetPolicy", "policy "+made["paper"]+"-gone")
	_, err = nobody.IAM.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: paper, VersionId: aws.String("v1")})
	denial("get version", err, "GetPolicyVersion", "policy "+made["paper"]+" version v1")
	_, err = nobody.IAM.ListPolicies(ctx, &iam.ListPoliciesInput{})
	denial("list", err, "ListPolicies", "policy path /")
	_, err = nobody.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("caller"), PolicyName: aws.String("P"), PolicyDocument: aws.String(readText)})
	denial("put", err, "PutUserPolicy", "user caller")
	_, err = nobody.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("Gone"), PolicyArn: paper})
	denial("attach to a role that is not there", err, "AttachRolePolicy", "role Gone")
	_, err = nobody.IAM.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: aws.String("Gone")})
	denial("list a group that is not there", err, "ListGroupPolicies", "group Gone")
}

// TestForeignPolicies: what belongs to AWS or to another account is not the
// account's to change, whatever its own policies say.
func TestForeignPolicies(t *testing.T) {
	w := newWorld(t)
	other, made, ctx := w.account(t), map[string]string{}, t.Context()
	makePaper(t, other, made)
	root := w.account(t)
	admin := w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})

	for name, c := range map[string]*clients{"root": root, "admin": admin} {
		for _, arn := range []string{adminARN, made["paper"]} {
			in := aws.String(arn)
			_, err := c.IAM.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: in})
			wantError(t, name+" deletes "+arn, err, "AccessDenied", "is not authorized to perform: iam:DeletePolicy on resource: policy "+arn)
			_, err = c.IAM.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: in, PolicyDocument: aws.String(readText)})
			wantError(t, name+" adds to "+arn, err, "AccessDenied", "iam:CreatePolicyVersion")
			_, err = c.IAM.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: in, VersionId: aws.String("v1")})
			wantError(t, name+" sets "+arn, err, "AccessDenied", "iam:SetDefaultPolicyVersion")
			_, err = c.IAM.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: in, VersionId: aws.String("v1")})
			wantError(t, name+" takes from "+arn, err, "AccessDenied", "iam:DeletePolicyVersion")
			_, err = c.IAM.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: in, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
			wantError(t, name+" tags "+arn, err, "AccessDenied", "iam:TagPolicy")
			_, err = c.IAM.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: in, TagKeys: []string{"team"}})
			wantError(t, name+" untags "+arn, err, "AccessDenied", "iam:UntagPolicy")
		}
		_, err := c.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(made["paper"])})
		wantError(t, name+" reads another account's", err, "AccessDenied", "iam:GetPolicy")
		_, err = c.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("caller"), PolicyArn: aws.String(made["paper"])})
		refusedAs(t, name+" attaches another account's", err, "NoSuchEntity", "Policy "+made["paper"]+" does not exist or is not attachable.")
		if _, err = c.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(adminARN)}); err != nil {
			t.Errorf("%s reads AWS's: %v", name, err)
		}
	}
	same(t, "the other account's tags", len(getPaper(t, other, made).Tags), 1)
}

// TestPolicyAnswers are shapes and refusals as AWS gave them.
func TestPolicyAnswers(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	made, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("P"), PolicyDocument: aws.String(readText), Description: aws.String("d")})
	if err != nil {
		t.Fatal(err)
	}
	p := made.Policy
	same(t, "attachments", aws.ToInt32(p.AttachmentCount), 0)
	same(t, "they are told", p.AttachmentCount != nil && p.PermissionsBoundaryUsageCount != nil, true)
	same(t, "attachable", p.IsAttachable, true)
	same(t, "path", aws.ToString(p.Path), "/")
	same(t, "no description, no tags", p.Description == nil && p.Tags == nil, true)
	list, err := root.IAM.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "listed", len(list.Policies) == 1 && list.Policies[0].Description == nil && list.Policies[0].Tags == nil, true)

	makeEntities(t, root, nil)
	ink := aws.String("Ink")
	_, err = root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: ink, PolicyArn: aws.String("longpolicynamebutnoarn")})
	refusedAs(t, "no ARN", err, "ValidationError", "Invalid ARN:  Could not be parsed!")
	_, err = root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: ink, PolicyArn: aws.String(*p.Arn + "123")})
	refusedAs(t, "not there", err, "NoSuchEntity", "Policy "+*p.Arn+"123 does not exist or is not attachable.")
	_, err = root.IAM.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: aws.String(*p.Arn + "123")})
	refusedAs(t, "not there", err, "NoSuchEntity", "Policy "+*p.Arn+"123 was not found.")
	_, err = root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("Q"), PolicyDocument: aws.String(`{"Version":"2012-10-17",`)})
	refusedAs(t, "broken JSON", err, "MalformedPolicyDocument", "Syntax errors in policy.")

	// By use: attached and bounding are told apart.
	if _, err = root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: ink, PolicyArn: p.Arn}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   iam.ListPoliciesInput
		want string
	}{
		{iam.ListPoliciesInput{OnlyAttached: true}, "P"},
		{iam.ListPoliciesInput{PolicyUsageFilter: types.PolicyUsageTypePermissionsPolicy}, "P"},
		{iam.ListPoliciesInput{PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary}, "ReadOnlyAccess"},
		{iam.ListPoliciesInput{PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary, Scope: types.PolicyScopeTypeLocal}, ""},
		{iam.ListPoliciesInput{OnlyAttached: true, Scope: types.PolicyScopeTypeAws}, ""},
	} {
		out, err := root.IAM.ListPolicies(ctx, &c.in)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, p := range out.Policies {
			got += aws.ToString(p.PolicyName)
		}
		same(t, "policies by use", got, c.want)
	}
}
