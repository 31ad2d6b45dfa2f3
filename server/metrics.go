package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"iamd/audit"
)

// metrics are what /metrics shows.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	gateway  *prometheus.CounterVec
	// workloads are requests of those who get a role's keys.
	workloads *prometheus.CounterVec
}

func newMetrics(recorder *audit.Recorder) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "iamd_calls_total", Help: "Calls of AWS actions, and of the console's own (console:…), by action and error code (empty: none).",
		}, []string{"action", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "iamd_call_seconds", Help: "Time to answer a call of an AWS action, or of the console's own.",
			Buckets: prometheus.ExponentialBuckets(0.00005, 4, 9),
		}, []string{"action"}),
	}
	m.gateway = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iamd_gateway_requests_total", Help: "Requests at the gateway by API (empty: none answers), status and, of a refusal, its type.",
	}, []string{"api", "status", "type"})
	m.workloads = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iamd_workload_requests_total", Help: "Requests at the doors for workloads by door (container, instance) and status.",
	}, []string{"door", "status"})
	m.registry.MustRegister(m.calls, m.seconds, m.gateway, m.workloads,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "iamd_audit_dropped_total", Help: "Audit events of reads and denials that found the queue full.",
		}, func() float64 { return float64(recorder.Dropped()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "iamd_traces_dropped_total", Help: "Traces of denials that found their account's share of the queue used up.",
		}, func() float64 { return float64(recorder.DroppedTraces()) }))
	return m
}

// call counts one call; action is empty for a request that named none.
func (m *metrics) call(action, code string, took time.Duration) {
	m.calls.WithLabelValues(action, code).Inc()
	m.seconds.WithLabelValues(action).Observe(took.Seconds())
}

// invoked counts one request at the gateway.
func (m *metrics) invoked(api string, status int, refusal string) {
	m.gateway.WithLabelValues(api, strconv.Itoa(status), refusal).Inc()
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
