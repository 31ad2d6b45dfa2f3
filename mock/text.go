package mock

import (
	"encoding/base64"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// number makes a number: one, if that is allowed, else the nearest to it.
func (sh *shape) number(integer bool, variant int) float64 {
	step := sh.multiple
	if step == 0 {
		step = 1
	}
	if integer && step != math.Trunc(step) {
		for n := 2.0; n <= 1000; n++ { // 0.5 and 2.5 have whole multiples
			if whole := step * n; whole == math.Trunc(whole) {
				step = whole
				break
			}
		}
	}
	low, high := sh.low, sh.high
	exact := integer || sh.multiple > 0
	v := step
	if low.set && (v < low.value || v == low.value && low.exclusive) {
		if v = low.value; exact {
			v = math.Ceil(low.value/step) * step
		}
		if v == low.value && low.exclusive {
			v += step
		}
	}
	if high.set && (v > high.value || v == high.value && high.exclusive) {
		switch {
		case exact:
			if v = math.Floor(high.value/step) * step; v == high.value && high.exclusive {
				v -= step
			}
		case low.set:
			v = low.value + (high.value-low.value)/2
		case high.exclusive:
			v = high.value - step
		default:
			v = high.value
		}
	}
	next := v + float64(variant)*step
	if high.set && (next > high.value || next == high.value && high.exclusive) {
		return v
	}
	return next
}

// formats are texts of the formats that documents name; the number tells one
// from the next.
var formats = map[string]string{
	"date": "2024-01-%02d", "date-time": "2024-01-%02dT00:00:00Z", "time": "00:00:%02dZ", "duration": "P%dD",
	"uuid": "00000000-0000-4000-8000-%012d", "email": "user%d@example.com", "idn-email": "user%d@example.com",
	"uri": "https://example.com/%d", "url": "https://example.com/%d", "iri": "https://example.com/%d",
	"uri-reference": "/%d", "iri-reference": "/%d", "uri-template": "/%d/{id}", "json-pointer": "/%d",
	"relative-json-pointer": "%d", "hostname": "host%d.example.com", "idn-hostname": "host%d.example.com",
	"ipv4": "192.0.2.%d", "ipv6": "2001:db8::%d", "regex": "^%d$",
}

// text makes a string: by its pattern, by its format, or just one of the length
// that is asked for.
func (sh *shape) text(variant int) string {
	low, high := int(min(sh.minLength, makeLength)), makeLength
	if sh.properties != nil { // the shape of a schema
		high = int(sh.maxLength)
	}
	if len(sh.patterns) > 0 {
		return ofPattern(sh.patterns[0], low, high, variant)
	}
	plain := "string"
	if variant > 0 {
		plain = fmt.Sprintf("string%d", variant+1)
	}
	if f, ok := formats[sh.format]; ok {
		return fmt.Sprintf(f, variant%28+1)
	} else if sh.format == "byte" {
		return base64.StdEncoding.EncodeToString([]byte(plain))
	}
	for len(plain) < low {
		plain += strings.Repeat("string", (low-len(plain))/6+1)[:low-len(plain)]
	}
	if len(plain) > high {
		plain = plain[len(plain)-high:] // the end tells one from the next
	}
	return plain
}

// ofPattern makes a text that a pattern matches, between low and high characters
// long; if it finds none, one that does not fit.
func ofPattern(pattern string, low, high, variant int) string {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return ""
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	tree = tree.Simplify()
	best := ""
	for _, extra := range []int{0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, low} {
		w := writer{extra: extra, variant: variant}
		w.write(tree)
		s := w.text.String()
		// What is not bound at its end can be made longer.
		if n := utf8.RuneCountInString(s); n < low && re.MatchString(s+strings.Repeat("a", low-n)) {
			s += strings.Repeat("a", low-n)
		}
		if n := utf8.RuneCountInString(s); re.MatchString(s) && n >= low && n <= high {
			return s
		}
		if best == "" {
			best = s
		}
	}
	return best
}

// writer writes a text that a pattern matches: the first alternative, and of
// what may be repeated as little as there must be, and extra more.
type writer struct {
	text           strings.Builder
	extra, variant int
	steps          int // taken, so that repetitions within repetitions end
}

func (w *writer) write(re *syntax.Regexp) {
	if w.steps++; w.text.Len() > makeLength {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			w.text.WriteRune(r)
		}
	case syntax.OpCharClass:
		w.text.WriteRune(ofClass(re.Rune, w.variant))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		w.text.WriteRune(rune('a' + w.variant%26))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			w.write(sub)
		}
	case syntax.OpAlternate:
		w.write(re.Sub[0])
	case syntax.OpStar:
		w.repeat(re.Sub[0], w.extra)
	case syntax.OpPlus:
		w.repeat(re.Sub[0], 1+w.extra)
	case syntax.OpQuest:
		w.repeat(re.Sub[0], min(w.extra, 1))
	case syntax.OpRepeat:
		n := re.Min + w.extra
		if re.Max >= 0 {
			n = min(n, re.Max)
		}
		w.repeat(re.Sub[0], n)
	}
}

func (w *writer) repeat(re *syntax.Regexp, n int) {
	for range n {
		if w.steps > makeLength {
			return
		}
		w.write(re)
	}
}

// ofClass picks a character of a class: a letter or a digit if there is one.
func ofClass(ranges []rune, variant int) rune {
	for _, plain := range [][2]rune{{'A', 'Z'}, {'a', 'z'}, {'0', '9'}, {'!', '~'}} {
		for pair := range slices.Chunk(ranges, 2) {
			low, high := max(pair[0], plain[0]), min(pair[1], plain[1])
			if low <= high {
				return low + rune(variant)%(high-low+1)
			}
		}
	}
	for pair := range slices.Chunk(ranges, 2) {
		if unicode.IsPrint(pair[0]) {
			return pair[0]
		}
	}
	if len(ranges) > 0 {
		return ranges[0]
	}
	return 'a'
}
