package gateway

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
)

// FuzzTarget holds every accepted path to what makes it one: it is clean as it
// is, and it stays so for whoever decodes it once more or cuts parameters off.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"/", "/a/b/?c=d", "/a%20b", "/%2e%2e/", "/a;b/..;c", "//", "/%25252f", "/ä", "/a%", "/%61", "/%253B", "/a%25%36%31", "/x?X-Amz-Date=1&y=%zz"} {
		f.Add("GET", seed)
	}
	f.Fuzz(func(t *testing.T, method, uri string) {
		u, err := url.ParseRequestURI(uri)
		if err != nil {
			return
		}
		got, err := parseTarget(&http.Request{Method: method, RequestURI: uri, URL: u})
		if err != nil {
			return
		}
		raw, _, _ := strings.Cut(uri, "?")
		if got.raw != raw || method != strings.ToUpper(method) {
			t.Fatalf("%q %q became %+v", method, uri, got)
		}
		for again, p := 0, got.path; again < 3; again++ {
			for _, form := range []string{p, cutParameters(p)} {
				if form != "/" && path.Clean(form) != strings.TrimSuffix(form, "/") || strings.ContainsAny(form, "\x00\\;") {
					t.Fatalf("%q was accepted, though it can be read as %q", uri, form)
				}
			}
			if p, err = url.PathUnescape(p); err != nil {
				break
			}
		}
		for escape := got.raw; strings.Contains(escape, "%"); {
			_, escape, _ = strings.Cut(escape, "%")
			if c, err := url.PathUnescape("%" + escape[:2]); err != nil || c == url.PathEscape(c) && !strings.ContainsAny(c, "$&+=:@") {
				t.Fatalf("%q was accepted, though it escapes %q", uri, c)
			}
		}
		for pair := range strings.SplitSeq(withoutCredentials(u.RawQuery), "&") {
			key, _, _ := strings.Cut(pair, "=")
			if name, err := url.QueryUnescape(key); err == nil && strings.HasPrefix(strings.ToLower(name), "x-amz-") {
				t.Fatalf("%q went on", pair)
			}
		}
	})
}

func cutParameters(p string) string {
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i], _, _ = strings.Cut(s, ";")
	}
	return strings.Join(segments, "/")
}

func TestWithoutCredentials(t *testing.T) {
	for query, want := range map[string]string{
		"":                                   "",
		"a=1":                                "a=1",
		"x=1&b":                              "x=1&b",
		"X-Amz-Signature=1":                  "",
		"a=1&X-Amz-Date=2&b=%2F&":            "a=1&b=%2F&",
		"%58-amz-credential=1&a=x-amz-&x-am": "a=x-amz-&x-am",
	} {
		if got := withoutCredentials(query); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
}
