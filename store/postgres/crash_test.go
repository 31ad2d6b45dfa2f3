package postgres

import (
	"context"
	"testing"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
	"iamd/store/storetest"
)

func openWhole(ctx context.Context, url string) (store.Whole, error) {
	return Open(ctx, Config{URL: url})
}

// TestWritersKilled kills processes amid their commits.
func TestWritersKilled(t *testing.T) {
	storetest.RunCrash(t, storetest.Crash{
		Place: func(t *testing.T) string { return postgrestest.Shared(t).Database(t) },
		Open:  openWhole,
		Kills: 200,
	})
}

// TestServerKilled kills the server under load, again and again: all of its processes,
// as a machine that loses its power does, or the first alone.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	var c *postgrestest.Cluster
	kill := func(t *testing.T) {
		c.KillAll(t)
		c.Restart(t)
	}
	first := func(t *testing.T) {
		c.Kill()
		c.Restart(t)
	}
	storetest.RunCrash(t, storetest.Crash{
		Place: func(t *testing.T) string {
			c = postgrestest.Start(t)
			return c.Database(t)
		},
		Open:    openWhole,
		Outages: []func(*testing.T){kill, first, kill, first, kill},
	})
}
