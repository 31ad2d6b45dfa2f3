package source

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRead: the reader takes what encoding/json takes, less what IAM forbids and the lone surrogates that encoding/json
// replaces, and finds the same values; where it refuses, it points into the text.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2.5e+3,true,false,null,"x\n\u00e9\ud83d\ude00"],"a":{}}`, `["\ud800"]`, "[\x00]", `["é字"]`, "\ufeff1", `[01]`, `"\`,
		strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), "{\"a\" :\t1 ,\n\"b\":\r2}", `1 2`, `"\u00`, "\"\xff\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		n, fault := Read(src)
		want, ok := reference(src)
		if ok != (fault == nil) {
			t.Fatalf("%q: %v, encoding/json says %v", src, fault, ok)
		}
		if fault != nil {
			if fault.At < 0 || fault.At > len(src) || fault.Message == "" {
				t.Fatalf("%q: %+v", src, fault)
			}
			p := NewTracker(src).To(fault.At)
			if p.Line != strings.Count(src[:fault.At], "\n")+1 {
				t.Fatalf("%q: %+v", src, p)
			}
			return
		}
		if got := tokens(nil, src, &n); !slices.Equal(got, want) {
			t.Fatalf("%q:\n got %q\nwant %q", src, got, want)
		}
	})
}

// reference reads src by encoding/json into one line a token; it is false for what Read must refuse.
func reference(src string) ([]string, bool) {
	if !json.Valid([]byte(src)) || !utf8.ValidString(src) || utf8.RuneCountInString(src) > MaxText || loneSurrogate(src) {
		return nil, false
	}
	for _, c := range src {
		if c > 0xFF || c < ' ' && !strings.ContainsRune("\t\n\r", c) {
			return nil, false
		}
	}
	d := json.NewDecoder(strings.NewReader(src))
	d.UseNumber()
	var out []string
	for depth := 0; ; {
		tok, err := d.Token()
		if err == io.EOF {
			return out, true
		}
		if err != nil {
			return nil, false
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				if depth++; depth > MaxDepth {
					return nil, false
				}
			} else {
				depth--
			}
		default:
			// A key stands at its object's depth, but its value is one deeper.
			if depth+1 > MaxDepth {
				return nil, false
			}
		}
		out = append(out, fmt.Sprintf("%T %v", tok, tok))
	}
}

// loneSurrogate finds an escape of half a character.
func loneSurrogate(src string) bool {
	high := false // the escape before was a first half
	for i := 0; i < len(src); i++ {
		half := byte(0)
		if src[i] == '\\' {
			i++
			if src[i] == 'u' {
				hex := strings.ToLower(src[i+1 : i+5])
				if hex[0] == 'd' && hex[1] >= '8' {
					half = 'h'
					if hex[1] >= 'c' {
						half = 'l'
					}
				}
				i += 4
			}
		}
		if high != (half == 'l') {
			return true
		}
		high = half == 'h'
	}
	return high
}

// tokens are the lines of a Node, which must lie within its parent and hold what its offsets say.
func tokens(out []string, src string, n *Node) []string {
	text := src[n.Start:n.End]
	switch n.Kind {
	case Object:
		out = append(out, "json.Delim {")
		for i := range n.Members {
			m := &n.Members[i]
			if m.At <= n.Start || m.Value.Start <= m.At || m.Value.End >= n.End || src[m.At] != '"' {
				return append(out, "offsets")
			}
			out = tokens(append(out, "string "+m.Key), src, &m.Value)
		}
		out = append(out, "json.Delim }")
		if text[0] != '{' || text[len(text)-1] != '}' {
			out = append(out, "offsets")
		}
	case Array:
		out = append(out, "json.Delim [")
		for i := range n.Items {
			if n.Items[i].Start <= n.Start || n.Items[i].End >= n.End {
				return append(out, "offsets")
			}
			out = tokens(out, src, &n.Items[i])
		}
		out = append(out, "json.Delim ]")
		if text[0] != '[' || text[len(text)-1] != ']' {
			out = append(out, "offsets")
		}
	case String:
		out = append(out, "string "+n.Text)
		if text[0] != '"' || text[len(text)-1] != '"' {
			out = append(out, "offsets")
		}
	case Number:
		out = append(out, "json.Number "+text)
	case Bool:
		out = append(out, "bool "+text)
	case Null:
		out = append(out, "<nil> <nil>")
	}
	return out
}
