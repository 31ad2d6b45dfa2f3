package mock

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Config tells what API there is.
type Config struct {
	Documents []Source // together they make one API
	// Override answers operations in the document's place, by operation id. A
	// request for a sandbox host gets the document's answer all the same.
	Override map[string]http.Handler
	// Sandbox tells which requests are for a sandbox; nil: those whose Host begins
	// with "sandbox.".
	Sandbox func(*http.Request) bool
	// Withhold names the members of JSON objects that the answer to a request must
	// do without, whatever it would be and at whatever depth they stand; nil: none.
	// It is not asked about sandboxes and what Override answers. Members are left
	// out though the document requires them.
	Withhold func(r *http.Request, op Operation) []string
	MaxBody  int64 // bytes of a request's body; zero: 10 MiB
}

// API answers requests by documents. It may be used by many at once.
type API struct {
	routes     node
	operations []*operation
	notes      []string
	override   map[string]http.Handler
	sandbox    func(*http.Request) bool
	withhold   func(*http.Request, Operation) []string
	maxBody    int64
}

// New compiles the documents. It fails, naming the documents, where one can't be
// read, and where two answer the same method and path.
func New(cfg Config) (*API, error) {
	a := &API{override: cfg.Override, sandbox: cfg.Sandbox, withhold: cfg.Withhold, maxBody: cfg.MaxBody}
	if a.sandbox == nil {
		a.sandbox = func(r *http.Request) bool {
			return len(r.Host) > 8 && strings.EqualFold(r.Host[:8], "sandbox.")
		}
	}
	if a.maxBody == 0 {
		a.maxBody = 10 << 20
	}
	var failed []error
	for _, s := range cfg.Documents {
		if err := a.compile(s); err != nil {
			failed = append(failed, fmt.Errorf("mock: %s: %w", s.Name, err))
		}
	}
	if len(failed) > 0 {
		return nil, errors.Join(failed...)
	}
	if len(a.operations) == 0 {
		return nil, errors.New("mock: there are no operations: name at least one OpenAPI document that has some")
	}
	return a, nil
}

// Operation tells which operation a request asks for; false for one that there
// is not. The path is as it stands in a URL, not decoded.
func (a *API) Operation(method, path string) (Operation, bool) {
	op, _, _ := a.routes.find(method, segmentsOf(path))
	if op == nil {
		return Operation{}, false
	}
	return op.Operation, true
}

// Operations are all there are, by document, path and method.
func (a *API) Operations() []Operation {
	list := make([]Operation, len(a.operations))
	for i, op := range a.operations {
		list[i] = op.Operation
	}
	return list
}

// Notes say what of the documents is not checked, one sentence each.
func (a *API) Notes() []string { return slices.Clone(a.notes) }

// ServeHTTP answers by the operation's Override, by a static sandbox answer, by
// what is wrong with the request, by an example, or by a made answer; the first
// that there is.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id := r.Header.Get("X-Iamd-Request-Id"); id != "" {
		w.Header().Set("X-Amzn-Requestid", id)
	}
	if f := a.serve(w, r); f != nil {
		f.write(w)
	}
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) *fault {
	op, values, methods := a.routes.find(r.Method, segmentsOf(r.URL.EscapedPath()))
	if op == nil && len(methods) > 0 {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		return noMethod(methods)
	}
	sandbox := a.sandbox(r)
	if op == nil || op.sandboxOnly && !sandbox {
		return noOperation()
	}
	if h := a.override[op.Name]; h != nil && !sandbox {
		h.ServeHTTP(w, r)
		return nil
	}
	in, f := op.read(w, r, values, a.maxBody)
	if f != nil {
		return f
	}
	want, names := preferred(r.Header), a.withheld(r, op, sandbox)
	// Off the sandbox a case that names nothing is an example: it tells nothing
	// of the request, so that is checked first.
	if c := op.match(in, want, sandbox); c != nil {
		return c.write(w, names)
	}
	if sandbox && len(op.cases) > 0 && !op.dynamic && want.status == 0 {
		return noMatch()
	}
	if f := op.check(in); f != nil {
		return f
	}
	if c := op.match(in, want, true); c != nil {
		return c.write(w, names)
	}
	return op.answer(w, r, want, names)
}
