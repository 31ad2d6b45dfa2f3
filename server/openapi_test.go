package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iamd/gateway"
)

const shopDocument = `{"openapi":"3.0.3","info":{"title":"Shop","version":"1"},"paths":{"/orders/{id}":{"get":{"operationId":"getOrder",
	"description":"One order.\n\n**Usage Plan:**\n\n| Rate (requests per second) | Burst |\n| ---- | ---- |\n| 0.001 | 2 |\n",
	"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string","maxLength":3}}],
	"responses":{"200":{"description":"It.","content":{"application/json":{"example":{"id":"7"}}}}}}}}}`

// A document answers in an upstream's place: its examples, within its plan.
func TestOpenAPI(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.json")
	if err := os.WriteFile(file, []byte(shopDocument), 0o600); err != nil {
		t.Fatal(err)
	}
	const account = "123456789012"
	cfg := Config{
		DataDir: t.TempDir(), Root: Root{AccountID: account}, Documents: map[int][]string{1: {file}},
		Gateway: gateway.Config{APIs: []gateway.API{
			{ID: "other", Account: account, Hosts: []string{"other.example.com"}, Upstream: "http://127.0.0.1:1"},
			{ID: "shop", Account: account, Authorization: gateway.AuthorizationNone},
		}},
	}
	s := start(t, cfg)
	gate := httptest.NewServer(s.Gateway())
	defer gate.Close()
	for _, c := range []struct {
		path   string
		status int
		limit  string
		says   string
	}{
		{"/orders/7", 200, "0.001", `"id":"7"`},
		{"/orders/7000", 400, "0.001", `"InvalidInput"`},
		{"/orders/7", 429, "0.001", "Too Many Requests"},
		{"/customers", 404, "", "Not Found"},
	} {
		resp, err := http.Get(gate.URL + c.path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.status || resp.Header.Get("X-Amzn-Ratelimit-Limit") != c.limit ||
			!strings.Contains(strings.ReplaceAll(string(text), " ", ""), strings.ReplaceAll(c.says, " ", "")) {
			t.Errorf("%s: %d %v %s", c.path, resp.StatusCode, resp.Header, text)
		}
	}
}

// What can't be read stops the start, with the API's name.
func TestOpenAPIMissing(t *testing.T) {
	for what, documents := range map[string]map[int][]string{
		`api "shop": openapi:`: {0: {filepath.Join(t.TempDir(), "none.json")}},
		"there is no API 1":    {1: {"x.json"}},
	} {
		_, err := New(t.Context(), Config{DataDir: t.TempDir(), Documents: documents, Gateway: gateway.Config{APIs: []gateway.API{{ID: "shop", Account: "123456789012"}}}})
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %s", err, what)
		}
	}
}
