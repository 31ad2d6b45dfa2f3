package spapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"unicode/utf8"
)

// maxBody bounds a request of the door, in bytes.
const maxBody = 16 << 10

var (
	errLong      = errors.New("spapi: the body is too long")
	errMalformed = errors.New("spapi: a body that two readers could read in two ways, or none")
)

// receive takes a body in whole.
func receive(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, errLong
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, errLong
	case err != nil:
		return nil, errors.Join(errMalformed, err)
	}
	return body, nil
}

// params are the members of a flat JSON object: texts and truth values. Those that
// are null are left out.
type params map[string]any

// parse reads one JSON object whose members stand once and hold nothing within.
func parse(body []byte) (params, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if first, err := d.Token(); err != nil || first != json.Delim('{') || !utf8.Valid(body) {
		return nil, errMalformed
	}
	in, seen := params{}, map[string]bool{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errMalformed
		}
		value, err := d.Token()
		if err != nil || seen[name.(string)] { // a member's name is a text, or the decoder fails
			return nil, errMalformed
		}
		seen[name.(string)] = true
		switch value.(type) {
		case string, bool:
			in[name.(string)] = value
		case nil:
		default:
			return nil, errMalformed
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, errMalformed
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errMalformed
	}
	return in, nil
}

// text gives a member that must be a text; "" if it is not there.
func (p params) text(name string) string {
	s, _ := p[name].(string)
	return s
}

// form reads the parameters of a token request, from a form or from JSON; each
// stands once.
func form(contentType string, body []byte) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, errMalformed
	}
	values := url.Values{}
	switch kind {
	case "application/x-www-form-urlencoded":
		if !utf8.Valid(body) {
			return nil, errMalformed
		}
		if values, err = url.ParseQuery(string(body)); err != nil {
			return nil, errMalformed
		}
		for _, list := range values {
			if len(list) != 1 {
				return nil, errMalformed
			}
		}
	case "application/json":
		in, err := parse(body)
		if err != nil {
			return nil, err
		}
		for name, value := range in {
			text, ok := value.(string)
			if !ok {
				return nil, errMalformed
			}
			values.Set(name, text)
		}
	default:
		return nil, errMalformed
	}
	return values, nil
}

// encode is JSON without a newline at its end, with & and < as they are.
func encode(v any, indent string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		panic("spapi: " + err.Error()) // texts, numbers and times always marshal
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
