package server

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iamd/store"
)

// storeMetrics tell what the store's backend does.
type storeMetrics struct {
	seconds *series[string, prometheus.Observer]
	errors  *series[storeFailure, prometheus.Counter]
	batch   prometheus.Observer
}

type storeFailure struct{ operation, kind string }

// maxOperations is more than a backend has.
const maxOperations = 64

func newStoreMetrics(registry *prometheus.Registry) storeMetrics {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "iamd_store_seconds", Help: "Time that the store's backend takes, by operation.", Buckets: latency(),
	}, []string{"operation"})
	failed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iamd_store_errors_total",
		Help: "Calls of the store's backend that failed, by operation and kind (conflict: another node's commit came first, taken: a name has another owner, " +
			"unavailable, canceled, other). What is not there is no failure.",
	}, []string{"operation", "kind"})
	batch := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "iamd_store_batch_writes", Help: "Writes to one aggregate that shared a commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 9),
	})
	registry.MustRegister(seconds, failed, batch)
	return storeMetrics{
		batch: batch,
		seconds: newSeries(maxOperations, "other", func(operation string) prometheus.Observer {
			return seconds.WithLabelValues(operation)
		}),
		errors: newSeries(maxOperations*len(storeKinds), storeFailure{"other", "other"}, func(f storeFailure) prometheus.Counter {
			return failed.WithLabelValues(f.operation, f.kind)
		}),
	}
}

// probe measures calls of the backend, and has the one who follows a request see
// those that are done for it.
func (s *Server) probe(ctx context.Context, operation string) (context.Context, func(error)) {
	began := s.cfg.Now()
	ctx, end := s.tracing.span(ctx, "store "+operation)
	return ctx, func(err error) {
		if writing(operation) {
			s.wrote(ctx, err)
		}
		s.metrics.store.seconds.of(operation).Observe(s.cfg.Now().Sub(began).Seconds())
		if kind := storeKind(err); kind != "" {
			s.metrics.store.errors.of(storeFailure{operation, kind}).Inc()
			end(err)
			return
		}
		end(nil)
	}
}

// storeKinds are the failures that are told apart.
var storeKinds = []struct {
	is   error
	kind string
}{
	{nil, ""},
	{store.ErrNotFound, ""},
	{store.ErrCompacted, ""},
	{store.ErrConflict, "conflict"},
	{store.ErrUnavailable, "unavailable"},
	{context.Canceled, "canceled"},
	{context.DeadlineExceeded, "canceled"},
}

// storeKind is what counts as a failure of the backend; "": nothing.
func storeKind(err error) string {
	for _, k := range storeKinds {
		if errors.Is(err, k.is) {
			return k.kind
		}
	}
	if errors.As(err, new(*store.TakenError)) {
		return "taken"
	}
	return "other"
}

// committed is told how many writes shared a commit.
func (s *Server) committed(writes int) { s.metrics.store.batch.Observe(float64(writes)) }

// uptime is since when the server serves.
func (s *Server) uptime() time.Duration { return s.cfg.Now().Sub(s.began) }
