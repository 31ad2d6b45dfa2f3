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
// every key occurs once. It is read only, may be shared, and must not be copied.
type Form struct {
	pairs []pair  // ordered by compareKeys
	few   [6]pair // their room, as most have no more
}

// ParseForm parses a body or a raw query string. It refuses, by an *Error,
// whatever has more than one reading: broken percent-encoding, text that is not
// UTF-8, a parameter that is repeated or has no name. It keeps nothing of body.
func ParseForm(body []byte) (*Form, error) {
	f := new(Form)
	if err := f.Parse(body); err != nil {
		return nil, err
	}
	return f, nil
}

// Parse is ParseForm into f, which is empty.
func (f *Form) Parse(body []byte) error {
	if len(body) > MaxBody {
		return tooLarge()
	}
	if len(body) == 0 {
		return nil
	}
	n := bytes.Count(body, []byte{'&'}) + 1
	if n > maxPairs {
		return badRequest(CodeMalformedQueryString, "The request has more than %d parameters.", maxPairs)
	}
	var room [512]byte // all keys and values: decoding never lengthens
	var ends [2 * len(f.few)]int
	decoded, at := room[:], ends[:0]
	if len(body) > len(room) {
		decoded = make([]byte, len(body))
	}
	if n > len(f.few) {
		at = make([]int, 0, 2*n)
	}
	at, err := unescape(decoded, at, body)
	if err != nil {
		return err
	}
	text := string(decoded[:at[len(at)-1]])
	if !utf8.ValidString(text) {
		return badRequest(CodeMalformedQueryString, "The query string is not valid UTF-8.")
	}
	if f.pairs = f.few[:0]; n > len(f.few) {
		f.pairs = make([]pair, 0, n)
	}
	ordered := true
	for i, start := 0, 0; i < len(at); i += 2 {
		p := pair{key: text[start:at[i]], value: text[at[i]:at[i+1]]}
		ordered = ordered && (i == 0 || compareKeys(f.pairs[i/2-1].key, p.key) < 0)
		f.pairs = append(f.pairs, p)
		start = at[i+1]
	}
	if ordered {
		return nil
	}
	slices.SortFunc(f.pairs, func(a, b pair) int { return compareKeys(a.key, b.key) })
	for i := 1; i < len(f.pairs); i++ {
		if f.pairs[i].key == f.pairs[i-1].key {
			return badRequest(CodeMalformedQueryString, "The parameter %s is given more than once.", clip(f.pairs[i].key, maxEchoedName))
		}
	}
	return nil
}

// unescape writes the keys and values of body to dst, each behind the one before,
// and appends to ends where each ends.
func unescape(dst []byte, ends []int, body []byte) ([]int, error) {
	n := 0 // how much is written
	for rest, more := body, true; more; {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte{'&'})
		start, key := n, -1 // where the key starts and ends, -1 within it
		for i := 0; i < len(part); i++ {
			c := part[i]
			switch {
			case c > '=': // as most are
			case c == '=' && key < 0:
				key = n
				continue
			case c == '+':
				c = ' '
			case c == '%':
				if i+2 >= len(part) {
					return nil, brokenForm()
				}
				high, low := unhex(part[i+1]), unhex(part[i+2])
				if high|low > 15 {
					return nil, brokenForm()
				}
				c = high<<4 | low
				i += 2
			}
			dst[n] = c
			n++
		}
		if key < 0 {
			key = n
		}
		if key == start {
			return nil, badRequest(CodeMalformedQueryString, "The query string has a parameter without a name.")
		}
		ends = append(ends, key, n)
	}
	return ends, nil
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
	if i < len(a) && i < len(b) && a[i] > '9' && b[i] > '9' {
		return cmp.Compare(a[i], b[i]) // within two words
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
	key = key[start:]
	if i := strings.IndexByte(key, '.'); i >= 0 {
		return key[:i], false
	}
	return key, true
}

func isNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
