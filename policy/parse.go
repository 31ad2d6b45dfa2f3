package policy

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// ParseError says where a document stops being a policy.
type ParseError struct {
	Line, Column int    // from 1; columns in characters
	Message      string // in our words, with detail
	AWS          string // the sentence that AWS gives
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("policy: line %d column %d: %s", e.Line, e.Column, e.Message)
}

// Malformed returns the refusal that AWS gives for the error when a policy of that kind is written: AWS names broken JSON
// in a trust policy, and calls any other a syntax error.
func (e *ParseError) Malformed(k Kind) *Malformed {
	m := &Malformed{Message: e.AWS, Detail: fmt.Sprintf("line %d column %d: %s", e.Line, e.Column, e.Message), Statement: -1}
	if k == SCP || k == RCP {
		m.Message = msgOrganizations
	} else if k != Trust {
		m.Message = msgSyntax
	}
	return m
}

// Parse reads a policy document: strict JSON of at most 131,072 characters with the elements of the policy grammar, each
// of its JSON type, none twice. What the elements say is for Check. The error is a *ParseError.
func Parse(src []byte) (*Document, error) {
	if len(src) > 2*maxChars { // no allowed character takes more than two bytes
		return nil, &ParseError{1, 1, fmt.Sprintf("longer than %d characters", maxChars), msgSyntax}
	}
	d := &Document{Source: string(src)}
	var f *fault
	if !utf8.Valid(src) {
		f = &fault{at: invalidAt(src), message: "not UTF-8", json: true}
	} else {
		var n node
		if n, f = readJSON(d.Source); f == nil {
			f = d.read(&n)
		}
	}
	if f != nil {
		p := (&tracker{src: d.Source, at: Position{0, 1, 1}}).to(f.at)
		e := &ParseError{p.Line, p.Column, f.message, msgSyntax}
		if f.json {
			e.AWS = msgJSON
		}
		return nil, e
	}
	return d, nil
}

func invalidAt(src []byte) int {
	for i := 0; i < len(src); {
		c, n := utf8.DecodeRune(src[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(src)
}

// tracker turns byte offsets, asked for in rising order, into positions in one walk.
type tracker struct {
	src string
	at  Position
}

func (t *tracker) to(offset int) Position {
	for _, c := range t.src[t.at.Offset:offset] {
		if t.at.Column++; c == '\n' {
			t.at.Line, t.at.Column = t.at.Line+1, 1
		}
	}
	t.at.Offset = offset
	return t.at
}

func notPolicy(at int, format string, args ...any) *fault {
	return &fault{at: at, message: fmt.Sprintf(format, args...)}
}

func (d *Document) read(n *node) *fault {
	if n.kind != nodeObject {
		return notPolicy(n.start, "a policy is a JSON object")
	}
	statements := false
	for i := range n.members {
		m := &n.members[i]
		var f *fault
		switch m.key {
		case "Version":
			d.Version, f = m.str()
		case "Id":
			d.HasID = true
			d.ID, f = m.str()
		case "Statement":
			statements = true
			f = d.readStatements(&m.value)
		default:
			f = notPolicy(m.at, "a policy has no element %q", m.key)
		}
		if f != nil {
			return f
		}
	}
	if !statements {
		return notPolicy(n.start, "no Statement element")
	}
	return nil
}

func (d *Document) readStatements(n *node) *fault {
	list := n.items
	switch {
	case n.kind == nodeObject:
		list = []node{*n}
	case n.kind != nodeArray:
		return notPolicy(n.start, "Statement is neither an object nor a list")
	case len(list) == 0:
		return notPolicy(n.start, "Statement is empty")
	}
	t := &tracker{src: d.Source, at: Position{0, 1, 1}}
	d.Statements = make([]Statement, len(list))
	for i := range list {
		if list[i].kind != nodeObject {
			return notPolicy(list[i].start, "a statement is a JSON object")
		}
		s := &d.Statements[i]
		s.Start = t.to(list[i].start + 1)
		s.End = t.to(list[i].end)
		if f := s.read(&list[i]); f != nil {
			return f
		}
	}
	return nil
}

func (s *Statement) read(n *node) *fault {
	for i := range n.members {
		m := &n.members[i]
		var f *fault
		switch m.key {
		case "Sid":
			s.HasSID = true
			s.SID, f = m.str()
		case "Effect":
			s.Effect, f = m.str()
		case "Principal":
			s.Principal, f = m.principals()
		case "NotPrincipal":
			s.NotPrincipal, f = m.principals()
		case "Action":
			s.Action, f = m.strs(nodeString)
		case "NotAction":
			s.NotAction, f = m.strs(nodeString)
		case "Resource":
			s.Resource, f = m.strs(nodeString)
		case "NotResource":
			s.NotResource, f = m.strs(nodeString)
		case "Condition":
			s.Condition, f = m.conditions()
		default:
			f = notPolicy(m.at, "a statement has no element %q", m.key)
		}
		if f != nil {
			return f
		}
	}
	return nil
}

func (m *member) str() (string, *fault) {
	if m.value.kind != nodeString {
		return "", notPolicy(m.value.start, "%s is not a string", m.key)
	}
	return m.value.text, nil
}

// strs reads a value or a list of values of the given kinds; the result is never nil.
func (m *member) strs(kinds ...nodeKind) ([]string, *fault) {
	list := m.value.items
	if m.value.kind != nodeArray {
		list = []node{m.value}
	}
	out := make([]string, len(list))
	for i := range list {
		if !slices.Contains(kinds, list[i].kind) {
			return nil, notPolicy(list[i].start, "a value of %s has the wrong type", m.key)
		}
		out[i] = list[i].text
	}
	return out, nil
}

func (m *member) principals() (*Principals, *fault) {
	switch {
	case m.value.kind == nodeString && m.value.text == "*":
		return &Principals{Everyone: true}, nil
	case m.value.kind != nodeObject:
		return nil, notPolicy(m.value.start, `%s is neither "*" nor an object`, m.key)
	}
	p := &Principals{}
	for i := range m.value.members {
		t := &m.value.members[i]
		switch t.key {
		case principalAWS, principalService, principalFederated, principalCanonical:
		default:
			return nil, notPolicy(t.at, "%s has no key %q", m.key, t.key)
		}
		values, f := t.strs(nodeString)
		if f != nil {
			return nil, f
		}
		for _, v := range values {
			p.Named = append(p.Named, NamedPrincipal{t.key, v})
		}
	}
	return p, nil
}

func (m *member) conditions() ([]Condition, *fault) {
	if m.value.kind != nodeObject {
		return nil, notPolicy(m.value.start, "Condition is not an object")
	}
	var out []Condition
	for i := range m.value.members {
		op := &m.value.members[i]
		if op.value.kind != nodeObject {
			return nil, notPolicy(op.value.start, "the operator %s is not given an object", op.key)
		}
		if _, ok := parseOperator(op.key); !ok && len(op.value.members) == 0 {
			// With no key under it the operator would leave no trace in the document.
			return nil, notPolicy(op.at, "unknown condition operator %q", op.key)
		}
		for j := range op.value.members {
			key := &op.value.members[j]
			values, f := key.strs(nodeString, nodeNumber, nodeBool)
			if f != nil {
				return nil, f
			}
			out = append(out, Condition{op.key, key.key, values})
		}
	}
	return out, nil
}
