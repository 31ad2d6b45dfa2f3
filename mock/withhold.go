package mock

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// withheld names the members that an answer to the request must do without.
func (a *API) withheld(r *http.Request, op *operation, sandbox bool) []string {
	if a.withhold == nil || sandbox {
		return nil
	}
	return a.withhold(r, op.Operation)
}

// unheld says that names can't be found in an answer, which is not sent then.
func unheld(names []string, kind string) *fault {
	return unmade("It would be " + kind + ", out of which " + strings.Join(names, ", ") + " can't be taken.")
}

// variants are a body that is the same every time, without some names: for the
// few lists of them that there are, made once.
type variants struct{ list atomic.Pointer[[]variant] }

type variant struct {
	names []string
	body  []byte
}

const maxVariants = 16

// of gives the body, always the same one, without names.
func (v *variants) of(body []byte, names []string) []byte {
	if len(names) == 0 {
		return body
	}
	var known []variant
	old := v.list.Load()
	if old != nil {
		known = *old
	}
	for i := range known {
		if slices.Equal(known[i].names, names) {
			return known[i].body
		}
	}
	less := without(body, names)
	if len(known) < maxVariants {
		more := append(known[:len(known):len(known)], variant{slices.Clone(names), less})
		v.list.CompareAndSwap(old, &more) // who comes second makes it again
	}
	return less
}

// without gives JSON as encode writes it without the members of some names, at
// whatever depth they stand. What it is given stays as it is.
func without(data []byte, names []string) []byte {
	ours := false
	for _, name := range names {
		var out []byte
		if ours {
			out = data[:0] // what is written there has been read
		}
		if out = cut(out, data, append(encode(name), ':')); out != nil {
			data, ours = out, true
		}
	}
	return data
}

// cut writes data to out without the members that begin with a key and its colon;
// there are none if it gives nil. There is no space between tokens, and within a
// string no quote without a backslash before it: what reads like the key after a
// brace or a comma is one.
func cut(out, data, key []byte) []byte {
	cuts := 0
	from := 0 // what is not yet in out
	for at := 0; ; {
		i := bytes.Index(data[at:], key)
		if i < 0 {
			break
		}
		begin := at + i
		if at = begin + len(key); begin == 0 || data[begin-1] != '{' && data[begin-1] != ',' {
			continue
		}
		end := at + valueLen(data[at:])
		switch {
		case data[begin-1] == ',' && begin > from:
			begin--
		case end < len(data) && data[end] == ',':
			end++
		}
		if out == nil {
			out = make([]byte, 0, len(data))
		}
		out = append(out, data[from:begin]...)
		from, at = end, end
		cuts++
	}
	if cuts == 0 {
		return nil
	}
	return append(out, data[from:]...)
}

// valueLen is how long the value is that stands first.
func valueLen(data []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return i
		case c == '}' || c == ']':
			depth--
		}
	}
	return len(data)
}
