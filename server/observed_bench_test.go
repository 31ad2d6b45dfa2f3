package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"iamd/server"
	"iamd/sigv4"
)

// BenchmarkObserved measures what it costs to be observed: a server that nobody
// listens to beside one with a line for each request, written to nowhere, and one
// whose every request is traced, to a receiver that answers at once. All are asked
// in turns in the one run; of-plain is the share of the first one's throughput.
// Metrics are on in all of them.
func BenchmarkObserved(b *testing.B) {
	ctx := context.Background()
	receiver := httptest.NewServer(nothing{})
	defer receiver.Close()
	one := 1.0
	type tried struct {
		name  string
		lines wires
		raw   []byte
		took  time.Duration
	}
	var all []*tried
	for _, c := range []struct {
		name string
		cfg  server.Config
	}{
		{"plain", server.Config{}},
		{"lines", server.Config{LogRequests: true, Log: slog.New(slog.NewJSONHandler(discard{}, nil))}},
		{"traces", server.Config{Telemetry: server.Telemetry{Endpoint: receiver.URL, Ratio: &one}}},
	} {
		c.cfg.DataDir = b.TempDir()
		s, err := server.New(ctx, c.cfg)
		if err != nil {
			b.Fatal(err)
		}
		front := httptest.NewServer(s.Handler())
		b.Cleanup(func() {
			front.Close()
			if err := s.Close(ctx); err != nil {
				b.Error(err)
			}
		})
		at, root := front.Listener.Addr().String(), s.FirstStart()
		key := sigv4.Credentials{KeyID: root.AccessKeyID, Secret: root.SecretAccessKey}
		all = append(all, &tried{name: c.name, lines: dial(b, at, 8), raw: signed(b, at, key, "sts", "Action", "GetCallerIdentity")})
	}
	b.ResetTimer()
	const turn = 1000
	for done := 0; done < b.N; done += turn {
		for _, t := range all {
			began := time.Now()
			t.lines.run(b, t.raw, min(turn, b.N-done))
			t.took += time.Since(began)
		}
	}
	for _, t := range all[1:] {
		b.ReportMetric(float64(all[0].took)/float64(t.took), t.name+"-of-plain")
	}
	b.ReportMetric(float64(b.N)/all[0].took.Seconds(), "plain-req/s")
}

type nothing struct{}

func (nothing) ServeHTTP(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
