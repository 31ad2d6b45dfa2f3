package main

import (
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/server"
)

func TestGuardedAPIs(t *testing.T) {
	take := func(text string) (server.Config, error) {
		c, err := load(write(t, text), nil)
		if err != nil {
			return server.Config{}, err
		}
		return c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
	}
	got, err := take(`
gateway:
  max_header: 20000
  apis:
    - {id: plain, account: 000000000012, upstream: "http://127.0.0.1:1"}
    - id: orders
      account: 000000000012
      openapi: models/orders.json
      authorization: AWS_IAM+LWA
      usage_plans: false
      accept_unchecked_bodies: true
      disable_execute_api_endpoint: true
      cors:
        allow_origins: [https://shop.example.com]
        allow_methods: [GET]
        allow_headers: [authorization]
        expose_headers: [x-amzn-requestid]
        max_age: 5m
        allow_credentials: true
    - {id: both, account: 000000000012, openapi: [a.yaml, b], authorization: LWA, usage_plans: true}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []gateway.API{
		{ID: "plain", Account: "000000000012", Upstream: "http://127.0.0.1:1"},
		{
			ID: "orders", Account: "000000000012", Authorization: gateway.AuthorizationIAMLWA, NoUsagePlans: true, AcceptUncheckedBodies: true,
			DisableExecuteAPIEndpoint: true, CORS: &gateway.CORS{
				AllowOrigins: []string{"https://shop.example.com"}, AllowMethods: []string{"GET"}, AllowHeaders: []string{"authorization"},
				ExposeHeaders: []string{"x-amzn-requestid"}, MaxAge: 5 * time.Minute, AllowCredentials: true,
			},
		},
		{ID: "both", Account: "000000000012", Authorization: gateway.AuthorizationLWA},
	}
	if !reflect.DeepEqual(got.Gateway.APIs, want) {
		t.Errorf("got  %+v\nwant %+v", got.Gateway.APIs, want)
	}
	documents := map[int][]string{1: {"models/orders.json"}, 2: {"a.yaml", "b"}}
	if !reflect.DeepEqual(got.Documents, documents) || got.Gateway.MaxHeader != 20000 {
		t.Errorf("%v, %d", got.Documents, got.Gateway.MaxHeader)
	}
	for text, says := range map[string]string{
		`gateway: {apis: [{id: a, upstream: "http://h", openapi: x.json}]}`: "choose who answers",
		`gateway: {apis: [{id: a, cors: {allow_origin: ["*"]}}]}`:           "unknown field",
		`gateway: {apis: [{id: a, usage_plans: maybe}]}`:                    "usage_plans",
	} {
		if _, err := take(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
