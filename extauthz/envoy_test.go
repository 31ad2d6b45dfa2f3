package extauthz_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iamd/extauthz"
	"iamd/gateway"
	"iamd/guard"
)

// envoy is the door, and a gRPC client of it over a real connection.
func envoy(tb testing.TB, w *world, bodies string) (authv3.AuthorizationClient, *grpc.ClientConn) {
	tb.Helper()
	e, err := extauthz.NewEnvoy(extauthz.EnvoyConfig{Ask: w.gateway, Origin: trusting, Bodies: bodies, MaxBody: 1 << 20})
	if err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- e.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(conn.Close(), e.Shutdown(context.Background()), <-done); err != nil {
			tb.Error(err)
		}
	})
	return authv3.NewAuthorizationClient(conn), conn
}

// check tells of r as Envoy does, without with_request_body.
func check(r *http.Request) *authv3.CheckRequest {
	h := &authv3.AttributeContext_HttpRequest{
		Method: r.Method, Path: r.URL.RequestURI(), Host: r.URL.Host, Scheme: "https", Protocol: "HTTP/1.1",
		Headers: map[string]string{":authority": r.URL.Host, ":method": r.Method, ":path": r.URL.RequestURI(), "x-forwarded-proto": "https", "x-request-id": "1"},
	}
	if r.ContentLength > 0 {
		h.Headers["content-length"] = "5"
	}
	for name, values := range r.Header {
		h.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source: peer("192.0.2.7"), Destination: &authv3.AttributeContext_Peer{Principal: "CN=orders.example.com"},
		Request: &authv3.AttributeContext_Request{Http: h},
	}}
}

func peer(ip string) *authv3.AttributeContext_Peer {
	return &authv3.AttributeContext_Peer{Address: &corev3.Address{Address: &corev3.Address_SocketAddress{
		SocketAddress: &corev3.SocketAddress{Address: ip, PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: 40000}},
	}}}
}

// withBody adds what Envoy sends with with_request_body.
func withBody(in *authv3.CheckRequest, body, partial string) *authv3.CheckRequest {
	h := in.Attributes.Request.Http
	h.RawBody, h.Headers["x-envoy-auth-partial-body"] = []byte(body), partial
	return in
}

func ask(t *testing.T, c authv3.AuthorizationClient, in *authv3.CheckRequest) *authv3.CheckResponse {
	t.Helper()
	out, err := c.Check(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	ok := out.GetOkResponse() != nil
	if ok != (codes.Code(out.GetStatus().GetCode()) == codes.OK) || ok == (out.GetDeniedResponse() != nil) {
		t.Fatalf("contradictory answer %v", out)
	}
	return out
}

func header(list []*corev3.HeaderValueOption, name string) (value string) {
	for _, h := range list {
		if h.GetHeader().GetKey() == name {
			if value != "" || h.GetAppendAction() != corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD {
				return "appended"
			}
			value = h.GetHeader().GetValue()
		}
	}
	return value
}

func refused(t *testing.T, out *authv3.CheckResponse, status int32, kind, words string) {
	t.Helper()
	no := out.GetDeniedResponse()
	if no == nil || int32(no.GetStatus().GetCode()) != status || header(no.GetHeaders(), "x-amzn-errortype") != kind || !strings.Contains(no.GetBody(), words) {
		t.Errorf("answer %v; want %d %s with %q", out, status, kind, words)
	}
}

func TestEnvoyPassesTheCallerOn(t *testing.T) {
	w := newWorld(t)
	c, _ := envoy(t, w, extauthz.EnvoyWhole)
	in := check(signed(t, w.session(t), "GET", "/orders/1?a=b", nil))
	for name, value := range map[string]string{
		"x-iamd-principal-arn": "arn:aws:iam::111122223333:root", "x-iamd-lwa-scope": "all", "x-http-method-override": "DELETE",
		"x-forwarded-host": "evil.example.com", "x-forwarded-for": "192.0.2.7",
	} {
		in.Attributes.Request.Http.Headers[name] = value
	}
	ok := ask(t, c, in).GetOkResponse()
	want := map[string]string{
		"x-iamd-principal-arn": "arn:aws:sts::111122223333:assumed-role/Shop/s1",
		"x-iamd-account":       owner, "x-iamd-user-id": "AROASHOP:s1",
	}
	for name, value := range want {
		if got := header(ok.GetHeaders(), name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if header(ok.GetHeaders(), "x-iamd-request-id") == "" {
		t.Error("no request id")
	}
	for _, name := range []string{
		"authorization", "x-amz-security-token", "x-amz-date", "x-iamd-lwa-scope", "x-http-method-override", "x-forwarded-host",
		"x-iamd-client-id", "x-iamd-selling-partner-id", // unseen, and taken out all the same
	} {
		if !slices.Contains(ok.GetHeadersToRemove(), name) {
			t.Errorf("%s goes further", name)
		}
	}
	for _, name := range []string{"x-iamd-principal-arn", "x-iamd-account", "x-forwarded-for", "x-forwarded-proto", "host", "x-request-id"} {
		if slices.Contains(ok.GetHeadersToRemove(), name) {
			t.Errorf("%s is taken out", name)
		}
	}
	if e := w.recorded(t); !e.Allowed || e.Path != "/orders/1" || e.Resource != "arn:aws:execute-api:us-east-1:111122223333:orders/prod/GET/orders/1" || e.From.SourceIP != "192.0.2.7" || !e.From.Secure {
		t.Errorf("recorded %+v", e)
	}
}

func TestEnvoyRefuses(t *testing.T) {
	w := newWorld(t)
	c, _ := envoy(t, w, extauthz.EnvoyWhole)
	path := func(p string) *authv3.CheckRequest {
		in := check(signed(t, alice, "GET", "/orders/1", nil))
		in.Attributes.Request.Http.Path = p
		return in
	}
	refused(t, ask(t, c, check(signed(t, alice, "GET", "/orders/secret", nil))), 403, "AccessDeniedException", "explicit deny")
	unsigned, err := http.NewRequest("GET", "https://"+apiHost+"/orders/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, ask(t, c, check(unsigned)), 403, "MissingAuthenticationTokenException", "Missing Authentication Token")
	refused(t, ask(t, c, path("/orders/2")), 403, "InvalidSignatureException", "")
	for _, p := range []string{"/a/../orders/1", "//orders/1", "/orders%2F1", "/%2e%2e/orders/1", "/orders;x/1", "/orders\\1"} {
		refused(t, ask(t, c, path(p)), 400, "BadRequestException", "")
	}
	for _, p := range []string{"", "*", "orders/1", "http://orders.example.com/orders/1", "/%zz", "/a\x00b"} {
		refused(t, ask(t, c, path(p)), 400, "BadRequestException", "The request target")
	}
	in := path("/orders/1")
	in.Attributes.Request.Http.Host = "a.example.com,orders.example.com"
	refused(t, ask(t, c, in), 400, "BadRequestException", "Host")
	in = path("/orders/1")
	in.Attributes.Request.Http.Headers["host"] = "other.example.com"
	refused(t, ask(t, c, in), 400, "BadRequestException", "two hosts")
	in = path("/orders/1")
	in.Attributes.Request.Http.Headers["x-a"] = "b\r\nx-iamd-account: 1"
	refused(t, ask(t, c, in), 400, "BadRequestException", "header")
	in = path("/orders/1")
	in.Attributes.Request.Http.Headers["x a"] = "b"
	refused(t, ask(t, c, in), 400, "BadRequestException", "header")
	in = path("/orders/1")
	in.Attributes.Request.Http.Query = "a=b"
	refused(t, ask(t, c, in), 500, "InternalServerErrorException", "query")
	refused(t, ask(t, c, &authv3.CheckRequest{}), 500, "InternalServerErrorException", "no HTTP request")
	in = path("/orders/1")
	in.Attributes.ContextExtensions = map[string]string{"authorization": "NONE", "path": "/orders/1", "virtual_host": "office.example.com"}
	in.Attributes.Request.Http.Path = "/orders/2"
	refused(t, ask(t, c, in), 403, "InvalidSignatureException", "")

	late := noon.Add(guard.SkewExecuteAPI + time.Second)
	w.now.Store(&late)
	refused(t, ask(t, c, path("/orders/1")), 403, "InvalidSignatureException", "Signature expired")
}

func TestEnvoyBodies(t *testing.T) {
	const body, other = "hello", "hullo"
	strict, open := newWorld(t), newWorld(t, func(a *gateway.API) { a.AcceptUncheckedBodies = true })
	post := func(change ...func(*http.Request)) *authv3.CheckRequest {
		return check(signed(t, alice, "POST", "/orders", []byte(body), change...))
	}
	without := func(in *authv3.CheckRequest) *authv3.CheckRequest { // as a chunked body looks
		delete(in.Attributes.Request.Http.Headers, "content-length")
		return in
	}
	chunked := func() *authv3.CheckRequest {
		r, err := http.NewRequest("POST", "https://"+apiHost+"/orders", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = -1
		hash := "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
		if err := v4.NewSigner().SignHTTP(context.Background(), alice, r, hash, "execute-api", region, noon); err != nil {
			t.Fatal(err)
		}
		return check(r)
	}
	get := func() *authv3.CheckRequest { return check(signed(t, alice, "GET", "/orders", nil)) }
	for name, test := range map[string]struct {
		world  *world
		bodies string
		in     *authv3.CheckRequest
		status int32 // 0: allowed
		words  string
	}{
		"whole, by its length":              {strict, "", withBody(post(), body, "false"), 0, ""},
		"whole, another":                    {strict, "", withBody(post(), other, "false"), 403, "signature"},
		"shorter than declared":             {strict, "whole", withBody(post(), "hell", "false"), 403, "cannot be verified here"},
		"partial":                           {strict, "whole", withBody(post(), body, "true"), 403, "cannot be verified here"},
		"no word on the body":               {strict, "whole", withBody(post(), body, ""), 403, "cannot be verified here"},
		"chunked, whole":                    {strict, "whole", withBody(chunked(), body, "false"), 0, ""},
		"chunked, as long as Envoy may":     {strict, "partial", withBody(chunked(), body, "false"), 403, "cannot be verified here"},
		"chunked, nothing known":            {strict, "", withBody(chunked(), body, "false"), 403, "cannot be verified here"},
		"none, and Envoy would say":         {strict, "whole", get(), 0, ""},
		"none, and Envoy would say partly":  {strict, "partial", get(), 0, ""},
		"none, nothing known":               {strict, "", get(), 500, "does not tell"},
		"chunked and unseen":                {strict, "", without(post()), 500, "does not tell"},
		"unseen":                            {strict, "whole", post(), 403, "accept_unchecked_bodies"},
		"unseen, hash declared":             {strict, "", post(withHash([]byte(body))), 403, "accept_unchecked_bodies"},
		"unseen, accepted, hash declared":   {open, "", post(withHash([]byte(body))), 0, ""},
		"unseen, accepted, none declared":   {open, "", post(), 403, "X-Amz-Content-Sha256"},
		"unseen, accepted, hash of nothing": {open, "", post(withHash(nil)), 403, "X-Amz-Content-Sha256"},
		"whole, accepted, another":          {open, "", withBody(post(withHash([]byte(body))), other, "false"), 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := envoy(t, test.world, test.bodies)
			out := ask(t, c, test.in)
			no := out.GetDeniedResponse()
			if int32(no.GetStatus().GetCode()) != test.status || !strings.Contains(no.GetBody(), test.words) {
				t.Errorf("answer %v", out)
			}
		})
	}
	t.Run("raw headers", func(t *testing.T) {
		c, _ := envoy(t, strict, "")
		in := withBody(post(), body, "false")
		h := in.Attributes.Request.Http
		h.HeaderMap = &corev3.HeaderMap{}
		for name, value := range h.Headers {
			h.HeaderMap.Headers = append(h.HeaderMap.Headers, &corev3.HeaderValue{Key: name, RawValue: []byte(value)})
		}
		refused(t, ask(t, c, in), 500, "InternalServerErrorException", "twice")
		h.Headers = nil
		if out := ask(t, c, in); out.GetOkResponse() == nil {
			t.Errorf("answer %v", out)
		}
		h.Body = body
		refused(t, ask(t, c, in), 500, "InternalServerErrorException", "twice")
		h.RawBody = nil
		if out := ask(t, c, in); out.GetOkResponse() == nil {
			t.Errorf("a text body: %v", out)
		}
		h.HeaderMap.Headers = append(h.HeaderMap.Headers, &corev3.HeaderValue{Key: "x-envoy-auth-partial-body", Value: "false"})
		refused(t, ask(t, c, in), 403, "InvalidSignatureException", "cannot be verified here")
	})
}

func TestEnvoyPresigned(t *testing.T) {
	w := newWorld(t)
	c, _ := envoy(t, w, extauthz.EnvoyWhole)
	r, err := http.NewRequest("GET", "https://"+apiHost+"/orders/1?a=b&X-Amz-Expires=60", nil)
	if err != nil {
		t.Fatal(err)
	}
	hash := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	uri, _, err := v4.NewSigner().PresignHTTP(context.Background(), aws.Credentials(w.session(t)), r, hash, "execute-api", region, noon)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = http.NewRequest("GET", uri, nil); err != nil {
		t.Fatal(err)
	}
	ok := ask(t, c, check(r)).GetOkResponse()
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders"} {
		if !slices.Contains(ok.GetQueryParametersToRemove(), name) {
			t.Errorf("%s goes further", name)
		}
	}
	if slices.Contains(ok.GetQueryParametersToRemove(), "a") {
		t.Error("a is taken out")
	}
}

// TestEnvoyOrigin: the address and TLS are the connection's; what is forwarded
// counts only from a trusted proxy.
func TestEnvoyOrigin(t *testing.T) {
	w := newWorld(t)
	c, _ := envoy(t, w, extauthz.EnvoyWhole)
	for name, test := range map[string]struct {
		peer      *authv3.AttributeContext_Peer
		principal string
		forwarded string
		allowed   bool
	}{
		"the office":                    {peer("203.0.113.9"), "CN=x", "", true},
		"without TLS":                   {peer("203.0.113.9"), "", "", false},
		"elsewhere":                     {peer("192.0.2.7"), "CN=x", "", false},
		"elsewhere, claiming otherwise": {peer("192.0.2.7"), "CN=x", "203.0.113.9", false},
		"by a trusted proxy":            {peer("127.0.0.1"), "", "203.0.113.9", true},
		"unknown":                       {&authv3.AttributeContext_Peer{}, "CN=x", "203.0.113.9", false},
	} {
		in := check(&http.Request{Method: "GET", URL: signed(t, alice, "GET", "/orders", nil).URL})
		in.Attributes.Request.Http.Host = "office.example.com"
		in.Attributes.Source, in.Attributes.Destination.Principal = test.peer, test.principal
		if test.forwarded != "" {
			in.Attributes.Request.Http.Headers["x-forwarded-for"] = test.forwarded
		}
		if out := ask(t, c, in); (out.GetOkResponse() != nil) != test.allowed {
			t.Errorf("%s: %v", name, out)
		}
	}
}

func TestEnvoyWebSocket(t *testing.T) {
	w := newWorld(t)
	c, _ := envoy(t, w, "")
	in := check(signed(t, alice, "GET", "/live", nil))
	in.Attributes.Request.Http.Headers["upgrade"] = "websocket"
	if out := ask(t, c, in); out.GetOkResponse() == nil {
		t.Errorf("a WebSocket: %v", out)
	}
	in.Attributes.Request.Http.Headers["upgrade"] = "h2c"
	in.Attributes.Request.Http.Headers["content-length"] = "0"
	refused(t, ask(t, c, in), 400, "BadRequestException", "websocket")
}

func TestEnvoyBounds(t *testing.T) {
	w := newWorld(t)
	c, conn := envoy(t, w, extauthz.EnvoyWhole)
	in := withBody(check(signed(t, alice, "POST", "/orders", []byte("hello"))), strings.Repeat("x", 3<<20), "false")
	if _, err := c.Check(context.Background(), in); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a message that is too long: %v", err)
	}
	health, err := healthv1.NewHealthClient(conn).Check(context.Background(), &healthv1.HealthCheckRequest{})
	if err != nil || health.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("health %v, %v", health, err)
	}
	for _, cfg := range []extauthz.EnvoyConfig{
		{}, {Ask: w.gateway}, {Ask: w.gateway, Origin: trusting, Bodies: "some"}, {Ask: w.gateway, Origin: trusting, MaxBody: 1 << 40},
	} {
		if _, err := extauthz.NewEnvoy(cfg); err == nil {
			t.Errorf("%+v is accepted", cfg)
		}
	}
}

// panics stands for a fault of ours.
type panics struct{}

func (panics) Ask(context.Context, gateway.Asked) gateway.Answer { panic("a fault") }

// TestEnvoyFault: a fault is a no, and no gRPC error, which Envoy may be told to
// let pass.
func TestEnvoyFault(t *testing.T) {
	e, err := extauthz.NewEnvoy(extauthz.EnvoyConfig{Ask: panics{}, Origin: trusting, Bodies: extauthz.EnvoyWhole})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Check(context.Background(), check(signed(t, alice, "GET", "/orders/1", nil)))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, out, 500, "InternalServerErrorException", "Internal server error")
}
