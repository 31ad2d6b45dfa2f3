package analyzer

import (
	"strings"
	"testing"
)

// matches is the meaning of a pattern, without regard to time.
func matches(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return matches(pattern[1:], text) || text != "" && matches(pattern, text[1:])
	default:
		return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && matches(pattern[1:], text[1:])
	}
}

// words are all texts over an alphabet up to a length.
func words(alphabet string, length int) []string {
	out := []string{""}
	for from := 0; length > 0; length-- {
		to := len(out)
		for _, w := range out[from:to] {
			for _, c := range alphabet {
				out = append(out, w+string(c))
			}
		}
		from = to
	}
	return out
}

// TestCovers tries all short patterns: one that covers another matches all that the other matches, and of texts without
// wildcards it covers just those that it matches.
func TestCovers(t *testing.T) {
	texts := words("ab", 5)
	for _, p := range words("ab*?", 4) {
		for _, text := range texts {
			if covers(p, text) != matches(p, text) {
				t.Fatalf("covers(%q, %q) is %t", p, text, covers(p, text))
			}
		}
		for _, q := range words("ab*?", 3) {
			if !covers(p, q) {
				continue
			}
			for _, text := range texts {
				if matches(q, text) && !matches(p, text) {
					t.Fatalf("%q covers %q, and does not match %q", p, q, text)
				}
			}
		}
	}
	for _, pair := range [][2]string{{"s3:Get*", "s3:Get*Acl"}, {"*a*", "*xa*"}, {"?é*", "éé"}, {"*?", "a*b"}, {strings.Repeat("*a", 200), strings.Repeat("ba", 400)}} {
		if !covers(pair[0], pair[1]) {
			t.Errorf("%q does not cover %q", pair[0], pair[1])
		}
	}
}

func TestCoversARN(t *testing.T) {
	for _, c := range []struct {
		pattern, other string
		want           bool
	}{
		{"*", "arn:aws:s3:::b", true},
		{"arn:aws:s3:::b*", "arn:aws:s3:::b/c:d", true},
		{"arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:123456789012:q", true},
		{"arn:aws:sqs:*:123456789012:q", "arn:aws:sqs:eu-west-1:123456789012:q", true},
		{"arn:aws:sqs:*:q", "arn:aws:sqs:eu-west-1:123456789012:q", false},
		{"arn:aws:sqs:*:*:q", "arn:aws:sqs:*", false},
		{"arn:aws:s*:::b", "arn:aws:s3:::b", true},
		{"arn:aws:*:b", "arn:aws:s3:::b", false},
	} {
		if got := coversARN(c.pattern, c.other); got != c.want {
			t.Errorf("coversARN(%q, %q) is %t", c.pattern, c.other, got)
		}
	}
}
