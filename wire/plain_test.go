package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPlainRuns: every byte is written the same wherever in a text it stands,
// among the first eight or after plain ones.
func TestPlainRuns(t *testing.T) {
	for c := range 256 {
		one := string([]byte{byte(c)})
		xml, quoted := string(appendXMLText(nil, one)), string(AppendJSONString(nil, one))
		quoted = quoted[1 : len(quoted)-1]
		for before := range 20 {
			for after := range 9 {
				head, tail := strings.Repeat("a", before), strings.Repeat("z", after)
				s := head + one + tail
				if got := string(appendXMLText(nil, s)); got != head+xml+tail {
					t.Fatalf("XML of %q: %q", s, got)
				}
				if got := characters(s); got != utf8.RuneCountInString(s) {
					t.Fatalf("%q has %d characters", s, got)
				}
				if got := printable([]byte(s)); got > before && (c < ' ' || c > '~') {
					t.Fatalf("%d bytes of %q are printable", got, s)
				}
				if got := string(AppendJSONString(nil, s)); got != `"`+head+quoted+tail+`"` {
					t.Fatalf("JSON of %q: %q", s, got)
				}
			}
		}
		if c >= utf8.RuneSelf {
			continue
		}
		var back string
		if err := json.Unmarshal(AppendJSONString(nil, one), &back); err != nil || back != one {
			t.Errorf("%q reads back as %q, %v", one, back, err)
		}
	}
}
