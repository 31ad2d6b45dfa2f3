package policy

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMatchersAgainstRegexp(t *testing.T) {
	patterns := []string{"", "*", "?", "a", "a*", "*a", "*a*b", "a?b", "**", "*?*", "a*:b", "?:*a?", "*:b*a:*", "a:*b:*", "é?", "*a:b*:*"}
	texts := []string{"", "a", "b", "ab", "aab", "a:b", "axb", "aéb", "éé", "a:bb:a", "ba:bxa:b", "x:bya:q", ":::", "a:x:b:b:a:a", "a:ba:b:"}
	for _, p := range patterns {
		free := regexp.QuoteMeta(p)
		free = strings.ReplaceAll(strings.ReplaceAll(free, `\*`, `(?s:.*)`), `\?`, `(?s:.)`)
		exact := regexp.MustCompile(`\A` + free + `\z`)
		tokens := appendWild(nil, p)
		// The segment rule once more, read off the pattern.
		var b strings.Builder
		for i, c := range p {
			switch {
			case c == '*' && (i+1 == len(p) || p[i+1] == ':'):
				b.WriteString(`(?s:.*)`)
			case c == '*':
				b.WriteString(`[^:]*`)
			case c == '?':
				b.WriteString(`[^:]`)
			default:
				b.WriteString(regexp.QuoteMeta(string(c)))
			}
		}
		segmented := regexp.MustCompile(`\A` + b.String() + `\z`)
		for _, s := range texts {
			want := exact.MatchString(s)
			if got := matchWild(p, s, 0); got != want {
				t.Errorf("matchWild(%q, %q) = %v", p, s, got)
			}
			if got := matchTokens(tokens, s); got != want {
				t.Errorf("matchTokens(%q, %q) = %v", p, s, got)
			}
			if got := matchStates(tokens, s); got != want {
				t.Errorf("matchStates(%q, %q) = %v", p, s, got)
			}
			if got := matchStates(appendSegments(nil, p), s); got != segmented.MatchString(s) {
				t.Errorf("segments %q, %q = %v", p, s, got)
			}
			if s == strings.ToLower(s) && len(s) == len([]rune(s)) {
				if got := matchFold(strings.ToUpper(p), s); got != want && len(p) == len([]rune(p)) {
					t.Errorf("matchFold(%q, %q) = %v", p, s, got)
				}
			}
		}
	}
}

func TestInvalidBytesDiffer(t *testing.T) {
	if matchTokens(appendLiteral(nil, "a\xff"), "a\xfe") || !matchTokens(appendLiteral(nil, "a\xff"), "a\xff") {
		t.Error("bytes that are not UTF-8 must equal only themselves")
	}
	if matchTokens(appendLiteral(nil, "\ufffd"), "\xff") {
		t.Error("a byte that is not UTF-8 is not U+FFFD")
	}
}

// The worst patterns for a matcher that backtracks finish in time that grows with pattern × text: a matcher that tries
// every combination would not finish at all.
func TestMatchingIsBounded(t *testing.T) {
	text := strings.Repeat("a", 8000)
	stars := strings.Repeat("*a", 500) + "*b"
	start := time.Now()
	if matchWild(stars, text, 0) || matchFold(stars, text) || matchTokens(appendWild(nil, stars), text) {
		t.Error("matched")
	}
	if matchStates(appendSegments(nil, stars), text[:2000]) || matchStates(appendSegments(nil, strings.Repeat("*", 4000)+"b"), text[:2000]) {
		t.Error("matched")
	}
	segments := "arn:aws:x:" + strings.Repeat("*a", 200) + ":" + strings.Repeat("a*a", 50) + ":r"
	r := compileResource(segments, true)
	if got, _ := r.match("arn:aws:x:"+strings.Repeat("aa:", 1500), nil); got != no {
		t.Error("matched")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}
