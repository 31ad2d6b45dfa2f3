package policy

import (
	"strings"
	"unicode"
)

// text is a value of a String operator.
type text struct {
	raw   string
	parts []part // if it has variables
	bad   bool   // one of them is malformed
}

// texts are the values of a String operator, compared exactly, without regard to case, or with wildcards.
type texts struct {
	family family
	values []text
}

func compileStrings(values []string, f family, variables bool) *texts {
	out := &texts{family: f, values: make([]text, len(values))}
	for i, v := range values {
		t := text{raw: v}
		if variables {
			parts, ok := parseVariables(v)
			t.parts, t.bad = parts, !ok
		}
		out.values[i] = t
	}
	return out
}

// match: a variable without a value makes its text fit nothing, which a negated operator takes for a match.
func (s *texts) match(ctx *Context, value string) truth {
	t := no
	for i := range s.values {
		if t = t.or(s.values[i].match(ctx, value, s.family)); t == yes {
			break
		}
	}
	return t
}

func (s *texts) parts() []part {
	var out []part
	for i := range s.values {
		out = append(out, s.values[i].parts...)
	}
	return out
}

func (t *text) match(ctx *Context, value string, f family) truth {
	switch {
	case t.bad:
		return unclear
	case t.parts == nil && f == familyString:
		return truthOf(t.raw == value)
	case t.parts == nil && f == familyStringLike:
		return truthOf(matchWild(t.raw, value, 0))
	case t.parts == nil:
		return truthOf(strings.EqualFold(t.raw, value))
	}
	return t.matchExpanded(ctx, value, f)
}

// matchExpanded is match for a value with variables.
func (t *text) matchExpanded(ctx *Context, value string, f family) truth {
	var stack [256]token
	pattern, found := appendParts(stack[:0], t.parts, ctx, f == familyStringLike)
	if found != yes {
		return found
	}
	if f == familyStringIgnoreCase {
		return truthOf(equalFold(pattern, value))
	}
	return truthOf(matchTokens(pattern, value))
}

// equalFold compares literal tokens with s under Unicode simple case folding, as strings.EqualFold does.
func equalFold(pattern []token, s string) bool {
	for _, k := range pattern {
		if s == "" {
			return false
		}
		c, n := char(s)
		if s = s[n:]; k != c && (k > unicode.MaxRune || c > unicode.MaxRune || !folds(rune(k), rune(c))) {
			return false
		}
	}
	return s == ""
}

func folds(a, b rune) bool {
	for c := unicode.SimpleFold(a); c != a; c = unicode.SimpleFold(c) {
		if c == b {
			return true
		}
	}
	return false
}
