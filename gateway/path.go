package gateway

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// target is what a request asks for, read once.
type target struct {
	path string // decoded; the resource is made of it
	raw  string // as it is on the wire; it is signed, and the upstream gets it
}

// parseTarget refuses every path that two readers could read in two ways: what
// is decided here must be what the upstream does.
func parseTarget(r *http.Request) (target, error) {
	if err := checkMethod(r.Method); err != nil {
		return target{}, err
	}
	uri := r.RequestURI
	if uri == "" { // not from a server's connection
		uri = r.URL.RequestURI()
	}
	if r.URL.Host != "" || r.URL.Opaque != "" || uri[0] != '/' {
		return target{}, badRequest("The request target must be a path that begins with '/'.")
	}
	raw, query, _ := strings.Cut(uri, "?")
	if query != r.URL.RawQuery || raw != r.URL.EscapedPath() {
		return target{}, badRequest("The path holds characters that must be percent-encoded.")
	}
	for i := range len(raw) {
		if !pathByte[raw[i]] {
			return target{}, badRequest("The path holds characters that must be percent-encoded.")
		}
	}
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == ';' || c == '#' || c == '\\' {
			return target{}, badRequest("The query string holds characters that must be percent-encoded.")
		}
	}
	if hides(raw) {
		return target{}, badRequest("The path holds an escape where none may be: of a letter, a digit, a dot, a slash or the like.")
	}
	path, err := url.PathUnescape(raw)
	if err != nil || !utf8.ValidString(path) {
		return target{}, badRequest("The path is not valid percent-encoded UTF-8.")
	}
	for i := range len(path) {
		if path[i] < ' ' || path[i] == 0x7f {
			return target{}, badRequest("The path holds control characters.")
		}
	}
	if err := checkSegments(path); err != nil {
		return target{}, err
	}
	return target{path: path, raw: raw}, nil
}

// checkMethod refuses methods that an upstream might read in another case than
// a policy does, and the two that make no sense behind a gateway.
func checkMethod(method string) error {
	for i := range len(method) {
		if method[i] < 'A' || method[i] > 'Z' {
			return badRequest("The method must be written in capital letters.")
		}
	}
	if method == "" || method == http.MethodConnect || method == http.MethodTrace {
		return badRequest("The method is not supported.")
	}
	return nil
}

// checkSegments looks at each segment. Parameters are refused: some servers take
// them off a segment, so that "/admin;x" is /admin to them.
func checkSegments(path string) error {
	if strings.Contains(path, ";") {
		return badRequest("The path holds a semicolon.")
	}
	rest := path[1:]
	for more := rest != ""; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		switch {
		case segment == "." || segment == "..":
			return badRequest("The path holds a dot segment.")
		case segment == "" && more: // one slash at the end may stand
			return badRequest("The path holds an empty segment.")
		}
	}
	return nil
}

// hides finds the escapes of characters that change what a path means, and of
// the unreserved ones, whose escapes some servers read as the character and
// others don't; also where they were encoded twice for an upstream that decodes
// twice.
// https://datatracker.ietf.org/doc/html/rfc3986#section-2.3
func hides(raw string) bool {
	for i := strings.IndexByte(raw, '%'); i >= 0 && i+2 < len(raw); {
		code := raw[i+1 : i+3]
		for code == "25" && len(raw) > i+4 { // %25XX, %2525XX…
			i += 2
			code = raw[i+1 : i+3]
		}
		if c, err := strconv.ParseUint(code, 16, 8); err == nil && hidden[c] {
			return true
		}
		next := strings.IndexByte(raw[i+1:], '%')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// hidden holds the characters that no escape may stand for.
var hidden = func() (table [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/\\;\x00") {
		table[c] = true
	}
	return table
}()

// pathByte holds the characters of RFC 3986's paths.
var pathByte = func() (table [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@%/") {
		table[c] = true
	}
	return table
}()

// withoutCredentials takes the parameters of a presigned URL out of a query and
// leaves the rest as it is.
func withoutCredentials(query string) string {
	if !strings.ContainsAny(query, "xX%") {
		return query
	}
	var kept strings.Builder
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); err == nil && credentialName(name) {
			continue
		}
		if kept.Len() > 0 {
			kept.WriteByte('&')
		}
		kept.WriteString(pair)
	}
	return kept.String()
}

func credentialName(name string) bool {
	return len(name) >= 6 && strings.EqualFold(name[:6], "X-Amz-")
}
