package api

import (
	"mime"
	"net/http"

	"iamd/wire"
)

// versions are the API versions that clients of the query protocol name.
var versions = map[string]string{"iam": "2010-05-08", "sts": stsVersion}

const stsVersion = "2011-06-15"

// query is a request of the query protocol: a form comes, XML goes.
type query struct {
	form          wire.Form
	name, version string  // of the action, as the request has them
	sts           *Action // the row, if it was looked for among those of STS
}

// read makes one form of the query string and the body.
func (q *query) read(r *http.Request, body []byte) error {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return &wire.Error{
			Code: "MethodNotAllowed", Message: "The query API takes GET and POST.", Status: http.StatusMethodNotAllowed,
		}
	}
	if len(body) > 0 && !hasType(r, "application/x-www-form-urlencoded") {
		return &wire.Error{
			Code: wire.CodeMalformedInput, Message: "The body of a query request is application/x-www-form-urlencoded.", Status: http.StatusBadRequest,
		}
	}
	if r.URL.RawQuery != "" {
		// One form of both: a parameter that is in both is given twice.
		joined := append(make([]byte, 0, len(r.URL.RawQuery)+1+len(body)), r.URL.RawQuery...)
		if len(body) > 0 {
			joined = append(append(joined, '&'), body...)
		}
		body = joined
	}
	if err := q.form.Parse(body); err != nil {
		return err
	}
	q.name, q.version = q.form.Get("Action"), q.form.Get("Version")
	return nil
}

// hasType tells whether a request's body is said to be of a type.
func hasType(r *http.Request, want string) bool {
	given := r.Header["Content-Type"]
	if len(given) == 0 || given[0] == want {
		return len(given) > 0
	}
	kind, _, err := mime.ParseMediaType(given[0])
	return err == nil && kind == want
}

func (q *query) unsigned(a *API) *Action {
	if q.version != stsVersion {
		return nil
	}
	q.sts = a.actions["sts:"+q.name]
	if q.sts == nil || !q.sts.Unsigned {
		return nil
	}
	return q.sts
}

func (q *query) action(a *API, service string) (*Action, error) {
	version, known := versions[service]
	if !known {
		return nil, &wire.Error{
			Code: "SignatureDoesNotMatch", Message: "Credential should be scoped to correct service: 'iam' or 'sts'. ", Status: http.StatusForbidden,
		}
	}
	if q.name == "" {
		return nil, &wire.Error{Code: "MissingAction", Message: "The request is missing an action or a required parameter.", Status: http.StatusBadRequest}
	}
	if service == "sts" && q.sts != nil {
		return q.sts, nil
	}
	row, ok := a.actions[service+":"+q.name]
	if !ok || q.version != version {
		return nil, &wire.Error{
			Code: "InvalidAction", Message: "Could not find operation " + clip(q.name) + " for version " + clip(q.version), Status: http.StatusBadRequest,
		}
	}
	return row, nil
}

func (q *query) decode(op wire.Op, in any) error { return wire.DecodeQuery(op, &q.form, in) }

func (q *query) encode(dst []byte, op wire.Op, id string, out any) ([]byte, error) {
	return wire.EncodeQuery(dst, op, id, out)
}

// refuse writes a refusal in IAM's namespace while the service is unknown.
func (q *query) refuse(service, id string, e *wire.Error) ([]byte, string) {
	if service == "" {
		service = "iam"
	}
	return wire.AppendQueryError(nil, service, id, e), e.Code
}

var textXML = []string{"text/xml"}

func (q *query) headers(h http.Header, _ string) { h["Content-Type"] = textXML }
