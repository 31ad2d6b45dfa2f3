package extauthz

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"iamd/gateway"
)

// ForwardedBodies says that the proxy sends the client's body along, whenever
// there is one.
const ForwardedBodies = "forwarded"

// headerBody is how a proxy tells of a body that it keeps: the protocol, the
// Content-Length and the Transfer-Encoding of the client's request, as in
// "HTTP/1.1 12/" or "HTTP/1.1 /chunked".
const headerBody = "X-Iamd-Body"

// bodyNone stands for the encoding where the proxy has looked, and found nothing.
const bodyNone = "none"

// maxBuffered is how many bodies of unknown length are in memory at once.
const maxBuffered = 8

// body tells what is known of the body, and puts it into t when it is here.
func (f *Forward) body(w http.ResponseWriter, r *http.Request, t *told) (gateway.Body, *refusal) {
	if f.cfg.Bodies == ForwardedBodies {
		return f.forwardedBody(w, r, t)
	}
	if r.ContentLength != 0 {
		return 0, misled("The proxy sends bodies along, and forward_auth.bodies does not say that it does.")
	}
	said := r.Header[headerBody]
	if len(said) != 1 {
		return 0, misled("The proxy must send " + headerBody + " once, in place of the client's: the protocol, Content-Length and Transfer-Encoding of the request.")
	}
	seen, declared, ok := parseBody(said[0])
	if !ok {
		return 0, misled(headerBody + ` must look like "HTTP/1.1 12/" or "HTTP/1.1 /chunked".`)
	}
	t.length = declared
	if seen == gateway.BodyNone && t.length < 0 {
		t.length = 0
	}
	return seen, nil
}

// parseBody reads X-Iamd-Body. Only HTTP/1 has no body where it declares none:
// a request of HTTP/2 or 3 may have one and say nothing.
func parseBody(s string) (seen gateway.Body, declared int64, ok bool) {
	protocol, rest, ok := strings.Cut(s, " ")
	if !ok {
		return 0, 0, false
	}
	size, encoding, ok := strings.Cut(rest, "/")
	if !ok || !strings.HasPrefix(protocol, "HTTP/") {
		return 0, 0, false
	}
	declared = -1
	if size != "" {
		if declared, ok = length(size); !ok {
			return 0, 0, false
		}
	}
	switch {
	case encoding == bodyNone && declared <= 0:
		return gateway.BodyNone, declared, true
	case declared > 0 || encoding != "":
		return gateway.BodyUnseen, declared, true
	case declared == 0, protocol == "HTTP/1.1", protocol == "HTTP/1.0":
		return gateway.BodyNone, declared, true
	}
	return gateway.BodyUntold, declared, true
}

// forwardedBody takes in a body whose length the proxy did not pass on, though the
// client's signature may cover it.
func (f *Forward) forwardedBody(w http.ResponseWriter, r *http.Request, t *told) (gateway.Body, *refusal) {
	t.body, t.length = r.Body, r.ContentLength
	if r.ContentLength < 0 {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, f.cfg.MaxBody))
		if err != nil {
			return 0, &refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The body is too long, or could not be read."}
		}
		t.body, t.length = bytes.NewReader(body), int64(len(body))
	}
	return gateway.BodyWhole, nil
}
