package analyzer

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// example is a document that yields a finding, and by one change no longer does.
type example struct {
	code     string
	kind     PolicyType
	resource string // the resource type
	document string
	// from becomes to in the twin, which does not yield the code.
	from, to string
	path     string // of the first location: "Statement[0].Action", a key in angle brackets, a part of a string as (start,length)
	text     string // under its span
	details  string // of the finding, or a part of them; "" for any
}

// examples are all of them.
var examples = slices.Concat(errorExamples, principalExamples, conditionExamples, adviceExamples)

// in makes a document of one statement.
func in(body string) string {
	return `{"Version":"2012-10-17","Statement":[{` + body + `}]}`
}

func (e *example) options() Options {
	return Options{Type: e.kind, ResourceType: e.resource}
}

// shown writes a path the way examples do.
func shown(path []PathElement) string {
	var b strings.Builder
	for _, e := range path {
		switch e.Kind {
		case PathIndex:
			b.WriteString("[" + strconv.Itoa(e.Index) + "]")
		case PathKey:
			b.WriteString("<" + e.Key + ">")
		case PathValue:
			if b.Len() > 0 {
				b.WriteString(".")
			}
			b.WriteString(e.Value)
		case PathSubstring:
			b.WriteString("(" + strconv.Itoa(e.Start) + "," + strconv.Itoa(e.Length) + ")")
		}
	}
	return b.String()
}

// under is the text of a span, whose offsets count characters.
func under(document string, s Span) string {
	return string([]rune(document)[s.Start.Offset:s.End.Offset])
}

func found(document string, opt Options, code string) (out []Finding) {
	for _, f := range Validate(document, opt) {
		if f.Code == code {
			out = append(out, f)
		}
	}
	return out
}

func TestExamples(t *testing.T) {
	for _, e := range examples {
		got := found(e.document, e.options(), e.code)
		if len(got) == 0 {
			t.Errorf("%s: not found in %s", e.code, e.document)
			continue
		}
		f := got[0]
		if len(f.Locations) == 0 {
			t.Errorf("%s: no location in %s", e.code, e.document)
			continue
		}
		at := f.Locations[0]
		if path := shown(at.Path); path != e.path {
			t.Errorf("%s: at %s, want %s, in %s", e.code, path, e.path, e.document)
		}
		if text := under(e.document, at.Span); text != e.text {
			t.Errorf("%s: under the span %s, want %s", e.code, text, e.text)
		}
		if !strings.Contains(f.Details, e.details) {
			t.Errorf("%s: says %s, want %s", e.code, f.Details, e.details)
		}
		if strings.Contains(f.Details, "{{") {
			t.Errorf("%s: a placeholder is left in %s", e.code, f.Details)
		}
		if issue := issues[e.code]; f.Type != issue.Type || f.Title != issue.Title {
			t.Errorf("%s: type %s, title %s", e.code, f.Type, f.Title)
		}
		twin := strings.Replace(e.document, e.from, e.to, 1)
		if twin == e.document {
			t.Errorf("%s: the twin is the same: no %s in %s", e.code, e.from, e.document)
		} else if again := found(twin, e.options(), e.code); len(again) > 0 {
			t.Errorf("%s: still found in the twin %s: %+v", e.code, twin, again[0])
		}
	}
}

// TestEveryCode holds that each code has an example, and that every example's code is one.
func TestEveryCode(t *testing.T) {
	for code, issue := range issues {
		if !slices.ContainsFunc(examples, func(e example) bool { return e.code == code }) {
			t.Errorf("%s (%s) has no example", code, issue.Type)
		}
	}
	for _, e := range examples {
		if _, ok := issues[e.code]; !ok {
			t.Errorf("%s is no code", e.code)
		}
	}
}

// TestPositions counts lines from 1, and columns and offsets in characters from 0, as AWS's own example has them.
func TestPositions(t *testing.T) {
	document := "{\n  \"Version\": \"2012-10-17\",\n  \"Id\": \"é\", \"Statement\": {\"Sid\": \"é\",\n\t\"Effect\": \"Permit\"}}"
	got := found(document, Options{Type: ResourcePolicy}, "INVALID_EFFECT")
	if len(got) != 1 {
		t.Fatalf("%d findings", len(got))
	}
	offset := utf8.RuneCountInString(document[:strings.Index(document, `"Permit"`)])
	want := Span{Start: Position{Line: 4, Column: 11, Offset: offset}, End: Position{Line: 4, Column: 19, Offset: offset + 8}}
	if span := got[0].Locations[0].Span; span != want {
		t.Errorf("got %+v, want %+v", span, want)
	}
	if path := shown(got[0].Locations[0].Path); path != "Statement.Effect" {
		t.Errorf("path %s", path)
	}
}

// TestOrder puts what is gravest first.
func TestOrder(t *testing.T) {
	document := `{"Statement":[{"Sid":"","Effect":"Allow","Action":"*","Resource":"*","NotResource":"arn:x"}]}`
	last := -1
	for _, f := range Validate(document, Options{Type: IdentityPolicy}) {
		rank := slices.Index([]FindingType{Error, SecurityWarning, Warning, Suggestion}, f.Type)
		if rank < last {
			t.Errorf("%s comes after graver ones", f.Code)
		}
		last = rank
	}
	if last < 2 {
		t.Errorf("gravest %d: nothing but errors", last)
	}
}

// TestPlaceholders takes what the document says for text, not for a placeholder, and keeps it short.
func TestPlaceholders(t *testing.T) {
	got := found(in(`"Effect":"{{effect}}","Action":"*","Resource":"*"`), Options{Type: IdentityPolicy}, "INVALID_EFFECT")
	if len(got) != 1 || got[0].Details != "The effect {{effect}} is not valid. Use Allow or Deny." {
		t.Errorf("got %+v", got)
	}
	got = found(in(`"Effect":"Allow","Action":"s3:`+strings.Repeat("é", 60000)+`","Resource":"*"`), Options{Type: IdentityPolicy}, "INVALID_ACTION")
	if len(got) != 1 || len(got[0].Details) > 700 || !utf8.ValidString(got[0].Details) {
		t.Errorf("%d findings", len(got))
	}
}

// TestMany bounds the findings of one code.
func TestMany(t *testing.T) {
	document := `{"Statement":[{}` + strings.Repeat(",{}", 5000) + `]}`
	if n := len(found(document, Options{Type: IdentityPolicy}, "MISSING_EFFECT")); n != maxFindings {
		t.Errorf("%d findings", n)
	}
}

// TestLearnMore has the anchors of AWS's page.
func TestLearnMore(t *testing.T) {
	for code, want := range map[string]string{
		"RCP_SYNTAX_ERROR_NOTACTION":      "error-rcp-syntax-error-notaction",
		"CREATE_SLR_WITH_NOT_RESOURCE":    "general-warning-create-slr-with-not-resource",
		"PASS_ROLE_WITH_STAR_IN_RESOURCE": "security-warning-pass-role-with-star-in-resource",
		"PRIVATE_NOT_IP_ADDRESS_SUBSET":   "suggestion-private-not-ip-address-subset",
	} {
		f := Finding{Code: code, Type: issues[code].Type}
		if got := f.LearnMore(); got != reference+want {
			t.Errorf("%s: %s", code, got)
		}
	}
}
