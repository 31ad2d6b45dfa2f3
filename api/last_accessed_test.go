package api_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func statusOf(err error) int {
	var r *smithyhttp.ResponseError
	if errors.As(err, &r) {
		return r.HTTPStatusCode()
	}
	return 0
}

// lastAccessed makes a report and fetches it.
func lastAccessed(ctx context.Context, c *clients, arn string, level types.AccessAdvisorUsageGranularityType) (*iam.GetServiceLastAccessedDetailsOutput, error) {
	job, err := c.IAM.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: aws.String(arn), Granularity: level})
	if err != nil {
		return nil, err
	}
	return c.IAM.GetServiceLastAccessedDetails(ctx, &iam.GetServiceLastAccessedDetailsInput{JobId: job.JobId})
}

// services writes a report's services: prefix, number of entities, last one.
func services(out *iam.GetServiceLastAccessedDetailsOutput) string {
	var list []string
	for _, s := range out.ServicesLastAccessed {
		text := fmt.Sprintf("%s=%d", *s.ServiceNamespace, *s.TotalAuthenticatedEntities)
		if s.LastAuthenticatedEntity != nil {
			text += "/" + *s.LastAuthenticatedEntity + "/" + *s.LastAuthenticatedRegion
		}
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

// callersJob lets the caller, for just as long as that takes, ask for a report.
func callersJob(ctx context.Context, root, caller *clients, arn string) (*string, error) {
	user, name := aws.String("caller"), aws.String("asking")
	if _, err := root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: user, PolicyName: name, PolicyDocument: aws.String(allow("iam:GenerateServiceLastAccessedDetails", "*")),
	}); err != nil {
		return nil, err
	}
	job, err := caller.IAM.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: aws.String(arn)})
	if err != nil {
		return nil, err
	}
	_, err = root.IAM.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: user, PolicyName: name})
	return job.JobId, err
}

func lastAccessedCases() []actionCase {
	bob := "arn:aws:iam::«ACCOUNT»:user/Bob"
	var admin *clients // of the case that runs: only who asks for a report may read it
	return []actionCase{
		{
			action: "GenerateServiceLastAccessedDetails", setup: makeBob,
			grants: []grant{{"iam:GenerateServiceLastAccessedDetails", bob}},
			key:    "iam:ResourceTag/team", holds: "blue", other: "red",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: aws.String(made["bob"])})
				if err == nil {
					made["job"] = *out.JobId
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "length of the job's id", len(made["job"]), 36)
				// The report is there, but for nobody but who asked for it.
				_, err := root.IAM.GetServiceLastAccessedDetails(t.Context(), &iam.GetServiceLastAccessedDetailsInput{JobId: aws.String(made["job"])})
				code, _ := apiError(err)
				same(t, "another's job", code, "NoSuchEntity")
				out, err := lastAccessed(t.Context(), root, made["bob"], "")
				if err != nil {
					t.Fatal(err)
				}
				same(t, "services", services(out), "s3=0")
			},
		},
		{
			action: "GetServiceLastAccessedDetails",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				makeBob(t, root, made)
				admin = root
			},
			grants: []grant{{"iam:GetServiceLastAccessedDetails", "*"}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				job, err := callersJob(ctx, admin, c, made["bob"])
				if err != nil {
					return err
				}
				out, err := c.IAM.GetServiceLastAccessedDetails(ctx, &iam.GetServiceLastAccessedDetailsInput{JobId: job})
				if err == nil {
					made["answer"] = fmt.Sprintf("%s %s %s", out.JobStatus, out.JobType, services(out))
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the answer", made["answer"], "COMPLETED SERVICE_LEVEL s3=0")
				if _, err := root.IAM.DeleteUserPolicy(t.Context(), &iam.DeleteUserPolicyInput{
					UserName: aws.String("Bob"), PolicyName: aws.String("ExamplePolicy"),
				}); err != nil {
					t.Fatal(err)
				}
				out, err := lastAccessed(t.Context(), root, made["bob"], "")
				if err != nil {
					t.Fatal(err)
				}
				same(t, "services without the policy", services(out), "")
			},
		},
	}
}

// TestLastAccessed: who used what, for each kind of entity, on both levels.
func TestLastAccessed(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	caller := w.caller(t, root, statement{"Allow", "iam:List*", "*", nil}, statement{"Allow", "iam:GetUser", "*", nil}, statement{"Allow", "sqs:*", "*", nil})
	arn := "arn:aws:iam::" + root.Account + ":user/caller"
	if _, err := caller.IAM.ListUsers(ctx, &iam.ListUsersInput{}); err != nil {
		t.Fatal(err)
	}
	// What is denied was tried all the same.
	if _, err := caller.IAM.ListRoles(ctx, &iam.ListRolesInput{}); err != nil {
		t.Fatal(err)
	}
	_, err := caller.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("caller")})
	if code, _ := apiError(err); code != "AccessDenied" {
		t.Fatal(err)
	}
	p, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("Shared"), PolicyDocument: aws.String(allow("iam:*", "*"))})
	if err != nil {
		t.Fatal(err)
	}
	g, err := root.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("Devs")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.IAM.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("Devs"), PolicyArn: p.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.IAM.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("Devs"), UserName: aws.String("caller")}); err != nil {
		t.Fatal(err)
	}
	used := "iam=1/" + arn + "/us-east-1"
	for _, c := range []struct{ arn, want string }{
		{arn, used + " sqs=0"},
		{*g.Group.Arn, used},
		{*p.Policy.Arn, used},
		{"arn:aws:iam::aws:policy/AmazonSQSFullAccess", "sqs=0"},
		{makeRole(t, root, "porter", trusting(root.Account)), ""},
	} {
		out, err := lastAccessed(ctx, root, c.arn, types.AccessAdvisorUsageGranularityTypeServiceLevel)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.arn, services(out), c.want)
		for _, s := range out.ServicesLastAccessed {
			if s.TrackedActionsLastAccessed != nil {
				t.Errorf("%s: actions on service level", c.arn)
			}
		}
	}
	out, err := lastAccessed(ctx, root, arn, types.AccessAdvisorUsageGranularityTypeActionLevel)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "type", out.JobType, types.AccessAdvisorUsageGranularityTypeActionLevel)
	var actions []string
	unused := 0
	for _, a := range out.ServicesLastAccessed[0].TrackedActionsLastAccessed {
		if a.LastAccessedTime == nil {
			unused++
			continue
		}
		same(t, *a.ActionName, *a.LastAccessedEntity+*a.LastAccessedRegion, arn+"us-east-1")
		actions = append(actions, *a.ActionName)
	}
	same(t, "actions", strings.Join(actions, " "), "DeleteUser ListRoles ListUsers")
	if unused < 100 {
		t.Errorf("only %d unused actions", unused)
	}
}

// TestLastAccessedPages: an administrator's report is paged, every service once.
func TestLastAccessedPages(t *testing.T) {
	root := newWorld(t).account(t)
	job, err := root.IAM.GenerateServiceLastAccessedDetails(t.Context(), &iam.GenerateServiceLastAccessedDetailsInput{
		Arn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &iam.GetServiceLastAccessedDetailsInput{JobId: job.JobId, MaxItems: aws.Int32(150)}
	last, n := "", 0
	for more := true; more; {
		out, err := root.IAM.GetServiceLastAccessedDetails(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.ServicesLastAccessed {
			if *s.ServiceNamespace <= last {
				t.Fatalf("%s after %s", *s.ServiceNamespace, last)
			}
			last, n = *s.ServiceNamespace, n+1
		}
		more, in.Marker = out.IsTruncated, out.Marker
	}
	if n < 300 {
		t.Errorf("an administrator has %d services", n)
	}
	another, err := root.IAM.GenerateServiceLastAccessedDetails(t.Context(), &iam.GenerateServiceLastAccessedDetailsInput{
		Arn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
	})
	if err != nil {
		t.Fatal(err)
	}
	in.Marker = nil
	first, err := root.IAM.GetServiceLastAccessedDetails(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = root.IAM.GetServiceLastAccessedDetails(t.Context(), &iam.GetServiceLastAccessedDetailsInput{JobId: another.JobId, Marker: first.Marker})
	wantError(t, "another job's marker", err, "InvalidInput", "The marker passed in the request was invalid.")
	for arn, want := range map[string]string{
		"arn:aws:iam::" + root.Account + ":user/Nobody":       "NoSuchEntity: ARN arn:aws:iam::" + root.Account + ":user/Nobody does not exist.",
		"arn:aws:iam::" + root.Account + ":policy/None":       "NoSuchEntity: ARN arn:aws:iam::" + root.Account + ":policy/None does not exist.",
		"arn:aws:iam::" + root.Account + ":user/:policy/None": "NoSuchEntity: ARN arn:aws:iam::" + root.Account + ":user/:policy/None does not exist.",
		"arn:aws:iam::" + root.Account + ":root":              "InvalidInput: Invalid Entity Arn: arn:aws:iam::" + root.Account + ":root is not supported.",
		"arn:aws:s3::" + root.Account + ":user/Nobody":        "ValidationError: Invalid service in ARN",
		"arn:aws:iam::999999999999:user/Nobody": "AccessDenied: User: arn:aws:iam::" + root.Account +
			":root is not authorized to perform the operation on arn:aws:iam::999999999999:user/Nobody",
	} {
		_, err := lastAccessed(t.Context(), root, arn, "")
		code, message := apiError(err)
		same(t, arn, code+": "+message, want)
	}
}

// TestLastAccessedOfOddPath: a user whose path reads like a policy is a user, to
// who may ask and in what is reported.
func TestLastAccessedOfOddPath(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	made, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Odd"), Path: aws.String("/a:policy/b/")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{
		UserName: aws.String("Odd"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonSQSFullAccess"),
	}); err != nil {
		t.Fatal(err)
	}
	arn := *made.User.Arn
	caller := w.caller(t, root, statement{Effect: "Allow", Action: "iam:GenerateServiceLastAccessedDetails", Resource: arn}, statement{Effect: "Allow", Action: "iam:GetServiceLastAccessedDetails", Resource: "*"})
	for who, c := range map[string]*clients{"root": root, "who may ask about it": caller} {
		out, err := lastAccessed(ctx, c, arn, "")
		if err != nil {
			t.Errorf("%s: %v", who, err)
			continue
		}
		same(t, who, services(out), services(mustAccessed(t, root, "arn:aws:iam::aws:policy/AmazonSQSFullAccess")))
	}
	other := strings.TrimSuffix(arn, "Odd") + "Other"
	_, err = lastAccessed(ctx, caller, other, "")
	wantError(t, "about another", err, "AccessDenied", "is not authorized to perform: iam:GenerateServiceLastAccessedDetails on resource: "+other+" because")
}

func mustAccessed(t *testing.T, c *clients, arn string) *iam.GetServiceLastAccessedDetailsOutput {
	t.Helper()
	out, err := lastAccessed(t.Context(), c, arn, "")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLastAccessedIsQuick: a report keeps the account's other writers waiting,
// whatever patterns its policies are made of.
func TestLastAccessedIsQuick(t *testing.T) {
	root, ctx := newWorld(t).account(t), t.Context()
	user, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Bob")})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		var actions []string
		for j := range 550 {
			actions = append(actions, fmt.Sprintf(`"*:%c%c9?"`, 'a'+j%26, 'a'+j/26))
		}
		p, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: aws.String(fmt.Sprint("P", i)), PolicyDocument: aws.String(strings.ReplaceAll(allow("-", "*"), `"-"`, "["+strings.Join(actions, ",")+"]")),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("Bob"), PolicyArn: p.Policy.Arn}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := lastAccessed(ctx, root, *user.User.Arn, "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "services", services(out), "")
}
