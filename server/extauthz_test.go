package server

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"iamd/gateway"
)

// decided is an API that is only decided about.
func decided() gateway.Config {
	return gateway.Config{Listen: "127.0.0.1:0", APIs: []gateway.API{{ID: "orders", Account: "111122223333", Hosts: []string{"orders.example.com"}}}}
}

// TestProxyDoors: both doors open where they are told to, and ask the gateway.
func TestProxyDoors(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	s, err := New(ctx, Config{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Root: Root{AccountID: "111122223333"}, TrustedProxies: []string{"127.0.0.1"},
		Gateway: decided(), Envoy: Envoy{Listen: "127.0.0.1:0", Bodies: "whole"}, ForwardAuth: ForwardAuth{Listen: "127.0.0.1:0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ready, done := make(chan Addresses, 1), make(chan error, 1)
	go func() { done <- s.Serve(ctx, func(at Addresses) { ready <- at }) }()
	var at Addresses
	select {
	case at = <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(at.Envoy.String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	out, err := authv3.NewAuthorizationClient(conn).Check(ctx, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{Method: "GET", Path: "/orders", Host: "orders.example.com"}},
	}})
	if err != nil || !strings.Contains(out.GetDeniedResponse().GetBody(), "Missing Authentication Token") {
		t.Errorf("Envoy: %v, %v", out, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at.ForwardAuth.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{
		"X-Forwarded-Method": {"GET"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"orders.example.com"}, "X-Forwarded-Uri": {"/orders"},
		"X-Forwarded-For": {"203.0.113.9"}, "X-Iamd-Body": {"HTTP/1.1 /"},
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden || answer.Header.Get("X-Amzn-Errortype") != "MissingAuthenticationTokenException" {
		t.Errorf("forward-auth: %d %v", answer.StatusCode, answer.Header)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestProxyDoorsConfigured: what would leave a door closed or open to nobody is a
// start that fails, and says why.
func TestProxyDoorsConfigured(t *testing.T) {
	for want, cfg := range map[string]Config{
		"envoy.listen: there are no gateway.apis":  {Envoy: Envoy{Listen: "127.0.0.1:0"}},
		"without envoy.listen":                     {Envoy: Envoy{Bodies: "whole"}, Gateway: decided()},
		`bodies "some"`:                            {Envoy: Envoy{Listen: "127.0.0.1:0", Bodies: "some"}, Gateway: decided()},
		"without forward_auth.listen":              {ForwardAuth: ForwardAuth{DenialStatus: 403}, Gateway: decided()},
		"forward_auth: trusted_proxies is empty":   {ForwardAuth: ForwardAuth{Listen: "127.0.0.1:0"}, Gateway: decided()},
		"forward_auth: denial_status 200":          {ForwardAuth: ForwardAuth{Listen: "127.0.0.1:0", DenialStatus: 200}, Gateway: decided(), TrustedProxies: []string{"127.0.0.1"}},
		"forward_auth.listen: there are no gatewa": {ForwardAuth: ForwardAuth{Listen: "127.0.0.1:0"}, TrustedProxies: []string{"127.0.0.1"}},
	} {
		cfg.DataDir = t.TempDir()
		if _, err := New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// TestBelieved: a proxy is known by the address of its connection.
func TestBelieved(t *testing.T) {
	o := &origin{trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for at, want := range map[string]bool{"10.1.2.3:4": true, "[::ffff:10.1.2.3]:4": true, "192.0.2.1:4": false, "10.1.2.3": false, "@": false, "": false} {
		if o.believed(&http.Request{RemoteAddr: at}) != want {
			t.Errorf("%s: %v", at, !want)
		}
	}
}
