package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/gateway"
	"iamd/limits"
	"iamd/server/servertest"
)

// clock is a time that tests set.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.ns.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time        { return time.Unix(0, c.ns.Load()) }
func (c *clock) pass(by time.Duration) { c.ns.Add(int64(by)) }

// unread is a body that fails the test when somebody reads it.
type unread struct{ t *testing.T }

func (b unread) Read([]byte) (int, error) {
	b.t.Error("the body of a request too many is read")
	return 0, io.EOF
}

// ask sends one request of an address to a handler.
func ask(h http.Handler, from string, change func(*http.Request), method, url string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, body)
	r.RemoteAddr = net.JoinHostPort(from, "40000")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestThrottledAddresses: one request too many is refused at every door in its own
// words, before its body is read; other addresses, this machine's and health checks
// go on.
func TestThrottledAddresses(t *testing.T) {
	at := newClock()
	s := start(t, Config{
		DataDir: t.TempDir(), Now: at.now, Root: Root{AccountID: workAccount}, TrustedProxies: []string{"192.0.2.200"},
		Limits:  Limits{PerAddress: limits.Rate{PerSecond: 1, Burst: 3}, Exempt: []string{"198.51.100.0/24"}},
		Gateway: gateway.Config{SpoolDir: t.TempDir(), APIs: []gateway.API{{ID: "api", Account: workAccount, Hosts: []string{"api.example"}, Upstream: "http://127.0.0.1:1"}}},
	})
	defer closed(t, s)
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	target := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Amz-Target", name) }
	}
	for i, c := range []struct {
		name   string
		h      http.Handler
		url    string
		change func(*http.Request)
		status int
		words  string
	}{
		{"the query APIs", s.Handler(), "/", form, 400, "<Code>Throttling</Code><Message>Rate exceeded</Message>"},
		{"Organizations", s.Handler(), "/", target("AWSOrganizationsV20161128.ListRoots"), 400, `"__type":"ThrottlingException"`},
		{"Access Analyzer", s.Handler(), "/policy/validation", nil, 429, `"message":"Rate exceeded"`},
		{"the console", s.Handler(), "/console/api/signin", nil, 429, `"code":"Throttling"`},
		{"Login with Amazon", s.Handler(), "/auth/o2/token", nil, 429, `"code":"Throttling"`},
		{"AuthZEN", s.Handler(), "/access/v1/evaluation", nil, 429, `"code":"Throttling"`},
		{"the gateway", s.Gateway(), "http://api.example/", nil, 429, `{"message":"Too Many Requests"}`},
	} {
		from := fmt.Sprintf("192.0.2.%d", i)
		for range 3 {
			if w := ask(c.h, from, c.change, "POST", c.url, strings.NewReader("Action=X")); strings.Contains(w.Body.String(), "exceeded") || w.Code == 429 {
				t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
			}
		}
		w := ask(c.h, from, c.change, "POST", c.url, unread{t})
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.words) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	asked := func(from string, change func(*http.Request)) bool {
		return !strings.Contains(ask(s.Handler(), from, change, "GET", "/?Action=X", nil).Body.String(), "Throttling")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if w := ask(s.Handler(), "192.0.2.0", nil, "GET", path, nil); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, from := range []string{"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "198.51.100.7"} {
		for range 10 {
			if !asked(from, nil) {
				t.Errorf("%s is throttled", from)
			}
		}
	}
	// One network of IPv6 is one client, and what a proxy tells counts, not the proxy.
	for i := range 5 {
		if got := asked(fmt.Sprintf("2001:db8::%d", i), nil); got != (i < 3) {
			t.Errorf("address %d of a network: %v", i, got)
		}
		by := func(client string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1, "+client) }
		}
		if got := asked("192.0.2.200", by("203.0.113.1")); got != (i < 3) {
			t.Errorf("request %d by a proxy: %v", i, got)
		}
		if !asked("192.0.2.200", by(fmt.Sprintf("203.0.113.1%d", i))) {
			t.Error("clients of one proxy count together")
		}
		// Who is no proxy is believed nothing.
		if got := asked("192.0.2.100", by(fmt.Sprintf("203.0.113.2%d", i))); got != (i < 3) {
			t.Errorf("request %d of a liar: %v", i, got)
		}
	}
	at.pass(time.Second)
	if !asked("2001:db8::9", nil) || asked("2001:db8::9", nil) {
		t.Error("a second gives another number than the rate")
	}
	metrics := ask(s.Handler(), "127.0.0.1", nil, "GET", "/metrics", nil).Body.String()
	if !strings.Contains(metrics, `iamd_throttled_total{by="address"} 14`) {
		t.Errorf("%s", metrics[strings.Index(metrics, "iamd_throttled_total"):])
	}
}

// TestGuessesAreDear: a signature that no key makes counts as ten requests, one that is
// good or missing as one.
func TestGuessesAreDear(t *testing.T) {
	at := newClock()
	s := start(t, Config{DataDir: t.TempDir(), Now: at.now, Limits: Limits{PerAddress: limits.Rate{PerSecond: 1, Burst: 40}}})
	defer closed(t, s)
	c := s.FirstStart()
	from := func(address string) *httptest.Server {
		up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.RemoteAddr = address + ":1"
			s.Handler().ServeHTTP(w, r)
		}))
		t.Cleanup(up.Close)
		return up
	}
	until := func(address, keyID, secret string) (n int) {
		client := sts.NewFromConfig(servertest.Config(from(address).URL, "eu-west-1", keyID, secret, ""), func(o *sts.Options) { o.Retryer = aws.NopRetryer{} })
		for {
			_, err := client.GetCallerIdentity(t.Context(), nil)
			if code(err) == "Throttling" || n > 100 {
				return n
			}
			n++
		}
	}
	for address, want := range map[string]struct {
		id, secret string
		n          int
	}{
		"192.0.2.1": {c.AccessKeyID, c.SecretAccessKey, 40},
		"192.0.2.2": {c.AccessKeyID, "wrong", 4},
		"192.0.2.3": {"AKIAIOSFODNN7EXAMPLE", c.SecretAccessKey, 4},
	} {
		if n := until(address, want.id, want.secret); n != want.n {
			t.Errorf("%s: %d, want %d", want.id, n, want.n)
		}
	}
	n := 0
	for ; n < 100 && !strings.Contains(ask(s.Handler(), "192.0.2.4", nil, "GET", "/?Action=X", nil).Body.String(), "Throttling"); n++ {
	}
	if n != 40 {
		t.Errorf("%d without a signature", n)
	}
}

// TestGuessesBeforeLongBodiesAreDear: a key that is none costs as much at the gateway
// where its body is not waited for.
func TestGuessesBeforeLongBodiesAreDear(t *testing.T) {
	at := newClock()
	s := start(t, Config{
		DataDir: t.TempDir(), Now: at.now, Root: Root{AccountID: workAccount}, Limits: Limits{PerAddress: limits.Rate{PerSecond: 1, Burst: 40}},
		Gateway: gateway.Config{SpoolDir: t.TempDir(), MemoryBody: 1 << 10, APIs: []gateway.API{{ID: "api", Account: workAccount, Region: "us-east-1", Hosts: []string{"api.example"}, Upstream: "http://127.0.0.1:1"}}},
	})
	defer closed(t, s)
	signed := func(r *http.Request) {
		r.Host = "api.example"
		day := at.now().UTC().Format("20060102")
		r.Header.Set("X-Amz-Date", day+"T120000Z")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"+day+"/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64))
		r.ContentLength = 1 << 20
	}
	n := 0
	for ; n < 100; n++ {
		w := ask(s.Gateway(), "192.0.2.1", signed, "PUT", "/", unread{t})
		if w.Code == http.StatusTooManyRequests {
			break
		}
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "security token") {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if n != 4 {
		t.Errorf("%d guesses, want 4", n)
	}
}

// TestThrottledCallers: of an account or a principal so many calls of one service are
// let in, whatever service is signed for by name; others' go on; and the SDK tries
// again by itself until it is let in.
func TestThrottledCallers(t *testing.T) {
	at := newClock()
	s := start(t, Config{DataDir: t.TempDir(), Now: at.now, Limits: Limits{PerAccount: limits.Rate{PerSecond: 1, Burst: 30}, PerPrincipal: limits.Rate{PerSecond: 1, Burst: 20}}})
	defer closed(t, s)
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	by := root(s.FirstStart(), web.URL)
	admin := sdk.NewFromConfig(by)
	user, err := admin.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("alice")})
	if err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: user.User.UserName})
	if err != nil {
		t.Fatal(err)
	}
	at.pass(time.Minute)
	alice := servertest.Config(web.URL, "eu-west-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	count := func(call func() error) (n int) {
		for ; n < 100 && code(call()) != "Throttling"; n++ {
		}
		return n
	}
	once := func(o *sts.Options) { o.Retryer = aws.NopRetryer{} }
	identity := func(c aws.Config) func() error {
		client := sts.NewFromConfig(c, once)
		return func() error { _, err := client.GetCallerIdentity(context.Background(), nil); return err }
	}
	// The principal's twenty, then what the account has left.
	if n := count(identity(alice)); n != 20 {
		t.Errorf("a principal had %d", n)
	}
	if n := count(identity(by)); n != 9 { // one of thirty went for the refusal
		t.Errorf("the account had %d left", n)
	}
	admins := sdk.NewFromConfig(by, func(o *sdk.Options) { o.Retryer = aws.NopRetryer{} })
	if n := count(func() error { _, err := admins.ListUsers(context.Background(), nil); return err }); n != 20 {
		t.Errorf("of another service there were %d", n)
	}
	// The SDK waits as it likes; here the time passes while it does.
	tries := 0
	client := sts.NewFromConfig(by, func(o *sts.Options) {
		o.RetryMaxAttempts = 5
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.Backoff = 5, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				if tries++; tries == 3 {
					at.pass(time.Minute)
				}
				return 0, nil
			})
		})
	})
	if _, err := client.GetCallerIdentity(t.Context(), nil); err != nil || tries != 3 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	for _, service := range []string{"other", "madeup", "sts2"} {
		if class(service) != "other" {
			t.Errorf("%s has a rate of its own", service)
		}
	}
}

// TestConnectionsAreBounded: one connection too many is closed unread, of one address
// or of all; whoever is closed makes room.
func TestConnectionsAreBounded(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), Listen: "127.0.0.1:0", Limits: Limits{MaxConnections: 4}})
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(at Addresses) { ready <- at }) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		closed(t, s)
	}()
	at := (<-ready).API.String()
	// served tells whether a new connection is answered.
	served := func() (net.Conn, bool) {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") // who is closed may hear of it here
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		return conn, err == nil && answer.StatusCode == http.StatusOK
	}
	var open []net.Conn
	for i := range 6 {
		conn, ok := served()
		if ok != (i < 4) {
			t.Errorf("connection %d: %v", i, ok)
		}
		if !ok {
			_ = conn.Close()
			continue
		}
		open = append(open, conn)
	}
	if n := s.throttle.refused.connection.Load(); n != 2 {
		t.Errorf("%d were refused", n)
	}
	// Slow ones hold their place until they are closed, and no longer.
	for _, conn := range open {
		_ = conn.Close()
	}
	soon(t, "closed connections make room", func() bool { return s.throttle.connections.Open() == 0 })
	conn, ok := served()
	if !ok {
		t.Error("there is no room after all were closed")
	}
	_ = conn.Close()
}
