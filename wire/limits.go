package wire

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
)

// The rows of the generated table. Shapes and patterns are referred to by their
// place; place 0 stands for no shape and no pattern.
type (
	operation struct {
		service, name string
		in, out       int32
		result        bool // the answer has a result element, empty or not
	}
	shape struct {
		sensitive      bool
		hasMin, hasMax bool
		min, max       int64 // of a length in characters, members or bytes, or of a number
		pattern        int32
		key, elem      int32
		enum           []string
		members        []member
	}
	member struct {
		name     string
		shape    int32
		required bool
		query    string // the parameter of the query string it travels in, "" for the body
	}
	pattern struct {
		aws string   // as the model has it and messages repeat it
		re2 []string // must all match the whole value
	}
)

// Op names an operation: Service is the signing name ("iam", "sts",
// "organizations"), Name the action ("CreateUser").
type Op struct {
	Service, Name string

	place int32 // in operations, from 1; 0 if nobody has looked
}

// OpOf names an operation that will be used often: what it returns is found in
// the tables without a search. It is not == to an Op that was not looked up.
func OpOf(service, name string) Op {
	op := Op{Service: service, Name: name}
	if i, ok := findOperation(op); ok {
		op.place = int32(i) + 1
	}
	return op
}

// limit is a Go type bound to its shape.
type limit struct {
	typ    reflect.Type // the plan's
	kind   kind         // the plan's
	shape  *shape
	plan   *plan
	fields []fieldLimit // in the model's order, then those it does not have
	elem   *limit
	key    *limit
	// variants are a union's, by name.
	variants map[string]*limit
}

type fieldLimit struct {
	slot
	required bool
	hidden   bool   // events must not show it
	limit    *limit // nil for a member that the models do not have
	member   string // the beginning of a member in JSON, after another; all of it if it is hidden
	name     string // lower camel case, as messages and events write it
}

func newFieldLimit(f *field, required bool, l *limit) fieldLimit {
	name := lowerFirst(f.name)
	made := fieldLimit{
		slot: f.slot, required: required, hidden: l == nil || l.shape.sensitive, limit: l,
		member: string(AppendJSONString([]byte{','}, name)) + ":", name: name,
	}
	if made.hidden {
		made.member += `"` + Hidden + `"`
	}
	return made
}

// bound caches the limits of every operation's input and output, by the place
// of the operation.
var bound [len(operations)]struct{ in, out atomic.Pointer[limit] }

// places finds operations in their table.
var places = sync.OnceValue(func() map[Op]int {
	m := make(map[Op]int, len(operations))
	for i, o := range operations {
		m[Op{Service: o.service, Name: o.name}] = i
	}
	return m
})

func findOperation(op Op) (int, bool) {
	if op.place > 0 {
		return int(op.place) - 1, true
	}
	i, ok := places()[op]
	return i, ok
}

// answers tells whether the model gives op a result, even one without members.
func answers(op Op) bool {
	i, ok := findOperation(op)
	return ok && operations[i].result
}

// limitsOf returns the limits of the struct type that p is the plan of, taken as
// the input or output of operation i.
func limitsOf(i int, output bool, p *plan) *limit {
	cached, root := &bound[i].in, operations[i].in
	if output {
		cached, root = &bound[i].out, operations[i].out
	}
	l := cached.Load()
	if l == nil || l.typ != p.typ {
		l = bind(p, root, map[binding]*limit{})
		cached.Store(l)
	}
	return l
}

// limitsOfValue is limitsOf for the struct that v is or points to, with its
// value; output tells whether its type is called …Output.
func limitsOfValue(i int, v any) (l *limit, r reflect.Value, output bool, err error) {
	if r = reflect.ValueOf(v); r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	if r.Kind() == reflect.Struct {
		// Mostly the type was met before, and the place where it was kept says the rest.
		t := r.Type()
		if l = bound[i].in.Load(); l != nil && l.typ == t {
			return l, r, false, nil
		}
		if l = bound[i].out.Load(); l != nil && l.typ == t {
			return l, r, true, nil
		}
	}
	p, r, err := structOf(v)
	if err != nil {
		return nil, r, false, err
	}
	output = strings.HasSuffix(p.typ.Name(), "Output")
	return limitsOf(i, output, p), r, output, nil
}

// planFor is structOf for an input or output of op.
func planFor(op Op, of any) (*plan, reflect.Value, error) {
	if op.place == 0 {
		return structOf(of)
	}
	l, v, _, err := limitsOfValue(int(op.place)-1, of)
	if err != nil {
		return nil, v, err
	}
	return l.plan, v, nil
}

type binding struct {
	typ   reflect.Type
	shape int32
}

// bind pairs a type with a shape. made holds what is under construction, since
// a type may hold itself.
func bind(p *plan, at int32, made map[binding]*limit) *limit {
	place := binding{p.goType(), at}
	if l := made[place]; l != nil {
		return l
	}
	l := &limit{typ: p.typ, kind: p.kind, shape: &shapes[at], plan: p}
	made[place] = l
	switch p.kind {
	case kindStruct:
		known := map[string]bool{}
		for _, m := range l.shape.members {
			if i, ok := p.placeOf(m.name); ok {
				f := &p.fields[i]
				known[f.name] = true
				l.fields = append(l.fields, newFieldLimit(f, m.required, bind(f.plan, m.shape, made)))
			}
		}
		for i := range p.fields {
			if f := &p.fields[i]; !known[f.name] {
				l.fields = append(l.fields, newFieldLimit(f, false, nil))
			}
		}
	case kindUnion:
		l.variants = map[string]*limit{}
		for name, v := range p.variants() {
			for _, m := range l.shape.members {
				if m.name == name || upperFirst(m.name) == name {
					l.variants[name] = bind(v.plan, m.shape, made)
				}
			}
		}
	case kindList:
		l.elem = bind(p.elem, l.shape.elem, made)
	case kindMap:
		l.key = bind(p.key, l.shape.key, made)
		l.elem = bind(p.elem, l.shape.elem, made)
	}
	return l
}

// placeOf finds the field of a model's member. Go's names begin in upper case,
// those of restJson's models do not.
func (p *plan) placeOf(member string) (int, bool) {
	i, ok := p.byName[member]
	if !ok {
		i, ok = p.byName[upperFirst(member)]
	}
	return i, ok
}

func upperFirst(name string) string {
	if name != "" && 'a' <= name[0] && name[0] <= 'z' {
		return string(name[0]-('a'-'A')) + name[1:]
	}
	return name
}

// lowerFirst is how AWS writes members in messages and events: only the first
// letter changes, so that SAMLProviderArn becomes sAMLProviderArn.
func lowerFirst(name string) string {
	if name != "" && 'A' <= name[0] && name[0] <= 'Z' {
		return string(name[0]+'a'-'A') + name[1:]
	}
	return name
}
