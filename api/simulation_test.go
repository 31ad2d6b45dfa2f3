package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func allow(action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":%q,"Resource":%q}}`, action, resource)
}

func deny(action, resource string) string {
	return strings.Replace(allow(action, resource), "Allow", "Deny", 1)
}

func when(condition string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + condition + `}}`
}

func entry(key string, kind types.ContextKeyTypeEnum, values ...string) types.ContextEntry {
	return types.ContextEntry{ContextKeyName: aws.String(key), ContextKeyType: kind, ContextKeyValues: values}
}

// TestSimulateCustom: each kind of decision, of policies and of context.
func TestSimulateCustom(t *testing.T) {
	root := newWorld(t).account(t)
	bucket := func(principal, effect string) *string {
		return aws.String(fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":%q,"Principal":{"AWS":%q},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}}`, effect, principal))
	}
	const ann, other = "arn:aws:iam::111122223333:user/Ann", "arn:aws:iam::444455556666:root"
	both := []string{"arn:aws:s3:::a/x", "arn:aws:s3:::b/x"}
	for name, c := range map[string]struct {
		in   iam.SimulateCustomPolicyInput
		want string
	}{
		"all resources": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}},
			"s3:GetObject * allowed PolicyInputList.1[IAM Policy]1:38-1:86 missing=[] org=nil boundary=nil\n",
		},
		"an explicit deny is the only statement": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*"), deny("s3:Get*", "*")}},
			"s3:GetObject * explicitDeny PolicyInputList.2[IAM Policy]1:38-1:88 missing=[] org=nil boundary=nil\n",
		},
		"the strictest of several resources": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*"), deny("s3:*", "arn:aws:s3:::b/*")}, ResourceArns: both},
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${KeyName} explicitDeny details={} PolicyInputList.2[IAM Policy]1:38-1:100 missing=[] org=nil boundary=nil\n" +
				" arn:aws:s3:::a/x allowed PolicyInputList.1[IAM Policy]1:38-1:86 missing=[]\n" +
				" arn:aws:s3:::b/x explicitDeny PolicyInputList.2[IAM Policy]1:38-1:100 missing=[]\n",
		},
		"what is allowed on some is shown beside an implicit deny": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "arn:aws:s3:::a/*")}, ResourceArns: both},
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${KeyName} implicitDeny details={} PolicyInputList.1[IAM Policy]1:38-1:101 missing=[] org=nil boundary=nil\n" +
				" arn:aws:s3:::a/x allowed PolicyInputList.1[IAM Policy]1:38-1:101 missing=[]\n" +
				" arn:aws:s3:::b/x implicitDeny missing=[]\n",
		},
		"a boundary that denies": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, PermissionsBoundaryPolicyInputList: []string{deny("s3:*", "*")}},
			"s3:GetObject * explicitDeny PermissionsBoundaryPolicyInputList.1[Permissions Boundary Policy]1:38-1:85 missing=[] org=nil boundary=false\n",
		},
		"a boundary that misses a key": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, PermissionsBoundaryPolicyInputList: []string{when(`{"Bool":{"key:b":"true"}}`)}},
			"s3:GetObject * implicitDeny missing=[key:b] org=nil boundary=false\n",
		},
		"no policy at all": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{}},
			"s3:GetObject * implicitDeny missing=[] org=nil boundary=nil\n",
		},
		"a boundary that does not allow": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, PermissionsBoundaryPolicyInputList: []string{allow("ec2:*", "*")}},
			"s3:GetObject * implicitDeny missing=[] org=nil boundary=false\n",
		},
		"a boundary that does": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, PermissionsBoundaryPolicyInputList: []string{allow("s3:*", "*")}},
			"s3:GetObject * allowed PolicyInputList.1[IAM Policy]1:38-1:86 missing=[] org=nil boundary=true\n",
		},
		"an organization that does not allow": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{
				{ServiceControlPolicyInputList: []string{allow("*", "*")}}, {ServiceControlPolicyInputList: []string{allow("ec2:*", "*")}},
			}},
			"s3:GetObject * implicitDeny missing=[] org=false boundary=nil\n",
		},
		"an organization that denies is all that is told": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{when(`{"Bool":{"key:b":"true"}}`), deny("s3:*", "*")}, ResourceArns: both[1:], OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{
				{ServiceControlPolicyInputList: []string{allow("*", "*"), deny("s3:*", "*")}},
			}},
			"s3:GetObject arn:aws:s3:::b/x explicitDeny missing=[] org=false boundary=nil\n arn:aws:s3:::b/x explicitDeny missing=[]\n",
		},
		"what only an organization's policy misses": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{when(`{"Bool":{"key:b":"true"}}`)}, OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{
				{ServiceControlPolicyInputList: []string{allow("*", "*"), strings.Replace(when(`{"Bool":{"key:scp":"true"}}`), "Allow", "Deny", 1)}},
			}},
			"s3:GetObject * implicitDeny missing=[key:b] org=true boundary=nil\n",
		},
		"a resource of another account, within a boundary": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, ResourcePolicy: bucket(ann, "Allow"), CallerArn: aws.String(ann),
				ResourceArns: both[1:], ResourceOwner: aws.String(other), PermissionsBoundaryPolicyInputList: []string{allow("ec2:*", "*")}},
			"s3:GetObject arn:aws:s3:::b/x implicitDeny details={IAM Policy:allowed Permissions Boundary Policy:implicitDeny Resource Policy:allowed} missing=[] org=nil boundary=false\n" +
				" arn:aws:s3:::b/x implicitDeny details={IAM Policy:allowed Permissions Boundary Policy:implicitDeny Resource Policy:allowed} missing=[] boundary=false\n",
		},
		"both accounts allow": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, ResourcePolicy: bucket(ann, "Allow"), CallerArn: aws.String(ann),
				ResourceArns: both[1:], ResourceOwner: aws.String(other)},
			"s3:GetObject arn:aws:s3:::b/x allowed details={IAM Policy:allowed Resource Policy:allowed} ResourcePolicy[Resource Policy]1:38-1:158 PolicyInputList.1[IAM Policy]1:38-1:86 missing=[] org=nil boundary=nil\n" +
				" arn:aws:s3:::b/x allowed details={IAM Policy:allowed Resource Policy:allowed} ResourcePolicy[Resource Policy]1:38-1:158 PolicyInputList.1[IAM Policy]1:38-1:86 missing=[]\n",
		},
		"a resource's policy names the caller": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("ec2:*", "*")}, ResourcePolicy: bucket(ann, "Allow"), CallerArn: aws.String(ann), ResourceArns: both[1:]},
			"s3:GetObject arn:aws:s3:::b/x allowed details={} ResourcePolicy[Resource Policy]1:38-1:158 missing=[] org=nil boundary=nil\n" +
				" arn:aws:s3:::b/x allowed ResourcePolicy[Resource Policy]1:38-1:158 missing=[]\n",
		},
		"a resource of another account": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:*", "*")}, ResourcePolicy: bucket("444455556666", "Allow"), CallerArn: aws.String(ann),
				ResourceArns: both[1:], ResourceOwner: aws.String(other)},
			"s3:GetObject arn:aws:s3:::b/x implicitDeny details={IAM Policy:allowed Resource Policy:implicitDeny} missing=[] org=nil boundary=nil\n" +
				" arn:aws:s3:::b/x implicitDeny details={IAM Policy:allowed Resource Policy:implicitDeny} missing=[]\n",
		},
		"a key that is missing": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{when(`{"StringEquals":{"aws:username":"Ann"}}`)}},
			"s3:GetObject * implicitDeny missing=[aws:username] org=nil boundary=nil\n",
		},
		"a key that the caller brings": {
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{when(`{"StringEquals":{"aws:username":"Ann"}}`)}, CallerArn: aws.String(ann)},
			"s3:GetObject * allowed PolicyInputList.1[IAM Policy]1:38-1:135 missing=[] org=nil boundary=nil\n",
		},
	} {
		c.in.ActionNames = []string{"s3:GetObject"}
		out, err := root.IAM.SimulateCustomPolicy(t.Context(), &c.in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, written(out.EvaluationResults), c.want)
	}
}

// TestSimulateContext: an entry of each type is read as what it says it is.
func TestSimulateContext(t *testing.T) {
	root := newWorld(t).account(t)
	for _, c := range []struct {
		condition string
		entry     types.ContextEntry
		want      string
	}{
		{`{"StringEquals":{"key:a":"x"}}`, entry("key:a", "string", "x"), "allowed"},
		{`{"StringEquals":{"key:a":"x"}}`, entry("key:a", "string", "y"), "implicitDeny"},
		{`{"ForAnyValue:StringEquals":{"key:a":"x"}}`, entry("key:a", "stringList", "y", "x"), "allowed"},
		{`{"NumericLessThan":{"key:n":"10"}}`, entry("key:n", "numeric", "9.5"), "allowed"},
		{`{"NumericLessThan":{"key:n":"10"}}`, entry("key:n", "numeric", "nine"), "InvalidInput"},
		{`{"ForAllValues:NumericLessThan":{"key:n":"10"}}`, entry("key:n", "numericList", "9", "11"), "implicitDeny"},
		{`{"Bool":{"key:b":"true"}}`, entry("key:b", "boolean", "TRUE"), "allowed"},
		{`{"Bool":{"key:b":"true"}}`, entry("key:b", "boolean", "1"), "InvalidInput"},
		{`{"ForAnyValue:Bool":{"key:b":"true"}}`, entry("key:b", "booleanList", "false"), "implicitDeny"},
		{`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, entry("aws:SourceIp", "ip", "10.1.2.3"), "allowed"},
		{`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, entry("aws:SourceIp", "ip", "10.1.2"), "InvalidInput"},
		{`{"ForAnyValue:IpAddress":{"key:ip":"10.0.0.0/8"}}`, entry("key:ip", "ipList", "11.0.0.1", "10.0.0.1"), "allowed"},
		{`{"BinaryEquals":{"key:bin":"aGk="}}`, entry("key:bin", "binary", "aGk="), "allowed"},
		{`{"BinaryEquals":{"key:bin":"aGk="}}`, entry("key:bin", "binary", "hi!"), "InvalidInput"},
		{`{"ForAnyValue:BinaryEquals":{"key:bin":"aGk="}}`, entry("key:bin", "binaryList", "aG8=", "aGk="), "allowed"},
		{`{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`, entry("aws:CurrentTime", "date", "2019-12-31T23:59:59Z"), "allowed"},
		{`{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`, entry("aws:CurrentTime", "date", "yesterday"), "InvalidInput"},
		{`{"ForAllValues:DateLessThan":{"key:d":"2020-01-01T00:00:00Z"}}`, entry("key:d", "dateList", "2019-12-31"), "allowed"},
		{`{"DateEquals":{"key:d":"2035-01-01T00:00:00Z"}}`, entry("key:d", "date", "2035"), "allowed"},
		{`{"DateEquals":{"key:d":"2035-01-02T03:04:00Z"}}`, entry("key:d", "date", "2035-01-02T05:04+02:00"), "allowed"},
		{`{"DateEquals":{"key:d":"2035-01-02T03:04:05.5Z"}}`, entry("key:d", "date", "2035-01-02T03:04:05.5"), "allowed"},
		{`{"DateEquals":{"key:d":"1735787045"}}`, entry("key:d", "date", "1735787045"), "allowed"},
		{`{"DateEquals":{"key:d":"2035"}}`, entry("key:d", "date", "2035-01-02T03:04:05,5Z"), "InvalidInput"},
		{`{"DateEquals":{"key:d":"2035"}}`, entry("key:d", "date", "1735787045000000"), "InvalidInput"},
		{`{"NumericEquals":{"key:n":"100"}}`, entry("key:n", "numeric", "+1e2"), "allowed"},
		{`{"NumericEquals":{"key:n":"1"}}`, entry("key:n", "numeric", "01.00"), "allowed"},
		{`{"NumericEquals":{"key:n":"1"}}`, entry("key:n", "numeric", " 1 "), "InvalidInput"},
		{`{"NumericEquals":{"key:n":"1"}}`, entry("key:n", "numeric", "0x1"), "InvalidInput"},
		{`{"NumericEquals":{"key:n":"1"}}`, entry("key:n", "numeric", "Infinity"), "InvalidInput"},
		{`{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}`, entry("aws:SourceIp", "ip", "2001:db8::1"), "allowed"},
		{`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, entry("aws:SourceIp", "ip", "10.0.0.0/24"), "InvalidInput"},
		{`{"IpAddress":{"aws:SourceIp":"fe80::/10"}}`, entry("aws:SourceIp", "ip", "fe80::1%eth0"), "InvalidInput"},
		{`{"BinaryEquals":{"key:bin":"YQ=="}}`, entry("key:bin", "binary", "YQ"), "InvalidInput"},
		{`{"BinaryEquals":{"key:bin":"YQ=="}}`, entry("key:bin", "binary", "YR=="), "InvalidInput"},
		{`{"BinaryEquals":{"key:bin":"aGk="}}`, entry("key:bin", "binary", "aGk=\n"), "InvalidInput"},
		{`{"StringEquals":{"key:a":"x"}}`, entry("KEY:A", "string", "x"), "allowed"},
		{`{"StringEquals":{"plain":"x"}}`, entry("plain", "string", "x"), "allowed"},
		{`{"StringEquals":{"key:a":"x"}}`, types.ContextEntry{}, "implicitDeny"},
	} {
		out, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{when(c.condition)}, ActionNames: []string{"s3:GetObject"}, ContextEntries: []types.ContextEntry{c.entry},
		})
		got, _ := apiError(err)
		if err == nil {
			got = string(out.EvaluationResults[0].EvalDecision)
		}
		same(t, fmt.Sprintf("%s with %v", c.condition, c.entry), got, c.want)
	}
}

// TestSimulateContextRefuses: what is no entry is refused in AWS's words.
func TestSimulateContextRefuses(t *testing.T) {
	root := newWorld(t).account(t)
	for _, c := range []struct {
		entries []types.ContextEntry
		want    string
	}{
		{[]types.ContextEntry{entry("key:a", "", "x")}, "Context key key:a has invalid type null."},
		{[]types.ContextEntry{entry("key:a", "stringList")}, "Context values for context key key:a cannot be null or empty."},
		{[]types.ContextEntry{{ContextKeyType: "string", ContextKeyValues: []string{"x"}}}, "ContextKeyName cannot be null or empty."},
		{[]types.ContextEntry{entry("key:a", "string", "x", "y")}, "Context key string expected a single value, but received 2."},
		{[]types.ContextEntry{entry("key:a", "string", "x"), entry("KEY:A", "string", "y")}, "Duplicate context key: KEY:A."},
		{[]types.ContextEntry{entry("key:a", "numericList", "1", "one")}, "Invalid context value for key key:a: expected numeric format."},
		{[]types.ContextEntry{entry("key:a", "boolean", "yes")}, "Invalid context value for key key:a: expected boolean format."},
		{[]types.ContextEntry{entry("key:a", "ip", "999.0.0.1")}, "Invalid context value for key key:a: expected IP address."},
		{[]types.ContextEntry{entry("key:a", "binary", "!base64")}, "Invalid context value for key key:a: expected base-64 encoded binary format."},
		{[]types.ContextEntry{entry("key:a", "date", "tomorrow")}, "Invalid context value for key key:a: expected DateTime format."},
	} {
		_, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{putText}, ActionNames: []string{"s3:GetObject"}, ContextEntries: c.entries,
		})
		code, message := apiError(err)
		same(t, "refusal", code+": "+message, "InvalidInput: "+c.want)
	}
}

// TestSimulateNoResources: an action that knows no resources is asked for on "*",
// whatever ARN is asked about; IAM's lists by their path.
func TestSimulateNoResources(t *testing.T) {
	root := newWorld(t).account(t)
	const users = "arn:aws:iam::111122223333:user/"
	for _, c := range []struct{ action, policy, resource, want string }{
		{"ec2:DescribeInstances", allow("ec2:*", "arn:aws:ec2:us-east-1:111122223333:instance/i-1"), "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "implicitDeny"},
		{"ec2:DescribeInstances", allow("ec2:*", "*"), "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "allowed"},
		{"ec2:StopInstances", allow("ec2:*", "arn:aws:ec2:us-east-1:111122223333:instance/i-1"), "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "allowed"},
		{"iam:ListUsers", allow("iam:*", users+"*"), users, "allowed"},
		{"IAM:listusers", allow("iam:*", users+"*"), users, "allowed"},
		{"IAM:getcredentialreport", allow("iam:*", "*"), users, "allowed"},
		{"made:Up", allow("made:*", "arn:aws:made:::up"), "arn:aws:made:::up", "allowed"},
	} {
		out, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{c.policy}, ActionNames: []string{c.action}, ResourceArns: []string{c.resource},
			CallerArn: aws.String(users + "Ann"),
		})
		if err != nil {
			t.Fatal(err)
		}
		r := out.EvaluationResults[0]
		same(t, c.action+" by "+c.policy, string(r.EvalDecision), c.want)
		same(t, "the name", *r.EvalResourceName, c.resource)
		same(t, "the resource", *r.ResourceSpecificResults[0].EvalResourceName, c.resource)
	}
}

// TestSimulateRefuses: what is no simulation is refused in AWS's words.
func TestSimulateRefuses(t *testing.T) {
	root := newWorld(t).account(t)
	for want, change := range map[string]func(*iam.SimulateCustomPolicyInput){
		"InvalidInput: The action is invalid since it is missing names":                                                                func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"GetObject"} },
		"InvalidInput: Invalid Input Actions: [s3:Get*] is not the name of an action.":                                                 func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"s3:Get*"} },
		"InvalidInput: ResourceNames are not in a valid ARN format: bucket.":                                                           func(in *iam.SimulateCustomPolicyInput) { in.ResourceArns = []string{"bucket"} },
		"InvalidInput: ResourceNames are not in a valid ARN format: *.":                                                                func(in *iam.SimulateCustomPolicyInput) { in.ResourceArns = []string{"arn:aws:s3:::b", "*"} },
		"InvalidInput: Policy input list item 2 has invalid content: Syntax errors in policy. (line 1 column 1: no Statement element)": func(in *iam.SimulateCustomPolicyInput) { in.PolicyInputList = []string{putText, "{}"} },
		"InvalidInput: Permissions boundary policy input list item 1 has invalid content: Policy statement must contain actions.": func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{`{"Statement":{"Effect":"Allow","Resource":"*"}}`}
		},
		"InvalidInput: Resource policy has invalid content: Missing required field Principal": func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourceArns = aws.String("arn:aws:iam::111122223333:user/Ann"), []string{"arn:aws:s3:::b"}
			in.ResourcePolicy = aws.String(putText)
		},
		"InvalidInput: Organization policy at index 2: item 2 has invalid content: The provided policy document does not meet the requirements of the specified policy type. (line 1 column 1: a policy is a JSON o...": func(in *iam.SimulateCustomPolicyInput) {
			in.OrderedOrganizationPolicyInputList = []types.OrderedOrganizationPolicyType{
				{ServiceControlPolicyInputList: []string{putText}}, {ServiceControlPolicyInputList: []string{putText, "[]"}},
			}
		},
		"InvalidInput: Organization policy at index 1 must contain at least one service control policy": func(in *iam.SimulateCustomPolicyInput) {
			in.OrderedOrganizationPolicyInputList = []types.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{}}}
		},
		"InvalidInput: Invalid Entity Arn: * does not clearly define entity type and name.": func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourcePolicy = aws.String("arn:aws:iam::111122223333:user/Ann"), aws.String(putText)
		},
		"InvalidInput: The list of Permissions Boundary policies cannot exceed 1 items.": func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{putText, putText}
		},
		"InvalidInput: Invalid caller - Caller cannot be null or empty.": func(in *iam.SimulateCustomPolicyInput) { in.ResourcePolicy = aws.String(putText) },
		"InvalidInput: 'me' is not a valid as a Resource Owner.":         func(in *iam.SimulateCustomPolicyInput) { in.ResourceOwner = aws.String("me") },
		"InvalidInput: Invalid input resource handling options.":         func(in *iam.SimulateCustomPolicyInput) { in.ResourceHandlingOption = aws.String("EC2") },
		"InvalidInput: Invalid marker for pagination.":                   func(in *iam.SimulateCustomPolicyInput) { in.Marker = aws.String("AXg") },
		"InvalidInput: Invalid input resource handling options. Action does not support resource handling options: s3:GetObject.": func(in *iam.SimulateCustomPolicyInput) {
			in.ResourceHandlingOption, in.ResourceArns = aws.String("EC2-VPC-EBS"), []string{"arn:aws:s3:::b"}
		},
		"InvalidInput: More than 256 ContextEntries.": func(in *iam.SimulateCustomPolicyInput) {
			for i := range 257 {
				in.ContextEntries = append(in.ContextEntries, types.ContextEntry{
					ContextKeyName: aws.String(fmt.Sprint("my:key", i)), ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{"v"},
				})
			}
		},
		"InvalidInput: More than 1000 ResourceArns.": func(in *iam.SimulateCustomPolicyInput) {
			in.ResourceArns = strings.Split(strings.Repeat("arn:aws:s3:::b,", 1000)+"arn:aws:s3:::b", ",")
		},
		"InvalidInput: The simulation is too large: ask for fewer resources or policies at a time.": func(in *iam.SimulateCustomPolicyInput) {
			in.ResourceArns = strings.Split(strings.Repeat("arn:aws:s3:::b,", 999)+"arn:aws:s3:::b", ",")
			for range 40 {
				in.PolicyInputList = append(in.PolicyInputList, allow("s3:*", "*"))
			}
		},
		"InvalidInput: Invalid caller - Caller must be an IAM user, role or group in this context.": func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn = aws.String("arn:aws:sts::111122223333:assumed-role/a/b")
		},
	} {
		in := iam.SimulateCustomPolicyInput{PolicyInputList: []string{putText}, ActionNames: []string{"s3:GetObject"}}
		change(&in)
		_, err := root.IAM.SimulateCustomPolicy(t.Context(), &in)
		code, message := apiError(err)
		same(t, "refusal", code+": "+message, want)
	}
}
