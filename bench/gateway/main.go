// Command gateway puts the same load on iamd's gateway, on the same gateway with authorization off, on Debian's nginx as
// a plain proxy and on net/http/httputil's, all to one upstream, and prints what each carried.
//
// All get the same signed requests. The targets take turns of a few seconds, so that whatever else the machine does meets all of them. The clients, the
// upstream and the proxies share the machine: requests a second are of this machine with all of them on it, and compare
// with each other only. The CPU time of the proxy itself for a request, user and system, is the figure that neither the
// clients nor other programs change much.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// load is how much is asked for.
type load struct {
	clients     int
	each, slice time.Duration // of a target in all, of one turn
	body        int           // bytes of the POSTs
	upstream    string
	profile     string
}

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		if err := play(role); err != nil {
			fmt.Fprintln(os.Stderr, role+":", err)
			os.Exit(1)
		}
		return
	}
	var l load
	flag.IntVar(&l.clients, "clients", 64, "connections, each with one request at a time")
	flag.DurationVar(&l.each, "time", time.Minute, "how long each target is under load, for each kind of request")
	flag.DurationVar(&l.slice, "slice", 5*time.Second, "how long a target's turn lasts")
	flag.IntVar(&l.body, "body", 1<<10, "bytes of a POST's body")
	flag.StringVar(&l.upstream, "upstream", "plain", "plain: net/http's server; lean: one that costs as little as may be")
	flag.StringVar(&l.profile, "cpuprofile", "", "file for a CPU profile of iamd")
	flag.Parse()
	if err := run(context.Background(), l); err != nil {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(1)
	}
}

// target is a proxy under load.
type target struct {
	name    string
	address string
	host    string // of the Host header
	process *process
	shared  bool // with a target before it

	clients []*client
	sum     sum
}

// sum is what a target has carried, of one kind of request.
type sum struct {
	took    []time.Duration
	failed  int
	why     error // the first failure's reason
	time    time.Duration
	cpu     time.Duration // of the proxy
	beside  time.Duration // of the clients and the upstream
	memory  []int64       // resident bytes of the proxy, after each turn
	perTurn []float64     // requests a second
}

func run(ctx context.Context, l load) error {
	dir, err := os.MkdirTemp("", "iamd-gateway-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newStand(ctx, dir, l)
	defer s.stop()
	if err != nil {
		return err
	}
	turns := max(1, int(l.each/l.slice))
	fmt.Printf("%d CPUs for the clients, the upstream and the proxies together; %d clients, %d turns of %s for each target\n",
		runtime.NumCPU(), l.clients, turns, l.slice)
	bad := false
	for _, k := range []kind{{"GET", "GET", 0}, {fmt.Sprintf("POST, %d bytes", l.body), "POST", l.body}} {
		for _, t := range s.targets {
			t.sum = sum{}
		}
		// A turn that does not count opens connections and warms caches.
		for _, t := range s.targets {
			if err := s.turn(ctx, t, k, l.slice/5); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			if t.sum.failed > 0 {
				return fmt.Errorf("%s: %w", t.name, t.sum.why)
			}
			t.sum = sum{}
		}
		for i := range turns {
			// Every other round goes backwards, so that nobody always follows the same one.
			order := slices.Clone(s.targets)
			if i%2 == 1 {
				slices.Reverse(order)
			}
			for _, t := range order {
				if err := s.turn(ctx, t, k, l.slice); err != nil {
					return fmt.Errorf("%s: %w", t.name, err)
				}
			}
		}
		if err := print(k, s.targets); err != nil {
			return err
		}
		for _, t := range s.targets {
			if t.sum.failed > 0 {
				bad = true
				fmt.Printf("%s failed %d times, first: %v\n", t.name, t.sum.failed, t.sum.why)
			}
		}
	}
	if bad {
		return errors.New("there were errors")
	}
	return nil
}

// print shows what each target carried, and the ratios that matter.
func print(k kind, targets []*target) error {
	fmt.Printf("\n%s\n", k.name)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "target\trequests/s\tp50 ms\tp99 ms\terrors\tCPU µs/request\tof clients and upstream\tmemory MB: start\tmiddle\tend\t")
	for _, t := range targets {
		s := &t.sum
		slices.Sort(s.took)
		n := max(1, len(s.took))
		fmt.Fprintf(out, "%s\t%.0f\t%.2f\t%.2f\t%d\t%.1f\t%.1f\t", t.name, s.rate(), percentile(s.took, 50), percentile(s.took, 99), s.failed,
			micro(s.cpu)/float64(n), micro(s.beside)/float64(n))
		fmt.Fprintf(out, "%.1f\t%.1f\t%.1f\t\n", megabytes(s.memory[0]), megabytes(s.memory[len(s.memory)/2]), megabytes(s.memory[len(s.memory)-1]))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	signed := targets[0]
	for _, other := range targets[1:] {
		fmt.Printf("%s / %s: requests/s %.0f %% (median of turns %.0f %%), by the CPU time of all together %.0f %%, of the proxy alone %.0f %%\n", signed.name, other.name,
			100*signed.sum.rate()/other.sum.rate(), 100*medianRatio(signed.sum.perTurn, other.sum.perTurn), 100*other.sum.all()/signed.sum.all(), 100*other.sum.each()/signed.sum.each())
	}
	return nil
}

func (s *sum) rate() float64 { return float64(len(s.took)) / s.time.Seconds() }

// each is the proxy's CPU time for a request.
func (s *sum) each() float64 { return micro(s.cpu) / float64(max(1, len(s.took))) }

// all is the CPU time of the proxy, the clients and the upstream for a request: what they carry when nothing else is on the
// machine.
func (s *sum) all() float64 { return micro(s.cpu+s.beside) / float64(max(1, len(s.took))) }

// medianRatio compares the turns of each round with each other.
func medianRatio(a, b []float64) float64 {
	var ratios []float64
	for i := range a {
		ratios = append(ratios, a[i]/b[i])
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func percentile(sorted []time.Duration, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, len(sorted)*percent/100)]) / float64(time.Millisecond)
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func megabytes(n int64) float64 { return float64(n) / 1e6 }
