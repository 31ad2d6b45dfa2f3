package wire

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// Organizations' inputs, as its SDK module has them.
type (
	CreatePolicyInput struct {
		Content, Description, Name *string
		Type                       policyType
		Tags                       []iamtypes.Tag
	}
	ListAccountsInput struct {
		MaxResults *int32
		NextToken  *string
	}
	CreateOrganizationInput struct{ FeatureSet string }
	HandshakeParty          struct {
		Id   *string
		Type string
	}
	InviteAccountToOrganizationInput struct {
		Target *HandshakeParty
		Notes  *string
	}
	EffectivePolicyInput struct {
		PolicyType          string
		AccountId, TargetId *string
	}
	TagResourceInput struct {
		ResourceId *string
		Tags       []Tag
	}
	Tag                struct{ Key, Value *string }
	UntagResourceInput struct {
		ResourceId *string
		TagKeys    []string
	}
)

func TestValidate(t *testing.T) {
	role := "arn:aws:iam::123456789012:role/r"
	long := strings.Repeat("a", 65)
	for _, c := range []struct {
		name string
		op   Op
		in   any
		want string // the whole message; empty: valid
	}{
		{"valid", Op{Service: "iam", Name: "CreateUser"}, &iam.CreateUserInput{UserName: aws.String("a.b@c"), Path: aws.String("/p/")}, ""},
		{"64 characters", Op{Service: "iam", Name: "CreateUser"}, iam.CreateUserInput{UserName: aws.String(long[1:])}, ""},
		{"no members", Op{Service: "sts", Name: "GetCallerIdentity"}, &sts.GetCallerIdentityInput{}, ""},
		// These three are recorded from AWS.
		{
			"pattern", Op{Service: "iam", Name: "UpdateServiceSpecificCredential"},
			&iam.UpdateServiceSpecificCredentialInput{ServiceSpecificCredentialId: aws.String(strings.Repeat("no-such-id", 3)), Status: "Active"},
			`1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+`,
		},
		{
			"enum", Op{Service: "iam", Name: "UpdateServiceSpecificCredential"},
			&iam.UpdateServiceSpecificCredentialInput{ServiceSpecificCredentialId: aws.String(strings.Repeat("A", 20)), Status: "active"},
			`1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set`,
		},
		{
			"echo", Op{Service: "sts", Name: "AssumeRole"},
			&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("Session1:2")},
			`1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
		},
		{
			"required", Op{Service: "iam", Name: "CreateUser"}, &iam.CreateUserInput{},
			`1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null`,
		},
		{
			"required enum and string", Op{Service: "sts", Name: "AssumeRole"}, &sts.AssumeRoleInput{},
			`2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null`,
		},
		{
			"empty", Op{Service: "iam", Name: "CreateUser"}, &iam.CreateUserInput{UserName: aws.String("")},
			`2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+; Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1`,
		},
		{
			"too long", Op{Service: "iam", Name: "CreateUser"}, &iam.CreateUserInput{UserName: &long},
			`1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64`,
		},
		{
			"a newline at the end", Op{Service: "iam", Name: "CreateUser"}, &iam.CreateUserInput{UserName: aws.String("a\n")},
			`1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`,
		},
		{
			"number", Op{Service: "sts", Name: "AssumeRole"},
			&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("name"), DurationSeconds: aws.Int32(43201)},
			`1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200`,
		},
		{
			"small number", Op{Service: "iam", Name: "ListUsers"}, &iam.ListUsersInput{MaxItems: aws.Int32(0)},
			`1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1`,
		},
		{
			"nested", Op{Service: "iam", Name: "CreateUser"},
			&iam.CreateUserInput{UserName: aws.String("u"), Tags: []iamtypes.Tag{{Key: aws.String("ok"), Value: aws.String("")}, {Key: aws.String("a#")}}},
			`2 validation errors detected: Value at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+; Value at 'tags.2.member.value' failed to satisfy constraint: Member must not be null`,
		},
		{
			"long list", Op{Service: "iam", Name: "TagUser"},
			&iam.TagUserInput{UserName: aws.String("u"), Tags: make([]iamtypes.Tag, 51)}, // and ten of its 102 absent members
			"",
		},
		{
			"list of strings", Op{Service: "iam", Name: "UntagUser"}, &iam.UntagUserInput{UserName: aws.String("u"), TagKeys: []string{"ok", ""}},
			`1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+]`,
		},
		{
			"list of strings, echoed", Op{Service: "sts", Name: "AssumeRole"},
			&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("name"), TransitiveTagKeys: []string{"a", "b#"}},
			`1 validation error detected: Value '[a, b#]' at 'transitiveTagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+]`,
		},
		{
			"lower case member", Op{Service: "sts", Name: "AssumeRole"},
			&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("name"), PolicyArns: []ststypes.PolicyDescriptorType{{Arn: aws.String("short")}}},
			`1 validation error detected: Value 'short' at 'policyArns.1.member.arn' failed to satisfy constraint: Member must have length greater than or equal to 20`,
		},
		{
			"sensitive", Op{Service: "sts", Name: "AssumeRoleWithWebIdentity"},
			&sts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: aws.String("name"), WebIdentityToken: aws.String("abc")},
			`1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4`,
		},
		{
			"one-time code", Op{Service: "sts", Name: "GetSessionToken"}, &sts.GetSessionTokenInput{TokenCode: aws.String("12345x")},
			`1 validation error detected: Value at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\d]*`,
		},
		{
			"beyond RE2", Op{Service: "iam", Name: "CreateAccountAlias"}, &iam.CreateAccountAliasInput{AccountAlias: aws.String("a--b")},
			`1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`,
		},
		{
			"acronym", Op{Service: "iam", Name: "GetSAMLProvider"}, &iam.GetSAMLProviderInput{},
			`1 validation error detected: Value at 'sAMLProviderArn' failed to satisfy constraint: Member must not be null`,
		},
		{
			"characters, not bytes", Op{Service: "iam", Name: "TagUser"},
			&iam.TagUserInput{UserName: aws.String("u"), Tags: []iamtypes.Tag{{Key: aws.String(strings.Repeat("é", 128)), Value: aws.String("v")}}}, "",
		},
		{
			"union", Op{Service: "iam", Name: "SimulatePrincipalPolicy"},
			&iam.SimulatePrincipalPolicyInput{
				PolicySourceArn: &role, ActionNames: []string{"iam:GetUser"},
				PolicyExclusionList: []iamtypes.PolicyIdentifier{&iamtypes.PolicyIdentifierMemberPolicyArn{Value: "x"}},
			},
			`1 validation error detected: Value at 'policyExclusionList.1.member.policyArn' failed to satisfy constraint: Member must have length greater than or equal to 20`,
		},
		{
			"map", Op{Service: "iam", Name: "AcquireRole"},
			&iam.AcquireRoleInput{TemplateArn: &role, ReplacementValues: map[string]iamtypes.ReplacementValueEntry{"k": {}}},
			`1 validation error detected: Value at 'replacementValues.k.member.values' failed to satisfy constraint: Member must not be null`,
		},
		{"organizations: valid", Op{Service: "organizations", Name: "ListAccounts"}, &ListAccountsInput{MaxResults: aws.Int32(20)}, ""},
		{"organizations: large", Op{Service: "organizations", Name: "ListAccounts"}, &ListAccountsInput{MaxResults: aws.Int32(21)}, "MAX_VALUE_EXCEEDED:MAX_RESULTS: You provided a value that exceeds the maximum allowed."},
		{"organizations: required", Op{Service: "organizations", Name: "CreatePolicy"}, &CreatePolicyInput{}, "INPUT_REQUIRED:CONTENT: You must provide a value for the parameter."},
		{
			"organizations: enum", Op{Service: "organizations", Name: "CreatePolicy"},
			&CreatePolicyInput{Content: aws.String("{}"), Description: aws.String(""), Name: aws.String("n"), Type: "scp"},
			"INVALID_ENUM_POLICY_TYPE: You specified an invalid policy type.",
		},
		{
			"organizations: pattern", Op{Service: "organizations", Name: "UntagResource"},
			&UntagResourceInput{ResourceId: aws.String("x"), TagKeys: []string{"k"}},
			"INVALID_PATTERN:RESOURCE_ID: You provided a value that does not match the required pattern.",
		},
		{
			"organizations: enum of another kind", Op{Service: "organizations", Name: "CreateOrganization"}, &CreateOrganizationInput{FeatureSet: "SOME"},
			"INVALID_ENUM:FEATURE_SET: You specified an invalid value.",
		},
		{
			"organizations: no target", Op{Service: "organizations", Name: "InviteAccountToOrganization"}, &InviteAccountToOrganizationInput{},
			"INVALID_PATTERN: You provided a value that does not match the required pattern.",
		},
		{
			"organizations: a target of nothing", Op{Service: "organizations", Name: "InviteAccountToOrganization"}, &InviteAccountToOrganizationInput{Target: &HandshakeParty{}},
			"INVALID_PARTY_TYPE_TARGET: You specified an invalid party type as the target parameter.",
		},
		{
			"organizations: a target without id", Op{Service: "organizations", Name: "InviteAccountToOrganization"}, &InviteAccountToOrganizationInput{Target: &HandshakeParty{Type: "EMAIL"}},
			"INVALID_PATTERN: You provided a value that does not match the required pattern.",
		},
		{
			"organizations: no account", Op{Service: "organizations", Name: "ListEffectivePolicyValidationErrors"}, &EffectivePolicyInput{PolicyType: "TAG_POLICY"},
			"TARGET_NOT_SUPPORTED: You specified a target that is not currently supported.",
		},
		{
			"organizations: an effective type", Op{Service: "organizations", Name: "DescribeEffectivePolicy"}, &EffectivePolicyInput{PolicyType: "RESOURCE_CONTROL_POLICY"},
			"INVALID_ENUM:POLICY_TYPE: You specified an invalid value.",
		},
		{
			"organizations: an effective type that authorizes", Op{Service: "organizations", Name: "DescribeEffectivePolicy"}, &EffectivePolicyInput{PolicyType: "SERVICE_CONTROL_POLICY"},
			"INVALID_ENUM_POLICY_TYPE: You specified an invalid policy type.",
		},
		{
			"organizations: tag", Op{Service: "organizations", Name: "TagResource"},
			&TagResourceInput{ResourceId: aws.String("123456789012"), Tags: []Tag{{Key: aws.String("a"), Value: aws.String("")}, {Key: aws.String(""), Value: aws.String("")}}},
			"MIN_LENGTH_EXCEEDED:TAGS_2_MEMBER_KEY: You provided a string parameter that is shorter than allowed.",
		},
		{
			"organizations: list", Op{Service: "organizations", Name: "UntagResource"},
			&UntagResourceInput{ResourceId: aws.String("123456789012"), TagKeys: []string{""}},
			"INVALID_LIST_MEMBER:TAG_KEYS: You provided a list to a parameter that contains at least one invalid value.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Validate(c.op, c.in)
			if c.name == "long list" {
				wantError(t, err, CodeValidationError, "10 validation errors detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50; Value at 'tags.1.member.key' failed")
				return
			}
			if c.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			e, ok := err.(*Error)
			if !ok {
				t.Fatalf("got %v", err)
			}
			code, got := CodeValidationError, e.Message
			if c.op.Service == "organizations" {
				code, got = CodeInvalidInput, e.Reason+": "+e.Message
			}
			if e.Code != code || e.Status != 400 || got != c.want {
				t.Errorf("got  %s %s\nwant %s %s", e.Code, got, code, c.want)
			}
		})
	}
	if e, ok := Validate(Op{Service: "iam", Name: "Nothing"}, &iam.CreateUserInput{}).(*Error); !ok || e.Code != CodeInternal {
		t.Errorf("an unknown operation: %v", e)
	}
}

// TestMessagesAreBounded: what an answer repeats does not grow with the request.
func TestMessagesAreBounded(t *testing.T) {
	huge := strings.Repeat("é#", 1<<18)
	err := Validate(Op{Service: "sts", Name: "AssumeRole"}, &sts.AssumeRoleInput{
		RoleArn: &huge, RoleSessionName: &huge, ExternalId: &huge, TransitiveTagKeys: []string{huge, huge},
	})
	wantError(t, err, CodeValidationError, "validation errors detected")
	if n := len(err.Error()); n > 10*(maxEchoedValue+1000) {
		t.Errorf("the message has %d bytes", n)
	}
}

// TestLimitsKnowEveryMember: each operation and each member of the SDK's types is
// in the table, and the table is in order.
func TestLimitsKnowEveryMember(t *testing.T) {
	n := 0
	seen := map[*limit]bool{}
	var walk func(t *testing.T, l *limit, path string)
	walk = func(t *testing.T, l *limit, path string) {
		if l == nil || seen[l] {
			return
		}
		seen[l] = true
		for _, f := range l.fields {
			n++
			if f.limit == nil {
				t.Errorf("%s.%s is not in the table", path, f.name)
			}
			walk(t, f.limit, path+"."+f.name)
		}
		walk(t, l.elem, path+"[]")
		walk(t, l.key, path+"[key]")
		if l.plan.kind == kindUnion && len(l.variants) != len(l.plan.variants()) {
			t.Errorf("%s: the table has members %v of the union", path, l.variants)
		}
		for name, v := range l.variants {
			walk(t, v, path+"."+name)
		}
	}
	for _, o := range sdkOperations(&transport{}) {
		i, ok := findOperation(o.op)
		if !ok {
			t.Errorf("%v is not in the table", o.op)
			continue
		}
		for _, typ := range []reflect.Type{o.in, o.out} {
			p, err := planOf(typ)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, limitsOf(i, typ == o.out, p), typ.Name())
		}
	}
	if n < 1000 {
		t.Errorf("walked %d members only", n)
	}
	for i := 1; i < len(operations); i++ {
		if a, b := operations[i-1], operations[i]; a.service+" "+a.name >= b.service+" "+b.name {
			t.Errorf("%v is not before %v", a, b)
		}
	}
}

// TestClasses: the short way to match is the regular expression's equal.
func TestClasses(t *testing.T) {
	alphabet := []rune("\x00\t\n\v\r aZ09_+=,.@-:/\\#~\x7f\u0085\u00a0é\u00ff\u0100\u2028\ud7ff\ue000\ufffd😀")
	random := rand.New(rand.NewPCG(1, 2))
	classes := 0
	for i, p := range patterns {
		res := make([]*regexp.Regexp, len(p.re2))
		for j, re2 := range p.re2 {
			res[j] = regexp.MustCompile(`\A(?:` + re2 + `)\z`)
		}
		for range 300 {
			s := make([]rune, random.IntN(5))
			for j := range s {
				s[j] = alphabet[random.IntN(len(alphabet))]
			}
			want := true
			for _, re := range res {
				want = want && re.MatchString(string(s))
			}
			if got := matches(int32(i)+1, string(s)); got != want {
				t.Errorf("%s matches %q: %t", p.aws, string(s), got)
			}
		}
		if matchers[i].regexps == nil {
			classes++
		}
	}
	if classes < 20 {
		t.Errorf("%d patterns are classes", classes)
	}
}
