package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/prometheus/client_golang/prometheus"

	"iamd/gateway"
	"iamd/policy"
	"iamd/server/servertest"
	"iamd/store"
)

// scraped is what /metrics shows of a server.
func scraped(t testing.TB, s *Server) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.metrics.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	return w.Body.String()
}

func wantScraped(t *testing.T, s *Server, lines ...string) {
	t.Helper()
	text := scraped(t, s)
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, "{")
			var near []string
			for l := range strings.SplitSeq(text, "\n") {
				if strings.HasPrefix(l, name) {
					near = append(near, l)
				}
			}
			t.Errorf("no %s in\n%s", line, strings.Join(near, "\n"))
		}
	}
}

// TestDecisionsCounted: what the guard decides at the API and at the gateway, with
// the kind of policy that did.
func TestDecisionsCounted(t *testing.T) {
	ctx := t.Context()
	upstream := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer upstream.Close()
	s := start(t, Config{DataDir: t.TempDir(), Root: Root{AccountID: "123456789012"}, Gateway: gateway.Config{APIs: []gateway.API{{
		ID: "shop", Account: "123456789012", Region: "us-east-1", Stage: "prod", Upstream: upstream.URL,
	}}}})
	defer closed(t, s)
	front, gate := httptest.NewServer(s.Handler()), httptest.NewServer(s.Gateway())
	defer front.Close()
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	if _, err := admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("Bob")})
	if err != nil {
		t.Fatal(err)
	}
	bob := servertest.Config(front.URL, "us-east-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	refused := func() {
		t.Helper()
		if _, err := sdk.NewFromConfig(bob).ListUsers(ctx, nil); err == nil {
			t.Error("let in")
		}
	}
	refused()
	if _, err := admin.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: aws.String("Bob"), PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}`)}); err != nil {
		t.Fatal(err)
	}
	refused()
	invoke(t, gate.URL+"/orders", bob)
	gate.Close() // what it counts is counted after the answers
	if _, err := sts.NewFromConfig(bob).GetCallerIdentity(ctx, nil); err != nil {
		t.Fatal(err)
	}
	wantScraped(t, s,
		`iamd_decisions_total{outcome="allowed",policy="identity"} 3`,
		`iamd_decisions_total{outcome="implicit_deny",policy="identity"} 2`,
		`iamd_decisions_total{outcome="explicit_deny",policy="identity"} 1`,
		`iamd_decisions_total{outcome="explicit_deny",policy="scp"} 0`,
		`iamd_calls_total{action="iam:ListUsers",code="AccessDenied"} 2`,
		`iamd_calls_total{action="iam:CreateUser",code=""} 1`,
		`iamd_call_seconds_count{action="iam:CreateUser"} 1`,
		`iamd_gateway_requests_total{api="shop",status="403",type="AccessDeniedException"} 1`,
		`iamd_gateway_request_seconds_count{api="shop"} 1`,
		`iamd_cache_aggregates{kind="account"} 1`,
		`iamd_cache_evictions_total{kind="account"} 0`,
		// Four writes, of which none waited for another: the account's own among them.
		`iamd_store_batch_writes_bucket{le="1"} 4`,
		`iamd_ready 1`,
	)
	if text := scraped(t, s); !strings.Contains(text, `iamd_cache_lookups_total{cache="signing_key",result="hit"}`) || !strings.Contains(text, `iamd_store_seconds_count{operation="commit"}`) ||
		strings.Contains(text, "iamd_follower_lag_seconds ") {
		t.Errorf("caches, commits or no other nodes: %s", text)
	}
}

// TestStrangersMakeNoSeries: whatever is sent without a key, the metrics stay as
// many as they were.
func TestStrangersMakeNoSeries(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), Gateway: gateway.Config{APIs: []gateway.API{{ID: "shop", Account: "123456789012", Upstream: "http://127.0.0.1:1"}}}})
	defer closed(t, s)
	send := func(n int) {
		for _, h := range []http.Handler{s.Handler(), s.Gateway()} {
			for _, path := range []string{"/", "/console/api/%d", "/spapi/%d", "/access/v1/%d", "/auth/o2/token", "/policy/%d", "/shop/%d"} {
				for _, method := range []string{"GET", "POST", fmt.Sprint("M", n)} {
					target := strings.ReplaceAll(path, "%d", fmt.Sprint(n))
					r := httptest.NewRequest(method, target, strings.NewReader(fmt.Sprintf("Action=Do%d&Version=%d", n, n)))
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					r.Header.Set("X-Amz-Target", fmt.Sprintf("AWSOrganizationsV20161128.Do%d", n))
					r.Host = fmt.Sprintf("h%d.example.com", n)
					r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=AKIA%016d/20250101/r%d/s%d/aws4_request, SignedHeaders=host, Signature=%064d", n, n, n, n))
					h.ServeHTTP(httptest.NewRecorder(), r)
				}
			}
		}
	}
	count := func() (n int) {
		families, err := s.metrics.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if strings.HasPrefix(f.GetName(), "iamd_call") || strings.HasPrefix(f.GetName(), "iamd_gateway") {
				n += len(f.GetMetric()) // the store's come with time
			}
		}
		return n
	}
	send(1)
	before := count()
	for n := range 20 {
		send(n + 2)
	}
	if after := count(); after != before {
		t.Errorf("%d series, %d before", after, before)
	}
}

// TestBoundedSeries: beyond the bound all is the rest, whoever asks at once.
func TestBoundedSeries(t *testing.T) {
	s := newSeries(8, "rest", func(k string) *string { return &k })
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 100 {
				name := fmt.Sprint((i + n) % 50)
				if got := *s.of(name); got != name && got != "rest" {
					t.Errorf("%s counts as %s", name, got)
				}
			}
		})
	}
	all.Wait()
	if n := len(*s.known.Load()); n != 9 {
		t.Errorf("%d of at most 8 and the rest", n)
	}
	for text, want := range map[string]string{"": "", "iam:CreateUser": "iam:CreateUser", "a b": "other", "a\n": "other", "ä": "other", strings.Repeat("a", 129): "other"} {
		if got := label(text); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
	m := newMetrics()
	m.invoked(&gateway.Event{Status: 7000})
	m.invoked(&gateway.Event{Status: 599})
	for l := range *m.invokes.known.Load() {
		if l.status != -1 && l.status != 599 {
			t.Errorf("%+v", l)
		}
	}
}

// TestStoreFailures: what the backend fails by is told apart, and what is not there is
// no failure.
func TestStoreFailures(t *testing.T) {
	s := &Server{cfg: Config{}.withDefaults(), metrics: newMetrics()}
	s.outage.log = s.cfg.Log
	for _, err := range []error{
		nil, store.ErrNotFound, fmt.Errorf("x: %w", store.ErrCompacted), store.ErrConflict, fmt.Errorf("x: %w", &store.TakenError{}), store.ErrStale,
		context.DeadlineExceeded, io.ErrUnexpectedEOF, errors.New("x"),
	} {
		_, end := s.probe(t.Context(), "commit")
		end(err)
	}
	wantScraped(t, s,
		`iamd_store_seconds_count{operation="commit"} 9`,
		`iamd_store_errors_total{kind="conflict",operation="commit"} 1`, `iamd_store_errors_total{kind="taken",operation="commit"} 1`,
		`iamd_store_errors_total{kind="unavailable",operation="commit"} 1`, `iamd_store_errors_total{kind="canceled",operation="commit"} 1`,
		`iamd_store_errors_total{kind="other",operation="commit"} 2`)
}

// TestMetricsElsewhere: with an address of their own the metrics are there alone.
func TestMetricsElsewhere(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), Listen: "127.0.0.1:0", MetricsListen: "127.0.0.1:0"})
	defer closed(t, s)
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(at Addresses) { ready <- at }) }()
	var at Addresses
	select {
	case at = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	for url, want := range map[string]int{
		"http://" + at.Metrics.String() + "/metrics": 200, "http://" + at.Metrics.String() + "/readyz": 404,
		"http://" + at.API.String() + "/metrics": 404, "http://" + at.API.String() + "/readyz": 200,
	} {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d", url, res.StatusCode)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestFollowerShown: a node that shares its store tells how far behind it is.
func TestFollowerShown(t *testing.T) {
	lag, current := 1500*time.Millisecond, false
	registry := prometheus.NewRegistry()
	registry.MustRegister(followerSights(func() (time.Duration, bool) { return lag, current }))
	s := &Server{metrics: &metrics{registry: registry}}
	wantScraped(t, s, "iamd_follower_lag_seconds 1.5", "iamd_follower_current 0")
	lag, current = 0, true
	wantScraped(t, s, "iamd_follower_lag_seconds 0", "iamd_follower_current 1")
}

// BenchmarkCounted is what metrics cost a call: counting it, and its decision.
func BenchmarkCounted(b *testing.B) {
	m := newMetrics()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.call("iam:CreateUser", "", time.Millisecond)
			m.decisions.count(policy.Decision{Allowed: true, Type: policy.Identity})
		}
	})
}
