package policy

import "testing"

// What AWS was seen to take for equal without regard to case, and what not.
func TestEqualLower(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"prod", "PrOd", true}, {"I", "ı", false}, {"i", "İ", false}, {"İ", "i\u0307", true}, {"K", "\u212a", true}, {"s", "ſ", false},
		{"ß", "ẞ", true}, {"ß", "SS", false}, {"Σ", "ς", false}, {"Σ", "σ", true}, {"ΟΣ", "ος", true}, {"ΟΣ", "οσ", false},
		{"ΟΣΑ", "οσα", true}, {"ΟΣ.", "ος.", true}, {"ΟΣ'Α", "οσ'α", true}, {"É", "é", true}, {"é", "e\u0301", false},
		{"𐐀", "𐐨", false}, {"AΣ𐐀", "aσ𐐀", true}, {"AΣ𐐀", "aς𐐀", false}, {"𐐀Σ", "𐐀ς", true}, {"𐐀Σ", "𐐀σ", false},
		{"\xff", "\xff", true}, {"\xff", "\xfe", false}, {"a", "ab", false}, {"", "", true},
	} {
		tokens := appendLiteral(nil, c.a)
		if got := equalLower(nil, c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
		if got := equalLower(tokens, "", c.b); got != c.want {
			t.Errorf("%q in tokens and %q: %v", c.a, c.b, got)
		}
		if got := equalLower(nil, c.b, c.a); got != c.want {
			t.Errorf("%q and %q: %v", c.b, c.a, got)
		}
	}
}
