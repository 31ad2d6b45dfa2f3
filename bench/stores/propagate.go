package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"iamd/bench/stores/fleet"
)

// steadyEach is how often each of six clients asks, in a steady load.
const steadyEach = 10 * time.Millisecond

// propagate measures how long a write at one node takes to be seen at another.
func (b *bench) propagate(ctx context.Context, n *fleet.Node, place string, r *result) (err error) {
	other, err := b.start(ctx, place, r.kind+"/other")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, other.Stop()) }()
	if r.hops, err = b.hop(ctx, n, other, "quiet"); err != nil {
		return err
	}
	end := b.steady(ctx, n, other)
	r.busyHops, err = b.hop(ctx, n, other, "busy")
	return errors.Join(err, end())
}

// hop writes at one node, and asks the other again and again.
func (b *bench) hop(ctx context.Context, n, other *fleet.Node, names string) (took []time.Duration, err error) {
	writer, reader := fleet.NewLine(n.Address), fleet.NewLine(other.Address)
	defer writer.Close()
	defer reader.Close()
	user := b.world[0].User
	// Both know the account before.
	if err := reader.Ask(fleet.Sign(user, "iam", "Action", "GetUser")); err != nil {
		return nil, err
	}
	for i := range b.hops {
		name := fmt.Sprintf("%s-%d", names, i)
		create, look := fleet.Sign(user, "iam", "Action", "CreateUser", "UserName", name), fleet.Sign(user, "iam", "Action", "GetUser", "UserName", name)
		if err := writer.Ask(create); err != nil {
			return nil, err
		}
		began := time.Now()
		for seen := false; !seen; {
			status, body, err := reader.Do(look)
			switch {
			case err != nil:
				return nil, err
			case status == http.StatusOK:
				seen = true
			case status != http.StatusNotFound || time.Since(began) > time.Minute:
				return nil, fmt.Errorf("%s after %s: %d %s", name, time.Since(began), status, body)
			}
		}
		took = append(took, time.Since(began))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return took, nil
}

// steady asks 600 times a second until it is ended: two thirds AssumeRole at both
// nodes, one third CreateUser in other accounts, at both too.
func (b *bench) steady(ctx context.Context, nodes ...*fleet.Node) (end func() error) {
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for i, n := range nodes {
		for c := range 3 {
			all.Go(func() {
				l, each := fleet.NewLine(n.Address), time.NewTicker(steadyEach)
				defer l.Close()
				defer each.Stop()
				for k := 0; ; k++ {
					select {
					case <-ctx.Done():
						return
					case <-each.C:
					}
					a := b.world[1+(2*k+i)%(len(b.world)-1)]
					raw := fleet.Sign(a.User, "sts", "Action", "AssumeRole", "RoleArn", a.Role, "RoleSessionName", "bench")
					if c == 0 {
						raw = fleet.Sign(a.User, "iam", "Action", "CreateUser", "UserName", fmt.Sprintf("steady-%d-%d", i, k))
					}
					if err := l.Ask(raw); err != nil {
						mu.Lock()
						failed = errors.Join(failed, err)
						mu.Unlock()
						return
					}
				}
			})
		}
	}
	return func() error {
		stop()
		all.Wait()
		return failed
	}
}
