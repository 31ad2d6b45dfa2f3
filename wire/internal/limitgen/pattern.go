package main

import (
	"fmt"
	"regexp"
	"strings"
)

// beyondRE2 holds the patterns that RE2 cannot say in one expression. A value
// satisfies the pattern if it matches all of the expressions given for it.
var beyondRE2 = map[string][]string{
	// Neither a leading, a trailing nor a doubled hyphen; 3 to 63 characters.
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`: {`[a-z0-9](?:-?[a-z0-9])*`, `.{3,63}`},
}

const (
	javaSpace = `\t\n\x0B\f\r ` // Java's \s; RE2's lacks the vertical tab
	javaDot   = `[^\n\r\x{85}\x{2028}\x{2029}]`
)

// translate turns a pattern of the models, which is Java's and must match a
// whole value, into RE2 expressions that must all match.
func translate(pattern string) ([]string, error) {
	out, ok := beyondRE2[pattern]
	if !ok {
		re2, err := translateOne(pattern)
		if err != nil {
			return nil, err
		}
		out = []string{re2}
	}
	for _, re2 := range out {
		if _, err := regexp.Compile(re2); err != nil {
			return nil, fmt.Errorf("pattern %s: %w", pattern, err)
		}
	}
	return out, nil
}

func translateOne(pattern string) (string, error) {
	// A class of everything, whose two halves RE2 would let stand as well, but
	// whose \s is Java's.
	rest := strings.ReplaceAll(pattern, `[\s\S]`, `(?s:.)`)
	var b strings.Builder
	inClass := false
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch {
		case strings.HasPrefix(rest[i:], `(?s:.)`):
			b.WriteString(`(?s:.)`)
			i += len(`(?s:.)`) - 1
		case c == '\\':
			if i+1 == len(rest) {
				return "", fmt.Errorf("pattern %s ends in a backslash", pattern)
			}
			i++
			switch rest[i] {
			case 'u':
				if i+5 > len(rest) {
					return "", fmt.Errorf("pattern %s: short \\u escape", pattern)
				}
				b.WriteString(`\x{` + rest[i+1:i+5] + `}`)
				i += 4
			case 's':
				if inClass {
					b.WriteString(javaSpace)
				} else {
					b.WriteString(`[` + javaSpace + `]`)
				}
			case 'S':
				if inClass {
					return "", fmt.Errorf("pattern %s: \\S in a class", pattern)
				}
				b.WriteString(`[^` + javaSpace + `]`)
			default:
				b.WriteByte('\\')
				b.WriteByte(rest[i])
			}
		case inClass && (c == '[' || strings.HasPrefix(rest[i:], "&&")):
			return "", fmt.Errorf("pattern %s: union or intersection of classes", pattern)
		case c == '[':
			inClass = true
			b.WriteByte(c)
		case c == ']':
			inClass = false
			b.WriteByte(c)
		case c == '.' && !inClass:
			b.WriteString(javaDot)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}
