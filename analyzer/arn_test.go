package analyzer

import (
	"strings"
	"testing"
)

func TestReadARN(t *testing.T) {
	for s, want := range map[string]string{
		"":                                 "",
		"arn:aws:s3":                       "arn|aws|s3",
		"arn:aws:s3:::b/${aws:username}:c": "arn|aws|s3|||b/${aws:username}:c",
		"arn:aws:iam::${aws:PrincipalAccount}:role/a": "arn|aws|iam||${aws:PrincipalAccount}|role/a",
		"arn:${a:b:c": "arn|${a:b:c",
	} {
		a, n := readARN(s)
		if got := strings.Join(a.field[:n], "|"); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
		for i := range n {
			if !strings.HasPrefix(s[a.at[i]:], a.field[i]) {
				t.Errorf("%s: field %d does not start at %d", s, i, a.at[i])
			}
		}
	}
}

func TestMeet(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"a?c", "abc", true}, {"a?c", "abd", false}, {"a?", "?b", true},
		{"role/*", "role/a", true}, {"role/*", "user/a", false}, {"role/*", "r*e/a", true}, {"stack/*/*", "stack/a", false},
		{"stack/*/*", "stack/a*", true}, {"*/index/*", "table/a/index/b", true}, {"*a", "*b", false}, {"a*", "b*", false},
		{"a*z", "a?*yz", true}, {"key/*", "key/????", true}, {"key/*", "???/a", true}, {"key/*", "???-a", false},
	} {
		if got := meet(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
		if got := meet(c.b, c.a); got != c.want {
			t.Errorf("%s and %s: %v", c.b, c.a, got)
		}
	}
}

func TestReadVariables(t *testing.T) {
	for s, want := range map[string]string{
		"a": "", "$a{b}": "", "${a}": "a", "x${a}y${b:c}": "a b:c", "${a${b}": "! b", "${": "!", "${}": "", "${*}${?}": "* ?", "a}${b}}": "b",
	} {
		var got []string
		for _, v := range readVariables(s) {
			if v.open {
				v.text = "!"
			}
			got = append(got, v.text)
			if !strings.HasPrefix(s[v.start:], "${") || v.end > len(s) || !v.open && s[v.end-1] != '}' {
				t.Errorf("%s: from %d to %d", s, v.start, v.end)
			}
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", s, text, want)
		}
	}
}
