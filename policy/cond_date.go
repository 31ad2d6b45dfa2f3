package policy

import (
	"strings"
	"time"
)

// parseDate reads a date of the W3C profile of ISO 8601, from a year to a fraction of a second with an offset, or
// seconds since 1970. Four digits are a year. A time without an offset is UTC. What is finer than a millisecond does not
// count, as AWS was seen to do.
func parseDate(s string) (time.Time, bool) {
	if digits := strings.TrimLeft(s, "+-"); allDigits(digits) && len(s)-len(digits) <= 1 && (len(s) != 4 || len(digits) < 4) {
		if len(digits) > 15 {
			return time.Time{}, false
		}
		var n int64
		for i := 0; i < len(digits); i++ {
			n = n*10 + int64(digits[i]-'0')
		}
		if s[0] == '-' {
			n = -n
		}
		return time.Unix(n, 0), true
	}
	r := dateReader{s: s, ok: true}
	year, month, day := r.number(4, 0, 9999), 1, 1
	var hour, minute, second, nanos, offset int
	if r.take("-") {
		month = r.number(2, 1, 12)
		if r.take("-") {
			day = r.number(2, 1, 31)
			if r.take("Tt ") {
				hour = r.number(2, 0, 23)
				r.must(":")
				minute = r.number(2, 0, 59)
				if r.take(":") {
					second = r.number(2, 0, 59)
					if r.take(".") {
						nanos = r.fraction()
					}
				}
				offset = r.offset()
			}
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	return t.Add(-time.Duration(offset) * time.Minute), r.ok && r.s == "" && t.Day() == day
}

// dateReader takes a date from the front; ok turns false at the first thing that does not fit.
type dateReader struct {
	s  string
	ok bool
}

// take takes one of the given characters if it is next.
func (r *dateReader) take(chars string) bool {
	if r.s == "" || strings.IndexByte(chars, r.s[0]) < 0 {
		return false
	}
	r.s = r.s[1:]
	return true
}

func (r *dateReader) must(chars string) { r.ok = r.take(chars) && r.ok }

// number takes n digits.
func (r *dateReader) number(n, low, high int) int {
	if len(r.s) < n || !allDigits(r.s[:n]) {
		r.ok = false
		return low
	}
	v := 0
	for i := range n {
		v = v*10 + int(r.s[i]-'0')
	}
	r.s = r.s[n:]
	r.ok = r.ok && low <= v && v <= high
	return v
}

// fraction takes the digits after a second's point, as nanoseconds of whole milliseconds.
func (r *dateReader) fraction() int {
	v, unit := 0, 100_000_000
	from := len(r.s)
	for r.s != "" && r.s[0] >= '0' && r.s[0] <= '9' {
		v += int(r.s[0]-'0') * unit
		unit /= 10
		r.s = r.s[1:]
	}
	if len(r.s) == from {
		r.ok = false
	}
	return v - v%1_000_000
}

// offset takes Z, +hh:mm, +hhmm, +hh or nothing, and returns minutes east of UTC.
func (r *dateReader) offset() int {
	if r.s == "" || r.take("Zz") {
		return 0
	}
	sign := 1
	if r.s[0] == '-' {
		sign = -1
	}
	r.must("+-")
	minutes := 60 * r.number(2, 0, 23)
	if r.take(":") || r.s != "" {
		minutes += r.number(2, 0, 59)
	}
	return sign * minutes
}

// dates are the values of a Date operator.
type dates struct {
	order  order
	values []time.Time
	bad    bool // a value is no date
}

func compileDates(values []string, o order) *dates {
	out := &dates{order: o}
	for _, v := range values {
		if t, ok := parseDate(v); ok {
			out.values = append(out.values, t)
		} else {
			out.bad = true
		}
	}
	return out
}

// match is given a date as it was read.
func (d *dates) match(t time.Time, ok bool) truth {
	if !ok {
		return unclear
	}
	for i := range d.values {
		if ordered(d.order, t.Compare(d.values[i])) {
			return yes
		}
	}
	if d.bad {
		return unclear
	}
	return no
}

func (d *dates) parts() []part { return nil }
