package policy

import (
	"encoding/binary"
	"hash/crc32"
	"unique"
)

// elements makes the elements of a document's statements, one for all that say the same.
type elements struct {
	variables  bool
	keys       keyList // the condition keys that they refer to
	actions    map[string]*actions
	resources  map[string]*resources
	conditions map[string]*condition
	nobody     principals // what statements without the element have
	said       []byte     // what an element says
}

func newElements(d *Document) *elements {
	e := &elements{variables: d.Variables(), nobody: principals{absent: true}}
	if len(d.Statements) > 1 { // one statement repeats nothing
		e.actions, e.resources, e.conditions = map[string]*actions{}, map[string]*resources{}, map[string]*condition{}
	}
	return e
}

// list adds values to what is said, so that no other list says the same.
func (e *elements) list(values []string) {
	e.said = binary.AppendUvarint(e.said, uint64(len(values)))
	for _, v := range values {
		e.text(v)
	}
}

func (e *elements) text(s string) {
	e.said = binary.AppendUvarint(e.said, uint64(len(s)))
	e.said = append(e.said, s...)
}

// either begins with a pair of lists, of which an absent one says something else than an empty one.
func (e *elements) either(list, not []string) {
	e.said = e.said[:0]
	for _, l := range [][]string{list, not} {
		if l == nil {
			e.said = append(e.said, 0)
			continue
		}
		e.said = append(e.said, 1)
		e.list(l)
	}
}

func (e *elements) action(s *Statement) *actions {
	if e.actions == nil {
		return compileActions(s)
	}
	e.either(s.Action, s.NotAction)
	a, ok := e.actions[string(e.said)]
	if !ok {
		a = compileActions(s)
		e.actions[string(e.said)] = a
	}
	return a
}

func (e *elements) resource(s *Statement) *resources {
	if e.resources == nil {
		return e.newResource(s)
	}
	e.either(s.Resource, s.NotResource)
	r, ok := e.resources[string(e.said)]
	if !ok {
		r = e.newResource(s)
		e.resources[string(e.said)] = r
	}
	return r
}

func (e *elements) newResource(s *Statement) *resources {
	r := compileResources(s, e.variables)
	for i := range r.patterns {
		e.keys.variables(r.patterns[i].parts)
	}
	return r
}

func (e *elements) principal(s *Statement, bound map[string]string) *principals {
	if s.Principal == nil && s.NotPrincipal == nil {
		return &e.nobody
	}
	return compilePrincipals(s, bound)
}

func (e *elements) condition(c *Condition) *condition {
	e.said = append(e.said[:0], 0)
	if e.variables {
		e.said[0] = 1
	}
	e.text(c.Operator)
	e.text(c.Key)
	e.list(c.Values)
	out, ok := e.conditions[string(e.said)]
	if !ok {
		out = compileCondition(c, e.variables)
		out.said = unique.Make(string(e.said))
		out.slot = uint8(crc32.ChecksumIEEE(e.said) % memoSize)
		out.keys(&e.keys)
		if e.conditions != nil {
			e.conditions[string(e.said)] = out
		}
	}
	return out
}
