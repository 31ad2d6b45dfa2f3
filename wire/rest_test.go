package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	aatypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

var validatePolicy = Op{Service: "access-analyzer", Name: "ValidatePolicy"}

// restTransport answers every request alike and keeps what was sent.
type restTransport struct {
	status int
	code   string
	body   []byte

	method, path, query string
	sent                []byte
}

func (t *restTransport) Do(r *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	t.method, t.path, t.query, t.sent = r.Method, r.URL.Path, r.URL.RawQuery, sent
	h := http.Header{"Content-Type": {"application/json"}}
	if t.code != "" {
		h.Set("X-Amzn-Errortype", t.code)
	}
	return &http.Response{StatusCode: t.status, Header: h, Body: io.NopCloser(strings.NewReader(string(t.body))), Request: r}, nil
}

func analyzerClient(t *restTransport) *accessanalyzer.Client {
	return accessanalyzer.New(accessanalyzer.Options{Region: "us-east-1", HTTPClient: t, Credentials: credentials, RetryMaxAttempts: 1})
}

// TestRESTInputs reads what the SDK sends.
func TestRESTInputs(t *testing.T) {
	for name, want := range map[string]*accessanalyzer.ValidatePolicyInput{
		"least": {PolicyDocument: aws.String(""), PolicyType: aatypes.PolicyTypeIdentityPolicy},
		"all": {
			PolicyDocument: aws.String("{\"é&=+ %;\": \"\x00\r\n\u2028😀\"}"), PolicyType: aatypes.PolicyTypeResourcePolicy, Locale: aatypes.LocaleDe,
			MaxResults: aws.Int32(-7), NextToken: aws.String("a+b/c=&d é"), ValidatePolicyResourceType: aatypes.ValidatePolicyResourceTypeS3Bucket,
		},
	} {
		sink := restTransport{status: 500}
		_, _ = analyzerClient(&sink).ValidatePolicy(context.Background(), want)
		if sink.method != http.MethodPost || sink.path != "/policy/validation" {
			t.Errorf("%s: %s %s", name, sink.method, sink.path)
		}
		got := &accessanalyzer.ValidatePolicyInput{}
		if err := DecodeREST(validatePolicy, mustForm(t, sink.query), sink.sent, got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %s, want %s, from %s %s", name, show(t, reflect.ValueOf(got)), show(t, reflect.ValueOf(want)), sink.query, sink.sent)
		}
		if err := Validate(validatePolicy, got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRESTBodies: what the SDK does not send.
func TestRESTBodies(t *testing.T) {
	document := &accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String("x")}
	for _, c := range []struct {
		name, query, body string
		want              *accessanalyzer.ValidatePolicyInput
		code              string
	}{
		{"nothing", "", "", &accessanalyzer.ValidatePolicyInput{}, ""},
		{"null", "", `{"policyDocument":null}`, &accessanalyzer.ValidatePolicyInput{}, ""},
		{"unknown", "x=1&X-Amz-Date=2", `{"x":[{}],"policyDocument":"x"}`, document, ""},
		{"names of Go's", "MaxResults=1", `{"PolicyDocument":"y","policyDocument":"x"}`, document, ""},
		{"what belongs to the query string", "", `{"maxResults":1,"nextToken":"t","policyDocument":"x"}`, document, ""},
		{"empty parameters", "maxResults=&nextToken=", `{"policyDocument":"x"}`, document, ""},
		{"no number", "maxResults=1.5", `{}`, nil, CodeMalformedInput},
		{"a number too large", "maxResults=4294967296", `{}`, nil, CodeMalformedInput},
		{"no JSON", "", `{`, nil, CodeSerialization},
		{"no object", "", `[]`, nil, CodeSerialization},
		{"twice", "", `{"policyDocument":"x","policyDocument":"x"}`, nil, CodeSerialization},
	} {
		got := &accessanalyzer.ValidatePolicyInput{}
		err := DecodeREST(validatePolicy, mustForm(t, c.query), []byte(c.body), got)
		var refused *Error
		if c.code != "" {
			if !errors.As(err, &refused) || refused.Code != c.code {
				t.Errorf("%s: %v, want %s", c.name, err, c.code)
			}
		} else if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v %v, want %+v", c.name, got, err, c.want)
		}
	}
	var refused *Error
	if err := DecodeREST(Op{Service: "access-analyzer", Name: "Nothing"}, &Form{}, nil, &accessanalyzer.ValidatePolicyInput{}); !errors.As(err, &refused) || refused.Code != CodeInternal {
		t.Errorf("an operation that is none: %v", err)
	}
}

// TestRESTOutputs has the SDK read outputs with each member of the union.
func TestRESTOutputs(t *testing.T) {
	full := reflect.New(reflect.TypeFor[accessanalyzer.ValidatePolicyOutput]())
	(&filler{text: "a\"\\é \r\n\t\u2028😀", lists: 5}).fill(full.Elem())
	for name, want := range map[string]*accessanalyzer.ValidatePolicyOutput{
		"full":        full.Interface().(*accessanalyzer.ValidatePolicyOutput),
		"no findings": {Findings: []aatypes.ValidatePolicyFinding{}},
	} {
		body, err := AppendREST(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		sink := restTransport{status: 200, body: body}
		got, err := analyzerClient(&sink).ValidatePolicy(context.Background(), &accessanalyzer.ValidatePolicyInput{
			PolicyDocument: aws.String("x"), PolicyType: aatypes.PolicyTypeIdentityPolicy,
		})
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		reflect.ValueOf(got).Elem().FieldByName("ResultMetadata").SetZero()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %s, want %s, from %s", name, show(t, reflect.ValueOf(got)), show(t, reflect.ValueOf(want)), body)
		}
	}
	const want = `{"findings":[{"locations":[{"path":[{"value":"Statement"},{"index":0}],"span":{"start":{"column":1}}}]}]}`
	got, err := AppendREST(nil, accessanalyzer.ValidatePolicyOutput{Findings: []aatypes.ValidatePolicyFinding{{Locations: []aatypes.Location{{
		Path: []aatypes.PathElement{&aatypes.PathElementMemberValue{Value: "Statement"}, &aatypes.PathElementMemberIndex{}},
		Span: &aatypes.Span{Start: &aatypes.Position{Column: aws.Int32(1)}},
	}}}}})
	if err != nil || string(got) != want {
		t.Errorf("got %s %v, want %s", got, err, want)
	}
}

// TestRESTErrors has the SDK read a fault of members and one of the whole.
func TestRESTErrors(t *testing.T) {
	err := Validate(validatePolicy, &accessanalyzer.ValidatePolicyInput{PolicyType: "x\"y", Locale: "EN"})
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	in := &accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String("x"), PolicyType: aatypes.PolicyTypeIdentityPolicy}
	sink := restTransport{status: refused.Status, code: refused.Code, body: AppendRESTError(nil, refused)}
	_, err = analyzerClient(&sink).ValidatePolicy(context.Background(), in)
	var invalid *aatypes.ValidationException
	if !errors.As(err, &invalid) || invalid.Reason != aatypes.ValidationExceptionReasonFieldValidationFailed || len(invalid.FieldList) != 2 {
		t.Fatalf("%v from %s", err, sink.body)
	}
	const (
		null = "Member must not be null"
		enum = "Member must satisfy enum value set: [IDENTITY_POLICY, RESOURCE_POLICY, SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY]"
	)
	for i, want := range []aatypes.ValidationExceptionField{
		{Name: aws.String("policyDocument"), Message: aws.String(null)}, {Name: aws.String("policyType"), Message: aws.String(enum)},
	} {
		if !reflect.DeepEqual(invalid.FieldList[i], want) {
			t.Errorf("field %s: %s", *invalid.FieldList[i].Name, *invalid.FieldList[i].Message)
		}
	}
	if want := "2 validation errors detected: Value null at 'policyDocument' failed to satisfy constraint: " + null +
		"; Value 'x\"y' at 'policyType' failed to satisfy constraint: " + enum; invalid.ErrorMessage() != want {
		t.Errorf("message %s", invalid.ErrorMessage())
	}
	denied := &Error{Code: "AccessDeniedException", Message: "User: <é> is \"not\" authorized\n", Status: 403}
	sink = restTransport{status: denied.Status, code: denied.Code, body: AppendRESTError(nil, denied)}
	_, err = analyzerClient(&sink).ValidatePolicy(context.Background(), in)
	var got *aatypes.AccessDeniedException
	if !errors.As(err, &got) || got.ErrorMessage() != denied.Message {
		t.Errorf("%v from %s", err, sink.body)
	}
}

// TestRESTEvent: what the audit trail keeps, in the model's order and names.
func TestRESTEvent(t *testing.T) {
	got := string(AppendEvent(nil, validatePolicy, &accessanalyzer.ValidatePolicyInput{
		PolicyDocument: aws.String("{}"), PolicyType: aatypes.PolicyTypeIdentityPolicy, MaxResults: aws.Int32(1),
	}))
	if want := `{"maxResults":1,"policyDocument":"{}","policyType":"IDENTITY_POLICY"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzDecodeREST: any request ends in a value or in the caller's fault.
func FuzzDecodeREST(f *testing.F) {
	f.Add("maxResults=1&nextToken=x", `{"policyDocument":"{}","policyType":"IDENTITY_POLICY","locale":null}`)
	f.Add("maxResults=x&MaxResults=%31", `{"PolicyDocument":{"a":[1]},"":1,"é":[]}`)
	f.Fuzz(func(t *testing.T, query, body string) {
		form, err := ParseForm([]byte(query))
		if err != nil {
			return
		}
		in := &accessanalyzer.ValidatePolicyInput{}
		if err = DecodeREST(validatePolicy, form, []byte(body), in); err == nil {
			err = Validate(validatePolicy, in)
		}
		var refused *Error
		if err != nil && (!errors.As(err, &refused) || refused.Status < 400 || refused.Status >= 500) {
			t.Errorf("%v", err)
		}
		if refused != nil && !json.Valid(AppendRESTError(nil, refused)) {
			t.Errorf("%s", AppendRESTError(nil, refused))
		}
	})
}
