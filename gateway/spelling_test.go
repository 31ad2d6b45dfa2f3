package gateway_test

import (
	"net/http"
	"testing"

	"iamd/gateway"
)

// An open API and a guarded one share a host. Whatever the upstream might read
// as the guarded one's path never reaches it by way of the open one.
func TestPrefixSpelling(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		open, admin := c.APIs[0], c.APIs[0]
		open.ID, open.Authorization = "open", gateway.AuthorizationNone
		admin.ID, admin.PathPrefix, admin.Upstream = "admin", "/admin/v1", admin.Upstream+"/admin/v1"
		c.APIs = []gateway.API{open, admin}
	})
	ask := func(path string) reply {
		return raw(t, w, "GET "+path+" HTTP/1.1\r\nHost: "+apiHost+"\r\nConnection: close\r\n\r\n")
	}
	for _, path := range []string{
		"/%61dmin/v1/users", "/admin;x/v1/users", "/admin%3Bx/v1", "/Admin/v1/users", "/ADMIN/V1", "/admin/V1/", "/admin./v1/x", "/admin/v1%20/x",
		"/admin::$INDEX_ALLOCATION/v1", "/admin/v1:x/users", "/admin%c2%a0/v1/users", "/adm%c4%b1n/v1", "/adm%c4%b0n/v1",
		"/admin/v1%20.", "/admin/v%31", "/admin/v%2531", "//admin/v1", "/x/../admin/v1",
	} {
		before := w.calls()
		if got := ask(path); got.status != http.StatusBadRequest || w.calls() != before {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := ask("/admin/v1/users"); got.status != http.StatusForbidden {
		t.Errorf("the guarded API: %d %s", got.status, got.body)
	}
	for _, path := range []string{"/", "/admin", "/Admin/", "/admin/v2", "/admin/v1x/", "/admins/v1", "/x/admin/v1"} {
		if got := ask(path); got.status != http.StatusAccepted || w.last(t).URI != path {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := do(t, w.signed(t, alice, "GET", "/admin/v1/users", nil)); got.status != http.StatusAccepted || w.last(t).URI != "/admin/v1/users" {
		t.Errorf("signed: %d %s", got.status, got.body)
	}
}

// A host that can't be read is nobody's; it does not fall to the API that
// answers every other host.
func TestHosts(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		c.APIs[0].Hosts = append(c.APIs[0].Hosts, "::1", "10.0.0.1")
		rest := c.APIs[0]
		rest.ID, rest.Hosts, rest.Authorization = "any", nil, gateway.AuthorizationNone
		c.APIs = append(c.APIs, rest)
	})
	ask := func(host string) int {
		return raw(t, w, "GET /x HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n").status
	}
	for want, hosts := range map[int][]string{
		http.StatusBadRequest: {
			"", ".", ":80", apiHost + "..", apiHost + ":80:80", apiHost + ":", apiHost + ":x", apiHost + ":+80", apiHost + ":0", apiHost + ":70000",
			"api%2eexample.com", "[" + apiHost + "]", "[[" + apiHost + "]]", "[" + apiHost + "]:80", "x@" + apiHost, "." + apiHost, "api..example.com",
			"-" + apiHost, "api-.example.com", "api,example.com", "::1", "[::1", "::1]", "[::1]x", "[::1]:", "[::1%25lo]", "[10.0.0.1]", "10.0.0.01",
			"10.1", "167772161", "0xa.0.0.1", "10.0.0.0x1", "10.0.0.1.1",
		},
		// The guarded API asks for a signature.
		http.StatusForbidden: {
			apiHost, "API.Example.com", apiHost + ".", apiHost + ":80", apiHost + ".:8080", "[::1]", "[::1]:80", "[0:0:0:0:0:0:0:1]", "10.0.0.1", "10.0.0.1:80",
		},
		http.StatusAccepted: {"other.example.com", "localhost:4567", "my_service", "[::2]:80", "10.0.0.2", "xn--bcher-kva.example"},
	} {
		for _, host := range hosts {
			before := w.calls()
			if got := ask(host); got != want || (w.calls() != before) != (want == http.StatusAccepted) {
				t.Errorf("%q: %d, want %d", host, got, want)
			}
		}
	}
}
