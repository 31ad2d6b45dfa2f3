package fleet

import (
	"slices"
	"sync"
	"time"
)

// Lines are clients of one server.
type Lines []*Line

// NewLines are n clients.
func NewLines(address string, n int) (all Lines) {
	for range n {
		all = append(all, NewLine(address))
	}
	return all
}

// Close closes all connections.
func (l Lines) Close() {
	for _, each := range l {
		each.Close()
	}
}

// Sum is what turns have shown.
type Sum struct {
	Took   []time.Duration // of each request
	Failed int
	Why    error // of the first that failed
	Time   time.Duration
	CPU    time.Duration // of the server
	Rates  []float64     // of each turn
}

// Add takes a turn in, which a server served.
func (s *Sum) Add(turn Sum) {
	s.Took, s.Failed, s.Time, s.CPU = append(s.Took, turn.Took...), s.Failed+turn.Failed, s.Time+turn.Time, s.CPU+turn.CPU
	if s.Why == nil {
		s.Why = turn.Why
	}
	s.Rates = append(s.Rates, float64(len(turn.Took))/turn.Time.Seconds())
}

// Rate is how many requests a second succeeded.
func (s *Sum) Rate() float64 { return float64(len(s.Took)) / s.Time.Seconds() }

// Each is the server's CPU time for a request.
func (s *Sum) Each() time.Duration { return s.CPU / time.Duration(max(1, len(s.Took))) }

// Percentile gives one, of durations in any order.
func Percentile(took []time.Duration, percent int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(len(took)-1, len(took)*percent/100)]
}

// Ratio compares the turns of each round with each other, and gives the median.
func Ratio(ours, theirs []float64) float64 {
	var all []float64
	for i := range min(len(ours), len(theirs)) {
		all = append(all, ours[i]/theirs[i])
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// Turn has all clients ask for so long. next gives a client's next request; nil when
// it has no more.
func (l Lines) Turn(server *Process, during time.Duration, next func(client, i int) []byte) Sum {
	results := make([]Sum, len(l))
	used, began := server.CPU(), time.Now()
	until := began.Add(during)
	var wait sync.WaitGroup
	for c, line := range l {
		wait.Go(func() {
			s := &results[c]
			s.Took = make([]time.Duration, 0, 4096)
			for i, at := 0, began; at.Before(until) && s.Failed < 100; i++ {
				raw := next(c, i)
				if raw == nil {
					break
				}
				err := line.Ask(raw)
				now := time.Now()
				if err == nil {
					s.Took = append(s.Took, now.Sub(at))
				} else {
					s.Failed++
					s.Why = err
				}
				at = now
			}
		})
	}
	wait.Wait()
	all := Sum{Time: time.Since(began), CPU: server.CPU() - used}
	for _, r := range results {
		all.Took, all.Failed = append(all.Took, r.Took...), all.Failed+r.Failed
		if all.Why == nil {
			all.Why = r.Why
		}
	}
	return all
}
