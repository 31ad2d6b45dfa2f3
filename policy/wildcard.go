package policy

import "unicode/utf8"

// Matching keeps one place to come back to, the last free star: what an earlier star could do differently the last one
// can do as well. That is at most len(pattern) × len(text) steps. A star that may not cross a colon breaks the
// argument; patterns with one run as a set of states instead (matchStates), within the same bound.

// matchWild matches text against a pattern whose * stands for any characters and whose ? stands for one. Before the
// byte offset sixth of the pattern, ? does not stand for a colon.
func matchWild(pattern, text string, sixth int) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == '*':
				star, mark = p, t
				p++
				continue
			case c == '?' && (p >= sixth || text[t] != ':'):
				p++
				t += width(text[t:])
				continue
			case c == text[t] && c != '?':
				p++
				t++
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark += width(text[mark:])
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchFold is matchWild for ASCII without regard to case, where ? stands for any byte.
func matchFold(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		if p < len(pattern) {
			c := pattern[p]
			if c == '*' {
				star, mark = p, t
				p++
				continue
			}
			if c == '?' || lower(c) == lower(text[t]) {
				p++
				t++
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// width is the length in bytes of the character that s starts with; s is not empty.
func width(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

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
	for t < len(text) {
		if p < len(pattern) {
			if pattern[p] == tokenStar {
				star, mark = p, t
				p++
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
		mark += width(text[mark:])
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == tokenStar {
		p++
	}
	return p == len(pattern)
}

// matchStates matches text against tokens of every sort, keeping the set of places in the pattern that the text so far
// can have reached.
func matchStates(pattern []token, text string) bool {
	var stack [2][512]bool
	here, next := stack[0][:], stack[1][:]
	if len(pattern) >= len(here) {
		here, next = make([]bool, len(pattern)+1), make([]bool, len(pattern)+1)
	}
	here, next = here[:len(pattern)+1], next[:len(pattern)+1]
	reach(pattern, here, 0)
	for len(text) > 0 {
		c, n := char(text)
		text = text[n:]
		clear(next)
		alive := false
		for i, k := range pattern {
			if !here[i] {
				continue
			}
			switch {
			case k == tokenStar || k == tokenSegmentStar && c != ':':
				reach(pattern, next, i)
				alive = true
			case k.fits(c):
				reach(pattern, next, i+1)
				alive = true
			}
		}
		if !alive {
			return false
		}
		here, next = next, here
	}
	return here[len(pattern)]
}

// reach marks place i, and the places that stars standing for nothing lead to from there.
func reach(pattern []token, set []bool, i int) {
	for !set[i] {
		set[i] = true
		if i == len(pattern) || pattern[i] != tokenStar && pattern[i] != tokenSegmentStar {
			return
		}
		i++
	}
}
