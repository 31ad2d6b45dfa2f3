package policy_test

import (
	"errors"
	"fmt"
	"strings"

	"iamd/policy"
)

// A server that keeps files for its users: who may read what is said by a policy attached to each user, and the request
// says who calls, from where, and for which file.
func Example() {
	doc, err := policy.Parse([]byte(`{
	  "Version": "2012-10-17",
	  "Statement": [
	    {
	      "Effect": "Allow",
	      "Action": "files:Get*",
	      "Resource": "arn:aws:files:::home/${aws:username}/*"
	    },
	    {
	      "Effect": "Deny",
	      "Action": "*",
	      "Resource": "*",
	      "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
	    }
	  ]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := policy.Check(doc, policy.Identity, policy.CheckOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	// Compile once, when the policy is written; decide as often as there are requests.
	policies := &policy.Policies{Identity: []policy.Attached{{
		ID:     "arn:aws:iam::111122223333:policy/Home",
		Policy: policy.Compile(doc, policy.CompileOptions{}),
	}}}

	ask := func(resource, from string) {
		var ctx policy.Context
		ctx.Set("aws:username", "alice")
		ctx.Set("aws:SourceIp", from)
		req := &policy.Request{
			Principal: policy.Principal{
				Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice",
			},
			Action:   "files:GetFile",
			Resource: resource,
			Context:  &ctx,
		}
		d := policy.Decide(req, policies)
		if d.Allowed {
			fmt.Println("allowed")
		} else {
			fmt.Println("denied", d.Reason(req.Action))
		}
	}
	ask("arn:aws:files:::home/alice/notes.txt", "203.0.113.7")
	ask("arn:aws:files:::home/bob/notes.txt", "203.0.113.7")
	ask("arn:aws:files:::home/alice/notes.txt", "198.51.100.1")
	// Output:
	// allowed
	// denied because no identity-based policy allows the files:GetFile action
	// denied with an explicit deny in an identity-based policy
}

// An error says where in the document, and how AWS puts it.
func ExampleParse() {
	_, err := policy.Parse([]byte(`{
	  "Version": "2012-10-17",
	  "Statement": [{"Effect": "Allow", "Actions": "s3:GetObject", "Resource": "*"}]
	}`))
	fmt.Println(err)
	var unread *policy.ParseError
	if errors.As(err, &unread) {
		fmt.Println(unread.Line, unread.Column, unread.Malformed(policy.Identity).Message)
	}
	// Output:
	// policy: line 3 column 38: a statement has no element "Actions"
	// 3 38 Syntax errors in policy.
}

// What a policy may say depends on where it is attached.
func ExampleCheck() {
	doc, err := policy.Parse([]byte(`{
	  "Version": "2012-10-17",
	  "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(policy.Check(doc, policy.Trust, policy.CheckOptions{}))
	var refused *policy.Malformed
	if errors.As(policy.Check(doc, policy.Identity, policy.CheckOptions{}), &refused) {
		fmt.Println(refused.Message)
	}
	// Output:
	// <nil>
	// Policy document should not specify a principal.
}

// A resource of another account: the caller's policies and the resource's own are asked apart, and both must allow.
func ExampleDecide_crossAccount() {
	compile := func(src string) *policy.Compiled {
		doc, err := policy.Parse([]byte(src))
		if err != nil {
			panic(err)
		}
		return policy.Compile(doc, policy.CompileOptions{})
	}
	req := &policy.Request{
		Principal:       policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice"},
		Action:          "execute-api:Invoke",
		Resource:        "arn:aws:execute-api:eu-west-1:444455556666:orders/prod/GET/orders",
		ResourceAccount: "444455556666",
	}
	p := &policy.Policies{Identity: []policy.Attached{{ID: "Invoke", Policy: compile(
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}}`)}}}
	fmt.Println(policy.Decide(req, p).Allowed)
	p.Resource = []policy.Attached{{ID: "orders", Policy: compile(
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
		  "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*"}}`)}}
	fmt.Println(policy.Decide(req, p).Allowed)
	// Output:
	// false
	// true
}

// Why was it denied? Every statement, with the element that settled it, and the condition keys that were asked for in
// vain.
func ExampleExplain() {
	doc, err := policy.Parse([]byte(`{
	  "Version": "2012-10-17",
	  "Statement": [
	    {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/*"},
	    {"Sid": "Write", "Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::reports/*",
	     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
	  ]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	e := policy.Explain(&policy.Request{
		Principal: policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice"},
		Action:    "s3:PutObject",
		Resource:  "arn:aws:s3:::reports/2026.csv",
	}, &policy.Policies{Identity: []policy.Attached{{ID: "Reports", Policy: policy.Compile(doc, policy.CompileOptions{})}}})
	fmt.Println(e.Allowed, e.Reason)
	for _, s := range e.Types[0].Statements {
		fmt.Println(s.SID, s.Matched, s.Element)
	}
	fmt.Println("missing:", strings.Join(e.MissingContextKeys, ", "))
	// Output:
	// false because no identity-based policy allows the s3:PutObject action
	// Read false Action
	// Write false Condition
	// missing: aws:MultiFactorAuthPresent
}

// A Context can serve one request after another without making garbage.
func ExampleContext() {
	var ctx policy.Context
	ctx.Set("aws:RequestTag/team", "blue")
	ctx.SetList("aws:TagKeys", "team", "stage")
	values, many, ok := ctx.Get("AWS:TagKeys")
	fmt.Println(values, many, ok)
	ctx.Reset()
	fmt.Println(ctx.Keys())
	// Output:
	// [team stage] true true
	// []
}
