package mock_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"iamd/mock"
)

// sandboxed is a document as far as its sandbox cases go, read without the
// package under test.
type sandboxed struct {
	Swagger  string
	BasePath string `json:"basePath"`
	Paths    map[string]map[string]json.RawMessage
}

type caseText struct {
	Request struct {
		Parameters map[string]struct{ Value any }
	}
	Response json.RawMessage
}

type promise struct {
	name         string
	method, path string
	status       int
	text         caseText
}

// promises reads every case that a document's responses have.
func promises(t *testing.T, s mock.Source) (all []promise) {
	t.Helper()
	var doc sandboxed
	if err := json.Unmarshal(s.Data, &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			var op struct {
				OperationID string `json:"operationId"`
				Responses   map[string]struct {
					Sandbox struct{ Static []caseText } `json:"x-amzn-api-sandbox"`
					Old     []caseText                  `json:"x-amazon-spds-sandbox-behaviors"`
				}
			}
			if method == "parameters" || strings.HasPrefix(method, "x-") {
				continue
			}
			if err := json.Unmarshal(doc.Paths[path][method], &op); err != nil {
				t.Fatal(path, method, err)
			}
			for _, key := range slices.Sorted(maps.Keys(op.Responses)) {
				status, err := strconv.Atoi(key)
				if err != nil {
					continue
				}
				for i, c := range append(op.Responses[key].Sandbox.Static, op.Responses[key].Old...) {
					all = append(all, promise{fmt.Sprintf("%s %s %d", op.OperationID, key, i), strings.ToUpper(method), path, status, c})
				}
			}
		}
	}
	return all
}

// request makes the request that a case describes: what it names and nothing
// else, arrays repeated or with commas.
func (p promise) request(repeated bool) *http.Request {
	target, query, headers := p.path, url.Values{}, http.Header{}
	var body []byte
	for name, v := range p.text.Request.Parameters {
		if strings.Contains(target, "{"+name+"}") {
			target = strings.ReplaceAll(target, "{"+name+"}", url.PathEscape(fmt.Sprint(v.Value)))
			continue
		}
		switch value := v.Value.(type) {
		case map[string]any:
			body, _ = json.Marshal(value)
		case []any:
			texts := make([]string, len(value))
			for i := range value {
				texts[i] = fmt.Sprint(value[i])
			}
			query[name] = texts
			if !repeated {
				query.Set(name, strings.Join(texts, ","))
			}
		default:
			if strings.HasPrefix(name, "x-") {
				headers.Set(name, fmt.Sprint(value))
			} else {
				query.Set(name, fmt.Sprint(value))
			}
		}
	}
	for strings.Contains(target, "{") { // what a case does not name can be anything
		before, rest, _ := strings.Cut(target, "{")
		_, after, _ := strings.Cut(rest, "}")
		target = before + "anything" + after
	}
	r := httptest.NewRequest(p.method, target+"?"+query.Encode(), bytes.NewReader(body))
	r.Host = "sandbox.sellingpartnerapi-na.amazon.com"
	maps.Copy(r.Header, headers)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// kept tells whether an answer is what the case says.
func (p promise) kept(got *httptest.ResponseRecorder) error {
	if got.Code != p.status {
		return fmt.Errorf("status %d, the document says %d: %s", got.Code, p.status, got.Body)
	}
	if len(p.text.Response) == 0 || p.status == http.StatusNoContent {
		if got.Body.Len() > 0 {
			return fmt.Errorf("there is a body: %s", got.Body)
		}
		return nil
	}
	var want, have any
	if err := json.Unmarshal(p.text.Response, &want); err != nil {
		return err
	}
	if err := json.Unmarshal(got.Body.Bytes(), &have); err != nil {
		return err
	}
	if !reflect.DeepEqual(have, want) {
		return fmt.Errorf("answered %s, the document says %s", got.Body, p.text.Response)
	}
	if kind := got.Header().Get("Content-Type"); kind != "application/json" {
		return fmt.Errorf("content type %q", kind)
	}
	return nil
}

// twin finds a case that asks for the same as p and that comes before it.
func twin(all []promise, p promise) *promise {
	for _, other := range all {
		if other.method == p.method && other.path == p.path && other.name != p.name &&
			reflect.DeepEqual(other.text.Request.Parameters, p.text.Request.Parameters) && other.status/100 < p.status/100 {
			return &other
		}
	}
	return nil
}

// TestEverySandboxCase asks for each case of each document: the package's own,
// and Amazon's where they are at hand. Of two that ask for the same the
// successful one is given; the other is there for who asks for its status.
func TestEverySandboxCase(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no documents:", err)
	}
	theirs, err := filepath.Glob("../../shared/sp-api/*.json")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, file := range append(files, theirs...) {
		sources, err := mock.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		api, err := mock.New(mock.Config{Documents: sources})
		if err != nil {
			t.Fatal(err)
		}
		all := promises(t, sources[0])
		for _, p := range all {
			for n := range 4 {
				r := p.request(n%2 == 0)
				if n >= 2 && len(p.text.Request.Parameters) > 0 {
					// What a case names is its answer off the sandbox, too.
					r.Host = "sellingpartnerapi-na.amazon.com"
				}
				if twin(all, p) != nil {
					r.Header.Set("Prefer", "code="+strconv.Itoa(p.status))
				}
				w := httptest.NewRecorder()
				api.ServeHTTP(w, r)
				if err := p.kept(w); err != nil {
					t.Errorf("%s: %s (%s %s): %v", filepath.Base(file), p.name, r.Method, r.URL, err)
				}
			}
			total++
		}
		t.Logf("%s: %d cases, notes %q", filepath.Base(file), len(all), api.Notes())
	}
	t.Logf("%d cases are answered as their documents say", total)
}
