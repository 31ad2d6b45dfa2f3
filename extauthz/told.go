package extauthz

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"iamd/gateway"
	"iamd/guard"
)

// Asker verifies, decides and records; *gateway.Gateway does.
type Asker interface {
	Ask(ctx context.Context, asked gateway.Asked) gateway.Answer
}

// Origin tells where a request came from, by its RemoteAddr and TLS, and by its
// X-Forwarded-For and X-Forwarded-Proto where RemoteAddr is a trusted proxy's.
type Origin func(*http.Request) guard.Origin

// defaultMaxBody bounds bodies as the gateway does.
const defaultMaxBody = 10 << 20

// told is a client's request as a proxy tells of it.
type told struct {
	method, uri, host string
	header            http.Header // without Host
	body              io.Reader   // what the proxy sent of it; nil: nothing
	length            int64       // as the client declared it; -1: not at all
}

// request is what the client sent, or a refusal of what could be read in two
// ways.
func (t told) request() (*http.Request, *refusal) {
	if !strings.HasPrefix(t.uri, "/") {
		return nil, malformed("The request target must be a path that begins with '/'.")
	}
	u, err := url.ParseRequestURI(t.uri)
	if err != nil {
		return nil, malformed("The request target cannot be read.")
	}
	for name, values := range t.header {
		if !httpguts.ValidHeaderFieldName(name) {
			return nil, malformed("A header's name holds characters that it must not.")
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return nil, malformed("A header's value holds characters that it must not.")
			}
		}
	}
	r := &http.Request{
		Method: t.method, URL: u, RequestURI: t.uri, Host: t.host, Header: t.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: t.length, Body: http.NoBody,
	}
	if t.body != nil {
		r.Body = io.NopCloser(t.body)
	}
	return r, nil
}

// refusal is what the gateway was not asked about.
type refusal struct {
	status  int
	kind    string
	message string
}

// malformed blames the client.
func malformed(message string) *refusal {
	return &refusal{http.StatusBadRequest, "BadRequestException", message}
}

// misled blames the configuration of the proxy; its operator reads the message
// in the client's answer, and in the log.
func misled(message string) *refusal {
	return &refusal{http.StatusInternalServerError, "InternalServerErrorException", message}
}

// answer words a refusal as the gateway words its own.
func (e *refusal) answer() gateway.Answer {
	text, err := json.Marshal(map[string]string{"message": e.message})
	if err != nil {
		panic("extauthz: " + err.Error()) // strings always marshal
	}
	return gateway.Answer{
		Status: e.status, Text: text,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Amzn-Errortype": {e.kind}, "Cache-Control": {"no-store"}},
	}
}

// presigned takes the parameters of a presigned URL out of a target. It gives
// their names too, decoded and as they are written where that differs.
func presigned(uri string) (kept string, names []string) {
	path, query, found := strings.Cut(uri, "?")
	if !found {
		return uri, nil
	}
	var rest []string
	for pair := range strings.SplitSeq(query, "&") {
		raw, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(raw)
		if err != nil || len(name) < len("X-Amz-") || !strings.EqualFold(name[:len("X-Amz-")], "X-Amz-") {
			rest = append(rest, pair)
			continue
		}
		names = append(names, name)
		if raw != name {
			names = append(names, raw)
		}
	}
	if names == nil {
		return uri, nil
	}
	if len(rest) == 0 {
		return path, names
	}
	return path + "?" + strings.Join(rest, "&"), names
}
