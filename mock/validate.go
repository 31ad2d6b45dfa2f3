package mock

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"bytes"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// check holds a request against the document, and gives the first fault.
func (op *operation) check(in *request) *fault {
	op.joinLists(in)
	input := &openapi3filter.RequestValidationInput{
		Request: in.http, PathParams: in.path, QueryParams: in.query, Route: op.route,
		Options: &openapi3filter.Options{SkipSettingDefaults: true},
	}
	for _, p := range op.params {
		if p.In == openapi3.ParameterInHeader && headerOfGateway(p.Name) {
			continue
		}
		if err := openapi3filter.ValidateParameter(in.http.Context(), input, p); err != nil {
			return badParameter(p, err)
		}
	}
	return op.checkBody(in)
}

// joinLists lets clients repeat a parameter whose document wants commas: the
// Selling Partner API's own clients do either.
func (op *operation) joinLists(in *request) {
	for _, p := range op.params {
		if p.In != openapi3.ParameterInQuery || p.Schema == nil || !p.Schema.Value.Type.Is("array") ||
			p.Explode == nil || *p.Explode || p.Style != "" && p.Style != openapi3.SerializationForm {
			continue
		}
		if values := in.query[p.Name]; len(values) > 1 {
			in.query[p.Name] = []string{strings.Join(values, ",")}
		}
	}
}

func badParameter(p *openapi3.Parameter, err error) *fault {
	named := fmt.Sprintf("The %s parameter %q", p.In, p.Name)
	switch {
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return invalid(named+" is missing.", "")
	case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
		return invalid(named+" is empty.", "")
	}
	var inner *openapi3filter.RequestError
	if errors.As(err, &inner) && inner.Err != nil {
		err = inner.Err
	}
	return invalid(named+" is not valid.", reason(err))
}

func (op *operation) checkBody(in *request) *fault {
	switch {
	case op.body == nil:
		return nil // what nobody asked for is not looked at
	case len(in.body) == 0 && op.body.Required:
		return invalid("The request body is missing.", "")
	case len(in.body) == 0 || len(op.body.Content) == 0:
		return nil
	}
	sent := in.http.Header.Get("Content-Type")
	media := op.body.Content.Get(sent)
	if media == nil {
		accepted := make([]string, 0, len(op.body.Content))
		for name := range op.body.Content {
			accepted = append(accepted, name)
		}
		slices.Sort(accepted)
		return wrongType(clip(fmt.Sprintf("The request's Content-Type header is invalid: it is %q, and must be %s.", sent, strings.Join(accepted, " or "))))
	}
	if media.Schema == nil || media.Schema.Value == nil {
		return nil
	}
	kind, options, err := mime.ParseMediaType(sent)
	if err != nil && sent != "" {
		return wrongType("The request's Content-Type header can't be read.")
	}
	value, checked, err := op.decode(in, kind, options, media)
	if err == nil && checked {
		err = op.document.rules.visit(media.Schema.Value, value, openapi3.VisitAsRequest())
	}
	if err != nil {
		return invalid("The request body is not valid.", reason(err))
	}
	return nil
}

// decode reads a body by its media type. What is neither JSON, a form nor plain
// text is taken as it is: readers of other kinds (archives, YAML) would let a
// small body become a large one.
func (op *operation) decode(in *request, kind string, options map[string]string, media *openapi3.MediaType) (value any, checked bool, err error) {
	switch {
	case isJSON(kind):
		return in.value, true, in.unread
	case kind == "application/x-www-form-urlencoded":
		value, err = openapi3filter.UrlencodedBodyDecoder(bytes.NewReader(in.body), in.http.Header, media.Schema,
			func(name string) *openapi3.Encoding { return media.Encoding[name] })
		return value, true, err
	case kind == "multipart/form-data":
		return nil, false, checkParts(in.body, options["boundary"], media.Schema.Value.Required)
	case kind == "text/plain":
		return string(in.body), true, nil
	default:
		return nil, false, nil
	}
}

// maxParts bounds the parts of a body, each of which costs many times the bytes that
// it has.
const maxParts = 1000

// checkParts looks for the parts that must be there; what is in them is not read.
func checkParts(body []byte, boundary string, required []string) error {
	missing, n := slices.Clone(required), 0
	for r := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		if n++; n > maxParts {
			return fmt.Errorf("it has more than %d parts", maxParts)
		}
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.New("its parts can't be read")
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == part.FormName() })
	}
	if len(missing) > 0 {
		return fmt.Errorf("the part %q is missing", missing[0])
	}
	return nil
}

// visit holds a value against a schema.
func (r rules) visit(s *openapi3.Schema, value any, options ...openapi3.SchemaValidationOption) error {
	if r.modern {
		options = append(options, openapi3.EnableJSONSchema2020())
	}
	return s.VisitJSON(value, options...)
}

// reason says in one line what of a value does not fit, and where.
func reason(err error) string {
	var schema *openapi3.SchemaError
	if !errors.As(err, &schema) {
		return clip(err.Error())
	}
	// "Does not match all of these" tells nothing; the one that failed does.
	for schema.SchemaField == "allOf" && schema.Origin != nil {
		var inner *openapi3.SchemaError
		if !errors.As(schema.Origin, &inner) {
			break
		}
		schema = inner
	}
	text := schema.Reason
	// The other checker's errors have several lines, the last of which is the one.
	if i := strings.LastIndex(text, "\n- "); i >= 0 {
		return clip(text[i+3:])
	}
	if text == "" {
		text = "it does not match the schema's " + schema.SchemaField
	}
	if at := schema.JSONPointer(); len(at) > 0 {
		text = "/" + strings.Join(at, "/") + ": " + text
	}
	return clip(text)
}

// isJSON tells whether a media type, without its parameters, is JSON.
func isJSON(kind string) bool {
	kind = strings.ToLower(kind)
	return kind == "application/json" || kind == "text/json" || strings.HasSuffix(kind, "+json") || kind == "*/*" || kind == "application/*"
}

// bodiless are the answers that HTTP gives no body.
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusResetContent || status == http.StatusNotModified
}
