package mock_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iamd/mock"
)

// world is the API of the package's own documents.
func world(t testing.TB, more ...func(*mock.Config)) *mock.API {
	t.Helper()
	sources, err := mock.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	cfg := mock.Config{Documents: sources}
	for _, f := range more {
		f(&cfg)
	}
	api, err := mock.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// ask sends "METHOD /target" with headers "Name: value", one a line, and a body
// after an empty line.
func ask(h http.Handler, text string) *httptest.ResponseRecorder {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	method, target, _ := strings.Cut(lines[0], " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "api.example.com"
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const (
	js      = "\nContent-Type: application/json\n\n"
	form    = "\nContent-Type: application/x-www-form-urlencoded\n\n"
	sandbox = "\nHost: sandbox.example.com"
	paged   = "\nX-Page: 1"
)

// TestAnswers holds the status and a part of the body of every kind of request.
func TestAnswers(t *testing.T) {
	api := world(t)
	deep := strings.Repeat(`{"parts":[`, 40) + strings.Repeat(`]}`, 40)
	for _, c := range []struct {
		ask    string
		status int
		holds  string
	}{
		// Routes.
		{"GET /", 404, `"code":"NotFound"`},
		{"GET /shop", 404, "NotFound"},
		{"GET /shop/v1/shipments/", 400, `The path parameter \"id\" is missing.`},
		{"GET /shop/v1//shipments", 404, "NotFound"},
		{"GET /shop/v1/shipments/a/b", 404, "NotFound"},
		{"GET /SHOP/v1/shipments", 404, "NotFound"},
		{"PUT /shop/v1/shipments", 405, `It has GET, POST.`},
		{"HEAD /shop/v1/shipments", 405, "MethodNotAllowed"},
		{"OPTIONS /shop/v1/shipments", 405, ""},
		{"get /shop/v1/shipments", 405, ""},
		{"GET /shop/v1/shipments/search", 200, `"shipments":[{"at"`},
		{"GET /shop/v1/shipments/searchx", 200, `{"id":"example"}`},
		{"GET /shop/v1/shipments/a%2Fb", 200, `{"id":"example"}`},
		{"GET /shop/v1/shipments/%41", 400, `The path parameter \"id\" is not valid.`},
		{"GET /shop/v1/shipments/a%00b", 400, "not valid"},
		{"GET /shop/v1/shipments/a/label.pdf", 200, "string"},
		{"GET /shop/v1/shipments/a/label.pdx", 404, ""},
		{"POST /shop/v1/uploads/one/two/three", 201, `"id"`},
		{"POST /shop/v1/uploads/", 400, `\"resource\" is missing`},
		{"POST /shop/v1/uploads", 404, ""},
		{"POST /shop/v1/uploads/one", 201, `{"id":"upload"}`},
		{"GET /books" + paged, 404, ""},
		{"GET /v2/books" + paged, 200, `[{"id":1,"kind":"novel","pages":1}]`},
		{"GET /v2/books/7", 200, `"kind":"novel"`},
		{"GET /v2/books/7.txt", 200, "stringstringstringst"},
		{"GET /v2/books/7.exe", 400, `The path parameter \"format\" is not valid.`},
		{"GET /v2/books/x.pdf", 400, `The path parameter \"id\" is not valid.`},
		{"GET /v2/books/7.", 400, `\"id\" is not valid`},
		{"GET /v2/books/7/copies/a/b/c", 501, "application/xml"},
		{"GET /nowhere", 501, "no response for success"},
		{"GET /v2/nowhere", 404, ""},
		{"GET /v2/impossible", 501, "no value was found"},
		// Path parameters.
		{"GET /v2/books/0", 200, ""},
		{"GET /v2/books/-7", 200, ""},
		{"GET /v2/books/1001", 400, "at most 1000"},
		{"GET /v2/books/99999999999999999999", 400, `\"id\" is not valid`},
		{"GET /v2/books/1e3", 400, "not valid"},
		{"GET /v2/books/seven", 400, "not valid"},
		// Query parameters.
		{"GET /shop/v1/shipments?limit=1", 400, `"message":"<no> & no"`}, // the case that names nothing
		{"GET /shop/v1/shipments?limit=0", 400, `The query parameter \"limit\" is not valid.","details":"number must be at least 1"`},
		{"GET /shop/v1/shipments?limit=101", 400, "at most 100"},
		{"GET /shop/v1/shipments?limit=", 400, `\"limit\" is empty`},
		{"GET /shop/v1/shipments?limit=ten", 400, "invalid integer"},
		{"GET /shop/v1/shipments?limit=1.5", 400, "invalid integer"},
		{"GET /shop/v1/shipments?deep=maybe", 400, "invalid boolean"},
		{"GET /shop/v1/shipments?statuses=NEW&statuses=LOST", 400, "not one of the allowed values"},
		{"GET /shop/v1/shipments?statuses=NEW,SENT", 400, "statuses"}, // "multi" has no commas
		{"GET /shop/v1/shipments?filters.createdAfter=yesterday", 400, `filters.createdAfter\" is not valid`},
		{"GET /shop/v1/shipments?filters.createdAfter=2024-01-01T00:00:00Z", 400, "<no>"},
		{"GET /shop/v1/shipments?unknown=1", 400, "<no>"},
		{"GET /shop/v1/shipments?%zz", 400, "query string can't be read"},
		{"GET /shop/v1/shipments?a;b", 400, "query string can't be read"},
		{"GET /shop/v1/shipments?limit=2&deep=true", 200, `{"shipments":[{"id":"old"}]}`},
		{"GET /shop/v1/shipments?limit=2&deep=true&more=1", 200, "old"},
		{"GET /shop/v1/shipments?limit=2&limit=2&deep=true", 400, "<no>"},
		{"GET /shop/v1/shipments?limit=2", 400, "<no>"},
		{"GET /shop/v1/shipments?filters.createdAfter=TEST&statuses=SENT&statuses=NEW", 200, `{"shipments":[]}`},
		{"GET /shop/v1/shipments?filters.createdAfter=TEST&statuses=SENT,NEW", 200, `{"shipments":[]}`},
		{"GET /shop/v1/shipments?filters.createdAfter=TEST&statuses=NEW", 400, "createdAfter"},
		{"GET /shop/v1/shipments\nx-amzn-shipping-business-id: AmazonShipping_US", 200, `"weight":1500`},
		{"GET /shop/v1/shipments\nPrefer: code=200", 200, `"shipments"`},
		{"GET /shop/v1/shipments\nPrefer: code=400", 400, "<no>"},
		{"GET /shop/v1/shipments\nPrefer: code=599", 200, `"shipments"`},
		{"GET /v2/books?ids=1,2,3" + paged, 200, ""},
		{"GET /v2/books?ids=1&ids=2&ids=3" + paged, 200, ""},
		{"GET /v2/books?ids=1,2,3,4" + paged, 400, "maximum number of items is 3"},
		{"GET /v2/books?ids=1,b" + paged, 400, "invalid integer"},
		{"GET /v2/books?ids=" + paged, 400, "empty"},
		{"GET /v2/books?words=a,b&words=c" + paged, 200, ""},
		{"GET /v2/books?filter[year]=2024" + paged, 200, ""},
		{"GET /v2/books?filter[year]=soon" + paged, 400, "filter"},
		{"GET /v2/books?filter[year][0][0][0]=1" + paged, 400, "filter"},
		{"GET /v2/books?where={\"a\":1}" + paged, 200, ""},
		{"GET /v2/books?where={}" + paged, 400, "where"},
		{"GET /v2/books?where={" + paged, 400, "where"},
		// Headers and cookies; those of the gateway are not asked for.
		{"GET /v2/books", 400, `The header parameter \"X-Page\" is missing.`},
		{"GET /v2/books\nX-Page: 0", 400, "X-Page"},
		{"GET /v2/books\nX-Page: one", 400, "X-Page"},
		{"GET /v2/books\nX-Page: 1\nCookie: mood=bad", 200, ""},
		{"GET /v2/books\nX-Page: 1\nCookie: mood=none", 400, `The cookie parameter \"mood\"`},
		{"GET /v2/books\nX-Page: 1\nAccept: text/csv", 200, "id,name"},
		{"GET /v2/books\nX-Page: 1\nAccept: text/html, TEXT/CSV;q=0.5", 200, "id,name"},
		{"GET /v2/books\nX-Page: 1\nAccept: image/png", 200, "novel"},
		{"GET /v2/books\nX-Page: 1\nPrefer: example=none", 200, "[]"},
		{"GET /v2/books\nX-Page: 1\nPrefer: wait=1, example=\"none\"", 200, "[]"},
		{"GET /v2/books\nX-Page: 1\nPrefer: code=abc;example", 200, "novel"},
		{"GET /v2/books/7\nPrefer: code=404", 404, `{"gone":true}`},
		{"GET /v2/books/7\nPrefer: code=99", 200, ""},
		{"GET /shop/v1/shipments/a\nAccept: text/plain", 200, "example"},
		{"GET /shop/v1/shipments/a\nAccept: text/plain\nPrefer: code=404", 404, `{"errors":[{"code":"string"`},
		// Bodies.
		{"POST /shop/v1/shipments", 400, "The request body is missing."},
		{"POST /shop/v1/shipments" + js, 400, "The request body is missing."},
		{"POST /shop/v1/shipments" + js + "{", 400, "unexpected end of JSON"},
		{"POST /shop/v1/shipments" + js + "{} {}", 400, "invalid character"},
		{"POST /shop/v1/shipments" + js + "[]", 400, "value must be an object"},
		{"POST /shop/v1/shipments" + js + "null", 400, "not nullable"},
		{"POST /shop/v1/shipments" + js + "7", 400, "must be an object"},
		{"POST /shop/v1/shipments" + js + `{"id":1e999}`, 400, "1e999"},
		{"POST /shop/v1/shipments" + js + `{}`, 400, `property \"id\" is missing`},
		{"POST /shop/v1/shipments" + js + `{"id":""}`, 400, "no id"},
		{"POST /shop/v1/shipments" + js + `{"id":"12345678901"}`, 400, "/id: maximum string length is 10"},
		{"POST /shop/v1/shipments" + js + `{"id":"x","weight":1}`, 400, "/weight: number must be at least 2.5"},
		{"POST /shop/v1/shipments" + js + `{"id":"x","kind":"CRATE"}`, 400, "/kind: "},
		{"POST /shop/v1/shipments" + js + `{"id":"x","odd":7}`, 400, "/odd: number must be more than 7"},
		{"POST /shop/v1/shipments" + js + `{"id":"x","day":"2024-13-01"}`, 400, "/day: "},
		{"POST /shop/v1/shipments" + js + `{"id":"x","made":"by me"}`, 400, "readOnly"},
		{"POST /shop/v1/shipments" + js + `{"id":"x","parts":[]}`, 400, "/parts: minimum number of items"},
		{"POST /shop/v1/shipments" + js + `{"id":"x","parts":[{"id":"y"},{"id":"y"}]}`, 400, "duplicate items"},
		{"POST /shop/v1/shipments" + js + `{"id":"x","parts":[{"id":"y","parts":[{"id":"z","weight":0}]}]}`, 400, "/parts/0/parts/0/weight: "},
		{"POST /shop/v1/shipments" + js + `{"id":"x","secret":"no digits"}`, 201, `"id"`}, // a pattern that is not checked
		{"POST /shop/v1/shipments" + js + `{"id":"x","code":"a"}`, 400, "/code: "},
		{"POST /shop/v1/shipments" + js + deep, 400, "more than 64 levels deep"},
		{"POST /shop/v1/shipments" + js + `{"id":"x"}`, 201, `"tags":["ing","ng2","ng3"]`},
		{"POST /shop/v1/shipments" + js + `{"parts":[{"id":"b","weight":3}],"id":"a"}`, 201, `{"id":"a"}`},
		{"POST /shop/v1/shipments" + js + `{"parts":[{"id":"b"}],"id":"a","weight":12.0}`, 201, `{"id":"heavy"}`},
		{"POST /shop/v1/shipments" + js + `{"parts":[{"id":"b"},{"id":"c"}],"id":"a"}`, 201, `"kind":"PARCEL"`},
		{"POST /shop/v1/shipments" + js + `{"id":null,"note":"b"}`, 201, ""},
		{"POST /shop/v1/shipments\n\n" + `{"id":"x"}`, 415, `it is \"\", and must be application/json`},
		{"POST /shop/v1/shipments" + form + `{"id":"x"}`, 415, "UnsupportedMediaType"},
		{"POST /shop/v1/shipments\nContent-Type: application/json; charset=utf-8\n\n" + `{"id":"x"}`, 201, ""},
		{"POST /shop/v1/shipments\nContent-Type: Application/JSON\n\n" + `{"id":"x"}`, 201, ""},
		{"POST /shop/v1/shipments\nContent-Type: application/json;;;\n\n" + `{"id":"x"}`, 415, "can't be read"},
		{"POST /shop/v1/shipments/a/form" + form + "count=3&note=x", 202, ""},
		{"POST /shop/v1/shipments/a/form" + form + "count=10", 400, "/count: "},
		{"POST /shop/v1/shipments/a/form" + form + "note=x", 400, `\"count\" is missing`},
		{"POST /shop/v1/shipments/a/form" + form + "count=%zz", 400, "not valid"},
		{"POST /shop/v1/shipments/a/form" + js + "{}", 415, ""},
		{"POST /shop/v1/shipments/a/upload\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: application/zip\r\n\r\nPK\r\n--b--\r\n", 200, ""},
		{"POST /shop/v1/shipments/a/upload\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n", 400, `the part \"file\" is missing`},
		{"POST /shop/v1/shipments/a/upload\nContent-Type: multipart/form-data; boundary=b\n\nnonsense", 400, "not valid"},
		{"POST /shop/v1/shipments/a/upload\nContent-Type: multipart/form-data\n\n--b", 400, "not valid"},
		{"POST /v2/books\nContent-Type: text/plain\n\nabcde", 201, ""},
		{"POST /v2/books\nContent-Type: text/plain\n\nabcdef", 400, "maximum string length is 5"},
		{"POST /v2/books\nContent-Type: application/zip\n\nPK", 201, ""},
		{"POST /v2/books" + js + `{"id":1,"kind":"novel","pages":2}`, 201, ""},
		{"POST /v2/books" + js + `{"id":1,"kind":"novel","maps":[]}`, 400, "not valid"},
		{"POST /v2/books" + js + `{"id":1,"kind":"atlas","maps":[null,1,"00000000-0000-4000-8000-000000000000"]}`, 201, ""},
		{"POST /v2/books" + js + `{"id":1,"kind":"song"}`, 400, "not valid"},
		// OpenAPI 3.1.
		{"POST /shapes" + js + `{"kind":"round"}`, 200, `"kind":"round"`},
		{"POST /shapes" + js + `{"kind":"square"}`, 400, "value must be"},
		{"POST /shapes" + js + `{"kind":"round","point":[1,"a"]}`, 400, "unit"},
		{"POST /shapes" + js + `{"kind":"round","unit":"m","point":["a",1]}`, 400, "/point/"},
		{"POST /shapes?size=3" + js + `{"kind":"round"}`, 400, "size"},
		{"POST /shapes?size=4" + js + `{"kind":"round"}`, 200, ""},
		// The sandbox.
		{"GET /shop/v1/shipments?limit=ten" + sandbox, 400, "<no>"},
		{"POST /shop/v1/shipments" + sandbox, 400, `{"errors":[{"code":"InvalidInput","message":"Could not match input arguments","details":""}]}`},
		{"POST /shop/v1/shipments" + sandbox + "\n\n{", 400, "Could not match"},
		{"POST /shop/v1/shipments" + sandbox + "\n\n" + `{"id":""}`, 400, "no id"},
		{"POST /shop/v1/shipments" + sandbox + "\n\n" + deep, 400, "Could not match"},
		{"DELETE /shop/v1/shipments/a" + sandbox, 204, ""},
		{"DELETE /shop/v1/shipments/A" + sandbox, 204, ""},
		{"DELETE /shop/v1/shipments/a", 204, ""},
		{"DELETE /shop/v1/shipments/A", 400, "id"},
		{"GET /shop/v1/shipments/a\nHost: SANDBOX.example.com", 200, "example"},
		{"POST /shop/v1/test" + js + `{"id":"x"}`, 404, "NotFound"},
		{"POST /shop/v1/test" + sandbox + js + `{"id":"x"}`, 200, `"name"`},
		{"POST /shop/v1/test" + sandbox + js + `{}`, 400, "missing"},
		{"POST /shop/v1/test\nHost: sandboxed.example.com" + js + `{"id":"x"}`, 404, ""},
		{"PUT /shop/v1/tree?name=undeclared", 200, `{"name":"by query"}`},
		{"PUT /shop/v1/tree\nname: undeclared", 200, `{"name":"by query"}`},
		{"PUT /shop/v1/tree\n\n" + `{"name":"undeclared"}`, 200, `{"name":"by query"}`},
		{"PUT /shop/v1/tree?name=other" + sandbox, 400, "Could not match"},
		{"PUT /shop/v1/tree?name=other", 200, `"base":{"`},
	} {
		w := ask(api, c.ask)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%q: %d %s\nnot %d %s", c.ask, w.Code, w.Body, c.status, c.holds)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%q: %d as %q", c.ask, w.Code, w.Header().Get("Content-Type"))
		}
		if w.Code == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%q: no Allow", c.ask)
		}
	}
}

func TestHeaders(t *testing.T) {
	api := world(t)
	w := ask(api, "GET /v2/books\nX-Page: 1\nX-Iamd-Request-Id: 7d2c")
	h := w.Header()
	if h.Get("X-Amzn-RequestId") != "7d2c" || h.Get("X-Total") != "3" || h.Get("X-Kind") != "books" || h.Get("X-None") != "" ||
		h.Get("Content-Length") != fmt.Sprint(w.Body.Len()) || h.Get("Content-Type") != "application/vnd.books+json" {
		t.Errorf("%v", h)
	}
	w = ask(api, "GET /shop/v1/shipments?limit=2&deep=true")
	if h := w.Header(); h.Get("X-Kind") != "list" || h.Get("X-Amzn-RateLimit-Limit") != "" || h.Get("X-Amzn-RequestId") != "" {
		t.Errorf("%v", h)
	}
	if h := ask(api, "GET /v2/books/7\nPrefer: code=404").Header(); h.Get("Preference-Applied") != "code=404" {
		t.Errorf("%v", h)
	}
	if h := ask(api, "DELETE /shop/v1/shipments/a").Header(); len(h) != 0 {
		t.Errorf("204 with %v", h)
	}
	if h := ask(api, "GET /none\nX-Iamd-Request-Id: 7d2c").Header(); h.Get("X-Amzn-RequestId") != "7d2c" {
		t.Errorf("%v", h)
	}
}

func TestOperation(t *testing.T) {
	api := world(t)
	for _, c := range []struct {
		method, path string
		want         mock.Operation
	}{
		{"GET", "/shop/v1/shipments", mock.Operation{Name: "getShipments", Path: "/shop/v1/shipments", Rate: 0.1, Burst: 5}},
		{"GET", "/shop/v1/shipments/a%2Fb", mock.Operation{Name: "getShipment", Path: "/shop/v1/shipments/{id}"}},
		{"PUT", "/shop/v1/tree", mock.Operation{Name: "putTree", Path: "/shop/v1/tree", Rate: 0.5, Burst: 30}},
		{"GET", "/v2/books/100%", mock.Operation{Name: "getBook", Path: "/v2/books/{id}", Rate: 2, Burst: 4}},
		{"GET", "/v2/books/1/copies/a/b", mock.Operation{Name: "anyCopy", Path: "/v2/books/{id}/copies/{proxy+}", Rate: 2, Burst: 4}},
		{"GET", "/nowhere", mock.Operation{Name: "GET /nowhere", Path: "/nowhere", Rate: 2, Burst: 4}},
	} {
		if got, ok := api.Operation(c.method, c.path); !ok || got != c.want {
			t.Errorf("%s %s: %+v %v", c.method, c.path, got, ok)
		}
	}
	for _, c := range [][2]string{{"GET", ""}, {"GET", "/"}, {"GET", "shop"}, {"DELETE", "/nowhere"}, {"", "/nowhere"}} {
		if got, ok := api.Operation(c[0], c[1]); ok {
			t.Errorf("%q: %+v", c, got)
		}
	}
	if n := len(api.Operations()); n != 19 {
		t.Errorf("%d operations", n)
	}
	if n := api.Notes(); len(n) != 1 || !strings.Contains(n[0], "secret") {
		t.Errorf("notes %q", n)
	}
}

func TestOverride(t *testing.T) {
	api := world(t, func(c *mock.Config) {
		c.Override = map[string]http.Handler{"createShipment": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = fmt.Fprint(w, r.ContentLength)
		})}
		c.MaxBody = 20
	})
	if w := ask(api, "POST /shop/v1/shipments"+js+"{"); w.Code != http.StatusTeapot || w.Body.String() != "1" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(api, "POST /shop/v1/shipments"+sandbox+js+`{"id":""}`); w.Code != 400 || !strings.Contains(w.Body.String(), "no id") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := ask(api, "POST /shop/v1/shipments"+sandbox+js+`{"id":"`+strings.Repeat("x", 20)+`"}`)
	if w.Code != 413 || !strings.Contains(w.Body.String(), "RequestTooLarge") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	all := world(t, func(c *mock.Config) { c.Sandbox = func(*http.Request) bool { return true } })
	if w := ask(all, "POST /shop/v1/test"+js+`{"id":"x"}`); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestDocuments holds what is refused, and in which words.
func TestDocuments(t *testing.T) {
	get := `"get":{"operationId":"OP","responses":{"200":{"description":""}}}`
	three := func(paths string) string {
		return `{"openapi":"3.0.0","info":{"title":"","version":""},"paths":{` + paths + `}}`
	}
	for _, c := range []struct{ document, want string }{
		{``, "it is no OpenAPI document"},
		{`{`, "can't be read"},
		{`[]`, "it is no OpenAPI document"},
		{"a: [", "can't be read"},
		{`{"openapi":"4.0.0"}`, "version 2 or 3"},
		{`{"swagger":"1.2"}`, "version 2 or 3"},
		{`{"openapi":"3.0.0"}`, "it has no paths"},
		{three(`"a":{` + get + `}`), "must begin with a slash"},
		{three(`"/{a":{` + get + `}`), "without a name or an end"},
		{three(`"/{}":{` + get + `}`), "without a name or an end"},
		{three(`"/a}":{` + get + `}`), "brace too many"},
		{three(`"/{a}/{a}":{` + get + `}`), `names "a" twice`},
		{three(`"/{a+}/b":{` + get + `}`), "only the last segment"},
		{three(`"/{a}":{` + get + `},"/{b}":{` + get + `}`), "OP (/{a}) stands there already, in one.json"},
		{three(`"/a":{"get":{"parameters":[{"in":"query"}],"responses":{}}}`), "parameter has no name"},
		{three(`"/a":{"get":{"parameters":[{"name":"a","in":"nowhere"}],"responses":{}}}`), "nowhere"},
		{three(`"/a":{"get":{"parameters":[{"$ref":"#/components/parameters/none"}],"responses":{}}}`), "none"},
		{three(`"/a":{"get":{"responses":{"abc":{"description":""}}}}`), `"abc" is no status`},
		{three(`"/a":{"get":{"responses":{"700":{"description":""}}}}`), `"700" is no status`},
		{three(`"/a":{"$ref":"http://example.com/a.json"}`), "nothing is fetched"},
		{three(`"/a":{"$ref":"file:///etc/passwd"}`), "nothing is fetched"},
		{three(`"/a":{"$ref":"/etc/passwd"}`), "leads out"},
		{three(`"/a":{"$ref":"../answer_test.go"}`), "leads out"},
		{three(`"/a":{"$ref":"x/../../answer_test.go"}`), "leads out"},
		{three(`"/a":{"$ref":"none.yaml"}`), "no files beside it"},
		{three(`"/a":{"x-amzn-usage-plan":{"rate":"1"},` + get + `}`), "must have a rate and a burst"},
		{three(`"/a":{"x-amzn-usage-plan":{"rate":-1,"burst":1},` + get + `}`), "must have a rate and a burst"},
		{three(`"/a":{"x-amzn-api-sandbox":[],` + get + `}`), "must be an object"},
		{three(`"/a":{"x-amzn-api-sandbox":{"static":{}},` + get + `}`), "must be a list"},
		{three(`"/a":{"x-amzn-api-sandbox":{"static":[1]},` + get + `}`), "sandbox case 0"},
		{three(`"/a":{"x-amzn-api-sandbox":{"static":[{"request":1}]},` + get + `}`), "request must be an object"},
		{three(`"/a":{"x-amzn-api-sandbox":{"static":[{"request":{"parameters":[]}}]},` + get + `}`), "parameters must be an object"},
		{three(`"/a":{"x-amazon-spds-sandbox-behaviors":{},` + get + `}`), "must be a list"},
		{`{"openapi":"3.0.0","paths":{"/a":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}},"components":{"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/B"}]},"B":{"anyOf":[{"$ref":"#/components/schemas/A"}]}}}}`, "made of itself"},
		{`{"openapi":"3.0.0","servers":[{"url":"http://a b/%"}],"paths":{"/a":{` + get + `}}}`, "server"},
	} {
		_, err := mock.New(mock.Config{Documents: []mock.Source{{Name: "dir/one.json", Data: []byte(c.document)}}})
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "dir/", ""), c.want) || !strings.Contains(err.Error(), "mock: dir/one.json: ") {
			t.Errorf("%s: %v, not %q", c.document, err, c.want)
		}
	}
	two := []mock.Source{{Name: "a.json", Data: []byte(three(`"/x/{a}":{` + get + `}`))}, {Name: "b.yaml", Data: []byte("openapi: 3.0.0\npaths: {'/x/{b}': {get: {responses: {200: {description: ok}}}}}")}}
	if _, err := mock.New(mock.Config{Documents: two}); err == nil || !strings.Contains(err.Error(), "b.yaml: GET /x/{b}: OP (/x/{a}) stands there already, in a.json") {
		t.Error(err)
	}
	if _, err := mock.New(mock.Config{}); err == nil {
		t.Error("an API of nothing")
	}
}

// TestLoad holds that directories are walked in order, and that no link leads
// out of a document's.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	good := `{"openapi":"3.0.0","paths":{"/NAME":{"$ref":"part.json"}}}`
	for name, text := range map[string]string{
		"b/one.json": strings.Replace(good, "NAME", "b", 1), "a.yml": "openapi: 3.0.0\npaths: {/a: {$ref: part.json}}",
		"part.json": `{"get":{"responses":{"200":{"description":""}}}}`, "b/part.json": `{"get":{"responses":{"200":{"description":""}}}}`,
		"list.json": `[1]`, "words.yaml": "just words", ".hidden/x.json": good, "notes.txt": good, "empty/none.txt": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := mock.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sources {
		names = append(names, strings.TrimPrefix(s.Name, dir+"/"))
	}
	if got := strings.Join(names, " "); got != "a.yml b/one.json" {
		t.Error(got)
	}
	api, err := mock.New(mock.Config{Documents: sources})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(api, "GET /b"); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
	if err := os.Remove(filepath.Join(dir, "b/part.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "part.json"), filepath.Join(dir, "b/part.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := mock.New(mock.Config{Documents: sources}); err == nil || !strings.Contains(err.Error(), "escapes") {
		t.Errorf("a link out of the directory: %v", err)
	}
	for _, path := range []string{"empty", "none"} {
		if _, err := mock.Load(filepath.Join(dir, path)); err == nil {
			t.Error(path)
		}
	}
}
