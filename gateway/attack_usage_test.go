package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"iamd/gateway"
)

// twins are operations of two documents that share a name, as Amazon's do, and one
// whose path has a character that may be escaped.
type twins struct{}

func (twins) Operation(method, path string) (gateway.Operation, bool) {
	switch {
	case method != "GET":
	case path == "/orders":
		return gateway.Operation{Name: "getOrders", Path: "/orders", Rate: 0.01, Burst: 1}, true
	case path == "/vendor/orders":
		return gateway.Operation{Name: "getOrders", Path: "/vendor/orders", Rate: 10, Burst: 10}, true
	case path == "/items:batch" || path == "/items%3Abatch":
		return gateway.Operation{Name: "batch", Path: "/items:batch", Rate: 10, Burst: 10}, true
	case strings.HasPrefix(path, "/items"):
		return gateway.Operation{Name: "getItem", Path: "/{item}", Rate: 0.01, Burst: 1}, true
	}
	return gateway.Operation{}, false
}

func (twins) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, r.URL.EscapedPath(), " ", r.Header.Get("X-Iamd-Operation"))
}

func twinned(c *gateway.Config) {
	partners(c)
	wild := c.APIs[0]
	wild.ID, wild.Hosts, wild.Authorization = "wild", nil, gateway.AuthorizationNone
	c.APIs = append(c.APIs, wild)
	for i := range c.APIs {
		c.APIs[i].Upstream, c.APIs[i].Backend = "", twins{}
	}
}

// An operation with a generous plan lends nothing to another of its name.
func TestNamesakesHaveTheirOwnBuckets(t *testing.T) {
	w := newWorld(t, twinned)
	send := func(path string, want int) {
		t.Helper()
		w.refusedOr(t, w.to(t, "token.example.com", path, nil, "Atza|alice/A1"), want)
	}
	send("/vendor/orders", 200)
	send("/orders", 200)
	send("/orders", 429)
	send("/vendor/orders", 200)
	send("/vendor/orders", 200)
}

// A sandbox is a name that an API was given, not one that a caller makes up.
func TestSandboxIsNotForTheCallerToName(t *testing.T) {
	w := newWorld(t, twinned)
	w.refusedOr(t, w.to(t, "any.example.net", "/orders", nil, ""), 200)
	for _, host := range []string{"sandbox.any.example.net", "SANDBOX.any.example.net.", "sandbox.x", "sandbox.x:80"} {
		w.refusedOr(t, w.to(t, host, "/orders", nil, ""), 429)
	}
}

// What is asked of the backend is what it is told that it is asked: no path is
// decoded twice on the way to one of the two.
func TestOperationIsOfThePathAsSent(t *testing.T) {
	w := newWorld(t, twinned)
	got := do(t, w.to(t, "token.example.com", "/items%253Abatch", nil, "Atza|alice/A1"))
	if got.status != 200 || got.body != "/items%253Abatch getItem" {
		t.Errorf("%d %s", got.status, got.body)
	}
	got = do(t, w.to(t, "token.example.com", "/items%3Abatch", nil, "Atza|alice/A1"))
	if got.status != 200 || got.body != "/items%3Abatch batch" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// Headers that a server may read for one of AWS's, and that no signature covers, go
// no further.
func TestOtherSpellingsOfSignedHeaders(t *testing.T) {
	w := newWorld(t, partners)
	for _, host := range []string{apiHost, "both.example.com"} {
		r := w.ask(t, host, &alice, "")
		if host != apiHost {
			r.Header.Set("X-Amz-Access-Token", "Atza|alice/A1")
		}
		for _, name := range []string{"X_amz_access_token", "X-Amz_target", "X.amz.tagging", "X_amz_security_token"} {
			r.Header[name] = []string{"forged"}
		}
		if got := do(t, r); got.status != http.StatusAccepted {
			t.Fatalf("%s: %d %s", host, got.status, got.body)
		}
		for name, values := range w.last(t).Header {
			if strings.Join(values, "") == "forged" {
				t.Errorf("%s: the upstream got %s", host, name)
			}
		}
	}
}
