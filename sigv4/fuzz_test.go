package sigv4

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// FuzzParse gives strangers' requests to a verifier whose secret they do not
// have: it must refuse with an *Error, and what it read must be bounded.
func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/signed.json")
	if err != nil {
		f.Fatal(err)
	}
	var all []struct{ Raw string }
	if err := json.Unmarshal(text, &all); err != nil {
		f.Fatal(err)
	}
	for _, c := range all {
		f.Add([]byte(c.Raw), true)
		f.Add([]byte(c.Raw), false)
	}
	f.Fuzz(func(t *testing.T, raw []byte, normalize bool) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		s, err := Parse(r)
		if err != nil {
			if k := kindOf(err); k != Missing && k != Incomplete && k != Malformed {
				t.Fatalf("kind %d: %v", k, err)
			}
			return
		}
		for _, e := range []string{s.KeyID, s.Date, s.Region, s.Service, s.Terminator} {
			if e == "" || len(e) > maxElement || element(e) != len(e) {
				t.Fatalf("element %q", e)
			}
		}
		err = s.Verify(r, sha256.Sum256(nil), Key{1}, s.Time, Options{DoubleEncode: normalize, NormalizePath: normalize, AllowUnsigned: true})
		if k := kindOf(err); k == 0 || k == 255 {
			t.Fatalf("verified: %v", err)
		}
	})
}

// FuzzCanonical compares two requests: their canonical forms are equal if, and
// only if, they mean the same.
func FuzzCanonical(f *testing.F) {
	f.Add("GET", "/a", "x=1", "v", "GET", "/a", "x=2", "v")
	f.Add("GET", "/a%2Fb", "", "v  w", "GET", "/a/b", "", "v w")
	f.Add("GET", "/a", "a=1&b", "v", "GET", "/a", "b=&&a=1", " v")
	f.Add("GET", "/a", "a=%2B", "v", "GET", "/a", "a=+", "v")
	f.Add("GET", "/a", "a-=1&a=2", "\n", "GET\n", "/%0A", "a=2&a-=1&%zz", "\t")
	f.Add("GET", "/a", "a%26b=1", "x-b:1\nx-c", "GET", "/a", "a&b=1", "x-b:1 x-c")
	f.Fuzz(func(t *testing.T, method1, path1, query1, value1, method2, path2, query2, value2 string) {
		if strings.Contains(value1+value2, ",") {
			return // a repeated header and its comma-joined form are one by the rules
		}
		s := Signature{SignedHeaders: "host;x-a"}
		forms, meanings := [2]string{}, [2]string{}
		for i, c := range [2][4]string{{method1, path1, query1, value1}, {method2, path2, query2, value2}} {
			path, err := url.PathUnescape(c[1])
			if err != nil || path == "" || path[0] != '/' {
				return
			}
			r := &http.Request{Method: c[0], Host: "h", Header: http.Header{"X-A": {c[3]}},
				URL: &url.URL{Path: path, RawPath: c[1], RawQuery: c[2]}}
			form, err := s.appendCanonical(nil, r, &Options{DoubleEncode: true})
			if err != nil {
				return
			}
			forms[i] = string(form)
			if r.Method == "" {
				r.Method = "GET"
			}
			// strings.Fields would take Unicode's spaces, too.
			r.Header["X-A"][0] = strings.Join(strings.FieldsFunc(c[3], func(c rune) bool { return strings.ContainsRune(" \t\n\v\f\r", c) }), " ")
			meanings[i] = meaning(r, s, [32]byte{})
			if meanings[i] == "" {
				t.Fatalf("a query that cannot be read has a form: %q", c[2])
			}
		}
		if (forms[0] == forms[1]) != (meanings[0] == meanings[1]) {
			t.Fatalf("forms:\n%s\n\n%s\nmeanings:\n%s\n\n%s", forms[0], forms[1], meanings[0], meanings[1])
		}
	})
}
