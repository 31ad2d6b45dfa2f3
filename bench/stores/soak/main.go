// Command soak puts a mixed load on iamd for a while, and fails when what it keeps in
// memory grows: the heap after a collection, goroutines, open files.
//
// The load is of all kinds: sessions and reads, the whole lives of users with their keys and
// policies (so the state stays as large as it is), calls through the gateway, pages of
// the console and sign-ins, denials, and requests that no client of AWS makes. Every answer
// must be the one that is due. It is steady, and far from what the machine can do:
// growth with the number of requests shows as growth with time.
//
// One node serves on the embedded store, three on others.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"iamd/bench/stores/fleet"
)

type soak struct {
	binary, dir, store string
	during, warm, tick time.Duration
	rate               float64 // calls a second

	servers *fleet.Store
	nodes   []*fleet.Node
	world   []*fleet.Account
}

func main() {
	var s soak
	minutes := flag.Float64("minutes", 10, "how long the load goes on")
	warm := flag.Float64("warm", 2, "minutes until growth counts, a third of the run at most")
	flag.DurationVar(&s.tick, "every", 10*time.Second, "time between looks at the nodes")
	flag.StringVar(&s.store, "store", "embedded", "embedded, postgres, etcd or etcd3")
	flag.Float64Var(&s.rate, "rate", 600, "calls a second")
	flag.StringVar(&s.binary, "iamd", "../bin/iamd", "the program")
	flag.StringVar(&s.dir, "dir", "", "directory for all that is written; empty: the system's temporary one")
	flag.Parse()
	s.during = time.Duration(*minutes * float64(time.Minute))
	s.warm = min(time.Duration(*warm*float64(time.Minute)), s.during/3)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := s.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func (s *soak) run(ctx context.Context) (err error) {
	if s.dir, err = os.MkdirTemp(s.dir, "iamd-soak-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	up, err := newUpstream()
	if err != nil {
		return err
	}
	if err := s.start(ctx, up); err != nil {
		return errors.Join(err, s.stop())
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	l, err := s.newLoad(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%s; %s, %d nodes, %.0f calls a second for %s.\n\n", fleet.Machine(), s.servers.Title, len(s.nodes), s.rate, s.during)
	loaded, end := context.WithTimeout(ctx, s.during)
	defer end()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.run(loaded)
	}()
	w := &watch{soak: s, load: l}
	err = w.run(loaded)
	end()
	<-ended
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	l.print()
	return errors.Join(w.judge(), l.judge())
}

// start runs the store's servers and the nodes, and makes accounts.
func (s *soak) start(ctx context.Context, upstream string) (err error) {
	if err := os.Chmod(s.dir, 0o711); err != nil { // PostgreSQL's server is another user
		return err
	}
	servers := filepath.Join(s.dir, "store")
	if err := os.Mkdir(servers, 0o700); err != nil {
		return err
	}
	if s.servers, err = fleet.Open(s.store, servers); err != nil {
		return err
	}
	url, err := s.servers.Place()
	if err != nil {
		return err
	}
	keyring, config := filepath.Join(s.dir, "keyring"), filepath.Join(s.dir, "config.yaml")
	text := fmt.Sprintf("gateway:\n  apis:\n    - id: soak\n      account: %q\n      upstream: http://%s\n", fleet.FirstAccount, upstream)
	if err := errors.Join(fleet.NewKeyring(s.binary, keyring), os.WriteFile(config, []byte(text), 0o600)); err != nil {
		return err
	}
	count := 1
	if s.servers.Shared {
		count = 3
	}
	for i := range count {
		n, err := fleet.Start(ctx, fleet.Config{Binary: s.binary, Store: url, Dir: filepath.Join(s.dir, fmt.Sprint("node-", i)), Keyring: keyring, File: config})
		if err != nil {
			return err
		}
		s.nodes = append(s.nodes, n)
	}
	s.world, err = fleet.NewWorld(ctx, s.nodes[0], 8, 25)
	return err
}

func (s *soak) stop() (err error) {
	for _, n := range s.nodes {
		err = errors.Join(err, n.Stop())
	}
	if s.servers != nil {
		err = errors.Join(err, s.servers.Close())
	}
	return err
}
