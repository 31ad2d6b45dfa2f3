package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/go-cmp/cmp"
)

func TestEvent(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		op   Op
		v    any
		want string
	}{
		{
			Op{Service: "iam", Name: "CreateUser"}, &iam.CreateUserInput{UserName: aws.String("u"), Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("")}}},
			`{"tags":[{"key":"k","value":""}],"userName":"u"}`,
		},
		{Op{Service: "iam", Name: "CreateLoginProfile"}, &iam.CreateLoginProfileInput{UserName: aws.String("u"), Password: aws.String("pw")}, `{"password":"HIDDEN_DUE_TO_SECURITY_REASONS","userName":"u"}`},
		{
			Op{Service: "iam", Name: "CreateAccessKey"},
			&iam.CreateAccessKeyOutput{AccessKey: &iamtypes.AccessKey{AccessKeyId: aws.String("AKIA"), SecretAccessKey: aws.String("s3cret"), Status: "Active", CreateDate: &at}},
			`{"accessKey":{"accessKeyId":"AKIA","createDate":"Jan 2, 2026, 3:04:05 PM","secretAccessKey":"HIDDEN_DUE_TO_SECURITY_REASONS","status":"Active"}}`,
		},
		{
			Op{Service: "sts", Name: "AssumeRole"},
			&sts.AssumeRoleInput{RoleArn: aws.String("r"), TokenCode: aws.String("123456"), DurationSeconds: aws.Int32(900), PolicyArns: []ststypes.PolicyDescriptorType{{Arn: aws.String("p")}}},
			`{"durationSeconds":900,"policyArns":[{"arn":"p"}],"roleArn":"r","tokenCode":"HIDDEN_DUE_TO_SECURITY_REASONS"}`,
		},
		{
			Op{Service: "sts", Name: "AssumeRole"},
			&sts.AssumeRoleOutput{Credentials: &ststypes.Credentials{AccessKeyId: aws.String("ASIA"), SecretAccessKey: aws.String("s3cret"), SessionToken: aws.String("t0ken")}},
			`{"credentials":{"accessKeyId":"ASIA","secretAccessKey":"HIDDEN_DUE_TO_SECURITY_REASONS","sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS"}}`,
		},
		{
			Op{Service: "iam", Name: "SimulatePrincipalPolicy"},
			&iam.SimulatePrincipalPolicyInput{PolicyExclusionList: []iamtypes.PolicyIdentifier{&iamtypes.PolicyIdentifierMemberPolicyType{Value: "scp"}}},
			`{"policyExclusionList":[{"policyType":"scp"}]}`,
		},
		{Op{Service: "iam", Name: "ListUsers"}, &iam.ListUsersOutput{Users: []iamtypes.User{}}, `{"isTruncated":false,"users":[]}`},
		{Op{Service: "iam", Name: "CreatePolicyVersion"}, &iam.CreatePolicyVersionInput{PolicyArn: aws.String("a")}, `{"policyArn":"a"}`},
		{Op{Service: "iam", Name: "GetAccountSummary"}, &iam.GetAccountSummaryOutput{SummaryMap: map[string]int32{"Users": 3}}, `{"summaryMap":{"Users":3}}`},
		{Op{Service: "organizations", Name: "ListAccounts"}, &ListAccountsInput{NextToken: aws.String("n")}, `{"nextToken":"n"}`},
		{Op{Service: "organizations", Name: "ListAccounts"}, &struct{ NewMember *string }{aws.String("?")}, `{"newMember":"HIDDEN_DUE_TO_SECURITY_REASONS"}`},
		{Op{Service: "sts", Name: "GetCallerIdentity"}, &sts.GetCallerIdentityInput{}, `null`},
		{Op{Service: "iam", Name: "CreateUser"}, (*iam.CreateUserOutput)(nil), `null`},
		{Op{Service: "iam", Name: "CreateUser"}, nil, `null`},
		{Op{Service: "iam", Name: "Nothing"}, &iam.CreateUserInput{UserName: aws.String("u")}, `null`},
	} {
		got := AppendEvent([]byte("before "), c.op, c.v)
		if diff := cmp.Diff(tree(t, []byte(c.want)), tree(t, bytes.TrimPrefix(got, []byte("before ")))); diff != "" {
			t.Errorf("%v: %s", c.op, diff)
		}
	}
}

func tree(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// TestEventsKeepNoSecret fills every input and output and looks for the members
// whose names say that they are secrets.
func TestEventsKeepNoSecret(t *testing.T) {
	secret := []string{"password", "secretaccesskey", "sessiontoken", "privatekey", "tokencode", "authenticationcode", "samlassertion", "webidentitytoken", "base32stringseed", "qrcodepng", "servicepassword", "servicecredentialsecret", "tradeintoken"}
	// These end in the same words and are none.
	plain := map[string]bool{
		"allowUsersToChangePassword": true, "removePrivateKey": true, "subjectFromWebIdentityToken": true,
	}
	found := 0
	var look func(path string, v any)
	look = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, sub := range v {
				for _, s := range secret {
					word := strings.TrimRight(strings.ToLower(name), "12")
					if strings.HasSuffix(word, s) && !plain[name] {
						if found++; sub != Hidden {
							if _, nested := sub.(map[string]any); !nested {
								t.Errorf("%s.%s is kept: %v", path, name, sub)
							}
						}
					}
				}
				look(path+"."+name, sub)
			}
		case []any:
			for _, sub := range v {
				look(path+"[]", sub)
			}
		}
	}
	for _, o := range sdkOperations(&transport{}) {
		for _, typ := range []reflect.Type{o.in, o.out} {
			v := reflect.New(typ)
			(&filler{text: "x", lists: 1}).fill(v.Elem())
			look(typ.Name(), tree(t, AppendEvent(nil, o.op, v.Interface())))
		}
	}
	if found < 20 {
		t.Errorf("met %d secrets only", found)
	}
}

// TestEventTime holds what is written out to the layout that it stands for.
func TestEventTime(t *testing.T) {
	for _, first := range []int{-1, 0, 999, 1000, 1999, 2026, 9999, 10000} {
		for hour := range 24 * 40 {
			at := time.Date(first, 1, 1, hour, hour%60, hour%59, 0, time.UTC).AddDate(0, hour%12, 0)
			if got, want := string(appendEventTime(nil, at)), at.Format(eventTime); got != want {
				t.Fatalf("%s, want %s", got, want)
			}
		}
	}
}

// TestOpOf: an operation that was looked up is the same to whoever uses it, and
// one that nobody knows stays unknown.
func TestOpOf(t *testing.T) {
	in := &iam.CreateUserInput{UserName: aws.String("a b")}
	plain, found := Op{Service: "iam", Name: "CreateUser"}, OpOf("iam", "CreateUser")
	if a, b := Validate(plain, in), Validate(found, in); a == nil || a.Error() != b.Error() {
		t.Errorf("%v, and %v", a, b)
	}
	if a, b := string(AppendEvent(nil, plain, in)), string(AppendEvent(nil, found, in)); a != b {
		t.Errorf("%s, and %s", a, b)
	}
	if err := Validate(OpOf("iam", "Nothing"), in); err == nil {
		t.Error("an unknown operation was validated")
	}
}
