package analyzer

import "strings"

// wild tells whether a pattern has a wildcard.
func wild(pattern string) bool { return strings.ContainsAny(pattern, "*?") }

// covers tells whether a pattern matches all that another one matches; a text without wildcards is a pattern that
// matches itself. In pattern, * stands for any characters and ? for one.
//
// The time is linear: a pattern that would take more gives up and covers nothing, which for a check means that
// it finds nothing. No document that people write comes near.
func covers(pattern, other string) bool {
	star := strings.IndexByte(pattern, '*')
	if star < 0 {
		return fits(pattern, other) == len(other)
	}
	n := fits(pattern[:star], other)
	if n < 0 {
		return false
	}
	other = other[n:]
	pattern = pattern[star+1:]
	budget := 4*(len(pattern)+len(other)) + 512
	for {
		star = strings.IndexByte(pattern, '*')
		if star < 0 {
			return ends(pattern, other, budget)
		}
		piece := pattern[:star]
		pattern = pattern[star+1:]
		at, n := find(piece, other, &budget)
		if at < 0 {
			return false
		}
		other = other[at+n:]
	}
}

// ends tells whether a piece without stars fits the end of a text; not if it takes too long to tell.
func ends(piece, text string, budget int) bool {
	if strings.IndexByte(piece, '?') < 0 {
		return strings.HasSuffix(text, piece)
	}
	// What a ? takes may be two bytes long.
	for at := len(text) - len(piece); at >= max(0, len(text)-2*len(piece)) && budget >= 0; at-- {
		if n := fits(piece, text[at:]); n >= 0 && at+n == len(text) {
			return true
		}
		budget -= len(piece)
	}
	return false
}

// find looks for the first place where a piece without stars fits, and tells how many bytes of text that takes; at is
// -1 if there is none or if it takes too long.
func find(piece, text string, budget *int) (at, n int) {
	if strings.IndexByte(piece, '?') < 0 {
		return strings.Index(text, piece), len(piece)
	}
	for at := range len(text) + 1 {
		if *budget -= len(piece); *budget < 0 {
			break
		}
		if n := fits(piece, text[at:]); n >= 0 {
			return at, n
		}
	}
	return -1, 0
}

// fits matches a piece without stars with the start of a text and returns how many bytes that takes, or -1. A star of
// the text is more than one character: only a star of the pattern covers it.
func fits(piece, text string) int {
	t := 0
	for p := range len(piece) {
		switch {
		case t == len(text):
			return -1
		case piece[p] == '?' && text[t] != '*':
			for t++; t < len(text) && text[t]&0xC0 == 0x80; t++ { // the rest of the character
			}
		case piece[p] == text[t] && text[t] != '*':
			t++
		default:
			return -1
		}
	}
	return t
}
