package policy_test

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"iamd/policy"
)

// asciiLower lower-cases the letters A to Z only.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// step is one step of a pattern: a character that stands for itself, or a wildcard.
type step struct {
	char string // "" for a wildcard
	many bool   // *, else ?
	stay bool   // a wildcard that does not stand for colons
}

// characters cuts a text into characters; a byte that is not UTF-8 is one of its own.
func characters(s string) (out []string) {
	for len(s) > 0 {
		_, n := utf8.DecodeRuneInString(s)
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

// literal makes a pattern in which everything stands for itself.
func literal(s string) (out []step) {
	for _, c := range characters(s) {
		out = append(out, step{char: c})
	}
	return out
}

// wild makes a pattern of a text with wildcards.
func wild(s string) []step {
	out := literal(s)
	for i := range out {
		if c := out[i].char; c == "*" || c == "?" {
			out[i] = step{many: c == "*"}
		}
	}
	return out
}

// fits matches a whole text with a pattern: at[i] tells whether the first i steps can have matched what was read.
func fits(pattern []step, text string) bool {
	at, next := make([]bool, len(pattern)+1), make([]bool, len(pattern)+1)
	at[0] = true
	skipStars := func() {
		for i, s := range pattern {
			if at[i] && s.many {
				at[i+1] = true
			}
		}
	}
	skipStars()
	for _, c := range characters(text) {
		clear(next)
		for i, s := range pattern {
			if !at[i] || s.char == "" && s.stay && c == ":" || s.char != "" && s.char != c {
				continue
			}
			if s.many {
				next[i] = true
			} else {
				next[i+1] = true
			}
		}
		at, next = next, at
		skipStars()
	}
	return at[len(pattern)]
}

// action is the Action or NotAction element.
func (r *evaluation) action(s *policy.Statement) verdict {
	switch {
	case s.Action != nil && s.NotAction != nil, s.Action == nil && s.NotAction == nil:
		return maybe
	case s.NotAction != nil:
		return r.anyAction(s.NotAction).not()
	}
	return r.anyAction(s.Action)
}

func (r *evaluation) anyAction(patterns []string) verdict {
	out := no
	for _, p := range patterns {
		if fits(wild(asciiLower(p)), asciiLower(r.req.Action)) {
			out = yes
		}
		if p != "*" && !strings.Contains(p, ":") {
			out = max(out, maybe)
		}
	}
	return out
}

// resource is the Resource or NotResource element. Only trust policies may do without.
func (r *evaluation) resource(s *policy.Statement, kind policy.Kind, variables bool) verdict {
	switch {
	case s.Resource != nil && s.NotResource != nil:
		return maybe
	case s.Resource != nil:
		out := no
		for _, p := range s.Resource {
			out = max(out, r.oneResource(p, variables, false))
		}
		return out
	case s.NotResource != nil:
		out := no
		for _, p := range s.NotResource {
			out = max(out, r.oneResource(p, variables, true))
		}
		// Where a variable has no value, NotResource covers nothing. (If another pattern fits it covers nothing either.)
		for _, p := range s.NotResource {
			if _, sixth, ok := cutSixth(p); ok && variables && r.expand(sixth, true).missing && strings.HasPrefix(p, "arn:") {
				return no
			}
		}
		return out.not()
	case kind == policy.Trust:
		return yes
	}
	return maybe
}

// cutSixth cuts an ARN after its fifth colon.
func cutSixth(s string) (head, sixth string, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 {
		return s, "", false
	}
	return strings.Join(parts[:5], ":") + ":", parts[5], true
}

func (r *evaluation) oneResource(p string, variables, not bool) verdict {
	if p == "*" {
		return yes
	}
	if !strings.HasPrefix(p, "arn:") {
		return maybe
	}
	head, sixth, whole := cutSixth(p)
	if !whole && !strings.HasSuffix(p, "*") {
		// What such an ARN covers is open. It covers nothing that does not fit with stars for all that is missing, even
		// if every star may reach beyond its part.
		completed, rest, _ := cutSixth(p + ":*")
		pattern := wild(completed)
		for i := range pattern {
			pattern[i].stay = !pattern[i].many
		}
		return min(verdictOf(fits(append(pattern, wild(rest)...), r.req.Resource)), maybe)
	}
	// In the first five parts a wildcard keeps to its part, but a * that ends a part.
	pattern := wild(head)
	for i := range pattern {
		ends := i+1 == len(pattern) || pattern[i+1].char == ":"
		pattern[i].stay = !(pattern[i].many && ends)
	}
	if !variables {
		return verdictOf(fits(append(pattern, wild(sixth)...), r.req.Resource))
	}
	value := r.expand(sixth, true)
	switch {
	case value.malformed:
		return maybe
	case value.missing:
		return no
	case value.unclear:
		// Whatever its variables are, it covers nothing that begins otherwise.
		if start := p[:firstOf(p, head)]; !not && !strings.HasPrefix(r.req.Resource, start) {
			return no
		}
		return maybe
	}
	return verdictOf(fits(append(pattern, value.pattern...), r.req.Resource))
}

// firstOf is where the first wildcard of an ARN stands, or the first variable of its sixth part.
func firstOf(p, head string) int {
	at := len(p)
	if i := strings.IndexAny(p, "*?"); i >= 0 {
		at = i
	}
	if i := strings.Index(p[len(head):], "${"); i >= 0 {
		at = min(at, len(head)+i)
	}
	return at
}

// expanded is a value with its variables filled in.
type expanded struct {
	pattern   []step
	has       bool // it has variables
	malformed bool // one of them can't be read
	missing   bool // one has neither value nor default, and no one before it is unclear
	unclear   bool // one has a list of values, or they bring too much, and no one before it is missing
}

// tooMuch is more than the variables of one value may bring, in bytes.
const tooMuch = 16<<10 + 1

var variable = regexp.MustCompile("^\\$\\{(?:([*?$])|([^ \\t\\r\\n{}$'*?\",]+)(, *'([^']*)' *)?)\\}")

// expand fills the variables of a value in. Where wildcards are wildcards, those that a variable brings are not.
func (r *evaluation) expand(s string, wildcards bool) (out expanded) {
	brought := 0
	plain := literal
	if wildcards {
		plain = wild
	}
	for {
		before, _, found := strings.Cut(s, "${")
		out.pattern = append(out.pattern, plain(before)...)
		if !found {
			return out
		}
		m := variable.FindStringSubmatch(s[len(before):])
		if m == nil {
			return expanded{malformed: true}
		}
		out.has = true
		s = s[len(before)+len(m[0]):]
		values, multi, ok := r.req.Context.Get(m[2])
		switch settled := out.missing || out.unclear; {
		case m[1] != "":
			out.pattern = append(out.pattern, literal(m[1])...)
		case ok && multi:
			out.unclear = out.unclear || !settled
		case ok, m[3] != "":
			value := m[4]
			if ok {
				value = values[0]
			}
			brought += len(value)
			out.unclear = out.unclear || !settled && brought >= tooMuch
			out.pattern = append(out.pattern, literal(value)...)
		default:
			out.missing = out.missing || !settled
		}
	}
}

// text is a pattern in which everything stands for itself, as text.
func text(pattern []step) string {
	var b strings.Builder
	for _, s := range pattern {
		b.WriteString(s.char)
	}
	return b.String()
}

// parts cuts a pattern at its first five colons.
func parts(pattern []step) (out [][]step) {
	for len(out) < 5 {
		i := slices.IndexFunc(pattern, func(s step) bool { return s.char == ":" })
		if i < 0 {
			break
		}
		out = append(out, pattern[:i])
		pattern = pattern[i+1:]
	}
	return append(out, pattern)
}
