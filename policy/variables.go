package policy

import (
	"strings"
	"unicode/utf8"
)

// part is a piece of a value that has variables.
type part struct {
	kind     partKind
	text     string // the text; a variable's key, folded
	written  string // a variable's key as written
	fallback string // a variable's default
	optional bool   // it has one
	wildcard bool   // a text with wildcards
	open     bool   // one star at its end, and no other
}

type partKind uint8

const (
	partText     partKind = iota // wildcards are wildcards where the operator has them
	partLiteral                  // ${*}, ${?} and ${$}: the character itself
	partVariable                 // ${key} or ${key, 'default'}
)

// parseVariables cuts a value at its variables. Without any, parts is nil. It is false if one is malformed.
func parseVariables(s string) (parts []part, ok bool) {
	for {
		before, after, found := strings.Cut(s, "${")
		if !found {
			if parts != nil && s != "" {
				parts = append(parts, textPart(s))
			}
			return parts, true
		}
		if before != "" {
			parts = append(parts, textPart(before))
		}
		p, rest, ok := parseVariable(after)
		if !ok {
			return nil, false
		}
		parts = append(parts, p)
		s = rest
	}
}

func textPart(s string) part {
	n := literal(s)
	return part{text: s, wildcard: n < len(s), open: s[n:] == "*"}
}

// parseVariable reads what follows "${", up to and with the closing brace.
func parseVariable(s string) (p part, rest string, ok bool) {
	end := strings.IndexAny(s, ",}")
	if end < 0 {
		return p, "", false
	}
	key := s[:end]
	if key == "*" || key == "?" || key == "$" {
		return part{kind: partLiteral, text: key}, s[end+1:], s[end] == '}'
	}
	if key == "" || strings.ContainsAny(key, " \t\r\n{$'*?\"") {
		return p, "", false
	}
	p = part{kind: partVariable, text: FoldKey(key), written: key}
	if s[end] == '}' {
		return p, s[end+1:], true
	}
	s, ok = strings.CutPrefix(strings.TrimLeft(s[end+1:], " "), "'")
	if !ok {
		return p, "", false
	}
	p.optional = true
	if p.fallback, s, ok = strings.Cut(s, "'"); !ok {
		return p, "", false
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(s, " "), "}")
	return p, rest, ok
}

// value is a variable's value in a request: yes with the value, no if it has neither value nor default, unclear if the
// key is multivalued, which no variable can be.
func (p *part) value(ctx *Context) (string, truth) {
	values, multi, ok := ctx.get(p.text)
	switch {
	case ok && multi:
		return "", unclear
	case ok:
		return values[0], yes
	case p.optional:
		return p.fallback, yes
	}
	return "", no
}

// maxBrought bounds what the variables of one value may bring, in bytes: a document can repeat a variable thousands of
// times.
const maxBrought = 16 << 10

// appendParts appends the parts with variables filled in. What a variable brings is literal, whatever it holds. Beside
// what can make a variable's value unclear, so does more than maxBrought of them.
func appendParts(buf []token, parts []part, ctx *Context, wild bool) ([]token, truth) {
	brought := 0
	for i := range parts {
		p := &parts[i]
		switch {
		case p.kind == partVariable:
			v, t := p.value(ctx)
			if t != yes {
				return buf, t
			}
			if brought += len(v); brought > maxBrought {
				return buf, unclear
			}
			buf = appendLiteral(buf, v)
		case p.kind == partText && wild:
			buf = appendWild(buf, p.text)
		default:
			buf = appendLiteral(buf, p.text)
		}
	}
	return buf, yes
}

// matchParts matches text with the parts, whose variables are filled in as appendParts does; found is what it says. Most
// have no wildcard but in what comes after all variables, and need not be put together.
func matchParts(parts []part, text string, ctx *Context, wild bool) (fits bool, found truth) {
	rest, ok, brought := text, true, 0
	for i := range parts {
		p, piece := &parts[i], parts[i].text
		switch {
		case p.kind == partVariable:
			var t truth
			if piece, t = p.value(ctx); t != yes {
				return false, t
			}
			if brought += len(piece); brought > maxBrought {
				return false, unclear
			}
			if !utf8.ValidString(piece) {
				return matchTogether(parts, text, ctx, wild) // it must not be half of a character of the text
			}
		case p.open && wild && i == len(parts)-1:
			return ok && strings.HasPrefix(rest, piece[:len(piece)-1]), yes
		case p.wildcard && wild && i == len(parts)-1:
			return ok && matchWild(piece, rest, 0), yes
		case p.wildcard && wild:
			return matchTogether(parts, text, ctx, wild)
		}
		if ok {
			rest, ok = strings.CutPrefix(rest, piece)
		}
	}
	return ok && rest == "", yes
}

// matchTogether is matchParts for any parts.
func matchTogether(parts []part, text string, ctx *Context, wild bool) (fits bool, found truth) {
	var stack [384]token
	pattern, found := appendParts(stack[:0], parts, ctx, wild)
	return found == yes && matchTokens(pattern, text), found
}
