package etcd

import (
	"context"
	"testing"
	"time"

	"iamd/store/etcd/etcdtest"
	"iamd/store/storetest"
)

// TestLinear: three processes keep one order, while the leader of three members is
// killed, and comes back.
func TestLinear(t *testing.T) {
	cluster := etcdtest.Start(t, 3)
	l := storetest.Linear{Clients: 3, Each: 100, Faults: func(ctx context.Context) {
		timer := time.NewTimer(300 * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		i := cluster.Leader()
		cluster.Kill(i)
		cluster.Restart(i)
	}}
	for range 3 {
		l.Ways = append(l.Ways, storetest.Unreliable(start(t, cluster.URL()), 40))
	}
	l.Run(t)
}

// TestLinearBites: processes that keep no order are found.
func TestLinearBites(t *testing.T) {
	url := etcdtest.Shared(t)
	l := storetest.Linear{Clients: 3, Each: 40}
	for range 3 {
		l.Ways = append(l.Ways, storetest.Overwriting(start(t, url)))
	}
	if wrong := l.Violation(t); wrong == "" {
		t.Error("nothing was found")
	}
}
