package policy

import (
	"errors"
	"testing"
)

const (
	iamPathText = `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`
	bucket      = `"Resource":"arn:aws:s3:::b"`
	deny        = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`
)

func resource(r string) string { return `{"Effect":"Allow","Action":"s3:x","Resource":"` + r + `"}` }
func action(a string) string   { return `{"Effect":"Allow","Action":"` + a + `",` + bucket + `}` }

// checkCases are a kind, statements, and AWS's sentence; "" for a good document. The order among faults is part of it.
var checkCases = []struct {
	kind       Kind
	statements string
	want       string
}{
	{Identity, plain, ""},
	{Identity, `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}`, ""},
	{Identity, `{"Action":"s3:x",` + bucket + `}`, msgSyntax},
	{Identity, `{"Effect":"invalid","Action":"s3:x",` + bucket + `}`, msgSyntax},
	{Identity, `{"Effect":"Allow","Action":"s3:x","NotAction":[],` + bucket + `}`, msgSyntax},
	{Identity, `{"Effect":"Allow","Action":"s3:x","NotResource":[],` + bucket + `}`, msgSyntax},
	{Identity, `{"Effect":"Allow","Action":"s3:x",` + bucket + `,"Condition":{"x":{"a:b":"1"}}}`, msgSyntax},
	{Identity, `{"Effect":"Allow","Action":"s3:x",` + bucket + `,"Condition":{"ForAnyValue::StringEquals":{"a:b":"1"}}}`, msgSyntax},
	{Identity, `{"Effect":"Allow","Action":"s3:x",` + bucket + `,"Condition":{"NullIfExists":{"a:b":"true"}}}`, msgSyntax},
	{Identity, `{"Effect":"Allow","Action":"s3:x",` + bucket + `,"Condition":{"ForAnyValue:StringEqualsIfExists":{"a:b":"1"}}}`, ""},
	{Identity, `{"Effect":"Allow","Action":"s3:x",` + bucket + `,"Condition":{"DateGreaterThan":{"a:b":[]}}}`, ""},
	{Identity, `{"Effect":"Allow","Principal":"*","Action":"s3:x",` + bucket + `}`, msgPrincipal},
	{Session, `{"Effect":"Allow","NotPrincipal":"*","Action":"s3:x",` + bucket + `}`, msgPrincipal},
	{Identity, `{"Effect":"denY"}`, msgLegacy},
	{Identity, `{"Effect":"Allow","Condition":{"DateGreaterThan":{"a:b":"sdfdsf"}}}`, msgLegacy},
	{Identity, `{"Effect":"Allow","Condition":{"DateLessThan":{"a:b":"9223372036854775808"}}}`, msgLegacy},
	{Identity, `{"Effect":"Allow","Condition":{"DateLessThan":{"a:b":"234-13"}}}`, msgLegacy},
	{Identity, `{"Effect":"Allow","Action":"s3:x",` + bucket + `,"Condition":{"DateLessThan":{"a:b":"-292275054"}}}`, ""},
	{Identity, resource("arn:aws:s3::b"), msgLegacy},
	{Identity, `{"Effect":"Allow","Action":"s3:x","NotResource":"arn:aws:s3::b"}`, msgLegacy},
	{Identity, resource("arn:aws::::b"), msgLegacy},
	{Identity, resource("arn:aws::b"), msgLegacy},
	{Identity, `[{"Sid":"a",` + action("s3:x")[1:] + `,{"Sid":"a","Effect":"aLLow"}]`, msgLegacy},
	{Identity, `[{"Sid":"a",` + action("s3:x")[1:] + `,{"Sid":"a","Effect":"Allow"}]`, msgSIDs},
	{Identity, `[{"Sid":"",` + action("s3:x")[1:] + `,{"Sid":"",` + action("s3:x")[1:] + `]`, ""},
	{Identity, `{"Sid":"a b",` + action("s3:x")[1:], msgSIDForm},
	{Identity, `{"Effect":"Allow",` + bucket + `}`, msgNoActions},
	{Identity, `{"Effect":"Allow","Action":[],"Resource":"invalid"}`, msgNoActions},
	{Identity, `[{"Effect":"Deny"},` + plain + `]`, msgNoActions},
	{Identity, resource("invalid resource"), `Resource invalid resource must be in ARN format or "*".`},
	{Identity, resource(""), `Resource  must be in ARN format or "*".`},
	{Identity, resource("a:aws:s3:::b"), `Resource a:aws:s3:::b must be in ARN format or "*".`},
	{Identity, resource("a:b"), `Partition "b" is not valid for resource "arn:b:*:*:*:*".`},
	{Identity, resource("a:b:c"), `Partition "b" is not valid for resource "arn:b:c:*:*:*".`},
	{Identity, resource("a:b:c:d:e:f:g:h"), `Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".`},
	{Identity, resource("aws:s3:::b"), `Partition "s3" is not valid for resource "arn:s3:::b:*".`},
	{Identity, `{"Effect":"Allow","Action":"s3:x","Resource":["arn:error:s3:::b","arn:error:s3::b"]}`, `Partition "error" is not valid for resource "arn:error:s3:::b".`},
	{Identity, resource("arn:aws"), "Resource vendor must be fully qualified and cannot contain regexes."},
	{Identity, resource("arn:aws:*:us-east-1:111122223333:x"), "Resource vendor must be fully qualified and cannot contain regexes."},
	{Identity, resource("arn:*:s3:::b"), ""},
	{Identity, resource("arn:aws-cn:s3:::b"), ""},
	{Identity, resource("arn:aws:invalid-service:us-east-1::x"), ""},
	{Identity, resource("arn:aws:service"), msgLegacy},
	{Identity, resource("arn:aws:iam:us-east-1::x"), "IAM resource arn:aws:iam:us-east-1::x cannot contain region information."},
	{Identity, resource("arn:aws:s3:us-east-1::b"), "Resource arn:aws:s3:us-east-1::b can not contain region information."},
	{Identity, resource("arn:aws:s3:us-west-2:111122223333:accesspoint/p"), ""},
	{Identity, resource("arn:aws:iam:::x"), iamPathText},
	{Identity, resource("arn:aws:iam::*:user/${aws:username}"), ""},
	{Identity, resource("arn:aws:iam::111122223333:*"), ""},
	{Identity, `{"Effect":"Allow","Action":"s:3:x","Resource":"adf"}`, `Resource adf must be in ARN format or "*".`},
	{Identity, action("invalid"), msgNoVendor},
	{Identity, `{"Effect":"Allow","NotAction":"",` + bucket + `}`, msgNoVendor},
	{Identity, `{"Effect":"Allow","Action":"invalid"}`, msgNoVendor},
	{Identity, action("s3:List:Bucket"), msgColons},
	{Identity, action("a a:x"), "Vendor a a is not valid"},
	{Identity, action(":x"), "Vendor  is not valid"},
	{Identity, action("unknown:x"), "Vendor unknown is not valid"},
	{Identity, action("S3:x"), ""},
	{Identity, action("*"), ""},
	{Identity, action("*:*"), ""},
	{Identity, `{"Effect":"Allow","Action":"s3:x"}`, msgNoResources},
	{Identity, `{"Effect":"Allow","Action":"s3:x","Resource":[]}`, msgNoResources},

	{Resource, `{"Sid":"a b","Effect":"Allow","Principal":"*","Action":"s3:x",` + bucket + `}`, ""},
	{Resource, action("s3:x"), msgNeedPrincipal},
	{Resource, `{"Effect":"Allow","Principal":{"CanonicalUser":"79a5"},"Action":"s3:x",` + bucket + `}`, ""},
	{VPCEndpoint, `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`, ""},

	{SCP, `{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::b*","Condition":{"StringEquals":{"a:b":"c"}}}`, ""},
	{SCP, `{"Effect":"Deny","Action":["s3:*","iam:Create*Policy","ec2:*Instances"],"NotResource":["arn:aws:s3:::b*/x"]}`, ""},
	{SCP, `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`, msgOrganizations},
	{SCP, `{"Effect":"Allow","NotPrincipal":{"AWS":"*"},"Action":"*","Resource":"*"}`, msgOrganizations},
	{SCP, `{"Sid":"a_b","Effect":"Allow","Action":"*","Resource":"*"}`, msgOrganizations},
	{SCP, `{"Effect":"allow","Action":"*","Resource":"*"}`, msgOrganizations},
	{SCP, `{"Effect":"Allow","Action":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`, ""},
	{RCP, `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":"*","Action":["s3:*","sts:AssumeRole"],"NotResource":"arn:aws:s3:::b/*","Condition":{"Null":{"aws:PrincipalOrgID":"true"}}}`, ""},
	{RCP, `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":"*","Action":["s3:*","*:*"],"Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":"*","Action":"s*:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":"*","Action":"s3:*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":{},"Action":"s3:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}`, ""},
	{RCP, `{"Effect":"Deny","Principal":{"AWS":["*","*"]},"Action":"s3:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":{"Service":"*"},"Action":"s3:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","NotPrincipal":"*","Action":"s3:*","Resource":"*"}`, msgOrganizations},
	{RCP, `{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}`, msgOrganizations},
}

func TestCheck(t *testing.T) {
	opt := CheckOptions{Managed: true, KnownVendor: func(p string) bool { return p != "unknown" }}
	for _, c := range checkCases {
		checkIs(t, document(c.statements), c.kind, opt, c.want)
	}
}

func TestCheckDocument(t *testing.T) {
	managed := CheckOptions{Managed: true}
	for _, c := range []struct {
		src  string
		kind Kind
		opt  CheckOptions
		want string
	}{
		{`{"Statement":` + plain + `}`, Identity, managed, msgVersion},
		{`{"Version":"2008-10-17","Statement":` + plain + `}`, Identity, managed, msgVersion},
		{`{"Version":"2008-10-17","Statement":` + plain + `}`, Identity, CheckOptions{}, ""},
		{`{"Statement":{"Effect":"denY"}}`, Identity, managed, msgVersion},
		{`{"Version":"2013-10-17","Statement":` + plain + `}`, Identity, managed, msgSyntax},
		{`{"Version":"2012-10-17","Id":"x","Statement":` + plain + `}`, Identity, managed, msgSyntax},
		{" " + document(plain), Identity, managed, msgLegacy},
		{"\n" + document(plain), Boundary, CheckOptions{}, msgLegacy},
		{"\t" + document(plain), Session, CheckOptions{}, ""},
		{document(plain) + "\n", Identity, managed, ""},
		{"\n" + document(`{}`), Identity, managed, msgSyntax},
		{`{"Statement":` + plain + `}`, SCP, CheckOptions{}, ""},
		{`{"Version":"2012-10-17","Id":"x","Statement":` + plain + `}`, SCP, CheckOptions{}, msgOrganizations},
		{`{"Version":"2008-10-17","Statement":` + deny + `}`, RCP, CheckOptions{}, ""},
		{`{"Version":"2013-10-17","Statement":` + deny + `}`, RCP, CheckOptions{}, msgOrganizations},
		{`{"Version":"2012-10-17","Id":"x","Statement":` + deny + `}`, RCP, CheckOptions{}, msgOrganizations},
		{document(deny), RCP, CheckOptions{KnownVendor: func(p string) bool { return p == "sqs" }}, msgOrganizations},
		{document(action("unknown:x")), Identity, CheckOptions{}, ""},
	} {
		checkIs(t, c.src, c.kind, c.opt, c.want)
	}
	if m := (&Malformed{Message: "a", Detail: "b"}).Error(); m != "policy: a (b)" {
		t.Error(m)
	}
}

func checkIs(t *testing.T, src string, k Kind, opt CheckOptions, want string) {
	t.Helper()
	err := Check(mustParse(t, src), k, opt)
	var m *Malformed
	switch {
	case want == "" && err != nil:
		t.Errorf("%v %s:\n got %v", k, src, err)
	case want != "" && (!errors.As(err, &m) || m.Message != want):
		t.Errorf("%v %s:\n got %v\nwant %s", k, src, err, want)
	case err != nil && m.Element == "" && src[0] == '{':
		t.Errorf("%v %s: %v in no element", k, src, err)
	}
}
