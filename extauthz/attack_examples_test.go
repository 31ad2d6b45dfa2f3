package extauthz_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestExamplesTakeOut: each header by which the gateway says who calls is one that no
// client gets past a proxy that is set up as the examples are, also where iamd
// says nothing under that name.
func TestExamplesTakeOut(t *testing.T) {
	names := regexp.MustCompile(`"(X-Iamd-[A-Za-z-]+)"`).FindAllStringSubmatch(text(t, "../gateway/headers.go"), -1)
	if len(names) < 9 {
		t.Fatalf("headers %v", names)
	}
	nginx, traefik, caddy := text(t, "../examples/nginx/iamd.conf"), text(t, "../examples/traefik/orders.yaml"), text(t, "../examples/caddy/Caddyfile")
	for _, n := range names {
		if !regexp.MustCompile(`(?m)^ +proxy_set_header ` + n[1] + ` `).MatchString(nginx) {
			t.Errorf("nginx passes the client's %s on", n[1])
		}
		if !strings.Contains(traefik, n[1]+`: ""`) && !strings.Contains(traefik, "- "+n[1]+"\n") {
			t.Errorf("Traefik passes the client's %s on", n[1])
		}
	}
	if !strings.Contains(caddy, "request_header -X-Iamd-*\n") {
		t.Error("Caddy passes the client's X-Iamd-* on")
	}
}

// TestCaddyKeepsItsWord: Caddy takes away the headers that a client's Connection
// names, those that iamd answered among them. Such a request must not come that far.
func TestCaddyKeepsItsWord(t *testing.T) {
	caddy := text(t, "../examples/caddy/Caddyfile")
	before, _, _ := strings.Cut(caddy, "forward_auth 127.0.0.1")
	rule := regexp.MustCompile(`@(\w+) header_regexp Connection (\S+)\n`).FindStringSubmatch(before)
	if rule == nil || !regexp.MustCompile(`respond @`+rule[1]+` .*\b400\n`).MatchString(before) {
		t.Fatal("a client's Connection takes iamd's headers away")
	}
	names := regexp.MustCompile(rule[2])
	for value, refused := range map[string]bool{
		"X-Iamd-Principal-Arn": true, "close, x-iamd-account": true, "keep-alive,\tX-Forwarded-For": true,
		"close": false, "Upgrade": false, "keep-alive, Upgrade": false, "": false,
	} {
		if names.MatchString(value) != refused {
			t.Errorf("Connection: %s", value)
		}
	}
}
