package guard

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const (
	own    = "123456789012"
	theirs = "210987654321"
)

// keysOf gives the condition keys of a question, as AWS writes them; the values
// of a multivalued key stand in brackets.
func keysOf(s *setting, check *Check) map[string]string {
	var ctx policy.Context
	s.fill(&ctx, check)
	keys := map[string]string{}
	for _, name := range ctx.Keys() {
		values, many, _ := ctx.Get(name)
		keys[spell(name)] = strings.Join(values, " ")
		if many {
			keys[spell(name)] = "[" + strings.Join(values, " ") + "]"
		}
	}
	return keys
}

// with joins maps of keys.
func with(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

// callers are one of each kind, and the keys that say who they are.
func callers() map[string]struct {
	caller Caller
	tags   []iam.Tag
	keys   map[string]string
} {
	at := Origin{SourceIP: "192.0.2.7", Secure: true, UserAgent: "agent/1", Referer: "https://example.com/", Time: noon}
	who := func(kind policy.PrincipalKind, arn, id, userID string, s *sts.Session) Caller {
		return Caller{Principal: policy.Principal{Kind: kind, Account: own, ARN: arn, UniqueID: id}, UserID: userID, Session: s, Region: "eu-west-1", Origin: at}
	}
	const (
		root, bob   = "arn:aws:iam::" + own + ":root", "arn:aws:iam::" + own + ":user/Bob"
		role        = "arn:aws:iam::" + own + ":role/p/R"
		roleSession = "arn:aws:sts::" + own + ":assumed-role/R/s"
		provider    = "arn:aws:iam::" + own + ":oidc-provider/id.example.com"
	)
	user := func(s *sts.Session) Caller {
		c := who(policy.User, bob, "AIDABOB", "AIDABOB", s)
		c.UserName = "Bob"
		return c
	}
	session := func(s *sts.Session) Caller {
		c := who(policy.Role, roleSession, "AROAR", "AROAR:s", s)
		c.RoleARN, c.RoleName = role, "R"
		return c
	}
	anonymous := *Anonymous(at)
	service := Caller{Principal: policy.Principal{Kind: policy.Service, Service: "lambda.amazonaws.com"}, Region: "eu-west-1", Origin: at, OnBehalf: &OnBehalf{
		Names: []string{"lambda.amazonaws.com", "lambda.eu-west-1.amazonaws.com"}, SourceARN: "arn:aws:s3:::b", SourceAccount: theirs,
	}}
	forwarded := user(&sts.Session{Kind: sts.SessionToken, Issued: noon.Add(-time.Hour)})
	forwarded.OnBehalf = &OnBehalf{Via: []string{"cloudformation.amazonaws.com", "athena.amazonaws.com", "kms.amazonaws.com"}}

	signed := map[string]string{"aws:PrincipalAccount": own, "aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false", "aws:RequestedRegion": "eu-west-1"}
	token := map[string]string{"aws:TokenIssueTime": "2026-11-01T11:00:00Z"}
	noMFA := with(token, map[string]string{"aws:MultiFactorAuthPresent": "false"})
	isUser := with(signed, map[string]string{"aws:PrincipalArn": bob, "aws:userid": "AIDABOB", "aws:username": "Bob", "aws:PrincipalType": "User"})
	isRole := with(signed, map[string]string{"aws:PrincipalArn": role, "aws:userid": "AROAR:s", "aws:PrincipalType": "AssumedRole"})
	issued := noon.Add(-time.Hour)

	return map[string]struct {
		caller Caller
		tags   []iam.Tag
		keys   map[string]string
	}{
		"anonymous": {anonymous, nil, map[string]string{
			"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": "Anonymous", "aws:userid": "anonymous", "aws:ViaAWSService": "false",
		}},
		"root": {who(policy.Root, root, own, own, nil), nil,
			with(signed, map[string]string{"aws:PrincipalArn": root, "aws:userid": own, "aws:PrincipalType": "Account"})},
		"root by GetSessionToken": {who(policy.Root, root, own, own, &sts.Session{Kind: sts.SessionToken, Issued: issued}), nil,
			with(signed, noMFA, map[string]string{"aws:PrincipalArn": root, "aws:userid": own, "aws:PrincipalType": "Account"})},
		"AssumeRoot": {who(policy.Root, root, own, own, &sts.Session{Kind: sts.AssumedRoot, Issued: issued}), nil,
			with(signed, noMFA, map[string]string{"aws:PrincipalArn": root, "aws:userid": own, "aws:PrincipalType": "Account", "aws:AssumedRoot": "true"})},
		"user":                    {user(nil), nil, isUser},
		"user with tags":          {user(nil), []iam.Tag{{Key: "Team", Value: "red"}}, with(isUser, map[string]string{"aws:PrincipalTag/team": "red"})},
		"user by GetSessionToken": {user(&sts.Session{Kind: sts.SessionToken, Issued: issued}), nil, with(isUser, noMFA)},
		"user by GetSessionToken with MFA": {user(&sts.Session{Kind: sts.SessionToken, Issued: issued, MFA: noon.Add(-90 * time.Second)}), nil,
			with(isUser, token, map[string]string{"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "90"})},
		"role": {session(&sts.Session{Kind: sts.AssumedRole, Issued: issued}), nil, with(isRole, noMFA)},
		"role with tags and source identity": {
			session(&sts.Session{Kind: sts.AssumedRole, Issued: issued, Tags: []iam.Tag{{Key: "team", Value: "blue"}}, SourceIdentity: "Ann"}),
			[]iam.Tag{{Key: "Team", Value: "red"}, {Key: "desk", Value: "7"}},
			with(isRole, noMFA, map[string]string{"aws:PrincipalTag/team": "blue", "aws:PrincipalTag/desk": "7", "aws:SourceIdentity": "Ann"}),
		},
		"role by web identity": {session(&sts.Session{Kind: sts.WebIdentity, Issued: issued, Provider: provider}), nil,
			with(isRole, token, map[string]string{"aws:FederatedProvider": provider})},
		"role by SAML": {session(&sts.Session{Kind: sts.SAML, Issued: issued}), nil, with(isRole, token)},
		"federated user": {who(policy.FederatedUser, "arn:aws:sts::"+own+":federated-user/f", "AIDABOB", own+":f", &sts.Session{Kind: sts.Federation, Issued: issued}), nil,
			with(signed, token, map[string]string{"aws:PrincipalArn": "arn:aws:sts::" + own + ":federated-user/f", "aws:userid": own + ":f", "aws:PrincipalType": "FederatedUser"})},
		"service": {service, nil, map[string]string{
			"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": "lambda.amazonaws.com",
			"aws:PrincipalServiceNamesList": "[lambda.amazonaws.com lambda.eu-west-1.amazonaws.com]",
			"aws:SourceArn":                 "arn:aws:s3:::b", "aws:SourceAccount": theirs, "aws:ViaAWSService": "false", "aws:RequestedRegion": "eu-west-1",
		}},
		"user by way of services": {forwarded, nil, with(isUser, noMFA, map[string]string{
			"aws:ViaAWSService": "true", "aws:CalledVia": "[cloudformation.amazonaws.com athena.amazonaws.com kms.amazonaws.com]",
			"aws:CalledViaFirst": "cloudformation.amazonaws.com", "aws:CalledViaLast": "kms.amazonaws.com",
		})},
	}
}

// request are the keys of where every request of these tests comes from.
var request = map[string]string{
	"aws:CurrentTime": "2026-11-01T12:00:00Z", "aws:EpochTime": "1793534400", "aws:SecureTransport": "true", "aws:SourceIp": "192.0.2.7",
	"aws:UserAgent": "agent/1", "aws:referer": "https://example.com/",
}

// TestKeysOfCallers: each kind of caller has exactly these keys, with these
// values, and no theirs.
func TestKeysOfCallers(t *testing.T) {
	for name, c := range callers() {
		s := setting{caller: &c.caller, tags: c.tags}
		check := &Check{Action: "execute-api:Invoke", Resource: "*", Account: theirs}
		want := with(request, c.keys, map[string]string{"aws:ResourceAccount": theirs})
		if c.caller.OnBehalf != nil {
			delete(want, "aws:SourceIp") // the address would be the service's
		}
		if diff := cmp.Diff(want, keysOf(&s, check)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestKeysOfRequests: what a request leaves out has no key, and IAM is in
// us-east-1 wherever a client signs.
func TestKeysOfRequests(t *testing.T) {
	bare := &Caller{Principal: policy.Principal{Kind: policy.Root, Account: own}, Origin: Origin{Time: noon.In(time.FixedZone("x", 3600))}}
	keys := keysOf(&setting{caller: bare}, &Check{Action: "sts:GetAccessKeyInfo", Resource: "*"})
	for _, absent := range []string{"aws:SourceIp", "aws:UserAgent", "aws:referer", "aws:RequestedRegion", "aws:TagKeys", "aws:PrincipalOrgID", "aws:ResourceOrgID"} {
		if v, ok := keys[absent]; ok {
			t.Errorf("%s is %q", absent, v)
		}
	}
	for key, want := range map[string]string{"aws:CurrentTime": "2026-11-01T12:00:00Z", "aws:SecureTransport": "false", "aws:ResourceAccount": own} {
		if keys[key] != want {
			t.Errorf("%s is %q, want %q", key, keys[key], want)
		}
	}
	bare.Region = "eu-west-1"
	for action, want := range map[string]string{"iam:ListUsers": "us-east-1", "sts:AssumeRole": "eu-west-1", "execute-api:Invoke": "eu-west-1"} {
		if got := keysOf(&setting{caller: bare}, &Check{Action: action, Resource: "*"})["aws:RequestedRegion"]; got != want {
			t.Errorf("%s in %q, want %q", action, got, want)
		}
	}
}

// TestKeysOfResources: tags under the keys that their resource types have, the
// tags of the request, and the action's own keys.
func TestKeysOfResources(t *testing.T) {
	caller := &Caller{Principal: policy.Principal{Kind: policy.Root, Account: own}, Origin: Origin{Time: noon}}
	tags := []iam.Tag{{Key: "Stage", Value: "prod"}}
	for resource, iamKey := range map[string]bool{
		"arn:aws:iam::" + own + ":user/Bob": true, "arn:aws:iam::" + own + ":role/p/R": true,
		"arn:aws:iam::" + own + ":policy/P": false, "arn:aws:iam::" + own + ":policy/:user/P": false, "*": false,
	} {
		for _, action := range []string{"iam:TagUser", "sts:AssumeRole"} {
			keys := keysOf(&setting{caller: caller}, &Check{Action: action, Resource: resource, Tags: tags})
			if _, ok := keys["iam:ResourceTag/stage"]; keys["aws:ResourceTag/stage"] != "prod" || ok != iamKey || keys["sts:resourcetag/stage"] != "" {
				t.Errorf("%s on %s: %v", action, resource, keys)
			}
		}
	}
	keys := keysOf(&setting{caller: caller}, &Check{
		Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:" + theirs + ":q", Account: theirs, Tags: tags,
		RequestTags: []iam.Tag{{Key: "cost", Value: "7"}}, TagKeys: []string{"Old"},
		Keys: []Key{Value("sts:ExternalId", "x"), {Name: "sts:TransitiveTagKeys", Values: []string{"a"}, Many: true}, {Name: "iam:PolicyARN"}},
	})
	for key, want := range map[string]string{
		"aws:ResourceAccount": theirs, "sqs:resourcetag/stage": "prod", "aws:RequestTag/cost": "7", "aws:TagKeys": "[Old cost]",
		"sts:ExternalId": "x", "sts:TransitiveTagKeys": "[a]", "iam:PolicyARN": "[]",
	} {
		if keys[key] != want {
			t.Errorf("%s is %q, want %q", key, keys[key], want)
		}
	}
}

// places are a few accounts in organizations; the key "" fails.
type places map[string]Organization

func (p places) Organization(account string) (Organization, error) {
	o, ok := p[account]
	if !ok && account == p[""].ID {
		return o, errors.New("the store does not answer")
	}
	return o, nil
}

// TestKeysOfOrganizations: of the caller's organization, the resource's and the
// source's, each by itself; who is in none has no key, and who can't be asked
// about is denied.
func TestKeysOfOrganizations(t *testing.T) {
	const third, unknown = "333333333333", "444444444444"
	g := &Guard{cfg: Config{Organizations: places{
		own: {ID: "o-one", Path: "o-one/r-1/ou-1/"}, theirs: {ID: "o-two", Path: "o-two/r-2/", Management: true}, "": {ID: unknown},
	}}}
	allow := func(operator, key, value string) []policy.Attached {
		doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"` +
			operator + `":{"` + key + `":"` + value + `"}}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return []policy.Attached{{ID: "p", Policy: policy.Compile(doc, policy.CompileOptions{})}}
	}
	user := func(account string) *Caller {
		return &Caller{Principal: policy.Principal{Kind: policy.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root"}, Origin: Origin{Time: noon}}
	}
	for _, c := range []struct {
		caller               *Caller
		resource             string
		operator, key, value string
		allowed              bool
	}{
		{user(own), theirs, "StringEquals", "aws:PrincipalOrgID", "o-one", true},
		{user(own), theirs, "StringEquals", "aws:PrincipalOrgID", "o-two", false},
		{user(own), theirs, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-one/r-1/*", true},
		{user(own), theirs, "StringLike", "aws:PrincipalOrgPaths", "o-one/r-1/*", false}, // it is multivalued
		{user(own), theirs, "StringEquals", "aws:ResourceOrgID", "o-two", true},
		{user(own), theirs, "ForAnyValue:StringEquals", "aws:ResourceOrgPaths", "o-two/r-2/", true},
		{user(own), third, "Null", "aws:ResourceOrgID", "true", true},
		{user(third), theirs, "Null", "aws:PrincipalOrgID", "true", true},
		{user(third), theirs, "Null", "aws:PrincipalOrgPaths", "true", true},
		{Anonymous(Origin{Time: noon}), theirs, "Null", "aws:PrincipalOrgID", "true", true},
		{Anonymous(Origin{Time: noon}), theirs, "StringEquals", "aws:ResourceOrgID", "o-two", true},
	} {
		check := Check{Action: "execute-api:Invoke", Resource: "*", Account: c.resource, Policies: allow(c.operator, c.key, c.value)}
		err := g.Authorize(c.caller, iam.NewAccount(new(iam.Env), c.caller.Account), check)
		var denied *Denied
		if (err == nil) != c.allowed || err != nil && !errors.As(err, &denied) {
			t.Errorf("%s, resource of %s, %s %s: %v", c.caller.Account, c.resource, c.key, c.value, err)
		}
	}
	for _, c := range []struct{ caller, resource string }{{unknown, own}, {own, unknown}} {
		err := g.Authorize(user(c.caller), iam.NewAccount(new(iam.Env), c.caller), Check{Action: "a:B", Resource: "*", Account: c.resource, Policies: allow("Null", "aws:x", "true")})
		if err == nil || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("caller of %s, resource of %s: %v", c.caller, c.resource, err)
		}
	}
	keys := keysOf(&setting{caller: user(own), source: Organization{ID: "o-s", Path: "o-s/r-s/"}}, &Check{Action: "a:B"})
	if keys["aws:SourceOrgID"] != "o-s" || keys["aws:SourceOrgPaths"] != "[o-s/r-s/]" {
		t.Errorf("%v", keys)
	}
}

// TestSpellings: no key that is set goes without AWS's spelling.
func TestSpellings(t *testing.T) {
	for name, c := range callers() {
		for key := range keysOf(&setting{caller: &c.caller, tags: c.tags, source: Organization{ID: "o"}}, &Check{
			Action: "iam:TagUser", Resource: "arn:aws:iam::1:user/u", Tags: []iam.Tag{{Key: "a"}}, RequestTags: []iam.Tag{{Key: "b"}},
		}) {
			stem, _, _ := strings.Cut(key, "/")
			if !slices.ContainsFunc(spellings[:], func(s string) bool { return strings.TrimSuffix(s, "/") == stem }) {
				t.Errorf("%s: %s is not spelled", name, key)
			}
		}
	}
	if got := spell("s3:prefix/x"); got != "s3:prefix/x" {
		t.Errorf("got %s", got)
	}
}

// TestKeysAreDocumented: docs/condition-keys.md has every key that is set.
func TestKeysAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/condition-keys.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range spellings {
		if strings.HasSuffix(key, "/") {
			key += "*"
		}
		if !strings.Contains(string(doc), "| `"+key+"` |") {
			t.Errorf("%s has no row", key)
		}
	}
}
