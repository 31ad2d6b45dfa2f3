package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"testing"

	"iamd/gateway"
	"iamd/standin"
)

// listening is a server that listens for TLS, and what a client needs to reach it.
type listening struct {
	*Server
	at    Addresses
	roots *x509.CertPool
}

func listenTLS(t *testing.T, cfg Config) *listening {
	t.Helper()
	cfg.DataDir, cfg.Listen, cfg.TLSListen, cfg.Gateway.Listen = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	s := &listening{Server: start(t, cfg), roots: x509.NewCertPool()}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(at Addresses) { ready <- at }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		closed(t, s.Server)
	})
	select {
	case s.at = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	text, err := os.ReadFile(AuthorityFile(cfg.DataDir))
	if err != nil || !s.roots.AppendCertsFromPEM(text) {
		t.Fatal("no certificate", err)
	}
	return s
}

// client reaches the server under the name sni, by HTTP/2 if h2.
func (s *listening) client(t *testing.T, sni string, h2 bool) *http.Client {
	tr := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.at.TLS.String())
		},
		TLSClientConfig: &tls.Config{RootCAs: s.roots, ServerName: sni}, ForceAttemptHTTP2: h2,
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// raw sends bytes by HTTP/1.1 under the name sni, and reads one answer.
func (s *listening) raw(t *testing.T, sni, text string) (int, string) {
	t.Helper()
	c, err := tls.Dial("tcp", s.at.TLS.String(), &tls.Config{RootCAs: s.roots, ServerName: sni})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func openAPI(id string, upstream string, hosts ...string) gateway.API {
	return gateway.API{ID: id, Account: "111122223333", Hosts: hosts, Upstream: upstream, Authorization: gateway.AuthorizationNone}
}

// Words by which a door is told.
const (
	atAWS     = "Missing"           // AWS's refusals of who does not sign
	atAPI     = "MissingAuth"       // the Selling Partner API's
	atLogin   = "Malformed request" // Login with Amazon's
	atNone    = "No service and no" // ours
	atTwo     = "names another server than"
	atUnclear = "names its host more"
)

// TestFrontDoors: where each name leads, by both protocols.
func TestFrontDoors(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "upstream ", r.URL.Path) }))
	defer up.Close()
	s := listenTLS(t, Config{StandIn: StandIn{Name: standin.SellingPartner}, Gateway: gateway.Config{APIs: []gateway.API{
		openAPI("shop", up.URL, "shop.test", "shop.example.com"),
	}}})
	for _, c := range []struct {
		sni, host, path string
		status          int
		words           string
	}{
		{"sts.amazonaws.com", "sts.amazonaws.com", "/", 403, atAWS},
		{"sts.us-west-2.amazonaws.com", "STS.us-west-2.amazonaws.com:8443", "/", 403, atAWS},
		{"iam.amazonaws.com", "iam.amazonaws.com", "/readyz", 403, "Missing Authentication Token"},
		{"iam.amazonaws.com", "iam.amazonaws.com", "/metrics", 403, "Missing Authentication Token"},
		{"iam.amazonaws.com", "iam.amazonaws.com", "/console/", 403, "Missing Authentication Token"},
		{"iam.amazonaws.com", "iam.amazonaws.com", "/auth/o2/token", 403, "Missing Authentication Token"},
		{"api.amazon.com", "api.amazon.com", "/auth/o2/token", 0, atLogin},
		{"api.amazon.com", "api.amazon.com", "/spapi/applications", 404, ""},
		{"api.amazon.com", "api.amazon.com", "/readyz", 404, ""},
		{"sellingpartnerapi-fe.amazon.com", "sellingpartnerapi-fe.amazon.com", "/orders/v0/orders", 403, atAPI},
		{"sandbox.sellingpartnerapi-na.amazon.com", "sandbox.sellingpartnerapi-na.amazon.com", "/orders/v0/orders", 403, atAPI},
		{"sellingpartnerapi-na.execute-api.us-east-1.amazonaws.com", "sellingpartnerapi-na.execute-api.us-east-1.amazonaws.com", "/prod/orders/v0/orders", 403, atAPI},
		{"none.execute-api.us-east-1.amazonaws.com", "none.execute-api.us-east-1.amazonaws.com", "/prod/x", 404, ""},
		{"shop.test", "shop.test", "/cart", 200, "upstream /cart"},
		{"localhost", "localhost:8443", "/readyz", 200, "ready"},
		{"", "127.0.0.1:8443", "/healthz", 200, "ok"},
		{"", "[::1]:8443", "/healthz", 200, "ok"},
		{"localhost", "localhost", "/auth/o2/token", 0, atLogin},

		{"sts.amazonaws.com", "iam.amazonaws.com", "/", 421, atTwo},
		{"sellingpartnerapi-na.amazon.com", "sts.amazonaws.com", "/", 421, atTwo},
		{"sts.amazonaws.com", "sellingpartnerapi-na.amazon.com", "/orders/v0/orders", 421, atTwo},
		{"a.execute-api.us-east-1.amazonaws.com", "b.execute-api.us-east-1.amazonaws.com", "/prod/x", 421, atTwo},
		{"", "sts.amazonaws.com", "/", 421, atTwo},
		{"sts.amazonaws.com", "localhost", "/readyz", 421, atTwo},
		{"shop.test", "shop.example.com", "/cart", 421, atNone},
		{"shop.test", "www.amazon.com", "/", 421, atNone},
		{"shop.test", "shop.test:0", "/", 400, "The Host header must hold"},
		{"shop.test", "shop.test:99999", "/", 400, "The Host header must hold"},
	} {
		for _, h2 := range []bool{true, false} {
			sni := c.sni
			if sni == "" {
				sni = "127.0.0.1" // as an address it is not sent
			}
			r, err := http.NewRequest("GET", "https://unused.invalid"+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = c.host
			resp, err := s.client(t, sni, h2).Do(r)
			if err != nil {
				t.Fatalf("%s %s: %v", c.sni, c.host, err)
			}
			b, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || h2 != (resp.ProtoMajor == 2) {
				t.Fatalf("%s: %v %v", c.host, resp.Proto, err)
			}
			if c.status != 0 && resp.StatusCode != c.status || !strings.Contains(string(b), c.words) {
				t.Errorf("%s, Host %s, %s (%s): %d %s; want %d %s", c.sni, c.host, c.path, resp.Proto, resp.StatusCode, b, c.status, c.words)
			}
		}
	}
	_, err := s.client(t, "shop.example.com", true).Get("https://shop.example.com/")
	if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("a host outside the authority's domains: %v", err)
	}
}

// TestFrontSmuggling: a request that names two servers reaches none.
func TestFrontSmuggling(t *testing.T) {
	s := listenTLS(t, Config{StandIn: StandIn{Name: standin.SellingPartner}})
	const sni = "sellingpartnerapi-na.amazon.com"
	for text, want := range map[string]struct {
		status int
		words  string
	}{
		"GET / HTTP/1.1\r\nHost: " + sni + "\r\nHost: sts.amazonaws.com\r\n\r\n": {400, ""},
		"GET / HTTP/1.1\r\n\r\n": {400, ""},
		"GET / HTTP/1.0\r\n\r\n": {400, "The Host header must hold"},
		"GET https://sts.amazonaws.com/ HTTP/1.1\r\nHost: " + sni + "\r\n\r\n":                                     {400, atUnclear},
		"GET https://" + sni + "/ HTTP/1.1\r\nHost: " + sni + "\r\n\r\n":                                           {400, atUnclear},
		"GET http:sts.amazonaws.com HTTP/1.1\r\nHost: " + sni + "\r\n\r\n":                                         {400, atUnclear},
		"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: " + sni + "\r\n\r\n":                                      {400, ""},
		"GET / HTTP/1.1\r\nHost: " + sni + ", sts.amazonaws.com\r\n\r\n":                                           {400, ""},
		"GET / HTTP/1.1\r\nHost: sts.amazonaws.com\t\r\n\r\n":                                                      {421, atTwo},
		"GET / HTTP/1.1\r\nHost : " + sni + "\r\n\r\n":                                                             {400, ""},
		"POST / HTTP/1.1\r\nHost: " + sni + "\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": {0, "MissingAuth"},
		"POST / HTTP/1.1\r\nHost: " + sni + "\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx":             {400, ""},
		"POST / HTTP/1.1\r\nHost: " + sni + "\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n":            {501, ""},
		"GET //sts.amazonaws.com/ HTTP/1.1\r\nHost: " + sni + "\r\n\r\n":                                           {400, "empty segment"},
		"GET / HTTP/1.1\r\nHost: " + sni + "\r\nX-Forwarded-Host: sts.amazonaws.com\r\n\r\n":                       {403, "MissingAuth"},
		"GET / HTTP/1.1\r\nHost: " + sni + "\r\nX: " + strings.Repeat("x", maxHeader+8<<10) + "\r\n\r\n":           {431, ""},
	} {
		status, body := s.raw(t, sni, text)
		if want.status != 0 && status != want.status || !strings.Contains(body, want.words) || status < 400 {
			t.Errorf("%.120q: %d %s; want %d %s", text, status, body, want.status, want.words)
		}
	}
	// HTTP/2 can carry a Host header beside its own.
	r := &http.Request{Method: "GET", URL: &url.URL{Path: "/"}, Host: sni, Header: http.Header{"Host": {"sts.amazonaws.com"}}, TLS: &tls.ConnectionState{ServerName: sni}}
	if door, status, _ := s.front.door(r); door != standin.None || status != 400 {
		t.Errorf("two hosts in HTTP/2: %d %d", door, status)
	}
	r.Header = http.Header{}
	if door, _, _ := s.front.door(r); door != standin.API {
		t.Errorf("one host: %d", door)
	}
	r.TLS = nil
	if door, _, _ := s.front.door(r); door != standin.None {
		t.Errorf("without TLS: %d", door)
	}
}

// TestFrontRefusesOnHTTP2: a refusal leaves an HTTP/2 connection as it is. GOAWAY
// before the answer makes Java's client lose it.
func TestFrontRefusesOnHTTP2(t *testing.T) {
	s := listenTLS(t, Config{StandIn: StandIn{Name: standin.SellingPartner}})
	client := s.client(t, "", true)
	for i, target := range []string{
		"https://sellingpartnerapi-na.amazon.com/orders/v0/orders", "https://sellingpartnerapi-na.amazon.com//", "https://sellingpartnerapi-na.amazon.com/orders/v0/orders",
	} {
		var got httptrace.GotConnInfo
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { got = c }})
		r, err := http.NewRequestWithContext(ctx, "POST", target, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.ProtoMajor != 2 || resp.StatusCode < 400 || got.Reused != (i > 0) {
			t.Errorf("request %d: %s %s, on a connection used before: %v, %v", i, resp.Proto, resp.Status, got.Reused, err)
		}
	}
}

// TestFrontPasses: bodies, and WebSockets, come through to an upstream.
func TestFrontPasses(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			_, _ = io.Copy(w, r.Body)
			return
		}
		c, both, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		line, _ := both.ReadString('\n')
		_, _ = io.WriteString(c, "echo "+line)
	}))
	defer up.Close()
	s := listenTLS(t, Config{Gateway: gateway.Config{APIs: []gateway.API{openAPI("chat", up.URL, "chat.internal")}}})
	big := strings.Repeat("0123456789", 200_000)
	resp, err := s.client(t, "chat.internal", true).Post("https://chat.internal/x", "text/plain", strings.NewReader(big))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || string(b) != big || resp.ProtoMajor != 2 {
		t.Errorf("a body came back as %d bytes by %s: %v", len(b), resp.Proto, err)
	}
	c, err := tls.Dial("tcp", s.at.TLS.String(), &tls.Config{RootCAs: s.roots, ServerName: "chat.internal"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "GET /ws HTTP/1.1\r\nHost: chat.internal\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	in := bufio.NewReader(c)
	up101, err := http.ReadResponse(in, nil)
	if err != nil || up101.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v %v", up101, err)
	}
	_, _ = io.WriteString(c, "hello\n")
	if line, err := in.ReadString('\n'); err != nil || line != "echo hello\n" {
		t.Errorf("%q %v", line, err)
	}
}

// TestFrontBeyondLoopback: it is not open to others unless it is told to be, and
// says so when it is.
func TestFrontBeyondLoopback(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), StandIn: StandIn{Name: standin.SellingPartner}})
	defer closed(t, s)
	if s.cfg.TLSListen != "127.0.0.1:8443" {
		t.Errorf("by default it listens at %s", s.cfg.TLSListen)
	}
	var log bytes.Buffer
	s.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	for address, warned := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		log.Reset()
		s.cfg.TLSListen = address
		d, err := s.openFront()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.listener.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(log.String(), "beyond this machine") != warned {
			t.Errorf("%s: %s", address, &log)
		}
	}
}
