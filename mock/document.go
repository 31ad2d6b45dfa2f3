package mock

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Operation is one of the API's operations.
type Operation struct {
	// Name is the document's operationId; without one, method and path. Operations
	// of several documents may share a name ("getOrder"): with Path they do not.
	Name string
	// Path is the template it stands at, such as "/orders/v0/orders/{orderId}".
	Path string
	// Rate is how many requests a second its usage plan allows on average, and
	// Burst how many at once; zero: the document has none.
	Rate  float64
	Burst int
}

// operation is one that is ready to be asked for.
type operation struct {
	Operation
	method   string
	document *document
	template template

	sandboxOnly bool
	cases       []*sandboxCase // the one to be tried first stands first
	dynamic     bool           // its sandbox answers what no case matches, too

	route   *routers.Route // for the library; nil unless it needs to know the version
	params  []*openapi3.Parameter
	body    *openapi3.RequestBody
	answers []*answer // by status
	success *answer   // one of them; nil: the document has none
}

// document is one of the API's documents.
type document struct {
	name  string
	spec  *openapi3.T
	rules rules
}

// compile reads a document, and adds its operations and what of it goes unchecked.
func (a *API) compile(s Source) error {
	spec, err := s.parse()
	if err != nil {
		return err
	}
	if spec.Paths.Len() == 0 {
		return errors.New("it has no paths")
	}
	d := &document{name: s.Name, spec: spec}
	var notes []string
	if d.rules, notes, err = settleSchemas(spec); err != nil {
		return err
	}
	for _, n := range notes {
		a.notes = append(a.notes, s.Name+": "+n)
	}
	items := spec.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(items)) {
		item := items[path]
		if item == nil {
			continue
		}
		ops := item.Operations()
		for _, method := range slices.Sorted(maps.Keys(ops)) {
			if err := a.addOperation(d, path, item, method, ops[method]); err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}
		}
	}
	return nil
}

func (a *API) addOperation(d *document, path string, item *openapi3.PathItem, method string, in *openapi3.Operation) error {
	op := &operation{method: method, document: d}
	op.Name = cmp.Or(in.OperationID, method+" "+path)
	var err error
	if op.Rate, op.Burst, err = plan(in.Description, in.Extensions, item.Extensions, d.spec.Extensions); err != nil {
		return err
	}
	if op.params, err = parameters(item.Parameters, in.Parameters); err != nil {
		return err
	}
	if in.RequestBody != nil {
		if op.body = in.RequestBody.Value; op.body == nil {
			return errors.New("its request body is empty")
		}
	}
	if d.rules.modern {
		op.route = &routers.Route{Spec: d.spec, PathItem: item, Method: method, Operation: in, Path: path}
	}
	if err := op.addAnswers(in.Responses); err != nil {
		return err
	}
	if err := op.addCases(item, in); err != nil {
		return err
	}
	bases, err := bases(d.spec.Servers, item.Servers, in.Servers)
	if err != nil {
		return err
	}
	for _, base := range bases {
		placed := *op
		placed.Path = base + path
		if placed.template, err = cutTemplate(placed.Path, op.isGreedy); err != nil {
			return err
		}
		if old := a.routes.add(placed.template, &placed); old != nil {
			return fmt.Errorf("%s (%s) stands there already, in %s", old.Name, old.Path, old.document.name)
		}
		a.operations = append(a.operations, &placed)
	}
	return nil
}

// parameters are those of the path and the operation, whose own rule.
func parameters(lists ...openapi3.Parameters) ([]*openapi3.Parameter, error) {
	var all []*openapi3.Parameter
	for _, list := range lists {
		for _, ref := range list {
			if ref == nil || ref.Value == nil || ref.Value.Name == "" {
				return nil, errors.New("a parameter has no name")
			}
			p := ref.Value
			if s := p.Schema; s != nil && s.Value == nil {
				return nil, fmt.Errorf("parameter %q has no schema", p.Name)
			}
			switch p.In {
			case openapi3.ParameterInPath, openapi3.ParameterInQuery, openapi3.ParameterInHeader, openapi3.ParameterInCookie:
			default:
				return nil, fmt.Errorf("parameter %q is in %q, which is unknown", p.Name, p.In)
			}
			all = slices.DeleteFunc(all, func(q *openapi3.Parameter) bool { return q.In == p.In && q.Name == p.Name })
			all = append(all, p)
		}
	}
	return all, nil
}

// isGreedy tells whether a path parameter takes the rest of the path.
func (op *operation) isGreedy(name string) bool {
	return slices.ContainsFunc(op.params, func(p *openapi3.Parameter) bool {
		return p.In == openapi3.ParameterInPath && p.Name == name && p.Extensions["x-amazon-spds-greedy-path-parameter"] == true
	})
}

// bases are the paths below which an operation is served: those of its servers,
// else of its path's, else of the document's.
func bases(document, item openapi3.Servers, op *openapi3.Servers) ([]string, error) {
	servers := document
	if len(item) > 0 {
		servers = item
	}
	if op != nil && len(*op) > 0 {
		servers = *op
	}
	var all []string
	for _, s := range servers {
		if s == nil {
			continue
		}
		text := s.URL
		for name, v := range s.Variables {
			if v != nil {
				text = strings.ReplaceAll(text, "{"+name+"}", v.Default)
			}
		}
		u, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("server %q: %w", s.URL, err)
		}
		base := strings.TrimRight(u.EscapedPath(), "/")
		if base != "" && base[0] != '/' {
			base = "/" + base
		}
		if !slices.Contains(all, base) {
			all = append(all, base)
		}
	}
	if len(all) == 0 {
		all = []string{""}
	}
	return all, nil
}

// readsBody tells whether the operation takes a body, or has a case that names one.
func (op *operation) readsBody() bool {
	return op.body != nil || slices.ContainsFunc(op.cases, func(c *sandboxCase) bool { return c.readsBody })
}

// headerOfGateway tells which headers a gateway takes off before a backend sees
// the request, or that HTTP itself has: a document that asks for them asks the
// gateway.
func headerOfGateway(name string) bool {
	switch name = http.CanonicalHeaderKey(name); name {
	case "Accept", "Authorization", "Content-Type":
		return true
	default:
		return strings.HasPrefix(name, "X-Amz-")
	}
}
