package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// putText is the policy of AWS's recorded answers: its statement lies at line 1,
// columns 41 to 113.
const putText = `{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}`

// recorded is AWS's answer to s3:PutObject and s3:GetObjectVersion on a bucket
// for an entity that has putText under a name.
func recorded(source string) string {
	return strings.ReplaceAll(`s3:PutObject arn:aws:s3:::bucket allowed details={} SOURCE[IAM Policy]1:41-1:113 missing=[] org=true boundary=nil
 arn:aws:s3:::bucket allowed SOURCE[IAM Policy]1:41-1:113 missing=[]
s3:GetObjectVersion arn:aws:s3:::bucket implicitDeny details={} missing=[] org=true boundary=nil
 arn:aws:s3:::bucket implicitDeny missing=[]
`, "SOURCE", source)
}

// written writes every member of results.
func written(results []types.EvaluationResult) string {
	var b strings.Builder
	statements := func(list []types.Statement) {
		if list == nil {
			b.WriteString(" no-list")
		}
		for _, s := range list {
			fmt.Fprintf(&b, " %s[%s]%d:%d-%d:%d", *s.SourcePolicyId, s.SourcePolicyType,
				s.StartPosition.Line, s.StartPosition.Column, s.EndPosition.Line, s.EndPosition.Column)
		}
	}
	missing := func(list []string) {
		if list == nil {
			b.WriteString(" missing=nil")
			return
		}
		fmt.Fprintf(&b, " missing=%v", list)
	}
	details := func(m map[string]types.PolicyEvaluationDecisionType) {
		if m == nil {
			return
		}
		fmt.Fprintf(&b, " details={%s}", strings.TrimPrefix(strings.TrimSuffix(fmt.Sprint(m), "]"), "map["))
	}
	for _, r := range results {
		fmt.Fprintf(&b, "%s %s %s", *r.EvalActionName, *r.EvalResourceName, r.EvalDecision)
		details(r.EvalDecisionDetails)
		statements(r.MatchedStatements)
		missing(r.MissingContextValues)
		org, boundary := "nil", "nil"
		if d := r.OrganizationsDecisionDetail; d != nil {
			org = fmt.Sprint(d.AllowedByOrganizations)
		}
		if d := r.PermissionsBoundaryDecisionDetail; d != nil {
			boundary = fmt.Sprint(d.AllowedByPermissionsBoundary)
		}
		fmt.Fprintf(&b, " org=%s boundary=%s\n", org, boundary)
		for _, s := range r.ResourceSpecificResults {
			fmt.Fprintf(&b, " %s %s", *s.EvalResourceName, s.EvalResourceDecision)
			details(s.EvalDecisionDetails)
			statements(s.MatchedStatements)
			missing(s.MissingContextValues)
			if d := s.PermissionsBoundaryDecisionDetail; d != nil {
				fmt.Fprintf(&b, " boundary=%v", d.AllowedByPermissionsBoundary)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// makeBob makes the user Bob, tagged team=blue, with putText inline.
func makeBob(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	u, err := root.IAM.CreateUser(t.Context(), &iam.CreateUserInput{
		UserName: aws.String("Bob"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	made["bob"] = *u.User.Arn
	if _, err := root.IAM.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
		UserName: aws.String("Bob"), PolicyName: aws.String("ExamplePolicy"), PolicyDocument: aws.String(putText),
	}); err != nil {
		t.Fatal(err)
	}
}

func simulateBob(ctx context.Context, c *clients, made map[string]string) ([]types.EvaluationResult, error) {
	out, err := c.IAM.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String(made["bob"]), ActionNames: []string{"s3:PutObject", "s3:GetObjectVersion"},
		ResourceArns: []string{"arn:aws:s3:::bucket"},
	})
	if err != nil {
		return nil, err
	}
	return out.EvaluationResults, nil
}

func simulateCases() []actionCase {
	bob := "arn:aws:iam::«ACCOUNT»:user/Bob"
	return []actionCase{
		{
			action: "SimulatePrincipalPolicy", setup: makeBob,
			grants: []grant{{"iam:SimulatePrincipalPolicy", bob}},
			key:    "iam:ResourceTag/team", holds: "blue", other: "red",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				results, err := simulateBob(ctx, c, made)
				made["answer"] = written(results)
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the answer", made["answer"], recorded("user_Bob_ExamplePolicy"))
				// It was the policy that spoke: without it the answer is another.
				if _, err := root.IAM.DeleteUserPolicy(t.Context(), &iam.DeleteUserPolicyInput{
					UserName: aws.String("Bob"), PolicyName: aws.String("ExamplePolicy"),
				}); err != nil {
					t.Fatal(err)
				}
				results, err := simulateBob(t.Context(), root, made)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "the decision without the policy", results[0].EvalDecision, types.PolicyEvaluationDecisionTypeImplicitDeny)
			},
		},
		{
			action: "SimulateCustomPolicy",
			grants: []grant{{"iam:SimulateCustomPolicy", "*"}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.SimulateCustomPolicy(ctx, &iam.SimulateCustomPolicyInput{
					PolicyInputList: []string{putText}, ActionNames: []string{"s3:PutObject", "s3:GetObjectVersion"},
					ResourceArns: []string{"arn:aws:s3:::bucket"},
				})
				if err == nil {
					made["answer"] = written(out.EvaluationResults)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the answer", made["answer"], strings.ReplaceAll(recorded("PolicyInputList.1"), "org=true", "org=nil"))
				// What a user with the same policy may is the same.
				makeBob(t, root, made)
				results, err := simulateBob(t.Context(), root, made)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "the decision for a user", results[0].EvalDecision, types.PolicyEvaluationDecisionTypeAllowed)
			},
		},
	}
}

// TestSimulateRecorded: AWS's recorded answers for a role, a group and a user
// with a managed policy.
func TestSimulateRecorded(t *testing.T) {
	root, ctx := newWorld(t).account(t), t.Context()
	p, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("Put"), PolicyDocument: aws.String(putText)})
	if err != nil {
		t.Fatal(err)
	}
	u, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Bob")})
	if err != nil {
		t.Fatal(err)
	}
	g, err := root.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("Devs")})
	if err != nil {
		t.Fatal(err)
	}
	role := makeRole(t, root, "porter", trusting(root.Account))
	for _, attach := range []func() error{
		func() error {
			_, err := root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("Bob"), PolicyArn: p.Policy.Arn})
			return err
		},
		func() error {
			_, err := root.IAM.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("Devs"), PolicyArn: p.Policy.Arn})
			return err
		},
		func() error {
			_, err := root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("porter"), PolicyArn: p.Policy.Arn})
			return err
		},
	} {
		if err := attach(); err != nil {
			t.Fatal(err)
		}
	}
	for _, arn := range []string{*u.User.Arn, *g.Group.Arn, role} {
		results, err := simulateBob(ctx, root, map[string]string{"bob": arn})
		if err != nil {
			t.Fatal(err)
		}
		same(t, arn, written(results), recorded("Put"))
	}
	for arn, want := range map[string]string{
		*u.User.Arn + "x":  "NoSuchEntity: Unable to retrieve specified IAM entity.",
		*g.Group.Arn + "x": "NoSuchEntity: Unable to retrieve specified IAM entity.",
		role + "x":         "NoSuchEntity: Unable to retrieve specified IAM entity.",
		"arn:aws:sts::111122223333:assumed-role/a/b": "InvalidInput: Invalid ARN provided in the request: arn:aws:sts::111122223333:assumed-role/a/b",
		"arn:aws:iam::111122223333:user/Bob":         "InvalidInput: Invalid Policy Source Arn: caller's account " + root.Account + " does not have access to policies in account 111122223333.",
	} {
		_, err := simulateBob(ctx, root, map[string]string{"bob": arn})
		code, message := apiError(err)
		same(t, arn, code+": "+message, want)
	}
}

// TestSimulateWithout: a simulation can leave out policies that the entity has.
func TestSimulateWithout(t *testing.T) {
	root, made := newWorld(t).account(t), map[string]string{}
	makeBob(t, root, made)
	if _, err := root.IAM.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{
		UserName: aws.String("Bob"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonS3FullAccess"),
	}); err != nil {
		t.Fatal(err)
	}
	inline := func(kind types.AttachmentType, entity, name string) types.PolicyIdentifier {
		return &types.PolicyIdentifierMemberInlinePolicyIdentifier{Value: types.InlinePolicyIdentifierType{
			AttachmentType: kind, AttachmentName: aws.String(entity), PolicyName: aws.String(name),
		}}
	}
	arn := func(s string) types.PolicyIdentifier { return &types.PolicyIdentifierMemberPolicyArn{Value: s} }
	kind := func(k types.PolicyIdentifierPolicyType) types.PolicyIdentifier {
		return &types.PolicyIdentifierMemberPolicyType{Value: k}
	}
	for _, c := range []struct {
		without types.PolicyIdentifier
		want    string
	}{
		{kind(types.PolicyIdentifierPolicyTypeInline), "AmazonS3FullAccess"},
		{inline("user", "B*", "ExamplePolicy"), "AmazonS3FullAccess"},
		{inline("group", "B*", "ExamplePolicy"), "user_Bob_ExamplePolicy AmazonS3FullAccess"},
		{inline("user", "Bo", "ExamplePolicy"), "user_Bob_ExamplePolicy AmazonS3FullAccess"},
		{kind(types.PolicyIdentifierPolicyTypeAwsManaged), "user_Bob_ExamplePolicy"},
		{kind(types.PolicyIdentifierPolicyTypeUserManaged), "user_Bob_ExamplePolicy AmazonS3FullAccess"},
		{arn("arn:aws:iam::aws:policy/AmazonS3*"), "user_Bob_ExamplePolicy"},
		{arn("arn:aws:iam::aws:policy/AmazonS3F*A*"), "InvalidInput"},
		{inline("user", "B*b*", "ExamplePolicy"), "InvalidInput"},
		{arn("arn:aws:iam::*:policy/AmazonS3FullAccess"), "InvalidInput"},
		{arn("arn:aws:iam::aws:policy/"), "InvalidInput"},
		{arn("arn:aws:organizations::111122223333:policy/o-abc/service_control_policy/p-abc"), "user_Bob_ExamplePolicy AmazonS3FullAccess"},
		{kind(types.PolicyIdentifierPolicyTypeScp), "user_Bob_ExamplePolicy AmazonS3FullAccess"},
		{kind(types.PolicyIdentifierPolicyTypeRcp), "user_Bob_ExamplePolicy AmazonS3FullAccess"},
	} {
		out, err := root.IAM.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: aws.String(made["bob"]), ActionNames: []string{"s3:PutObject"},
			PolicyExclusionList: []types.PolicyIdentifier{c.without},
		})
		got, _ := apiError(err)
		if err == nil {
			var ids []string
			for _, s := range out.EvaluationResults[0].MatchedStatements {
				ids = append(ids, *s.SourcePolicyId)
			}
			got = strings.Join(ids, " ")
		}
		same(t, fmt.Sprintf("without %#v", c.without), got, c.want)
	}
}
