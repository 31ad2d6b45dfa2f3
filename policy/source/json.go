package source

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// MaxChars is the length of the longest policy document that any IAM operation takes, in characters. The doors hold
	// callers to it.
	MaxChars = 131072
	// MaxText is the length of the longest text that is read: a managed policy of AWS's own is longer than MaxChars.
	MaxText = 2 * MaxChars
	// MaxDepth is how deep values may nest; a policy nests six deep.
	MaxDepth = 24
)

// Kind is a JSON type.
type Kind uint8

// The types of JSON.
const (
	Object Kind = iota + 1
	Array
	String
	Number
	Bool
	Null
)

// Node is a JSON value and where it stands.
type Node struct {
	Kind       Kind
	Text       string   // a string's value; the source text of a number, a boolean or null
	Members    []Member // of an object, in order, duplicates included
	Items      []Node   // of an array
	Start, End int      // byte offsets of the first byte and just after the last
}

// Member is a key of an object with its value.
type Member struct {
	Key        string
	At, KeyEnd int // byte offsets of the key's opening quote and just after its closing one
	Value      Node
}

// Fault says where a text stops being JSON as policies may be written.
type Fault struct {
	At      int // byte offset
	Message string
}

func (f *Fault) Error() string { return f.Message }

// reader reads RFC 8259 JSON of bounded depth.
type reader struct {
	src   string
	at    int
	depth int
}

func (r *reader) fail(at int, format string, args ...any) *Fault {
	return &Fault{at, fmt.Sprintf(format, args...)}
}

// Read reads one value that is the whole of src. Duplicate keys are for the reader of the Node to judge. The Fault is nil
// if there is none.
func Read(src string) (Node, *Fault) {
	r := &reader{src: src}
	if i := invalidAt(src); i < len(src) {
		return Node{}, r.fail(i, "not UTF-8")
	}
	if f := r.characters(); f != nil {
		return Node{}, f
	}
	r.space()
	n, f := r.value()
	if f != nil {
		return Node{}, f
	}
	if r.space(); r.at < len(src) {
		return Node{}, r.fail(r.at, "text after the end of the document")
	}
	return n, nil
}

// characters refuses what IAM takes in no document: all but tab, line feed, carriage return and U+0020 to U+00FF.
func (r *reader) characters() *Fault {
	chars := 0
	for i, c := range r.src {
		if chars++; chars > MaxText {
			return r.fail(i, "longer than %d characters", MaxText)
		}
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c > 0xFF {
			return r.fail(i, "character %U is not allowed", c)
		}
	}
	return nil
}

// invalidAt is the offset of the first byte that is not UTF-8, or the length.
func invalidAt(src string) int {
	for i := 0; i < len(src); {
		c, n := utf8.DecodeRuneInString(src[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(src)
}

func (r *reader) space() {
	for r.at < len(r.src) && strings.IndexByte(" \t\r\n", r.src[r.at]) >= 0 {
		r.at++
	}
}

func (r *reader) value() (Node, *Fault) {
	if r.at >= len(r.src) {
		return Node{}, r.fail(r.at, "unexpected end of the document")
	}
	if r.depth++; r.depth > MaxDepth {
		return Node{}, r.fail(r.at, "nested more than %d deep", MaxDepth)
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
		return Node{Kind: String, Text: s, Start: start, End: r.at}, f
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	}
	for _, w := range [...]struct {
		word string
		kind Kind
	}{{"true", Bool}, {"false", Bool}, {"null", Null}} {
		if strings.HasPrefix(r.src[r.at:], w.word) {
			r.at += len(w.word)
			return Node{Kind: w.kind, Text: w.word, Start: start, End: r.at}, nil
		}
	}
	return Node{}, r.fail(r.at, "unexpected %q", r.rune())
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

func (r *reader) object() (Node, *Fault) {
	n := Node{Kind: Object, Start: r.at}
	r.at++
	for !r.next('}') {
		if len(n.Members) > 0 && !r.next(',') {
			return n, r.fail(r.at, "expected , or } in an object")
		}
		r.space()
		m := Member{At: r.at}
		if r.at >= len(r.src) || r.src[r.at] != '"' {
			return n, r.fail(r.at, "expected a quoted key")
		}
		var f *Fault
		if m.Key, f = r.str(); f != nil {
			return n, f
		}
		m.KeyEnd = r.at
		if !r.next(':') {
			return n, r.fail(r.at, "expected : after the key %q", m.Key)
		}
		r.space()
		if m.Value, f = r.value(); f != nil {
			return n, f
		}
		n.Members = append(n.Members, m)
	}
	n.End = r.at
	return n, nil
}

func (r *reader) array() (Node, *Fault) {
	n := Node{Kind: Array, Start: r.at}
	r.at++
	for !r.next(']') {
		if len(n.Items) > 0 && !r.next(',') {
			return n, r.fail(r.at, "expected , or ] in an array")
		}
		r.space()
		v, f := r.value()
		if f != nil {
			return n, f
		}
		n.Items = append(n.Items, v)
	}
	n.End = r.at
	return n, nil
}

func (r *reader) number() (Node, *Fault) {
	start := r.at
	if r.src[r.at] == '-' {
		r.at++
	}
	whole := r.digits()
	if whole == 0 || whole > 1 && r.src[r.at-whole] == '0' {
		return Node{}, r.fail(start, "malformed number")
	}
	if r.at < len(r.src) && r.src[r.at] == '.' {
		if r.at++; r.digits() == 0 {
			return Node{}, r.fail(start, "malformed number")
		}
	}
	if r.at < len(r.src) && (r.src[r.at] == 'e' || r.src[r.at] == 'E') {
		if r.at++; r.at < len(r.src) && (r.src[r.at] == '+' || r.src[r.at] == '-') {
			r.at++
		}
		if r.digits() == 0 {
			return Node{}, r.fail(start, "malformed number")
		}
	}
	return Node{Kind: Number, Text: r.src[start:r.at], Start: start, End: r.at}, nil
}

func (r *reader) digits() int {
	start := r.at
	for r.at < len(r.src) && '0' <= r.src[r.at] && r.src[r.at] <= '9' {
		r.at++
	}
	return r.at - start
}

// str reads a quoted string, which starts at r.at.
func (r *reader) str() (string, *Fault) {
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

func (r *reader) escape() (rune, *Fault) {
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
