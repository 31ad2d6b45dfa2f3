package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// keyed is a policy that refers to a key in a condition and to one in its
// resource.
func keyed(key, variable string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${` + variable +
		`}","Condition":{"StringEquals":{"` + key + `":"x"}}}}`
}

func contextKeyCases() []actionCase {
	bob := "arn:aws:iam::«ACCOUNT»:user/Bob"
	return []actionCase{
		{
			action: "GetContextKeysForCustomPolicy",
			grants: []grant{{"iam:GetContextKeysForCustomPolicy", "*"}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetContextKeysForCustomPolicy(ctx, &iam.GetContextKeysForCustomPolicyInput{
					PolicyInputList: []string{keyed("aws:CurrentTime", "aws:username")},
				})
				if err == nil {
					made["keys"] = strings.Join(out.ContextKeyNames, " ")
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the keys", made["keys"], "aws:username aws:CurrentTime")
				// Those are the keys that a simulation misses.
				out, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
					PolicyInputList: []string{keyed("key:a", "aws:username")}, ActionNames: []string{"s3:GetObject"},
				})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "missing", strings.Join(out.EvaluationResults[0].MissingContextValues, " "), "aws:username")
			},
		},
		{
			action: "GetContextKeysForPrincipalPolicy", setup: makeBob,
			grants: []grant{{"iam:GetContextKeysForPrincipalPolicy", bob}},
			key:    "iam:ResourceTag/team", holds: "blue", other: "red",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetContextKeysForPrincipalPolicy(ctx, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: aws.String(made["bob"])})
				if err == nil {
					made["keys"] = strings.Join(out.ContextKeyNames, " ")
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "no keys", made["keys"], "")
				if _, err := root.IAM.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
					UserName: aws.String("Bob"), PolicyName: aws.String("ExamplePolicy"), PolicyDocument: aws.String(keyed("key:a", "key:b")),
				}); err != nil {
					t.Fatal(err)
				}
				out, err := root.IAM.GetContextKeysForPrincipalPolicy(t.Context(), &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: aws.String(made["bob"])})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "the keys", strings.Join(out.ContextKeyNames, " "), "key:b key:a")
			},
		},
	}
}

// TestContextKeysOf: a user's keys are its own, those of its groups and its
// boundary and those of the policies that the request brings; a group's and a
// role's are their own.
func TestContextKeysOf(t *testing.T) {
	root, made := newWorld(t).account(t), map[string]string{}
	ctx := t.Context()
	makeBob(t, root, made)
	role := makeRole(t, root, "porter", trusting(root.Account))
	g, err := root.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("Devs")})
	if err != nil {
		t.Fatal(err)
	}
	policies := map[string]*string{}
	for _, name := range []string{"managed", "boundary"} {
		p, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(name), PolicyDocument: aws.String(keyed("key:"+name, "aws:userid"))})
		if err != nil {
			t.Fatal(err)
		}
		policies[name] = p.Policy.Arn
	}
	for _, do := range []func() error{
		func() error {
			_, err := root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
				UserName: aws.String("Bob"), PolicyName: aws.String("own"), PolicyDocument: aws.String(keyed("key:own", "key:variable")),
			})
			return err
		},
		func() error {
			_, err := root.IAM.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
				GroupName: aws.String("Devs"), PolicyName: aws.String("group"), PolicyDocument: aws.String(keyed("key:group", "KEY:OWN")),
			})
			return err
		},
		func() error {
			_, err := root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("porter"), PolicyArn: policies["managed"]})
			return err
		},
		func() error {
			_, err := root.IAM.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("Devs"), UserName: aws.String("Bob")})
			return err
		},
		func() error {
			_, err := root.IAM.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String("Bob"), PermissionsBoundary: policies["boundary"]})
			return err
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		arn   string
		extra []string
		want  string
	}{
		{made["bob"], nil, "key:variable key:own key:group aws:userid key:boundary"},
		{made["bob"], []string{keyed("key:own", "key:more")}, "key:variable key:own key:group aws:userid key:boundary key:more"},
		{*g.Group.Arn, nil, "KEY:OWN key:group"},
		{role, nil, "aws:userid key:managed"},
		{made["bob"] + "x", nil, "NoSuchEntity: Unable to retrieve specified IAM entity."},
		{"this-is-not-an-iam-source-arn", nil, "InvalidInput: Invalid ARN provided in the request: this-is-not-an-iam-source-arn"},
		{"arn:aws:iam::" + root.Account + ":root", nil, "InvalidInput: Invalid ARN provided in the request: arn:aws:iam::" + root.Account + ":root"},
		{"arn:aws:iam::111122223333:user/Bob", nil, "InvalidInput: Invalid Policy Source Arn: caller's account " + root.Account + " does not have access to policies in account 111122223333."},
		{made["bob"], []string{putText, "{"}, "InvalidInput: Policy input list item 2 has invalid content: line 1 column 2: expected a quoted key"},
	} {
		out, err := root.IAM.GetContextKeysForPrincipalPolicy(ctx, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: aws.String(c.arn), PolicyInputList: c.extra})
		got := ""
		if err != nil {
			code, message := apiError(err)
			got = code + ": " + message
		} else {
			got = strings.Join(out.ContextKeyNames, " ")
		}
		same(t, c.arn, got, c.want)
	}
}

// TestContextKeysFor: what AWS answers for documents of each kind, also for one
// that could not be attached.
func TestContextKeysFor(t *testing.T) {
	root := newWorld(t).account(t)
	conditioned := func(rest string) string {
		return `{"Version":"2012-10-17","Statement":{` + rest + `,"Condition":{"StringEquals":{"aws:username":"a"}}}}`
	}
	for text, want := range map[string]string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:PrincipalTag/Team}/${aws:username}",` +
			`"Condition":{"StringEquals":{"s3:ExistingObjectTag/Owner":"${aws:PrincipalTag/Team}"},"Null":{"AWS:SourceIp":"false"}}}}`: "aws:PrincipalTag/Team aws:username s3:ExistingObjectTag/Owner AWS:SourceIp",
		`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}"}}`:                      "",
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::b/${aws:PrincipalTag/project}"}}`:        "aws:PrincipalTag/project",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username, 'd'}/${*}/${?}/${$}"}}`:  "aws:username",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"${aws:username}","Principal":{"AWS":"${aws:userid}"},"Resource":"*"}}`: "",
		conditioned(`"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"`):                                                             "aws:username",
		conditioned(`"Effect":"Allow","Action":"*"`):                                                              "aws:username",
		conditioned(`"Effect":"Allow","Resource":"*"`):                                                            "aws:username",
		conditioned(`"Effect":"Allow","Action":"abc","Resource":"bad"`):                                           "aws:username",
		conditioned(`"Action":"*","Resource":"*"`):                                                                "InvalidInput",
		conditioned(`"Effect":"Allow","Action":"*","Resource":"*","Foo":"x"`):                                     "InvalidInput",
		strings.Replace(conditioned(`"Effect":"Allow","Action":"*","Resource":"*"`), "StringEquals", "MadeUp", 1): "InvalidInput",
		`{"Version":"2099-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`:                     "InvalidInput",
	} {
		out, err := root.IAM.GetContextKeysForCustomPolicy(t.Context(), &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{text}})
		got, _ := apiError(err)
		if err == nil {
			got = strings.Join(out.ContextKeyNames, " ")
		}
		same(t, text, got, want)
	}
	two, err := root.IAM.GetContextKeysForCustomPolicy(t.Context(), &iam.GetContextKeysForCustomPolicyInput{
		PolicyInputList: []string{keyed("key:a", "key:b"), keyed("KEY:B", "key:c")},
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "each once", strings.Join(two.ContextKeyNames, " "), "key:b key:a key:c")
}
