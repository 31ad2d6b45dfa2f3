package extauthz

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"

	"iamd/gateway"
)

// How Envoy's with_request_body is set.
const (
	// EnvoyWhole: bodies are sent whole, or the request ends in Envoy
	// (allow_partial_message is false).
	EnvoyWhole = "whole"
	// EnvoyPartial: a body's beginning is sent (allow_partial_message is true).
	EnvoyPartial = "partial"
)

// headerPartial is Envoy's word on a body that it sent, which is there whenever
// with_request_body is set and the request did not end with its headers. Envoy
// drops a client's own.
const headerPartial = "X-Envoy-Auth-Partial-Body"

// asked is the request that Envoy holds. Nothing of context_extensions,
// metadata_context and the like is read: what is asked for and by whom stands in
// the request alone.
func (e *Envoy) asked(in *authv3.CheckRequest) (gateway.Asked, *refusal) {
	attributes := in.GetAttributes()
	h := attributes.GetRequest().GetHttp()
	switch {
	case h == nil:
		return gateway.Asked{}, misled("Envoy tells of no HTTP request: the check must stand in an HTTP filter chain.")
	case h.GetQuery() != "" || h.GetFragment() != "":
		// Envoy leaves them empty: the query is part of the path.
		return gateway.Asked{}, misled("The query must be told as part of the path.")
	case h.GetBody() != "" && len(h.GetRawBody()) > 0:
		return gateway.Asked{}, misled("The body is told twice.")
	}
	header, no := envoyHeader(h)
	if no != nil {
		return gateway.Asked{}, no
	}
	sent := h.GetRawBody()
	if len(sent) == 0 {
		sent = []byte(h.GetBody())
	}
	t := told{
		method: h.GetMethod(), uri: h.GetPath(), host: h.GetHost(), header: header,
		body: bytes.NewReader(sent), length: contentLength(header),
	}
	partial := header[headerPartial]
	delete(header, headerPartial)
	r, no := t.request()
	if no != nil {
		return gateway.Asked{}, no
	}
	seen := e.body(partial, int64(len(sent)), r)
	if seen == gateway.BodyNone {
		r.ContentLength = 0
	}
	if a := attributes.GetSource().GetAddress().GetSocketAddress(); a != nil {
		r.RemoteAddr = net.JoinHostPort(a.GetAddress(), strconv.FormatUint(uint64(a.GetPortValue()), 10))
	}
	// Envoy names the certificate that it showed on the connection: where it names
	// one, there was TLS. The scheme is the client's to choose in HTTP/2.
	if attributes.GetDestination().GetPrincipal() != "" {
		r.TLS = &tls.ConnectionState{}
	}
	return gateway.Asked{Request: r, Body: seen, From: e.cfg.Origin(r)}, nil
}

// body tells what is known of the body. Envoy takes Transfer-Encoding away before
// it asks, and HTTP/2 needs no Content-Length, so without with_request_body a
// missing Content-Length says nothing.
func (e *Envoy) body(partial []string, sent int64, r *http.Request) gateway.Body {
	declares := len(r.Header["Content-Length"]) > 0
	if len(partial) == 0 && sent == 0 {
		switch {
		case declares && r.ContentLength != 0:
			return gateway.BodyUnseen
		case declares, e.cfg.Bodies == EnvoyWhole, e.cfg.Bodies == EnvoyPartial:
			return gateway.BodyNone
		case r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
			// What follows is the other protocol's. Envoy ends the connection when
			// the upstream refuses.
			return gateway.BodyNone
		}
		return gateway.BodyUntold
	}
	switch {
	case len(partial) != 1 || partial[0] != "false":
		return gateway.BodyUnseen
	case declares && r.ContentLength == sent:
		return gateway.BodyWhole // Envoy holds the client to its word
	case !declares && e.cfg.Bodies == EnvoyWhole:
		return gateway.BodyWhole
	}
	// A beginning that is just as long as Envoy may send passes for whole.
	return gateway.BodyUnseen
}

// envoyHeader reads either form. Merged values stay one, as a signature's
// canonical form joins them likewise.
func envoyHeader(h *authv3.AttributeContext_HttpRequest) (http.Header, *refusal) {
	raw := h.GetHeaderMap().GetHeaders()
	if len(raw) > 0 && len(h.GetHeaders()) > 0 {
		return nil, misled("The headers are told twice.")
	}
	header := http.Header{}
	add := func(name, value string) *refusal {
		switch {
		case strings.HasPrefix(name, ":"): // told as attributes too
		case strings.EqualFold(name, "host"):
			if value != h.GetHost() {
				return malformed("The request names two hosts.")
			}
		default:
			name = textproto.CanonicalMIMEHeaderKey(name)
			header[name] = append(header[name], value)
		}
		return nil
	}
	for name, value := range h.GetHeaders() {
		if no := add(name, value); no != nil {
			return nil, no
		}
	}
	for _, v := range raw {
		value := v.GetValue()
		if len(v.GetRawValue()) > 0 {
			value = string(v.GetRawValue())
		}
		if no := add(v.GetKey(), value); no != nil {
			return nil, no
		}
	}
	return header, nil
}

// contentLength is what the one Content-Length says; -1 when there is none that can
// be read.
func contentLength(h http.Header) int64 {
	if values := h["Content-Length"]; len(values) == 1 {
		if n, ok := length(values[0]); ok {
			return n
		}
	}
	return -1
}

// length reads digits, and nothing else that strconv takes.
func length(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
