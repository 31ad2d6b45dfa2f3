package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func enableOutbound(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	if _, err := root.IAM.EnableOutboundWebIdentityFederation(context.Background(), &iam.EnableOutboundWebIdentityFederationInput{}); err != nil {
		t.Fatal(err)
	}
}

func outboundInfo(c *clients) (*iam.GetOutboundWebIdentityFederationInfoOutput, error) {
	return c.IAM.GetOutboundWebIdentityFederationInfo(context.Background(), &iam.GetOutboundWebIdentityFederationInfoInput{})
}

func outboundFederationCases() []actionCase {
	issuer := func(t *testing.T, root *clients, made map[string]string) {
		info, err := outboundInfo(root)
		if err != nil || !info.JwtVendingEnabled || *info.IssuerIdentifier != made["issuer"] {
			t.Errorf("%+v, %v: want issuer %q", info, err, made["issuer"])
		}
	}
	return []actionCase{
		{
			action: "EnableOutboundWebIdentityFederation",
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
				if err == nil {
					made["issuer"] = *out.IssuerIdentifier
				}
				return err
			},
			effect: issuer, grants: []grant{{"iam:EnableOutboundWebIdentityFederation", "*"}},
		},
		{
			action: "DisableOutboundWebIdentityFederation", setup: enableOutbound,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := outboundInfo(root)
				refusedAs(t, "the issuer", err, "FeatureDisabled", "Outbound identity federation is disabled for account "+root.Account)
			},
			grants: []grant{{"iam:DisableOutboundWebIdentityFederation", "*"}},
		},
		{
			action: "GetOutboundWebIdentityFederationInfo", setup: enableOutbound,
			call: func(_ context.Context, c *clients, made map[string]string) error {
				out, err := outboundInfo(c)
				if err == nil {
					made["issuer"] = *out.IssuerIdentifier
				}
				return err
			},
			effect: issuer, grants: []grant{{"iam:GetOutboundWebIdentityFederationInfo", "*"}},
		},
	}
}

// identityToken asks for a token for others.
func identityToken(c *clients, change ...func(*sts.GetWebIdentityTokenInput)) (*sts.GetWebIdentityTokenOutput, error) {
	in := &sts.GetWebIdentityTokenInput{Audience: []string{"app"}, SigningAlgorithm: aws.String("ES384")}
	for _, f := range change {
		f(in)
	}
	return c.STS.GetWebIdentityToken(context.Background(), in)
}

func tokenTags(pairs ...string) func(*sts.GetWebIdentityTokenInput) {
	return func(in *sts.GetWebIdentityTokenInput) {
		for i := 0; i < len(pairs); i += 2 {
			in.Tags = append(in.Tags, ststypes.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
		}
	}
}

// claims are what a token says, unverified.
func claims(t *testing.T, token string) (said struct {
	Issuer  string         `json:"iss"`
	Subject string         `json:"sub"`
	AWS     map[string]any `json:"https://sts.amazonaws.com/"`
}) {
	t.Helper()
	part := strings.Split(token, ".")
	if len(part) != 3 {
		t.Fatalf("%q is no token", token)
	}
	payload, err := base64.RawURLEncoding.DecodeString(part[1])
	if err == nil {
		err = json.Unmarshal(payload, &said)
	}
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func webIdentityTokenCases() []actionCase {
	const self = "arn:aws:sts::«ACCOUNT»:self"
	call := func(change ...func(*sts.GetWebIdentityTokenInput)) func(context.Context, *clients, map[string]string) error {
		return func(_ context.Context, c *clients, made map[string]string) error {
			out, err := identityToken(c, change...)
			if err == nil {
				made["token"] = *out.WebIdentityToken
			}
			return err
		}
	}
	// The token is of the account's issuer, and tells who called.
	effect := func(t *testing.T, root *clients, made map[string]string) {
		said := claims(t, made["token"])
		info, err := outboundInfo(root)
		if err != nil || said.Issuer != *info.IssuerIdentifier || said.Subject != "arn:aws:iam::"+root.Account+":user/caller" {
			t.Errorf("%v, %v: the token says %+v", info, err, said)
		}
	}
	one := func(key, holds, other string) actionCase {
		return actionCase{
			action: "GetWebIdentityToken", setup: enableOutbound, call: call(), effect: effect,
			grants: []grant{{"sts:GetWebIdentityToken", self}}, key: key, holds: holds, other: other,
		}
	}
	audience := one("", "app", "another")
	audience.anyKey = "sts:IdentityTokenAudience"
	return []actionCase{
		one("sts:SigningAlgorithm", "ES384", "RS256"),
		one("sts:DurationSeconds", "300", "301"),
		audience,
		{
			action: "GetWebIdentityToken", setup: enableOutbound, call: call(tokenTags("job", "7")), effect: effect,
			grants: []grant{{"sts:GetWebIdentityToken", self}, {"sts:TagGetWebIdentityToken", self}},
			key:    "aws:RequestTag/job", holds: "7", other: "8", tagKeys: "job",
		},
	}
}

// TestOutboundFederationRefusals are AWS's, as clients hear them.
func TestOutboundFederationRefusals(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	disable := func() error {
		_, err := root.IAM.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{})
		return err
	}
	const gone = "Outbound identity federation is disabled for account "
	_, err := outboundInfo(root)
	refusedAs(t, "info before", err, "FeatureDisabled", gone+root.Account)
	refusedAs(t, "disabling before", disable(), "FeatureDisabled", "Outbound identity federation is already disabled for account "+root.Account)
	_, err = identityToken(root)
	refusedAs(t, "a token before", err, "OutboundWebIdentityFederationDisabledException", "OutboundWebIdentityFederation is disabled.")
	// What is wrong with the request is told first.
	_, err = identityToken(root, tokenTags("team", "1", "Team", "2"))
	refusedAs(t, "a key twice", err, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")

	first, err := root.IAM.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = root.IAM.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	refusedAs(t, "enabling twice", err, "FeatureEnabled", "Outbound identity federation is already enabled for account "+root.Account)
	if err := disable(); err != nil {
		t.Fatal(err)
	}
	_, err = identityToken(root)
	refusedAs(t, "a token after", err, "OutboundWebIdentityFederationDisabledException", "OutboundWebIdentityFederation is disabled.")
	again, err := root.IAM.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	if err != nil || *again.IssuerIdentifier != *first.IssuerIdentifier {
		t.Errorf("enabled again: %v, %v", again, err)
	}

	algorithm := func(name string) func(*sts.GetWebIdentityTokenInput) {
		return func(in *sts.GetWebIdentityTokenInput) { in.SigningAlgorithm = aws.String(name) }
	}
	seconds := func(n int32) func(*sts.GetWebIdentityTokenInput) {
		return func(in *sts.GetWebIdentityTokenInput) { in.DurationSeconds = aws.Int32(n) }
	}
	audience := func(list ...string) func(*sts.GetWebIdentityTokenInput) {
		return func(in *sts.GetWebIdentityTokenInput) { in.Audience = list }
	}
	const one = "1 validation error detected: Value "
	long := strings.Repeat("a", 1000)
	for _, c := range []struct {
		what, code, message string
		change              func(*sts.GetWebIdentityTokenInput)
	}{
		{"RS384", "ValidationError", "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms", algorithm("RS384")},
		{"none", "ValidationError", one + "'none' at 'signingAlgorithm' failed to satisfy constraint: Member must have length greater than or equal to 5", algorithm("none")},
		{"RS256x", "ValidationError", one + "'RS256x' at 'signingAlgorithm' failed to satisfy constraint: Member must have length less than or equal to 5", algorithm("RS256x")},
		{"59 s", "ValidationError", one + "'59' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60", seconds(59)},
		{"3601 s", "ValidationError", one + "'3601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 3600", seconds(3601)},
		{"eleven", "ValidationError", one + "'[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]' at 'audience' failed to satisfy constraint: Member must have length less than or equal to 10",
			audience(strings.Fields("0 1 2 3 4 5 6 7 8 9 10")...)},
		{"empty", "ValidationError", one + "'[]' at 'audience' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1000, Member must have length greater than or equal to 1]", audience("")},
		{"too much", "JWTPayloadSizeExceededException", "JWT payload exceeds maximum allowed size", func(in *sts.GetWebIdentityTokenInput) {
			audience(long, long, long, long, long, long, long, long, long, long)(in)
			for i := range 25 {
				tokenTags(fmt.Sprint(i), long[:256])(in)
			}
		}},
	} {
		_, err := identityToken(root, c.change)
		refusedAs(t, c.what, err, c.code, c.message)
	}
	if out, err := identityToken(root, tokenTags("aws:test", "reserved")); err != nil {
		t.Error(err)
	} else if said := claims(t, *out.WebIdentityToken); said.Subject != "arn:aws:iam::"+root.Account+":root" {
		t.Errorf("root's says %+v", said)
	}
}

// TestOutboundFederationStatuses: what is refused to requests that the SDK would
// not send, and by which status.
func TestOutboundFederationStatuses(t *testing.T) {
	w := newWorld(t)
	key := w.rootKey(t)
	const one = "1 validation error detected: Value null at "
	for _, c := range []struct {
		action, parameters string
		status             int
		code, message      string
	}{
		{"GetWebIdentityToken", "&SigningAlgorithm=RS256", 400, "ValidationError", one + "'audience' failed to satisfy constraint: Member must not be null"},
		{"GetWebIdentityToken", "&Audience.member.1=a", 400, "ValidationError", one + "'signingAlgorithm' failed to satisfy constraint: Member must not be null"},
		{"GetWebIdentityToken", "&Audience.member.1=a&SigningAlgorithm=RS256", 403, "OutboundWebIdentityFederationDisabledException", ""},
		{"GetOutboundWebIdentityFederationInfo", "", 404, "FeatureDisabled", ""},
		{"DisableOutboundWebIdentityFederation", "", 404, "FeatureDisabled", ""},
		{"EnableOutboundWebIdentityFederation", "", 200, "", ""},
		{"EnableOutboundWebIdentityFederation", "", 409, "FeatureEnabled", ""},
	} {
		in := raw{body: "Version=2010-05-08&Action=" + c.action + c.parameters}
		if c.action == "GetWebIdentityToken" {
			in = raw{service: "sts", body: "Version=2011-06-15&Action=" + c.action + c.parameters}
		}
		status, answer, body := w.send(t, key, in)
		if status != c.status || answer.Error.Code != c.code || c.message != "" && answer.Error.Message != c.message {
			t.Errorf("%s%s: %d %s", c.action, c.parameters, status, body)
		}
	}
}

// TestWhoGetsIdentityTokens: by every kind of credentials, who the token says
// that the caller is, and who is given none.
func TestWhoGetsIdentityTokens(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	enableOutbound(t, root, nil)
	user := w.caller(t, root, statement{Effect: "Allow", Action: "sts:*", Resource: "*"})
	userARN := "arn:aws:iam::" + root.Account + ":user/caller"

	fred, err := federate(user, "Fred", underPolicy(everything))
	if err != nil {
		t.Fatal(err)
	}
	_, err = identityToken(w.session(root.Account, fred.Credentials))
	refusedAs(t, "a federated user", err, "AccessDenied", "GetWebIdentityToken does not support federated user sessions")

	own, err := user.STS.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := identityToken(w.session(root.Account, own.Credentials), tokenTags("job", "7"))
	if err != nil {
		t.Fatal(err)
	}
	if said := claims(t, *out.WebIdentityToken); said.Subject != userARN || said.AWS["original_session_exp"] != own.Credentials.Expiration.UTC().Format(time.RFC3339) {
		t.Errorf("a user's session says %+v", said)
	}

	arn := makeRole(t, root, "porter", trusting(root.Account, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))
	if _, err := root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("porter"), PolicyName: aws.String("p"), PolicyDocument: aws.String(everything),
	}); err != nil {
		t.Fatal(err)
	}
	taken, err := assume(user, arn, "session", func(in *sts.AssumeRoleInput) {
		in.DurationSeconds, in.SourceIdentity = aws.Int32(900), aws.String("Ann")
		in.Tags = []ststypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}
	})
	if err != nil {
		t.Fatal(err)
	}
	porter := w.session(root.Account, taken.Credentials)
	if out, err = identityToken(porter); err != nil {
		t.Fatal(err)
	}
	said := claims(t, *out.WebIdentityToken)
	if tags, _ := said.AWS["principal_tags"].(map[string]any); said.Subject != arn || said.AWS["principal_id"] != arn ||
		said.AWS["source_identity"] != "Ann" || tags["team"] != "red" || said.AWS["source_region"] != "us-east-1" {
		t.Errorf("a role's session says %+v", said)
	}
	_, err = identityToken(porter, func(in *sts.GetWebIdentityTokenInput) { in.DurationSeconds = aws.Int32(3600) })
	refusedAs(t, "longer than the session", err, "SessionDurationEscalationException", "Requested token expiry time must be before the original session's expiry time.")

	_, err = identityToken(w.as(root.Account, *own.Credentials.AccessKeyId, *own.Credentials.SecretAccessKey, "x"))
	wantError(t, "a forged session", err, "InvalidClientTokenId", "")
}
