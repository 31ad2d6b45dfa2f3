package server

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"iamd/audit"
	"iamd/audit/sink"
	"iamd/keyring"
)

// Audit says which events are kept, for how long, and where they go besides.
type Audit struct {
	// History is how long events are kept, and how far back LookupEvents sees; zero:
	// 90 days.
	History time.Duration
	// WritesOnly keeps no events of calls that only looked, were let in, and gave
	// nobody credentials.
	WritesOnly bool
	// Node tells servers at one store apart, by a name that outlives a restart; empty:
	// the machine's.
	Node string
	// Sinks are where events go once they are stored.
	Sinks []sink.Spec
}

// LeastHistory is the shortest history: what other nodes do not know yet and what
// sinks have not delivered is read from it.
const LeastHistory = time.Hour

// MostHistory bounds it, as times have bounds.
const MostHistory = 100 * 365 * 24 * time.Hour

func (s *Server) history() time.Duration { return cmp.Or(s.cfg.Audit.History, audit.History) }

// overlooked puts what looks on between the server and its store.
func (s *Server) overlooked(ctx context.Context) error {
	if h := s.history(); h < LeastHistory || h > MostHistory {
		return fmt.Errorf("audit.history: %s is not from %s to %s", h, LeastHistory, MostHistory)
	}
	if s.cfg.Through != nil {
		s.backend = s.cfg.Through(s.backend)
	}
	if len(s.cfg.Audit.Sinks) == 0 {
		s.metrics.registry.MustRegister(sinkSights(nil))
		return nil
	}
	node := s.cfg.Audit.Node
	if node == "" {
		var err error
		if node, err = os.Hostname(); err != nil {
			return fmt.Errorf("this machine has no name: set audit.node: %w", err)
		}
	}
	sinks, err := sink.Open(ctx, sink.Config{
		Backend: s.backend, Prefix: accountPrefix, Node: node, Sinks: s.cfg.Audit.Sinks, Log: s.cfg.Log, Now: s.cfg.Now,
	})
	if err != nil {
		return err
	}
	s.backend = sinks.Watch(s.backend)
	s.metrics.registry.MustRegister(sinkSights(sinks))
	return nil
}

// recorder makes what keeps events.
func (s *Server) recorder() *audit.Recorder {
	return audit.New(audit.Config{
		Sink: s.backend, Prefix: accountPrefix, Living: s.living, Shared: s.follower != nil, Log: s.cfg.Log, History: s.history(), WritesOnly: s.cfg.Audit.WritesOnly,
	})
}

// living tells who an account has, if it is in memory.
func (s *Server) living(account string) func(id string) bool {
	a, ok := s.accounts.Loaded(account)
	if !ok {
		return nil
	}
	return func(id string) bool {
		if _, _, ok := a.AccessKey(id); ok {
			return true
		}
		if _, ok := a.UserByID(id); ok {
			return true
		}
		_, ok := a.RoleByID(id)
		return ok || id == account
	}
}

// The keyring seals where a page of events ended, for what was asked.
func sealPage(ring *keyring.Ring) func(string, []byte) []byte {
	return func(of string, plain []byte) []byte { return ring.Seal(keyring.LookupToken, plain, []byte(of)) }
}

func openPage(ring *keyring.Ring) func(string, []byte) ([]byte, error) {
	return func(of string, sealed []byte) ([]byte, error) {
		return ring.Open(keyring.LookupToken, sealed, []byte(of))
	}
}

// sinkSights tell how sinks do. There are as many labels as the configuration has
// sinks.
func sinkSights(sinks *sink.Sinks) sights {
	each := func(of func(sink.State) float64) func(given) {
		return func(give given) {
			for _, state := range sinks.States() {
				give(of(state), state.Name)
			}
		}
	}
	return sights{
		counter("iamd_audit_sink_dropped_total", "Audit events that a sink called too large, each by itself.",
			each(func(s sink.State) float64 { return float64(s.Dropped) }), "sink"),
		counter("iamd_audit_sink_failures_total", "Attempts to deliver audit events that failed, and were made again.",
			each(func(s sink.State) float64 { return float64(s.Failed) }), "sink"),
		gauge("iamd_audit_sink_waiting", "Audit events that wait in memory for a sink.",
			each(func(s sink.State) float64 { return float64(s.Waiting) }), "sink"),
		gauge("iamd_audit_sink_behind_seconds", "Age of the oldest audit event that a sink does not have yet.",
			each(func(s sink.State) float64 { return s.Behind.Seconds() }), "sink"),
	}
}
