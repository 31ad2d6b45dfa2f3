package wire

import (
	"regexp"
	"regexp/syntax"
	"sync"
	"unicode/utf8"
)

// matcher is a pattern compiled on its first use. Most are one class of
// characters, repeated: those need no automaton.
type matcher struct {
	once    sync.Once
	class   class
	regexps []*regexp.Regexp // if it is no class
}

var matchers [len(patterns)]matcher

// matches tells whether the whole of s satisfies pattern number n, from 1.
func matches(n int32, s string) bool {
	m := &matchers[n-1]
	m.once.Do(func() { m.compile(patterns[n-1].re2) })
	if m.regexps == nil {
		return m.class.matches(s)
	}
	for _, re := range m.regexps {
		if !re.MatchString(s) {
			return false
		}
	}
	return true
}

// compile cannot fail: the generator has compiled the same expressions.
func (m *matcher) compile(all []string) {
	if len(all) == 1 {
		if c := repeatedClass(all[0]); c != nil {
			m.class = *c
			return
		}
	}
	for _, re2 := range all {
		m.regexps = append(m.regexps, regexp.MustCompile(`\A(?:`+re2+`)\z`))
	}
}

// class is [...]* or [...]+.
type class struct {
	ascii     [2]uint64
	needsSome bool
	printable bool   // holds all of ASCII's
	ranges    []rune // pairs of first and last
}

// repeatedClass returns nil if re2 is anything but one repeated class.
func repeatedClass(re2 string) *class {
	parsed, err := syntax.Parse(re2, syntax.Perl)
	if err != nil || parsed.Op != syntax.OpStar && parsed.Op != syntax.OpPlus || parsed.Sub[0].Op != syntax.OpCharClass {
		return nil
	}
	c := &class{ranges: parsed.Sub[0].Rune, needsSome: parsed.Op == syntax.OpPlus, printable: true}
	for r := range rune(utf8.RuneSelf) {
		if c.holds(r) {
			c.ascii[r/64] |= 1 << (r % 64)
		} else if ' ' <= r && r <= '~' {
			c.printable = false
		}
	}
	return c
}

func (c *class) holds(r rune) bool {
	low, high := 0, len(c.ranges)/2
	for low < high {
		middle := (low + high) / 2
		switch {
		case r < c.ranges[2*middle]:
			high = middle
		case r > c.ranges[2*middle+1]:
			low = middle + 1
		default:
			return true
		}
	}
	return false
}

func (c *class) matches(s string) bool {
	i := 0
	if c.printable {
		i = printable([]byte(s))
	}
	for _, r := range s[i:] {
		if r < utf8.RuneSelf {
			if c.ascii[r/64]&(1<<(r%64)) == 0 {
				return false
			}
		} else if !c.holds(r) {
			return false
		}
	}
	return s != "" || !c.needsSome
}
