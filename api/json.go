package api

import (
	"net/http"
	"strings"

	"iamd/wire"
)

// targetHeader names service and action in the awsJson protocol.
const targetHeader = "X-Amz-Target"

// targets are the names that services have in that header.
var targets = map[string]string{
	"AWSOrganizationsV20161128": "organizations",
	"CloudTrail_20131101":       "cloudtrail",
	// As the AWS CLI and the older SDKs have it.
	"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
}

// jsonCall is a request of the awsJson protocol: a header names the action, JSON
// comes and goes.
type jsonCall struct {
	target string
	body   []byte
}

func (q *jsonCall) read(r *http.Request, body []byte) error {
	if r.Method != http.MethodPost {
		return &wire.Error{
			Code: "MethodNotAllowed", Message: "This service takes POST.", Status: http.StatusMethodNotAllowed,
		}
	}
	if !hasType(r, "application/x-amz-json-1.1") {
		return &wire.Error{
			Code: "UnsupportedMediaType", Message: "The body of the request is application/x-amz-json-1.1.", Status: http.StatusUnsupportedMediaType,
		}
	}
	if len(r.Header[targetHeader]) != 1 || r.URL.RawQuery != "" {
		return unknownOperation() // two targets, or parameters that nobody reads
	}
	q.target, q.body = r.Header[targetHeader][0], body
	return nil
}

func unknownOperation() error {
	return &wire.Error{
		Code: "UnknownOperation", Message: "The requested operation is not recognized by the service.", Status: http.StatusBadRequest,
	}
}

func (q *jsonCall) unsigned(*API) *Action { return nil }

func (q *jsonCall) action(a *API, service string) (*Action, error) {
	prefix, name := "", q.target
	if dot := strings.LastIndexByte(q.target, '.'); dot >= 0 {
		prefix, name = q.target[:dot], q.target[dot+1:]
	}
	want, known := targets[prefix]
	if !known {
		return nil, unknownOperation()
	}
	if want != service {
		return nil, &wire.Error{
			Code: "SignatureDoesNotMatch", Message: "Credential should be scoped to correct service: '" + want + "'. ", Status: http.StatusForbidden,
		}
	}
	row, ok := a.actions[service+":"+name]
	if !ok {
		return nil, unknownOperation()
	}
	return row, nil
}

func (q *jsonCall) decode(_ wire.Op, in any) error {
	if len(q.body) == 0 {
		return wire.DecodeJSON([]byte("{}"), in)
	}
	return wire.DecodeJSON(q.body, in)
}

func (q *jsonCall) encode(dst []byte, _ wire.Op, _ string, out any) ([]byte, error) {
	return wire.AppendJSON(dst, out)
}

func (q *jsonCall) refuse(_, _ string, e *wire.Error) ([]byte, string) {
	own := *e
	if code, ok := jsonCodes[e.Code]; ok {
		own.Code = code
	}
	if e.Code == "MissingAuthenticationToken" {
		own.Message = "Missing Authentication Token"
	}
	return wire.AppendJSONError(nil, &own), own.Code
}

var typeJSON = []string{"application/x-amz-json-1.1"}

func (q *jsonCall) headers(h http.Header, _ string) {
	h["Content-Type"] = typeJSON
}
