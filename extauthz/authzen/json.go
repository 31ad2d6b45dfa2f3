package authzen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// object is a JSON object as it came: its values are string, json.Number, bool,
// nil, object and []any. Names count exactly as they are written, so that no two
// readers can find different members.
type object map[string]any

// maxDepth is how deep a request's JSON may nest.
const maxDepth = 32

// decode reads a JSON object, in which no member may stand twice.
func decode(text []byte) (object, error) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, badRequest("The request body is not valid JSON.")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := value(d, 0)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, badRequest("The request body must be a JSON object.")
	}
	return o, nil
}

func value(d *json.Decoder, depth int) (any, error) {
	t, err := token(d)
	if err != nil {
		return nil, err
	}
	opens, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth == maxDepth {
		return nil, badRequest(fmt.Sprintf("The request body is nested more than %d deep.", maxDepth))
	}
	if opens == '[' {
		list := []any{}
		for d.More() {
			v, err := value(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := token(d)
		return list, err
	}
	o := object{}
	for d.More() {
		t, err := token(d)
		if err != nil {
			return nil, err
		}
		name, _ := t.(string) // the text is valid JSON
		if _, twice := o[name]; twice {
			return nil, badRequest("The member " + clip(name) + " stands twice.")
		}
		if o[name], err = value(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err = token(d)
	return o, err
}

func token(d *json.Decoder) (json.Token, error) {
	t, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, badRequest("The request body is not valid JSON.")
	}
	return t, nil
}

// object is a member that must be an object; nil if there is none.
func (o object) object(name string) (object, error) {
	v, ok := o[name]
	if !ok {
		return nil, nil
	}
	member, ok := v.(object)
	if !ok {
		return nil, badRequest(name + " must be an object.")
	}
	return member, nil
}

// text is a member that must be a string, and not empty where it is required.
// Within names where it stands, for whoever reads the refusal.
func (o object) text(within, name string, required bool) (string, error) {
	v, ok := o[name]
	if !ok && !required {
		return "", nil
	}
	s, isText := v.(string)
	switch {
	case !ok:
		return "", badRequest(within + name + " is missing.")
	case !isText:
		return "", badRequest(within + name + " must be a string.")
	}
	return s, nil
}

// clip shortens what an answer repeats of a request.
func clip(s string) string {
	const most = 256
	if len(s) <= most {
		return s
	}
	for s = s[:most]; !utf8.ValidString(s); {
		s = s[:len(s)-1]
	}
	return s + "..."
}
