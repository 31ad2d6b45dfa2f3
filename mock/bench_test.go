package mock

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// large is a document of so many paths, about 7 KB each.
func large(paths int) Source {
	all, schemas := map[string]any{}, map[string]any{}
	for i := range paths {
		name := fmt.Sprintf("Thing%d", i)
		properties := map[string]any{"id": map[string]any{"type": "string"}}
		for n := range 40 {
			properties[fmt.Sprintf("member%d", n)] = map[string]any{"type": "string", "description": strings.Repeat("words ", 15), "maxLength": 40}
		}
		properties["next"] = map[string]any{"$ref": fmt.Sprintf("#/definitions/Thing%d", (i+1)%paths)}
		schemas[name] = map[string]any{"type": "object", "required": []string{"id"}, "properties": properties}
		all[fmt.Sprintf("/v1/things%d/{id}", i)] = map[string]any{"get": map[string]any{
			"operationId": "get" + name,
			"parameters":  []any{map[string]any{"name": "id", "in": "path", "required": true, "type": "string"}, map[string]any{"name": "n", "in": "query", "type": "integer"}},
			"responses":   map[string]any{"200": map[string]any{"description": "ok", "schema": map[string]any{"$ref": "#/definitions/" + name}}},
		}}
	}
	data, err := json.Marshal(map[string]any{"swagger": "2.0", "paths": all, "definitions": schemas})
	if err != nil {
		panic(err)
	}
	return Source{Name: "large.json", Data: data}
}

// BenchmarkCompile reads a document of 2 MB.
func BenchmarkCompile(b *testing.B) {
	s := large(300)
	b.SetBytes(int64(len(s.Data)))
	for b.Loop() {
		if _, err := New(Config{Documents: []Source{s}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOperation finds one of 10 and of 300 paths.
func BenchmarkOperation(b *testing.B) {
	for _, paths := range []int{10, 300} {
		a, err := New(Config{Documents: []Source{large(paths)}})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(paths), func(b *testing.B) {
			for b.Loop() {
				if _, ok := a.Operation("GET", "/v1/things7/abc"); !ok {
					b.Fatal("none")
				}
			}
		})
	}
}

// BenchmarkAnswer answers a valid request with a made answer.
func BenchmarkAnswer(b *testing.B) {
	a, err := New(Config{Documents: []Source{large(300)}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/things7/abc?n=3", nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

// BenchmarkBranched holds the most that a body can cost where a schema comes
// back to itself by way of anyOf.
func BenchmarkBranched(b *testing.B) {
	a, err := New(Config{Documents: []Source{branched}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if code := post(a, nest(9, 150)); code != http.StatusNoContent {
			b.Fatal(code)
		}
	}
}

var branched = Source{Name: "tree.json", Data: []byte(`{"openapi":"3.0.0","paths":{"/":{"post":{
	"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}},"responses":{"204":{"description":""}}}}},
	"components":{"schemas":{"T":{"anyOf":[{"type":"array","items":{"$ref":"#/components/schemas/T"}},{"type":"integer"}]}}}}`)}

// nest is a list within so many, with so many elements.
func nest(levels, elements int) string {
	return strings.Repeat("[", levels) + strings.Repeat("1,", elements-1) + "1" + strings.Repeat("]", levels)
}

func post(a *API, body string) int {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Code
}

// TestBounded holds which bodies are too much for a schema that comes back to
// itself, and that others have only their depth to mind.
func TestBounded(t *testing.T) {
	a, err := New(Config{Documents: []Source{branched}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ levels, elements, want int }{
		{1, 1, 204}, {1, 40_000, 204}, {1, 120_000, 400}, {9, 150, 204}, {9, 300, 400}, {15, 1, 204}, {18, 1, 400}, {65, 1, 400}, {5000, 1, 400},
	} {
		if got := post(a, nest(c.levels, c.elements)); got != c.want {
			t.Errorf("%d elements in %d levels: %d", c.elements, c.levels, got)
		}
	}
	for _, c := range []struct {
		schemas string
		fold    int
	}{
		{`"T":{"type":"string"}`, 1},
		{`"T":{"properties":{"a":{"$ref":"#/components/schemas/T"},"b":{"$ref":"#/components/schemas/T"}}}`, 1},
		{`"T":{"allOf":[{"properties":{"a":{"$ref":"#/components/schemas/T"}}},{"properties":{"b":{"$ref":"#/components/schemas/T"}}}]}`, 2},
		{`"T":{"oneOf":[{"items":{"$ref":"#/components/schemas/T"}},{"type":"string"},{"type":"integer"}]}`, 2},
		{`"T":{"oneOf":[{"items":{"$ref":"#/components/schemas/T"}},{"properties":{"a":{"$ref":"#/components/schemas/T"}}}]}`, 3},
		{`"T":{"anyOf":[{"$ref":"#/components/schemas/U"}]},"U":{"anyOf":[{"items":{"$ref":"#/components/schemas/T"}}]}`, 4},
		{`"T":{"anyOf":[{"type":"string"},{"type":"integer"}]},"U":{"properties":{"u":{"$ref":"#/components/schemas/U"},"t":{"$ref":"#/components/schemas/T"}}}`, 1},
	} {
		s := Source{Name: "x", Data: []byte(`{"openapi":"3.0.0","paths":{"/":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":
			{"properties":{"t":{"$ref":"#/components/schemas/T"},"u":{"$ref":"#/components/schemas/U"}}}}}}}}}},"components":{"schemas":{"U":{},` + c.schemas + `}}}`)}
		a, err := New(Config{Documents: []Source{s}})
		if err != nil {
			t.Error(c.schemas, err)
			continue
		}
		if got := a.operations[0].document.rules.fold; got != c.fold {
			t.Errorf("%s: %d", c.schemas, got)
		}
	}
}

// FuzzRequest holds that nothing panics, that every answer is whole, and that
// the operation told is the one that answers.
func FuzzRequest(f *testing.F) {
	// The stand-in's document is in the manner of Amazon's, and has their paths.
	theirs := slices.DeleteFunc(documents(f), func(s Source) bool { return strings.Contains(s.Name, "standin") })
	a, err := New(Config{Documents: theirs})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("GET", "/shop/v1/shipments?limit=2&statuses=NEW,SENT", "", "sandbox.example.com", "")
	f.Add("POST", "/shop/v1/shipments", "application/json", "", `{"id":"a","parts":[{"id":"b"}]}`)
	f.Add("POST", "/shop/v1/shipments/a/form", "application/x-www-form-urlencoded", "", "count=3&note=x")
	f.Add("POST", "/shop/v1/shipments/a/upload", "multipart/form-data; boundary=b", "", "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("GET", "/v2/books/7.txt?filter[year]=1&where={}&ids=1,2", "", "", "")
	f.Add("POST", "/shapes?size=4", "application/json", "", `{"kind":"round","point":[1,"a"],"unit":1}`)
	f.Add("GET", "/v2/books/1/copies/a/b%2f/../c", "", "", "")
	f.Fuzz(func(t *testing.T, method, target, kind, host, body string) {
		r, err := http.NewRequest(method, "http://api.example.com", strings.NewReader(body))
		if err != nil {
			return
		}
		if r.URL, err = r.URL.Parse(target); err != nil {
			return
		}
		r.Host = host
		r.Header.Set("Content-Type", kind)
		r.Header.Set("X-Page", "1")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("status %d", w.Code)
		}
		if _, known := a.Operation(method, r.URL.EscapedPath()); !known && w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("no operation, and %d", w.Code)
		}
		if w.Header().Get("Content-Type") == "application/json" && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("no JSON: %s", w.Body)
		}
	})
}
