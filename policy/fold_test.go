package policy

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestFoldKey(t *testing.T) {
	for _, c := range []struct{ key, want string }{
		{"", ""}, {"aws:tagkeys", "aws:tagkeys"}, {"aws:TagKeys", "aws:tagkeys"}, {"AZaz@[`{", "azaz@[`{"},
		{"divİsion", "divİsion"}, {"DIVİSION", "divİsion"}, {"ÉTAGE", "Étage"}, {"K\xffK", "k\xffk"}, {"\u212aK", "\u212ak"},
	} {
		if got := FoldKey(c.key); got != c.want {
			t.Errorf("%q folds to %q, want %q", c.key, got, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { FoldKey("aws:principaltag/team-é") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Every letter and number of Unicode, in a tag key: whatever any rule of case takes it for, a tag under it counts as the
// condition key of the plain one if, and only if, a Deny on that tag key applies to it and an Allow does; and where case
// folding of values and of keys part, a Deny applies and an Allow does not.
func TestKeysFoldAsValuesDo(t *testing.T) {
	letters, equal, apart := 0, 0, 0
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if !unicode.In(c, unicode.L, unicode.N) {
			continue
		}
		letters++
		name := string(c)
		if plain := 'A' <= c && c <= 'Z'; (FoldKey(name) != name) != plain {
			t.Fatalf("%q folds to %q", name, FoldKey(name))
		}
		// Two characters of a case folding are some of these to one another; all others differ by every rule.
		others := []rune{unicode.ToLower(c), unicode.ToUpper(c), unicode.ToTitle(c)}
		for o := unicode.SimpleFold(c); o != c; o = unicode.SimpleFold(o) {
			others = append(others, o)
		}
		for _, full := range []string{strings.ToLower(name), strings.ToUpper(name)} {
			others = append(others, []rune(full)...)
		}
		slices.Sort(others)
		for _, o := range slices.Compact(others) {
			other := string(o)
			var ctx Context
			ctx.Set("aws:RequestTag/x"+name, "v")
			_, _, isKey := ctx.Get("aws:requesttag/X" + other)
			if same := sameKey("x"+name, "X"+other); same != isKey || same != (FoldKey(name) == FoldKey(other)) {
				t.Fatalf("%q and %q: the same key %v, the same context key %v", name, other, same, isKey)
			}
			ctx.Set("v", "x"+name)
			ctx.SetList("aws:TagKeys", "X"+other)
			// By AWS's lower case, which is not Unicode's folding.
			lowered := [2]string{strings.ToLower(name), strings.ToLower(other)}
			for _, value := range []string{"x" + name, "${v}"} {
				cond := compileCondition(&Condition{Operator: "ForAnyValue:StringEqualsIgnoreCase", Key: "aws:TagKeys", Values: []string{value}}, true)
				switch got := cond.eval(&query{req: &Request{Context: &ctx}}); {
				case isKey != (got == yes):
					t.Fatalf("%q and %q: the same key %v, equal values %v", name, other, isKey, got)
				case got == yes:
					equal++
				case got == unclear:
					apart++
				case lowered[0] == lowered[1] && c <= 0xFFFF && !strings.ContainsAny(name+other, "İΣ"):
					t.Fatalf("%q and %q are told apart", name, other)
				}
			}
		}
	}
	if letters < 130_000 || equal < 100 || apart < 1000 {
		t.Errorf("%d letters and numbers, %d equal, %d neither equal nor different", letters, equal, apart)
	}
}
