package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"iamd/gateway"
	"iamd/guard"
)

// metrics are what /metrics shows. docs/metrics.md lists them all.
type metrics struct {
	registry  *prometheus.Registry
	calls     *series[callLabels, observedCall]
	invokes   *series[invokeLabels, prometheus.Counter]
	forwarded *series[string, prometheus.Observer]
	// workloads are requests of those who get a role's keys.
	workloads *series[workloadLabels, prometheus.Counter]
	decisions decisions
	store     storeMetrics
}

type (
	callLabels   struct{ action, code string }
	invokeLabels struct {
		api     string
		status  int // -1: none that HTTP knows
		refusal string
	}
	workloadLabels struct {
		door   string
		status int
	}
	observedCall struct {
		calls   prometheus.Counter
		seconds prometheus.Observer
	}
)

// Most time series of one kind: far more than this program's own words make, so
// that no mistake in what becomes a label fills the memory.
const (
	maxCalls     = 16384
	maxInvokes   = 8192
	maxWorkloads = 64
)

// latency are the bounds of histograms of what mostly takes far less than a second.
func latency() []float64 {
	return []float64{.00005, .0001, .0002, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	calls := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iamd_calls_total", Help: "Calls of AWS actions, and of the console's own (console:…), by action and error code (empty: none).",
	}, []string{"action", "code"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "iamd_call_seconds", Help: "Time to answer a call of an AWS action, or of the console's own.", Buckets: latency(),
	}, []string{"action"})
	m.calls = newSeries(maxCalls, callLabels{"other", "other"}, func(l callLabels) observedCall {
		return observedCall{calls.WithLabelValues(label(l.action), label(l.code)), seconds.WithLabelValues(label(l.action))}
	})
	invokes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iamd_gateway_requests_total", Help: "Requests at the gateway by API (empty: none answers), status and, of a refusal, its type.",
	}, []string{"api", "status", "type"})
	m.invokes = newSeries(maxInvokes, invokeLabels{"other", -1, "other"}, func(l invokeLabels) prometheus.Counter {
		status := "other"
		if l.status >= 0 {
			status = strconv.Itoa(l.status)
		}
		return invokes.WithLabelValues(l.api, status, label(l.refusal))
	})
	forwarded := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "iamd_gateway_request_seconds", Help: "Time from a request at the gateway to the end of its answer, by API.", Buckets: latency(),
	}, []string{"api"})
	m.forwarded = newSeries(maxInvokes, "other", func(api string) prometheus.Observer { return forwarded.WithLabelValues(api) })
	workloads := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iamd_workload_requests_total", Help: "Requests at the doors for workloads by door (container, instance) and status.",
	}, []string{"door", "status"})
	m.workloads = newSeries(maxWorkloads, workloadLabels{"other", 0}, func(l workloadLabels) prometheus.Counter {
		return workloads.WithLabelValues(l.door, strconv.Itoa(l.status))
	})
	m.decisions = newDecisions(m.registry)
	m.store = newStoreMetrics(m.registry)
	m.registry.MustRegister(calls, seconds, invokes, forwarded, workloads,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// call counts one call; action is empty for a request that named none.
func (m *metrics) call(action, code string, took time.Duration) {
	of := m.calls.of(callLabels{action, code})
	of.calls.Inc()
	of.seconds.Observe(took.Seconds())
}

// observe is told of every call by the doors that have actions.
func (s *Server) observe(ctx context.Context, action, code string, c *guard.Caller, took time.Duration) {
	s.metrics.call(action, code, took)
	if k := s.visitOf(ctx); k != nil {
		k.action, k.code = action, code
		k.by(c)
	}
}

// invoked counts one request at the gateway.
func (m *metrics) invoked(e *gateway.Event) {
	api, status := "", e.Status
	if e.API != nil {
		api = e.API.ID
	}
	if status < 0 || status >= 600 { // an upstream may make up any
		status = -1
	}
	m.invokes.of(invokeLabels{api, status, e.ErrorType}).Inc()
	if e.API != nil {
		m.forwarded.of(api).Observe(e.Duration.Seconds())
	}
}

// workload counts one request at a door for workloads.
func (m *metrics) workload(door string, status int) {
	m.workloads.of(workloadLabels{door, status}).Inc()
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// label is what a label may have: a word of this program's own. What looks like none is
// not passed on.
func label(s string) string {
	if len(s) > 128 {
		return "other"
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' {
			return "other"
		}
	}
	return s
}

// metricsDoor serves /metrics alone.
func (s *Server) metricsDoor() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.handler())
	return mux
}
