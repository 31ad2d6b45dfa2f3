package source

import (
	"fmt"
	"strings"
	"testing"
)

// shape writes a Node with the offsets of its values.
func shape(n *Node) string {
	var b strings.Builder
	var write func(n *Node)
	write = func(n *Node) {
		fmt.Fprintf(&b, "%d-%d", n.Start, n.End)
		switch n.Kind {
		case Object:
			b.WriteString("{")
			for i := range n.Members {
				fmt.Fprintf(&b, " %q@%d: ", n.Members[i].Key, n.Members[i].At)
				write(&n.Members[i].Value)
			}
			b.WriteString("}")
		case Array:
			b.WriteString("[")
			for i := range n.Items {
				b.WriteString(" ")
				write(&n.Items[i])
			}
			b.WriteString("]")
		case String:
			fmt.Fprintf(&b, "%q", n.Text)
		default:
			b.WriteString("=" + n.Text)
		}
	}
	write(n)
	return b.String()
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`{}`, `0-2{}`},
		{` [ ] `, `1-4[]`},
		{"\t\r\n\"é\" ", `3-7"é"`},
		{`[true,false,null]`, `0-17[ 1-5=true 6-11=false 12-16=null]`},
		{`[0,-0,-1.50,2e3,1E+5,10.0e-01]`, `0-30[ 1-2=0 3-5=-0 6-11=-1.50 12-15=2e3 16-20=1E+5 21-29=10.0e-01]`},
		{`{"a":{"b":[1]},"a":"x"}`, `0-23{ "a"@1: 5-14{ "b"@6: 10-13[ 11-12=1]} "a"@15: 19-22"x"}`},
		{`{ "a" : 1 , "" : "" }`, `0-21{ "a"@2: 8-9=1 ""@12: 17-19""}`},
		{`"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83D\uDE00\u0000\u2028x"`, `0-61` + fmt.Sprintf("%q", "\"\\/\b\f\n\r\tAé€😀\x00\u2028x")},
		{`"a\u005cn"`, `0-10"a\\n"`},
		{"\"\x7f\u0080\u00a0ÿ\"", `0-9"\x7f\u0080\u00a0ÿ"`},
		{`"\ufffd"`, `0-8"�"`},
	} {
		n, f := Read(c.src)
		if f != nil || shape(&n) != c.want {
			t.Errorf("%s:\n got %v %v\nwant %s", c.src, f, shape(&n), c.want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		src     string
		at      int
		message string
	}{
		{"", 0, "unexpected end"},
		{" \n", 2, "unexpected end"},
		{"é", 0, "unexpected 'é'"},
		{"nul", 0, "unexpected 'n'"},
		{"nullx", 4, "after the end"},
		{"{} {}", 3, "after the end"},
		{`{"a":1,}`, 7, "quoted key"},
		{`{a:1}`, 1, "quoted key"},
		{`{1:1}`, 1, "quoted key"},
		{`{,}`, 1, "quoted key"},
		{`{`, 1, "quoted key"},
		{`{"a"}`, 4, `expected : after the key "a"`},
		{`{"a" 1}`, 5, `expected :`},
		{`{"a":}`, 5, "unexpected '}'"},
		{`{"a":1 "b":2}`, 7, "expected , or }"},
		{`{"a":1`, 6, "expected , or }"},
		{`{"a":1]`, 6, "expected , or }"},
		{`[1,]`, 3, "unexpected ']'"},
		{`[,1]`, 1, "unexpected ','"},
		{`[1 2]`, 3, "expected , or ]"},
		{`[`, 1, "unexpected end"},
		{`[1`, 2, "expected , or ]"},
		{`[1}`, 2, "expected , or ]"},
		{`01`, 0, "number"},
		{`-01`, 0, "number"},
		{`-`, 0, "number"},
		{`+1`, 0, "unexpected '+'"},
		{`.5`, 0, "unexpected '.'"},
		{`1.`, 0, "number"},
		{`1.e5`, 0, "number"},
		{`1e`, 0, "number"},
		{`1e+`, 0, "number"},
		{`1x`, 1, "after the end"},
		{`0x1`, 1, "after the end"},
		{`"a`, 0, "without an end"},
		{`"a\"`, 0, "without an end"},
		{`["a`, 1, "without an end"},
		{`"a\`, 2, "escape"},
		{`"a\x"`, 2, "escape"},
		{`"\u"`, 1, "escape"},
		{`"\u00g0"`, 1, "escape"},
		{`"\u+123"`, 1, "escape"},
		{`"\U0041"`, 1, "escape"},
		{`"a\ud800"`, 2, "escape"},
		{`"\ud800\n"`, 1, "escape"},
		{`"\ud800\u0041"`, 1, "escape"},
		{`"\ud800\ud800"`, 1, "escape"},
		{`"\ud800\udc0"`, 1, "escape"},
		{`"\udc00"`, 1, "escape"},
		{"\"a\nb\"", 2, "control"},
		{"\"a\tb\"", 2, "control"},
		{"{\"é\r\":1}", 4, "control"},
		{"\"é\xff\"", 3, "UTF-8"},
		{"\"\xed\xa0\x80\"", 1, "UTF-8"},
		{"\"é字\"", 3, "U+5B57 is not allowed"},
		{"\ufeff{}", 0, "U+FEFF is not allowed"},
		{"[\x00]", 1, "U+0000 is not allowed"},
		{"[1,\v2]", 3, "U+000B is not allowed"},
		{`"` + strings.Repeat("é", MaxText), 1 + 2*(MaxText-1), "longer than"},
		{strings.Repeat(" ", MaxText+1), MaxText, "longer than"},
		{strings.Repeat("[", MaxDepth+1), MaxDepth, "deep"},
		{strings.Repeat(`{"a":`, MaxDepth+1), MaxDepth * 5, "deep"},
		{strings.Repeat("[", MaxDepth) + "1", MaxDepth, "deep"},
	} {
		_, f := Read(c.src)
		if f == nil || f.At != c.at || !strings.Contains(f.Error(), c.message) {
			t.Errorf("%.40q:\n got %+v\nwant %d %s", c.src, f, c.at, c.message)
		}
	}
	for _, good := range []string{
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
		`"` + strings.Repeat("é", MaxText-2) + `"`,
	} {
		if _, f := Read(good); f != nil {
			t.Errorf("%.40q: %+v", good, f)
		}
	}
}

// Every control character is refused, but for the three that are white space between values.
func TestControls(t *testing.T) {
	for c := range rune(0x20) {
		space := strings.ContainsRune("\t\n\r", c)
		if _, f := Read("[" + string(c) + "]"); (f == nil) != space || f != nil && f.At != 1 {
			t.Errorf("%U between values: %+v", c, f)
		}
		if _, f := Read(`"` + string(c) + `"`); f == nil || f.At != 1 {
			t.Errorf("%U in a string: %+v", c, f)
		}
		n, f := Read(fmt.Sprintf(`"\u%04X"`, c))
		if f != nil || n.Text != string(c) {
			t.Errorf("%U escaped: %q %+v", c, n.Text, f)
		}
	}
}

func TestTracker(t *testing.T) {
	src := "a\né\r\n\n字x"
	k := NewTracker(src)
	for _, want := range []Position{{0, 1, 1}, {1, 1, 2}, {2, 2, 1}, {2, 2, 1}, {4, 2, 2}, {5, 2, 3}, {6, 3, 1}, {7, 4, 1}, {10, 4, 2}, {11, 4, 3}} {
		if got := k.To(want.Offset); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
