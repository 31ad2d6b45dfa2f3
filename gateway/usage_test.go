package gateway_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/guard"
	"iamd/sigv4"
)

// backend has three operations, one of them without a plan, and tells what it got.
type backend struct{}

func (backend) Operation(method, path string) (gateway.Operation, bool) {
	switch {
	case method == "GET" && strings.HasPrefix(path, "/orders"):
		return gateway.Operation{Name: "getOrders", Rate: 0.5, Burst: 2}, true
	case method == "GET" && path == "/grantless":
		return gateway.Operation{Name: "grantless", Rate: 1, Burst: 1}, true
	case method == "POST" && path == "/orders":
		return gateway.Operation{Name: "createOrder"}, true
	}
	return gateway.Operation{}, false
}

func (backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "https://upstream.example")
	if r.URL.Path == "/orders/bad" {
		w.WriteHeader(http.StatusBadRequest)
	}
	fmt.Fprintf(w, "%s %s host=%s operation=%s client=%s partner=%s scope=%s principal=%s token=%s body=%s", r.Method, r.URL.Path, r.Host,
		r.Header.Get("X-Iamd-Operation"), r.Header.Get("X-Iamd-Client-Id"), r.Header.Get("X-Iamd-Selling-Partner-Id"), r.Header.Get("X-Iamd-Lwa-Scope"),
		r.Header.Get("X-Iamd-Principal-Arn"), r.Header.Get("X-Amz-Access-Token")+r.Header.Get("Authorization"), body)
}

// mocked answers all contracts by a backend, each at its own host and in its sandbox.
func mocked(c *gateway.Config) {
	partners(c)
	open := c.APIs[0]
	open.ID, open.Hosts, open.Authorization = "open", []string{"open.example.com"}, gateway.AuthorizationNone
	c.APIs = append(c.APIs, open)
	for i := range c.APIs {
		a := &c.APIs[i]
		a.Upstream, a.Backend = "", backend{}
		a.Hosts = append(a.Hosts, "sandbox."+a.Hosts[0])
	}
}

func (w *world) to(t *testing.T, host, path string, cred *sigv4.Credentials, token string) *http.Request {
	t.Helper()
	r := w.request(t, "GET", path, nil)
	r.Host = host
	if cred != nil {
		w.sign(t, r, *cred, nil)
	}
	if token != "" {
		r.Header.Set("X-Amz-Access-Token", token)
	}
	return r
}

func TestUsagePlan(t *testing.T) {
	w := newWorld(t, mocked)
	role := w.session(t)
	const host = "both.example.com"
	for i, want := range []int{200, 400, 429, 429} { // whatever is answered counts, refusals don't
		path := "/orders"
		if i == 1 {
			path = "/orders/bad"
		}
		w.refusedOr(t, w.to(t, host, "/orders", &bob, "Atza|alice/A1"), 403)
		got := do(t, w.to(t, host, path, &alice, "Atza|alice/A1"))
		limit := got.header.Get("x-amzn-RateLimit-Limit")
		if got.status != want || limit != "0.5" {
			t.Fatalf("call %d: %d, limit %q, %s", i, got.status, limit, got.body)
		}
		if want == 429 && (got.header.Get("x-amzn-ErrorType") != "TooManyRequestsException" || len(got.body) != 134 ||
			!strings.Contains(got.body, `"message": "You exceeded your quota for the requested resource.",`+"\n     "+`"code": "QuotaExceeded"`)) {
			t.Errorf("%d bytes, %s", len(got.body), got.body)
		}
	}
	// No spelling, prefix, query or name of the host gives another bucket.
	for _, r := range []*http.Request{
		w.to(t, host, "/orders/x", &alice, "Atza|alice/A1"), w.to(t, host, "/orders?a=b", &alice, "Atza|alice/A1"), w.to(t, "Both.Example.com.", "/orders", &alice, "Atza|alice/A1"),
		w.to(t, "both.execute-api.us-east-1.amazonaws.com:443", "/prod/orders", &alice, "Atza|alice/A1"),
	} {
		w.refusedOr(t, r, 429)
	}
	// Another seller, application, operation, API or sandbox has its own.
	for _, r := range []*http.Request{
		w.to(t, host, "/orders", &alice, "Atza|alice/A2"), w.to(t, host, "/orders", &role, "Atza|shop/A1"),
		w.to(t, host, "/grantless", &alice, "Atza|alice"), w.to(t, "token.example.com", "/orders", nil, "Atza|alice/A1"),
		w.to(t, "sandbox."+host, "/orders", &alice, "Atza|alice/A1"),
	} {
		w.refusedOr(t, r, 200)
	}
	w.refusedOr(t, w.to(t, host, "/grantless", &alice, "Atza|alice"), 429)
	later := noon.Add(2 * time.Second) // one more at a rate of 0.5
	w.now.Store(&later)
	w.refusedOr(t, w.to(t, host, "/orders", &alice, "Atza|alice/A1"), 200)
	w.refusedOr(t, w.to(t, host, "/orders", &alice, "Atza|alice/A1"), 429)
}

// refusedOr sends a request and checks the status.
func (w *world) refusedOr(t *testing.T, r *http.Request, status int) reply {
	t.Helper()
	got := do(t, r)
	if got.status != status {
		t.Errorf("%s%s: %d, want %d: %s", r.Host, r.URL.Path, got.status, status, got.body)
	}
	return got
}

func TestSandboxPlan(t *testing.T) {
	w := newWorld(t, mocked)
	for range 15 {
		if got := do(t, w.to(t, "sandbox.token.example.com", "/orders", nil, "Atza|alice/A1")); got.status != 200 || got.header.Get("x-amzn-RateLimit-Limit") != "5.0" {
			t.Fatalf("%d %v", got.status, got.header)
		}
	}
	if got := do(t, w.to(t, "sandbox.token.example.com", "/orders", nil, "Atza|alice/A1")); got.status != 429 || !strings.Contains(got.body, `"details": ""`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestPlansOfOthers(t *testing.T) {
	w := newWorld(t, mocked)
	// An account's callers share a bucket, strangers one of their address.
	for _, want := range []int{200, 200, 429} {
		w.refusedOr(t, w.to(t, apiHost, "/orders", &alice, ""), want)
		w.refusedOr(t, w.to(t, "open.example.com", "/orders", nil, ""), want)
	}
	if got := w.refusedOr(t, w.to(t, apiHost, "/orders", &dave, ""), 429); got.body != `{"message":"Too Many Requests"}` {
		t.Errorf("%s", got.body)
	}
	free := newWorld(t, func(c *gateway.Config) { mocked(c); c.APIs[0].NoUsagePlans = true })
	for range 5 {
		if got := do(t, free.to(t, apiHost, "/orders", &alice, "")); got.status != 200 || got.header.Get("x-amzn-RateLimit-Limit") != "0.5" {
			t.Errorf("%d %v", got.status, got.header)
		}
	}
	for range 5 { // an operation without a plan
		r := w.request(t, "POST", "/orders", []byte("{}"))
		w.sign(t, r, alice, []byte("{}"))
		if got := do(t, r); got.status != 200 || got.header.Get("x-amzn-RateLimit-Limit") != "" {
			t.Errorf("%d %v", got.status, got.header)
		}
	}
}

// An operation that is not there is told to whoever may call, and to nobody else.
func TestUnknownOperation(t *testing.T) {
	w := newWorld(t, mocked)
	for _, c := range []struct {
		r      *http.Request
		status int
		kind   string
		words  string
	}{
		{w.to(t, apiHost, "/other", nil, ""), 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`},
		{w.to(t, apiHost, "/other", &bob, ""), 403, "AccessDeniedException", "bob is not authorized"},
		{w.to(t, apiHost, "/other", &alice, ""), 404, "NotFoundException", `{"message":"Not Found"}`},
		{w.to(t, "both.example.com", "/other", nil, "Atza|alice/A1"), 403, "MissingAuthenticationTokenException", `"MissingAuthenticationToken"`},
		{w.to(t, "both.example.com", "/other", &alice, ""), 403, "AccessDeniedException", "Access token is missing"},
		{w.to(t, "both.example.com", "/other", &alice, "Atza|alice/A1"), 403, "MissingAuthenticationTokenException", `"code": "MissingAuthenticationToken"`},
		{w.to(t, "token.example.com", "/other", nil, "x"), 403, "AccessDeniedException", "malformed"},
		{w.to(t, "token.example.com", "/other", nil, "Atza|alice/A1"), 404, "NotFoundException", `"code": "NotFound"`},
		{w.to(t, "open.example.com", "/other", nil, ""), 404, "NotFoundException", `{"message":"Not Found"}`},
	} {
		w.refusedWith(t, c.r, c.status, c.kind, c.words)
	}
}

func TestBackendGets(t *testing.T) {
	w := newWorld(t, mocked)
	for _, c := range []struct {
		r    *http.Request
		want string
	}{
		{w.to(t, "sandbox.both.example.com", "/orders/1", &alice, "Atza|alice/A1"), "GET /orders/1 host=sandbox.both.example.com operation=getOrders client=client-alice partner=A1 scope= principal=arn:aws:iam::123456789012:user/alice token= body="},
		{w.to(t, "both.example.com", "/grantless", &alice, "Atza|alice"), "GET /grantless host=both.example.com operation=grantless client=client-alice partner= scope=sellingpartnerapi::notifications principal=arn:aws:iam::123456789012:user/alice token= body="},
		{w.to(t, "token.execute-api.us-east-1.amazonaws.com", "/prod/orders/2", nil, "Atza|shop/A1"), "GET /orders/2 host=token.execute-api.us-east-1.amazonaws.com operation=getOrders client=client-shop partner=A1 scope= principal= token= body="},
	} {
		if got := do(t, c.r); got.body != c.want {
			t.Errorf("got  %s\nwant %s", got.body, c.want)
		}
	}
}

// Other proxies are told the same, also of APIs with these contracts.
func TestAskContracts(t *testing.T) {
	w := newWorld(t, mocked)
	ask := func(r *http.Request) gateway.Answer {
		r.RequestURI = r.URL.RequestURI()
		r.URL = &url.URL{Path: r.URL.Path} // as it is on the wire
		return w.gateway.Ask(t.Context(), gateway.Asked{Request: r, Body: gateway.BodyNone, From: guard.Origin{SourceIP: "192.0.2.1", Time: noon}})
	}
	got := ask(w.to(t, "both.example.com", "/orders", &alice, "Atza|alice/A1"))
	if !got.Allowed || got.Set.Get("X-Iamd-Client-Id") != "client-alice" || got.Set.Get("X-Iamd-Operation") != "getOrders" || got.Set.Get("X-Iamd-Principal-Arn") == "" {
		t.Errorf("%+v %s", got, got.Text)
	}
	if removed := strings.Join(got.Remove, " "); !strings.Contains(removed, "X-Amz-Access-Token") || !strings.Contains(removed, "Authorization") {
		t.Errorf("removed %s", removed)
	}
	for _, want := range []bool{true, true, false} {
		if got := ask(w.to(t, "token.example.com", "/orders", nil, "Atza|alice/A1")); got.Allowed != want || got.Status != map[bool]int{true: 200, false: 429}[want] {
			t.Errorf("%+v %s", got, got.Text)
		}
	}
	if got := ask(w.to(t, "open.example.com", "/orders", nil, "")); !got.Allowed || len(got.Set) != 2 {
		t.Errorf("%+v", got)
	}
	if got := ask(w.to(t, "token.example.com", "/orders", nil, "")); got.Allowed || got.Status != 403 || !strings.Contains(string(got.Text), "missing in the request header") {
		t.Errorf("%+v", got)
	}
	if got := ask(w.to(t, "token.example.com", "/nothing", nil, "Atza|alice/A1")); got.Allowed || got.Status != 404 {
		t.Errorf("%+v", got)
	}
}

// A body that nobody sees must be vouched for by a signature, and by one that
// says so.
func TestUnseenBodies(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		partners(c)
		for i := range c.APIs {
			c.APIs[i].AcceptUncheckedBodies = true
		}
	})
	sum := sha256.Sum256([]byte("x"))
	ask := func(host, token string, sign bool, names ...string) gateway.Answer {
		r := w.request(t, "POST", "/orders", nil)
		r.Host = host
		r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
		r.Header.Set("X-Amz-Access-Token", token)
		if sign {
			signOnly(t, r, sum, alice, noon, names)
		}
		r.URL, r.RequestURI = &url.URL{Path: "/orders"}, "/orders"
		return w.gateway.Ask(t.Context(), gateway.Asked{Request: r, Body: gateway.BodyUnseen, From: guard.Origin{Time: noon}})
	}
	for _, host := range []string{apiHost, "both.example.com"} {
		if got := ask(host, "Atza|alice/A1", true, "host", "x-amz-access-token", "x-amz-content-sha256", "x-amz-date"); !got.Allowed {
			t.Errorf("%s: %d %s", host, got.Status, got.Text)
		}
		if got := ask(host, "Atza|alice/A1", true, "host", "x-amz-access-token", "x-amz-date"); got.Allowed || got.Status != 403 {
			t.Errorf("%s, the hash unsigned: %d %s", host, got.Status, got.Text)
		}
		if got := ask(host, "Atza|alice/A1", false); got.Allowed || got.Status != 403 {
			t.Errorf("%s, unsigned: %d %s", host, got.Status, got.Text)
		}
	}
	if got := ask("token.example.com", "Atza|alice/A1", false); !got.Allowed {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}
