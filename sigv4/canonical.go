package sigv4

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxParams is how many query parameters a request may have: they are sorted,
// and strangers choose how many.
const maxParams = 4096

// appendCanonical appends the canonical request up to the payload's hash. No
// part can be mistaken for another: methods, names and encoded texts have no
// line feed in them, and header values have theirs folded.
func (s *Signature) appendCanonical(dst []byte, r *http.Request, opt *Options) ([]byte, error) {
	method := r.Method
	if method == "" {
		method = http.MethodGet // what net/http's client makes of it
	}
	for i := range len(method) {
		if !methodByte[method[i]] {
			return nil, mismatch()
		}
	}
	dst = append(append(dst, method...), '\n')
	dst, err := appendPath(dst, r, opt)
	if err != nil {
		return nil, err
	}
	dst = append(dst, '\n')
	if dst, err = appendQuery(dst, r.URL.RawQuery, s.Presigned); err != nil {
		return nil, err
	}
	dst = append(dst, '\n')
	if dst, err = appendHeaders(dst, r, s.SignedHeaders); err != nil {
		return nil, err
	}
	dst = append(append(dst, '\n'), s.SignedHeaders...)
	return append(dst, '\n'), nil
}

// appendPath appends the path as the services encode it or, for the second try
// of WireToo, as it is on the wire.
//
// Two requests that share a canonical form then still have one path. Let E be
// the encoding of every byte but unreserved ones and slashes; it can be undone,
// and leaves no "%" but its own. Paths u and v that share a form are either
// signed alike, and then are equal; or u = E(v), u being the one on the wire. A "%" in
// v would be "%25" in u, and such a u is not taken. So v has no escapes, and is
// what it decodes to: which is what E(v), which is u, decodes to. They may
// differ in the spelling of characters that a path may hold either way, as ":"
// and "%3A".
func appendPath(dst []byte, r *http.Request, opt *Options) ([]byte, error) {
	path := r.URL.EscapedPath()
	if r.URL.Opaque != "" || path != "" && path[0] != '/' {
		return nil, malformed("The request target must be a path that begins with '/'.")
	}
	start := len(dst)
	if !opt.NormalizePath {
		dst = appendSegment(dst, path, opt)
	} else {
		for rest, more := path, true; more; {
			var segment string
			segment, rest, more = cut(rest, '/')
			switch segment {
			case "", ".":
			case "..":
				dst = dst[:start+max(0, bytes.LastIndexByte(dst[start:], '/'))]
			default:
				dst = appendSegment(append(dst, '/'), segment, opt)
			}
		}
		// The SDKs keep the last slash, unless it is the only one left.
		if len(dst) > start && path[len(path)-1] == '/' {
			dst = append(dst, '/')
		}
	}
	if len(dst) == start {
		dst = append(dst, '/')
	}
	return dst, nil
}

// appendSegment encodes what is on the wire: once more, or into its one
// canonical spelling. An encoded slash stays one, so that it is no separator.
func appendSegment(dst []byte, path string, opt *Options) []byte {
	if opt.onWire {
		return append(dst, path...)
	}
	again := opt.DoubleEncode
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' && !again {
			// EscapedPath has no broken escapes.
			if c, _ = decodeByte(path[i:]); unreserved[c] {
				dst = append(dst, c)
			} else {
				dst = appendEscaped(dst, c)
			}
			i += 2
			continue
		}
		if unreserved[c] || c == '/' {
			dst = append(dst, c)
		} else {
			dst = appendEscaped(dst, c)
		}
	}
	return dst
}

// wireDiffers tells whether a path on the wire is signed in two ways: it has a
// byte that is encoded, and no encoded "%".
func wireDiffers(path string) bool {
	plain := true
	for i := range len(path) {
		if c := path[i]; !unreserved[c] && c != '/' {
			plain = false
		}
	}
	return !plain && !strings.Contains(path, "%25")
}

// param is where an encoded parameter lies in a buffer.
type param struct{ start, equals, end int }

func (p param) compare(q param, in []byte) int {
	if c := bytes.Compare(in[p.start:p.equals], in[q.start:q.equals]); c != 0 {
		return c
	}
	return bytes.Compare(in[p.equals:p.end], in[q.equals:q.end])
}

// appendQuery decodes and encodes each parameter, then sorts them if they are
// not sorted yet; the SDKs send them so. A "+" is a space, because that is what
// the services read; the SDKs write %20 and %2B.
func appendQuery(dst []byte, query string, presigned bool) ([]byte, error) {
	if query == "" {
		return dst, nil
	}
	if strings.IndexByte(query, ';') >= 0 {
		return nil, malformed("The query string holds a semicolon that is not encoded.")
	}
	var stack [32]param
	params, sorted := stack[:0], true
	start := len(dst)
	for {
		key, value, rest, ok := nextParam(query)
		if !ok {
			break
		}
		query = rest
		if presigned && same(key, "X-Amz-Signature") {
			continue
		}
		if len(params) == maxParams {
			return nil, malformed("The query string has more than " + strconv.Itoa(maxParams) + " parameters.")
		}
		if len(params) > 0 {
			dst = append(dst, '&')
		}
		var p param
		var whole bool
		p.start = len(dst)
		if dst, whole = appendParam(dst, key); whole {
			p.equals = len(dst)
			dst, whole = appendParam(append(dst, '='), value)
		}
		if !whole {
			return nil, malformed("The query string holds a broken % escape.")
		}
		p.end = len(dst)
		if sorted && len(params) > 0 {
			sorted = params[len(params)-1].compare(p, dst) <= 0
		}
		params = append(params, p)
	}
	if sorted {
		return dst, nil
	}
	slices.SortFunc(params, func(p, q param) int { return p.compare(q, dst) })
	end := len(dst)
	for i, p := range params {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, dst[p.start:p.end]...)
	}
	return append(dst[:start], dst[end:]...), nil
}

func appendParam(dst []byte, s string) ([]byte, bool) {
	for i := 0; i < len(s); {
		plain := i
		for i < len(s) && unreserved[s[i]] {
			i++
		}
		if dst = append(dst, s[plain:i]...); i == len(s) {
			break
		}
		c, width := decodeByte(s[i:])
		if width == 0 {
			return dst, false
		}
		if unreserved[c] {
			dst = append(dst, c)
		} else {
			dst = appendEscaped(dst, c)
		}
		i += width
	}
	return dst, true
}

// appendHeaders refuses a signed header that is not there: to call it empty
// would make a request with it and one without it the same.
func appendHeaders(dst []byte, r *http.Request, list string) ([]byte, error) {
	for more := true; more; {
		var name string
		name, list, more = cut(list, ';')
		dst = append(append(dst, name...), ':')
		values := header(r.Header, name)
		switch {
		case name == "host":
			host := r.Host
			if host == "" {
				host = r.URL.Host
			}
			// net/http moves Host out of the header; another one that says
			// otherwise is somebody's trick.
			if host == "" || len(values) > 1 || len(values) == 1 && values[0] != host {
				return nil, mismatch()
			}
			dst = appendFolded(dst, host)
		case values != nil:
			for i, v := range values {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendFolded(dst, v)
			}
		case name == "content-length" && r.ContentLength >= 0:
			// Not every transport leaves it in the header.
			dst = strconv.AppendInt(dst, r.ContentLength, 10)
		case name == "transfer-encoding" && len(r.TransferEncoding) > 0:
			dst = append(dst, strings.Join(r.TransferEncoding, ",")...)
		default:
			return nil, mismatch()
		}
		dst = append(dst, '\n')
	}
	return dst, nil
}

// header finds a lower-case name's values, and allocates nothing for a name of
// usual length. A header that is present has at least one value.
func header(h http.Header, name string) []string {
	var stack [64]byte
	if len(name) > len(stack) {
		return nonEmpty(h[http.CanonicalHeaderKey(name)])
	}
	key := append(stack[:0], name...)
	start := true
	for i, c := range key {
		if start && 'a' <= c && c <= 'z' {
			key[i] = c - 'a' + 'A'
		}
		start = c == '-'
	}
	return nonEmpty(h[string(key)])
}

func nonEmpty(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return values
}

// appendFolded appends a header's value without white space around it and with
// one space for each run of it inside.
func appendFolded(dst []byte, v string) []byte {
	start := len(dst)
	dst = append(dst, v...)
	if !hasSpace(dst[start:]) {
		return dst
	}
	dst = dst[:start]
	gap := false
	for i := range len(v) {
		switch c := v[i]; c {
		case ' ', '\t', '\n', '\v', '\f', '\r':
			gap = len(dst) > start
		default:
			if gap {
				dst = append(dst, ' ')
				gap = false
			}
			dst = append(dst, c)
		}
	}
	return dst
}

// hasSpace reports whether b has a byte of ' ' or below. It looks at eight
// bytes at a time: session tokens are long.
func hasSpace(b []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for len(b) >= 8 {
		x := binary.LittleEndian.Uint64(b)
		if (x-ones*(' '+1))&^x&tops != 0 {
			return true
		}
		b = b[8:]
	}
	for _, c := range b {
		if c <= ' ' {
			return true
		}
	}
	return false
}
