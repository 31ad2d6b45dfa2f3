package audit_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"iamd/audit"
)

// TestShared: what another process noted is told once both had their moment.
func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSink()
		open := func(shared bool) *audit.Recorder {
			r := audit.New(audit.Config{Sink: s, Prefix: "account/", Log: slog.New(slog.DiscardHandler), Shared: shared})
			t.Cleanup(func() {
				if err := r.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			return r
		}
		here, there, alone := open(true), open(true), open(false)
		used := func(r *audit.Recorder, at time.Time) {
			r.Attempted(t.Context(), audit.Attempt{Account: "111122223333", KeyID: "AKIA1", EntityID: "AIDA1", Service: "iam", Action: "GetUser", Time: at})
		}
		last := func(r *audit.Recorder) time.Time {
			use, _, err := r.Key(t.Context(), "111122223333", "AKIA1")
			if err != nil {
				t.Fatal(err)
			}
			return use.Time
		}
		used(here, clock)
		used(alone, clock)
		time.Sleep(2 * audit.FlushEvery)
		used(there, clock.Add(time.Minute))
		if got := last(here); !got.Equal(clock) {
			t.Errorf("at once: %s", got)
		}
		time.Sleep(2 * audit.FlushEvery)
		if got := last(here); !got.Equal(clock.Add(time.Minute)) {
			t.Errorf("after a moment: %s", got)
		}
		if got := last(alone); !got.Equal(clock) {
			t.Errorf("where nobody else writes: %s", got)
		}
	})
}
