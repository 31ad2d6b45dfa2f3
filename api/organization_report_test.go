package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

func organizationReportCases() []actionCase {
	var admin *clients // of the case that runs: only who asks for a report may read it
	return []actionCase{
		{
			action: "GenerateOrganizationsAccessReport", setup: withControlledUnit,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{
					EntityPath: aws.String(made["path"]), OrganizationsPolicyId: aws.String(made["policy"]),
				})
				if err == nil {
					made["job"] = *out.JobId
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "length of the job's id", len(made["job"]), 36)
				_, err := root.IAM.GetOrganizationsAccessReport(t.Context(), &iam.GetOrganizationsAccessReportInput{JobId: aws.String(made["job"])})
				wantError(t, "another's job", err, "NoSuchEntity", "Job "+made["job"]+" does not exist.")
			},
			grants: []grant{{"iam:GenerateOrganizationsAccessReport", "arn:aws:iam::«ACCOUNT»:access-report/«path»"}},
		},
		{
			action: "GenerateOrganizationsAccessReport",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				withControlledUnit(t, root, made)
				made["fixed"] = "p-FullAWSAccess"
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{
					EntityPath: aws.String(made["path"]), OrganizationsPolicyId: aws.String(made["fixed"]),
				})
				return err
			},
			effect: func(*testing.T, *clients, map[string]string) {},
			grants: []grant{{"iam:GenerateOrganizationsAccessReport", "arn:aws:iam::«ACCOUNT»:access-report/«path»"}},
			key:    "iam:OrganizationsPolicyId", holds: "p-FullAWSAccess", other: "p-another00",
		},
		{
			action: "GetOrganizationsAccessReport",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				withControlledUnit(t, root, made)
				admin = root
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				id, err := callersReport(ctx, admin, c, made["path"])
				if err != nil {
					return err
				}
				out, err := c.IAM.GetOrganizationsAccessReport(ctx, &iam.GetOrganizationsAccessReportInput{JobId: id})
				if err == nil {
					made["answer"] = string(out.JobStatus)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the answer", made["answer"], "FAILED") // the caller may not read the organization
				same(t, "root's", report(t, root, made["path"], made["policy"]), "3, 0 used: iam=0@us-east-1 s3=0 sqs=0")
			},
			grants: []grant{{"iam:GetOrganizationsAccessReport", "*"}},
		},
	}
}

// callersReport lets the caller, for just as long as that takes, ask for a report.
func callersReport(ctx context.Context, root, caller *clients, path string) (*string, error) {
	user, name := aws.String("caller"), aws.String("asking")
	if _, err := root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: user, PolicyName: name, PolicyDocument: aws.String(allow("iam:GenerateOrganizationsAccessReport", "*")),
	}); err != nil {
		return nil, err
	}
	job, err := caller.IAM.GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{EntityPath: aws.String(path)})
	if err != nil {
		return nil, err
	}
	_, err = root.IAM.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: user, PolicyName: name})
	return job.JobId, err
}

// withControlledUnit makes an organization with a unit, to which a policy for three
// services is attached; path leads to the unit.
func withControlledUnit(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	inNewOrganization(t, root, made)
	roots, err := root.Organizations.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	made["root"] = *roots.Roots[0].Id
	unit, err := root.Organizations.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{ParentId: aws.String(made["root"]), Name: aws.String("Ink")})
	if err != nil {
		t.Fatal(err)
	}
	made["unit"], made["path"] = *unit.OrganizationalUnit.Id, made["organization"]+"/"+made["root"]+"/"+*unit.OrganizationalUnit.Id
	made["policy"] = controlPolicy(t, root, `"s3:GetObject","iam:GetUser","sqs:SendMessage"`)
	attachToUnit(t, root, made["policy"], made["unit"])
}

// controlPolicy makes a service control policy that allows these actions.
func controlPolicy(t *testing.T, root *clients, actions string) string {
	t.Helper()
	out, err := root.Organizations.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{
		Name: aws.String("P" + actions[1:3]), Description: aws.String(""), Type: "SERVICE_CONTROL_POLICY",
		Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + actions + `],"Resource":"*"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Policy.PolicySummary.Id
}

func attachToUnit(t *testing.T, root *clients, policy, target string) {
	t.Helper()
	if _, err := root.Organizations.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: aws.String(policy), TargetId: aws.String(target)}); err != nil {
		t.Fatal(err)
	}
}

// generated asks for a report, and for what it says.
func generated(t *testing.T, c *clients, path, policy string) *iam.GetOrganizationsAccessReportOutput {
	t.Helper()
	in := &iam.GenerateOrganizationsAccessReportInput{EntityPath: aws.String(path)}
	if policy != "" {
		in.OrganizationsPolicyId = aws.String(policy)
	}
	job, err := c.IAM.GenerateOrganizationsAccessReport(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.IAM.GetOrganizationsAccessReport(t.Context(), &iam.GetOrganizationsAccessReportInput{JobId: job.JobId, MaxItems: aws.Int32(1000)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// report writes a report: how many services are open and were used, and which; or
// why there is none. Those that were not used are told if they are few.
func report(t *testing.T, c *clients, path, policy string) string {
	t.Helper()
	out := generated(t, c, path, policy)
	if out.JobStatus == "FAILED" {
		if out.AccessDetails != nil || out.NumberOfServicesAccessible != nil {
			t.Errorf("%+v", out)
		}
		return *out.ErrorDetails.Code + ": " + *out.ErrorDetails.Message
	}
	if int(*out.NumberOfServicesAccessible) != len(out.AccessDetails) {
		t.Errorf("%d services, %d told", *out.NumberOfServicesAccessible, len(out.AccessDetails))
	}
	n, missing := len(out.AccessDetails), int(*out.NumberOfServicesNotAccessed)
	all := fmt.Sprint(n)
	if n > 300 {
		all = "all"
	}
	return fmt.Sprintf("%s, %d used: %s", all, n-missing, details(out.AccessDetails, n < 10))
}

func details(list []types.AccessDetail, unused bool) string {
	var texts []string
	for _, d := range list {
		if !unused && d.LastAuthenticatedTime == nil {
			continue
		}
		text := fmt.Sprintf("%s=%d", *d.ServiceNamespace, *d.TotalAuthenticatedEntities)
		if d.Region != nil {
			text += "@" + *d.Region
		}
		if d.EntityPath != nil {
			text += " by " + *d.EntityPath
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}
