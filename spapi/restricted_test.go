package spapi_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/server"
)

// document has an operation that gives restricted data tokens, and one that asks
// for one.
const document = `{"openapi": "3.0.3", "info": {"title": "Orders", "version": "0"}, "paths": {
	"/tokens/2021-03-01/restrictedDataToken": {"post": {"operationId": "createRestrictedDataToken",
		"requestBody": {"content": {"application/json": {}}}, "responses": {"200": {"description": "ok"}}}},
	"/orders/v0/orders/{orderId}/address": {"get": {"operationId": "getOrderAddress",
		"parameters": [{"name": "orderId", "in": "path", "required": true, "schema": {"type": "string"}}],
		"responses": {"200": {"description": "ok", "content": {"application/json": {"example": {"payload": {}}}}}}}}
}}`

// TestRestrictedDataToken: behind the gateway, as the client of an application has
// it: a token, a restricted data token, and the restricted operation.
func TestRestrictedDataToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "orders.json")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	w := start(t, func(cfg *server.Config) {
		cfg.Gateway = gateway.Config{Listen: "127.0.0.1:0", APIs: []gateway.API{{ID: "orders", Account: "111122223333", Authorization: gateway.AuthorizationLWA}}}
		cfg.Documents = map[int][]string{0: {file}}
	})
	front := httptest.NewServer(w.Gateway())
	defer front.Close()
	a := w.app(t)
	call := func(token, method, path, body string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, front.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Iamd-Client-Id", "somebody else")
		if token != "" {
			r.Header.Set("X-Amz-Access-Token", token)
		}
		return do(t, r)
	}
	const tokens, address = "/tokens/2021-03-01/restrictedDataToken", "/orders/v0/orders/902-1/address"
	access := w.token(t, a.with("grant_type", "refresh_token", "refresh_token", a.refresh)...).text("access_token")
	if got := call(access, "GET", address, ""); got.status != http.StatusForbidden {
		t.Errorf("without a restricted data token: %d %s", got.status, got.body)
	}
	for what, body := range map[string]string{
		"a list": `{"restrictedResources":[{"method":"GET","path":"/orders/v0/orders/{orderId}/address","dataElements":["shippingAddress"]}]}`,
		"one":    `{"restrictedResources":{"method":"GET","path":"` + address + `"}}`,
	} {
		got := call(access, "POST", tokens, body)
		token := got.text("restrictedDataToken")
		if got.status != 200 || string(got.body) != `{"expiresIn":3600,"restrictedDataToken":"`+token+`"}` || !strings.HasPrefix(token, "Atz.sprdt|") {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
		if used := call(token, "GET", address, ""); used.status != 200 {
			t.Errorf("%s, used: %d %s", what, used.status, used.body)
		}
		if used := call(token, "POST", tokens, body); used.status != http.StatusForbidden {
			t.Errorf("%s, for another: %d %s", what, used.status, used.body)
		}
	}
	for body, message := range map[string]string{
		`{"restrictedResources":[]}`: "Empty target resource arguement found",
		`{"restrictedResources":[{"method":"GET","path":"/sellers/v1/account"}]}`:      "Application do not have access to some or all requested resource",
		`{"restrictedResources":[{"method":"","path":"/orders/v0/orders/9/address"}]}`: "Invalid Input",
		`{"restrictedResources":"x"}`: "Invalid Input",
		`x`:                           "Invalid Input",
		`{"restrictedResources":[],"x":"` + strings.Repeat("a", 128<<10) + `"}`:          "Invalid Input",
		`{"restrictedResources":[{"method":"GET","path":"` + address + `"},{"path":1}]}`: "Invalid Input",
	} {
		got := call(access, "POST", tokens, body)
		want := "{\n  \"errors\": [\n    {\n      \"code\": \"InvalidInput\",\n      \"message\": \"" + message + "\",\n      \"details\": \"\"\n    }\n  ]\n}"
		if got.status != http.StatusBadRequest || string(got.body) != want {
			t.Errorf("%.80s: %d %s", body, got.status, got.body)
		}
	}
	w.ahead.Store(int64(time.Hour))
	if got := call(access, "GET", address, ""); got.status != http.StatusForbidden || !strings.Contains(string(got.body), "The access token you provided has expired.") {
		t.Errorf("after an hour: %d %s", got.status, got.body)
	}
}
