package policy

import (
	"reflect"
	"testing"
	"unicode/utf8"

	"iamd/policy/source"
)

// FuzzFormat: a document, printed and parsed, is the same document, and its print a fixed point.
func FuzzFormat(f *testing.F) {
	for _, c := range checkCases {
		f.Add(document(c.statements))
	}
	for _, c := range trustCases {
		f.Add(document(c.statements))
	}
	f.Add(`{"Id":"\u0000\u2028\ud83d\ude00\"\\é","Statement":[{"Sid":"","Condition":{"Bool":{"a":[],"b":[1,true]},"Null":{}},"Principal":{"AWS":[]}}]}`)
	f.Fuzz(func(t *testing.T, src string) {
		d, err := Parse([]byte(src))
		if err != nil {
			return
		}
		text, err := d.Format()
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
		if utf8.RuneCount(text) > source.MaxText {
			return
		}
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%q: %v\n%s", src, err, text)
		}
		if !reflect.DeepEqual(bare(again), bare(d)) {
			t.Fatalf("%q:\n got %+v\nwant %+v", src, bare(again), bare(d))
		}
		if second, err := again.Format(); err != nil || string(second) != string(text) {
			t.Fatalf("%q: %v\n got %s\nwant %s", src, err, second, text)
		}
	})
}
