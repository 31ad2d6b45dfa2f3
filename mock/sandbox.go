package mock

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The names under which documents keep their sandbox answers, and what marks an
// operation that is there for sandboxes only.
const (
	sandboxKey  = "x-amzn-api-sandbox"
	behaviorKey = "x-amazon-spds-sandbox-behaviors"
	onlyKey     = "x-amzn-api-sandbox-only"
)

// sandboxCase is an answer that a document promises to requests that have
// certain parameters.
type sandboxCase struct {
	status    int
	wanted    []wanted
	weight    [2]int // parameters, and values within them
	readsBody bool
	answer    *answer // whose headers and media type it has; nil: none
	body      []byte  // nil: it has none
	less      variants
	isText    bool // the body is not JSON
}

// wanted is a parameter's value that a case names.
type wanted struct {
	name, in string // in is empty where the document declares no such parameter
	any      bool   // the case gives no value: whatever is there will do
	value    any
	list     []string // the value as a list, sorted, where one is compared
}

// addCases collects an operation's cases from where documents keep them: the
// responses, the operation and the path.
func (op *operation) addCases(item *openapi3.PathItem, in *openapi3.Operation) error {
	for _, e := range []map[string]any{item.Extensions, in.Extensions} {
		op.sandboxOnly = op.sandboxOnly || e[onlyKey] == true
		if err := op.casesIn(e, op.success); err != nil {
			return err
		}
	}
	for _, a := range op.answers {
		if err := op.casesIn(a.extensions, a); err != nil {
			return fmt.Errorf("response %s: %w", a.key, err)
		}
	}
	// The case that says the most is tried first; of equals, success.
	slices.SortStableFunc(op.cases, func(a, b *sandboxCase) int {
		failed := func(c *sandboxCase) int { return c.status / 400 }
		return cmp.Or(cmp.Compare(b.weight[0], a.weight[0]), cmp.Compare(b.weight[1], a.weight[1]),
			cmp.Compare(failed(a), failed(b)))
	})
	return nil
}

func (op *operation) casesIn(extensions map[string]any, a *answer) error {
	var list []any
	if v, ok := extensions[sandboxKey]; ok {
		members, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("%s must be an object with static or dynamic", sandboxKey)
		}
		if _, ok := members["dynamic"]; ok {
			op.dynamic = true
		}
		if static, ok := members["static"]; ok {
			if list, ok = static.([]any); !ok {
				return fmt.Errorf("static of %s must be a list", sandboxKey)
			}
		}
	}
	if v, ok := extensions[behaviorKey]; ok {
		more, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s must be a list", behaviorKey)
		}
		list = append(list, more...)
	}
	for i, v := range list {
		c, err := op.caseOf(v, a)
		if err != nil {
			return fmt.Errorf("sandbox case %d: %w", i, err)
		}
		op.cases = append(op.cases, c)
	}
	return nil
}

func (op *operation) caseOf(v any, a *answer) (*sandboxCase, error) {
	members, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("it must be an object with a request and a response")
	}
	c := &sandboxCase{status: http.StatusOK, answer: a}
	if a != nil {
		c.status = a.status
	}
	if response := members["response"]; response != nil && !bodiless(c.status) {
		c.body, c.isText = a.encode(response)
	}
	request, ok := members["request"].(map[string]any)
	if !ok && members["request"] != nil {
		return nil, errors.New("its request must be an object")
	}
	parameters, ok := request["parameters"].(map[string]any)
	if !ok && request["parameters"] != nil {
		return nil, errors.New("its request's parameters must be an object")
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		c.want(op.wantedOf(name, parameters[name]))
	}
	if body, ok := request["body"]; ok {
		c.want(op.wantedOf("body", body))
	}
	return c, nil
}

func (c *sandboxCase) want(p wanted) {
	c.wanted = append(c.wanted, p)
	c.weight[0]++
	c.weight[1] += leaves(p.value)
	c.readsBody = c.readsBody || p.in == "body" || p.in == ""
}

// wantedOf reads {"value": …}, or the value itself. The body is always named
// "body", whatever the document calls its parameter; other names for it are
// taken as well.
func (op *operation) wantedOf(name string, v any) wanted {
	p := wanted{name: name, value: v}
	if members, ok := v.(map[string]any); ok {
		if inner, ok := members["value"]; ok {
			p.value = inner
		} else if len(members) == 0 {
			p.any = true
		}
	}
	isList := false
	for _, in := range []string{"path", "query", "header", "cookie"} {
		i := slices.IndexFunc(op.params, func(q *openapi3.Parameter) bool { return q.In == in && q.Name == name })
		if i >= 0 {
			p.in = in
			q := op.params[i]
			isList = q.Schema != nil && q.Schema.Value.Type.Is("array")
			break
		}
	}
	if p.in == "" && (name == "body" || op.body != nil && (name == "payload" || name == op.body.Extensions["x-originalParamName"])) {
		p.in = "body"
	}
	if values, ok := p.value.([]any); ok || isList {
		if !ok {
			values = []any{p.value}
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = text(v)
		}
		p.list = listOf(texts)
	}
	return p
}

// listOf reads a list however it was sent: repeated, or with commas. Lists of
// parameters are sets, so their order does not count.
func listOf(values []string) []string {
	list := strings.Split(strings.Join(values, ","), ",")
	slices.Sort(list)
	return list
}

// match finds the case that says the most of all that match. Cases that name
// nothing are passed over unless bare is set.
func (op *operation) match(in *request, want preference, bare bool) *sandboxCase {
	for _, c := range op.cases {
		if len(c.wanted) == 0 && !bare || want.status != 0 && want.status != c.status {
			continue
		}
		if !slices.ContainsFunc(c.wanted, func(p wanted) bool { return !p.matches(in) }) {
			return c
		}
	}
	return nil
}

// matches holds a request against the parameter. More than a case names may be
// there; what it names must be equal. Of a body, what the case has must be in
// it: members by name, elements by place.
// https://developer-docs.amazon.com/sp-api/docs/sp-api-sandbox does not say how
// bodies are compared, so this is a choice.
func (p *wanted) matches(in *request) bool {
	if p.in == "body" {
		return in.isJSON && (p.any || holds(in.value, p.value))
	}
	values, ok := in.values(p.in, p.name)
	if !ok && p.in == "" {
		if members, isObject := in.value.(map[string]any); isObject && in.isJSON {
			if v, has := members[p.name]; has {
				return p.any || holds(v, p.value)
			}
		}
	}
	switch {
	case !ok:
		return p.value == nil && !p.any
	case p.any:
		return true
	case p.list != nil:
		return slices.Equal(listOf(values), p.list)
	default:
		return len(values) == 1 && values[0] == text(p.value)
	}
}

// holds tells whether all of want is in got.
func holds(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		members, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for name, w := range want {
			if g, ok := members[name]; !ok || !holds(g, w) {
				return false
			}
		}
		return true
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i, w := range want {
			if !holds(list[i], w) {
				return false
			}
		}
		return true
	default: // a string, a number, a bool or null
		switch got.(type) {
		case map[string]any, []any:
			return false
		}
		return got == want
	}
}

// leaves counts what there is to compare.
func leaves(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			n += leaves(inner)
		}
	case []any:
		for _, inner := range v {
			n += leaves(inner)
		}
	}
	return n
}

// text is how a value stands in a URL or a header.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			panic("mock: " + err.Error()) // it came from JSON
		}
		return string(b)
	}
}

func (c *sandboxCase) write(w http.ResponseWriter, withheld []string) *fault {
	if c.isText && len(withheld) > 0 {
		return unheld(withheld, c.answer.contentType())
	}
	c.answer.head(w.Header())
	send(w, c.status, c.answer.contentType(), c.less.of(c.body, withheld))
	return nil
}
