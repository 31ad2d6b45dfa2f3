package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"iamd/gateway"
)

const endpoint = ".execute-api.us-east-1.amazonaws.com"

// staged has two stages of the shop, one API in China, one without its default
// endpoint and one that answers every name, which is open.
func staged(c *gateway.Config) {
	beta, cn, custom, rest := c.APIs[0], c.APIs[0], c.APIs[0], c.APIs[0]
	beta.Stage, beta.Hosts = "beta", []string{"beta.example.com"}
	cn.ID, cn.Region, cn.Hosts = "cn", "cn-north-1", []string{"cn.example.com"}
	custom.ID, custom.Hosts, custom.PathPrefix, custom.DisableExecuteAPIEndpoint = "custom", []string{"custom.example.com"}, "/v1", true
	rest.ID, rest.Hosts, rest.Authorization = "Rest", nil, gateway.AuthorizationNone
	c.APIs = append(c.APIs, beta, cn, custom, rest)
}

func TestStages(t *testing.T) {
	w := newWorld(t, staged)
	for _, c := range []struct{ host, path, resource, upstream, prefix string }{
		{"shop" + endpoint, "/prod/orders/1", "shop/prod/GET/orders/1", "/orders/1", "/prod"},
		{"SHOP.Execute-API.us-east-1.amazonaws.com.", "/prod/orders/", "shop/prod/GET/orders/", "/orders/", "/prod"},
		{"shop" + endpoint + ":8443", "/prod", "shop/prod/GET/", "/", "/prod"},
		{"shop" + endpoint + ".:443", "/beta/orders", "shop/beta/GET/orders", "/orders", "/beta"},
		{"shop" + endpoint, "/prod/beta/x", "shop/prod/GET/beta/x", "/beta/x", "/prod"},
		{apiHost, "/prod/orders", "shop/prod/GET/prod/orders", "/prod/orders", ""},
		{"custom.example.com", "/v1/orders", "custom/prod/GET/orders", "/orders", "/v1"},
	} {
		r := w.request(t, "GET", c.path, nil)
		r.Host = c.host
		w.sign(t, r, alice, nil)
		got := do(t, r)
		if got.status != http.StatusAccepted {
			t.Errorf("%s%s: %d %s", c.host, c.path, got.status, got.body)
			continue
		}
		e := <-w.events
		if want := "arn:aws:execute-api:us-east-1:123456789012:" + c.resource; e.Resource != want {
			t.Errorf("%s%s: resource %s", c.host, c.path, e.Resource)
		}
		if s := w.last(t); s.URI != c.upstream || s.Header.Get("X-Forwarded-Prefix") != c.prefix {
			t.Errorf("%s%s: the upstream got %s, prefix %q", c.host, c.path, s.URI, s.Header.Get("X-Forwarded-Prefix"))
		}
	}
	before := w.calls()
	for _, c := range []struct {
		host, path string
		status     int
	}{
		{"shop" + endpoint, "/Prod/x", 400}, {"shop" + endpoint, "/prod;x/y", 400}, {"shop" + endpoint, "/prod/../x", 400}, {"shop" + endpoint, "/%70rod/x", 400},
		{"shop" + endpoint, "/prod./x", 400}, {"shop" + endpoint, "/PROD", 400}, {"shop" + endpoint, "//prod/x", 400}, {"shop" + endpoint, "/prod%2Fx", 400},
		{"shop" + endpoint, "/prod%20/x", 400}, {"shop" + endpoint, "/prod:x/y", 400}, {"shop" + endpoint, "/prod%3Bx", 400},
		{"shop" + endpoint, "/", 404}, {"shop" + endpoint, "/orders", 404}, {"shop" + endpoint, "/production/x", 404}, {"shop" + endpoint, "/gamma/x", 404},
		{"cn" + endpoint, "/prod/x", 202}, // nobody's, so whoever answers every name
		{"cn.execute-api.cn-north-1.amazonaws.com", "/prod/x", 202},
		{"cn.execute-api.cn-north-1.amazonaws.com.cn", "/prod/x", 403},
		{"custom" + endpoint, "/prod/x", 404}, {"custom" + endpoint, "/v1/x", 404},
		{"rest" + endpoint, "/prod/x", 202}, {"rest" + endpoint, "/x", 404},
		{"shop" + endpoint + "..", "/prod/x", 400}, {"shop" + endpoint + ":x", "/prod/x", 400}, {"shop%2eexecute-api.us-east-1.amazonaws.com", "/prod/x", 400},
	} {
		got := raw(t, w, "GET "+c.path+" HTTP/1.1\r\nHost: "+c.host+"\r\nConnection: close\r\n\r\n")
		if got.status != c.status {
			t.Errorf("%s%s: %d %s, want %d", c.host, c.path, got.status, got.body, c.status)
		}
	}
	if n := w.calls() - before; n != 3 {
		t.Errorf("%d calls reached the upstream, want those of the open API", n)
	}
}

func TestEndpointConfig(t *testing.T) {
	base := gateway.API{ID: "a", Account: owner, Upstream: "http://127.0.0.1:1", Hosts: []string{"a.example.com"}}
	with := func(change func(*gateway.API)) gateway.API {
		a := base
		a.Hosts = []string{"b.example.com"}
		change(&a)
		return a
	}
	for _, c := range []struct {
		name string
		api  gateway.API
		says string
	}{
		{"one id in two accounts", with(func(a *gateway.API) { a.Account = other }), "disable_execute_api_endpoint"},
		{"ids that differ by case", with(func(a *gateway.API) { a.ID = "A" }), "disable_execute_api_endpoint"},
		{"stages that differ by case", with(func(a *gateway.API) { a.Stage = "Prod" }), "disable_execute_api_endpoint"},
		{"without the endpoint", with(func(a *gateway.API) { a.Account, a.DisableExecuteAPIEndpoint = other, true }), ""},
		{"stages", with(func(a *gateway.API) { a.Stage = "beta" }), ""},
		{"an id that is no name", with(func(a *gateway.API) { a.ID = "-b-" + strings.Repeat("x", 70) }), ""},
		{"its own endpoint as a host", with(func(a *gateway.API) { a.ID, a.Hosts, a.PathPrefix = "b", []string{"b" + endpoint}, "/prod" }), ""},
	} {
		g, err := gateway.New(gateway.Config{SpoolDir: t.TempDir(), APIs: []gateway.API{base, c.api}}, gateway.Deps{Guard: nobody{}, Account: accounts{}.View})
		switch {
		case c.says == "" && err != nil, c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v", c.name, err)
		case err == nil && len(g.APIs()) != 2:
			t.Errorf("%s: %d APIs", c.name, len(g.APIs()))
		}
	}
}

func TestHeaderBounds(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { partners(c); c.MaxHeader = 2000 })
	ask := func(host string, path string, padding int) reply {
		r := w.request(t, "GET", path, nil)
		r.Host = host
		r.Header.Set("X-Padding", strings.Repeat("x", padding))
		r.Header.Set("X-Amz-Access-Token", "Atza|alice/A1")
		w.sign(t, r, alice, nil)
		return do(t, r)
	}
	if got := ask(apiHost, "/orders", 1000); got.status != http.StatusAccepted {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask(apiHost, "/orders", 2000); got.status != 431 || !strings.Contains(got.body, "2000 bytes") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask("both.example.com", "/orders", 2000); got.status != 431 || !strings.Contains(got.body, `"code": "RequestHeaderFieldsTooLarge"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask(apiHost, "/orders?"+strings.Repeat("x", 2000), 0); got.status != 431 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask(apiHost, "/"+strings.Repeat("x", 1600), 0); got.status != 414 || got.header.Get("x-amzn-ErrorType") != "RequestURITooLongException" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask("both.example.com", "/"+strings.Repeat("x", 1600), 0); got.status != 414 || !strings.Contains(got.body, `"code": "InvalidInput"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	wide := newWorld(t, nil)
	r := wide.request(t, "GET", "/orders", nil)
	r.Header.Set("X-Padding", strings.Repeat("x", 9000)) // API Gateway's bound is 10,240
	wide.sign(t, r, alice, nil)
	if got := do(t, r); got.status != http.StatusAccepted {
		t.Errorf("%d %s", got.status, got.body)
	}
}
