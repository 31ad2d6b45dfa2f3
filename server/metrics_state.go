package server

import (
	"runtime"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iamd/guard"
	"iamd/store"
	"iamd/sts"
)

// state is what is read when somebody looks at the metrics.
type state struct {
	gate   *guard.Guard
	tokens *sts.Service
	// caches are the aggregates in memory, by kind.
	caches map[string]func() store.Stats
	// follower tells how long ago that is as of which all is known that other nodes
	// committed, and whether that counts as current; nil: there are no other nodes.
	follower func() (lag time.Duration, current bool)
}

// sight is a metric that is read when somebody looks. A value that is not there
// is not shown.
type sight struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(give func(value float64, labels ...string))
}

// sights is a collector of what is read.
type sights []sight

// Describe implements prometheus.Collector.
func (all sights) Describe(to chan<- *prometheus.Desc) {
	for _, r := range all {
		to <- r.desc
	}
}

// Collect implements prometheus.Collector.
func (all sights) Collect(to chan<- prometheus.Metric) {
	for _, r := range all {
		r.read(func(value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(r.desc, r.kind, value, labels...)
		})
	}
}

type given = func(value float64, labels ...string)

func gauge(name, help string, read func(given), labels ...string) sight {
	return sight{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue, read}
}

func counter(name, help string, read func(given), labels ...string) sight {
	return sight{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue, read}
}

// show adds what is read of the server's parts, once all are made.
func (s *Server) show(from state) {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "iamd_build_info", Help: "Always 1; the labels tell which program this is.",
		ConstLabels: prometheus.Labels{"version": s.cfg.Console.Version, "revision": revision(), "go_version": runtime.Version()},
	})
	build.Set(1)
	s.metrics.registry.MustRegister(build, followerSights(from.follower), sights{
		gauge("iamd_uptime_seconds", "Time since the server began.", func(give given) { give(s.uptime().Seconds()) }),
		gauge("iamd_ready", "Whether /readyz would say so, but for the store: 0 once the server is told to stop.", func(give given) { give(truth(!s.stopping.Load())) }),
		counter("iamd_audit_dropped_total", "Audit events of reads and denials that found the queue full.", func(give given) {
			give(float64(s.audit.Dropped()))
		}),
		counter("iamd_traces_dropped_total", "Traces of denials that found their account's share of the queue used up.", func(give given) {
			give(float64(s.audit.DroppedTraces()))
		}),
		gauge("iamd_audit_queue_items", "What waits to be written, by kind (event, trace).", func(give given) {
			q := s.audit.Queue()
			give(float64(q.Events), "event")
			give(float64(q.Traces), "trace")
		}, "kind"),
		gauge("iamd_audit_queue_bytes", "Bytes that wait to be written, by kind (event, trace).", func(give given) {
			q := s.audit.Queue()
			give(float64(q.EventBytes), "event")
			give(float64(q.TraceBytes), "trace")
		}, "kind"),
		gauge("iamd_cache_aggregates", "Aggregates in memory, by kind (account, organization, application).", func(give given) {
			for kind, stats := range from.caches {
				give(float64(stats().Loaded), kind)
			}
		}, "kind"),
		counter("iamd_cache_loads_total", "Aggregates that were loaded whole, failures among them, by kind.", func(give given) {
			for kind, stats := range from.caches {
				give(float64(stats().Loads), kind)
			}
		}, "kind"),
		counter("iamd_cache_evictions_total", "Aggregates that left memory to make room, by kind.", func(give given) {
			for kind, stats := range from.caches {
				give(float64(stats().Evictions), kind)
			}
		}, "kind"),
		counter("iamd_cache_lookups_total", "Look-ups of what was verified before, by cache (session_token: opened, signing_key: derived) and result (hit, miss).",
			func(give given) {
				hits, misses := from.tokens.Remembered()
				give(float64(hits), "session_token", "hit")
				give(float64(misses), "session_token", "miss")
				hits, misses = from.gate.RememberedKeys()
				give(float64(hits), "signing_key", "hit")
				give(float64(misses), "signing_key", "miss")
			}, "cache", "result"),
		gauge("iamd_tls_certificate_not_after_timestamp_seconds",
			"When a certificate ends, by certificate (authority: the local one, which signs those of tls_listen; server: that of tls.cert_file); not there without TLS.",
			func(give given) {
				if s.certificate != nil {
					give(float64(s.certificate.notAfter.Load()), "server")
				}
				if s.front != nil {
					give(float64(s.front.authority.NotAfter().Unix()), "authority")
				}
			}, "certificate"),
		gauge("iamd_connections", "Connections that are open, of all doors that count them.", func(give given) { give(float64(s.throttle.connections.Open())) }),
		counter("iamd_throttled_total", "Requests and connections that were one too many, by of what (address, principal, account, connection, body).", func(give given) {
			give(float64(s.throttle.refused.address.Load()), "address")
			give(float64(s.throttle.refused.principal.Load()), "principal")
			give(float64(s.throttle.refused.account.Load()), "account")
			give(float64(s.throttle.refused.connection.Load()), "connection")
			give(float64(s.throttle.refused.body.Load()), "body")
		}, "by"),
		counter("iamd_telemetry_spans_total", "Spans by result (exported, failed: the receiver did not take them); not there without telemetry.", func(give given) {
			if s.tracing != nil {
				give(float64(s.tracing.exported.Load()), "exported")
				give(float64(s.tracing.failed.Load()), "failed")
			}
		}, "result"),
	})
}

// followerSights are of the node that follows others; follower is nil where there are
// none.
func followerSights(follower func() (lag time.Duration, current bool)) sights {
	return sights{
		gauge("iamd_follower_lag_seconds", "How long ago that is as of which all commits of other nodes are known; not there with the embedded store.",
			func(give given) {
				if follower != nil {
					lag, _ := follower()
					give(lag.Seconds())
				}
			}),
		gauge("iamd_follower_current", "Whether what other nodes commit is heard of in time; not there with the embedded store.", func(give given) {
			if follower != nil {
				_, current := follower()
				give(truth(current))
			}
		}),
	}
}

// caches are the aggregates by kind.
func (s *Server) caches() map[string]func() store.Stats {
	return map[string]func() store.Stats{"account": s.accounts.Stats, "organization": s.joined.all.Stats, "application": s.registered.Stats}
}

// followed tells how the follower stands; nil: there is none.
func (s *Server) followed() func() (lag time.Duration, current bool) {
	if s.follower == nil {
		return nil
	}
	return func() (time.Duration, bool) {
		now := s.follower.State()
		return now.Behind, now.Stalled == nil
	}
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// revision is of which commit the program was built, "" where that is not known.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
