package server

import (
	"bytes"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"iamd/gateway"
	"iamd/server/servertest"
)

// receiver takes spans by OTLP over HTTP.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	raw     bytes.Buffer
	spans   []*otlp.Span
	service string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		var in collector.ExportTraceServiceRequest
		if err != nil || q.URL.Path != "/under/v1/traces" || proto.Unmarshal(body, &in) != nil {
			t.Errorf("%s: %v", q.URL, err)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.raw.Write(body)
		for _, of := range in.ResourceSpans {
			r.service = attributes(of.Resource.Attributes)["service.name"]
			for _, s := range of.ScopeSpans {
				r.spans = append(r.spans, s.Spans...)
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// request is the span of the request with that name, and the names of those below
// it, with how many levels down, in order.
func (r *receiver) request(t *testing.T, name string) (*otlp.Span, []string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var found *otlp.Span
	for _, s := range r.spans {
		if s.Name == name {
			found = s
		}
	}
	if found == nil {
		var names []string
		for _, s := range r.spans {
			names = append(names, s.Name)
		}
		t.Fatalf("no %s among %q", name, names)
	}
	var below []string
	var under func(of *otlp.Span, depth string)
	under = func(of *otlp.Span, depth string) {
		for _, s := range r.spans {
			if bytes.Equal(s.ParentSpanId, of.SpanId) && bytes.Equal(s.TraceId, of.TraceId) {
				below = append(below, depth+s.Name)
				under(s, depth+">")
			}
		}
	}
	under(found, "")
	slices.Sort(below)
	return found, slices.Compact(below)
}

// TestTracing: a request is a span with its parts below it, joined to the caller's
// and to the upstream's, and no secret is in any.
func TestTracing(t *testing.T) {
	ctx, traces := t.Context(), newReceiver(t)
	var passed http.Header
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed = r.Header.Clone() }))
	defer upstream.Close()
	s := start(t, Config{
		DataDir: t.TempDir(), Root: Root{AccountID: "123456789012"}, Telemetry: Telemetry{Endpoint: traces.URL + "/under"},
		Gateway: gateway.Config{APIs: []gateway.API{{ID: "shop", Account: "123456789012", Region: "us-east-1", Stage: "prod", Upstream: upstream.URL, Authorization: gateway.AuthorizationNone,
			ResourcePolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`}}},
	})
	front, gate := httptest.NewServer(s.Handler()), httptest.NewServer(s.Gateway())
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	if _, err := admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("Bob")})
	if err != nil {
		t.Fatal(err)
	}
	bob := servertest.Config(front.URL, "us-east-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	if _, err := sdk.NewFromConfig(bob).ListUsers(ctx, nil); err == nil {
		t.Fatal("let in")
	}
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	r, err := http.NewRequest(http.MethodGet, gate.URL+"/orders/1?token=thesecretquery", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Traceparent", "00-"+trace+"-"+parent+"-00") // that it was not sampled there is a stranger's word
	r.Header.Set("X-Amz-Access-Token", "thesecretheader")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if _, err := http.Get(front.URL + "/healthz"); err != nil {
		t.Fatal(err)
	}
	front.Close()
	gate.Close()
	closed(t, s) // and sends what waits

	made, below := traces.request(t, "iam:CreateUser")
	told := attributes(made.Attributes)
	for name, want := range map[string]string{
		"rpc.system": "aws-api", "rpc.service": "iam", "rpc.method": "CreateUser", "iamd.account": "123456789012",
		"iamd.principal": "arn:aws:iam::123456789012:root", "iamd.code": "", "http.request.method": "POST", "url.path": "/", "client.address": "127.0.0.1",
	} {
		if told[name] != want {
			t.Errorf("%s is %q", name, told[name])
		}
	}
	if len(told["aws.request_id"]) != 36 || traces.service != "iamd" || made.Kind != otlp.Span_SPAN_KIND_SERVER {
		t.Errorf("request id %q of %q, %v", told["aws.request_id"], traces.service, made.Kind)
	}
	// When its actions were last used is loaded once.
	below = slices.DeleteFunc(below, func(name string) bool { return strings.HasSuffix(name, "store load_soft") })
	if want := []string{"authenticate", "authorize", "operation", "store commit"}; !slices.Equal(below, want) {
		t.Errorf("below are %q", below)
	}
	refused, _ := traces.request(t, "iam:ListUsers")
	if code := attributes(refused.Attributes)["iamd.code"]; code != "AccessDenied" {
		t.Errorf("code %q", code)
	}
	invoked, below := traces.request(t, "execute-api:Invoke")
	if hex.EncodeToString(invoked.TraceId) != trace || hex.EncodeToString(invoked.ParentSpanId) != parent || !slices.Equal(below, []string{"upstream"}) {
		t.Errorf("%x under %x with %q", invoked.TraceId, invoked.ParentSpanId, below)
	}
	if path := attributes(invoked.Attributes)["url.path"]; path != "/orders/1" {
		t.Errorf("path %q", path)
	}
	for _, span := range traces.spans {
		if bytes.Equal(span.ParentSpanId, invoked.SpanId) && len(passed.Values("Traceparent")) == 1 &&
			passed.Get("Traceparent") != "00-"+trace+"-"+hex.EncodeToString(span.SpanId)+"-01" {
			t.Errorf("the upstream has %q", passed["Traceparent"])
		}
		if strings.HasPrefix(span.Name, "request") {
			t.Errorf("a span of a request without an action: %v", span)
		}
	}
	first := s.FirstStart()
	for _, secret := range []string{first.SecretAccessKey, *key.AccessKey.SecretAccessKey, "thesecretquery", "thesecretheader", "Signature="} {
		if bytes.Contains(traces.raw.Bytes(), []byte(secret)) {
			t.Errorf("a secret was told: %.6s…", secret)
		}
	}
	wantScraped(t, s, `iamd_telemetry_spans_total{result="failed"} 0`)
}

// TestSampling: whether a request is followed is ours to say, but for proxies that
// are trusted; what is not followed passes as it came.
func TestSampling(t *testing.T) {
	const yes, no = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
	for _, c := range []struct {
		name, parent string
		trusted      []string
		ratio        float64
		followed     bool
	}{
		{"none", "", nil, 0, false}, {"all", "", nil, 1, true},
		{"a stranger asks", yes, nil, 0, false}, {"a stranger asks not to", no, nil, 1, true},
		{"a proxy asks", yes, []string{"192.0.2.1"}, 0, true}, {"a proxy asks not to", no, []string{"192.0.2.1"}, 1, false},
		{"a proxy says nothing", "", []string{"192.0.2.1"}, 1, true}, {"a proxy says nonsense", "00-x", []string{"192.0.2.1"}, 0, false},
	} {
		var passed []string
		upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed = r.Header["Traceparent"] }))
		traces := newReceiver(t)
		s := start(t, Config{
			DataDir: t.TempDir(), TrustedProxies: c.trusted, Telemetry: Telemetry{Endpoint: traces.URL + "/under/", Ratio: &c.ratio},
			Gateway: gateway.Config{APIs: []gateway.API{{ID: "shop", Account: "123456789012", Upstream: upstream.URL, Authorization: gateway.AuthorizationNone,
				ResourcePolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`}}},
		})
		r := httptest.NewRequest(http.MethodGet, "/", nil) // from 192.0.2.1
		if c.parent != "" {
			r.Header.Set("Traceparent", c.parent)
		}
		w := httptest.NewRecorder()
		s.Gateway().ServeHTTP(w, r)
		closed(t, s)
		upstream.Close()
		if followed := len(traces.spans) > 0; followed != c.followed || w.Code != http.StatusOK {
			t.Errorf("%s: %d, %d spans", c.name, w.Code, len(traces.spans))
		}
		if as := strings.Join(passed, " "); !c.followed && as != c.parent || c.followed && (as == c.parent || len(passed) != 1) {
			t.Errorf("%s: the upstream has %q", c.name, passed)
		}
	}
}

// TestReceiverGone: a receiver that does not answer, or says no, holds nobody up.
func TestReceiverGone(t *testing.T) {
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer gone.Close()
	var log shelf
	s := start(t, Config{DataDir: t.TempDir(), Telemetry: Telemetry{Endpoint: gone.URL}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != http.StatusForbidden {
			t.Error(w.Code)
		}
	}
	closed(t, s)
	if n := strings.Count(log.String(), "traces are not taken"); n != 1 {
		t.Errorf("said %d times: %s", n, log.String())
	}
	wantScraped(t, s, `iamd_telemetry_spans_total{result="failed"} 6`)
}

// TestTelemetryRefused: what can't be meant is no endpoint, and a password in one is
// repeated nowhere.
func TestTelemetryRefused(t *testing.T) {
	for _, bad := range []Telemetry{
		{Endpoint: "127.0.0.1:4318"}, {Endpoint: "ftp://h"}, {Endpoint: "http://"}, {Endpoint: "http://u:hunter2@h"}, {Endpoint: "http://h?k=hunter2"},
		{Endpoint: "http://h", Ratio: aws.Float64(1.5)}, {Endpoint: "http://h", Ratio: aws.Float64(-1)},
	} {
		_, err := New(t.Context(), Config{DataDir: t.TempDir(), Telemetry: bad})
		if err == nil || !strings.Contains(err.Error(), "telemetry.") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// TestUnfollowedIsFree: without telemetry the parts of a request cost nothing.
func TestUnfollowedIsFree(t *testing.T) {
	var none *tracing
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		_, end := none.span(ctx, "x")
		end(nil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if none.part() != nil || none.propagate() != nil {
		t.Error("doors are to do without")
	}
	m := newMetrics()
	m.call("iam:CreateUser", "AccessDenied", 1)
	if n := testing.AllocsPerRun(100, func() { m.call("iam:CreateUser", "AccessDenied", 1) }); n != 0 {
		t.Errorf("%v allocations to count a call", n)
	}
	s := &Server{}
	h := http.NotFoundHandler()
	if served := s.attended(h); !sameHandler(served, h) {
		t.Error("a handler that nobody listens to is wrapped")
	}
}

func sameHandler(a, b http.Handler) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

func attributes(list []*common.KeyValue) map[string]string {
	all := map[string]string{}
	for _, a := range list {
		all[a.Key] = a.Value.GetStringValue()
	}
	return all
}
