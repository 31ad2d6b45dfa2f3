package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

type policyType string

// thing has every kind of member.
type thing struct {
	Name    *string
	Type    policyType
	Count   *int32
	Big     int64
	Yes     *bool
	Plain   bool
	When    *time.Time
	Blob    []byte
	Names   []string
	Types   []policyType
	Things  []thing
	Map     map[string]string
	Deep    map[string]thing
	Inner   *thing
	Either  iamtypes.PolicyIdentifier
	Eithers []iamtypes.PolicyIdentifier
	hidden  string
}

func TestJSON(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		name string
		v    *thing
		want string
	}{
		{"empty", &thing{}, `{"Big":0,"Plain":false}`},
		{
			"simple", &thing{Name: aws.String("a\"\\\n\x01é\u2028😀"), Type: "T", Count: aws.Int32(-1), Big: 1 << 60, Yes: aws.Bool(false), Plain: true, When: &when, Blob: []byte{0, 255}},
			`{"Name":"a\"\\\u000a\u0001é` + "\u2028" + `😀","Type":"T","Count":-1,"Big":1152921504606846976,"Yes":false,"Plain":true,"When":1767323045,"Blob":"AP8="}`,
		},
		{
			"lists", &thing{Names: []string{}, Types: []policyType{"A", "B"}, Things: []thing{{}, {Plain: true}}, Map: map[string]string{"b": "2", "a": "1"}, Deep: map[string]thing{"k": {Big: 1}}, Inner: &thing{}},
			`{"Big":0,"Plain":false,"Names":[],"Types":["A","B"],"Things":[{"Big":0,"Plain":false},{"Big":0,"Plain":true}],"Map":{"a":"1","b":"2"},"Deep":{"k":{"Big":1,"Plain":false}},"Inner":{"Big":0,"Plain":false}}`,
		},
		{
			"unions", &thing{Either: &iamtypes.PolicyIdentifierMemberPolicyArn{Value: "x"}, Eithers: []iamtypes.PolicyIdentifier{&iamtypes.PolicyIdentifierMemberPolicyType{Value: "scp"}}},
			`{"Big":0,"Plain":false,"Either":{"PolicyArn":"x"},"Eithers":[{"PolicyType":"scp"}]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := AppendJSON(nil, c.v)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, got, "", "\t"); err != nil {
				t.Fatal(err)
			}
			for _, body := range []string{string(got), indented.String()} {
				back := &thing{}
				if err := DecodeJSON([]byte(body), back); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(back, c.v) {
					t.Errorf("back: %+v, want %+v", back, c.v)
				}
			}
		})
	}
	for want, v := range map[string]any{"{}": nil, `{"Big":0,"Plain":false}`: thing{hidden: "x"}} {
		if got, err := AppendJSON(nil, v); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	if got, _ := AppendJSON(nil, &thing{Name: aws.String("\xff"), When: aws.Time(when.Add(45 * time.Millisecond))}); string(got) != `{"Name":"`+"\uFFFD"+`","Big":0,"Plain":false,"When":1767323045.045}` {
		t.Errorf("got %s", got)
	}
}

func TestDecodeJSON(t *testing.T) {
	in := &thing{}
	body := ` { "Unknown" : {"a":[1,{"b":"}]\"" }],"c":null} , "x":-1.5e3,"y":true, "Name":"\u00e9\ud83d\ude00\ud800", "Count":null,"Things":[ ], "When":1767323045.5,"name":"case","Map":{"a":"\/"} } `
	if err := DecodeJSON([]byte(body), in); err != nil {
		t.Fatal(err)
	}
	want := &thing{
		Name: aws.String("é😀\uFFFD"), Things: []thing{}, Map: map[string]string{"a": "/"},
		When: aws.Time(time.Date(2026, 1, 2, 3, 4, 5, 5e8, time.UTC)),
	}
	if !reflect.DeepEqual(in, want) {
		t.Errorf("got %+v", in)
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	for _, c := range []struct{ body, text string }{
		{``, "valid JSON"},
		{`{`, "valid JSON"},
		{`{} {}`, "valid JSON"},
		{`{"Name":"` + "\xff" + `"}`, "valid JSON"},
		{`{"Name":'a'}`, "valid JSON"},
		{strings.Repeat("[", 1<<19), "valid JSON"},
		{`null`, "NULL_VALUE cannot be converted to Structure"},
		{`[]`, "Start of list found where not expected"},
		{`"x"`, "STRING_VALUE"},
		{`{"Name":1}`, "NUMBER_VALUE cannot be converted to String"},
		{`{"Name":true}`, "TRUE_VALUE cannot be converted to String"},
		{`{"Name":{}}`, "Start of structure or map found where not expected."},
		{`{"Name":[]}`, "Start of list found where not expected"},
		{`{"Name":"a","Name":"b"}`, "Name is given more than once"},
		{`{"Name":"a","N\u0061me":"b"}`, "Name is given more than once"},
		{`{"Count":"1"}`, "STRING_VALUE cannot be converted to Integer"},
		{`{"Count":1.5}`, "Integer"},
		{`{"Count":2147483648}`, "Integer"},
		{`{"Big":1e3}`, "Integer"},
		{`{"Yes":"true"}`, "STRING_VALUE cannot be converted to Boolean"},
		{`{"Yes":0}`, "Boolean"},
		{`{"When":"2026-01-01T00:00:00Z"}`, "Timestamp"},
		{`{"When":1e300}`, "Timestamp"},
		{`{"When":253402300800}`, "Timestamp"},
		{`{"When":-62135596801.5}`, "Timestamp"},
		{`{"Blob":"!"}`, "Blob"},
		{`{"Names":{}}`, "Start of structure"},
		{`{"Names":[null]}`, "NULL_VALUE cannot be converted to String"},
		{`{"Names":["a",1]}`, "NUMBER_VALUE"},
		{`{"Names":["a"` + strings.Repeat(`,"a"`, maxPairs) + `]}`, "too many members"},
		{`{"Map":[]}`, "Start of list"},
		{`{"Map":{"a":"1","a":"2"}}`, "same key twice"},
		{`{"Map":{"a":null}}`, "NULL_VALUE"},
		{`{"Either":{}}`, "must be given"},
		{`{"Either":{"PolicyArn":"a","PolicyType":"scp"}}`, "Only one member"},
		{strings.Repeat(`{"Inner":`, maxDepth+1) + `{}` + strings.Repeat(`}`, maxDepth+1), "too deep"},
	} {
		t.Run(clip(c.body, 60), func(t *testing.T) {
			wantError(t, DecodeJSON([]byte(c.body), &thing{}), CodeSerialization, c.text)
		})
	}
	wantError(t, DecodeJSON(make([]byte, MaxBody+1), &thing{}), CodeTooLarge, "")
	// What is passed over may be as deep as JSON allows.
	deep := `{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `,"Name":"n"}`
	in := &thing{}
	if err := DecodeJSON([]byte(deep), in); err != nil || *in.Name != "n" {
		t.Errorf("got %v", err)
	}
}

func TestAppendJSONError(t *testing.T) {
	for want, e := range map[string]*Error{
		`{"__type":"AccessDeniedException","Message":"a\"b"}`:                      {Code: "AccessDeniedException", Message: "a\"b"},
		`{"__type":"InvalidInputException","Message":"m","Reason":"INVALID_ENUM"}`: {Code: "InvalidInputException", Message: "m", Reason: "INVALID_ENUM"},
	} {
		if got := string(AppendJSONError(nil, e)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// FuzzDecodeJSON: any body ends in an error below 500 or in a value that is
// written and read again the same.
func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"Name":"a","Count":1,"When":1.5,"Things":[{"Names":["x"]}],"Map":{"k":"v"},"Either":{"PolicyArn":"x"},"Blob":"AP8="}`))
	f.Add([]byte(`{"Unknown":{"a":[1,{"b":"}]\"" }]},"Inner":{"Inner":null},"Deep":{"a":{"Yes":true}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in := &thing{}
		if err := DecodeJSON(body, in); err != nil {
			wantError(t, err, err.(*Error).Code, "")
			return
		}
		written, err := AppendJSON(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		var any map[string]any
		if err := json.Unmarshal(written, &any); err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		back := &thing{}
		if err := DecodeJSON(written, back); err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		again, err := AppendJSON(nil, back)
		if err != nil || !bytes.Equal(written, again) {
			t.Errorf("%v:\n%s\n%s", err, written, again)
		}
	})
}
