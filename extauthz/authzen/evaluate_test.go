package authzen_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestAsSimulated: a question gets the answer that SimulatePrincipalPolicy gives,
// with the same statements and the same keys missing.
func TestAsSimulated(t *testing.T) {
	w := newWorld(t)
	w.user(t, "ann", "/team/", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::blue/*"},{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"},
		{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::home/${aws:username}/*"},
		{"Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*"},{"Effect":"Allow","Action":"iam:ListUsers","Resource":"arn:aws:iam::*:user/team/*"}`)
	w.user(t, "ben", "/", `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}},
		{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}},
		{"Effect":"Allow","Action":"shop:Order","Resource":"*","Condition":{"NumericLessThan":{"shop:Value":"100"},"ForAllValues:StringEquals":{"shop:Colours":["red","green"]},"Bool":{"shop:Gift":"true"}}}`)
	w.user(t, "cat", "/", `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	w.user(t, "dan", "/", "")
	w.role(t, "clerk", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"*role/clerk"}}}`)
	bound, err := w.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("bound"), PolicyDocument: document(`{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.iam.PutUserPermissionsBoundary(t.Context(), &iam.PutUserPermissionsBoundaryInput{UserName: aws.String("cat"), PermissionsBoundary: bound.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
	type entry struct {
		key, kind string
		value     any
	}
	foreign := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}}`
	contexts := [][]entry{
		nil,
		{{"aws:SourceIp", "ip", "10.1.2.3"}},
		{{"AWS:SourceIP", "ip", "192.168.0.1"}},
		{{"shop:Value", "numeric", 99.5}, {"shop:Colours", "stringList", []any{"red", "green"}}, {"shop:Gift", "boolean", true}},
		{{"shop:Value", "numeric", 100}, {"shop:Colours", "stringList", []any{"red"}}, {"shop:Gift", "boolean", true}},
		{{"aws:ResourceTag/team", "string", "blue"}},
		{{"aws:MultiFactorAuthPresent", "boolean", true}},
	}
	resources := []struct{ arn, policy, owner string }{
		{"arn:aws:s3:::blue/x", "", ""}, {"arn:aws:s3:::home/ann/x", "", ""}, {"arn:aws:s3:::home/ben/x", "", ""}, {"*", "", ""},
		{"arn:aws:s3:::other/x", foreign, "444455556666"}, {"arn:aws:s3:::other/x", "", "444455556666"},
		{"arn:aws:iam::" + account + ":user/team/", "", ""}, {"arn:aws:ec2:eu-west-1:" + account + ":instance/i-1", "", ""},
	}
	n, allowed := 0, 0
	for _, who := range []string{w.users["ann"], w.users["ben"], w.users["cat"], w.users["dan"], w.roles["clerk"]} {
		for _, action := range []string{"s3:GetObject", "s3:DeleteObject", "s3:PutObject", "ec2:DescribeInstances", "iam:ListUsers", "shop:Order", "S3:getobject"} {
			for _, on := range resources {
				for _, ctx := range contexts {
					q := about("aws", who, action, on.arn)
					in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String(who), ActionNames: []string{action}, ResourceArns: []string{on.arn}}
					properties := m{}
					if on.policy != "" {
						in.ResourcePolicy, properties["policy"] = aws.String(on.policy), on.policy
					}
					if on.owner != "" {
						in.ResourceOwner, properties["account"] = aws.String(on.owner), on.owner
					}
					q["resource"].(m)["properties"] = properties
					if on.arn == "*" {
						delete(properties, "account")
					}
					keys := m{}
					for _, e := range ctx {
						keys[e.key] = e.value
						values := []string{fmt.Sprint(e.value)}
						if list, ok := e.value.([]any); ok {
							values = nil
							for _, v := range list {
								values = append(values, fmt.Sprint(v))
							}
						}
						in.ContextEntries = append(in.ContextEntries, types.ContextEntry{ContextKeyName: aws.String(e.key), ContextKeyType: types.ContextKeyTypeEnum(e.kind), ContextKeyValues: values})
					}
					q["context"] = keys
					a := w.ask(t, w.root, evaluation, marshal(t, q))
					out, err := w.iam.SimulatePrincipalPolicy(t.Context(), in)
					if err != nil {
						t.Fatal(err)
					}
					want := out.EvaluationResults[0]
					got, _ := a.object(t)["context"].(map[string]any)
					what := fmt.Sprintf("%s %s on %s with %v", who, action, on.arn, ctx)
					if kind := string(want.EvalDecision); got["decision_type"] != kind || a.decision(t) != (kind == "allowed") {
						t.Fatalf("%s: %s, want %s", what, a.body, kind)
					}
					matched, _ := got["matched_statements"].([]any)
					if len(matched) != len(want.MatchedStatements) {
						t.Fatalf("%s: %d statements, want %d: %s", what, len(matched), len(want.MatchedStatements), a.body)
					}
					var missing []string
					for _, k := range anyList(got["missing_context_keys"]) {
						missing = append(missing, k.(string))
					}
					slices.Sort(missing)
					slices.Sort(want.MissingContextValues)
					if strings.Join(missing, " ") != strings.Join(want.MissingContextValues, " ") {
						t.Fatalf("%s: missing %v, want %v", what, missing, want.MissingContextValues)
					}
					if n++; a.decision(t) {
						allowed++
					} else if sentence := "User: " + who + " is not authorized to perform: " + action + " on resource: " + on.arn + " "; !strings.HasPrefix(a.reason(t), sentence) {
						t.Fatalf("%s: %s", what, a.reason(t))
					}
				}
			}
		}
	}
	if allowed < n/20 || allowed > n/2 {
		t.Errorf("%d of %d allowed: the table is of one colour", allowed, n)
	}
}

func anyList(v any) []any {
	list, _ := v.([]any)
	return list
}

// TestSubjects: each kind by its ARN and its unique id, and by no other kind.
func TestSubjects(t *testing.T) {
	w := newWorld(t)
	all := `{"Effect":"Allow","Action":"shop:*","Resource":"*"}`
	ann, clerk := w.user(t, "ann", "/", all), w.role(t, "clerk", all)
	u, err := w.iam.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("ann")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("clerk")})
	if err != nil {
		t.Fatal(err)
	}
	root := "arn:aws:iam::" + account + ":root"
	ids := map[string][]string{
		"user": {ann, *u.User.UserId}, "role": {clerk, *r.Role.RoleId}, "root": {root, account},
		"": {"ann", "arn:aws:iam::" + account + ":user/x", "arn:aws:sts::" + account + ":assumed-role/clerk/s", "", "arn:", "*", strings.ToLower(*u.User.UserId), "arn:aws:iam::" + account + ":user/x/ann"},
	}
	for kind, list := range ids {
		for _, id := range list {
			for _, asked := range []string{"user", "role", "root", "aws"} {
				a := w.ask(t, w.root, evaluation, marshal(t, about(asked, id, "shop:Order", "arn:aws:shop:::1")))
				if a.status == 403 && (id == "arn:" || id == "*") {
					continue // of no account
				}
				want := kind != "" && (asked == kind || asked == "aws")
				if a.decision(t) != want || !want && a.reason(t) == "" {
					t.Errorf("%s %q: %s", asked, id, a.body)
				}
			}
		}
	}
}
