package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func trusting(principal string, actions ...string) string {
	if len(actions) == 0 {
		actions = []string{"sts:AssumeRole"}
	}
	list, err := json.Marshal(actions)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":%s}]}`, principal, list)
}

func makeRole(t testing.TB, c *clients, name, trust string) string {
	t.Helper()
	out, err := c.IAM.CreateRole(context.Background(), &iam.CreateRoleInput{
		RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(trust),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Role.Arn
}

func stsCases() []actionCase {
	const porter = "arn:aws:iam::«ACCOUNT»:role/porter"
	porterRole := func(t *testing.T, root *clients, made map[string]string) {
		made["role"] = makeRole(t, root, "porter", trusting(root.Account, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))
		if _, err := root.IAM.TagRole(context.Background(), &iam.TagRoleInput{
			RoleName: aws.String("porter"), Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("test")}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	// The session is known to another action: the key id tells its account.
	known := func(t *testing.T, root *clients, made map[string]string) {
		out, err := root.STS.GetAccessKeyInfo(context.Background(), &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String(made["key"])})
		if err != nil || *out.Account != root.Account {
			t.Errorf("the key of the session: %v, %v", out, err)
		}
	}
	return []actionCase{
		{
			action: "AssumeRole", setup: porterRole,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.STS.AssumeRole(ctx, &sts.AssumeRoleInput{
					RoleArn: aws.String(made["role"]), RoleSessionName: aws.String("session"), ExternalId: aws.String("one"),
				})
				if err == nil {
					made["key"] = *out.Credentials.AccessKeyId
				}
				return err
			},
			effect: known,
			grants: []grant{{"sts:AssumeRole", porter}},
			key:    "sts:ExternalId", holds: "one", other: "two",
		},
		{
			action: "AssumeRole", setup: porterRole,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.STS.AssumeRole(ctx, &sts.AssumeRoleInput{
					RoleArn: aws.String(made["role"]), RoleSessionName: aws.String("session"), SourceIdentity: aws.String("Ann"),
					Tags: []ststypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}, TransitiveTagKeys: []string{"team"},
				})
				if err == nil {
					made["key"] = *out.Credentials.AccessKeyId
				}
				return err
			},
			effect: known,
			grants: []grant{{"sts:AssumeRole", porter}, {"sts:TagSession", porter}, {"sts:SetSourceIdentity", porter}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue",
		},
		{
			action: "GetAccessKeyInfo",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.STS.GetAccessKeyInfo(ctx, &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE")})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				key, err := root.IAM.CreateAccessKey(context.Background(), &iam.CreateAccessKeyInput{UserName: aws.String("caller")})
				if err != nil {
					t.Fatal(err)
				}
				out, err := root.STS.GetAccessKeyInfo(context.Background(), &sts.GetAccessKeyInfoInput{AccessKeyId: key.AccessKey.AccessKeyId})
				if err != nil || *out.Account != root.Account {
					t.Errorf("got %v, %v", out, err)
				}
			},
			grants: []grant{{"sts:GetAccessKeyInfo", "*"}},
		},
		{
			action: "GetCallerIdentity", open: true,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.STS.GetCallerIdentity(ctx, nil)
				if err == nil {
					made["arn"], made["id"] = *out.Arn, *out.UserId
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				u, err := root.IAM.GetUser(context.Background(), &iam.GetUserInput{UserName: aws.String("caller")})
				if err != nil || *u.User.Arn != made["arn"] || *u.User.UserId != made["id"] {
					t.Errorf("the user is %v (%v), the caller was %v", u, err, made)
				}
			},
		},
		{
			action: "GetSessionToken", open: true,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.STS.GetSessionToken(ctx, nil)
				if err == nil {
					made["key"] = *out.Credentials.AccessKeyId
				}
				return err
			},
			effect: known,
		},
	}
}

func assume(c *clients, role, name string, change ...func(*sts.AssumeRoleInput)) (*sts.AssumeRoleOutput, error) {
	in := &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String(name)}
	for _, f := range change {
		f(in)
	}
	return c.STS.AssumeRole(context.Background(), in)
}

func (w *world) session(account string, c *ststypes.Credentials) *clients {
	return w.as(account, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

// wantError checks an AWS error's code and that its text holds a part.
func wantError(t *testing.T, what string, err error, code, part string) {
	t.Helper()
	gotCode, message := apiError(err)
	if gotCode != code || !strings.Contains(message, part) {
		t.Errorf("%s: got %v, want %s: …%s…", what, err, code, part)
	}
}

// TestAssumeRoleRules are AWS's refusals of AssumeRole, in its words.
func TestAssumeRoleRules(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	arn := makeRole(t, root, "porter", trusting(root.Account, "sts:AssumeRole", "sts:TagSession"))
	user := w.caller(t, root, statement{Effect: "Allow", Action: "sts:*", Resource: "*"})

	_, err := assume(root, arn, "session")
	wantError(t, "root", err, "AccessDenied", "Roles may not be assumed by root accounts.")
	for bad, text := range map[string]string{
		"nothing-valid-in-here": "nothing-valid-in-here is invalid", "arn::b:::something/test-role": "arn::b:::something/test-role is invalid",
		"arn:a::::something/test-role": "arn:a::::something/test-role is invalid", "arn:a:::something/test-role": "arn:a:::something/test-role is invalid",
		"arn:a:a::aaaaaaaaaa:aaaaaa": "is invalid", "arn:a:a::aaaaaaaaaa:xxxx": "is invalid",
	} {
		_, err = assume(user, bad, "session")
		wantError(t, bad, err, "ValidationError", text)
	}
	_, err = assume(user, arn, "Session1:2")
	wantError(t, "session name", err, "ValidationError",
		`1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	_, err = assume(user, arn, "session", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) })
	wantError(t, "too long", err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	_, err = assume(user, arn+"x", "session")
	wantError(t, "no such role", err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+arn+"x")
	tag := func(k, v string) ststypes.Tag { return ststypes.Tag{Key: aws.String(k), Value: aws.String(v)} }
	_, err = assume(user, arn, "session", func(in *sts.AssumeRoleInput) { in.Tags = []ststypes.Tag{tag("k", "a"), tag("K", "b")} })
	wantError(t, "tags that differ in case", err, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	_, err = assume(user, arn, "session", func(in *sts.AssumeRoleInput) {
		in.Tags, in.TransitiveTagKeys = []ststypes.Tag{tag("k", "a")}, []string{"other"}
	})
	wantError(t, "transitive without tag", err, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
	_, err = assume(user, arn, "session", func(in *sts.AssumeRoleInput) { in.Policy = aws.String(`{"Version":`) })
	wantError(t, "session policy", err, "MalformedPolicyDocument", "")
	_, err = assume(user, arn, "session", func(in *sts.AssumeRoleInput) {
		in.PolicyArns = []ststypes.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::" + root.Account + ":policy/none")}}
	})
	wantError(t, "managed session policy", err, "InvalidParameterValue", "does not exist or is not attachable")
}

// TestRoleChaining: one hour at most, transitive tags go on and cannot be
// overridden, the source identity stays.
func TestRoleChaining(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	all := []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
	first := makeRole(t, root, "first", trusting(root.Account, all...))
	second := makeRole(t, root, "second", trusting(root.Account, all...))
	for _, role := range []string{"first", "second"} {
		allow := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"},
			{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"Ann"}}}]}`
		if _, err := root.IAM.PutRolePolicy(context.Background(), &iam.PutRolePolicyInput{
			RoleName: aws.String(role), PolicyName: aws.String("p"), PolicyDocument: aws.String(allow),
		}); err != nil {
			t.Fatal(err)
		}
	}
	user := w.caller(t, root, statement{Effect: "Allow", Action: "sts:*", Resource: "*"})
	out, err := assume(user, first, "one", func(in *sts.AssumeRoleInput) {
		in.Tags = []ststypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}, {Key: aws.String("desk"), Value: aws.String("7")}}
		in.TransitiveTagKeys, in.SourceIdentity = []string{"team"}, aws.String("Ann")
	})
	if err != nil {
		t.Fatal(err)
	}
	one := w.session(root.Account, out.Credentials)
	_, err = assume(one, second, "two", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) })
	wantError(t, "chained for long", err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	for _, key := range []string{"team", "TEAM"} {
		_, err = assume(one, second, "two", func(in *sts.AssumeRoleInput) {
			in.Tags = []ststypes.Tag{{Key: aws.String(key), Value: aws.String("blue")}}
		})
		wantError(t, "overriding "+key, err, "InvalidParameterValue",
			"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	}
	_, err = assume(one, second, "two", func(in *sts.AssumeRoleInput) { in.SourceIdentity = aws.String("Bob") })
	refusedAs(t, "another source identity", err, "AccessDenied", "Source identity can't be changed: the calling session's is already set.")
	// What is inherited must be allowed like what is asked for.
	for _, lacks := range all[1:] {
		var rest []string
		for _, a := range all {
			if a != lacks {
				rest = append(rest, a)
			}
		}
		if _, err := root.IAM.UpdateAssumeRolePolicy(context.Background(), &iam.UpdateAssumeRolePolicyInput{
			RoleName: aws.String("second"), PolicyDocument: aws.String(trusting(root.Account, rest...)),
		}); err != nil {
			t.Fatal(err)
		}
		_, err = assume(one, second, "two")
		wantError(t, "trust without "+lacks, err, "AccessDenied", "is not authorized to perform: "+lacks+" on resource: "+second)
	}
	if _, err := root.IAM.UpdateAssumeRolePolicy(context.Background(), &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String("second"), PolicyDocument: aws.String(trusting(root.Account, all...)),
	}); err != nil {
		t.Fatal(err)
	}
	if out, err = assume(one, second, "two"); err != nil {
		t.Fatal(err)
	}
	if aws.ToString(out.SourceIdentity) != "Ann" {
		t.Errorf("source identity %q", aws.ToString(out.SourceIdentity))
	}
	two := w.session(root.Account, out.Credentials)
	if _, err := two.IAM.ListUsers(context.Background(), nil); err != nil {
		t.Errorf("the transitive tag and source identity did not go on: %v", err)
	}
	id, err := two.STS.GetCallerIdentity(context.Background(), nil)
	if want := "arn:aws:sts::" + root.Account + ":assumed-role/second/two"; err != nil || *id.Arn != want {
		t.Errorf("caller %v, %v; want %s", id, err, want)
	}
}

// TestSessionKinds: what credentials of each kind may not call.
func TestSessionKinds(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	root := w.account(t)
	arn := makeRole(t, root, "porter", trusting(root.Account))
	user := w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})

	token, err := user.STS.GetSessionToken(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	own := w.session(root.Account, token.Credentials)
	_, err = own.IAM.ListUsers(ctx, nil)
	wantError(t, "IAM without MFA", err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	_, err = own.STS.GetSessionToken(ctx, nil)
	wantError(t, "GetSessionToken again", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = own.STS.GetAccessKeyInfo(ctx, &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE")})
	wantError(t, "another STS action", err, "AccessDenied", "Cannot call GetAccessKeyInfo with session credentials")
	out, err := assume(own, arn, "session")
	if err != nil {
		t.Fatal(err)
	}
	role := w.session(root.Account, out.Credentials)
	_, err = role.STS.GetSessionToken(ctx, nil)
	wantError(t, "a role's GetSessionToken", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")

	rootToken, err := root.STS.GetSessionToken(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.session(root.Account, rootToken.Credentials).STS.GetCallerIdentity(ctx, nil)
	if err != nil || *id.Arn != "arn:aws:iam::"+root.Account+":root" {
		t.Errorf("root's own session: %v, %v", id, err)
	}
}

// TestSessionPolicy: a session policy narrows, and never widens.
func TestSessionPolicy(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	root := w.account(t)
	arn := makeRole(t, root, "porter", trusting(root.Account))
	if _, err := root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("porter"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:ListUsers","iam:ListRoles"],"Resource":"*"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	user := w.caller(t, root, statement{Effect: "Allow", Action: "sts:AssumeRole", Resource: "*"})
	out, err := assume(user, arn, "session", func(in *sts.AssumeRoleInput) {
		in.Policy = aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:ListUsers","iam:ListGroups"],"Resource":"*"}}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 AWS still answers it.
	if n := aws.ToInt32(out.PackedPolicySize); n < 1 || n > 100 {
		t.Errorf("packed size %d", n)
	}
	if n := aws.ToInt32(out.SessionTokenSize); int(n) != len(*out.Credentials.SessionToken) {
		t.Errorf("token size %d", n)
	}
	c := w.session(root.Account, out.Credentials)
	if _, err := c.IAM.ListUsers(ctx, nil); err != nil {
		t.Errorf("allowed by both: %v", err)
	}
	_, err = c.IAM.ListRoles(ctx, nil)
	wantError(t, "not in the session policy", err, "AccessDenied", "because no session policy allows the iam:ListRoles action")
	_, err = c.IAM.ListGroups(ctx, nil)
	wantError(t, "not in the role's", err, "AccessDenied", "because no identity-based policy allows the iam:ListGroups action")
	managed, err := assume(user, arn, "session", func(in *sts.AssumeRoleInput) {
		in.PolicyArns = []ststypes.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")}}
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.session(root.Account, managed.Credentials).IAM.ListUsers(ctx, nil)
	wantError(t, "not in the managed session policy", err, "AccessDenied", "because no session policy allows the iam:ListUsers action")
}
