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
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName} explicitDeny details={} PolicyInputList.2[IAM Policy]1:38-1:100 missing=[] org=nil boundary=nil\n" +
				" arn:aws:s3:::a/x allowed PolicyInputList.1[IAM Policy]1:38-1:86 missing=[]\n" +
				" arn:aws:s3:::b/x explicitDeny PolicyInputList.2[IAM Policy]1:38-1:100 missing=[]\n",
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
		{`{"StringEquals":{"key:a":"x"}}`, entry("key:a", "string", "x", "y"), "InvalidInput"},
		{`{"StringEquals":{"key:a":"x"}}`, entry("keyname", "string", "x"), "InvalidInput"},
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

// TestSimulateRefuses: what is no simulation is refused in AWS's words.
func TestSimulateRefuses(t *testing.T) {
	root := newWorld(t).account(t)
	for want, change := range map[string]func(*iam.SimulateCustomPolicyInput){
		"InvalidInput: The action is invalid since it is missing names":                func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"GetObject"} },
		"InvalidInput: Invalid Input Actions: [s3:Get*] is not the name of an action.": func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"s3:Get*"} },
		"InvalidInput: ResourceNames are not in a valid ARN format: bucket.":           func(in *iam.SimulateCustomPolicyInput) { in.ResourceArns = []string{"bucket"} },
		"InvalidInput: ResourceNames are not in a valid ARN format: *.":                func(in *iam.SimulateCustomPolicyInput) { in.ResourceArns = []string{"arn:aws:s3:::b", "*"} },
		"InvalidInput: Syntax errors in policy.":                                       func(in *iam.SimulateCustomPolicyInput) { in.PolicyInputList = []string{"{}"} },
		"InvalidInput: Only one permissions boundary policy can be given.": func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{putText, putText}
		},
		"InvalidInput: Invalid caller - Caller cannot be null or empty.": func(in *iam.SimulateCustomPolicyInput) { in.ResourcePolicy = aws.String(putText) },
		"InvalidInput: Invalid Resource Owner.":                          func(in *iam.SimulateCustomPolicyInput) { in.ResourceOwner = aws.String("me") },
		"InvalidInput: Invalid input resource handling options.":         func(in *iam.SimulateCustomPolicyInput) { in.ResourceHandlingOption = aws.String("EC2") },
		"ValidationError: Invalid Marker.":                               func(in *iam.SimulateCustomPolicyInput) { in.Marker = aws.String("AXg") },
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

// TestSimulateLongValues: a value longer than 4,096 characters is refused as a
// parameter is that is too long.
func TestSimulateLongValues(t *testing.T) {
	root := newWorld(t).account(t)
	for n, want := range map[int]string{
		4096: "",
		4097: "ValidationError: 1 validation error detected: Value at 'contextEntries.2.member.contextKeyValues' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 4096]",
	} {
		_, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{putText}, ActionNames: []string{"s3:GetObject"},
			ContextEntries: []types.ContextEntry{entry("key:a", "string", "x"), entry("key:b", "stringList", "x", strings.Repeat("é", n))},
		})
		got := ""
		if err != nil {
			code, message := apiError(err)
			got = code + ": " + message
		}
		same(t, fmt.Sprint(n), got, want)
	}
}

// TestSimulateWorst: what takes long is refused before it is done, and what is
// not refused does not take long.
func TestSimulateWorst(t *testing.T) {
	root := newWorld(t).account(t)
	as := strings.Repeat("a", 4096)
	number := "1." + strings.Repeat("0", 4000) + "1"
	const tooLarge = "The simulation is too large: ask for fewer resources or policies at a time."
	for name, c := range map[string]struct {
		operator, values string
		entry            types.ContextEntry
		want             string
	}{
		"one long pattern":     {"StringLike", `"*` + strings.Repeat("a", 100_000) + `b*"`, entry("key:a", "string", as), ""},
		"a long one of marks":  {"StringLike", `"*` + strings.Repeat("a?", 50_000) + `b*"`, entry("key:a", "string", as), ""},
		"many of marks":        {"StringLike", strings.Repeat(`"*a?a?a?b*",`, 1000) + `"x"`, entry("key:a", "string", as), ""},
		"too many of marks":    {"StringLike", strings.Repeat(`"*a?a?a?b*",`, 8000) + `"x"`, entry("key:a", "string", as), tooLarge},
		"too many ARNs":        {"ArnLike", strings.Repeat(`"arn:*a*:*:*:*:*a?a?b*",`, 4000) + `"x"`, entry("key:a", "string", "arn:a:a:a:a:"+as[12:]), tooLarge},
		"repeated variables":   {"StringLike", `"*` + strings.Repeat("${key:a}", 10_000) + `?b*"`, entry("key:a", "string", as), ""},
		"too many long values": {"ForAnyValue:StringLike", strings.Repeat(`"*a?a?a?b*",`, 500) + `"x"`, entry("key:a", "stringList", as, as, as, as, as), tooLarge},
		"too many numbers":     {"NumericEquals", strings.Repeat("1,", 50_000) + "1", entry("key:a", "numeric", number), tooLarge},
	} {
		_, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{when(`{"` + c.operator + `":{"key:a":[` + c.values + `]}}`)},
			ActionNames:     []string{"s3:GetObject"}, ContextEntries: []types.ContextEntry{c.entry},
		})
		got := ""
		if err != nil {
			_, got = apiError(err)
		}
		same(t, name, got, c.want)
	}
}

// TestSimulatePages: pages follow one another without gaps, of whatever size,
// and end early where the work would be too much.
func TestSimulatePages(t *testing.T) {
	root := newWorld(t).account(t)
	var actions []string
	for i := range 250 {
		actions = append(actions, fmt.Sprintf("s3:Action%d", i))
	}
	many := strings.Split(strings.Repeat("arn:aws:s3:::b,", 999)+"arn:aws:s3:::b", ",")
	heavy := make([]string, 7)
	for i := range heavy {
		heavy[i] = allow("s3:*", "*")
	}
	for _, c := range []struct {
		in    iam.SimulateCustomPolicyInput
		pages int
	}{
		{iam.SimulateCustomPolicyInput{PolicyInputList: []string{putText}, ActionNames: actions}, 3},
		{iam.SimulateCustomPolicyInput{PolicyInputList: []string{putText}, ActionNames: actions, MaxItems: aws.Int32(200)}, 2},
		{iam.SimulateCustomPolicyInput{PolicyInputList: []string{putText}, ActionNames: actions, MaxItems: aws.Int32(250)}, 1},
		{iam.SimulateCustomPolicyInput{PolicyInputList: heavy, ActionNames: actions[:4], ResourceArns: many, MaxItems: aws.Int32(250)}, 4},
	} {
		pager, got, pages := iam.NewSimulateCustomPolicyPaginator(root.IAM, &c.in), []string{}, 0
		for pager.HasMorePages() {
			out, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, r := range out.EvaluationResults {
				got = append(got, *r.EvalActionName)
			}
		}
		same(t, "pages", pages, c.pages)
		same(t, "actions", strings.Join(got, " "), strings.Join(c.in.ActionNames, " "))
	}
}
