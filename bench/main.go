// Command bench times iamd's policy engine beside others, at the same work. It first asks every engine every question of
// every case, and stops if one answers otherwise than the case says; then it times them in turn, several rounds, and
// prints the best of each.
package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"text/tabwriter"

	"iamd/policy"
)

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 5, "how often each engine is timed; the best counts")
	each := flag.String("time", "100ms", "how long one timing takes at least")
	flag.Parse()
	err := flag.Set("test.benchtime", *each)
	if err == nil {
		err = run(*rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// contender is an engine with one question to answer.
type contender struct {
	name   string
	decide func() bool
	best   testing.BenchmarkResult
}

func run(rounds int) error {
	var kept []testCase
	var fields [][]contender
	for _, c := range cases() {
		contenders, err := enter(&c)
		if err != nil {
			return err
		}
		kept, fields = append(kept, c), append(fields, contenders)
	}
	c, contenders, err := layers()
	if err != nil {
		return err
	}
	kept, fields = append(kept, c), append(fields, contenders)

	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.DiscardEmptyColumns)
	for i, contenders := range fields {
		for range rounds {
			for j := range contenders {
				contenders[j].time()
			}
		}
		fmt.Printf("\n%s: %s\n", kept[i].name, kept[i].what)
		fmt.Fprintln(out, "case\tengine\tns/op\tB/op\tallocs/op\tratio\t")
		ours := perOp(contenders[0].best)
		for _, c := range contenders {
			fmt.Fprintf(out, "%s\t%s\t%.1f\t%d\t%d\t%.1f\t\n", kept[i].name, c.name, perOp(c.best),
				c.best.AllocedBytesPerOp(), c.best.AllocsPerOp(), perOp(c.best)/ours)
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// enter loads a case into every engine, and holds their answers against the case's.
func enter(c *testCase) ([]contender, error) {
	var out []contender
	for _, e := range engines() {
		prepare, err := e.load(c)
		if err != nil {
			return nil, fmt.Errorf("case %s: %s: %w", c.name, e.name, err)
		}
		for i, q := range c.questions {
			decide, err := prepare(q)
			if err != nil {
				return nil, fmt.Errorf("case %s: %s: %w", c.name, e.name, err)
			}
			if got := decide(); got != q.allowed {
				return nil, fmt.Errorf("case %s: %s: %+v: allowed is %v", c.name, e.name, q, got)
			}
			if i == 0 {
				out = append(out, contender{name: e.name, decide: decide})
			}
		}
	}
	return out, nil
}

// layers are the policies of case b as identity-based policies alone, and as boundary and service control policies too.
func layers() (testCase, []contender, error) {
	c := tenByTen()
	c.name, c.what = "e", "the policies of b in one layer, and in three: identity, boundary, SCP"
	list, err := attached(&c)
	if err != nil {
		return c, nil, err
	}
	one := &policy.Policies{Identity: list}
	three := &policy.Policies{Identity: list, Boundary: list, SCPs: [][]policy.Attached{list}}
	out := []contender{{name: "iamd, one layer"}, {name: "iamd, three layers"}}
	for i, p := range []*policy.Policies{one, three} {
		for j := range c.questions {
			q := c.questions[len(c.questions)-1-j] // the first comes last, and stays
			if out[i].decide, err = ready(p)(q); err != nil {
				return c, nil, err
			}
			if got := out[i].decide(); got != q.allowed {
				return c, nil, fmt.Errorf("case e: %s: %+v: allowed is %v", out[i].name, q, got)
			}
		}
	}
	return c, out, nil
}

// time times once, and keeps the result if it is the best so far.
func (c *contender) time() {
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.decide()
		}
	})
	if c.best.N == 0 || perOp(r) < perOp(c.best) {
		c.best = r
	}
}

func perOp(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }
