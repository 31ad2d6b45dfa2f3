package api

import (
	"net/http"

	"iamd/wire"
)

// protocol is one request in one of the ways in which AWS's services are spoken
// to, and the way its answer is written.
type protocol interface {
	// read takes in what can be read before the caller is known. The memory of
	// body is the request's until it is answered.
	read(r *http.Request, body []byte) error
	// unsigned is the row that is asked for if it wants no signature, or nil.
	unsigned(a *API) *Action
	// action finds the row that is asked for among those of the service that the
	// request was signed for.
	action(a *API, service string) (*Action, error)
	// decode fills the row's input.
	decode(op wire.Op, in any) error
	// encode appends an output to dst.
	encode(dst []byte, op wire.Op, id string, out any) ([]byte, error)
	// refuse writes an error: its body, and its code as this protocol has it.
	refuse(service, id string, e *wire.Error) (body []byte, code string)
	// headers sets those that every answer has; code is "" for a success.
	headers(h http.Header, code string)
}

// protocolOf chooses by the path, of which all but restJson have one, and by the
// header that names a target.
func protocolOf(r *http.Request) protocol {
	switch {
	case r.URL.Path != "/" && r.URL.Path != "":
		return &rest{}
	case len(r.Header[targetHeader]) > 0 && r.Header[targetHeader][0] != "":
		return &jsonCall{}
	default:
		return &query{}
	}
}
