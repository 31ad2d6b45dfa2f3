package policy

import "unicode/utf8"

// token is one step of a pattern whose variables have been filled in: a character, or one of the wildcards below.
type token int32

const (
	tokenStar        token = -1 - iota // any characters
	tokenSegmentStar                   // any characters but colons
	tokenAny                           // one character
	tokenSegmentAny                    // one character but a colon
)

// fits tells whether a token other than a star stands for c.
func (k token) fits(c token) bool {
	switch k {
	case tokenAny:
		return true
	case tokenSegmentAny:
		return c != ':'
	}
	return k == c
}

// char decodes the character that s starts with. A byte that is not UTF-8 is a character of its own, beyond Unicode,
// so that two different ones never compare equal.
func char(s string) (token, int) {
	if c := s[0]; c < utf8.RuneSelf {
		return token(c), 1
	}
	c, n := utf8.DecodeRuneInString(s)
	if c == utf8.RuneError && n == 1 {
		return token(utf8.MaxRune) + 1 + token(s[0]), 1
	}
	return token(c), n
}

// appendLiteral appends s, every character standing for itself.
func appendLiteral(buf []token, s string) []token {
	for len(s) > 0 {
		if s[0] < utf8.RuneSelf {
			buf = append(buf, token(s[0]))
			s = s[1:]
			continue
		}
		c, n := char(s)
		buf = append(buf, c)
		s = s[n:]
	}
	return buf
}

// appendWild appends s with its wildcards.
func appendWild(buf []token, s string) []token {
	from := len(buf)
	buf = appendLiteral(buf, s)
	for i, k := range buf[from:] {
		switch k {
		case '*':
			buf[from+i] = tokenStar
		case '?':
			buf[from+i] = tokenAny
		}
	}
	return buf
}

// appendSegments appends the first parts of a resource pattern: a wildcard stays within its colon segment, except a
// star that ends one.
func appendSegments(buf []token, s string) []token {
	from := len(buf)
	buf = appendLiteral(buf, s)
	for i, k := range buf[from:] {
		switch k {
		case '*':
			buf[from+i] = tokenSegmentStar
			if next := from + i + 1; next == len(buf) || buf[next] == ':' {
				buf[from+i] = tokenStar
			}
		case '?':
			buf[from+i] = tokenSegmentAny
		}
	}
	return buf
}

// matchTokens is matchWild over tokens, of which none is a tokenSegmentStar.
func matchTokens(pattern []token, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for budget := steps(len(text)); t < len(text); budget-- {
		if p < len(pattern) {
			if pattern[p] == tokenStar {
				star, mark = p, t
				if p++; p == len(pattern) {
					return true
				}
				continue
			}
			if c, n := char(text[t:]); pattern[p].fits(c) {
				p++
				t += n
				continue
			}
		}
		if star < 0 {
			return false
		}
		if budget < 0 {
			return matchStates(pattern, text, false)
		}
		mark += width(text[mark:])
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == tokenStar {
		p++
	}
	return p == len(pattern)
}
