package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// entitiesText writes who could use a service, with a star who did.
func entitiesText(list []types.EntityDetails) string {
	var all []string
	for _, d := range list {
		text := string(d.EntityInfo.Type) + " " + *d.EntityInfo.Path + *d.EntityInfo.Name
		if d.LastAuthenticated != nil {
			text += "*"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func withEntities(ctx context.Context, c *clients, job *string, service string) (*iam.GetServiceLastAccessedDetailsWithEntitiesOutput, error) {
	return c.IAM.GetServiceLastAccessedDetailsWithEntities(ctx, &iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: aws.String(service)})
}

func lastAccessedEntitiesCases() []actionCase {
	var admin *clients // of the case that runs: only who asks for a report may read it
	return []actionCase{{
		action: "GetServiceLastAccessedDetailsWithEntities",
		setup: func(t *testing.T, root *clients, made map[string]string) {
			makeBob(t, root, made)
			admin = root
		},
		grants: []grant{{"iam:GetServiceLastAccessedDetailsWithEntities", "*"}},
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			job, err := callersJob(ctx, admin, c, made["bob"])
			if err != nil {
				return err
			}
			out, err := withEntities(ctx, c, job, "s3")
			if err == nil {
				made["answer"] = string(out.JobStatus) + " " + *out.EntityDetailsList[0].EntityInfo.Id + " " + *out.EntityDetailsList[0].EntityInfo.Arn
			}
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			same(t, "the answer", made["answer"], "COMPLETED "+aws.ToString(getUser(t, root, "Bob").UserId)+" "+made["bob"])
		},
	}}
}

// TestLastAccessedEntities: who could use a service by a policy, those who did
// before the others, page by page, and without who is gone.
func TestLastAccessedEntities(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	made := map[string]string{}
	makeEntities(t, root, made)
	makeBob(t, root, made)
	caller := w.caller(t, root, statement{"Allow", "iam:ListUsers", "*", nil})
	p, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("Shared"), PolicyDocument: aws.String(allow("iam:*", "*"))})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Bob", "caller"} {
		if _, err := root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String(name), PolicyArn: p.Policy.Arn}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: ink, PolicyArn: p.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
	if _, err := caller.IAM.ListUsers(ctx, &iam.ListUsersInput{}); err != nil {
		t.Fatal(err)
	}
	job := func(arn string) *string {
		out, err := root.IAM.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: aws.String(arn)})
		if err != nil {
			t.Fatal(err)
		}
		return out.JobId
	}
	shared, bobs := job(*p.Policy.Arn), job(made["bob"])
	for _, c := range []struct {
		job           *string
		service, want string
	}{
		{shared, "iam", "USER /caller*, USER /Bob, ROLE /office/Ink"},
		{shared, "s3", ""},
		{bobs, "iam", "USER /Bob"},
		{bobs, "s3", "USER /Bob"},
	} {
		out, err := withEntities(ctx, root, c.job, c.service)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.service, entitiesText(out.EntityDetailsList), c.want)
	}

	in := &iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: shared, ServiceNamespace: aws.String("iam"), MaxItems: aws.Int32(1)}
	first, err := root.IAM.GetServiceLastAccessedDetailsWithEntities(ctx, in)
	if err != nil || !first.IsTruncated {
		t.Fatalf("first page: %v, %v", first, err)
	}
	in.Marker = first.Marker
	second, err := root.IAM.GetServiceLastAccessedDetailsWithEntities(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "pages", entitiesText(first.EntityDetailsList)+"; "+entitiesText(second.EntityDetailsList), "USER /caller*; USER /Bob")
	in.JobId = bobs
	_, err = root.IAM.GetServiceLastAccessedDetailsWithEntities(ctx, in)
	wantError(t, "another job's marker", err, "InvalidInput", "The marker passed in the request was invalid.")

	_, err = withEntities(ctx, root, shared, "S3")
	wantError(t, "no such service", err, "InvalidInput", "Service namepace S3 is either invalid or unsupported.")
	_, err = withEntities(ctx, caller, shared, "iam")
	wantError(t, "another's job", err, "NoSuchEntity", "Job "+*shared+" does not exist.")
	if _, err := root.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: ink, PolicyArn: p.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
	left := func(what, want string) {
		t.Helper()
		out, err := withEntities(ctx, root, shared, "iam")
		if err != nil {
			t.Fatal(err)
		}
		same(t, what, entitiesText(out.EntityDetailsList), want)
	}
	left("after a detachment", "USER /caller*, USER /Bob, ROLE /office/Ink")
	if _, err := root.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: ink}); err != nil {
		t.Fatal(err)
	}
	left("after a deletion", "USER /caller*, USER /Bob")
}
