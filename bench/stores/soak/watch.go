package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"iamd/bench/stores/fleet"
)

// watch looks at the nodes.
type watch struct {
	*soak
	load  *load
	looks []look
}

// look is what was seen at one time.
type look struct {
	at           time.Duration
	nodes        []sight
	stored       int64 // bytes of the store
	calls, wrong int
	dropped      float64 // events and traces that found no room
}

// sight is one node.
type sight struct{ resident, heap, inUse, goroutines, files float64 }

const (
	mega = 1 << 20
	head = "| time s | calls | wrong answers | store MB | events dropped | node | resident MB | heap after collection MB | heap in use MB | goroutines | open files |\n" +
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)

// run looks until the load ends.
func (w *watch) run(ctx context.Context) error {
	fmt.Println(head)
	began := time.Now()
	tick := time.NewTicker(w.tick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		l, err := w.look(ctx, time.Since(began))
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		l.print()
		w.looks = append(w.looks, l)
	}
}

func (w *watch) look(ctx context.Context, at time.Duration) (l look, err error) {
	l.at = at
	l.calls, l.wrong = w.load.counts()
	l.stored = fleet.Size(filepath.Join(w.dir, "store"))
	for _, n := range w.nodes {
		s, dropped, err := see(ctx, n)
		if err != nil {
			return l, err
		}
		l.nodes, l.dropped = append(l.nodes, s), l.dropped+dropped
	}
	return l, nil
}

// see asks a node for its state. The heap is that after a collection, which it makes
// for that.
func see(ctx context.Context, n *fleet.Node) (s sight, dropped float64, err error) {
	resident, _, err := n.Memory()
	if err != nil {
		return s, 0, err
	}
	text, err := n.Admin(ctx, http.MethodGet, "/debug/pprof/heap?gc=1&debug=1", nil)
	if err != nil {
		return s, 0, err
	}
	metrics, err := n.Metrics(ctx)
	if err != nil {
		return s, 0, err
	}
	s = sight{resident: float64(resident), inUse: metrics["go_memstats_heap_inuse_bytes"], goroutines: metrics["go_goroutines"], files: metrics["process_open_fds"]}
	_, rest, _ := strings.Cut(string(text), "\n# HeapAlloc = ")
	if _, err := fmt.Sscan(rest, &s.heap); err != nil || s.goroutines == 0 || s.files == 0 {
		return s, 0, errors.Join(errors.New("a node does not tell its state"), err)
	}
	return s, metrics["iamd_audit_dropped_total"] + metrics["iamd_traces_dropped_total"], nil
}

func (l *look) print() {
	first := fmt.Sprintf("| %.0f | %d | %d | %.1f | %.0f |", l.at.Seconds(), l.calls, l.wrong, float64(l.stored)/mega, l.dropped)
	for i, s := range l.nodes {
		fmt.Printf("%s %d | %.1f | %.2f | %.1f | %.0f | %.0f |\n", first, i+1, s.resident/mega, s.heap/mega, s.inUse/mega, s.goroutines, s.files)
		first = "| | | | | |"
	}
}

// judge fails when something of a node grows once it is warm.
func (w *watch) judge() error {
	var found []error
	fmt.Println()
	for i := range w.nodes {
		for _, m := range []struct {
			name  string
			unit  float64
			least float64 // growth that counts, in units
			value func(sight) float64
		}{
			{"heap after collection, MB", mega, 2, func(s sight) float64 { return s.heap }},
			{"goroutines", 1, 10, func(s sight) float64 { return s.goroutines }},
			{"open files", 1, 10, func(s sight) float64 { return s.files }},
		} {
			var times, values []float64
			for _, l := range w.looks {
				if l.at >= w.warm {
					times, values = append(times, l.at.Minutes()), append(values, m.value(l.nodes[i])/m.unit)
				}
			}
			t, err := fit(times, values)
			if err != nil {
				return err
			}
			line := fmt.Sprintf("node %d, %s: %.2f at first, %+.3f a minute ± %.3f", i+1, m.name, t.first, t.slope, 2*t.deviation)
			fmt.Println(line)
			if t.upward(m.least) {
				found = append(found, fmt.Errorf("grows: %s", line))
			}
		}
	}
	if n := len(w.looks); n > 1 {
		a, b := w.looks[0], w.looks[n-1]
		fmt.Printf("the store grew by %.0f bytes a call (events are kept)\n", float64(b.stored-a.stored)/float64(max(1, b.calls-a.calls)))
	}
	return errors.Join(found...)
}
