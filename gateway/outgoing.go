package gateway

import (
	"net/http"
	"strings"

	"iamd/policy"
	"iamd/upstream"
)

// passed tells which of the client's headers the upstream gets: all but those that
// belong to the client's connection or may go no further.
func (c *call) passed(r *http.Request) func(name string, values []string) bool {
	connection, authorization, followed := r.Header["Connection"], c.route.Authorization, len(c.following) > 0
	return func(name string, values []string) bool {
		return !(followed && (name == "Traceparent" || name == "Tracestate")) && !isHop(name) && keeps(name, values, authorization) && !isNamed(connection, name)
	}
}

// added are the headers that the upstream gets from us.
func (c *call) added(r *http.Request) []upstream.Field {
	fields := make([]upstream.Field, 0, 16)
	if isNamed(r.Header["Te"], "trailers") {
		// They pass; nothing else of what it may say does.
		fields = append(fields, upstream.Field{Name: "Te", Value: "trailers"})
	}
	scheme := "http"
	if c.origin.Secure {
		scheme = "https"
	}
	if c.origin.SourceIP != "" {
		fields = append(fields, upstream.Field{Name: "X-Forwarded-For", Value: c.origin.SourceIP})
	}
	fields = append(fields, upstream.Field{Name: "X-Forwarded-Proto", Value: scheme}, upstream.Field{Name: "X-Forwarded-Host", Value: r.Host})
	if c.route.PathPrefix != "" {
		fields = append(fields, upstream.Field{Name: "X-Forwarded-Prefix", Value: c.route.PathPrefix})
	}
	return c.told(append(fields, c.following...))
}

// told adds the headers that say who calls.
func (c *call) told(fields []upstream.Field) []upstream.Field {
	fields = c.toldApplication(append(fields, upstream.Field{Name: headerRequest, Value: c.id}))
	if c.caller.Kind == policy.Anonymous {
		return fields
	}
	return append(fields, upstream.Field{Name: headerPrincipal, Value: c.caller.ARN},
		upstream.Field{Name: headerAccount, Value: c.caller.Account}, upstream.Field{Name: headerUser, Value: c.caller.UserID})
}

// outgoing are all headers that the upstream gets. The values are shared with r.
func (c *call) outgoing(r *http.Request) http.Header {
	h, passed := make(http.Header, len(r.Header)+8), c.passed(r)
	for name, values := range r.Header {
		if passed(name, values) {
			h[name] = values
		}
	}
	if h["User-Agent"] == nil {
		h["User-Agent"] = nil // or net/http writes its own
	}
	for _, f := range c.added(r) {
		h[f.Name] = []string{f.Value}
	}
	return h
}

// isHop tells whether a header, in net/http's spelling, is between two neighbours
// and goes no further: a message's framing, and what one connection is to do.
// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
func isHop(name string) bool {
	switch name {
	case "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// isNamed tells whether a list in headers, such as Connection's, has a name in it.
func isNamed(lists []string, name string) bool {
	for _, list := range lists {
		for more := true; more; {
			var next string
			next, list, more = strings.Cut(list, ",")
			if strings.EqualFold(strings.Trim(next, " \t"), name) {
				return true
			}
		}
	}
	return false
}
