package policy

import (
	"fmt"
	"slices"

	"iamd/policy/source"
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
	if len(src) > 2*source.MaxChars { // no allowed character takes more than two bytes
		return nil, &ParseError{1, 1, fmt.Sprintf("longer than %d characters", source.MaxChars), msgSyntax}
	}
	d := &Document{Source: string(src)}
	n, f := source.Read(d.Source)
	aws := msgJSON
	if f == nil {
		aws = msgSyntax
		if f = duplicates(&n); f == nil {
			f = d.read(&n)
		}
	}
	if f != nil {
		p := source.NewTracker(d.Source).To(f.At)
		return nil, &ParseError{p.Line, p.Column, f.Message, aws}
	}
	return d, nil
}

// duplicates finds a key that stands twice in an object, or differs from another only in case.
func duplicates(n *source.Node) *source.Fault {
	seen := make(map[string]string, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		folded := FoldKey(m.Key)
		switch before, ok := seen[folded]; {
		case ok && before == m.Key:
			return notPolicy(m.At, "duplicate key %q", m.Key)
		case ok:
			return notPolicy(m.At, "keys %q and %q differ only in case", before, m.Key)
		}
		seen[folded] = m.Key
		if f := duplicates(&m.Value); f != nil {
			return f
		}
	}
	for i := range n.Items {
		if f := duplicates(&n.Items[i]); f != nil {
			return f
		}
	}
	return nil
}

func notPolicy(at int, format string, args ...any) *source.Fault {
	return &source.Fault{At: at, Message: fmt.Sprintf(format, args...)}
}

func (d *Document) read(n *source.Node) *source.Fault {
	if n.Kind != source.Object {
		return notPolicy(n.Start, "a policy is a JSON object")
	}
	statements := false
	for i := range n.Members {
		m := &n.Members[i]
		var f *source.Fault
		switch m.Key {
		case "Version":
			d.Version, f = str(m)
		case "Id":
			d.HasID = true
			d.ID, f = str(m)
		case "Statement":
			statements = true
			f = d.readStatements(&m.Value)
		default:
			f = notPolicy(m.At, "a policy has no element %q", m.Key)
		}
		if f != nil {
			return f
		}
	}
	if !statements {
		return notPolicy(n.Start, "no Statement element")
	}
	return nil
}

func (d *Document) readStatements(n *source.Node) *source.Fault {
	list := n.Items
	switch {
	case n.Kind == source.Object:
		list = []source.Node{*n}
	case n.Kind != source.Array:
		return notPolicy(n.Start, "Statement is neither an object nor a list")
	case len(list) == 0:
		return notPolicy(n.Start, "Statement is empty")
	}
	t := source.NewTracker(d.Source)
	d.Statements = make([]Statement, len(list))
	for i := range list {
		if list[i].Kind != source.Object {
			return notPolicy(list[i].Start, "a statement is a JSON object")
		}
		s := &d.Statements[i]
		s.Start = t.To(list[i].Start + 1)
		s.End = t.To(list[i].End)
		if f := s.read(&list[i]); f != nil {
			return f
		}
	}
	return nil
}

func (s *Statement) read(n *source.Node) *source.Fault {
	for i := range n.Members {
		m := &n.Members[i]
		var f *source.Fault
		switch m.Key {
		case "Sid":
			s.HasSID = true
			s.SID, f = str(m)
		case "Effect":
			s.Effect, f = str(m)
		case "Principal":
			s.Principal, f = readPrincipals(m)
		case "NotPrincipal":
			s.NotPrincipal, f = readPrincipals(m)
		case "Action":
			s.Action, f = strs(m, source.String)
		case "NotAction":
			s.NotAction, f = strs(m, source.String)
		case "Resource":
			s.Resource, f = strs(m, source.String)
		case "NotResource":
			s.NotResource, f = strs(m, source.String)
		case "Condition":
			s.Condition, f = readConditions(m)
		default:
			f = notPolicy(m.At, "a statement has no element %q", m.Key)
		}
		if f != nil {
			return f
		}
	}
	return nil
}

func str(m *source.Member) (string, *source.Fault) {
	if m.Value.Kind != source.String {
		return "", notPolicy(m.Value.Start, "%s is not a string", m.Key)
	}
	return m.Value.Text, nil
}

// strs reads a value or a list of values of the given kinds; the result is never nil.
func strs(m *source.Member, kinds ...source.Kind) ([]string, *source.Fault) {
	list := m.Value.Items
	if m.Value.Kind != source.Array {
		list = []source.Node{m.Value}
	}
	out := make([]string, len(list))
	for i := range list {
		if !slices.Contains(kinds, list[i].Kind) {
			return nil, notPolicy(list[i].Start, "a value of %s has the wrong type", m.Key)
		}
		out[i] = list[i].Text
	}
	return out, nil
}

func readPrincipals(m *source.Member) (*Principals, *source.Fault) {
	switch {
	case m.Value.Kind == source.String && m.Value.Text == "*":
		return &Principals{Everyone: true}, nil
	case m.Value.Kind != source.Object:
		return nil, notPolicy(m.Value.Start, `%s is neither "*" nor an object`, m.Key)
	}
	p := &Principals{}
	for i := range m.Value.Members {
		t := &m.Value.Members[i]
		switch t.Key {
		case principalAWS, principalService, principalFederated, principalCanonical:
		default:
			return nil, notPolicy(t.At, "%s has no key %q", m.Key, t.Key)
		}
		values, f := strs(t, source.String)
		if f != nil {
			return nil, f
		}
		for _, v := range values {
			p.Named = append(p.Named, NamedPrincipal{t.Key, v})
		}
	}
	return p, nil
}

func readConditions(m *source.Member) ([]Condition, *source.Fault) {
	if m.Value.Kind != source.Object {
		return nil, notPolicy(m.Value.Start, "Condition is not an object")
	}
	var out []Condition
	for i := range m.Value.Members {
		op := &m.Value.Members[i]
		if op.Value.Kind != source.Object {
			return nil, notPolicy(op.Value.Start, "the operator %s is not given an object", op.Key)
		}
		if _, ok := parseOperator(op.Key); !ok && len(op.Value.Members) == 0 {
			// With no key under it the operator would leave no trace in the document.
			return nil, notPolicy(op.At, "unknown condition operator %q", op.Key)
		}
		for j := range op.Value.Members {
			key := &op.Value.Members[j]
			values, f := strs(key, source.String, source.Number, source.Bool)
			if f != nil {
				return nil, f
			}
			out = append(out, Condition{op.Key, key.Key, values})
		}
	}
	return out, nil
}
