package mock

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fault is an error as the Selling Partner API words it, with its status.
type fault struct {
	status                 int
	code, message, details string
}

// The codes are the Selling Partner API's where it has one (InvalidInput,
// NotFound); for the others it is silent, and they are named after HTTP's.
func invalid(message, details string) *fault {
	return &fault{http.StatusBadRequest, "InvalidInput", message, details}
}

func noOperation() *fault {
	return &fault{http.StatusNotFound, "NotFound", "The requested resource doesn't exist.", "No operation of the API has this path."}
}

func noMethod(allowed []string) *fault {
	return &fault{http.StatusMethodNotAllowed, "MethodNotAllowed", "The operation is not allowed on the requested resource.",
		"It has " + strings.Join(allowed, ", ") + "."}
}

func noMatch() *fault { return invalid("Could not match input arguments", "") }

func wrongType(details string) *fault {
	return &fault{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The request payload is in an unsupported format.", details}
}

func tooLarge(limit int64) *fault {
	return &fault{http.StatusRequestEntityTooLarge, "RequestTooLarge", "The request size exceeded the maximum accepted size.",
		"The body may have " + strconv.FormatInt(limit, 10) + " bytes."}
}

func unmade(details string) *fault {
	return &fault{http.StatusNotImplemented, "NotImplemented", "The document does not say enough to make an answer.", clip(details)}
}

func (f *fault) write(w http.ResponseWriter) {
	type one struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Details string `json:"details"`
	}
	text := encode(map[string][]one{"errors": {{f.code, f.message, f.details}}})
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(f.status)
	// A client that does not read its error is no concern of ours.
	_, _ = w.Write(text)
}

// encode writes JSON as documents have it: without escapes for HTML.
func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("mock: " + err.Error()) // whatever came from JSON, or was made here, marshals
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// clip makes one short line of what may hold a client's own words.
func clip(s string) string {
	const most = 400
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), " ")
	if len(s) <= most {
		return s
	}
	end := most
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
