package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxChars = 131072 // the longest policy document that any IAM operation takes
	maxDepth = 24     // a policy nests six deep
)

// nodeKind is a JSON type.
type nodeKind uint8

const (
	nodeObject nodeKind = iota + 1
	nodeArray
	nodeString
	nodeNumber
	nodeBool
	nodeNull
)

// node is a JSON value and where it stands.
type node struct {
	kind       nodeKind
	text       string // a string's value; the source text of a number or boolean
	members    []member
	items      []node
	start, end int // byte offsets of the first byte and just after the last
}

type member struct {
	key   string
	at    int // byte offset of the key
	value node
}

// reader reads RFC 8259 JSON as policies may be written: no duplicate keys, none that differ only in case, bounded
// depth, and only the characters that IAM takes.
type reader struct {
	src   string
	at    int
	depth int
}

// fault is an error at a byte offset, before its line and column are known.
type fault struct {
	at      int
	message string
	json    bool // not JSON at all, rather than JSON that is no policy
}

func (r *reader) fail(at int, format string, args ...any) *fault {
	return &fault{at, fmt.Sprintf(format, args...), true}
}

// readJSON reads one value that is the whole of src.
func readJSON(src string) (node, *fault) {
	r := &reader{src: src}
	if f := r.characters(); f != nil {
		return node{}, f
	}
	r.space()
	n, f := r.value()
	if f != nil {
		return node{}, f
	}
	if r.space(); r.at < len(src) {
		return node{}, r.fail(r.at, "text after the end of the document")
	}
	return n, nil
}

// characters refuses what IAM takes in no document: all but tab, line feed, carriage return and U+0020 to U+00FF.
func (r *reader) characters() *fault {
	chars := 0
	for i, c := range r.src {
		if chars++; chars > maxChars {
			return r.fail(i, "longer than %d characters", maxChars)
		}
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c > 0xFF {
			return r.fail(i, "character %U is not allowed", c)
		}
	}
	return nil
}

func (r *reader) space() {
	for r.at < len(r.src) && strings.IndexByte(" \t\r\n", r.src[r.at]) >= 0 {
		r.at++
	}
}

func (r *reader) value() (node, *fault) {
	if r.at >= len(r.src) {
		return node{}, r.fail(r.at, "unexpected end of the document")
	}
	if r.depth++; r.depth > maxDepth {
		return node{}, r.fail(r.at, "nested more than %d deep", maxDepth)
	}
	defer func() { r.depth-- }()
	start := r.at
	switch c := r.src[r.at]; {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '"':
		s, f := r.str()
		return node{kind: nodeString, text: s, start: start, end: r.at}, f
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	}
	for _, w := range [...]struct {
		word string
		kind nodeKind
	}{{"true", nodeBool}, {"false", nodeBool}, {"null", nodeNull}} {
		if strings.HasPrefix(r.src[r.at:], w.word) {
			r.at += len(w.word)
			return node{kind: w.kind, text: w.word, start: start, end: r.at}, nil
		}
	}
	return node{}, r.fail(r.at, "unexpected %q", r.rune())
}

func (r *reader) rune() rune {
	c, _ := utf8.DecodeRuneInString(r.src[r.at:])
	return c
}

// next skips space and takes the byte c if it is there.
func (r *reader) next(c byte) bool {
	r.space()
	if r.at < len(r.src) && r.src[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *reader) object() (node, *fault) {
	n := node{kind: nodeObject, start: r.at}
	r.at++
	seen := map[string]string{}
	for !r.next('}') {
		if len(n.members) > 0 && !r.next(',') {
			return n, r.fail(r.at, "expected , or } in an object")
		}
		r.space()
		m := member{at: r.at}
		if r.at >= len(r.src) || r.src[r.at] != '"' {
			return n, r.fail(r.at, "expected a quoted key")
		}
		var f *fault
		if m.key, f = r.str(); f != nil {
			return n, f
		}
		folded := FoldKey(m.key)
		if before, ok := seen[folded]; ok {
			f := &fault{at: m.at, message: fmt.Sprintf("duplicate key %q", m.key)}
			if before != m.key {
				f.message = fmt.Sprintf("keys %q and %q differ only in case", before, m.key)
			}
			return n, f
		}
		seen[folded] = m.key
		if !r.next(':') {
			return n, r.fail(r.at, "expected : after the key %q", m.key)
		}
		r.space()
		if m.value, f = r.value(); f != nil {
			return n, f
		}
		n.members = append(n.members, m)
	}
	n.end = r.at
	return n, nil
}

func (r *reader) array() (node, *fault) {
	n := node{kind: nodeArray, start: r.at}
	r.at++
	for !r.next(']') {
		if len(n.items) > 0 && !r.next(',') {
			return n, r.fail(r.at, "expected , or ] in an array")
		}
		r.space()
		v, f := r.value()
		if f != nil {
			return n, f
		}
		n.items = append(n.items, v)
	}
	n.end = r.at
	return n, nil
}

func (r *reader) number() (node, *fault) {
	start := r.at
	if r.src[r.at] == '-' {
		r.at++
	}
	whole := r.digits()
	if whole == 0 || whole > 1 && r.src[r.at-whole] == '0' {
		return node{}, r.fail(start, "malformed number")
	}
	if r.at < len(r.src) && r.src[r.at] == '.' {
		if r.at++; r.digits() == 0 {
			return node{}, r.fail(start, "malformed number")
		}
	}
	if r.at < len(r.src) && (r.src[r.at] == 'e' || r.src[r.at] == 'E') {
		if r.at++; r.at < len(r.src) && (r.src[r.at] == '+' || r.src[r.at] == '-') {
			r.at++
		}
		if r.digits() == 0 {
			return node{}, r.fail(start, "malformed number")
		}
	}
	return node{kind: nodeNumber, text: r.src[start:r.at], start: start, end: r.at}, nil
}

func (r *reader) digits() int {
	start := r.at
	for r.at < len(r.src) && '0' <= r.src[r.at] && r.src[r.at] <= '9' {
		r.at++
	}
	return r.at - start
}

// str reads a quoted string, which starts at r.at.
func (r *reader) str() (string, *fault) {
	open := r.at
	r.at++
	from := r.at
	var b []byte // nil as long as the value is the source text
	for r.at < len(r.src) {
		switch c := r.src[r.at]; {
		case c == '"':
			s := r.src[from:r.at]
			r.at++
			if b != nil {
				return string(append(b, s...)), nil
			}
			return s, nil
		case c < 0x20:
			return "", r.fail(r.at, "control character in a string")
		case c != '\\':
			r.at++
		default:
			b = append(b, r.src[from:r.at]...)
			c, f := r.escape()
			if f != nil {
				return "", f
			}
			b = utf8.AppendRune(b, c)
			from = r.at
		}
	}
	return "", r.fail(open, "string without an end")
}

func (r *reader) escape() (rune, *fault) {
	at := r.at
	if r.at++; r.at < len(r.src) {
		c := r.src[r.at]
		r.at++
		if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
			return rune("\"\\/\b\f\n\r\t"[i]), nil
		}
		if c == 'u' {
			u, ok := r.hex4()
			if ok && utf16.IsSurrogate(u) {
				ok = false
				if strings.HasPrefix(r.src[r.at:], `\u`) {
					r.at += 2
					if low, isHex := r.hex4(); isHex {
						u = utf16.DecodeRune(u, low)
						ok = u != utf8.RuneError
					}
				}
			}
			if ok {
				return u, nil
			}
		}
	}
	return 0, r.fail(at, "malformed escape in a string")
}

func (r *reader) hex4() (rune, bool) {
	if len(r.src)-r.at < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(r.src[r.at:r.at+4], 16, 16)
	r.at += 4
	return rune(n), err == nil
}
