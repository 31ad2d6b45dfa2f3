package main

import (
	"fmt"
	"strings"
	"time"

	"iamd/bench/stores/fleet"
)

// demanded is the share of its ceiling that an action must reach, and with how many
// clients; no number: with each.
var demanded = map[string][]int{
	"GetCallerIdentity":           nil,
	"AssumeRole":                  nil,
	"CreateUser, one account":     {8},
	"CreateUser, an account each": {8},
}

const (
	demandedShare = 0.6
	demandedHop   = 100 * time.Millisecond // at p99
)

// printAll prints tables in Markdown.
func printAll(all []*result, p *plan) {
	fmt.Println("| | clients | requests/s | p50 ms | p99 ms | errors | ceiling/s | its p50 ms | its p99 ms | of the ceiling | CPU µs a request | ceiling's |\n" +
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, r := range all {
		fmt.Printf("| **%s** | | | | | | | | | | | |\n", r.title)
		for _, w := range r.rows {
			fmt.Printf("| %s | %d | %s | %s | %s | %d | %s | %s | %s | %.0f %% | %.0f | %.0f |\n", w.action, w.clients,
				thousands(w.ours.Rate()), ms(fleet.Percentile(w.ours.Took, 50)), ms(fleet.Percentile(w.ours.Took, 99)), w.ours.Failed,
				thousands(w.theirs.Rate()), ms(fleet.Percentile(w.theirs.Took, 50)), ms(fleet.Percentile(w.theirs.Took, 99)),
				100*fleet.Ratio(w.ours.Rates, w.theirs.Rates), micro(w.ours.Each()), micro(w.theirs.Each()))
		}
	}
	fmt.Printf("\n| | a first start, ms | a start with %d accounts, ms | memory then, MB | load all accounts, s | memory then, MB | memory at most, MB | copied in, s | another node shows a write after, ms: p50, p99, at most | the same under 600 calls a second |\n"+
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n", p.accounts)
	for _, r := range all {
		copied := "was filled"
		if r.copied > 0 {
			copied = seconds(r.copied)
		}
		fmt.Printf("| %s | %s | %s | %d | %s | %d | %d | %s | %s | %s |\n", r.title, ms(fleet.Percentile(r.empty, 50)), ms(fleet.Percentile(r.filled, 50)), r.begun>>20, seconds(r.loading),
			r.loaded>>20, r.peak>>20, copied, spread(r.hops), spread(r.busyHops))
	}
	fmt.Println()
	for _, r := range all {
		verdict(r)
	}
}

// verdict tells what falls short, and what failed.
func verdict(r *result) {
	var short []string
	for _, w := range r.rows {
		if w.ours.Failed+w.theirs.Failed > 0 {
			fmt.Printf("%s: %s, %d clients: %d and %d failed: %v %v\n", r.title, w.action, w.clients, w.ours.Failed, w.theirs.Failed, w.ours.Why, w.theirs.Why)
		}
		with, ok := demanded[w.action]
		for _, n := range with {
			ok = n == w.clients
		}
		if share := fleet.Ratio(w.ours.Rates, w.theirs.Rates); ok && share < demandedShare {
			short = append(short, fmt.Sprintf("%s with %d clients (%.0f %%)", w.action, w.clients, 100*share))
		}
	}
	for under, hops := range map[string][]time.Duration{"quiet": r.hops, "under load": r.busyHops} {
		if p99 := fleet.Percentile(hops, 99); len(hops) > 0 && p99 > demandedHop {
			fmt.Printf("%s: another node shows a write after %s ms at p99, %s.\n", r.title, ms(p99), under)
		}
	}
	if short == nil {
		fmt.Printf("%s: all that is demanded reaches %.0f %% of its ceiling.\n", r.title, 100*demandedShare)
		return
	}
	fmt.Printf("%s: below %.0f %% of its ceiling: %s.\n", r.title, 100*demandedShare, strings.Join(short, ", "))
}

// spread tells of how long writes took to be seen.
func spread(hops []time.Duration) string {
	if len(hops) == 0 {
		return "one node"
	}
	return fmt.Sprintf("%s, %s, %s", ms(fleet.Percentile(hops, 50)), ms(fleet.Percentile(hops, 99)), ms(fleet.Percentile(hops, 100)))
}

func ms(d time.Duration) string {
	switch v := float64(d) / float64(time.Millisecond); {
	case v < 1:
		return fmt.Sprintf("%.2f", v)
	case v < 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// thousands writes a number with commas.
func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
