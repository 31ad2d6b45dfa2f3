package mock

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// request is what a client sent, as far as the operation asks for it.
type request struct {
	http  *http.Request
	path  map[string]string
	query url.Values
	body  []byte
	// value is the body read as JSON, whatever its media type says; isJSON tells
	// whether it is, and unread why it is not.
	value  any
	isJSON bool
	unread error
}

func (op *operation) read(w http.ResponseWriter, r *http.Request, values []string, most int64) (*request, *fault) {
	in := &request{http: r, path: make(map[string]string, len(values))}
	for i, name := range op.template.names {
		in.path[name] = values[i]
	}
	var err error
	if in.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return nil, invalid("The query string can't be read.", clip(err.Error()))
	}
	if r.Body == nil || r.Body == http.NoBody || !op.readsBody() {
		return in, nil
	}
	in.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, tooLarge(most)
	case err != nil:
		return nil, invalid("The request body could not be received.", "")
	case len(in.body) == 0:
		return in, nil
	}
	if in.unread = bounded(in.body, op.document.rules.fold); in.unread != nil {
		return in, nil
	}
	if in.unread = json.Unmarshal(in.body, &in.value); in.unread == nil {
		in.isJSON = true
	}
	return in, nil
}

// values are those of a parameter; where in is empty, those of the query's or
// else the headers'.
func (in *request) values(where, name string) ([]string, bool) {
	switch where {
	case openapi3.ParameterInPath:
		v, ok := in.path[name]
		return []string{v}, ok
	case openapi3.ParameterInQuery:
		v, ok := in.query[name]
		return v, ok
	case openapi3.ParameterInHeader:
		v := in.http.Header.Values(name)
		return v, len(v) > 0
	case openapi3.ParameterInCookie:
		c, err := in.http.Cookie(name)
		if err != nil {
			return nil, false
		}
		return []string{c.Value}, true
	default:
		if v, ok := in.query[name]; ok {
			return v, true
		}
		return in.values(openapi3.ParameterInHeader, name)
	}
}

// The bounds of a JSON body: its levels, its values, each of which costs many times
// the bytes that it has, and how often a value within it may be looked at in all,
// where its schema comes back to itself by several ways.
const (
	maxLevels = 64
	maxValues = 200_000
	maxLooks  = 100_000
)

var (
	errDeep = fmt.Errorf("it nests more than %d levels deep", maxLevels)
	errFull = fmt.Errorf("it has more than %d values", maxValues)
	errMany = errors.New("too much is nested in it to be checked against a schema that comes back to itself by several ways")
)

// bounded refuses JSON that would cost too much to read or to check. Of what is
// no JSON it says something, in linear time.
func bounded(data []byte, fold int) error {
	var each [maxLevels + 1]int // what one value of each level costs
	each[0] = 1
	for i := range maxLevels {
		each[i+1] = min(each[i]*fold, maxLooks+1)
	}
	depth, count, looks, quoted := 0, 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxLevels {
				return errDeep
			}
			count++
			looks += each[depth]
		case c == ',':
			count++
			looks += each[max(depth, 0)]
		case c == '}' || c == ']':
			depth--
		}
		if depth < 0 {
			return nil // no JSON
		}
		if count > maxValues {
			return errFull
		}
		if fold > 1 && looks > maxLooks {
			return errMany
		}
	}
	return nil
}

// preference is what a client would like to hear, by its Prefer header
// (RFC 7240): "code=404" that status, "example=NAME" that example. The words are
// those of other mock servers; a request can only be answered as the document
// says all the same.
type preference struct {
	status  int
	example string
}

func preferred(h http.Header) (p preference) {
	for _, line := range h.Values("Prefer") {
		for part := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "code":
				if n, err := strconv.Atoi(value); err == nil && n >= 200 && n <= 599 {
					p.status = n
				}
			case "example":
				p.example = value
			}
		}
	}
	return p
}
