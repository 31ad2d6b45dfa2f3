package api

import (
	"net/http"

	"iamd/iam"
	"iamd/sigv4"
	"iamd/wire"
)

// routes are the rows of services that speak restJson.
type routes struct {
	rows            map[string]*Action // by service, method and path
	services, paths map[string]bool
}

func routesOf(rows map[string]*Action) routes {
	t := routes{map[string]*Action{}, map[string]bool{}, map[string]bool{}}
	for _, row := range rows {
		if row.Path != "" {
			t.rows[row.Service+" "+row.Method+" "+row.Path] = row
			t.services[row.Service], t.paths[row.Path] = true, true
		}
	}
	return t
}

// Serves tells whether a request is one for the AWS APIs: it has the query
// protocol's path or an action's, or its signature names a service that has
// paths. What is signed is not looked at.
func (a *API) Serves(r *http.Request) bool {
	if r.URL.Path == "/" || r.URL.Path == "" || a.routes.paths[r.URL.EscapedPath()] {
		return true
	}
	sig, err := sigv4.Parse(r)
	return err == nil && a.routes.services[sig.Service]
}

// rest is a request of the restJson protocol: method and path name the action,
// JSON comes and goes.
type rest struct {
	method, path string
	query        *wire.Form
	body         []byte
}

func (q *rest) read(r *http.Request, body []byte) (err error) {
	q.method, q.path, q.body = r.Method, r.URL.EscapedPath(), body
	if len(body) > 0 && !hasType(r, "application/json") {
		return &wire.Error{
			Code: "UnsupportedMediaType", Message: "The body of the request is application/json.", Status: http.StatusUnsupportedMediaType,
		}
	}
	q.query, err = wire.ParseForm([]byte(r.URL.RawQuery))
	return err
}

func (q *rest) unsigned(*API) *Action { return nil }

func (q *rest) action(a *API, service string) (*Action, error) {
	if !a.routes.services[service] {
		return nil, &wire.Error{
			Code: "SignatureDoesNotMatch", Message: "Credential should be scoped to correct service: 'access-analyzer'. ", Status: http.StatusForbidden,
		}
	}
	row, ok := a.routes.rows[service+" "+q.method+" "+q.path]
	if !ok {
		return nil, &wire.Error{
			Code: "UnknownOperation", Message: "The requested operation is not recognized by the service.", Status: http.StatusNotFound,
		}
	}
	return row, nil
}

func (q *rest) decode(op wire.Op, in any) error { return wire.DecodeREST(op, q.query, q.body, in) }

func (q *rest) encode(dst []byte, _ wire.Op, _ string, out any) ([]byte, error) {
	return wire.AppendREST(dst, out)
}

// jsonCodes are the codes of refusals that every service makes, in the query
// protocol's words and in those of AWS's JSON services.
var jsonCodes = map[string]string{
	"MissingAuthenticationToken": "MissingAuthenticationTokenException",
	"IncompleteSignature":        "IncompleteSignatureException",
	"SignatureDoesNotMatch":      "InvalidSignatureException",
	"InvalidClientTokenId":       "UnrecognizedClientException",
	"ExpiredToken":               "ExpiredTokenException",
	"UnknownOperation":           "UnknownOperationException",
	"UnsupportedMediaType":       "UnsupportedMediaTypeException",
	iam.CodeAccessDenied:         "AccessDeniedException",
	wire.CodeTooLarge:            "RequestEntityTooLargeException",
	wire.CodeInternal:            "InternalServerException",
	"ServiceUnavailable":         "ServiceUnavailableException",
	iam.CodeThrottling:           "ThrottlingException",
}

// restCodes are those that restJson alone has.
var restCodes = map[string]string{
	wire.CodeMalformedQueryString: wire.CodeValidation,
	wire.CodeMalformedInput:       wire.CodeValidation,
}

func (q *rest) refuse(_, _ string, e *wire.Error) ([]byte, string) {
	own := *e
	if code, ok := jsonCodes[e.Code]; ok {
		own.Code = code
	} else if code, ok := restCodes[e.Code]; ok {
		own.Code = code
	}
	switch {
	case e.Code == "MissingAuthenticationToken":
		own.Message = "Missing Authentication Token"
	case own.Code == wire.CodeValidation && own.Reason == "":
		own.Reason = "cannotParse"
	}
	return wire.AppendRESTError(nil, &own), own.Code
}

func (q *rest) headers(h http.Header, code string) {
	h["Content-Type"] = []string{"application/json"}
	if code != "" {
		h["X-Amzn-Errortype"] = []string{code}
	}
}
