package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aatypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func TestMain(m *testing.M) {
	Union[iamtypes.PolicyIdentifier](
		&iamtypes.PolicyIdentifierMemberInlinePolicyIdentifier{},
		&iamtypes.PolicyIdentifierMemberPolicyArn{},
		&iamtypes.PolicyIdentifierMemberPolicyType{},
	)
	Union[aatypes.PathElement](
		&aatypes.PathElementMemberIndex{}, &aatypes.PathElementMemberKey{},
		&aatypes.PathElementMemberSubstring{}, &aatypes.PathElementMemberValue{},
	)
	os.Exit(m.Run())
}

// transport answers every request with status and body and keeps what was sent.
type transport struct {
	status int
	body   []byte
	sent   []byte
}

func (t *transport) Do(r *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	t.sent = sent
	return &http.Response{
		StatusCode: t.status,
		Header:     http.Header{"Content-Type": {"text/xml"}},
		Body:       io.NopCloser(strings.NewReader(string(t.body))),
		Request:    r,
	}, nil
}

// sdkOperation is one method of an SDK client.
type sdkOperation struct {
	op      Op
	method  reflect.Value
	in, out reflect.Type // the structs
}

func (o sdkOperation) call(in reflect.Value) (reflect.Value, error) {
	results := o.method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	err, _ := results[1].Interface().(error)
	return results[0], err
}

var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"}, nil
})

// sdkOperations returns every operation of the SDK's clients, over t.
func sdkOperations(t *transport) []sdkOperation {
	clients := []struct {
		service string
		client  any
	}{
		{"iam", iam.New(iam.Options{Region: "us-east-1", HTTPClient: t, Credentials: credentials, RetryMaxAttempts: 1})},
		{"sts", sts.New(sts.Options{Region: "us-east-1", HTTPClient: t, Credentials: credentials, RetryMaxAttempts: 1})},
	}
	var all []sdkOperation
	for _, c := range clients {
		v := reflect.ValueOf(c.client)
		for i := range v.NumMethod() {
			m := v.Type().Method(i)
			if m.Type.NumIn() != 4 || !m.Type.IsVariadic() || !strings.HasSuffix(m.Type.In(2).String(), "Input") {
				continue
			}
			all = append(all, sdkOperation{
				op:     OpOf(c.service, m.Name),
				method: v.Method(i),
				in:     m.Type.In(2).Elem(),
				out:    m.Type.Out(0).Elem(),
			})
		}
	}
	return all
}

// filler fills structs with values that are all different.
type filler struct {
	n     int
	text  string // stands in every string
	lists int    // members of every list and map
}

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 1, 0, 0, f.n, 0, time.UTC)))
		return
	case v.Type() == blobType:
		v.SetBytes([]byte{0, 255, byte(f.n)})
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.String:
		v.SetString(fmt.Sprintf("%s%d", f.text, f.n))
	case reflect.Bool:
		v.SetBool(f.n%2 == 0)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), f.lists, f.lists))
		for i := range f.lists {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range f.lists {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key)
			f.fill(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Interface:
		var names []string
		p := &plan{typ: v.Type()}
		for name := range p.variants() {
			names = append(names, name)
		}
		// Whichever: over all the lists, each member gets its turn.
		m := p.variants()[names[f.n%len(names)]]
		held := reflect.New(m.typ)
		f.fill(held.Elem().FieldByName("Value"))
		v.Set(held)
	case reflect.Struct:
		for i := range v.NumField() {
			if sf := v.Type().Field(i); sf.IsExported() && sf.Name != "ResultMetadata" {
				f.fill(v.Field(i))
			}
		}
	}
}

func sdkFolder(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

func mustForm(t testing.TB, body string) *Form {
	t.Helper()
	f, err := ParseForm([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// wantSameForm compares two bodies as sets of parameters.
func wantSameForm(t *testing.T, got, want string) {
	t.Helper()
	g, err := url.ParseQuery(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := url.ParseQuery(want)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("sent again:\n%s\nwant:\n%s", got, want)
	}
}

// TestSnapshots decodes every request that the SDK's authors recorded, has the
// SDK send what came out, and compares.
func TestSnapshots(t *testing.T) {
	var sink transport
	count := map[string]int{}
	for _, o := range sdkOperations(&sink) {
		t.Run(o.op.Service+"/"+o.op.Name, func(t *testing.T) {
			count[o.op.Service]++
			folder := sdkFolders(t)[o.op.Service]
			snap, err := os.ReadFile(filepath.Join(folder, "request_snapshot", o.op.Name+".request.snap"))
			if err != nil {
				t.Fatal(err)
			}
			head, body, _ := strings.Cut(strings.TrimSpace(string(snap)), "urlencoded\n\n")
			if !strings.HasPrefix(head, "POST /") {
				t.Fatalf("unexpected snapshot %s", snap)
			}
			form := mustForm(t, body)
			if form.Get("Action") != o.op.Name {
				t.Fatalf("Action is %s", form.Get("Action"))
			}
			in := reflect.New(o.in)
			if err := DecodeQuery(o.op, form, in.Interface()); err != nil {
				t.Fatal(err)
			}
			sink = transport{status: 500}
			_, _ = o.call(in)
			wantSameForm(t, string(sink.sent), body)
		})
	}
	if count["iam"] < 180 || count["sts"] < 11 {
		t.Errorf("compared %v", count)
	}
}

var folders map[string]string

func sdkFolders(t *testing.T) map[string]string {
	t.Helper()
	if folders == nil {
		folders = map[string]string{
			"iam": sdkFolder(t, "github.com/aws/aws-sdk-go-v2/service/iam"),
			"sts": sdkFolder(t, "github.com/aws/aws-sdk-go-v2/service/sts"),
		}
	}
	return folders
}

// TestInputs has the SDK send inputs whose members all differ, lists of eleven
// members among them (11 sorts before 2), and empty ones.
func TestInputs(t *testing.T) {
	var sink transport
	for _, o := range sdkOperations(&sink) {
		for _, lists := range []int{0, 1, 11} {
			t.Run(fmt.Sprintf("%s/%s/%d", o.op.Service, o.op.Name, lists), func(t *testing.T) {
				want := reflect.New(o.in)
				f := filler{text: "é&=+ %;\x00\r\n.", lists: lists}
				f.fill(want.Elem())
				sink = transport{status: 500}
				_, _ = o.call(want)
				got := reflect.New(o.in)
				if err := DecodeQuery(o.op, mustForm(t, string(sink.sent)), got.Interface()); err != nil {
					t.Fatal(err)
				}
				if lists == 0 {
					dropEmptyMaps(want.Elem())
					dropEmptyMaps(got.Elem())
				}
				if !reflect.DeepEqual(got.Interface(), want.Interface()) {
					t.Errorf("got  %s\nwant %s\nfrom %s", show(t, got), show(t, want), sink.sent)
				}
			})
		}
	}
}

// dropEmptyMaps: the SDK does not send them.
func dropEmptyMaps(v reflect.Value) {
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Map && f.Len() == 0 && f.CanSet() {
			f.SetZero()
		}
	}
}

func show(t *testing.T, v reflect.Value) string {
	t.Helper()
	b, err := AppendJSON(nil, v.Interface())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestOutputs has the SDK read every output: full, with empty lists, and empty.
func TestOutputs(t *testing.T) {
	var sink transport
	for _, o := range sdkOperations(&sink) {
		for _, c := range []struct {
			name string
			fill func(v reflect.Value)
		}{
			{"full", func(v reflect.Value) { (&filler{text: "a<b>&\"'é \r\n\t\u2028😀", lists: 3}).fill(v) }},
			{"empty lists", func(v reflect.Value) { (&filler{text: "x"}).fill(v) }},
			{"nothing", func(reflect.Value) {}},
		} {
			t.Run(o.op.Service+"/"+o.op.Name+"/"+c.name, func(t *testing.T) {
				want := reflect.New(o.out)
				c.fill(want.Elem())
				body, err := EncodeQuery(nil, o.op, "b0b1-request", want.Interface())
				if err != nil {
					t.Fatal(err)
				}
				sink = transport{status: 200, body: body}
				in := reflect.New(o.in)
				(&filler{text: "x", lists: 1}).fill(in.Elem())
				got, err := o.call(in)
				if err != nil {
					t.Fatalf("%v\n%s", err, body)
				}
				got.Elem().FieldByName("ResultMetadata").SetZero()
				if !reflect.DeepEqual(got.Interface(), want.Interface()) {
					t.Errorf("got  %s\nwant %s\nfrom %s", show(t, got), show(t, want), body)
				}
			})
		}
	}
}

// TestErrors has the SDK read errors.
func TestErrors(t *testing.T) {
	for _, service := range []string{"iam", "sts"} {
		for _, want := range []*Error{
			{Code: "NoSuchEntity", Message: "The user with name a<b>&\x01 cannot be found.", Status: 404},
			{Code: "InternalFailure", Message: "An internal failure.", Status: 500},
		} {
			sink := transport{status: want.Status, body: AppendQueryError(nil, service, "id-1", want)}
			for _, o := range sdkOperations(&sink) {
				if o.op != OpOf("iam", "ListUsers") && o.op != OpOf("sts", "GetCallerIdentity") || o.op.Service != service {
					continue
				}
				_, err := o.call(reflect.New(o.in))
				var got smithy.APIError
				if !errors.As(err, &got) {
					t.Fatalf("%v is no API error", err)
				}
				message := strings.ReplaceAll(want.Message, "\x01", "\uFFFD")
				if code := strings.TrimSuffix(got.ErrorCode(), "Exception"); code != want.Code || got.ErrorMessage() != message {
					t.Errorf("got %v, want %v", got, want)
				}
				if !strings.Contains(err.Error(), "id-1") {
					t.Errorf("%v lacks the request id", err)
				}
			}
		}
	}
}

// TestDocuments: a policy document survives IAM's encoding in an answer and the
// decoding that the users of SDKs do.
func TestDocuments(t *testing.T) {
	document := "{\"a\":\t\"100%+1 %41 é😀\u00a0~-._\"\r\n}"
	if got, want := PercentEncode(document), "%7B%22a%22%3A%09%22100%25%2B1%20%2541%20%C3%A9%F0%9F%98%80%C2%A0~-._%22%0D%0A%7D"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	sink := transport{status: 200}
	body, err := EncodeQuery(nil, Op{Service: "iam", Name: "GetRolePolicy"}, "r", &iam.GetRolePolicyOutput{PolicyDocument: aws.String(PercentEncode(document))})
	if err != nil {
		t.Fatal(err)
	}
	sink.body = body
	client := iam.New(iam.Options{Region: "us-east-1", HTTPClient: &sink, Credentials: credentials})
	out, err := client.GetRolePolicy(context.Background(), &iam.GetRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p")})
	if err != nil {
		t.Fatal(err)
	}
	for name, unescape := range map[string]func(string) (string, error){"query": url.QueryUnescape, "path": url.PathUnescape} {
		if got, err := unescape(*out.PolicyDocument); err != nil || got != document {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if PercentEncode("plain") != "plain" {
		t.Error("plain text was changed")
	}
}
