package main

import (
	"math/rand/v2"
	"testing"
)

// TestTrend: a leak is found below noise that hides it from the eye, and noise alone,
// a value that falls and one that grows by nothing that counts are none.
func TestTrend(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		slope, noise float64
		want         bool
	}{
		"noise":       {0, 5, false},
		"leak":        {1, 2, true},
		"falls":       {-1, 2, false},
		"hardly":      {0.1, 0.01, false},
		"plain":       {0, 0, false},
		"small, loud": {0.5, 20, false},
	} {
		var times, values []float64
		for i := range 48 { // eight minutes
			at := float64(i) / 6
			times, values = append(times, at), append(values, 50+c.slope*at+c.noise*(rnd.Float64()-0.5))
		}
		got, err := fit(times, values)
		if err != nil || got.upward(2) != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := fit([]float64{1, 2, 3}, []float64{1, 2, 3}); err == nil {
		t.Error("three values tell growth from noise")
	}
}
