package analyzer

import (
	"slices"

	"iamd/policy/source"
)

// emptyChecks are those of elements that are there and say nothing.
var emptyChecks = []func(*document){
	emptyLists,
	emptyPrincipals,
	emptyConditions,
	emptySids,
	missingVersion,
}

// empty tells whether a value is a list or an object with nothing in it.
func (v *value) empty(kind source.Kind) bool {
	return v.kind == kind && len(v.node.Items)+len(v.node.Members) == 0
}

func emptyLists(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		for _, e := range []struct {
			of   *element
			code string
		}{
			{s.action, "EMPTY_ARRAY_ACTION"}, {s.notAction, "EMPTY_ARRAY_ACTION"},
			{s.resource, "EMPTY_ARRAY_RESOURCE"}, {s.notResource, "EMPTY_ARRAY_RESOURCE"},
		} {
			if e.of != nil && e.of.value.empty(source.Array) {
				d.report(e.code, []place{e.of.value.place})
			}
		}
	}
}

// emptyPrincipals: a principal element none of whose types names anyone.
func emptyPrincipals(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		for _, p := range []struct {
			element *member
			types   []principal
		}{{s.principal, s.principals}, {s.notPrincipal, s.notPrincipals}} {
			switch {
			case p.element == nil:
			case p.element.value.empty(source.Object):
				d.report("EMPTY_OBJECT_PRINCIPAL", []place{p.element.value.place})
			case len(p.types) > 0 && !slices.ContainsFunc(p.types, func(t principal) bool { return !t.value.empty(source.Array) }):
				var at []place
				for _, t := range p.types {
					at = append(at, t.value.place)
				}
				d.report("EMPTY_ARRAY_PRINCIPAL", at)
			}
		}
	}
}

// emptyConditions: a condition element or an operator without keys, and a key without values.
func emptyConditions(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if s.condition != nil && s.condition.value.empty(source.Object) {
			d.report("EMPTY_OBJECT_CONDITION", []place{s.condition.value.place})
		}
		for j := range s.operators {
			if v := &s.operators[j].value; v.empty(source.Object) {
				d.report("EMPTY_OBJECT_CONDITION", []place{v.place})
			}
		}
		for j := range s.conditions {
			c := &s.conditions[j]
			if !c.value.empty(source.Array) {
				continue
			}
			op, _ := parseOperator(c.operator.key)
			code := "EMPTY_ARRAY_CONDITION"
			switch {
			case op.set == "ForAllValues":
				code = "EMPTY_ARRAY_CONDITION_FORALLVALUES"
			case op.set == "ForAnyValue":
				code = "EMPTY_ARRAY_CONDITION_FORANYVALUE"
			case op.ifExists:
				code = "EMPTY_ARRAY_CONDITION_IFEXISTS"
			}
			d.report(code, []place{c.value.place}, "key", c.key)
		}
	}
}

func emptySids(d *document) {
	for i := range d.statement {
		if sid := d.statement[i].sid; sid != nil && sid.text == "" {
			d.report("EMPTY_SID_VALUE", []place{sid.place})
		}
	}
}

// missingVersion: without a Version the policy is one of 2008.
func missingVersion(d *document) {
	if d.node.Kind == source.Object && !slices.ContainsFunc(d.members, func(m member) bool { return m.key == "Version" }) {
		d.report("MISSING_VERSION", []place{d.root})
	}
}
