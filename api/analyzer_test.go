package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/sigv4"
)

const (
	faulty = "{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\"Effect\": \"Permit\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"}\n    ]\n}"
	sound  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}`
)

func validate(ctx context.Context, c *clients, document string) ([]types.ValidatePolicyFinding, error) {
	out, err := c.Analyzer.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{
		PolicyDocument: aws.String(document), PolicyType: types.PolicyTypeIdentityPolicy,
	})
	if err != nil {
		return nil, err
	}
	return out.Findings, nil
}

// found is a finding as JSON, which tells unions and pointers apart by what they
// hold.
func found(t *testing.T, findings []types.ValidatePolicyFinding, code string) string {
	t.Helper()
	for _, f := range findings {
		if aws.ToString(f.IssueCode) == code {
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
	return ""
}

func analyzerCases() []actionCase {
	return []actionCase{{
		action: "ValidatePolicy",
		grants: []grant{{"access-analyzer:ValidatePolicy", "arn:aws:access-analyzer:us-east-1:«ACCOUNT»:*"}},
		key:    "aws:RequestedRegion", holds: "us-east-1", other: "eu-west-1",
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			findings, err := validate(ctx, c, faulty)
			for _, f := range findings {
				made[aws.ToString(f.IssueCode)] = aws.ToString(f.FindingDetails)
			}
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			same(t, "the finding", made["INVALID_EFFECT"], "The effect Permit is not valid. Use Allow or Deny.")
			// IAM, which takes no document with errors, agrees.
			_, err := root.IAM.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(faulty)})
			wantError(t, "IAM", err, "MalformedPolicyDocument", "")
			findings, err := validate(t.Context(), root, sound)
			if err != nil || len(findings) != 0 || findings == nil {
				t.Errorf("findings about a sound policy: %v %v", findings, err)
			}
		},
	}}
}

// TestValidatePolicyAnswer: a finding as AWS gives it, with its places.
func TestValidatePolicyAnswer(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	findings, err := validate(t.Context(), root, faulty)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the finding", found(t, findings, "INVALID_EFFECT"), `{"FindingDetails":"The effect Permit is not valid. Use Allow or Deny.",`+
		`"FindingType":"ERROR","IssueCode":"INVALID_EFFECT",`+
		`"LearnMoreLink":"https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-invalid-effect",`+
		`"Locations":[{"Path":[{"Value":"Statement"},{"Value":0},{"Value":"Effect"}],`+
		`"Span":{"End":{"Column":27,"Line":4,"Offset":77},"Start":{"Column":19,"Line":4,"Offset":69}}}]}`)
	for _, f := range findings {
		for _, l := range f.Locations {
			_, value := l.Path[0].(*types.PathElementMemberValue)
			if _, index := l.Path[1].(*types.PathElementMemberIndex); !value || !index {
				t.Errorf("%s: the path is %#v", aws.ToString(f.IssueCode), l.Path)
			}
		}
	}
}

// TestValidatePolicyPages: pages join to the whole, by tokens that serve this
// policy only.
func TestValidatePolicyPages(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	statement := `{"Effect":"Permit","Action":"s3:GetObject","Resource":"*"}`
	document := `{"Version":"2012-10-17","Statement":[` + strings.Repeat(statement+",", 120) + statement + `]}`
	whole := 0
	in := &accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String(document), PolicyType: types.PolicyTypeIdentityPolicy}
	for pages := accessanalyzer.NewValidatePolicyPaginator(root.Analyzer, in); pages.HasMorePages(); {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Findings) > 100 {
			t.Errorf("a page of %d", len(out.Findings))
		}
		whole += len(out.Findings)
	}
	if whole < 121 {
		t.Fatalf("%d findings", whole)
	}
	in.MaxResults = aws.Int32(1)
	first, err := root.Analyzer.ValidatePolicy(t.Context(), in)
	if err != nil || len(first.Findings) != 1 || first.NextToken == nil {
		t.Fatalf("a page of one: %+v %v", first, err)
	}
	in.NextToken, in.MaxResults = first.NextToken, nil
	rest := 0
	for pages := accessanalyzer.NewValidatePolicyPaginator(root.Analyzer, in); pages.HasMorePages(); {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rest += len(out.Findings)
	}
	if rest != whole-1 {
		t.Errorf("%d findings after the first of %d", rest, whole)
	}
	for name, change := range map[string]func(in *accessanalyzer.ValidatePolicyInput){
		"another policy":       func(in *accessanalyzer.ValidatePolicyInput) { in.PolicyDocument = aws.String(document + " ") },
		"another type":         func(in *accessanalyzer.ValidatePolicyInput) { in.PolicyType = types.PolicyTypeResourcePolicy },
		"a changed token":      func(in *accessanalyzer.ValidatePolicyInput) { in.NextToken = aws.String("A" + (*first.NextToken)[1:]) },
		"a longer token":       func(in *accessanalyzer.ValidatePolicyInput) { in.NextToken = aws.String(*first.NextToken + "AAAA") },
		"a token that is none": func(in *accessanalyzer.ValidatePolicyInput) { in.NextToken = aws.String("é") },
	} {
		other := *in
		other.NextToken = first.NextToken
		change(&other)
		_, err := root.Analyzer.ValidatePolicy(t.Context(), &other)
		wantError(t, name, err, "ValidationException", "'nextToken'")
	}
}

// TestValidatePolicyRefusals: what is out of bounds, with the member's name.
func TestValidatePolicyRefusals(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	long := strings.Repeat(" ", 131072) + "{}"
	for _, c := range []struct {
		name        string
		in          accessanalyzer.ValidatePolicyInput
		field, says string
		reason      types.ValidationExceptionReason
	}{
		{
			"an unknown type", accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String("{}"), PolicyType: "TRUST"}, "policyType",
			"1 validation error detected: Value 'TRUST' at 'policyType' failed to satisfy constraint: Member must satisfy enum value set: [IDENTITY_POLICY, ", types.ValidationExceptionReasonFieldValidationFailed,
		},
		{"an unknown locale", accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String("{}"), PolicyType: "IDENTITY_POLICY", Locale: "XX"}, "locale", "'locale'", types.ValidationExceptionReasonFieldValidationFailed},
		{"no results", accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String("{}"), PolicyType: "IDENTITY_POLICY", MaxResults: aws.Int32(-1)}, "maxResults", "greater than or equal to 1", types.ValidationExceptionReasonFieldValidationFailed},
		{"a long document", accessanalyzer.ValidatePolicyInput{PolicyDocument: &long, PolicyType: "IDENTITY_POLICY"}, "policyDocument", "less than or equal to 131072", types.ValidationExceptionReasonFieldValidationFailed},
		{"a resource of an identity policy", accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String("{}"), PolicyType: "IDENTITY_POLICY", ValidatePolicyResourceType: "AWS::S3::Bucket"}, "", "InvalidInput", types.ValidationExceptionReasonOther},
	} {
		_, err := root.Analyzer.ValidatePolicy(t.Context(), &c.in)
		var refused *types.ValidationException
		if !errors.As(err, &refused) || refused.Reason != c.reason || !strings.Contains(refused.ErrorMessage(), c.says) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if c.field != "" && (len(refused.FieldList) != 1 || aws.ToString(refused.FieldList[0].Name) != c.field) {
			t.Errorf("%s: fields %+v", c.name, refused.FieldList)
		}
	}
	for _, locale := range types.LocaleEn.Values() {
		out, err := root.Analyzer.ValidatePolicy(t.Context(), &accessanalyzer.ValidatePolicyInput{
			PolicyDocument: aws.String(faulty), PolicyType: types.PolicyTypeIdentityPolicy, Locale: locale,
		})
		if err != nil || !strings.Contains(found(t, out.Findings, "INVALID_EFFECT"), "The effect Permit is not valid") {
			t.Errorf("locale %s: %v", locale, err)
		}
	}
}

// TestRestRefusals: what the door says to requests that no SDK sends, in the
// form of AWS's JSON services.
func TestRestRefusals(t *testing.T) {
	w := newWorld(t)
	key := w.rootKey(t)
	unknown, wrong := key, key
	unknown.KeyID, wrong.Secret = "AKIAIOSFODNN7EXAMPLE", key.Secret+"x"
	forged := sigv4.Credentials{KeyID: "ASIAIOSFODNN7EXAMPLE", Secret: key.Secret, Token: "AQAAAAE="}
	const body, mime = `{"policyDocument":"{}","policyType":"IDENTITY_POLICY"}`, "application/json"
	for _, c := range []struct {
		name               string
		key                sigv4.Credentials
		method, path, body string
		mime, service      string
		status             int
		code, message      string
	}{
		{"whole", key, "POST", "/policy/validation", body, mime, "access-analyzer", 200, "", ""},
		{"a charset", key, "POST", "/policy/validation", body, mime + "; charset=utf-8", "access-analyzer", 200, "", ""},
		{"an unknown member and parameter", key, "POST", "/policy/validation?x=1", `{"x":{},"nextToken":"x","maxResults":-1,` + body[1:], mime, "access-analyzer", 200, "", ""},
		{"unsigned", sigv4.Credentials{}, "POST", "/policy/validation", body, mime, "", 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"unknown key", unknown, "POST", "/policy/validation", body, mime, "access-analyzer", 403, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"forged token", forged, "POST", "/policy/validation", body, mime, "access-analyzer", 403, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"wrong secret", wrong, "POST", "/policy/validation", body, mime, "access-analyzer", 403, "InvalidSignatureException", "The request signature we calculated does not match"},
		{"another service's scope", key, "POST", "/policy/validation", body, mime, "iam", 403, "InvalidSignatureException", "Credential should be scoped to correct service"},
		{"another path", key, "GET", "/analyzer", "", "", "access-analyzer", 404, "UnknownOperationException", ""},
		{"another method", key, "GET", "/policy/validation", "", "", "access-analyzer", 404, "UnknownOperationException", ""},
		{"a path beyond", key, "POST", "/policy/validation/", body, mime, "access-analyzer", 404, "UnknownOperationException", ""},
		{"a path in other letters", key, "POST", "/policy/%76alidation", body, mime, "access-analyzer", 404, "UnknownOperationException", ""},
		{"a form", key, "POST", "/policy/validation", "Action=ValidatePolicy", "application/x-www-form-urlencoded", "access-analyzer", 415, "UnsupportedMediaTypeException", ""},
		{"no JSON", key, "POST", "/policy/validation", "{", mime, "access-analyzer", 400, "SerializationException", ""},
		{"a number for a string", key, "POST", "/policy/validation", `{"policyDocument":1}`, mime, "access-analyzer", 400, "SerializationException", "NUMBER_VALUE cannot be converted to String"},
		{"an upper-case member", key, "POST", "/policy/validation", `{"PolicyDocument":"{}","policyType":"IDENTITY_POLICY"}`, mime, "access-analyzer", 400, "ValidationException", "'policyDocument'"},
		{"nothing", key, "POST", "/policy/validation", "", "", "access-analyzer", 400, "ValidationException", "2 validation errors detected"},
		{"a number that is none", key, "POST", "/policy/validation?maxResults=x", body, mime, "access-analyzer", 400, "ValidationException", "maxResults"},
		{"a parameter twice", key, "POST", "/policy/validation?maxResults=1&maxResults=2", body, mime, "access-analyzer", 400, "ValidationException", "more than once"},
		{"too large", key, "POST", "/policy/validation", strings.Repeat(" ", 1<<20) + body, mime, "access-analyzer", 413, "RequestEntityTooLargeException", ""},
	} {
		r, err := http.NewRequest(c.method, w.url+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.mime != "" {
			r.Header.Set("Content-Type", c.mime)
		}
		if c.service != "" {
			opt := sigv4.Options{Service: c.service, Region: "eu-west-1", DoubleEncode: true, NormalizePath: true, AllowUnsigned: true}
			if err := sigv4.Sign(r, sha256.Sum256([]byte(c.body)), c.key, time.Now(), opt); err != nil {
				t.Fatal(err)
			}
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		var answer struct{ Message string }
		if err := json.Unmarshal(text, &answer); err != nil || bytes.HasPrefix(text, []byte("null")) {
			t.Fatalf("%s: %v: %s", c.name, err, text)
		}
		if res.StatusCode != c.status || res.Header.Get("X-Amzn-Errortype") != c.code || !strings.Contains(answer.Message, c.message) {
			t.Errorf("%s: got %d %s %s, want %d %s …%s…", c.name, res.StatusCode, res.Header.Get("X-Amzn-Errortype"), text, c.status, c.code, c.message)
		}
		if kind := res.Header.Get("Content-Type"); kind != mime || res.Header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s: type %q, request id %q", c.name, kind, res.Header.Get("X-Amzn-Requestid"))
		}
	}
}

// TestValidatePolicyExample: the AWS CLI's own example, whose answer AWS shows, with a
// value as long as the one in whose place the example has a shorter one.
func TestValidatePolicyExample(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	const document = `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Allow",
            "Principal": {
                "Federated": "cognito-identity.amazonaws.com"
            },
            "Action": [
                "sts:AssumeRole",
                "sts:TagSession"
            ],
            "Condition": {
                "StringEquals": {
                    "cognito-identity.amazonaws.com:aud": "us-west-2_EXAMPLE00"
                }
            }
        }
    ]
}`
	out, err := root.Analyzer.ValidatePolicy(t.Context(), &accessanalyzer.ValidatePolicyInput{
		PolicyDocument: aws.String(document), PolicyType: types.PolicyTypeResourcePolicy,
		ValidatePolicyResourceType: types.ValidatePolicyResourceTypeRoleTrust,
	})
	if err != nil {
		t.Fatal(err)
	}
	const link = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-"
	place := func(line, column, offset, end int, path string) string {
		at := func(by int) string {
			return fmt.Sprintf(`{"Column":%d,"Line":%d,"Offset":%d}`, column+by, line, offset+by)
		}
		steps := `{"Value":"Statement"},{"Value":0}`
		for _, step := range strings.Fields(path) {
			if step != "0" && step != "1" {
				step = `"` + step + `"`
			}
			steps += `,{"Value":` + step + `}`
		}
		return `{"Path":[` + steps + `],"Span":{"End":` + at(end-column) + `,"Start":` + at(0) + `}}`
	}
	for _, want := range []struct{ code, typ, anchor, details, places string }{
		{"EMPTY_SID_VALUE", "SUGGESTION", "suggestion-empty-sid-value", "Add a value to the empty string in the Sid element.", place(5, 19, 79, 21, "Sid")},
		{
			"MISMATCHED_ACTION_FOR_PRINCIPAL", "ERROR", "error-mismatched-action-for-principal",
			"The sts:AssumeRole action is invalid with the following principal(s): cognito-identity.amazonaws.com. Use a SAML provider principal with the sts:AssumeRoleWithSAML action or use an OIDC provider principal with the sts:AssumeRoleWithWebIdentity action. Ensure the provider is Federated if you use either of the two options.",
			place(11, 16, 258, 32, "Action 0") + "," + place(8, 29, 170, 61, "Principal Federated"),
		},
		{
			"UNSUPPORTED_ACTION_FOR_CONDITION_KEY", "ERROR", "error-unsupported-action-for-condition-key",
			"The following actions: sts:TagSession are not supported by the condition key cognito-identity.amazonaws.com:aud. The condition will not be evaluated for these actions. We recommend that you move these actions to a different statement without this condition key.",
			place(12, 16, 292, 32, "Action 1") + "," + place(16, 58, 443, 79, "Condition StringEquals cognito-identity.amazonaws.com:aud"),
		},
	} {
		same(t, want.code, found(t, out.Findings, want.code), `{"FindingDetails":"`+want.details+`","FindingType":"`+want.typ+`","IssueCode":"`+want.code+
			`","LearnMoreLink":"`+link+want.anchor+`","Locations":[`+want.places+`]}`)
	}
	if len(out.Findings) != 3 {
		t.Errorf("%d findings, of AWS's three", len(out.Findings))
	}
}
