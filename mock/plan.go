package mock

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// planKey is the extension that names a usage plan: on an operation, on its
// path, or on the document.
const planKey = "x-amzn-usage-plan"

// plan finds an operation's usage plan: the nearest extension, else the table in
// its description; zeros if there is neither.
func plan(description string, extensions ...map[string]any) (rate float64, burst int, err error) {
	for _, e := range extensions {
		if v, ok := e[planKey]; ok {
			return planOf(v)
		}
	}
	rate, burst = planTable(description)
	return rate, burst, nil
}

// planOf reads {rate: 0.5, burst: 30}.
func planOf(v any) (rate float64, burst int, err error) {
	members, ok := v.(map[string]any)
	r, isRate := members["rate"].(float64)
	b, isBurst := members["burst"].(float64)
	if !ok || !isRate || !isBurst || len(members) != 2 || !(r >= 0) || b < 0 || b > math.MaxInt32 || b != math.Trunc(b) {
		return 0, 0, fmt.Errorf("%s must have a rate and a burst, as in {rate: 0.5, burst: 30}", planKey)
	}
	return r, int(b), nil
}

// planTable reads the table that stands in descriptions of the Selling Partner
// API: the columns are found by their names, and the first row that holds
// numbers counts (a row named Default, where there are several).
func planTable(description string) (rate float64, burst int) {
	atRate, atBurst := -1, -1
	for line := range strings.Lines(description) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			atRate, atBurst = -1, -1
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i, cell := range cells {
			cells[i] = strings.TrimSpace(cell)
		}
		if atRate < 0 || atBurst < 0 {
			atRate, atBurst = -1, -1
			for i, cell := range cells {
				switch name := strings.ToLower(cell); {
				case strings.HasPrefix(name, "rate"):
					atRate = i
				case strings.HasPrefix(name, "burst"):
					atBurst = i
				}
			}
			continue
		}
		if atRate >= len(cells) || atBurst >= len(cells) {
			continue
		}
		r, err1 := strconv.ParseFloat(cells[atRate], 64)
		b, err2 := strconv.Atoi(cells[atBurst])
		if err1 == nil && err2 == nil && r > 0 && !math.IsInf(r, 0) && b > 0 {
			return r, b
		}
	}
	return 0, 0
}
