package authzen

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzDecode: what is read is what encoding/json reads, or is refused.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,{"b":null}],"c":"\u0061"}`, `{"a":1,"a":2}`, `[`, `{"a":`, `{"":{}}`, "{\"a\":\"\xff\"}", `{"a":[[[[]]]]} `, `{"a":1e999}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := decode(text)
		if err != nil {
			return
		}
		var want any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatalf("%q was read: %v", text, err)
		}
		if got := plain(o); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	})
}

func plain(v any) any {
	switch v := v.(type) {
	case object:
		out := map[string]any{}
		for name, member := range v {
			out[name] = plain(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	}
	return v
}

// FuzzRequest: whatever describes a request, nothing but a request comes of it.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		`{"method":"GET","scheme":"https","host":"a","target":"/a?b","headers":{"A":["b"]},"body_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","source_ip":"::ffff:192.0.2.1"}`,
		`{"method":"","scheme":"http","host":"","target":"/%zz","headers":{},"body_sha256":"` + strings.Repeat("0", 64) + `"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := decode(text)
		if err != nil {
			return
		}
		held, err := readRequest(o)
		if err != nil {
			return
		}
		r := held.Request
		if r.URL.Host != "" || r.RequestURI[0] != '/' || r.Header.Get("Host") != "" || r.ContentLength < -1 {
			t.Fatalf("%s: %+v", text, r)
		}
		for name, values := range r.Header {
			if name == "" || strings.ContainsAny(name+strings.Join(values, ""), "\r\n\x00") {
				t.Fatalf("%s: %q %q", text, name, values)
			}
		}
	})
}
