package api_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	analyzertypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

func federate(c *clients, name string, change ...func(*sts.GetFederationTokenInput)) (*sts.GetFederationTokenOutput, error) {
	in := &sts.GetFederationTokenInput{Name: aws.String(name)}
	for _, f := range change {
		f(in)
	}
	return c.STS.GetFederationToken(context.Background(), in)
}

func underPolicy(text string) func(*sts.GetFederationTokenInput) {
	return func(in *sts.GetFederationTokenInput) { in.Policy = aws.String(text) }
}

func underTags(pairs ...string) func(*sts.GetFederationTokenInput) {
	return func(in *sts.GetFederationTokenInput) {
		for i := 0; i < len(pairs); i += 2 {
			in.Tags = append(in.Tags, ststypes.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
		}
	}
}

func federationTokenCases() []actionCase {
	const bob = "arn:aws:sts::«ACCOUNT»:federated-user/Bob"
	known := func(t *testing.T, root *clients, made map[string]string) {
		out, err := root.STS.GetAccessKeyInfo(context.Background(), &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String(made["key"])})
		if err != nil || *out.Account != root.Account {
			t.Errorf("the key of the federated user: %v, %v", out, err)
		}
	}
	call := func(change ...func(*sts.GetFederationTokenInput)) func(context.Context, *clients, map[string]string) error {
		return func(_ context.Context, c *clients, made map[string]string) error {
			out, err := federate(c, "Bob", change...)
			if err == nil {
				made["key"] = *out.Credentials.AccessKeyId
			}
			return err
		}
	}
	return []actionCase{
		{action: "GetFederationToken", call: call(underPolicy(everything)), effect: known, grants: []grant{{"sts:GetFederationToken", bob}}},
		{
			action: "GetFederationToken", call: call(underTags("team", "red")), effect: known,
			grants: []grant{{"sts:GetFederationToken", bob}, {"sts:TagSession", bob}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue", tagKeys: "team",
		},
	}
}

// TestFederatedUser: who it is, for how long, and how much room its policies and
// tags take.
func TestFederatedUser(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	user := w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})
	lasts := func(out *sts.GetFederationTokenOutput) time.Duration {
		return time.Until(*out.Credentials.Expiration).Round(time.Minute)
	}
	for _, c := range []struct {
		what    string
		by      *clients
		seconds *int32
		want    time.Duration
	}{
		{"a user's", user, nil, 12 * time.Hour},
		{"a user's long one", user, aws.Int32(129600), 36 * time.Hour},
		{"root's", root, nil, time.Hour},
		{"root's long one", root, aws.Int32(129600), time.Hour},
		{"root's short one", root, aws.Int32(900), 15 * time.Minute},
	} {
		out, err := federate(c.by, "Bob", func(in *sts.GetFederationTokenInput) { in.DurationSeconds = c.seconds })
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		arn, id := "arn:aws:sts::"+root.Account+":federated-user/Bob", root.Account+":Bob"
		if got := lasts(out); got != c.want || *out.FederatedUser.Arn != arn || *out.FederatedUser.FederatedUserId != id {
			t.Errorf("%s: %s %s for %v", c.what, *out.FederatedUser.Arn, *out.FederatedUser.FederatedUserId, got)
		}
		//lint:ignore SA1019 AWS still answers it.
		if out.PackedPolicySize == nil || *out.PackedPolicySize != 0 || int(*out.SessionTokenSize) != len(*out.Credentials.SessionToken) {
			t.Errorf("%s: sizes of %+v", c.what, out)
		}
		who, err := w.session(root.Account, out.Credentials).STS.GetCallerIdentity(context.Background(), nil)
		if err != nil || *who.Arn != arn || *who.UserId != id || *who.Account != root.Account {
			t.Errorf("%s: the caller is %v, %v", c.what, who, err)
		}
	}
	out, err := federate(user, "Bob", underPolicy(everything), underTags("team", "red"))
	//lint:ignore SA1019 AWS still answers it.
	if err != nil || *out.PackedPolicySize < 1 || *out.PackedPolicySize > 100 {
		t.Errorf("with a policy and a tag: %v, %v", out, err)
	}
}

// TestGetFederationTokenRules are AWS's refusals, in its words.
func TestGetFederationTokenRules(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	root := w.account(t)
	user := w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})
	arns := func(n int, arn string) func(*sts.GetFederationTokenInput) {
		return func(in *sts.GetFederationTokenInput) {
			for range n {
				in.PolicyArns = append(in.PolicyArns, ststypes.PolicyDescriptorType{Arn: aws.String(arn)})
			}
		}
	}
	lasting := func(n int32) func(*sts.GetFederationTokenInput) {
		return func(in *sts.GetFederationTokenInput) { in.DurationSeconds = aws.Int32(n) }
	}
	var large []string // which no packing makes small
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range 50 {
		value := make([]byte, 200)
		for j := range value {
			value[j] = byte('a' + noise.IntN(26))
		}
		large = append(large, fmt.Sprintf("key-%d", i), string(value))
	}
	for _, c := range []struct {
		what, name, code, part string
		change                 func(*sts.GetFederationTokenInput)
	}{
		{"short name", "B", "ValidationError", "'name' failed to satisfy constraint: Member must have length greater than or equal to 2", nil},
		{"long name", strings.Repeat("b", 33), "ValidationError", "'name' failed to satisfy constraint: Member must have length less than or equal to 32", nil},
		{"name", "Bob Jones", "ValidationError", `'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`, nil},
		{"too short", "Bob", "ValidationError", "'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900", lasting(899)},
		{"too long", "Bob", "ValidationError", "'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600", lasting(129601)},
		{"no policy", "Bob", "MalformedPolicyDocument", "", underPolicy(`{"Version":`)},
		{"a principal", "Bob", "MalformedPolicyDocument", "", underPolicy(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)},
		{"long policy", "Bob", "ValidationError", "'policy' failed to satisfy constraint: Member must have length less than or equal to 2048", underPolicy(everything + strings.Repeat(" ", 2048))},
		{"managed policy", "Bob", "InvalidParameterValue", "does not exist or is not attachable", arns(1, "arn:aws:iam::"+root.Account+":policy/none")},
		{"managed policies", "Bob", "ValidationError", "Cannot exceed quota for PoliciesPerSession: 10", arns(11, "arn:aws:iam::aws:policy/ReadOnlyAccess")},
		{"tags that differ in case", "Bob", "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", underTags("k", "a", "K", "b")},
		{"AWS's tags", "Bob", "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for system use.", underTags("aws:k", "a")},
		{"packed size", "Bob", "PackedPolicyTooLarge", "of allotted space, please use smaller policy.", underTags(large...)},
	} {
		change := c.change
		if change == nil {
			change = func(*sts.GetFederationTokenInput) {}
		}
		_, err := federate(user, c.name, change)
		wantError(t, c.what, err, c.code, c.part)
	}

	const cannot = "Cannot call GetFederationToken with session credentials"
	token, err := user.STS.GetSessionToken(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = federate(w.session(root.Account, token.Credentials), "Bob")
	wantError(t, "a user's session", err, "AccessDenied", cannot)
	if token, err = root.STS.GetSessionToken(ctx, nil); err != nil {
		t.Fatal(err)
	}
	_, err = federate(w.session(root.Account, token.Credentials), "Bob")
	wantError(t, "root's session", err, "AccessDenied", cannot)
	role := makeRole(t, root, "porter", trusting(root.Account))
	if _, err := root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
		RoleName: aws.String("porter"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
	}); err != nil {
		t.Fatal(err)
	}
	assumed, err := assume(user, role, "session")
	if err != nil {
		t.Fatal(err)
	}
	_, err = federate(w.session(root.Account, assumed.Credentials), "Bob")
	wantError(t, "a role", err, "AccessDenied", cannot)
	out, err := federate(user, "Bob", underPolicy(everything))
	if err != nil {
		t.Fatal(err)
	}
	_, err = federate(w.session(root.Account, out.Credentials), "Al")
	wantError(t, "a federated user", err, "AccessDenied", cannot)
}

// TestFederatedUserMay: what its user may and its session policy leaves, no
// operation of IAM, and of STS only GetCallerIdentity; and it goes with its user.
func TestFederatedUserMay(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	root := w.account(t)
	user := w.caller(t, root,
		statement{Effect: "Allow", Action: "sts:*", Resource: "*"},
		statement{Effect: "Allow", Action: "access-analyzer:ValidatePolicy", Resource: "*", Condition: map[string]map[string]string{
			"StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalTag/desk": "7", "aws:PrincipalType": "FederatedUser", "aws:userid": root.Account + ":Bob"},
			"Null":         {"aws:username": "true", "aws:MultiFactorAuthPresent": "true", "aws:FederatedProvider": "true"},
		}})
	if _, err := root.IAM.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("caller"), Tags: []types.Tag{
		{Key: aws.String("Team"), Value: aws.String("blue")}, {Key: aws.String("desk"), Value: aws.String("7")},
	}}); err != nil {
		t.Fatal(err)
	}
	session := func(by *clients, change ...func(*sts.GetFederationTokenInput)) *clients {
		t.Helper()
		out, err := federate(by, "Bob", change...)
		if err != nil {
			t.Fatal(err)
		}
		return w.session(root.Account, out.Credentials)
	}
	validate := func(c *clients) error {
		_, err := c.Analyzer.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{
			PolicyDocument: aws.String(everything), PolicyType: analyzertypes.PolicyTypeIdentityPolicy,
		})
		return err
	}
	who := "User: arn:aws:sts::" + root.Account + ":federated-user/Bob is not authorized to perform: access-analyzer:ValidatePolicy"
	bob := session(user, underPolicy(everything), underTags("team", "red"))
	if err := validate(bob); err != nil {
		t.Errorf("allowed by the user's and the session policy: %v", err)
	}
	managed := session(user, underTags("team", "red"), func(in *sts.GetFederationTokenInput) {
		in.PolicyArns = []ststypes.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}}
	})
	if err := validate(managed); err != nil {
		t.Errorf("allowed by a managed session policy: %v", err)
	}
	err := validate(session(user, underTags("team", "red")))
	wantError(t, "without a session policy", err, "AccessDeniedException", "because no session policy allows")
	wantError(t, "without a session policy", err, "AccessDeniedException", who)
	wantError(t, "with the user's own tag", validate(session(user, underPolicy(everything))), "AccessDeniedException", "because no identity-based policy allows")
	wantError(t, "the user itself", validate(user), "AccessDeniedException", "because no identity-based policy allows")
	if err := validate(session(root, underPolicy(everything))); err != nil {
		t.Errorf("root's, with a policy: %v", err)
	}
	wantError(t, "root's, without", validate(session(root)), "AccessDeniedException", "because no session policy allows")

	_, err = bob.IAM.ListUsers(ctx, nil)
	wantError(t, "IAM", err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	_, err = session(root, underPolicy(everything)).IAM.GetUser(ctx, nil)
	wantError(t, "IAM for root's", err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	role := makeRole(t, root, "porter", trusting("*"))
	_, err = assume(bob, role, "session")
	wantError(t, "AssumeRole", err, "AccessDenied", "Cannot call AssumeRole with session credentials")
	_, err = bob.STS.GetSessionToken(ctx, nil)
	wantError(t, "GetSessionToken", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = bob.STS.GetAccessKeyInfo(ctx, &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE")})
	wantError(t, "GetAccessKeyInfo", err, "AccessDenied", "Cannot call GetAccessKeyInfo with session credentials")
	_, err = bob.STS.DecodeAuthorizationMessage(ctx, &sts.DecodeAuthorizationMessageInput{EncodedMessage: aws.String("x")})
	wantError(t, "DecodeAuthorizationMessage", err, "AccessDenied", "Cannot call DecodeAuthorizationMessage with session credentials")

	keys, err := root.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("caller")})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys.AccessKeyMetadata {
		if _, err := root.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("caller"), AccessKeyId: k.AccessKeyId}); err != nil {
			t.Fatal(err)
		}
	}
	if err := validate(bob); err != nil {
		t.Errorf("the user's key is gone: %v", err)
	}
	for _, then := range []func() error{
		func() error {
			_, err := root.IAM.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("caller"), PolicyName: aws.String("grants")})
			return err
		},
		func() error {
			_, err := root.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("caller")})
			return err
		},
	} {
		if err := then(); err != nil {
			t.Fatal(err)
		}
	}
	_, err = bob.STS.GetCallerIdentity(ctx, nil)
	wantError(t, "the user is gone", err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	w.caller(t, root, statement{Effect: "Allow", Action: "*", Resource: "*"})
	wantError(t, "another of the name", validate(bob), "UnrecognizedClientException", "The security token included in the request is invalid")
}
