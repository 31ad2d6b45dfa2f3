package mock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestWithout(t *testing.T) {
	for _, c := range []struct{ data, names, want string }{
		{`{}`, "A", `{}`},
		{`{"A":1}`, "", `{"A":1}`},
		{`{"A":1}`, "A", `{}`},
		{`{"A":1,"b":2}`, "A", `{"b":2}`},
		{`{"a":1,"B":2}`, "B", `{"a":1}`},
		{`{"a":1,"B":{"x":[1,"}"]},"c":3}`, "B", `{"a":1,"c":3}`},
		{`{"A":1,"B":2,"C":3}`, "A B", `{"C":3}`},
		{`{"A":1,"B":2,"C":3}`, "C B A", `{}`},
		{`{"B":1,"B":2,"c":3}`, "B", `{"c":3}`},
		{`{"a":0,"B":1,"B":2}`, "B", `{"a":0}`},
		{`[{"A":1},{"A":2,"b":{"A":"\"A\":3"}}]`, "A", `[{},{"b":{}}]`},
		{`{"A":{"A":1,"B":2},"B":3}`, "B", `{"A":{"A":1}}`},
		{`{"a":"A","A":"a"}`, "A", `{"a":"A"}`},
		{`{"a":",\"A\":1"}`, "A", `{"a":",\"A\":1"}`},
		{`{"x,\"A":1,"A":2}`, "A", `{"x,\"A":1}`},
		{`{"\"A":1,"A":"\\"}`, "A", `{"\"A":1}`},
		{`{"a":1}`, "A", `{"a":1}`},
		{`"A"`, "A", `"A"`},
		{`null`, "A", `null`},
		{`{"ü":1,"a<b":2,"q\"r":3}`, `ü a<b q"r`, `{}`},
		{``, "A", ``},
	} {
		data := []byte(c.data)
		if got := without(data, strings.Fields(c.names)); string(got) != c.want {
			t.Errorf("%s without %q: %s; want %s", c.data, c.names, got, c.want)
		}
		if string(data) != c.data {
			t.Errorf("%s became %s", c.data, data)
		}
	}
}

// prune is without, by way of values.
func prune(v any, names []string) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if slices.Contains(names, name) {
				delete(v, name)
				continue
			}
			prune(inner, names)
		}
	case []any:
		for _, inner := range v {
			prune(inner, names)
		}
	}
	return v
}

// FuzzWithout holds what is cut out of the text against what is taken out of the
// value.
func FuzzWithout(f *testing.F) {
	f.Add(`{"a":[{"B":"\\\"B\":"},{"c":{"B":{"B":1},"d":null}}]}`, "B", "a")
	f.Add(`{",\"a\":":{"a":1,"\\":2}}`, "a", `\`)
	f.Fuzz(func(t *testing.T, text, one, other string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		names := []string{one, other}
		got := without(encode(v), names)
		if want := encode(prune(v, names)); !bytes.Equal(got, want) {
			t.Errorf("%s without %q: %s; want %s", text, names, got, want)
		}
	})
}

var persons = Source{Name: "persons.json", Data: []byte(`{"openapi":"3.0.0","paths":{
	"/example":{"get":{"operationId":"example","responses":{"200":{"description":"","content":{
		"application/json":{"example":{"id":1,"Person":{"name":"x"}},"examples":{"two":{"value":[{"Person":{}},{"id":2,"Person":{}}]}}},
		"text/plain":{"example":"Person: x"}}}}}},
	"/made":{"get":{"operationId":"made","responses":{"200":{"description":"","content":{"application/json":{"schema":{
		"type":"object","required":["id","Person"],"properties":{"id":{"type":"integer"},"Person":{"type":"object","properties":{"name":{"type":"string"}}}}}}}}}}},
	"/case/{id}":{"get":{"operationId":"case","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
		"responses":{"200":{"description":"","content":{"application/json":{}},"x-amzn-api-sandbox":{"static":[
			{"request":{"parameters":{"id":{"value":"one"}}},"response":{"id":1,"Person":{}}}]}}}}},
	"/text":{"get":{"operationId":"text","responses":{"200":{"description":"","content":{"text/plain":{}},"x-amzn-api-sandbox":{"static":[
			{"request":{"parameters":{}},"response":"Person: x"}]}}}}},
	"/open":{"get":{"operationId":"open","responses":{"200":{"description":"","content":{"application/json":{"example":{"Person":1}}}}}}}}}`)}

// TestWithhold: whatever an answer comes from goes without, but for sandboxes,
// overrides, and operations that have nothing to hide.
func TestWithhold(t *testing.T) {
	asked := []string{}
	a, err := New(Config{Documents: []Source{persons}, Withhold: func(r *http.Request, op Operation) []string {
		asked = append(asked, op.Name+" "+r.URL.Path)
		if op.Name == "open" || r.Header.Get("May") != "" {
			return nil
		}
		return []string{"Person", "nobody"}
	}, Override: map[string]http.Handler{"made": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })}})
	if err != nil {
		t.Fatal(err)
	}
	direct := *a
	direct.override = nil
	for _, c := range []struct {
		api         *API
		path        string
		name, value string // of a header
		host        string
		status      int
		body, asked string
	}{
		{api: a, path: "/example", status: 200, body: `{"id":1}`, asked: "example /example"},
		{api: a, path: "/example", name: "May", value: "x", status: 200, body: `{"Person":{"name":"x"},"id":1}`, asked: "example /example"},
		{api: a, path: "/example", name: "Prefer", value: "example=two", status: 200, body: `[{},{"id":2}]`, asked: "example /example"},
		{api: a, path: "/example", name: "Accept", value: "text/plain", status: 501, body: "text/plain, out of which Person, nobody can't be taken", asked: "example /example"},
		{api: a, path: "/example", host: "sandbox.x", status: 200, body: `{"Person":{"name":"x"},"id":1}`},
		{api: a, path: "/case/one", status: 200, body: `{"id":1}`, asked: "case /case/one"},
		{api: a, path: "/case/one", host: "sandbox.x", status: 200, body: `{"Person":{},"id":1}`},
		{api: a, path: "/text", status: 501, body: "text/plain, out of which", asked: "text /text"},
		{api: a, path: "/text", host: "sandbox.x", status: 200, body: "Person: x"},
		{api: a, path: "/open", status: 200, body: `{"Person":1}`, asked: "open /open"},
		{api: a, path: "/made", status: 204},
		{api: &direct, path: "/made", status: 200, body: `{"id":`, asked: "made /made"},
	} {
		asked = asked[:0]
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Host = c.host
		if c.name != "" {
			r.Header.Set(c.name, c.value)
		}
		w := httptest.NewRecorder()
		c.api.ServeHTTP(w, r)
		body := w.Body.String()
		if w.Code != c.status || !strings.HasPrefix(body, c.body) && c.status == 200 || !strings.Contains(body, c.body) || strings.Join(asked, ",") != c.asked {
			t.Errorf("%+v: %d %s, asked %v", c, w.Code, body, asked)
		}
		if c.status == 200 && w.Header().Get("Content-Length") != fmt.Sprint(len(body)) {
			t.Errorf("%s: %v for %d bytes", c.path, w.Header(), len(body))
		}
		if c.path == "/made" && strings.Contains(body, "Person") {
			t.Errorf("made: %s", body)
		}
	}
}

// TestVariants: of a body that is ready each list of names gives its own, the same
// for many at once, and more lists than are kept are answered too.
func TestVariants(t *testing.T) {
	v, body := &variants{}, []byte(`{"a":1,"b":2,"c":3}`)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 3 * maxVariants {
				for names, want := range map[string]string{"a": `{"b":2,"c":3}`, "b": `{"a":1,"c":3}`, "a b": `{"c":3}`, "": string(body), fmt.Sprint("c x", i): `{"a":1,"b":2}`} {
					if got := v.of(body, strings.Fields(names)); string(got) != want {
						t.Errorf("%q: %s; want %s", names, got, want)
					}
				}
			}
		})
	}
	all.Wait()
	if n := len(*v.list.Load()); n != maxVariants {
		t.Errorf("%d are kept", n)
	}
}

// BenchmarkStatic answers by a case whose body is ready: with nothing to withhold,
// with names that it does not have, and with two that it has.
func BenchmarkStatic(b *testing.B) {
	orders := make([]any, 100)
	for i := range orders {
		orders[i] = map[string]any{"AmazonOrderId": fmt.Sprint(i), "OrderStatus": "Shipped", "PurchaseDate": "2026-01-01T10:00:00Z",
			"BuyerInfo":       map[string]any{"BuyerEmail": "x@example.com", "BuyerName": "x"},
			"ShippingAddress": map[string]any{"City": "x", "PostalCode": "1", "CountryCode": "US"}}
	}
	s := Source{Name: "x", Data: encode(map[string]any{"openapi": "3.0.0", "paths": map[string]any{"/": map[string]any{"get": map[string]any{
		"responses": map[string]any{"200": map[string]any{"description": "", "content": map[string]any{"application/json": map[string]any{}},
			sandboxKey: map[string]any{"static": []any{map[string]any{"response": map[string]any{"Orders": orders}}}}}}}}}})}
	for _, c := range []struct {
		name string
		of   func(*http.Request, Operation) []string
	}{
		{"without", nil},
		{"nothing", func(*http.Request, Operation) []string { return nil }},
		{"strangers", func(*http.Request, Operation) []string { return []string{"BuyerTaxInformation", "BuyerTaxInfo"} }},
		{"persons", func(*http.Request, Operation) []string { return []string{"BuyerInfo", "ShippingAddress"} }},
	} {
		a, err := New(Config{Documents: []Source{s}, Withhold: c.of})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			for b.Loop() {
				w := httptest.NewRecorder()
				a.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
				b.SetBytes(int64(w.Body.Len()))
			}
		})
	}
}
