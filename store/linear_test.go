package store_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/storetest"
)

// ways are of so many processes to one store.
func ways(t *testing.T, n int) (list []*storetest.Node) {
	net := storetest.NewNetwork(open(t).Backend)
	for range n {
		list = append(list, net.Node())
	}
	return list
}

func TestLinearAlone(t *testing.T) {
	storetest.Linear{Ways: []store.Backend{storetest.UnreliableAlone(open(t).Backend, 40)}, Clients: 8, Each: 150}.Run(t)
}

// TestLinear: processes that are cut off, and that no news reach, keep one order.
func TestLinear(t *testing.T) {
	nodes := ways(t, 3)
	l := storetest.Linear{Clients: 3, Each: 150, Faults: func(ctx context.Context) {
		for ctx.Err() == nil {
			n := nodes[rand.IntN(len(nodes))]
			during(ctx, 20*time.Millisecond, []func(bool){n.Cut, n.Quiet}[rand.IntN(2)])
			during(ctx, 20*time.Millisecond, func(bool) {})
		}
	}}
	for _, n := range nodes {
		l.Ways = append(l.Ways, storetest.Unreliable(n, 40))
	}
	l.Run(t)
}

// during does harm for a while.
func during(ctx context.Context, a time.Duration, harm func(bool)) {
	harm(true)
	defer harm(false)
	timer := time.NewTimer(a)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// TestLinearBites: what is out of order is found.
func TestLinearBites(t *testing.T) {
	for name, broken := range map[string]func(store.Shared) store.Shared{
		"Overwriting": storetest.Overwriting, "Forgetful": storetest.Forgetful,
	} {
		t.Run(name, func(t *testing.T) {
			nodes := ways(t, 3)
			// Most news come by asking, so that an answer which is wrong stays for a while.
			l := storetest.Linear{Clients: 3, Each: 60, Faults: func(ctx context.Context) {
				for ctx.Err() == nil {
					during(ctx, 300*time.Millisecond, func(quiet bool) {
						for _, n := range nodes {
							n.Quiet(quiet)
						}
					})
					during(ctx, 40*time.Millisecond, func(bool) {})
				}
			}}
			for _, n := range nodes {
				l.Ways = append(l.Ways, broken(n))
			}
			wrong := l.Violation(t)
			t.Log(strings.TrimSpace(wrong))
			if wrong == "" {
				t.Error("nothing was found")
			}
		})
	}
}
