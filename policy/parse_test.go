package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"iamd/policy/source"
)

const plain = `{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`

func document(statement string) string {
	return `{"Version":"2012-10-17","Statement":` + statement + `}`
}

func mustParse(t testing.TB, src string) *Document {
	t.Helper()
	d, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// at is AWS's sentence for a fault of the grammar in a trust policy.
func at(line, column int) string { return fmt.Sprintf(msgPosition, line, column) }

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		src          string
		line, column int
		aws, message string
	}{
		{``, 1, 1, msgJSON, "unexpected end"},
		{`{malformed}`, 1, 2, msgJSON, "quoted key"},
		{`{"Version":"2012-10-17",}`, 1, 25, msgJSON, "quoted key"},
		{"{\n  \"Statement\": [}\n", 2, 17, msgJSON, "unexpected"},
		{`{"Statement":[]} x`, 1, 18, msgJSON, "after the end"},
		{`{"Statement":01}`, 1, 14, msgJSON, "number"},
		{`{"Statement":1.}`, 1, 14, msgJSON, "number"},
		{`{"Statement":"\x"}`, 1, 15, msgJSON, "escape"},
		{`{"Statement":"\ud800"}`, 1, 15, msgJSON, "escape"},
		{`{"Statement":"\ud800\u0041"}`, 1, 15, msgJSON, "escape"},
		{`{"Statement":"abc`, 1, 14, msgJSON, "without an end"},
		{"{\"Statement\":\"a\nb\"}", 1, 16, msgJSON, "control"},
		{"{\"Sid\":\"é\xff\"}", 1, 10, msgJSON, "UTF-8"},
		{"{\"Sid\":\"é字\"}", 1, 10, msgJSON, "not allowed"},
		{"\ufeff{}", 1, 1, msgJSON, "not allowed"},
		{"{\"Sid\":\"\x00\"}", 1, 9, msgJSON, "not allowed"},
		{strings.Repeat("[", 100), 1, source.MaxDepth + 1, msgJSON, "deep"},
		{`"` + strings.Repeat("a", source.MaxText), 1, source.MaxText + 1, msgJSON, "longer"},
		{strings.Repeat(" ", 2*source.MaxText+1), 1, 1, msgSyntax, "longer"},
		{`[]`, 1, 1, at(1, 2), "object"},
		{`{}`, 1, 1, msgNoStatement, "no Statement"},
		{`{"Statement":[]}`, 1, 14, msgNoStatement, "empty"},
		{`{"Statement":"x"}`, 1, 14, at(1, 15), "neither"},
		{`{"Statement":["x"]}`, 1, 15, at(1, 16), "object"},
		{`{"Statement":` + plain + `,"Extra":1}`, 1, 14 + len(plain) + 1, at(1, 14+len(plain)+10), `"Extra"`},
		{`{"statement":` + plain + `}`, 1, 2, at(1, 15), `"statement"`},
		{`{"Version":2012,"Statement":` + plain + `}`, 1, 12, at(1, 13), "Version"},
		{`{"Version":"2012-10-17","Version":"2008-10-17"}`, 1, 25, at(1, 36), "duplicate"},
		{`{"Version":"2012-10-17","version":"2008-10-17"}`, 1, 25, at(1, 36), "case"},
		{`{"Id":[],"Statement":` + plain + `}`, 1, 7, at(1, 8), "Id"},
		{document(`{"Sid":{}}`), 1, 44, at(1, 45), "Sid"},
		{document(`{"Effect":null}`), 1, 47, at(1, 48), "Effect"},
		{document(`{"Action":[[]]}`), 1, 48, at(1, 49), "Action"},
		{document(`{"Action":1}`), 1, 47, at(1, 48), "Action"},
		{document(`{"Resource":{"a":"b"}}`), 1, 49, at(1, 50), "Resource"},
		{document(`{"Nope":1}`), 1, 38, at(1, 46), "Nope"},
		{document(`{"Principal":"arn"}`), 1, 50, at(1, 51), "Principal"},
		{document(`{"Principal":{"aws":"*"}}`), 1, 51, at(1, 58), "aws"},
		{document(`{"Condition":[]}`), 1, 50, at(1, 51), "Condition"},
		{document(`{"Condition":{"StringEquals":"b"}}`), 1, 66, at(1, 67), "StringEquals"},
		{document(`{"Condition":{"StringEquals":{"a":{}}}}`), 1, 71, at(1, 72), "a"},
		{document(`{"Condition":{"StringEquals":{"a":null}}}`), 1, 71, at(1, 72), "a"},
		{document(`{"Condition":{"StringEquals":{"a:b":"1","A:B":"2"}}}`), 1, 77, at(1, 84), "case"},
		{document(`{"Condition":{"x":{}}}`), 1, 51, at(1, 56), "operator"},
	} {
		d, err := Parse([]byte(c.src))
		var e *ParseError
		if !errors.As(err, &e) {
			t.Errorf("%.60s: got %v, %v", c.src, d, err)
			continue
		}
		if e.Line != c.line || e.Column != c.column || e.AWS != c.aws || !strings.Contains(e.Message, c.message) {
			t.Errorf("%.60s:\n got %+v\nwant %d:%d %q %q", c.src, e, c.line, c.column, c.aws, c.message)
		}
	}
}

func TestMalformedByKind(t *testing.T) {
	// The position in the last document is one that CreateRole was seen to answer with.
	service := `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"service":"ec2.amazonaws.com"}}],"Version":"2012-10-17"}`
	for _, c := range []struct{ src, trust string }{
		{`{malformed}`, msgJSON},
		{"\n{", msgJSON},
		{`{"Statement":[]}`, msgNoStatement},
		{"{\n \"Statement\": 1}", at(2, 16)},
		{service, at(1, 83)},
		{strings.Repeat(" ", 2*source.MaxText+1), msgSyntax},
	} {
		_, err := Parse([]byte(c.src))
		var e *ParseError
		if !errors.As(err, &e) {
			t.Errorf("%.60s: %v", c.src, err)
			continue
		}
		for k := Identity; k <= VPCEndpoint; k++ {
			want := msgSyntax
			switch k {
			case Trust:
				want = c.trust
			case SCP, RCP:
				want = msgOrganizations
			}
			if m := e.Malformed(k); m.Message != want || m.Detail == "" || m.Statement != -1 {
				t.Errorf("%.60s, %v: %+v", c.src, k, m)
			}
		}
	}
}

// The positions are those that AWS's simulator was seen to report.
func TestPositions(t *testing.T) {
	src := `{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}`
	s := mustParse(t, src).Statements[0]
	if s.Start != (Position{Offset: 40, Line: 1, Column: 41}) || s.End != (Position{Offset: 112, Line: 1, Column: 113}) {
		t.Error(s.Start, s.End)
	}
	d := mustParse(t, "{\"Id\":\"é\",\"Statement\":[\n  {\"Sid\":\"é\"},\n  {\n}]}")
	if got, want := d.Statements[0].Start, (Position{Offset: 28, Line: 2, Column: 4}); got != want {
		t.Error(got, want)
	}
	if got, want := d.Statements[0].End, (Position{Offset: 39, Line: 2, Column: 14}); got != want {
		t.Error(got, want)
	}
	if got, want := d.Statements[1].End, (Position{Offset: 46, Line: 4, Column: 2}); got != want {
		t.Error(got, want)
	}
}

func TestParseValues(t *testing.T) {
	d := mustParse(t, `{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"a\u0041\ud83d\ude00\n","Effect":"Deny",
		"NotPrincipal":{"AWS":["*","111122223333"],"Service":"s3.amazonaws.com"},"NotAction":[],"NotResource":"*",
		"Condition":{"Bool":{"a:b":true},"NumericEquals":{"a:n":[1.50,-2e3]},"StringEquals":{}}}]}`)
	s := d.Statements[0]
	if d.ID != "i" || !d.HasID || !d.Variables() || s.SID != "aA😀\n" || s.Effect != "Deny" {
		t.Errorf("%+v", d)
	}
	if s.Action != nil || s.NotAction == nil || len(s.NotAction) != 0 || s.Resource != nil || s.Principal != nil {
		t.Errorf("%+v", s)
	}
	if got := d.Principals(); !slices.Equal(got, []string{"111122223333"}) {
		t.Error(got)
	}
	if len(s.Condition) != 2 || s.Condition[0].Values[0] != "true" || !slices.Equal(s.Condition[1].Values, []string{"1.50", "-2e3"}) {
		t.Errorf("%+v", s.Condition)
	}
}

func TestSize(t *testing.T) {
	src := "{\n\t\"a é\" : 1\r}"
	if n := Size(src); n != 8 {
		t.Error(n)
	}
	for k, want := range map[Kind]int{Identity: 8, Boundary: 8, Trust: 8, Session: 14, SCP: 14, RCP: 14} {
		if n := k.Size(src); n != want {
			t.Errorf("%v: %d", k, n)
		}
	}
}
