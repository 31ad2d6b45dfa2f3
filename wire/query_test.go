package wire

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// wantError checks that err is an *Error below 500 of this code whose message
// contains text.
func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if e.Code != code || e.Status < 400 || e.Status >= 500 || !strings.Contains(e.Message, text) {
		t.Errorf("got %d %v, want %s: …%s…", e.Status, e, code, text)
	}
}

func TestParseFormRefuses(t *testing.T) {
	for _, c := range []struct{ body, code, text string }{
		{"A=%", CodeMalformedQueryString, "percent-encoding"},
		{"A=%2", CodeMalformedQueryString, "percent-encoding"},
		{"A=%G0", CodeMalformedQueryString, "percent-encoding"},
		{"A=%0G", CodeMalformedQueryString, "percent-encoding"},
		{"%zz=1", CodeMalformedQueryString, "percent-encoding"},
		{"A=%FF", CodeMalformedQueryString, "UTF-8"},
		{"A=%C3&B=%A9", CodeMalformedQueryString, ""}, // halves of one character
		{"A=\xff", CodeMalformedQueryString, "UTF-8"},
		{"A=%ED%A0%80", CodeMalformedQueryString, "UTF-8"},
		{"A=1&B=2&A=1", CodeMalformedQueryString, "A is given more than once"},
		{"A=1&%41=2", CodeMalformedQueryString, "more than once"},
		{"T.member.10.K=1&1a=1&T.member.9.K=1&T.member.1a=2&T.member.10.K=2", CodeMalformedQueryString, "more than once"},
		{"=1", CodeMalformedQueryString, "without a name"},
		{"A=1&", CodeMalformedQueryString, "without a name"},
		{"&", CodeMalformedQueryString, "without a name"},
		{strings.Repeat("a&", maxPairs), CodeMalformedQueryString, "more than 16384 parameters"},
		{"A=" + strings.Repeat("a", MaxBody), CodeTooLarge, "larger"},
	} {
		_, err := ParseForm([]byte(c.body))
		t.Run(clip(c.body, 20), func(t *testing.T) { wantError(t, err, c.code, c.text) })
	}
}

func TestParseForm(t *testing.T) {
	body := []byte("Action=Do%20it+now&Version=2010-05-08&K%C3%A9y=a%3Db&Flag&E=&Raw=\u00e9;=")
	f, err := ParseForm(body)
	if err != nil {
		t.Fatal(err)
	}
	clear(body) // a form keeps nothing of it
	for key, want := range map[string]string{
		"Action": "Do it now", "Version": "2010-05-08", "Kéy": "a=b", "Flag": "", "E": "", "Raw": "é;=", "Absent": "",
	} {
		if got := f.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if f, err := ParseForm(nil); err != nil || f.Get("Action") != "" {
		t.Errorf("an empty body: %v", err)
	}
}

// TestCompareKeys holds the order to its laws on awkward keys.
func TestCompareKeys(t *testing.T) {
	keys := []string{"", ".", "..", "A", "A.", "A.B", "A-", "A-.B", "A.1", "A.1.x", "A.10", "A.2", "A.01", "A.1a", "A.9", "A.10.x", "1", "10", "1a", "9", "9.1", "A.B.C"}
	sign := func(n int) int { return min(max(n, -1), 1) }
	for _, a := range keys {
		for _, b := range keys {
			if sign(compareKeys(a, b)) != -sign(compareKeys(b, a)) || (compareKeys(a, b) == 0) != (a == b) {
				t.Errorf("%q and %q: %d and %d", a, b, compareKeys(a, b), compareKeys(b, a))
			}
			for _, c := range keys {
				if compareKeys(a, b) < 0 && compareKeys(b, c) < 0 && compareKeys(a, c) >= 0 {
					t.Errorf("%q < %q < %q, not transitive", a, b, c)
				}
			}
		}
	}
	if compareKeys("A.9", "A.10") >= 0 || compareKeys("A.1.x", "A.2") >= 0 || compareKeys("A", "A.1") >= 0 {
		t.Error("numbers are not in their order")
	}
}

// odd has the kinds that the SDK's inputs of today lack.
type odd struct {
	When  *time.Time
	Blob  []byte
	Big   *int64
	Map   map[string]iamtypes.Tag
	Enums []iamtypes.StatusType
	Self  *odd
	Lists [][]string
}

func TestDecodeQueryRefuses(t *testing.T) {
	tags := func() any { return &iam.CreateUserInput{} }
	oddly := func() any { return &odd{} }
	for _, c := range []struct {
		body       string
		dst        func() any
		code, text string
	}{
		{"Action=CreateUser&UserNam=x", tags, CodeUnknownParameter, "The parameter UserNam is not recognized"},
		{"username=x", tags, CodeUnknownParameter, "username"},
		{"Action.x=1", tags, CodeUnknownParameter, "Action.x"},
		{"X-Amz-Date.member.1=1", tags, CodeUnknownParameter, "X-Amz-Date"},
		{"noSmithyDocumentSerde=x", tags, CodeUnknownParameter, ""},
		{"ResultMetadata=x", func() any { return &iam.GetUserOutput{} }, CodeUnknownParameter, ""},
		{"Tags.member.0.Key=k", tags, CodeUnknownParameter, "Tags.member.0.Key"},
		{"Tags.member.01.Key=k", tags, CodeUnknownParameter, "Tags.member.01.Key"},
		{"Tags.member.+1.Key=k", tags, CodeUnknownParameter, ""},
		{"Tags.member.-1.Key=k", tags, CodeUnknownParameter, ""},
		{"Tags.member.x.Key=k", tags, CodeUnknownParameter, ""},
		{"Tags.member=k", tags, CodeUnknownParameter, ""},
		{"Tags.1.Key=k", tags, CodeUnknownParameter, ""},
		{"Tags..Key=k", tags, CodeUnknownParameter, ""},
		{"Tags.member.1.key=k", tags, CodeUnknownParameter, "Tags.member.1.key"},
		{"Tags.member.1.Key=k&Tags.entry.1.Key=k", tags, CodeUnknownParameter, "Tags.entry"},
		{"Tags.member.1.Key=k&Tags.member.3.Key=k", tags, CodeMalformedInput, "Tags.member.3.Key: numbers must run from 1 without a gap"},
		{"Tags.member.2.Key=k", tags, CodeMalformedInput, "gap"},
		{"Tags.member.99999999999999999999.Key=k", tags, CodeMalformedInput, "gap"},
		{"Tags=x", tags, CodeMalformedInput, "Tags"},
		{"Tags=&Tags.member.1.Key=k", tags, CodeMalformedInput, "Tags"},
		{"Tags.member.1=x", tags, CodeMalformedInput, "Tags.member.1"},
		{"Tags.member.1=", tags, CodeMalformedInput, "Tags.member.1"},
		{"UserName.member.1=x", tags, CodeMalformedInput, "Start of list found where not expected"},
		{"UserName.x=x", tags, CodeMalformedInput, "Start of structure or map found where not expected."},
		{"UserName=a&UserName.x=x", tags, CodeMalformedInput, "Start of structure"},
		{"UserName.=x", tags, CodeMalformedInput, "Start of structure"},
		{"MaxItems=", func() any { return &iam.ListUsersInput{} }, CodeMalformedInput, "MaxItems: STRING_VALUE cannot be converted to Integer"},
		{"MaxItems=1x", func() any { return &iam.ListUsersInput{} }, CodeMalformedInput, "Integer"},
		{"MaxItems=%2B1", func() any { return &iam.ListUsersInput{} }, CodeMalformedInput, "Integer"},
		{"MaxItems=2147483648", func() any { return &iam.ListUsersInput{} }, CodeMalformedInput, "Integer"},
		{"SetAsDefault=True", func() any { return &iam.CreatePolicyVersionInput{} }, CodeMalformedInput, "Boolean"},
		{"PolicyArns.member.1.Arn=x", func() any { return &sts.AssumeRoleInput{} }, CodeUnknownParameter, "PolicyArns.member.1.Arn"},
		{"When=yesterday", oddly, CodeMalformedInput, "Timestamp"},
		{"Blob=%21", oddly, CodeMalformedInput, "Blob"},
		{"Map=x", oddly, CodeMalformedInput, "Map"},
		{"Map.entry.1.key=k", oddly, CodeMalformedInput, "Map.entry.1.key: an entry has a key and a value"},
		{"Map.entry.1.value.Key=k", oddly, CodeMalformedInput, "an entry has a key and a value"},
		{"Map.entry.1=k", oddly, CodeMalformedInput, "an entry has a key and a value"},
		{"Map.entry.1.key.x=k&Map.entry.1.value.Key=k", oddly, CodeMalformedInput, "an entry has a key and a value"},
		{"Map.entry.1.key=k&Map.entry.1.value.Key=k&Map.entry.1.x=k", oddly, CodeUnknownParameter, "Map.entry.1.x"},
		{"Map.entry.1.key=k&Map.entry.1.value.Key=k&Map.entry.2.key=k&Map.entry.2.value.Key=k", oddly, CodeMalformedInput, "has this key already"},
		{strings.Repeat("Self.", maxDepth+1) + "Blob=", oddly, CodeMalformedInput, "too deep"},
		{strings.Repeat("Self.", 1<<17) + "Blob=", oddly, CodeMalformedInput, "too deep"},
		{"PolicyExclusionList.member.1.PolicyName=x", func() any { return &iam.SimulatePrincipalPolicyInput{} }, CodeUnknownParameter, "PolicyName"},
		{"PolicyExclusionList.member.1.PolicyArn=x&PolicyExclusionList.member.1.PolicyType=scp", func() any { return &iam.SimulatePrincipalPolicyInput{} }, CodeMalformedInput, "only one member of a union"},
	} {
		t.Run(clip(c.body, 60), func(t *testing.T) {
			wantError(t, DecodeQuery(Op{}, mustForm(t, c.body), c.dst()), c.code, c.text)
		})
	}
}

func TestDecodeQuery(t *testing.T) {
	for _, c := range []struct {
		body      string
		dst, want any
	}{
		{
			"Action=CreateUser&Version=2010-05-08&X-Amz-Date=20260101T000000Z&x-amz-signature=00&UserName=",
			&iam.CreateUserInput{}, &iam.CreateUserInput{UserName: aws.String("")},
		},
		{"Tags=", &iam.CreateUserInput{}, &iam.CreateUserInput{Tags: []iamtypes.Tag{}}},
		{
			"PolicyArns.member.1.arn=a&DurationSeconds=900",
			&sts.GetFederationTokenInput{},
			&sts.GetFederationTokenInput{DurationSeconds: aws.Int32(900), PolicyArns: []ststypes.PolicyDescriptorType{{Arn: aws.String("a")}}},
		},
		{
			"When=2026-01-02T03:04:05%2B01:00&Blob=AP8%3D&Big=-9000000000&Enums.member.2=Inactive&Enums.member.1=Active" +
				"&Map.entry.2.key=b&Map.entry.2.value.Key=y&Map.entry.1.value.Key=x&Map.entry.1.key=a&Self.Self.Map=&Lists.member.1.member.1=l",
			&odd{},
			&odd{
				When: aws.Time(time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC)), Blob: []byte{0, 255}, Big: aws.Int64(-9000000000),
				Enums: []iamtypes.StatusType{"Active", "Inactive"},
				Map:   map[string]iamtypes.Tag{"a": {Key: aws.String("x")}, "b": {Key: aws.String("y")}},
				Self:  &odd{Self: &odd{Map: map[string]iamtypes.Tag{}}},
				Lists: [][]string{{"l"}},
			},
		},
	} {
		if err := DecodeQuery(Op{}, mustForm(t, c.body), c.dst); err != nil {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		if !reflect.DeepEqual(c.dst, c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.body, c.dst, c.want)
		}
	}
}

// TestWrongTypes: faults of the program are InternalFailure, not a panic.
func TestWrongTypes(t *testing.T) {
	var nobody *iam.CreateUserInput
	for _, dst := range []any{nil, iam.CreateUserInput{}, nobody, new(string), &struct{ C chan int }{}, &struct{ P *[]string }{}, &struct{ L []*string }{}, &struct{ M map[int]string }{}} {
		for _, err := range []error{DecodeQuery(Op{}, &Form{}, dst), DecodeJSON([]byte("{}"), dst)} {
			var e *Error
			if !errors.As(err, &e) || e.Code != CodeInternal || e.Status != 500 {
				t.Errorf("%T: got %v", dst, err)
			}
		}
	}
}

func TestEncodeQuery(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678, time.FixedZone("", 3600))
	for _, c := range []struct {
		op   Op
		out  any
		want string
	}{
		{Op{Service: "iam", Name: "DeleteUser"}, &iam.DeleteUserOutput{}, `<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>r&lt;1&gt;</RequestId></ResponseMetadata></DeleteUserResponse>`},
		{Op{Service: "iam", Name: "DeleteUser"}, nil, `<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>r&lt;1&gt;</RequestId></ResponseMetadata></DeleteUserResponse>`},
		{Op{Service: "iam", Name: "UpdateRole"}, &iam.UpdateRoleOutput{}, `<UpdateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><UpdateRoleResult></UpdateRoleResult><ResponseMetadata><RequestId>r&lt;1&gt;</RequestId></ResponseMetadata></UpdateRoleResponse>`},
		{
			Op{Service: "iam", Name: "ListUsers"},
			&iam.ListUsersOutput{Users: []iamtypes.User{{UserName: aws.String("a&b"), CreateDate: &at, Tags: []iamtypes.Tag{}}}},
			`<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><Users><member><CreateDate>2026-01-02T02:04:05Z</CreateDate><UserName>a&amp;b</UserName><Tags></Tags></member></Users><IsTruncated>false</IsTruncated></ListUsersResult><ResponseMetadata><RequestId>r&lt;1&gt;</RequestId></ResponseMetadata></ListUsersResponse>`,
		},
		{
			Op{Service: "sts", Name: "GetCallerIdentity"},
			&sts.GetCallerIdentityOutput{Account: aws.String("123456789012")},
			`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r&lt;1&gt;</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
		},
	} {
		got, err := EncodeQuery([]byte("before"), c.op, "r<1>", c.out)
		if err != nil {
			t.Errorf("%v: %v", c.op, err)
		} else if string(got) != "before"+c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if _, err := EncodeQuery(nil, Op{Service: "iam", Name: "X"}, "", 1); err == nil {
		t.Error("a number was written as an output")
	}
	got := string(AppendQueryError(nil, "sts", "r", &Error{Code: "C", Message: "m\"", Status: 403}))
	if want := `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>C</Code><Message>m&quot;</Message></Error><RequestId>r</RequestId></ErrorResponse>`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(AppendQueryError(nil, "sts", "r", &Error{Status: 503})); !strings.Contains(got, "<Type>Receiver</Type>") {
		t.Error(got)
	}
}

// FuzzXMLText: whatever is written, a parser reads it back, but for what XML
// cannot carry.
func FuzzXMLText(f *testing.F) {
	f.Add("a<b>&amp;\"'\r\n\t\x00\x7f\u0085\u2028\uFFFE\xff]]>")
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := xml.Unmarshal(appendElement(nil, "T", s), &got); err != nil {
			t.Fatal(err)
		}
		want := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
				return utf8.RuneError
			}
			return r
		}, s)
		if got != want {
			t.Errorf("%q reads back as %q", s, got)
		}
	})
}

// FuzzDecodeQuery: any body ends in a value or in an error below 500, and a value
// can be checked and kept.
func FuzzDecodeQuery(f *testing.F) {
	for _, body := range []string{
		"Action=CreateUser&UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=v",
		"Action=SimulatePrincipalPolicy&PolicyExclusionList.member.1.PolicyType=inline&ContextEntries.member.1.ContextKeyValues.member.1=x&MaxItems=1",
		"Action=AcquireRole&ReplacementValues.entry.1.key=k&ReplacementValues.entry.1.value.Values.member.1=v",
		"Tags=&PolicyArns.member.1.arn=x&SetAsDefault=true&%41=%",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		form, err := ParseForm(body)
		if err != nil {
			wantError(t, err, err.(*Error).Code, "")
			return
		}
		for op, in := range map[Op]any{
			{Service: "iam", Name: "CreateUser"}:              &iam.CreateUserInput{},
			{Service: "iam", Name: "SimulatePrincipalPolicy"}: &iam.SimulatePrincipalPolicyInput{},
			{Service: "iam", Name: "AcquireRole"}:             &iam.AcquireRoleInput{},
			{Service: "iam", Name: "CreatePolicyVersion"}:     &iam.CreatePolicyVersionInput{},
			{Service: "sts", Name: "AssumeRole"}:              &sts.AssumeRoleInput{},
		} {
			if err := DecodeQuery(op, form, in); err != nil {
				wantError(t, err, err.(*Error).Code, "")
				continue
			}
			if err := Validate(op, in); err != nil {
				wantError(t, err, CodeValidationError, "detected")
			}
			if e := AppendEvent(nil, op, in); !json.Valid(e) {
				t.Errorf("event %s", e)
			}
		}
	})
}
