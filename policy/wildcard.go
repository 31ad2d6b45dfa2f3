package policy

import (
	"strings"
	"unicode/utf8"
)

// A pattern is cut at its stars. The piece before the first one must start the text, the piece after the last one must
// end it, and the pieces between are found one after the other, each as early as it can be: what an earlier find leaves
// over, a later one could not use better. That takes time in proportion to the text, but for two things: a piece with a
// question mark may match almost everywhere and fail late, and so may any piece whose letters fit in either case. Their
// searches count their steps, and a match that takes too many is done over by matchStates.
//
// A pattern is UTF-8, as Parse makes sure; a text may hold any bytes.

// steps is how many steps a search in a text of n bytes may take before matchStates is the better way.
func steps(n int) int { return 4*n + 512 }

// matchWild matches text against a pattern whose * stands for any characters and whose ? stands for one. Before the
// byte offset sixth of the pattern, ? does not stand for a colon.
func matchWild(pattern, text string, sixth int) bool {
	if strings.IndexByte(pattern, '?') >= 0 {
		return matchMarks(pattern, text, sixth)
	}
	star := strings.IndexByte(pattern, '*')
	if star < 0 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, pattern[:star])
	for ok {
		pattern = pattern[star+1:]
		if star = strings.IndexByte(pattern, '*'); star < 0 {
			return strings.HasSuffix(text, pattern)
		}
		_, text, ok = strings.Cut(text, pattern[:star])
	}
	return false
}

// matchPieces is matchWild for a pattern that starts with a star, cut at its stars.
func matchPieces(pieces []string, text string) bool {
	last := len(pieces) - 1
	for _, p := range pieces[:last] {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return strings.HasSuffix(text, pieces[last])
}

// matchMarks is matchWild for a pattern with question marks.
func matchMarks(pattern, text string, sixth int) bool {
	star := strings.IndexByte(pattern, '*')
	if star < 0 {
		return matchPiece(pattern, text, sixth) == len(text)
	}
	n := matchPiece(pattern[:star], text, sixth)
	if n < 0 {
		return false
	}
	last := strings.LastIndexByte(pattern, '*')
	rest := text[n:]
	end := endPiece(pattern[last+1:], rest, sixth-last-1)
	if end < 0 {
		return false
	}
	rest = rest[:end]
	budget := steps(len(rest))
	for at := star + 1; at < last; {
		piece := pattern[at:last]
		if i := strings.IndexByte(piece, '*'); i >= 0 {
			piece = piece[:i]
		}
		var i int
		if strings.IndexByte(piece, '?') < 0 {
			if i = strings.Index(rest, piece); i < 0 {
				return false
			}
			i += len(piece)
		} else if i = findPiece(piece, rest, sixth-at, &budget); i < 0 {
			return budget < 0 && wildStates(pattern, text, sixth)
		}
		rest = rest[i:]
		at += len(piece) + 1
	}
	return true
}

// matchPiece matches a pattern without stars with the start of text. It returns how many bytes that takes, or -1.
func matchPiece(piece, text string, sixth int) int {
	t := 0
	for p := 0; p < len(piece); p++ {
		if t == len(text) {
			return -1
		}
		switch c := piece[p]; {
		case c == '?' && (p >= sixth || text[t] != ':'):
			t += width(text[t:])
		case c == text[t] && c != '?':
			t++
		default:
			return -1
		}
	}
	return t
}

// endPiece matches a pattern without stars with the end of text. It returns where in text that starts, or -1.
func endPiece(piece, text string, sixth int) int {
	at := len(text) - len(piece)
	if strings.IndexByte(piece, '?') >= 0 {
		at = len(text)
		for range utf8.RuneCountInString(piece) {
			if at == 0 {
				return -1
			}
			_, n := utf8.DecodeLastRuneInString(text[:at])
			at -= n
		}
	}
	if at < 0 || matchPiece(piece, text[at:], sixth) != len(text)-at {
		return -1
	}
	return at
}

// findPiece finds the first place in text where a pattern without stars matches, and returns where the match ends, or
// -1. It takes what it costs off the budget, and gives up below zero.
func findPiece(piece, text string, sixth int, budget *int) int {
	for from := 0; from <= len(text); from += width(text[from:]) {
		p, t := 0, from
		for p < len(piece) && t < len(text) {
			if c := piece[p]; c == '?' && (p >= sixth || text[t] != ':') {
				t += width(text[t:])
			} else if c == text[t] && c != '?' {
				t++
			} else {
				break
			}
			p++
		}
		if p == len(piece) {
			return t
		}
		if *budget -= p + 1; *budget < 0 || from == len(text) {
			break
		}
	}
	return -1
}

// wildStates is matchWild by matchStates.
func wildStates(pattern, text string, sixth int) bool {
	var stack [512]token
	sixth = min(sixth, len(pattern))
	buf := appendWild(stack[:0], pattern[:sixth])
	for i, k := range buf {
		if k == tokenAny {
			buf[i] = tokenSegmentAny
		}
	}
	return matchStates(appendWild(buf, pattern[sixth:]), text, false)
}

// matchFold is matchWild without regard to the case of ASCII letters.
func matchFold(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for budget := steps(len(text)); t < len(text); budget-- {
		if p < len(pattern) {
			c := pattern[p]
			if c == '*' {
				star, mark = p, t
				if p++; p == len(pattern) {
					return true
				}
				continue
			}
			if c == '?' {
				p++
				t += width(text[t:])
				continue
			}
			if lower(c) == lower(text[t]) {
				p++
				t++
				continue
			}
		}
		if star < 0 {
			return false
		}
		if budget < 0 {
			var stack [512]token
			return matchStates(appendWild(stack[:0], pattern), text, true)
		}
		mark += width(text[mark:])
		p, t = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
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
