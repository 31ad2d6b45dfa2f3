package analyzer

import (
	"strings"
	"unicode/utf8"

	"iamd/policy"
	"iamd/policy/source"
)

// structureChecks are those of what stands where: AWS's grammar of policies.
var structureChecks = []func(*document){
	dataTypes, repeatedMembers, unknownElements, missingElements, elementCombinations, effects, versions, sids,
}

// documentElements and statementElements are what may stand in a policy and in a statement (IAM User Guide, "IAM JSON
// policy element reference").
var (
	documentElements  = map[string]bool{"Version": true, "Id": true, "Statement": true}
	statementElements = map[string]bool{
		"Sid": true, "Effect": true, "Principal": true, "NotPrincipal": true, "Action": true, "NotAction": true,
		"Resource": true, "NotResource": true, "Condition": true,
	}
)

// dataTypes finds values that are not of the JSON type that their element takes. A Principal that is no object is
// left to the checks of principals.
func dataTypes(d *document) {
	if d.node.Kind != source.Object {
		d.report("DATA_TYPE_MISMATCH", []place{d.root}, "data_type", "Object")
		return
	}
	for i := range d.members {
		m := &d.members[i]
		switch m.key {
		case "Version", "Id":
			d.expect(&m.value, source.String)
		case "Statement":
			for _, v := range m.list() {
				d.expect(&v, source.Object)
			}
		}
	}
	for i := range d.statement {
		d.statementTypes(&d.statement[i])
	}
}

func (d *document) statementTypes(s *statement) {
	for i := range s.members {
		m := &s.members[i]
		switch m.key {
		case "Sid", "Effect":
			d.expect(&m.value, source.String)
		case "Action", "NotAction", "Resource", "NotResource":
			for _, v := range m.list() {
				d.expect(&v, source.String)
			}
		case "Principal", "NotPrincipal":
			for _, t := range members(m.value.node) {
				for _, v := range t.list() {
					d.expect(&v, source.String)
				}
			}
		case "Condition":
			d.expect(&m.value, source.Object)
		}
	}
	for i := range s.operators {
		op := &s.operators[i]
		d.expect(&op.value, source.Object)
		for _, key := range members(op.value.node) {
			for _, v := range key.list() {
				if v.kind != source.Number && v.kind != source.Bool {
					d.expect(&v, source.String)
				}
			}
		}
	}
}

// expect reports a value of another type.
func (d *document) expect(v *value, kind source.Kind) {
	if v.kind == kind {
		return
	}
	name := "String"
	if kind == source.Object {
		name = "Object"
	}
	d.report("DATA_TYPE_MISMATCH", []place{v.place}, "data_type", name)
}

// repeatedMembers finds keys that stand twice in an object. JSON leaves open which one counts, and IAM takes neither: it
// is AWS's second text for a syntax error, the one without a position. Condition keys that differ in case have a code of
// their own.
func repeatedMembers(d *document) {
	d.twice(d.members)
	for i := range d.statement {
		s := &d.statement[i]
		d.twice(s.members)
		for _, m := range []*member{s.principal, s.notPrincipal} {
			if m != nil {
				d.twice(members(m.value.node))
			}
		}
		d.twice(s.operators)
		for j := range s.operators {
			op := &s.operators[j]
			keys := members(op.value.node)
			d.twice(keys)
			d.repeatedKeys(keys)
		}
	}
}

func (d *document) twice(list []member) {
	seen := make(map[string]bool, len(list))
	for i := range list {
		if seen[list[i].key] {
			d.reportAs("JSON_SYNTAX_ERROR", "Fix the JSON syntax error.", []place{list[i].keyAt})
		}
		seen[list[i].key] = true
	}
}

func (d *document) repeatedKeys(keys []member) {
	seen := make(map[string]string, len(keys))
	for i := range keys {
		folded := policy.FoldKey(keys[i].key)
		if first, ok := seen[folded]; ok && first != keys[i].key {
			d.report("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", []place{keys[i].keyAt}, "key", keys[i].key)
		} else if !ok {
			seen[folded] = keys[i].key
		}
	}
}

// unknownElements finds elements that policies do not have; names count with their case. An Id is for policies that
// name principals.
func unknownElements(d *document) {
	for i := range d.members {
		if m := &d.members[i]; !documentElements[m.key] || m.key == "Id" && !d.principled() {
			d.report("INVALID_POLICY_ELEMENT", []place{m.keyAt}, "element", m.key)
		}
	}
	for i := range d.statement {
		for j := range d.statement[i].members {
			if m := &d.statement[i].members[j]; !statementElements[m.key] {
				d.report("INVALID_POLICY_ELEMENT", []place{m.keyAt}, "element", m.key)
			}
		}
	}
}

// missingElements finds what a policy or a statement can't do without.
func missingElements(d *document) {
	if d.node.Kind != source.Object {
		return
	}
	found := false
	for i := range d.members {
		if m := &d.members[i]; m.key == "Statement" {
			found = true
			if m.value.kind == source.Array && len(m.value.node.Items) == 0 {
				d.report("MISSING_STATEMENT", []place{m.value.place})
			}
		}
	}
	if !found {
		d.report("MISSING_STATEMENT", []place{d.root})
	}
	for i := range d.statement {
		s := &d.statement[i]
		at := []place{s.place}
		if s.action == nil && s.notAction == nil {
			d.report("MISSING_ACTION", at)
		}
		if !s.has("Effect") {
			d.report("MISSING_EFFECT", at)
		}
		if s.resource == nil && s.notResource == nil && !d.assumed(s) {
			d.report("MISSING_RESOURCE", at)
		}
		if d.principled() && s.principal == nil && s.notPrincipal == nil {
			d.report("MISSING_PRINCIPAL", at)
		}
	}
}

func (s *statement) has(element string) bool {
	for i := range s.members {
		if s.members[i].key == element {
			return true
		}
	}
	return false
}

func elementCombinations(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if s.action != nil && s.notAction != nil {
			d.combined(&s.action.member, &s.notAction.member)
		}
		if s.resource != nil && s.notResource != nil {
			d.combined(&s.resource.member, &s.notResource.member)
		}
		if s.principal != nil && s.notPrincipal != nil {
			d.combined(s.principal, s.notPrincipal)
		}
	}
}

func (d *document) combined(a, b *member) {
	d.report("UNSUPPORTED_ELEMENT_COMBINATION", []place{a.keyAt, b.keyAt}, "element1", a.key, "element2", b.key)
}

func effects(d *document) {
	for i := range d.statement {
		if s := &d.statement[i]; s.effect != nil && !s.allow() && !s.deny() {
			d.report("INVALID_EFFECT", []place{s.effect.place}, "effect", s.effect.text)
		}
	}
}

// The versions of the policy language.
const (
	version2012 = "2012-10-17"
	version2008 = "2008-10-17"
)

func versions(d *document) {
	if v := d.version; v != nil && v.text != version2012 && v.text != version2008 {
		d.report("INVALID_VERSION", []place{v.place}, "version", v.text, "versions", version2012+", "+version2008)
	}
}

// sids finds statement ids that are not unique or not alphanumeric where IAM or Organizations keep the policy; the
// services that keep policies of resources have rules of their own, and take more.
func sids(d *document) {
	if !d.sidsRequired() {
		return
	}
	for _, at := range d.repeated() {
		d.report("UNIQUE_SIDS_REQUIRED", at)
	}
	for i := range d.statement {
		sid := d.statement[i].sid
		if sid != nil && strings.ContainsFunc(sid.text, func(c rune) bool { return c >= utf8.RuneSelf || !alphanumeric(byte(c)) }) {
			d.report("UNSUPPORTED_SID", []place{sid.place})
		}
	}
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
