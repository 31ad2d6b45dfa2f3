package policy

import (
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// home is the account of those who call in tests.
const home = "111122223333"

// FuzzParse: nothing panics on any document, what is refused is refused by a position inside it, what is accepted is
// JSON to encoding/json as well, and Explain agrees with Decide.
func FuzzParse(f *testing.F) {
	for _, c := range checkCases {
		f.Add([]byte(document(c.statements)), "s3:GetObject", "arn:aws:s3:::b/k", "alice")
	}
	for _, d := range corpusDocuments(f) {
		f.Add([]byte(d), "a:b", "*", "2020-01-01T00:00:00Z")
	}
	f.Fuzz(func(t *testing.T, src []byte, action, resource, value string) {
		d, err := Parse(src)
		if err != nil {
			e := err.(*ParseError)
			if e.Line < 1 || e.Column < 1 || e.Line > strings.Count(string(src), "\n")+1 || e.Message == "" || e.AWS == "" {
				t.Fatalf("%+v", e)
			}
			return
		}
		if !json.Valid(src) {
			t.Fatal("accepted what is not JSON")
		}
		for k := Identity; k <= VPCEndpoint; k++ {
			if err := Check(d, k, CheckOptions{}); err != nil && err.(*Malformed).Message == "" {
				t.Fatal("refused without a sentence")
			}
		}
		c := Compile(d, CompileOptions{})
		ctx := &Context{}
		for i, k := range c.ContextKeys() {
			if i%2 == 0 {
				ctx.Set(k, value)
			} else {
				ctx.SetList(k, value, "x")
			}
		}
		l := []Attached{{ID: "p", Policy: c}}
		for _, p := range []*Policies{
			{Identity: l}, {Resource: l, Identity: l, Boundary: l}, {Trust: l, Session: l}, {RCPs: [][]Attached{l}, SCPs: [][]Attached{l}, VPCEndpoint: l},
		} {
			req := &Request{Principal: alice(), Action: action, Resource: resource, Context: ctx}
			if e, d := Explain(req, p), Decide(req, p); e.Decision() != d {
				t.Fatalf("%+v is not %+v", e, d)
			}
		}
	})
}

// corpusDocuments are the documents of the scenario corpus that stand on one line, and the conditions as a Deny.
func corpusDocuments(f *testing.F) (out []string) {
	err := fs.WalkDir(os.DirFS("testdata"), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".txtar") {
			return err
		}
		src, err := os.ReadFile("testdata/" + path)
		for line := range strings.Lines(string(src)) {
			line = strings.TrimRight(line, ",\r\n")
			if strings.HasPrefix(line, `{"Version"`) {
				out = append(out, line)
			}
			if fragment, ok := strings.CutPrefix(line, `  "statement": {`); ok {
				out = append(out, document(`{"Effect":"Deny",`+fragment))
			}
		}
		return err
	})
	if err != nil || len(out) < 200 {
		f.Fatal(len(out), " documents: ", err)
	}
	return out
}

// FuzzMatch: every matcher agrees with the plain one.
func FuzzMatch(f *testing.F) {
	f.Add("arn:aws:s3:*:a?b*", "arn:aws:s3:::axb:")
	f.Add("*é?*", "aéé\xff")
	f.Add("*a?aaaaaaaab*"+strings.Repeat("a?", 40), strings.Repeat("a", 200))
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern)+len(text) <= 1000 {
			agree(t, strings.ToValidUTF8(pattern, "x"), text)
		}
	})
}

// FuzzReaders: numbers, dates and variables never panic, and a number equals itself.
func FuzzReaders(f *testing.F) {
	f.Add("1e5", "0.10")
	f.Add("2020-01-01T00:00:00.5+02:00", "${a, 'b'}")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, okX := parseDecimal(a)
		y, okY := parseDecimal(b)
		if okX && x.compare(&x) != 0 || okX && okY && x.compare(&y) != -y.compare(&x) {
			t.Fatalf("%q %q", a, b)
		}
		parseDate(a)
		parsePrefix(a)
		parseVariables(b)
	})
}
