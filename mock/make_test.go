package mock

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// documents are all there are to try: the package's own, the stand-in's, and
// Amazon's where they are at hand.
func documents(t testing.TB) (all []Source) {
	t.Helper()
	for _, pattern := range []string{"testdata/*.json", "testdata/*.yaml", "testdata/library/*.yaml", "../standin/*.yaml", "../../shared/sp-api/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			s, err := Load(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s...)
		}
	}
	if len(all) < 3 {
		t.Fatalf("%d documents", len(all))
	}
	return all
}

// TestMadeAnswersFit makes every answer of every document, twice: the value is
// the same, and its schema accepts it.
func TestMadeAnswersFit(t *testing.T) {
	made, largest := 0, 0
	for _, s := range documents(t) {
		twice := [2]*API{}
		for i := range twice {
			var err error
			if twice[i], err = New(Config{Documents: []Source{s}}); err != nil {
				t.Fatal(err)
			}
		}
		for i, op := range twice[0].operations {
			again := twice[1].operations[i]
			for j, a := range op.answers {
				for k, m := range a.media {
					body, err := m.made()
					second, _ := again.answers[j].media[k].made()
					name := fmt.Sprintf("%s %s %s %s", filepath.Base(s.Name), op.Name, a.key, m.name)
					if op.Name == "impossible" || m.name == "application/xml" || op.Name == "getShipment" && m.name == "text/plain" {
						if err == nil {
							t.Errorf("%s was made: %s", name, body)
						}
						continue
					}
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					if string(body) != string(second) {
						t.Errorf("%s: once %s, then %s", name, body, second)
					}
					made, largest = made+1, max(largest, len(body))
					if !m.json || len(body) == 0 {
						continue
					}
					var v any
					if err := json.Unmarshal(body, &v); err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					// The schema, by a way of its own.
					response := op.document.spec.Paths.Value(strings.TrimPrefix(op.Path, "/v2")).Operations()[op.method].Responses.Value(a.key).Value
					media := response.Content.Get(m.name)
					if media == nil || media.Schema == nil {
						continue
					}
					if err := op.document.rules.visit(media.Schema.Value, v, openapi3.VisitAsResponse()); err != nil {
						t.Errorf("%s: %s does not fit: %v", name, body, reason(err))
					}
				}
			}
		}
	}
	t.Logf("%d answers were made, the largest of %d bytes", made, largest)
	if largest > 1<<20 {
		t.Errorf("an answer of %d bytes", largest)
	}
}

// TestMake holds what is made of single schemas.
func TestMake(t *testing.T) {
	for _, c := range []struct{ schema, want string }{
		{`{}`, `"string"`},
		{`{"type":"boolean"}`, `true`},
		{`{"type":"string","minLength":9}`, `"stringstr"`},
		{`{"type":"string","maxLength":3}`, `"ing"`},
		{`{"type":"string","format":"date-time"}`, `"2024-01-01T00:00:00Z"`},
		{`{"type":"string","format":"uuid"}`, `"00000000-0000-4000-8000-000000000001"`},
		{`{"type":"string","format":"byte"}`, `"c3RyaW5n"`},
		{`{"type":"string","format":"ZPL"}`, `"string"`},
		{`{"type":"string","pattern":"^[A-Z0-9]{10}$"}`, `"AAAAAAAAAA"`},
		{`{"type":"string","pattern":"^(amzn1|x)\\.sp\\.[a-f0-9-]+$","minLength":20}`, `"amzn1.sp.aaaaaaaaaaa"`},
		{`{"type":"string","pattern":"b+","minLength":4,"maxLength":4}`, `"baaa"`},
		{`{"type":"string","pattern":"^$"}`, `""`},
		{`{"type":"string","pattern":"\\u0041\\/(?<year>\\d{4})"}`, `"A/0000"`},
		{`{"type":"integer"}`, `1`},
		{`{"type":"integer","minimum":10}`, `10`},
		{`{"type":"integer","minimum":10,"exclusiveMinimum":true,"multipleOf":5}`, `15`},
		{`{"type":"integer","maximum":-3}`, `-3`},
		{`{"type":"integer","multipleOf":2.5}`, `5`},
		{`{"type":"number","minimum":0.5,"maximum":0.75}`, `0.625`},
		{`{"type":"number","maximum":0,"exclusiveMaximum":true}`, `-1`},
		{`{"type":"number","multipleOf":0.01}`, `0.01`},
		{`{"enum":["B","A"]}`, `"B"`},
		{`{"type":"string","default":"d"}`, `"d"`},
		{`{"type":"integer","example":"not one","default":4}`, `4`},
		{`{"type":"array","items":{"type":"integer"}}`, `[1]`},
		{`{"type":"array","items":{"enum":["a","b","c"]},"minItems":3,"uniqueItems":true}`, `["a","b","c"]`},
		{`{"type":"array","items":{"type":"boolean"},"maxItems":0}`, `[]`},
		{`{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","format":"date"}}},"minItems":2,"uniqueItems":true}`,
			`[{"a":"2024-01-01"},{"a":"2024-01-02"}]`},
		{`{"type":"object","additionalProperties":{"type":"integer"}}`, `{"key":1}`},
		{`{"type":"object","additionalProperties":false}`, `{}`},
		{`{"type":"object","minProperties":2}`, `{"key1":"string","key2":"string"}`},
		{`{"type":"object","maxProperties":1,"required":["b"],"properties":{"a":{"type":"string"},"b":{"type":"string"}}}`, `{"b":"string"}`},
		{`{"type":"object","properties":{"w":{"type":"string","writeOnly":true},"r":{"type":"string","readOnly":true}}}`, `{"r":"string"}`},
		{`{"required":["x"]}`, `{"x":"string"}`},
		{`{"properties":{"a":{"type":"integer"}},"allOf":[{"required":["a"],"properties":{"a":{"minimum":7}}}]}`, `{"a":7}`},
		{`{"oneOf":[{"type":"string","maxLength":2,"minLength":3},{"type":"integer"}]}`, `1`},
		{`{"anyOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"type":"integer"}]}`, `{"a":"string"}`},
		{`{"type":"string","not":{"enum":["string"]}}`, ``},
		{`{"type":"integer","minimum":5,"maximum":4}`, ``},
		{`{"type":"string","pattern":"^a\\bb$"}`, ``},
	} {
		var s openapi3.Schema
		if err := json.Unmarshal([]byte(c.schema), &s); err != nil {
			t.Fatal(c.schema, err)
		}
		if s.Pattern != "" {
			var err error
			if s.Pattern, err = pattern(s.Pattern); err != nil {
				t.Fatal(err)
			}
		}
		v, err := rules{}.make(&s)
		if got := string(encode(v)); err == nil && got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %s, %v, not %s", c.schema, got, err, c.want)
		}
	}
}

// TestMakeRecursive holds that schemas that lead back to themselves end, whatever
// they ask for.
func TestMakeRecursive(t *testing.T) {
	for _, c := range []struct{ schema, want string }{
		{`{"anyOf":[{"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/T"}},{"type":"integer"}]}`, "["},
		{`{"oneOf":[{"type":"array","minItems":2,"items":{"$ref":"#/components/schemas/T"}},{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/T"}}},{"type":"integer"}]}`, ""},
		{`{"type":"object","properties":{"a":{"$ref":"#/components/schemas/T"},"b":{"type":"array","items":{"$ref":"#/components/schemas/T"}},"c":{"type":"integer"}}}`, `{"b":[],"c":1}`},
		{`{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/T"}}}`, "!"},
		{`{"type":"object","required":["a","b","c"],"properties":{"a":{"$ref":"#/components/schemas/T"},"b":{"$ref":"#/components/schemas/T"},"c":{"$ref":"#/components/schemas/T"}}}`, "!"},
		{`{"type":"object","additionalProperties":{"$ref":"#/components/schemas/T"}}`, "{}"},
	} {
		a, err := New(Config{Documents: []Source{{Name: "x", Data: []byte(`{"openapi":"3.0.0","paths":{"/":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":
			{"$ref":"#/components/schemas/T"}}}}}}}},"components":{"schemas":{"T":` + c.schema + `}}}`)}}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := a.operations[0].success.media[0].made()
		if (err != nil) != (c.want == "!") || err == nil && !strings.HasPrefix(string(body), c.want) {
			t.Errorf("%s: %s %v", c.schema, clip(string(body)), err)
		}
	}
}
