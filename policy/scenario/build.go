package scenario

import (
	"encoding/json"
	"strings"

	"iamd/policy"
	"iamd/policy/source"
)

// plainCase is a Case for other engines: what MarshalJSON gives.
type plainCase struct {
	Name     string                     `json:"name"`
	Page     string                     `json:"page"`
	Source   string                     `json:"source"`
	Request  plainRequest               `json:"request"`
	Policies map[string]json.RawMessage `json:"policies"`
	Bind     map[string]string          `json:"bind,omitempty"`
}

type plainRequest struct {
	Principal       map[string]string `json:"principal"`
	Action          string            `json:"action"`
	Resource        string            `json:"resource"`
	ResourceAccount string            `json:"resourceAccount,omitempty"`
	Context         map[string]any    `json:"context"` // a string, or a list of strings for a multivalued key
}

// build makes the request and the policies of a case from its things.
func (r *caseReader) build(c *Case, t things) *Error {
	plain := plainCase{
		Name: c.Name, Page: c.Page, Source: c.Source,
		Request: plainRequest{Context: map[string]any{}}, Policies: map[string]json.RawMessage{}, Bind: map[string]string{},
	}
	for _, name := range []string{"principal", "action", "resource"} {
		if _, ok := t[name]; !ok {
			return &Error{c.File, c.Line, "the case has no " + name}
		}
	}
	if bind, ok := t["bind"]; ok {
		err := each(bind.value, nil, func(f field) (err *Error) {
			plain.Bind[f.key], err = f.str()
			return err
		})
		if err != nil {
			return err
		}
	}
	c.Request.Context = &policy.Context{}
	for name, v := range t {
		var err *Error
		switch {
		case name == "principal":
			c.Request.Principal, plain.Request.Principal, err = r.principal(v.value)
		case name == "action":
			c.Request.Action, err = v.str()
		case name == "resource":
			c.Request.Resource, err = v.str()
		case name == "resourceAccount":
			c.Request.ResourceAccount, err = v.str()
		case strings.HasPrefix(name, contextPrefix):
			plain.Request.Context[v.key], err = setKey(c.Request.Context, v)
		case strings.HasPrefix(name, policiesPrefix):
			word := strings.TrimPrefix(name, policiesPrefix)
			plain.Policies[word], err = r.attach(&c.Policies, word, v.value, plain.Bind)
		}
		if err != nil {
			return err
		}
	}
	plain.Request.Action, plain.Request.Resource = c.Request.Action, c.Request.Resource
	plain.Request.ResourceAccount = c.Request.ResourceAccount
	var err error
	if c.plain, err = json.Marshal(&plain); err != nil {
		return &Error{c.File, c.Line, err.Error()}
	}
	return nil
}

// setKey gives a condition key its value: a string, or a list of strings for a multivalued key.
func setKey(ctx *policy.Context, v thing) (any, *Error) {
	if v.Kind == source.String {
		ctx.Set(v.key, v.Text)
		return v.Text, nil
	}
	if v.Kind != source.Array {
		return nil, v.fault("the value of a condition key is a string or a list of strings")
	}
	list := []string{}
	for _, item := range v.items() {
		s, err := item.str()
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	ctx.SetList(v.key, list...)
	return list, nil
}

// attach adds the policies of one kind, and returns them as plain data.
func (r *caseReader) attach(p *policy.Policies, word string, v value, bind map[string]string) (json.RawMessage, *Error) {
	if word == needsResource {
		p.NeedsResource = true
		return json.RawMessage("true"), v.isTrue()
	}
	list := func(v value, place ...int) ([]policy.Attached, []json.RawMessage, *Error) {
		out, texts := []policy.Attached{}, []json.RawMessage{}
		for i, item := range v.items() {
			compiled, text, err := r.compile(item, bind)
			if err != nil {
				return nil, nil, err
			}
			out = append(out, policy.Attached{ID: id(word, append(place, i)...), Type: word, Policy: compiled})
			texts = append(texts, text)
		}
		return out, texts, nil
	}
	var plain any
	var err *Error
	switch word {
	case "scp", "rcp":
		levels, texts := [][]policy.Attached{}, [][]json.RawMessage{}
		for i, level := range v.items() {
			l, text, err := list(level, i)
			if err != nil {
				return nil, err
			}
			levels, texts = append(levels, l), append(texts, text)
		}
		if plain = texts; word == "scp" {
			p.SCPs = levels
		} else {
			p.RCPs = levels
		}
	case "identity":
		p.Identity, plain, err = list(v)
	case "resource":
		p.Resource, plain, err = list(v)
	case "boundary":
		p.HasBoundary = true
		p.Boundary, plain, err = list(v)
	case "session":
		p.HasSession = true
		p.Session, plain, err = list(v)
	case "trust":
		p.HasTrust = true
		p.Trust, plain, err = list(v)
	case "vpcEndpoint":
		p.HasVPCEndpoint = true
		p.VPCEndpoint, plain, err = list(v)
	}
	if err != nil {
		return nil, err
	}
	text, fault := json.Marshal(plain)
	if fault != nil {
		return nil, v.fault("%v", fault)
	}
	return text, nil
}

// compile makes a policy from a document, from the name of one, or from null, which is a policy that can't be read.
func (r *caseReader) compile(v value, bind map[string]string) (*policy.Compiled, json.RawMessage, *Error) {
	switch v.Kind {
	case source.Null:
		return nil, json.RawMessage("null"), nil
	case source.String:
		found, ok := r.documents[v.Text]
		if !ok {
			return nil, nil, v.fault("the file has no document %q", v.Text)
		}
		r.used[v.Text] = true
		v = found
	}
	d, err := policy.Parse([]byte(v.text()))
	if err != nil {
		return nil, nil, v.fault("the document is no policy: %v", err)
	}
	return policy.Compile(d, policy.CompileOptions{Principals: bind}), json.RawMessage(v.text()), nil
}
