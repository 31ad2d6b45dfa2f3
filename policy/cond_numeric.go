package policy

import "strings"

// decimal is a number as written: exact however long. Its value is 0.digits × 10^point, with the digits read from whole
// and then from frac.
type decimal struct {
	negative    bool
	whole, frac string // no leading zeros in the two taken together, no trailing ones either
	point       int
}

// parseDecimal reads an integer or decimal, with an exponent of up to four digits.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e := s[i+1:]
		s = s[:i]
		negative := false
		if e != "" && (e[0] == '-' || e[0] == '+') {
			negative = e[0] == '-'
			e = e[1:]
		}
		if !allDigits(e) || len(e) > 4 {
			return d, false
		}
		for i := 0; i < len(e); i++ {
			exponent = exponent*10 + int(e[i]-'0')
		}
		if negative {
			exponent = -exponent
		}
	}
	whole, frac, hasPoint := strings.Cut(s, ".")
	if !allDigits(whole) && !(whole == "" && hasPoint) || hasPoint && !allDigits(frac) {
		return d, false
	}
	d.whole = strings.TrimLeft(whole, "0")
	d.frac = strings.TrimRight(frac, "0")
	d.point = len(d.whole) + exponent
	if d.whole == "" {
		trimmed := strings.TrimLeft(d.frac, "0")
		d.point -= len(d.frac) - len(trimmed)
		d.frac = trimmed
	}
	if d.frac == "" {
		d.whole = strings.TrimRight(d.whole, "0")
	}
	if d.whole == "" && d.frac == "" {
		d = decimal{} // zero has no sign
	}
	return d, true
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (d *decimal) digits() int { return len(d.whole) + len(d.frac) }

func (d *decimal) digit(i int) int {
	switch {
	case i < len(d.whole):
		return int(d.whole[i])
	case i < d.digits():
		return int(d.frac[i-len(d.whole)])
	}
	return '0'
}

func (d *decimal) sign() int {
	switch {
	case d.digits() == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compare is negative, zero or positive as d is less than, equal to or greater than e.
func (d *decimal) compare(e *decimal) int {
	sign := d.sign()
	if c := sign - e.sign(); c != 0 || sign == 0 {
		return c
	}
	if c := d.point - e.point; c != 0 {
		return c * sign
	}
	for i := range max(d.digits(), e.digits()) {
		if c := d.digit(i) - e.digit(i); c != 0 {
			return c * sign
		}
	}
	return 0
}

// order is a comparison: what Numeric and Date operators ask for. Its values follow the order of the families.
type order = family

const (
	orderEquals order = iota
	orderLess
	orderLessEquals
	orderGreater
	orderGreaterEquals
)

// ordered tells whether the outcome c of a comparison is what o asks for.
func ordered(o order, c int) bool {
	switch o {
	case orderEquals:
		return c == 0
	case orderLess:
		return c < 0
	case orderLessEquals:
		return c <= 0
	case orderGreater:
		return c > 0
	case orderGreaterEquals:
		return c >= 0
	}
	return false
}

// numbers are the values of a Numeric operator.
type numbers struct {
	order  order
	values []decimal
	bad    bool // a value is no number
}

func compileNumbers(values []string, o order) *numbers {
	out := &numbers{order: o}
	for _, v := range values {
		if d, ok := parseDecimal(v); ok {
			out.values = append(out.values, d)
		} else {
			out.bad = true
		}
	}
	return out
}

func (n *numbers) match(value string) truth {
	d, ok := parseDecimal(value)
	if !ok {
		return unclear
	}
	for i := range n.values {
		if ordered(n.order, d.compare(&n.values[i])) {
			return yes
		}
	}
	if n.bad {
		return unclear
	}
	return no
}

func (n *numbers) parts() []part { return nil }
