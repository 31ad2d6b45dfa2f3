package store

import (
	"testing"
	"time"
)

// TestCourtesy: who has won against a rival leaves room of about a commit's length,
// less what passed since; without a race nobody waits.
func TestCourtesy(t *testing.T) {
	const cost = 4 * time.Millisecond
	begun := time.Unix(1000, 0)
	for name, c := range map[string]struct {
		before      func(*courtesy)
		after       time.Duration // from the last commit
		least, most time.Duration
	}{
		"alone":                       {func(*courtesy) {}, 0, 0, 0},
		"lost, then won":              {(*courtesy).met, 0, cost, 2 * cost},
		"lost, then won, a while ago": {(*courtesy).met, cost / 2, cost / 2, 2*cost - cost/2},
		"lost, then won, long ago":    {(*courtesy).met, 2 * cost, -2 * cost, 0},
		"another writes in between":   {func(c *courtesy) { c.saw(begun.Add(cost)) }, 0, cost, 2 * cost},
		"another writes long after":   {func(c *courtesy) { c.saw(begun.Add(time.Second)) }, 0, 0, 0},
	} {
		var y courtesy
		y.committed(cost, begun)
		c.before(&y)
		y.committed(cost, begun.Add(time.Second))
		if got := y.room(begun.Add(time.Second + c.after)); got < c.least || got > c.most {
			t.Errorf("%s: %s, not %s to %s", name, got, c.least, c.most)
		}
	}
	var y courtesy
	for range rowOfBatches {
		if got := y.room(begun); got > 0 {
			t.Fatalf("it waits %s for nobody", got)
		}
		y.committed(cost, begun)
	}
	if got := y.room(begun); got < cost {
		t.Errorf("after a row of batches: %s", got)
	}
}
