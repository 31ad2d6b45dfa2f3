package api_test

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func credentialReport(t *testing.T, root *clients) []map[string]string {
	t.Helper()
	out, err := root.IAM.GetCredentialReport(t.Context(), &iam.GetCredentialReportInput{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "format", out.ReportFormat, types.ReportFormatTypeTextCsv)
	rows, err := csv.NewReader(strings.NewReader(string(out.Content))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		list = append(list, m)
	}
	return list
}

func credentialReportCases() []actionCase {
	return []actionCase{
		{
			action: "GenerateCredentialReport",
			grants: []grant{{"iam:GenerateCredentialReport", "*"}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
				if err == nil {
					made["first"] = string(out.State) + " " + aws.ToString(out.Description)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "first answer", made["first"], "STARTED No report exists. Starting a new report generation task")
				out, err := root.IAM.GenerateCredentialReport(t.Context(), &iam.GenerateCredentialReportInput{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "second answer", string(out.State)+aws.ToString(out.Description), "COMPLETE")
				rows := credentialReport(t, root)
				if len(rows) != 2 {
					t.Fatalf("rows: %v", rows)
				}
				same(t, "the root user", rows[0]["user"], "<root_account>")
				same(t, "its key", rows[0]["access_key_1_active"], "true")
				same(t, "the user", rows[1]["arn"], "arn:aws:iam::"+root.Account+":user/caller")
				same(t, "its key's last service", rows[1]["access_key_1_last_used_service"], "iam")
				same(t, "its key's last region", rows[1]["access_key_1_last_used_region"], "us-east-1")
			},
		},
		{
			action: "GetCredentialReport",
			setup: func(t *testing.T, root *clients, _ map[string]string) {
				if _, err := root.IAM.GenerateCredentialReport(t.Context(), &iam.GenerateCredentialReportInput{}); err != nil {
					t.Fatal(err)
				}
			},
			grants: []grant{{"iam:GetCredentialReport", "*"}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
				if err == nil {
					made["report"], made["at"] = string(out.Content), out.GeneratedTime.String()
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				// A report is as it was made, whatever happened since.
				again, err := root.IAM.GenerateCredentialReport(t.Context(), &iam.GenerateCredentialReportInput{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "state", again.State, types.ReportStateTypeComplete)
				if strings.Contains(made["report"], "user/caller") || !strings.Contains(made["report"], ":root,") {
					t.Errorf("the report is not from before the caller was made:\n%s", made["report"])
				}
			},
		},
	}
}

func TestNoCredentialReport(t *testing.T) {
	root := newWorld(t).account(t)
	_, err := root.IAM.GetCredentialReport(t.Context(), &iam.GetCredentialReportInput{})
	if code, _ := apiError(err); code != "ReportNotPresent" {
		t.Errorf("without a report: %v", err)
	}
	same(t, "status", statusOf(err), 410)
}
