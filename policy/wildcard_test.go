package policy

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
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
			if got := matchStates(tokens, s, false); got != want {
				t.Errorf("matchStates(%q, %q) = %v", p, s, got)
			}
			if got := matchStates(appendSegments(nil, p), s, false); got != segmented.MatchString(s) {
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

// plainly matches as the definition says, character by character: by every place in the pattern that can be reached.
func plainly(pattern []token, text string) bool {
	reached, next := make([]bool, len(pattern)+1), make([]bool, len(pattern)+1)
	reached[0] = true
	star := func(i int) bool { return pattern[i] == tokenStar || pattern[i] == tokenSegmentStar }
	for {
		for i := range pattern {
			reached[i+1] = reached[i+1] || reached[i] && star(i)
		}
		if text == "" {
			return reached[len(pattern)]
		}
		c, n := char(text)
		text = text[n:]
		clear(next)
		for i, k := range pattern {
			if star(i) {
				next[i] = next[i] || reached[i] && (k == tokenStar || c != ':')
			} else if reached[i] && k.fits(c) {
				next[i+1] = true
			}
		}
		reached, next = next, reached
	}
}

// agree holds every matcher against plainly, and matchWild with the first colons of the pattern as an ARN's.
func agree(t *testing.T, pattern, text string) {
	t.Helper()
	tokens := appendWild(nil, pattern)
	want := plainly(tokens, text)
	if got := matchWild(pattern, text, 0); got != want {
		t.Fatalf("matchWild(%q, %q) = %v", pattern, text, got)
	}
	if got := wildStates(pattern, text, 0); got != want {
		t.Fatalf("wildStates(%q, %q) = %v", pattern, text, got)
	}
	if got := matchTokens(tokens, text); got != want {
		t.Fatalf("matchTokens(%q, %q) = %v", pattern, text, got)
	}
	sixth := sixthPart(pattern)
	bound := appendWild(nil, pattern[:sixth])
	for i, k := range bound {
		if k == tokenAny {
			bound[i] = tokenSegmentAny
		}
	}
	bound = appendWild(bound, pattern[sixth:])
	if got := matchWild(pattern, text, sixth); got != plainly(bound, text) {
		t.Fatalf("matchWild(%q, %q, %d) = %v", pattern, text, sixth, got)
	}
	segments := appendWild(appendSegments(nil, pattern[:sixth]), pattern[sixth:])
	if got := matchStates(segments, text, false); got != plainly(segments, text) {
		t.Fatalf("matchStates of segments(%q, %q) = %v", pattern, text, got)
	}
	want = plainly(appendWild(nil, FoldKey(ascii(pattern))), FoldKey(ascii(text)))
	if got := matchFold(ascii(pattern), ascii(text)); got != want {
		t.Fatalf("matchFold(%q, %q) = %v", ascii(pattern), ascii(text), got)
	}
	if got := matchStates(appendWild(nil, ascii(pattern)), ascii(text), true); got != want {
		t.Fatalf("matchStates of (%q, %q) folded = %v", ascii(pattern), ascii(text), got)
	}
}

// ascii puts an x in place of every character that is not ASCII.
func ascii(s string) string {
	return strings.Map(func(c rune) rune {
		if c > 127 {
			return 'x'
		}
		return c
	}, s)
}

// Patterns and texts over few characters, so that much matches and much nearly does; long ones, so that they have many
// blocks and searches that give up.
func TestMatchersAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(from []string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(from[r.IntN(len(from))])
		}
		return b.String()
	}
	letters := [][]string{{"a"}, {"a", "b"}, {"a", ":"}, {"a", "A", "é", ":"}, {"a", "é", "\xff", "€", "\xc3"}}
	for i := range 2000 {
		from := letters[i%len(letters)]
		size := []int{4, 12, 70, 200}[i/len(letters)%4]
		text := draw(from, r.IntN(size*3/2+1))
		valid := slices.DeleteFunc(slices.Clone(from), func(s string) bool { return !utf8.ValidString(s) })
		var b strings.Builder
		for range 1 + r.IntN(4) {
			b.WriteString([]string{"*", "?", "**", "*?", ""}[r.IntN(5)])
			b.WriteString(draw(append(valid, "?", valid[0], valid[0]), r.IntN(size/2+1)))
		}
		agree(t, b.String(), text)
		// A pattern made from the text, with a few wildcards in it.
		chars := []rune(strings.ToValidUTF8(text, "a"))
		for range 3 {
			if len(chars) > 0 {
				chars[r.IntN(len(chars))] = []rune("*?a")[r.IntN(3)]
			}
		}
		agree(t, string(chars), text)
	}
	// Texts longer than the memory that is set aside for places.
	long := strings.Repeat("aé", 3000)
	for _, tail := range []string{"", "b", "?", "??b"} {
		agree(t, strings.Repeat("a?", 40)+"*"+strings.Repeat("?é", 80)+"*"+tail, long)
	}
}

// worst is what a pattern and a text can do to one another, in whatever form: a search that fails late, everywhere. To
// try every place would take a thousand times the steps.
func worst() map[string]func() bool {
	text := strings.Repeat("a", 200_000)
	r := compileResources(&Statement{Resource: []string{"arn:aws:x:" + strings.Repeat("*a", 3000) + ":" + strings.Repeat("a*a", 500) + "b:r"}}, true)
	return map[string]func() bool{
		"one word":       func() bool { return matchStates(appendWild(nil, "*"+strings.Repeat("a", 60)+"b*"), text, false) },
		"letters":        func() bool { return matchWild("*"+strings.Repeat("a", 5900)+"b*", text, 0) },
		"stars":          func() bool { return matchWild(strings.Repeat("*a", 10)+"b*", text, 0) },
		"marks":          func() bool { return matchWild("*"+strings.Repeat("a?", 3000)+"b*", text, 0) },
		"marks and more": func() bool { return matchWild(strings.Repeat("*?aaaaaaaaaaaa", 400)+"*?b*", text, 0) },
		"other scripts":  func() bool { return matchWild("*"+strings.Repeat("é?", 2000)+"b*", strings.Repeat("é", 100_000), 0) },
		"any case":       func() bool { return matchFold("*"+strings.Repeat("A", 5900)+"b*", text) },
		"filled in":      func() bool { return matchTokens(appendWild(nil, "*"+strings.Repeat("a", 5900)+"b*"), text) },
		"segments": func() bool {
			return r.match("arn:aws:x:"+strings.Repeat("aa:", 60_000), nil) != no
		},
		"only stars": func() bool { return matchStates(appendSegments(nil, strings.Repeat("*", 6000)+"b"), text, false) },
	}
}

func TestMatchingWorst(t *testing.T) {
	for name, match := range worst() {
		if match() {
			t.Errorf("%s: matched", name)
		}
	}
}

// BenchmarkMatchingWorst is to be read against "one word", the time of a word's worth of a pattern: 6,000 characters
// have a hundred such.
func BenchmarkMatchingWorst(b *testing.B) {
	for name, match := range worst() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				match()
			}
		})
	}
}

// Neither finding a piece nor doing it over by states takes memory, for patterns and texts of the usual length.
func TestMatchingAllocatesNothing(t *testing.T) {
	text := strings.Repeat("a", 4000)
	if n := testing.AllocsPerRun(10, func() {
		matchWild("*a?aaaaaaab*aaa*b*", text, 0)
		matchWild("*"+"aaaaaaaaaaaaaaaaaaaaaaaaaaaa?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"+"*", text, 0)
		matchFold("*AAAAAAAAAAAAAAAB*", text)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What a repeated variable brings is bounded; beyond, a Deny applies and an Allow does not.
func TestVariablesBringLittle(t *testing.T) {
	var ctx Context
	ctx.Set("aws:username", strings.Repeat("a", 4096))
	for n, want := range map[int]truth{4: no, 5: unclear, 1000: unclear} {
		value := strings.Repeat("${aws:username}", n)
		ctx.Set("a:x", "y")
		cond := compileCondition(&Condition{Operator: "StringLike", Key: "a:x", Values: []string{value}}, true)
		if got := cond.eval(&query{req: &Request{Context: &ctx}}); got != want {
			t.Errorf("%d times: %v", n, got)
		}
		r := compileResources(&Statement{Resource: []string{"arn:aws:s3:::" + value}}, true)
		if got := r.match("arn:aws:s3:::b", &ctx); got != want {
			t.Errorf("%d times in a resource: %v", n, got)
		}
	}
}
