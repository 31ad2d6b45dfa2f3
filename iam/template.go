package iam

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Templates of policies and roles hold @{NAME} where a parameter's value goes. A
// text that is nothing but one @{NAME} of a list becomes the list. A statement
// with "@Enabled": "NAME" stays only if that parameter is true, in any case.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-policy-templates.html

const (
	templateSwitch = "@Enabled"
	// maxRendered bounds what one template may become, in bytes: a value may stand
	// in it many times.
	maxRendered = 64 << 10
)

var placeholder = regexp.MustCompile(`@\{([^{}]*)\}`)

// rendering is a template on its way to what it becomes.
type rendering struct {
	values map[string][]string
	lists  map[string]bool // the parameters that are lists
	room   int             // bytes left
}

func newRendering(values map[string][]string, lists map[string]bool) *rendering {
	return &rendering{values: values, lists: lists, room: maxRendered}
}

// checkValues refuses values that are too long together: they are kept, also
// those that nothing is made of.
func checkValues(values map[string][]string) error {
	room := maxRendered
	for _, list := range values {
		for _, v := range list {
			if room -= len(v) + 3; room < 0 {
				return notRendered("The values are longer than %d bytes.", maxRendered)
			}
		}
	}
	return nil
}

func notRendered(format string, args ...any) *Error {
	return Errorf(CodeInvalidInput, "Failed to render template: "+format, args...)
}

// value is a parameter's, of one value if it is no list.
func (r *rendering) value(name string) ([]string, error) {
	v, ok := r.values[name]
	if !ok {
		return nil, notRendered("Parameter '%s' not found.", name)
	}
	if !r.lists[name] && len(v) != 1 {
		return nil, oneValue(name, len(v))
	}
	return v, nil
}

func oneValue(name string, n int) *Error {
	return Errorf(CodeValidation, "%s replacement value must contain exactly one value, got %d", name, n)
}

func (r *rendering) spend(n int) error {
	if r.room -= n; r.room < 0 {
		return notRendered("The result is larger than %d bytes.", maxRendered)
	}
	return nil
}

// text fills a text in.
func (r *rendering) text(pattern string) (string, error) {
	var b strings.Builder
	for {
		at := placeholder.FindStringSubmatchIndex(pattern)
		if at == nil {
			b.WriteString(pattern)
			return b.String(), r.spend(len(pattern))
		}
		name := pattern[at[2]:at[3]]
		v, err := r.value(name)
		if err != nil {
			return "", err
		}
		if len(v) != 1 {
			return "", notRendered("Parameter '%s' is a list and stands within a text.", name)
		}
		if err := r.spend(at[0] + len(v[0])); err != nil {
			return "", err
		}
		b.WriteString(pattern[:at[0]])
		b.WriteString(v[0])
		pattern = pattern[at[1]:]
	}
}

// document fills a JSON document in; "" when none of its statements stays.
func (r *rendering) document(template json.RawMessage) (string, error) {
	var b bytes.Buffer
	if _, err := r.node(&b, template); err != nil {
		return "", err
	}
	var kept struct{ Statement json.RawMessage }
	if err := json.Unmarshal(b.Bytes(), &kept); err != nil || len(kept.Statement) == 0 || string(kept.Statement) == "[]" {
		return "", nil
	}
	return b.String(), nil
}

// node appends a JSON value; kept is false for one that was switched off.
func (r *rendering) node(b *bytes.Buffer, raw json.RawMessage) (kept bool, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return false, notRendered("The template is no JSON document.")
	}
	switch raw[0] {
	case '{':
		return r.object(b, raw)
	case '[':
		return true, r.array(b, raw)
	case '"':
		return true, r.scalar(b, raw)
	}
	b.Write(raw)
	return true, r.spend(len(raw))
}

func (r *rendering) object(b *bytes.Buffer, raw json.RawMessage) (kept bool, err error) {
	members, err := members(raw)
	if err != nil {
		return false, err
	}
	for _, m := range members {
		if m.key != templateSwitch {
			continue
		}
		if on, err := r.enabled(m.value); err != nil || !on {
			return false, err
		}
	}
	b.WriteByte('{')
	first := b.Len()
	for _, m := range members {
		if m.key == templateSwitch {
			continue
		}
		mark := b.Len()
		if mark > first {
			b.WriteByte(',')
		}
		writeJSON(b, m.key)
		b.WriteByte(':')
		kept, err := r.node(b, m.value)
		if err != nil {
			return false, err
		}
		if !kept {
			b.Truncate(mark)
		}
	}
	b.WriteByte('}')
	return true, r.spend(2)
}

func (r *rendering) array(b *bytes.Buffer, raw json.RawMessage) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return notRendered("The template is no JSON document.")
	}
	b.WriteByte('[')
	first := b.Len()
	for _, item := range items {
		mark := b.Len()
		if mark > first {
			b.WriteByte(',')
		}
		kept, err := r.node(b, item)
		if err != nil {
			return err
		}
		if !kept {
			b.Truncate(mark)
		}
	}
	b.WriteByte(']')
	return r.spend(2)
}

// scalar fills a text in, or puts a list in its place.
func (r *rendering) scalar(b *bytes.Buffer, raw json.RawMessage) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return notRendered("The template is no JSON document.")
	}
	if m := placeholder.FindStringSubmatch(text); m != nil && m[0] == text && r.lists[m[1]] {
		v, err := r.value(m[1])
		if err != nil {
			return err
		}
		for _, one := range v {
			if err := r.spend(len(one) + 3); err != nil {
				return err
			}
		}
		writeJSON(b, v)
		return nil
	}
	text, err := r.text(text)
	if err != nil {
		return err
	}
	writeJSON(b, text)
	return nil
}

// enabled reads a switch. What is neither true nor false is refused: a statement
// may allow or deny, so neither would be safe.
func (r *rendering) enabled(raw json.RawMessage) (bool, error) {
	var name string
	if err := json.Unmarshal(raw, &name); err != nil {
		return false, notRendered("%s names no parameter.", templateSwitch)
	}
	v, err := r.value(name)
	if err != nil {
		return false, err
	}
	switch {
	case len(v) == 1 && strings.EqualFold(v[0], "true"):
		return true, nil
	case len(v) == 1 && strings.EqualFold(v[0], "false"):
		return false, nil
	}
	return false, notRendered("Parameter '%s' must be True or False.", name)
}

type member struct {
	key   string
	value json.RawMessage
}

// members reads an object in its order.
func members(raw json.RawMessage) (list []member, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err = d.Token(); err != nil {
		return nil, notRendered("The template is no JSON document.")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, notRendered("The template is no JSON document.")
		}
		m := member{key: key.(string)} // the decoder gives nothing else here
		if err := d.Decode(&m.value); err != nil {
			return nil, notRendered("The template is no JSON document.")
		}
		list = append(list, m)
	}
	return list, nil
}

// writeJSON appends a text or a list of texts as they are read, without the
// escapes that HTML wants.
func writeJSON(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("iam: " + err.Error()) // texts always encode
	}
	b.Truncate(b.Len() - 1) // the line's end
}

// parametersOf are the names that a document's placeholders and switches have.
func parametersOf(template json.RawMessage) (names []string) {
	for _, m := range placeholder.FindAllStringSubmatch(string(template), -1) {
		names = append(names, m[1])
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if name, ok := v[templateSwitch].(string); ok {
				names = append(names, name)
			}
			for _, one := range v {
				walk(one)
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	var tree any
	if json.Unmarshal(template, &tree) == nil {
		walk(tree)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
