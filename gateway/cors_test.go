package gateway_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
)

const page = "https://shop.example.com"

// shared lets pages call the shop; those of partners by name, with credentials.
func shared(c *gateway.Config) {
	c.APIs[0].CORS = &gateway.CORS{
		AllowOrigins: []string{"*"}, AllowMethods: []string{"GET", "POST"}, AllowHeaders: []string{"authorization", "*"},
		ExposeHeaders: []string{"x-upstream"}, MaxAge: 5 * time.Minute,
	}
	partners(c)
	c.APIs[1].CORS = &gateway.CORS{
		AllowOrigins: []string{page, "http://localhost:3000"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"x-amz-date"}, AllowCredentials: true,
	}
	c.APIs[2].CORS = &gateway.CORS{AllowOrigins: []string{"https://*"}}
	plain := c.APIs[0]
	plain.ID, plain.Hosts, plain.CORS = "plain", []string{"plain.example.com"}, nil
	c.APIs = append(c.APIs, plain)
}

// cors gives the headers of an answer that are about sharing.
func cors(h http.Header) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			out = append(out, strings.TrimPrefix(name, "Access-Control-")+"="+strings.Join(h[name], "|"))
		}
	}
	return strings.Join(out, " ")
}

func TestPreflight(t *testing.T) {
	w := newWorld(t, shared)
	ask := func(method, host string, headers ...string) reply {
		r := w.request(t, method, "/orders", nil)
		r.Host = host
		for i := 0; i < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		return do(t, r)
	}
	const (
		origin = "Origin"
		method = "Access-Control-Request-Method"
		any    = "Allow-Headers=authorization,* Allow-Methods=GET,POST Allow-Origin=* Max-Age=300"
		named  = "Allow-Credentials=true Allow-Headers=x-amz-date Allow-Methods=PUT Allow-Origin=" + page + " Vary=Origin"
	)
	for _, c := range []struct {
		name, host, method string
		headers            []string
		status             int
		want               string
	}{
		{"any origin", apiHost, "OPTIONS", []string{origin, page, method, "POST"}, 204, any},
		{"any method", apiHost, "OPTIONS", []string{origin, page, method, "DELETE"}, 204, any}, // the browser compares
		{"named", "both.example.com", "OPTIONS", []string{origin, page, method, "PUT"}, 204, named},
		{"not named", "both.example.com", "OPTIONS", []string{origin, "https://evil.example", method, "PUT"}, 204, "Vary=Origin"},
		{"a name inside another", "both.example.com", "OPTIONS", []string{origin, page + ".evil.example", method, "PUT"}, 204, "Vary=Origin"},
		{"another case", "both.example.com", "OPTIONS", []string{origin, "https://SHOP.example.com", method, "PUT"}, 204, "Vary=Origin"},
		{"nowhere", "both.example.com", "OPTIONS", []string{origin, "null", method, "PUT"}, 204, "Vary=Origin"},
		{"a scheme", "token.example.com", "OPTIONS", []string{origin, "https://any.example", method, "PUT"}, 204, "Allow-Origin=https://any.example Vary=Origin"},
		{"another scheme", "token.example.com", "OPTIONS", []string{origin, "http://any.example", method, "PUT"}, 204, "Vary=Origin"},
		{"default endpoint", "shop.execute-api.us-east-1.amazonaws.com", "OPTIONS", []string{origin, page, method, "POST"}, 404, ""},
		// What is no preflight is judged as any request, and its refusal can be read.
		{"no origin", apiHost, "OPTIONS", []string{method, "POST"}, 403, ""},
		{"no method", apiHost, "OPTIONS", []string{origin, page}, 403, "Allow-Origin=* Expose-Headers=x-upstream"},
		{"empty method", apiHost, "OPTIONS", []string{origin, page, method, ""}, 403, "Allow-Origin=* Expose-Headers=x-upstream"},
		{"two origins", apiHost, "OPTIONS", []string{origin, page, origin, page, method, "POST"}, 403, ""},
		{"two methods", apiHost, "OPTIONS", []string{origin, page, method, "POST", method, "GET"}, 403, "Allow-Origin=* Expose-Headers=x-upstream"},
		{"GET", apiHost, "GET", []string{origin, page, method, "POST"}, 403, "Allow-Origin=* Expose-Headers=x-upstream"},
		{"POST", "both.example.com", "POST", []string{origin, page, method, "PUT"}, 403, "Allow-Credentials=true Allow-Origin=" + page + " Vary=Origin"},
		{"override", apiHost, "GET", []string{origin, page, method, "POST", "X-Http-Method-Override", "OPTIONS"}, 403, "Allow-Origin=* Expose-Headers=x-upstream"},
		{"not configured", "plain.example.com", "OPTIONS", []string{origin, page, method, "POST"}, 403, ""},
		{"nobody's", "other.example.com", "OPTIONS", []string{origin, page, method, "POST"}, 404, ""},
	} {
		got := ask(c.method, c.host, c.headers...)
		if got.status != c.status || cors(got.header) != c.want {
			t.Errorf("%s: %d %s, want %d %s", c.name, got.status, cors(got.header), c.status, c.want)
		}
		if c.status == 204 && (got.body != "" || got.header.Get("X-Amzn-Requestid") == "") {
			t.Errorf("%s: %v %q", c.name, got.header, got.body)
		}
	}
	if w.calls() != 0 {
		t.Error("the upstream was called")
	}
	at := w.request(t, "OPTIONS", "/prod/orders", nil)
	at.Host = "both.execute-api.us-east-1.amazonaws.com"
	at.Header.Set(origin, page)
	at.Header.Set(method, "PUT")
	if got := do(t, at); got.status != 204 || cors(got.header) != named {
		t.Errorf("default endpoint: %d %s", got.status, cors(got.header))
	}
	// A body that comes along is nobody's, and no second request.
	smuggled := "GET /orders HTTP/1.1\r\nHost: " + apiHost + "\r\n\r\n"
	got := raw(t, w, "OPTIONS /orders HTTP/1.1\r\nHost: "+apiHost+"\r\nOrigin: "+page+"\r\nAccess-Control-Request-Method: GET\r\n"+
		"Content-Length: 70\r\n\r\n"+smuggled+strings.Repeat(" ", 70-len(smuggled)))
	if got.status != 204 || w.calls() != 0 {
		t.Errorf("%d, %d calls", got.status, w.calls())
	}
	for range 21 {
		<-w.events
	}
	if e := <-w.events; e.Status != 204 || e.Allowed || e.Caller != nil || e.API == nil {
		t.Errorf("%+v", e)
	}
}

func TestSharedAnswers(t *testing.T) {
	w := newWorld(t, shared)
	upstream := w.upstream.Config.Handler
	w.upstream.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Access-Control-Allow-Origin", "https://upstream.example")
		rw.Header().Set("Access-Control-Allow-Private-Network", "true")
		rw.Header().Set("Vary", "Accept")
		upstream.ServeHTTP(rw, r)
	})
	for _, c := range []struct{ host, origin, token, want string }{
		{apiHost, page, "", "Allow-Origin=* Expose-Headers=x-upstream Vary=Accept"},
		{apiHost, "", "", "Vary=Accept"},
		{"both.example.com", page, "Atza|alice/A1", "Allow-Credentials=true Allow-Origin=" + page + " Vary=Accept|Origin"},
		{"both.example.com", "https://evil.example", "Atza|alice/A1", "Vary=Accept|Origin"},
		{"both.example.com", "", "Atza|alice/A1", "Vary=Accept|Origin"},
		{"plain.example.com", page, "", "Allow-Origin=https://upstream.example Allow-Private-Network=true Vary=Accept"},
	} {
		r := w.ask(t, c.host, &alice, c.token)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if got := do(t, r); got.status != http.StatusAccepted || cors(got.header) != c.want {
			t.Errorf("%s from %s: %d %s, want %s", c.host, c.origin, got.status, cors(got.header), c.want)
		}
	}
}

func TestCORSConfig(t *testing.T) {
	for _, c := range []struct {
		name string
		cors gateway.CORS
		says string
	}{
		{"empty", gateway.CORS{}, "allow_origins is empty"},
		{"all with credentials", gateway.CORS{AllowOrigins: []string{"*"}, AllowCredentials: true}, "act as its visitor"},
		{"a scheme with credentials", gateway.CORS{AllowOrigins: []string{page, "https://*"}, AllowCredentials: true}, "act as its visitor"},
		{"all headers with credentials", gateway.CORS{AllowOrigins: []string{page}, AllowHeaders: []string{"*"}, AllowCredentials: true}, `allow_headers has "*"`},
		{"path", gateway.CORS{AllowOrigins: []string{page + "/"}}, "no origin as browsers write it"},
		{"no scheme", gateway.CORS{AllowOrigins: []string{"shop.example.com"}}, "no origin"},
		{"null", gateway.CORS{AllowOrigins: []string{"null"}}, "no origin"},
		{"case", gateway.CORS{AllowOrigins: []string{"https://Shop.example.com"}}, "no origin"},
		{"wildcard inside", gateway.CORS{AllowOrigins: []string{"https://*.example.com"}}, "no origin"},
		{"port of the scheme", gateway.CORS{AllowOrigins: []string{page + ":443"}}, "no origin"},
		{"method", gateway.CORS{AllowOrigins: []string{page}, AllowMethods: []string{"GET, POST"}}, "is no name"},
		{"header", gateway.CORS{AllowOrigins: []string{page}, ExposeHeaders: []string{"a\r\nb"}}, "is no name"},
		{"age", gateway.CORS{AllowOrigins: []string{page}, MaxAge: time.Millisecond}, "whole seconds"},
		{"good", gateway.CORS{AllowOrigins: []string{page, "http://localhost:3000", "https://[::1]:8443"}, AllowCredentials: true}, ""},
	} {
		_, err := gateway.New(gateway.Config{SpoolDir: t.TempDir(), APIs: []gateway.API{{ID: "a", Account: owner, Upstream: "http://127.0.0.1:1", CORS: &c.cors}}},
			gateway.Deps{Guard: nobody{}, Account: accounts{}.View})
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	_, err := gateway.New(gateway.Config{SpoolDir: t.TempDir(), APIs: []gateway.API{{ID: "a", Account: owner, CORS: &gateway.CORS{AllowOrigins: []string{"*"}}}}},
		gateway.Deps{Guard: nobody{}, Account: accounts{}.View})
	if err == nil || !strings.Contains(err.Error(), "proxy in front") {
		t.Errorf("decided here only: %v", err)
	}
}
