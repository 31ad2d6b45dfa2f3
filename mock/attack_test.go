package mock_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"iamd/mock"
)

func attacked(t *testing.T, name, document string) (*mock.API, error) {
	t.Helper()
	return mock.New(mock.Config{Documents: []mock.Source{{Name: name, Data: []byte(document)}}})
}

// A body of many small values costs many times its size to read and to check: who
// sends it is told so before either.
func TestBodyOfManyValues(t *testing.T) {
	a, err := attacked(t, "d.json", `{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{"/x":{"post":{
		"requestBody":{"content":{"application/json":{"schema":{"type":"array","items":{}}}}},"responses":{"200":{"description":"ok"}}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	send := func(body string) (int, string) {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, one := range []string{"[]", "{}", `""`, "0", `{"a":{}}`} {
		if status, text := send("[" + strings.Repeat(one+",", 9999) + one + "]"); status != http.StatusOK {
			t.Errorf("10,000 of %s: %d %s", one, status, text)
		}
		if status, text := send("[" + strings.Repeat(one+",", 999_999) + one + "]"); status != http.StatusBadRequest || !strings.Contains(text, "values") {
			t.Errorf("1,000,000 of %s: %d %.200s", one, status, text)
		}
	}
	if status, text := send(`["` + strings.Repeat(`,[{`, 1_000_000) + `"]`); status != http.StatusOK {
		t.Errorf("a long text: %d %s", status, text)
	}
}

func TestBodyOfManyParts(t *testing.T) {
	a, err := attacked(t, "d.json", `{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{"/x":{"post":{
		"requestBody":{"content":{"multipart/form-data":{"schema":{"type":"object","required":["a"]}}}},"responses":{"200":{"description":"ok"}}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{900: "is missing", 1_000_000: "parts"} {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(strings.Repeat("--b\r\n\r\n\r\n", n)+"--b--"))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		w := httptest.NewRecorder()
		if a.ServeHTTP(w, r); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d parts: %d %s", n, w.Code, w.Body)
		}
	}
}

// Aliases of aliases make much of little; a document that does so is refused before
// it is written out.
func TestDocumentBomb(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 8), i-1)
	}
	for what, text := range map[string]string{
		"aliases": "openapi: 3.0.0\n" + bomb,
		"merged":  "openapi: 3.0.0\n" + strings.ReplaceAll(strings.ReplaceAll(bomb, "[", "{<<: ["), "]", "]}"),
	} {
		if _, err := attacked(t, "d.yaml", text); err == nil || !strings.Contains(err.Error(), "can't be read") {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Aliases as people write them.
	a, err := attacked(t, "d.yaml", `openapi: 3.0.0
info: {title: t, version: "1"}
x-ok: &ok {200: {description: ok}}
paths:
  /x: {get: {responses: *ok}, put: {responses: {<<: *ok, 400: {description: bad}}}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := a.Operation("PUT", "/x"); !known {
		t.Error("the operation is not there")
	}
}

// Documents that go round in circles, or name files and servers that are none of
// theirs, fail and end.
func TestDocumentLeadsNowhere(t *testing.T) {
	const head = `{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{"/x":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":`
	const tail = `}}}}}}}`
	for what, text := range map[string]string{
		"a reference to itself": head + `{"$ref":"#/components/schemas/A"}` + tail + `,"components":{"schemas":{"A":{"$ref":"#/components/schemas/A"}}}}`,
		"two to each other":     head + `{"$ref":"#/components/schemas/A"}` + tail + `,"components":{"schemas":{"A":{"$ref":"#/components/schemas/B"},"B":{"$ref":"#/components/schemas/A"}}}}`,
		"a path to itself":      `{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{"/x":{"$ref":"#/paths/~1x"}}}`,
		"all of itself":         head + `{"$ref":"#/components/schemas/A"}` + tail + `,"components":{"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/A"}]}}}}`,
		"another server":        head + `{"$ref":"http://127.0.0.1:1/a.json#/A"}` + tail + `}`,
		"a file by URL":         head + `{"$ref":"file:///etc/passwd"}` + tail + `}`,
		"a file by its path":    head + `{"$ref":"/etc/passwd"}` + tail + `}`,
		"a file above":          head + `{"$ref":"../../etc/passwd"}` + tail + `}`,
		"a file above, escaped": head + `{"$ref":"%2e%2e/%2e%2e/etc/passwd"}` + tail + `}`,
		"a server by its name":  head + `{"$ref":"//localhost/a.json"}` + tail + `}`,
		"braces":                `{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{"/{a}{":{}, "/{{a}}":{"get":{"responses":{}}}}}`,
	} {
		if _, err := attacked(t, "d.json", text); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
