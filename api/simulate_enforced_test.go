package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestSimulateAsEnforced: what the simulator says of a user is what happens to
// the user. Each set of policies is attached, the requests are made with the
// user's key, and then simulated.
func TestSimulateAsEnforced(t *testing.T) {
	w := newWorld(t)
	const all = `{"Effect":"Allow","Action":"iam:*","Resource":"*"}`
	for name, c := range map[string]struct {
		inline, group, managed, boundary string // statements; none: no such policy
	}{
		"nothing":            {},
		"everything":         {inline: all},
		"one action":         {inline: `{"Effect":"Allow","Action":"iam:getuser","Resource":"*"}`},
		"a pattern":          {inline: `{"Effect":"Allow","Action":"iam:?et*","Resource":"*"}`},
		"all but one":        {inline: `{"Effect":"Allow","NotAction":"iam:CreateGroup","Resource":"*"}`},
		"one resource":       {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/blue/*"}`},
		"oneself":            {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}`},
		"all but a resource": {inline: `{"Effect":"Allow","Action":"iam:*","NotResource":"arn:aws:iam::*:user/caller"}`},
		"a tag":              {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/team":"blue"}}}`},
		"no tag":             {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/team":"true"}}}`},
		"an address":         {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}`},
		"another address":    {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}`},
		"a secure line":      {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`},
		"no MFA":             {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`},
		"the caller's tag":   {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"${iam:ResourceTag/team}"}}}`},
		"a time":             {inline: `{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020"}}}`},
		"a deny":             {inline: all, group: `{"Effect":"Deny","Action":"iam:Get*","Resource":"*"}`},
		"a deny of the rest": {inline: all, group: `{"Effect":"Deny","NotAction":"iam:Get*","Resource":"*"}`},
		"a deny elsewhere":   {inline: all, managed: `{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:user/blue/*","Condition":{"StringEquals":{"iam:ResourceTag/team":"blue"}}}`},
		"a fault":            {inline: all, managed: `{"Effect":"Deny","Action":"iam:Get*","Resource":"*","Condition":{"NumericEquals":{"aws:username":"1"}}}`},
		"of a group":         {group: all},
		"managed":            {managed: all},
		"a boundary":         {inline: all, boundary: `{"Effect":"Allow","Action":"iam:List*","Resource":"*"}`},
		"a boundary's deny":  {inline: all, boundary: all + `,{"Effect":"Deny","Action":"iam:List*","Resource":"*"}`},
		"only a boundary":    {boundary: all},
	} {
		t.Run(name, func(t *testing.T) {
			root := w.account(t)
			var own []statement
			caller := w.caller(t, root, own...)
			e := enforced{caller: caller, root: root, made: map[string]string{}}
			e.prepare(t, c.inline, c.group, c.managed, c.boundary)
			for _, r := range e.requests() {
				same(t, r.action+" on "+r.resource, e.simulated(t, r), verdict(r.call(t.Context())))
			}
		})
	}
}

// enforced is a user whose requests are both made and simulated.
type enforced struct {
	caller, root *clients
	made         map[string]string
}

// enforcedRequest is a request, what it asks for, and the tag of what it acts on.
type enforcedRequest struct {
	action, resource, tag string
	call                  func(context.Context) error
}

func (e *enforced) prepare(t *testing.T, inline, group, managed, boundary string) {
	t.Helper()
	ctx, user := t.Context(), aws.String("caller")
	document := func(statements string) *string {
		return aws.String(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
	}
	try := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	create := func(name, statements string) *string {
		p, err := e.root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: document(statements)})
		try(p, err)
		return p.Policy.Arn
	}
	blue := []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
	try(e.root.IAM.TagUser(ctx, &iam.TagUserInput{UserName: user, Tags: blue}))
	try(e.root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Bob"), Path: aws.String("/blue/"), Tags: blue}))
	try(e.root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Ann")}))
	if inline != "" {
		try(e.root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: user, PolicyName: aws.String("inline"), PolicyDocument: document(inline)}))
	}
	if group != "" {
		try(e.root.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("Devs")}))
		try(e.root.IAM.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("Devs"), PolicyName: aws.String("group"), PolicyDocument: document(group)}))
		try(e.root.IAM.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("Devs"), UserName: user}))
	}
	if managed != "" {
		try(e.root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: user, PolicyArn: create("managed", managed)}))
	}
	if boundary != "" {
		try(e.root.IAM.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: user, PermissionsBoundary: create("boundary", boundary)}))
	}
}

func (e *enforced) requests() []enforcedRequest {
	in := func(resource string) string { return "arn:aws:iam::" + e.root.Account + ":" + resource }
	get := func(path, name, tag string) enforcedRequest {
		return enforcedRequest{"iam:GetUser", in("user" + path + name), tag, func(ctx context.Context) error {
			_, err := e.caller.IAM.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(name)})
			return err
		}}
	}
	return []enforcedRequest{
		get("/", "caller", "blue"), get("/blue/", "Bob", "blue"), get("/", "Ann", ""),
		{"iam:ListUsers", in("user/"), "", func(ctx context.Context) error {
			_, err := e.caller.IAM.ListUsers(ctx, &iam.ListUsersInput{})
			return err
		}},
		{"iam:ListPolicies", "*", "", func(ctx context.Context) error {
			_, err := e.caller.IAM.ListPolicies(ctx, &iam.ListPoliciesInput{MaxItems: aws.Int32(1)})
			return err
		}},
		{"iam:CreateGroup", in("group/made/G"), "", func(ctx context.Context) error {
			_, err := e.caller.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("G"), Path: aws.String("/made/")})
			return err
		}},
		{"iam:TagUser", in("user/blue/Bob"), "blue", func(ctx context.Context) error {
			_, err := e.caller.IAM.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("Bob"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
			return err
		}},
	}
}

// simulated is the simulator's verdict, with what is known of the request.
func (e *enforced) simulated(t *testing.T, r enforcedRequest) string {
	t.Helper()
	context := []types.ContextEntry{entry("aws:SourceIp", "ip", "127.0.0.1"), entry("aws:SecureTransport", "boolean", "false")}
	if r.tag != "" {
		context = append(context, entry("iam:ResourceTag/team", "string", r.tag), entry("aws:ResourceTag/team", "string", r.tag))
	}
	out, err := e.root.IAM.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String("arn:aws:iam::" + e.root.Account + ":user/caller"),
		ActionNames:     []string{r.action}, ResourceArns: []string{r.resource}, ContextEntries: context,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(out.EvaluationResults[0].EvalDecision)
}

// verdict is what the answer to a request says about it, in the simulator's
// words.
func verdict(err error) string {
	code, message := apiError(err)
	switch {
	case err == nil:
		return "allowed"
	case code != "AccessDenied":
		return fmt.Sprint("neither allowed nor denied: ", err)
	case strings.Contains(message, " with an explicit deny in "):
		return "explicitDeny"
	}
	return "implicitDeny"
}

// TestSimulateGrants: for every action that is served, what the simulator says
// of exactly the grants that it needs is that they suffice, and that they do
// not without any one of them.
func TestSimulateGrants(t *testing.T) {
	root := newWorld(t).account(t)
	caller := "arn:aws:iam::" + root.Account + ":user/caller"
	for _, c := range cases() {
		if slices.ContainsFunc(c.grants, func(g grant) bool { return strings.Contains(strings.ReplaceAll(g.resource, "«ACCOUNT»", ""), "«") }) {
			continue // named only when the case is set up
		}
		for i, g := range c.grants {
			resource := strings.ReplaceAll(g.resource, "«ACCOUNT»", root.Account)
			var others []string
			for j, o := range c.grants {
				if j != i {
					others = append(others, allow(o.action, strings.ReplaceAll(o.resource, "«ACCOUNT»", root.Account)))
				}
			}
			for want, policies := range map[types.PolicyEvaluationDecisionType][]string{
				types.PolicyEvaluationDecisionTypeAllowed:      append([]string{allow(g.action, resource)}, others...),
				types.PolicyEvaluationDecisionTypeImplicitDeny: append([]string{allow(g.action+"X", resource)}, others...),
			} {
				out, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
					PolicyInputList: policies, ActionNames: []string{g.action}, ResourceArns: []string{resource}, CallerArn: &caller,
				})
				if err != nil {
					t.Fatal(err)
				}
				same(t, c.action+": "+g.action+" on "+resource, out.EvaluationResults[0].EvalDecision, want)
			}
		}
	}
}
