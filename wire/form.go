package wire

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPairs bounds the parameters of one form. The largest real ones (tags,
// simulated actions) have a few hundred.
const maxPairs = 1 << 14

// maxEchoedName bounds what an error repeats of a parameter's name, in bytes.
const maxEchoedName = 128

type pair struct{ key, value string }

// Form is a parsed x-www-form-urlencoded body or query string, ready to decode:
// every key occurs once. It is read only and may be shared.
type Form struct {
	pairs []pair // ordered by compareKeys
}

// ParseForm parses a body or a raw query string. It refuses, by an *Error,
// whatever has more than one reading: broken percent-encoding, text that is not
// UTF-8, a parameter that is repeated or has no name. It keeps nothing of body.
func ParseForm(body []byte) (*Form, error) {
	if len(body) > MaxBody {
		return nil, tooLarge()
	}
	if len(body) == 0 {
		return &Form{}, nil
	}
	n := bytes.Count(body, []byte{'&'}) + 1
	if n > maxPairs {
		return nil, badRequest(CodeMalformedQueryString, "The request has more than %d parameters.", maxPairs)
	}
	pairs := make([]pair, 0, n)
	var text strings.Builder // all keys and values: decoding never lengthens
	text.Grow(len(body))
	for rest, more := body, true; more; {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte{'&'})
		key, value, _ := bytes.Cut(part, []byte{'='})
		start := text.Len()
		if !unescape(&text, key) {
			return nil, brokenForm()
		}
		middle := text.Len()
		if !unescape(&text, value) {
			return nil, brokenForm()
		}
		if middle == start {
			return nil, badRequest(CodeMalformedQueryString, "The query string has a parameter without a name.")
		}
		// A builder that never grows hands out parts of one string.
		all := text.String()
		pairs = append(pairs, pair{key: all[start:middle], value: all[middle:]})
	}
	if !utf8.ValidString(text.String()) {
		return nil, badRequest(CodeMalformedQueryString, "The query string is not valid UTF-8.")
	}
	slices.SortFunc(pairs, func(a, b pair) int { return compareKeys(a.key, b.key) })
	for i := 1; i < len(pairs); i++ {
		if pairs[i].key == pairs[i-1].key {
			return nil, badRequest(CodeMalformedQueryString, "The parameter %s is given more than once.", clip(pairs[i].key, maxEchoedName))
		}
	}
	return &Form{pairs: pairs}, nil
}

// Get returns a parameter's value, or "" if the form does not have it.
func (f *Form) Get(key string) string {
	if len(f.pairs) <= 16 { // as most have: to look at all is faster
		for i := range f.pairs {
			if f.pairs[i].key == key {
				return f.pairs[i].value
			}
		}
		return ""
	}
	i, ok := slices.BinarySearchFunc(f.pairs, key, func(p pair, key string) int { return compareKeys(p.key, key) })
	if !ok {
		return ""
	}
	return f.pairs[i].value
}

func brokenForm() *Error {
	return badRequest(CodeMalformedQueryString, "The query string has a broken percent-encoding.")
}

func unescape(b *strings.Builder, s []byte) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case '%':
			if i+2 >= len(s) {
				return false
			}
			high, low := unhex(s[i+1]), unhex(s[i+2])
			if high|low > 15 {
				return false
			}
			b.WriteByte(high<<4 | low)
			i += 3
		case '+':
			b.WriteByte(' ')
			i++
		default:
			end := i + 1
			for end < len(s) && s[end] != '%' && s[end] != '+' {
				end++
			}
			b.Write(s[i:end])
			i = end
		}
	}
	return true
}

// unhex returns a hexadecimal digit's value, or 255.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// compareKeys orders keys by their dotted segments, numbers by value and before
// words, so that all keys below one prefix stand together and list members in
// their order.
func compareKeys(a, b string) int {
	i, start := 0, 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		if a[i] == '.' {
			start = i + 1
		}
		i++
	}
	if i == len(a) && i == len(b) {
		return 0
	}
	x, xLast := segmentAt(a, start)
	y, _ := segmentAt(b, start)
	if x == y { // one key ends where the other goes on
		if xLast {
			return -1
		}
		return 1
	}
	xNumber, yNumber := isNumber(x), isNumber(y)
	switch {
	case xNumber && yNumber:
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
	case xNumber:
		return -1
	case yNumber:
		return 1
	}
	return strings.Compare(x, y)
}

// segmentAt returns the dotted segment that begins at start and whether it is
// the key's last.
func segmentAt(key string, start int) (segment string, last bool) {
	before, _, more := strings.Cut(key[start:], ".")
	return before, !more
}

func isNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
