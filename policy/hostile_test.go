package policy

import (
	"fmt"
	"strings"
	"testing"

	"iamd/policy/source"
)

// hostile are documents of about n characters that are made to be slow.
var hostile = []struct {
	name string
	make func(n int) string
}{
	{"string", func(n int) string { return document(`{"Sid":"` + strings.Repeat("a", n) + `"}`) }},
	{"escapes", func(n int) string { return document(`{"Sid":"` + strings.Repeat(`\u00e9`, n/6) + `"}`) }},
	{"arrays", func(n int) string { return strings.Repeat("[", n) }},
	{"lists", func(n int) string { return document(`{"Action":[` + strings.Repeat("[],", n/3) + `[]]}`) }},
	{"objects", func(n int) string { return strings.Repeat(`{"a":`, n/5) }},
	{"space", func(n int) string { return strings.Repeat(" \n", n/2) + document(plain) }},
	{"number", func(n int) string { return document(when("NumericEquals", strings.Repeat("9", n))) }},
	{"fraction", func(n int) string { return document(when("NumericEquals", "0."+strings.Repeat("0", n)+"1")) }},
	{"dates", func(n int) string { return document(when("DateEquals", `"`+strings.Repeat("1-", n/2)+`"`)) }},
	{"keys", func(n int) string {
		// Keys that begin alike, and the last one differs from the first only in case.
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, `"aaaaaaaaaaaaaaa%d":1,`, i)
		}
		return `{` + b.String() + `"AAAAAAAAAAAAAAA0":1}`
	}},
	{"letters", func(n int) string {
		return document(`{"Condition":{"Bool":{"` + strings.Repeat("A", n) + `":1,"b":1}}}`)
	}},
	{"statements", func(n int) string {
		return document("[" + strings.Repeat("{},", n/3) + "{}]")
	}},
	{"sids", func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, `{"Sid":"s%d","Effect":"Allow","Action":"a:b","Resource":"*"},`, i)
		}
		return document("[" + b.String() + `{"Sid":"s0","Effect":"Allow","Action":"a:b","Resource":"*"}]`)
	}},
	{"conditions", func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, `"a:%d":"arn:aws:s3:::b",`, i)
		}
		return document(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"ArnLike":{` + b.String() + `"a":"*"}}}`)
	}},
	{"values", func(n int) string {
		return document(when("IpAddress", "["+strings.Repeat(`"10.0.0.1",`, n/11)+`"10.0.0.1"]`))
	}},
	{"actions", func(n int) string {
		return document(`{"Effect":"Allow","Action":[` + strings.Repeat(`"a:b",`, n/6) + `"a:b"],"Resource":"*"}`)
	}},
	{"resources", func(n int) string {
		return document(`{"Effect":"Allow","Action":"a:b","Resource":[` + strings.Repeat(`"arn:aws:s3:::b",`, n/17) + `"*"]}`)
	}},
	{"partition", func(n int) string { return document(resource("arn:" + strings.Repeat("a*", n/2) + ":s3:::b")) }},
	{"account", func(n int) string { return document(resource("arn:aws:s3::" + strings.Repeat("1", n) + ":b")) }},
	{"colons", func(n int) string { return document(resource(strings.Repeat(":", n))) }},
	{"principals", func(n int) string {
		return document(trusting(`{"AWS":[` + strings.Repeat(`"111122223333",`, n/15) + `"x"]}`))
	}},
	{"federated", func(n int) string { return document(trusting(`{"Federated":"` + strings.Repeat("a.", n/2) + `"}`)) }},
}

// TestHostile: all is read or refused, by every kind, with a place that is in the text.
func TestHostile(t *testing.T) {
	sizes := []int{source.MaxChars, source.MaxText}
	for _, c := range hostile {
		for _, n := range sizes {
			src := c.make(n)
			d, err := Parse([]byte(src))
			if err != nil {
				e := err.(*ParseError)
				if e.Line < 1 || e.Column < 1 || e.Line > strings.Count(src, "\n")+1 || e.Column > len(src)+1 || len(e.Message) > 6*n {
					t.Errorf("%s: %d:%d", c.name, e.Line, e.Column)
				}
				continue
			}
			for k := Identity; k <= VPCEndpoint; k++ {
				if err := Check(d, k, CheckOptions{}); err != nil && err.(*Malformed).Message == "" {
					t.Errorf("%s: refused without a sentence", c.name)
				}
			}
			if _, err := d.Format(); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

func TestHostileAnswers(t *testing.T) {
	parsed := map[string]*Document{}
	for name, want := range map[string]string{
		"arrays": "deep", "objects": "deep", "keys": "differ only in case", "lists": "wrong type",
		"escapes": "", "values": "", "conditions": "", "sids": "", "statements": "",
	} {
		for _, c := range hostile {
			if c.name != name {
				continue
			}
			d, err := Parse([]byte(c.make(131000)))
			if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", name, err)
			}
			parsed[name] = d
		}
	}
	for name, want := range map[string]string{"values": "", "conditions": "", "sids": msgSIDs, "statements": msgSyntax} {
		d := parsed[name]
		if d == nil {
			t.Errorf("%s was not parsed", name)
			continue
		}
		err := Check(d, Identity, CheckOptions{})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if m, ok := err.(*Malformed); !ok || m.Message != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m := Check(parsed["sids"], Identity, CheckOptions{}).(*Malformed); m.Statement != len(parsed["sids"].Statements)-1 {
		t.Errorf("sids: %+v", m)
	}
}

// BenchmarkParseHostile gives the time a byte for Parse, Check and Format, of documents of one size and of four times
// that: they are near each other where the work is linear.
func BenchmarkParseHostile(b *testing.B) {
	for _, c := range hostile {
		for _, n := range []int{32768, 131072} {
			src := []byte(c.make(n))
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d, err := Parse(src)
					if err != nil {
						continue
					}
					_ = Check(d, Identity, CheckOptions{}) // refused or not, it has been looked at
					_ = Check(d, Trust, CheckOptions{})
					if _, err := d.Format(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(src)), "ns/byte")
			})
		}
	}
}
