package analyzer

import (
	"slices"

	"iamd/policy/source"
)

// read takes the tree apart. What does not fit is left out here and found by the checks of the structure.
func (d *document) read(root *source.Node) {
	d.node = root
	d.root = place{start: root.Start, end: root.End}
	d.members = members(root)
	for i := range d.members {
		m := &d.members[i]
		switch m.key {
		case "Version":
			d.version = m.value.str()
		case "Id":
			d.id = m.value.str()
		case "Statement":
			list := m.list()
			d.statement = slices.Grow(d.statement, len(list))
			for j, v := range list {
				if v.kind == source.Object {
					d.statement = append(d.statement, readStatement(v, j))
				}
			}
		}
	}
}

func readStatement(v value, index int) statement {
	s := statement{place: v.place, index: index, node: v.node, members: members(v.node)}
	for i := range s.members {
		m := &s.members[i]
		switch m.key {
		case "Sid":
			s.sid = m.value.str()
		case "Effect":
			s.effect = m.value.str()
		case "Action":
			s.action = m.element()
		case "NotAction":
			s.notAction = m.element()
		case "Resource":
			s.resource = m.element()
		case "NotResource":
			s.notResource = m.element()
		case "Principal":
			s.principal, s.principals = m, m.principals()
		case "NotPrincipal":
			s.notPrincipal, s.notPrincipals = m, m.principals()
		case "Condition":
			s.condition = m
			s.operators = members(m.value.node)
			for j := range s.operators {
				op := &s.operators[j]
				keys := members(op.value.node)
				for k := range keys {
					s.conditions = append(s.conditions, condition{operator: op, element: *keys[k].element()})
				}
			}
		}
	}
	return s
}

// members lists the keys of an object with their places; of anything else there are none.
func members(n *source.Node) []member {
	out := make([]member, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		out[i] = member{
			key:   m.Key,
			keyAt: place{start: m.At, end: m.KeyEnd},
			value: newValue(&m.Value),
		}
	}
	return out
}

func newValue(n *source.Node) value {
	return value{place: place{start: n.Start, end: n.End}, kind: n.Kind, text: n.Text, node: n}
}

// list is the items of an array, or the value alone.
func (m *member) list() []value {
	if m.value.kind != source.Array {
		return []value{m.value}
	}
	out := make([]value, len(m.value.node.Items))
	for i := range out {
		out[i] = newValue(&m.value.node.Items[i])
	}
	return out
}

// element is the member with those of its values that are strings, numbers or booleans.
func (m *member) element() *element {
	e := &element{member: *m}
	for _, v := range m.list() {
		if v.kind == source.String || v.kind == source.Number || v.kind == source.Bool {
			e.list = append(e.list, v)
		}
	}
	return e
}

// principals are the entries of the element. A string has no type, and so its entry's key stands nowhere.
func (m *member) principals() []principal {
	if m.value.kind == source.String {
		return []principal{{element: element{member: member{value: m.value}, list: []value{m.value}}, everyone: m.value.text == "*"}}
	}
	var out []principal
	for _, t := range members(m.value.node) {
		out = append(out, principal{element: *t.element()})
	}
	return out
}

// str is the value if it is a string.
func (v *value) str() *value {
	if v.kind != source.String {
		return nil
	}
	return v
}
