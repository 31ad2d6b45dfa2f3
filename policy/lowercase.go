package policy

import (
	"strings"
	"unicode"
)

// AWS compares without regard to case by turning both sides into lower case, and was seen to do it as Unicode's full
// mapping says for no language in particular: the Kelvin sign is a k, but ſ is no s; İ is i and a dot above; Σ is ς at the
// end of a word. Letters beyond U+FFFF stay as they are. That is not what strings.EqualFold and strings.ToLower do.

// lowering gives the characters of a text one by one in lower case: of tokens, all literal, or of a string if there are
// none.
type lowering struct {
	tokens []token
	text   string
	dot    bool // a dot above comes next
	word   bool // a letter that has a case precedes
}

// peek decodes the character that comes next, in whatever case; n is 0 at the end.
func (l *lowering) peek() (c token, n int) {
	switch {
	case len(l.tokens) > 0:
		return l.tokens[0], 1
	case l.text == "":
		return 0, 0
	}
	return char(l.text)
}

func (l *lowering) skip(n int) {
	if len(l.tokens) > 0 {
		l.tokens = l.tokens[n:]
		return
	}
	l.text = l.text[n:]
}

// next returns the next character in lower case; false at the end.
func (l *lowering) next() (token, bool) {
	if l.dot {
		l.dot = false
		return dotAbove, true
	}
	c, n := l.peek()
	if n == 0 {
		return 0, false
	}
	l.skip(n)
	word := l.word
	if cased(c) {
		l.word = true
	} else if !amidWords(c) {
		l.word = false
	}
	switch {
	case c == 'Σ' && word && !l.wordGoesOn():
		return 'ς', true
	case c == 'İ':
		l.dot = true
		return 'i', true
	case c <= 0xFFFF:
		return token(unicode.ToLower(rune(c))), true
	}
	return c, true
}

// dotAbove is the combining character.
const dotAbove = 0x307

// wordGoesOn tells whether a letter that has a case follows.
func (l lowering) wordGoesOn() bool {
	for {
		c, n := l.peek()
		if n == 0 || !amidWords(c) {
			return n > 0 && cased(c)
		}
		l.skip(n)
	}
}

// cased tells whether c is a letter that has a case.
func cased(c token) bool {
	return c <= unicode.MaxRune &&
		unicode.In(rune(c), unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// amidWords tells whether c may stand within a word without ending it: marks, and the punctuation of words.
func amidWords(c token) bool {
	return c <= unicode.MaxRune && (strings.ContainsRune("'.:·‘’․‧﹒＇．", rune(c)) ||
		unicode.In(rune(c), unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk))
}

// equalLower tells whether a policy's text, of tokens or else raw, and a value are equal in lower case.
func equalLower(tokens []token, raw, value string) bool {
	a, b := lowering{tokens: tokens, text: raw}, lowering{text: value}
	for {
		c, more := a.next()
		d, also := b.next()
		if !more || !also {
			return more == also
		}
		if c != d {
			return false
		}
	}
}

// equalLetters tells whether two texts are equal in lower case by their ASCII letters alone, so that they are one as
// keys, too.
func equalLetters(tokens []token, value string) bool {
	for _, k := range tokens {
		if value == "" {
			return false
		}
		c, n := char(value)
		if value = value[n:]; k != c && (k > unicode.MaxASCII || c > unicode.MaxASCII || lower(byte(k)) != lower(byte(c))) {
			return false
		}
	}
	return value == ""
}
