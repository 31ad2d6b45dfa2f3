package api_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/go-jose/go-jose/v4"

	"iamd/catalog"
)

const (
	issuerName = "id.example.com"
	issuerURL  = "https://" + issuerName
)

// provides registers an issuer for app, with thumbprints if there are any, and
// gives its ARN.
func provides(t *testing.T, root *clients, name string, thumbprints ...string) string {
	t.Helper()
	if len(thumbprints) == 0 {
		thumbprints = []string{aThumbprint}
	}
	out, err := root.IAM.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://" + name), ClientIDList: []string{"app"}, ThumbprintList: thumbprints,
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.OpenIDConnectProviderArn)
}

// trustsWeb makes a role whose trust policy has these statements for a provider,
// and which may read users.
func trustsWeb(t *testing.T, root *clients, name, provider string, statements ...statement) string {
	t.Helper()
	out, err := root.IAM.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(trustOf(root.Account, provider, statements)),
		MaxSessionDuration: aws.Int32(7200), Tags: []types.Tag{tag("kind", "web")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.IAM.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String(name), PolicyName: aws.String("reads"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:ListUsers","sts:*"],"Resource":"*"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	return *out.Role.Arn
}

var letIn = statement{Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity"}

func webCall(role, token string) *sts.AssumeRoleWithWebIdentityInput {
	return &sts.AssumeRoleWithWebIdentityInput{RoleArn: aws.String(role), RoleSessionName: aws.String("session"), WebIdentityToken: aws.String(token)}
}

func (w *world) webIdentity(t *testing.T, in *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	t.Helper()
	return w.unsigned("").STS.AssumeRoleWithWebIdentity(t.Context(), in)
}

func webIdentityCases() []actionCase {
	tags := map[string]any{
		"https://aws.amazon.com/tags":            map[string]any{"principal_tags": map[string][]string{"team": {"blue"}}, "transitive_tag_keys": []string{"team"}},
		"https://aws.amazon.com/source_identity": "Ann", "amr": []string{"pwd", "mfa"},
	}
	one := func(with map[string]any, key, anyKey, holds, other, tagKeys string, grants ...string) actionCase {
		c := actionCase{
			action: "AssumeRoleWithWebIdentity", key: key, anyKey: anyKey, holds: holds, other: other, tagKeys: tagKeys,
			setup: func(t *testing.T, root *clients, made map[string]string) {
				made["provider"] = provides(t, root, issuerName)
				made["role"] = trustsWeb(t, root, "webber", made["provider"])
				made["token"] = root.issuer.token(t, issuerURL, with)
			},
			unsigned: func(t *testing.T, root *clients, made map[string]string, statements []statement) {
				if _, err := root.IAM.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{
					RoleName: aws.String("webber"), PolicyDocument: aws.String(trustOf(root.Account, made["provider"], statements)),
				}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.STS.AssumeRoleWithWebIdentity(ctx, webCall(made["role"], made["token"]))
				if err == nil {
					made["id"], made["secret"], made["session"] = *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken
					made["arn"] = *out.AssumedRoleUser.Arn
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				got, err := root.STS.GetCallerIdentity(t.Context(), nil, func(o *sts.Options) {
					o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{AccessKeyID: made["id"], SecretAccessKey: made["secret"], SessionToken: made["session"]}, nil
					})
				})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "ARN", *got.Arn, made["arn"])
				same(t, "ARN", *got.Arn, "arn:aws:sts::"+root.Account+":assumed-role/webber/session")
			},
		}
		for _, g := range grants {
			c.grants = append(c.grants, grant{g, "*"})
		}
		return c
	}
	all := []string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"}
	return []actionCase{
		one(nil, issuerName+":sub", "", "me", "you", "", all[:1]...),
		one(nil, issuerName+":aud", "", "app", "another", "", all[:1]...),
		one(tags, "", issuerName+":amr", "mfa", "sms", "team", all...),
		one(tags, "aws:RequestTag/team", "", "blue", "red", "", all...),
		one(tags, "sts:SourceIdentity", "", "Ann", "Bob", "", all...),
		one(tags, "sts:RoleSessionName", "", "session", "another", "", all...),
		one(tags, "iam:ResourceTag/kind", "", "web", "another", "", all...),
		one(tags, "", "sts:TransitiveTagKeys", "team", "another", "", all...),
	}
}

// newWebWorld is a world with an issuer, an account with a provider of it, and a
// role that trusts it without conditions.
func newWebWorld(t *testing.T) (w *world, i *openIDIssuer, root *clients, role string) {
	t.Helper()
	w = newCaseWorld(t)
	root = w.account(t)
	return w, w.issuer, root, trustsWeb(t, root, "webber", provides(t, root, issuerName), letIn)
}

// TestWebIdentity: what is answered, what the keys may do, how long they last,
// and what later calls know of the provider.
func TestWebIdentity(t *testing.T) {
	w, i, root, _ := newWebWorld(t)
	provider := "arn:aws:iam::" + root.Account + ":oidc-provider/" + issuerName
	also := func(action string) statement { return statement{Effect: "Allow", Action: action} }
	role := trustsWeb(t, root, "tagged", provider, letIn, also("sts:TagSession"), also("sts:SetSourceIdentity"))
	token := i.token(t, issuerURL, map[string]any{
		"https://aws.amazon.com/tags":            map[string]any{"principal_tags": map[string][]string{"team": {"blue"}, "cost": {""}}, "transitive_tag_keys": []string{"team"}},
		"https://aws.amazon.com/source_identity": "Ann", "azp": "app", "aud": []string{"one", "two"}, "amr": []string{"pwd", "mfa"}, "exp": 4102444800,
	})
	in := webCall(role, token)
	in.DurationSeconds, in.Policy = aws.Int32(7200), aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
		"StringEquals":{"`+issuerName+`:sub":"me","`+issuerName+`:aud":"app","aws:FederatedProvider":"`+provider+`","aws:PrincipalTag/team":"blue","aws:SourceIdentity":"Ann"},
		"ForAnyValue:StringEquals":{"`+issuerName+`:amr":"mfa"},"Null":{"`+issuerName+`:oaud":"true"}}}}`)
	out, err := w.webIdentity(t, in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "subject", aws.ToString(out.SubjectFromWebIdentityToken), "me")
	same(t, "provider", aws.ToString(out.Provider), provider)
	same(t, "audience", aws.ToString(out.Audience), "app")
	same(t, "source", aws.ToString(out.SourceIdentity), "Ann")
	same(t, "user", aws.ToString(out.AssumedRoleUser.Arn), "arn:aws:sts::"+root.Account+":assumed-role/tagged/session")
	same(t, "id", strings.HasSuffix(aws.ToString(out.AssumedRoleUser.AssumedRoleId), ":session"), true)
	same(t, "packed", aws.ToInt32(out.PackedPolicySize) > 0, true) //lint:ignore SA1019 it is answered
	session := w.as(root.Account, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	if _, err := session.IAM.ListUsers(t.Context(), nil); err != nil {
		t.Errorf("the session may not do what its policies allow: %v", err)
	}
	_, err = session.STS.GetSessionToken(t.Context(), nil)
	refusedAs(t, "GetSessionToken", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	// The session is a role's: who assumes another is chained, keeps the source
	// identity and the transitive tags, and has no provider any more.
	next, err := root.IAM.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("next"), MaxSessionDuration: aws.Int32(7200), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],
		"Condition":{"StringEquals":{"aws:RequestTag/team":"blue","sts:SourceIdentity":"Ann"}}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	chain := &sts.AssumeRoleInput{RoleArn: next.Role.Arn, RoleSessionName: aws.String("next"), DurationSeconds: aws.Int32(3601)}
	_, err = session.STS.AssumeRole(t.Context(), chain)
	refusedAs(t, "chained for long", err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	chain.DurationSeconds = nil
	if _, err := session.STS.AssumeRole(t.Context(), chain); err != nil {
		t.Error(err)
	}
	// Revoking ends them, as every session of the role.
	if _, err := root.IAM.DeleteOpenIDConnectProvider(t.Context(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(provider)}); err != nil {
		t.Fatal(err)
	}
	if _, err := session.IAM.ListUsers(t.Context(), nil); err != nil {
		t.Errorf("the provider's end ended a session: %v", err)
	}
	_, err = w.webIdentity(t, in)
	refusedAs(t, "the deleted provider", err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+issuerURL)
}

// TestWebIdentityAlgorithms: those that AWS takes, each by a key of its own.
func TestWebIdentityAlgorithms(t *testing.T) {
	w, i, _, role := newWebWorld(t)
	for _, a := range []struct {
		key       string
		algorithm jose.SignatureAlgorithm
	}{{"rsa", jose.RS256}, {"rsa", jose.RS384}, {"rsa", jose.RS512}, {"ES256", jose.ES256}, {"ES384", jose.ES384}, {"ES512", jose.ES512}} {
		if _, err := w.webIdentity(t, webCall(role, i.signed(t, a.key, a.algorithm, claimsOf(issuerURL, nil)))); err != nil {
			t.Errorf("%s: %v", a.algorithm, err)
		}
	}
	same(t, "discovery", i.times(issuerName+"/.well-known/openid-configuration"), 1)
	same(t, "keys", i.times(issuerName+"/keys"), 1)
}

// TestWebIdentityTokens are tokens that AWS takes though they look odd.
func TestWebIdentityTokens(t *testing.T) {
	w, i, _, role := newWebWorld(t)
	now := claimsOf("", nil)["iat"].(int64)
	for name, c := range map[string]struct {
		with     map[string]any
		subject  string
		audience string
	}{
		"an audience in a list":          {map[string]any{"aud": []string{"app"}}, "me", "app"},
		"an authorized party":            {map[string]any{"aud": []string{"x", "y"}, "azp": "app"}, "me", "app"},
		"a subject without a letter":     {map[string]any{"sub": ""}, "", "app"},
		"a subject that is a number":     {map[string]any{"sub": 123}, "123", "app"},
		"a long subject":                 {map[string]any{"sub": strings.Repeat("a", 300)}, strings.Repeat("a", 300), "app"},
		"times in strings":               {map[string]any{"iat": fmt.Sprint(now), "exp": fmt.Sprint(now + 60), "nbf": fmt.Sprint(now)}, "me", "app"},
		"expired within the skew":        {map[string]any{"exp": now - 200}, "me", "app"},
		"issued in the skew":             {map[string]any{"iat": now + 200, "nbf": now + 200}, "me", "app"},
		"a role that is authorized":      {map[string]any{"https://aws.amazon.com/roles": []any{1, "arn:aws:iam::1:role/x", " " + role + " "}}, "me", "app"},
		"roles in a text":                {map[string]any{"https://aws.amazon.com/roles": "x; " + role}, "me", "app"},
		"strange claims beside":          {map[string]any{"amr": 7, "email": []string{"x"}, "_claim_names": map[string]string{"a": "b"}}, "me", "app"},
		"a subject of another alphabet ": {map[string]any{"sub": "Æneas & <b>"}, "Æneas & <b>", "app"},
	} {
		out, err := w.webIdentity(t, webCall(role, i.token(t, issuerURL, c.with)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, aws.ToString(out.SubjectFromWebIdentityToken), c.subject)
		same(t, name, aws.ToString(out.Audience), c.audience)
	}
	// A token of flat tags, for which the trust policy has no leave.
	_, err := w.webIdentity(t, webCall(role, i.token(t, issuerURL, map[string]any{"https://aws.amazon.com/tags/principal_tags/team": "blue"})))
	refusedAs(t, "flat tags", err, "AccessDenied", "Not authorized to perform sts:TagSession")
}

// TestWebIdentityByThumbprint: an issuer for which no authority vouches is
// believed by the thumbprint of one of its certificates, and by no other.
func TestWebIdentityByThumbprint(t *testing.T) {
	w, i, root, _ := newWebWorld(t)
	good := trustsWeb(t, root, "good", provides(t, root, "pinned.example.net", i.thumbprint, aThumbprint), letIn)
	if _, err := w.webIdentity(t, webCall(good, i.token(t, "https://pinned.example.net", nil))); err != nil {
		t.Errorf("by its thumbprint: %v", err)
	}
	other := w.account(t)
	bad := trustsWeb(t, other, "bad", provides(t, other, "pinned.example.net"), letIn)
	_, err := w.webIdentity(t, webCall(bad, i.token(t, "https://pinned.example.net", nil)))
	refusedAs(t, "another thumbprint", err, "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
	if _, err := other.IAM.UpdateOpenIDConnectProviderThumbprint(t.Context(), &iam.UpdateOpenIDConnectProviderThumbprintInput{
		OpenIDConnectProviderArn: aws.String("arn:aws:iam::" + other.Account + ":oidc-provider/pinned.example.net"), ThumbprintList: []string{i.thumbprint},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.webIdentity(t, webCall(bad, i.token(t, "https://pinned.example.net", nil))); err != nil {
		t.Errorf("after the thumbprint was put right: %v", err)
	}
	// A thumbprint speaks for certificates of the host only.
	foreign := trustsWeb(t, root, "foreign", provides(t, root, "deep.pinned.example.net", i.thumbprint), letIn)
	_, err = w.webIdentity(t, webCall(foreign, i.token(t, "https://deep.pinned.example.net", nil)))
	refusedAs(t, "another host's certificate", err, "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
}

// TestWebIdentityTrace: the role's account can find out why somebody was denied.
func TestWebIdentityTrace(t *testing.T) {
	w, i, root, role := newWebWorld(t)
	_, err := w.webIdentity(t, webCall(role+"-none", i.token(t, issuerURL, nil)))
	refusedAs(t, "no such role", err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	trace := w.traceOf(t, err)
	same(t, "who was denied", trace.Principal.ARN, "arn:aws:iam::"+root.Account+":oidc-provider/"+issuerName)
	same(t, "what", trace.Resource, role+"-none")
	same(t, "a message", refusal(t, err).Get(messageHeader), "")
	keys := map[string]string{}
	for _, k := range trace.Context {
		keys[k.Key] = strings.Join(k.Values, " ")
	}
	for key, want := range map[string]string{
		issuerName + ":sub": "me", issuerName + ":aud": "app", issuerName + ":oaud": "app", "aws:PrincipalAccount": root.Account, "aws:PrincipalType": "User",
		"aws:userid": trace.Principal.ARN, "aws:FederatedProvider": trace.Principal.ARN, "sts:RoleAuthorizedByIdp": "false", "aws:PrincipalArn": "",
	} {
		same(t, key, keys[key], want)
	}
}

// TestWebIdentityUnsigned: a signature, good or not, counts for nothing.
func TestWebIdentityUnsigned(t *testing.T) {
	w, i, root, role := newWebWorld(t)
	for name, c := range map[string]*clients{
		"root's": root, "nobody's": w.as(root.Account, "AKIAIOSFODNN7EXAMPLE", "wrong", ""), "another account's": w.account(t),
	} {
		out, err := c.STS.AssumeRoleWithWebIdentity(t.Context(), webCall(role, i.token(t, issuerURL, nil)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, aws.ToString(out.SubjectFromWebIdentityToken), "me")
	}
}

// TestKnownIssuers: AWS knows some providers by name; roles that name them in
// their trust policies want their tokens, and no others do.
func TestKnownIssuers(t *testing.T) {
	w, issuer, root, _ := newWebWorld(t)
	issuer.serves(t, "accounts.google.com", "cognito-identity.amazonaws.com")
	for name, from := range map[string]string{"accounts.google.com": "accounts.google.com", "cognito-identity.amazonaws.com": "https://cognito-identity.amazonaws.com"} {
		meant := letIn
		meant.Condition = map[string]map[string]string{"StringEquals": {name + ":aud": "app", name + ":sub": "me"}}
		role := trustsWeb(t, root, strings.ReplaceAll(name, ".", "-"), name, meant)
		out, err := w.webIdentity(t, webCall(role, issuer.token(t, from, nil)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, aws.ToString(out.Provider), name)
		_, err = w.webIdentity(t, webCall(role, issuer.token(t, from, map[string]any{"aud": "another"})))
		refusedAs(t, "for another app", err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
		for what, other := range map[string]string{"no role": role + "-none", "no account": strings.Replace(role, root.Account, "999999999999", 1)} {
			_, err = w.webIdentity(t, webCall(other, issuer.token(t, from, nil)))
			refusedAs(t, what, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
		}
	}
}

// TestProviderKeys: every condition key that AWS lists for the action is made of
// its claim, for an issuer whose name its pattern fits, and for no other.
func TestProviderKeys(t *testing.T) {
	w, i, root, _ := newWebWorld(t)
	provides(t, root, "other.example.com")
	service, _ := catalog.Service("sts")
	action, _ := service.Action("AssumeRoleWithWebIdentity")
	claims := map[string]map[string]any{}
	for _, key := range action.ConditionKeys {
		pattern, claim, _ := strings.Cut(key, ":")
		if strings.Contains(pattern, ".") && pattern != "graph.facebook.com" && pattern != "www.amazon.com" {
			name := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(pattern, "some-thing")
			if claims[name] == nil {
				claims[name] = map[string]any{}
			}
			claims[name][claim] = "value of " + claim
		}
	}
	if len(claims) < 12 {
		t.Fatalf("%d issuers", len(claims))
	}
	seen := func(name string, with map[string]any) map[string]string {
		t.Helper()
		if _, err := root.IAM.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: aws.String("arn:aws:iam::" + root.Account + ":oidc-provider/" + name),
		}); err != nil {
			provides(t, root, name)
		}
		_, err := w.webIdentity(t, webCall("arn:aws:iam::"+root.Account+":role/none", i.token(t, "https://"+name, with)))
		keys := map[string]string{}
		for _, k := range w.traceOf(t, err).Context {
			keys[k.Key] = strings.Join(k.Values, " ")
		}
		return keys
	}
	for name, with := range claims {
		host, _, _ := strings.Cut(name, "/")
		i.serves(t, host)
		for _, usual := range []string{"sub", "aud", "oaud", "amr"} {
			delete(with, usual)
		}
		if with["google/organization_number"] != nil {
			delete(with, "google/organization_number")
			with["google"] = map[string]any{"organization_number": 12}
		}
		keys, others := seen(name, with), seen("other.example.com", with)
		for claim, want := range with {
			if claim == "google" {
				claim, want = "google/organization_number", "12"
			}
			same(t, name+":"+claim, keys[strings.ToLower(name+":"+claim)], fmt.Sprint(want))
			same(t, "of another", others["other.example.com:"+claim], "")
		}
	}
	keys := seen("other.example.com", map[string]any{"email": "me@example.com", "amr": "pwd", "azp": "app", "aud": []string{"x", "y"}})
	for key, want := range map[string]string{"email": "me@example.com", "amr": "pwd", "aud": "app", "oaud": "x y", "sub": "me"} {
		same(t, key, keys["other.example.com:"+key], want)
	}
}
