package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/catalog"
)

func grantingText(out *iam.ListPoliciesGrantingServiceAccessOutput) string {
	var list []string
	for _, e := range out.PoliciesGrantingServiceAccess {
		text := *e.ServiceNamespace + ":"
		for _, p := range e.Policies {
			text += fmt.Sprintf(" %s/%s/%s%s%s", *p.PolicyName, p.PolicyType, p.EntityType, aws.ToString(p.EntityName), aws.ToString(p.PolicyArn))
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

func granting(ctx context.Context, c *clients, arn string, services ...string) (string, error) {
	out, err := c.IAM.ListPoliciesGrantingServiceAccess(ctx, &iam.ListPoliciesGrantingServiceAccessInput{Arn: aws.String(arn), ServiceNamespaces: services})
	if err != nil {
		return "", err
	}
	return grantingText(out), nil
}

func grantingPolicyCases() []actionCase {
	return []actionCase{{
		action: "ListPoliciesGrantingServiceAccess", setup: makeBob,
		grants: []grant{{"iam:ListPoliciesGrantingServiceAccess", "arn:aws:iam::«ACCOUNT»:user/Bob"}},
		key:    "iam:ResourceTag/team", holds: "blue", other: "red",
		call: func(ctx context.Context, c *clients, made map[string]string) (err error) {
			made["granting"], err = granting(ctx, c, made["bob"], "sqs", "s3")
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			out, err := root.IAM.ListUserPolicies(t.Context(), &iam.ListUserPoliciesInput{UserName: aws.String("Bob")})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "policies", made["granting"], "sqs:; s3: "+strings.Join(out.PolicyNames, " ")+"/INLINE/USERBob")
		},
	}}
}

// TestGrantingPolicies: everyone's, in the order asked for, and what is refused.
func TestGrantingPolicies(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	made := map[string]string{}
	makeBob(t, root, made)
	if _, err := root.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("Devs")}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		func() error {
			_, err := root.IAM.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("Devs"), PolicyArn: aws.String(adminARN)})
			return err
		}(),
		func() error {
			_, err := root.IAM.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("Devs"), UserName: aws.String("Bob")})
			return err
		}(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	admin := " AdministratorAccess/MANAGED/" + adminARN
	account := "arn:aws:iam::" + root.Account
	makeRole(t, root, "R", trusting(root.Account))
	for _, c := range []struct{ arn, want string }{
		{made["bob"], "s3: ExamplePolicy/INLINE/USERBob" + admin + "; iam:" + admin},
		{account + ":user/any/path/Bob", "s3: ExamplePolicy/INLINE/USERBob" + admin + "; iam:" + admin},
		{account + ":group/Devs", "s3:" + admin + "; iam:" + admin},
		{account + ":role/R", "s3:; iam:"},
	} {
		got, err := granting(ctx, root, c.arn, "s3", "iam", "s3")
		if err != nil {
			t.Errorf("%s: %v", c.arn, err)
		}
		same(t, c.arn, got, c.want)
	}
	for _, c := range []struct{ arn, service, code, text string }{
		{account + ":user/None", "s3", "NoSuchEntity", "ARN " + account + ":user/None does not exist."},
		{account + ":policy/P", "s3", "InvalidInput", "Invalid Entity Arn: " + account + ":policy/P is not supported."},
		{account + ":root", "s3", "InvalidInput", "Could not extract entity from ARN : " + account + ":root"},
		{made["bob"], "S3", "InvalidInput", "Invalid service namespace: [S3]"},
		{"arn:aws:iam::999999999999:user/Bob", "s3", "AccessDenied", "User: " + account + ":root is not authorized to perform the operation on arn:aws:iam::999999999999:user/Bob"},
	} {
		_, err := granting(ctx, root, c.arn, c.service)
		wantError(t, c.arn+" "+c.service, err, c.code, c.text)
	}

	// Whoever may ask about one user is not let in to another by a path.
	caller := w.caller(t, root, statement{"Allow", "iam:ListPoliciesGrantingServiceAccess", account + ":user/mine/*", nil})
	_, err := granting(ctx, caller, account+":user/mine/Bob", "s3")
	wantError(t, "another path", err, "AccessDenied", "on resource: "+account+":user/mine/Bob")
}

// TestGrantingPoliciesPages: a page ends when it holds a thousand policies; every
// service comes once.
func TestGrantingPoliciesPages(t *testing.T) {
	root, ctx := newWorld(t).account(t), t.Context()
	made := map[string]string{}
	makeBob(t, root, made)
	for i := range 10 {
		if _, err := root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
			UserName: aws.String("Bob"), PolicyName: aws.String(fmt.Sprint("P", i)), PolicyDocument: aws.String(allow("*", "*")),
		}); err != nil {
			t.Fatal(err)
		}
	}
	in := &iam.ListPoliciesGrantingServiceAccessInput{Arn: aws.String(made["bob"])}
	for s := range catalog.Services() {
		if len(in.ServiceNamespaces) < 200 {
			in.ServiceNamespaces = append(in.ServiceNamespaces, s.Prefix)
		}
	}
	var got []string
	pages := 0
	for more := true; more; pages++ {
		out, err := root.IAM.ListPoliciesGrantingServiceAccess(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.PoliciesGrantingServiceAccess {
			got = append(got, *e.ServiceNamespace)
		}
		more, in.Marker = out.IsTruncated, out.Marker
		if more {
			same(t, "services of a page", len(out.PoliciesGrantingServiceAccess), 100)
			other := *in
			other.ServiceNamespaces = []string{"s3"}
			_, err := root.IAM.ListPoliciesGrantingServiceAccess(ctx, &other)
			wantError(t, "a marker of another list", err, "InvalidInput", "The marker passed in the request was invalid.")
		}
	}
	same(t, "services", strings.Join(got, " "), strings.Join(in.ServiceNamespaces, " "))
	same(t, "pages", pages, 2)
	in.Marker = aws.String("invalid")
	_, err := root.IAM.ListPoliciesGrantingServiceAccess(ctx, in)
	wantError(t, "no marker", err, "ValidationError", "Invalid Marker.")
}
