package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"iamd/lwa"
)

// deniedText is what the Selling Partner API says to whoever may not.
const deniedText = "Access to requested resource is denied."

// unadmitted words a call that no application may make. Clients decide by
// the details whether they get a new token.
func unadmitted(err error) *refusal {
	var no *lwa.Refused
	if !errors.As(err, &no) {
		return internal(err)
	}
	r := forbidden(kindDenied, deniedText, err)
	switch no.Kind {
	case lwa.MissingToken:
		r.detail = "Access token is missing in the request header."
	case lwa.BadToken:
		r.detail = "The access token you provided is revoked, malformed or invalid."
	case lwa.ExpiredToken:
		r.detail = "The access token you provided has expired."
	}
	return r
}

// saying is how the Selling Partner API words one type of refusal.
type saying struct {
	code string
	text string // empty: the refusal's own
	// details tells whether there are some; whatever the refusal has to add stands
	// there, else nothing.
	details bool
}

// sayings are by the refusal's type. What Amazon answers is known for most: for the
// last four nothing is, and their codes are made like the others; of unknown paths it
// is what services answer, where no signature is asked for.
var sayings = map[string]saying{
	kindDenied:          {"Unauthorized", deniedText, true},
	kindMissing:         {"MissingAuthenticationToken", deniedText, false},
	kindSignature:       {"InvalidSignature", "", false},
	kindIncomplete:      {"InvalidInput", "", false},
	kindUnrecognized:    {"InvalidInput", "", false},
	kindExpired:         {"Unauthorized", "", true},
	kindQuota:           {"QuotaExceeded", "You exceeded your quota for the requested resource.", false},
	kindBadRequest:      {"InvalidInput", "The input you have submitted is not valid. Please check your input and try again.", true},
	kindNotFound:        {"NotFound", "The requested resource doesn't exist.", true},
	kindInternal:        {"InternalFailure", "We encountered an internal error. Please try again.", true},
	kindTooLarge:        {"RequestTooLarge", "The request size exceeded the maximum accepted size.", true},
	kindTimeout:         {"RequestTimeout", "", true},
	kindUnavailable:     {"ServiceUnavailable", "Temporary overloading or maintenance of the server.", true},
	kindHeadersTooLarge: {"RequestHeaderFieldsTooLarge", "", true},
}

// text is the refusal's body under an API's contract.
func (e *refusal) body(authorization string) []byte {
	if !tokens(authorization) {
		fields := map[string]string{"message": e.text}
		if e.capital {
			fields = map[string]string{"Message": e.text}
		}
		if e.detail != "" {
			fields["detail"] = e.detail
		}
		return quoted(fields)
	}
	how, known := sayings[e.kind]
	if !known {
		how = sayings[kindBadRequest]
		if e.status >= http.StatusInternalServerError {
			how = sayings[kindInternal]
		}
	}
	text, details := how.text, e.detail
	if text == "" {
		text = e.text
	} else if details == "" && e.kind == kindBadRequest {
		details = e.text
	}
	return layout(authorization, how, text, details)
}

// layout writes a refusal byte for byte as Amazon does: as long as signatures were asked
// for the gateway's own began with the message, and had a space too few before what
// followed; since then they look like those of the services behind it.
func layout(authorization string, how saying, text, details string) []byte {
	var out strings.Builder
	out.WriteString("{\n  \"errors\": [\n    {\n")
	code, message := `"code": `+string(quoted(how.code)), `"message": `+string(quoted(text))
	if authorization == AuthorizationIAMLWA {
		out.WriteString("      " + message + ",\n     " + code)
		if how.details {
			out.WriteString(",\n     \"details\": " + string(quoted(details)))
		}
	} else {
		out.WriteString("      " + code + ",\n      " + message + ",\n      \"details\": " + string(quoted(details)))
	}
	out.WriteString("\n    }\n  ]\n}")
	return []byte(out.String())
}

func quoted(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts always marshal
	}
	return text
}
