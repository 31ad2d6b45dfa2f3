package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

// denied shows a call of an AWS action that must be refused.
func (d *demo) denied(what string, err error, code, words string) {
	var e smithy.APIError
	if !errors.As(err, &e) {
		d.refused(false, what, fmt.Sprint("came through: ", err))
		return
	}
	d.refused(e.ErrorCode() == code && strings.Contains(e.ErrorMessage(), words), what, e.ErrorCode()+": "+e.ErrorMessage())
}

// verify asks what the policies say, as the user, who may look but not change.
func (d *demo) verify(ctx context.Context) error {
	d.title("Verify it as the user, who may look and change nothing")
	name, inline := user, "Assume"+strings.TrimPrefix(d.roleARN, "arn:aws:iam::"+d.account+":role/")
	_, err := d.user.iam.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &name, PolicyName: &inline})
	d.allowed(err == nil, "get-user-policy", said(err, inline))
	attached, err := d.user.iam.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: &name})
	var names []string
	if err == nil {
		for _, p := range attached.AttachedPolicies {
			names = append(names, aws.ToString(p.PolicyName))
		}
	}
	d.allowed(len(names) == 1, "list-attached-user-policies", said(err, strings.Join(names, ", ")))
	for _, q := range []struct{ who, arn, want string }{
		{"the role", d.roleARN, "allowed"},
		{"the user", "arn:aws:iam::" + d.account + ":user/" + user, "implicitDeny"},
	} {
		decision := ""
		got, err := d.user.iam.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: &q.arn, ActionNames: []string{"execute-api:Invoke"}, ResourceArns: []string{d.resource()},
		})
		if err == nil && len(got.EvaluationResults) == 1 {
			r := got.EvaluationResults[0]
			decision = string(r.EvalDecision)
			for _, m := range r.MatchedStatements {
				decision += fmt.Sprintf(", by policy %s, line %d", aws.ToString(m.SourcePolicyId), m.StartPosition.Line)
			}
		}
		d.allowed(strings.HasPrefix(decision, q.want), "simulate-principal-policy", said(err, "execute-api:Invoke for "+q.who+": "+decision))
	}
	_, err = d.user.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("mallory")})
	d.denied("create-user", err, "AccessDenied", "is not authorized to perform: iam:CreateUser on resource: ")
	return nil
}

// report reads the credential report and last accessed details: what was really
// done.
func (d *demo) report(ctx context.Context) error {
	d.title("What was really done")
	state := types.ReportStateTypeStarted
	for range 3 {
		got, err := d.user.iam.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		if err != nil {
			return fmt.Errorf("GenerateCredentialReport: %w", err)
		}
		state = got.State
	}
	row := ""
	got, err := d.user.iam.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	if err == nil {
		rows, _ := csv.NewReader(strings.NewReader(string(got.Content))).ReadAll() // no rows, no row
		for _, r := range rows {
			if len(r) > 12 && r[0] == user {
				row = fmt.Sprintf("%s: key 1 active %s, used in %s with %s", user, r[8], r[11], r[12])
			}
		}
	}
	d.allowed(state == types.ReportStateTypeComplete && row != "", "get-credential-report", said(err, row))

	job, err := d.user.iam.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: &d.roleARN})
	if err != nil {
		return fmt.Errorf("GenerateServiceLastAccessedDetails: %w", err)
	}
	used := ""
	details, err := d.user.iam.GetServiceLastAccessedDetails(ctx, &iam.GetServiceLastAccessedDetailsInput{JobId: job.JobId})
	if err == nil {
		for _, s := range details.ServicesLastAccessed {
			if s.LastAuthenticated != nil && aws.ToString(s.ServiceNamespace) == "execute-api" {
				used = fmt.Sprintf("execute-api, at %s, by %s", s.LastAuthenticated.Local().Format("15:04:05"), aws.ToString(s.LastAuthenticatedEntity))
			}
		}
	}
	d.allowed(used != "", "service last accessed", said(err, used))
	return nil
}

// said is what a call answered, or why it did not.
func said(err error, answer string) string {
	if err != nil {
		return err.Error()
	}
	return answer
}

func (d *demo) resource() string {
	return "arn:aws:execute-api:" + region + ":" + d.account + ":orders/prod/GET" + orders
}
