package postgres

import (
	"context"
	"testing"
	"time"

	"iamd/store/postgres/postgrestest"
	"iamd/store/storetest"
)

// TestLinear: three processes keep one order, while their connections are cut and
// the server is killed.
func TestLinear(t *testing.T) {
	server := postgrestest.Start(t)
	server.Exec(t, "postgres", "CREATE DATABASE linear")
	l := storetest.Linear{Clients: 3, Each: 90, Faults: func(ctx context.Context) {
		tick := time.NewTicker(150 * time.Millisecond)
		defer tick.Stop()
		for n := range 7 {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if n == 2 {
				server.Kill()
				server.Restart(t)
				continue
			}
			server.Exec(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'linear'")
		}
	}}
	for range 3 {
		l.Ways = append(l.Ways, storetest.Unreliable(start(t, server.URL("linear")), 40))
	}
	l.Run(t)
}

// TestLinearBites: a server that keeps no order is found.
func TestLinearBites(t *testing.T) {
	url := postgrestest.Shared(t).Database(t)
	l := storetest.Linear{Clients: 3, Each: 40}
	for range 3 {
		l.Ways = append(l.Ways, storetest.Overwriting(start(t, url)))
	}
	if wrong := l.Violation(t); wrong == "" {
		t.Error("nothing was found")
	}
}
