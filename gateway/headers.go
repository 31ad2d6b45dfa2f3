package gateway

import (
	"net/http"
	"strings"
)

// Headers that tell the upstream who calls. Whatever a client sends under the
// prefix, in any spelling, goes no further.
const (
	headerPrincipal = "X-Iamd-Principal-Arn"
	headerAccount   = "X-Iamd-Account"
	headerUser      = "X-Iamd-User-Id"
	headerRequest   = "X-Iamd-Request-Id"
	headerClient    = "X-Iamd-Client-Id"
	headerPartner   = "X-Iamd-Selling-Partner-Id"
	headerScope     = "X-Iamd-Lwa-Scope"
	headerOperation = "X-Iamd-Operation"
	headerElements  = "X-Iamd-Data-Elements"

	ownPrefix = "x-iamd-"
	amzPrefix = "x-amz-"
)

// dropped are headers, folded, that go no further.
var dropped = map[string]bool{
	// The caller's credentials, and what belongs to the signature.
	"x-amz-security-token": true,
	"x-amz-date":           true,
	"x-amz-content-sha256": true,
	// Where the request came from is ours to say.
	"forwarded":           true,
	"x-forwarded":         true, // and all of x-forwarded-
	"x-real-ip":           true,
	"client-ip":           true,
	"x-client-ip":         true,
	"true-client-ip":      true,
	"x-cluster-client-ip": true,
	"cf-connecting-ip":    true,
	// Some frameworks believe these over the request line: what was decided
	// would not be what is done.
	"x-http-method-override": true,
	"x-http-method":          true,
	"x-method-override":      true,
	"x-http-host-override":   true,
	"x-original-method":      true,
	"x-original-host":        true,
	"x-original-url":         true,
	"x-original-uri":         true,
	"x-rewrite-url":          true,
	// The body is here already.
	"expect": true,
	// Believed by some program or other to say who calls, or for what.
	"proxy":            true, // CGI turns it into HTTP_PROXY
	"x-host":           true,
	"remote-user":      true,
	"x-remote-user":    true,
	"x-override-url":   true,
	"x-originating-ip": true,
	"x-remote-ip":      true,
	"x-remote-addr":    true,
	"fastly-client-ip": true,
	"x-azure-clientip": true,
	// An upstream that keeps HTTP/2 in plain text must not be talked into it.
	"http2-settings": true,
}

// framing are headers, folded, that say where a message ends and what belongs to a
// connection. Some servers read Transfer_Encoding for one of them.
var framing = map[string]bool{
	"content-length":      true,
	"transfer-encoding":   true,
	"keep-alive":          true,
	"proxy-connection":    true,
	"proxy-authenticate":  true,
	"proxy-authorization": true,
}

// fold appends a header's name as servers may read it that make variables of
// names: in one case, with one character for all that are no letter or digit.
func fold(to []byte, name string) []byte {
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		default:
			c = '-'
		}
		to = append(to, c)
	}
	return to
}

// foldedToken is the header of access tokens: the upstream's business where
// nobody here reads it.
const foldedToken = "x-amz-access-token"

// clean takes out of h what may not reach the upstream.
func clean(h http.Header, authorization string) {
	for name, values := range h {
		if !keeps(name, values, authorization) {
			delete(h, name)
		}
	}
}

// keeps tells whether a client's header may reach the upstream.
func keeps(name string, values []string, authorization string) bool {
	var room [64]byte
	plain := fold(room[:0], name)
	switch {
	case dropped[string(plain)] || begins(plain, ownPrefix) || begins(plain, "x-forwarded-") || begins(plain, "x-envoy-"):
		return false
	case begins(plain, amzPrefix) && !strings.EqualFold(name[:len(amzPrefix)], amzPrefix):
		// Some servers read it for AWS's own, and no signature had to cover it.
		return false
	case framing[string(plain)] && !strings.EqualFold(name, string(plain)):
		// Those of the connection itself are taken out by their own names.
		return false
	case string(plain) == "authorization":
		return passes(values, authorization)
	case string(plain) == foldedToken:
		return !tokens(authorization)
	}
	return true
}

func begins(s []byte, prefix string) bool {
	return len(s) >= len(prefix) && string(s[:len(prefix)]) == prefix
}

// passes tells whether an Authorization header is the upstream's business: where
// the gateway asks for no signature, a bearer token is.
func passes(values []string, authorization string) bool {
	if authorization != AuthorizationNone {
		return false
	}
	for _, v := range values {
		if len(v) >= 4 && strings.EqualFold(v[:4], "AWS4") {
			return false
		}
	}
	return true
}

// upgrade tells whether a request asks for a WebSocket. Any other protocol
// would carry requests that nobody decides.
func upgrade(r *http.Request) (bool, error) {
	asked := r.Header["Upgrade"]
	if len(asked) == 0 {
		return false, nil
	}
	if len(asked) > 1 || !strings.EqualFold(asked[0], "websocket") || r.Method != http.MethodGet || r.ContentLength != 0 {
		return false, badRequest("The only upgrade that is supported is a GET for websocket, without a body.")
	}
	return true, nil
}
