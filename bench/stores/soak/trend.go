package main

import (
	"errors"
	"math"
)

// trend is the line through a series that fits it best.
type trend struct {
	first     float64 // the line's value at the first time
	slope     float64
	deviation float64 // of the slope
	length    float64 // of the time
}

// fit needs six values at least: fewer tell nothing of noise.
func fit(times, values []float64) (t trend, err error) {
	n := float64(len(times))
	if n < 6 {
		return t, errors.New("the run was too short to tell growth from noise")
	}
	var meanTime, meanValue float64
	for i := range times {
		meanTime, meanValue = meanTime+times[i]/n, meanValue+values[i]/n
	}
	var square, product float64
	for i := range times {
		square += (times[i] - meanTime) * (times[i] - meanTime)
		product += (times[i] - meanTime) * (values[i] - meanValue)
	}
	t.slope = product / square
	t.length = times[len(times)-1] - times[0]
	t.first = meanValue + t.slope*(times[0]-meanTime)
	var rest float64
	for i := range times {
		off := values[i] - meanValue - t.slope*(times[i]-meanTime)
		rest += off * off
	}
	t.deviation = math.Sqrt(rest / (n - 2) / square)
	return t, nil
}

// upward tells growth from noise: over the run it is more than least, more than a
// twentieth of what there was, and the slope more than three times its deviation.
func (t trend) upward(least float64) bool {
	growth := t.slope * t.length
	return growth > least && growth > t.first/20 && t.slope > 3*t.deviation
}
