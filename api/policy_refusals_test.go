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

// TestMalformedTexts: each of AWS's sentences for a document, as a client of the API sees it.
func TestMalformedTexts(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	managed := func(document string) error {
		_, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("P"), PolicyDocument: &document})
		return err
	}
	inline := func(document string) error {
		_, err := root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("Bob"), PolicyName: aws.String("p"), PolicyDocument: &document})
		return err
	}
	trust := func(document string) error {
		_, err := root.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("R"), AssumeRolePolicyDocument: &document})
		return err
	}
	identity := []func(string) error{managed, inline}
	latest := func(statement string) string { return `{"Version":"2012-10-17","Statement":` + statement + `}` }
	rest := func(rest string) string { return latest(`{"Effect":"Allow",` + rest + `}`) }
	reading := func(resource string) string { return rest(`"Action":"s3:GetObject","Resource":"` + resource + `"`) }
	calling := func(action string) string { return rest(`"Action":"` + action + `","Resource":"*"`) }
	assuming := func(rest string) string { return latest(`{"Effect":"Allow","Action":"sts:AssumeRole",` + rest + `}`) }
	open := `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`
	owner := `"Principal":{"AWS":"` + root.Account + `"}`

	for _, c := range []struct {
		by             []func(string) error
		document, text string
	}{
		{identity, `not JSON`, "Syntax errors in policy."},
		{identity, `{"Version":"2012-10-17"}`, "Syntax errors in policy."},
		{identity, latest(`[]`), "Syntax errors in policy."},
		{identity, latest(`{"Effect":"Allow","Effect":"Deny","Action":"s3:*","Resource":"*"}`), "Syntax errors in policy."},
		{identity, rest(`"Action":"s3:*","Resource":"*","Condition":{"Equals":{"a:b":"c"}}`), "Syntax errors in policy."},
		{identity, rest(`"Action":"s3:*","Resource":"*","Condition":{"BinaryEquals":{"a:b":"?"}}`), "Syntax errors in policy."},
		{identity[:1], `{"Statement":` + open + `}`, "Policy document must be version 2012-10-17 or greater."},
		{identity, rest(`"Principal":"*","Action":"s3:*","Resource":"*"`), "Policy document should not specify a principal."},
		{identity, latest(`{"Effect":"allow","Action":"s3:*","Resource":"*"}`), "The policy failed legacy parsing"},
		{identity, "\n" + latest(open), "The policy failed legacy parsing"},
		{identity, rest(`"Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}`), "The policy failed legacy parsing"},
		{identity, rest(`"Action":"s3:*","Resource":"*","Condition":{"NumericEquals":{"a:b":"x"}}`), "The policy failed legacy parsing"},
		{identity, rest(`"Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"x"}}`), "The policy failed legacy parsing"},
		{identity, rest(`"Action":"s3:*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"x"}}`), "The policy failed legacy parsing"},
		{identity, reading("arn:aws:s3:bucket"), "The policy failed legacy parsing"},
		{identity, reading("arn:aws:iam::ACCOUNT_ID:user/Bob"), "The policy failed legacy parsing"},
		{identity, latest(`[{"Sid":"a","Effect":"Deny","Action":"s3:*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"s3:*","Resource":"*"}]`), "Statement IDs (SID) in a single policy must be unique."},
		{identity, latest(`{"Sid":"a-b","Effect":"Deny","Action":"s3:*","Resource":"*"}`), "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"},
		{identity, rest(`"Resource":"*"`), "Policy statement must contain actions."},
		{identity, reading("bucket"), `Resource bucket must be in ARN format or "*".`},
		{identity, reading("arn:b:s3:::c"), `Partition "b" is not valid for resource "arn:b:s3:::c".`},
		{identity, reading("arn:aws:*:::c"), "Resource vendor must be fully qualified and cannot contain regexes."},
		{identity, reading("arn:aws:iam:us-east-1::user/Bob"), "IAM resource arn:aws:iam:us-east-1::user/Bob cannot contain region information."},
		{identity, reading("arn:aws:s3:us-east-1::b"), "Resource arn:aws:s3:us-east-1::b can not contain region information."},
		{identity, reading("arn:aws:iam:::Bob"), `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`},
		{identity, calling("GetObject"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{identity, calling("s3:Get:Object"), "Actions/Condition can contain only one colon."},
		{identity, calling("s*:GetObject"), "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards."},
		{identity, calling("s 3:GetObject"), "Vendor s 3 is not valid"},
		{identity, rest(`"Action":"s3:*"`), "Policy statement must contain resources."},

		{[]func(string) error{trust}, `not JSON`, "This policy contains invalid Json"},
		{[]func(string) error{trust}, `{"Statement":"x"}`, "Syntax error at position (1,15)"},
		{[]func(string) error{trust}, " " + assuming(owner), "JSON strings must not have leading spaces"},
		{[]func(string) error{trust}, `{"Version":"2020-01-01","Statement":{}}`, "The policy must contain a valid version string"},
		{[]func(string) error{trust}, latest(`[]`), "Could not parse the policy: Statement is empty!"},
		{[]func(string) error{trust}, latest(`{}`), "Missing required field Effect"},
		{[]func(string) error{trust}, latest(`{"Effect":"allow"}`), "Invalid effect: allow"},
		{[]func(string) error{trust}, rest(owner), "Missing required field Action"},
		{[]func(string) error{trust}, rest(`"Action":"s3:*",` + owner), "AssumeRole policy may only specify STS AssumeRole actions."},
		{[]func(string) error{trust}, assuming(`"Sid":""`), "Missing required field Principal"},
		{[]func(string) error{trust}, assuming(`"Principal":{}`), "Missing required field Principal cannot be empty!"},
		{[]func(string) error{trust}, assuming(`"Principal":"*"`), `AssumeRolepolicy contained an invalid principal: "STAR":"*".`},
		{[]func(string) error{trust}, assuming(`"NotPrincipal":{"AWS":"*"}`), "Allow with NotPrincipal is not allowed."},
		{[]func(string) error{trust}, assuming(`"Principal":{"AWS":"Bob"}`), `Invalid principal in policy: "AWS":"Bob"`},
		{[]func(string) error{trust}, assuming(`"Principal":{"Service":"ec2"}`), `Invalid principal in policy: "SERVICE":"ec2"`},
		{[]func(string) error{trust}, assuming(`"Principal":{"Federated":"ec2"}`), "Federated principals must be valid domain names or SAML metadata ARNs"},
		{[]func(string) error{trust}, assuming(`"Principal":{"Federated":"cognito-identity.amazonaws.com"}`), "A condition block must be present for the Cognito provider"},
		{[]func(string) error{trust}, assuming(owner + `,"Resource":"*"`), "Has prohibited field Resource."},
		{[]func(string) error{trust}, assuming(owner + `,"NotResource":"*"`), "AssumeRole policy must not contain resources."},
	} {
		for _, write := range c.by {
			refusedAs(t, c.document, write(c.document), "MalformedPolicyDocument", c.text)
		}
	}
	// And one of each that is taken.
	for _, err := range []error{managed(latest(open)), inline(`{"Statement":` + open + `}`), trust(assuming(owner))} {
		if err != nil {
			t.Error(err)
		}
	}
}
