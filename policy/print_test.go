package policy

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// bare is the document without what Format does not keep: its source and the places in it.
func bare(d *Document) *Document {
	out := *d
	out.Source = ""
	out.Statements = append([]Statement(nil), d.Statements...)
	for i := range out.Statements {
		out.Statements[i].Start, out.Statements[i].End = Position{}, Position{}
	}
	return &out
}

// format holds Format to its contract and returns its text.
func format(t testing.TB, d *Document) string {
	t.Helper()
	text, err := d.Format()
	if err != nil {
		t.Fatal(err)
	}
	again := mustParse(t, string(text))
	if second, err := again.Format(); err != nil || string(second) != string(text) {
		t.Fatalf("%v\n%s\n%s", err, text, second)
	}
	return string(text)
}

func TestFormat(t *testing.T) {
	src := `{"Statement":{"Condition":{"StringLike":{"b:c":["x","y"],"a:b":"z"},"Bool":{"a:b":true},"Null":{}},"Resource":["*"],
		"NotAction":[],"Effect":"Deny","NotPrincipal":{"Service":"s.com","AWS":["*","1"]},"Sid":""},"Id":"i","Version":"2012-10-17"}`
	want := `{
    "Version": "2012-10-17",
    "Id": "i",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Deny",
            "NotPrincipal": {
                "Service": "s.com",
                "AWS": [
                    "*",
                    "1"
                ]
            },
            "NotAction": [],
            "Resource": "*",
            "Condition": {
                "StringLike": {
                    "b:c": [
                        "x",
                        "y"
                    ],
                    "a:b": "z"
                },
                "Bool": {
                    "a:b": "true"
                }
            }
        }
    ]
}
`
	if got := format(t, mustParse(t, src)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	want = `{
    "Statement": [
        {},
        {
            "Principal": "*",
            "Action": [
                "a:b",
                "c:d"
            ],
            "Condition": {}
        },
        {
            "Principal": {}
        }
    ]
}
`
	src = `{"Statement":[{},{"Condition":{"Bool":{}},"Action":["a:b","c:d"],"Principal":"*"},{"Principal":{"AWS":[]}}]}`
	if got := format(t, mustParse(t, src)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// Documents that Go made, not Parse.
func TestFormatMade(t *testing.T) {
	one := func(s Statement) *Document { return &Document{Statements: []Statement{s}} }
	var latin strings.Builder
	for c := rune(0); c <= 0x110; c++ {
		latin.WriteRune(c)
	}
	odd := latin.String() + "</script>&\u2028\u2029\ufeff\ufffd字😀\U0010ffff\\u0041"
	made := &Document{Version: odd, ID: odd, HasID: true, Statements: []Statement{{
		SID: odd, HasSID: true, Effect: odd, Principal: &Principals{Named: []NamedPrincipal{{"AWS", odd}, {"AWS", ""}}},
		Action: []string{odd, ""}, Resource: []string{}, Condition: []Condition{{odd, odd, []string{odd}}},
	}}}
	text := format(t, made)
	if got := mustParse(t, text); !reflect.DeepEqual(bare(got), made) {
		t.Errorf("got %+v\nwant %+v", got, made)
	}
	if !json.Valid([]byte(text)) {
		t.Errorf("not JSON: %s", text)
	}

	// What belongs together is put together.
	scattered := one(Statement{
		Principal: &Principals{Named: []NamedPrincipal{{"AWS", "a"}, {"Service", "s"}, {"AWS", "b"}}},
		Condition: []Condition{{"Bool", "a", []string{"1"}}, {"Null", "a", nil}, {"Bool", "b", []string{"2"}}},
	})
	together := one(Statement{
		Principal: &Principals{Named: []NamedPrincipal{{"AWS", "a"}, {"AWS", "b"}, {"Service", "s"}}},
		Condition: []Condition{{"Bool", "a", []string{"1"}}, {"Bool", "b", []string{"2"}}, {"Null", "a", []string{}}},
	})
	if got := mustParse(t, format(t, scattered)); !reflect.DeepEqual(bare(got), together) {
		t.Errorf("%+v", got)
	}
	if got := mustParse(t, format(t, &Document{ID: "i", Statements: []Statement{{SID: "s"}}})); !got.HasID || !got.Statements[0].HasSID {
		t.Errorf("%+v", got)
	}

	for want, d := range map[string]*Document{
		"without a statement":        {Version: version2012},
		`"\xff" is not UTF-8`:        one(Statement{Action: []string{"\xff"}}),
		`"Bool" and "BOOL" differ`:   one(Statement{Condition: []Condition{{"Bool", "a", nil}, {"BOOL", "b", nil}}}),
		`Bool has "A" twice`:         one(Statement{Condition: []Condition{{"Bool", "a", nil}, {"Bool", "A", nil}}}),
		`names "*" next to others`:   one(Statement{Principal: &Principals{Everyone: true, Named: []NamedPrincipal{{"AWS", "a"}}}}),
		`NotPrincipal has no key "x`: one(Statement{NotPrincipal: &Principals{Named: []NamedPrincipal{{"x", "a"}}}}),
	} {
		if text, err := d.Format(); err == nil || !strings.Contains(err.Error(), want) || text != nil {
			t.Errorf("%s: got %q, %v", want, text, err)
		}
	}
}

func TestMarshalJSON(t *testing.T) {
	d := mustParse(t, document(`{"Sid":"<&>","Action":["a:b"]}`))
	text, err := json.Marshal(map[string]any{"d": d})
	if want := `{"d":{"Version":"2012-10-17","Statement":[{"Sid":"\u003c\u0026\u003e","Action":"a:b"}]}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v\nwant %s", text, err, want)
	}
}
