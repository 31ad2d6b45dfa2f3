package extauthz

import (
	"net/http"
	"strings"

	"iamd/gateway"
)

// forwarded are what the proxy tells of a request, each in its own header.
var forwarded = []string{"X-Forwarded-Method", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Uri", "X-Forwarded-For"}

// connectionOnly are headers of the proxy's connection to us, and what it adds to
// its own request.
var connectionOnly = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Content-Length"}

// overrides are believed by some frameworks over the request line. The proxy
// would pass them on, as it does not know that they must go no further.
var overrides = map[string]bool{
	"x-http-method-override": true, "x-http-method": true, "x-method-override": true,
	"x-http-host-override": true, "x-override-url": true, "x-rewrite-url": true,
}

// asked is the request that the proxy holds.
func (f *Forward) asked(w http.ResponseWriter, r *http.Request) (gateway.Asked, *refusal) {
	if !f.cfg.Trusted(r) {
		return gateway.Asked{}, misled("The proxy's address is not in trusted_proxies: only proxies named there may ask.")
	}
	told, no := f.told(r)
	if no != nil {
		return gateway.Asked{}, no
	}
	if no := passable(told.header); no != nil {
		return gateway.Asked{}, no
	}
	from := f.cfg.Origin(r)
	seen, no := f.body(w, r, &told)
	if no != nil {
		return gateway.Asked{}, no
	}
	request, no := told.request()
	if no != nil {
		return gateway.Asked{}, no
	}
	if _, names := presigned(told.uri); names != nil && !f.cfg.Presigned {
		return gateway.Asked{}, malformed("Presigned URLs are not accepted here.")
	}
	return gateway.Asked{Request: request, Body: seen, From: from}, nil
}

// told reads what the proxy says in headers. Each is there once: a second one
// could be the client's. What the proxy says it says of itself, so the headers
// are not the client's to sign.
func (f *Forward) told(r *http.Request) (told, *refusal) {
	for _, name := range forwarded {
		switch len(r.Header[name]) {
		case 0:
			return told{}, misled("The proxy does not send " + name + ".")
		case 1:
		default:
			return told{}, misled("The proxy sends " + name + " more than once: it must replace the client's.")
		}
	}
	switch proto := r.Header["X-Forwarded-Proto"]; strings.ToLower(proto[0]) {
	case "http", "https":
	case "ws":
		r.Header["X-Forwarded-Proto"] = []string{"http"}
	case "wss":
		r.Header["X-Forwarded-Proto"] = []string{"https"}
	default:
		return told{}, misled("X-Forwarded-Proto must be http or https.")
	}
	t := told{
		method: r.Header.Get("X-Forwarded-Method"), host: r.Header.Get("X-Forwarded-Host"), uri: r.Header.Get("X-Forwarded-Uri"),
		header: r.Header.Clone(), length: -1,
	}
	for _, name := range forwarded {
		t.header.Del(name)
	}
	for _, name := range connectionOnly {
		t.header.Del(name)
	}
	t.header.Del(headerBody)
	return t, nil
}

// passable refuses headers that the client sent and the proxy can't be trusted to
// take out: those that say another method or path than the one decided by, and
// other spellings of the names by which we say who calls or a message where it ends.
func passable(h http.Header) *refusal {
	for name := range h {
		plain := fold(name)
		if overrides[plain] || plain != strings.ToLower(name) && guarded(plain) {
			return malformed("The request has a header that is not accepted here: " + name + ".")
		}
	}
	return nil
}

func guarded(plain string) bool {
	return plain == "authorization" || plain == "content-length" || plain == "transfer-encoding" || strings.HasPrefix(plain, "x-iamd-") || strings.HasPrefix(plain, "x-amz-") ||
		strings.HasPrefix(plain, "x-forwarded-")
}

// fold gives a header's name as servers may read it that make variables of
// names: in lower case, with a hyphen for all that is no letter or digit.
func fold(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			return c
		case 'A' <= c && c <= 'Z':
			return c - 'A' + 'a'
		}
		return '-'
	}, name)
}
