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
	AWS          string // the sentence that AWS gives for a trust policy; for most others it only has msgSyntax
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("policy: line %d column %d: %s", e.Line, e.Column, e.Message)
}

// Malformed returns the refusal that AWS gives for the error when a policy of that kind is written: of a trust policy AWS
// says where the fault is, of any other that there is one.
func (e *ParseError) Malformed(k Kind) *Malformed {
	m := &Malformed{Message: msgSyntax, Detail: fmt.Sprintf("line %d column %d: %s", e.Line, e.Column, e.Message), Statement: -1}
	switch {
	case k == Trust:
		m.Message = e.AWS
	case k.inOrganizations():
		m.Message = msgOrganizations
	}
	return m
}

// fault is where and why JSON is no policy. Both offsets are in bytes.
type fault struct {
	at      int // what the message is about
	value   int // the value that AWS's reader is at when it finds the fault
	message string
	aws     string // the sentence for a trust policy, if it is not that there is a syntax error at that value
}

// atKey is a fault found with a key, atValue one found with a value.
func atKey(m *source.Member, format string, args ...any) *fault {
	return &fault{at: m.At, value: m.Value.Start, message: fmt.Sprintf(format, args...)}
}

func atValue(n *source.Node, format string, args ...any) *fault {
	return &fault{at: n.Start, value: n.Start, message: fmt.Sprintf(format, args...)}
}

func noStatement(n *source.Node, message string) *fault {
	return &fault{at: n.Start, value: n.Start, message: message, aws: msgNoStatement}
}

// Parse reads a policy document: strict JSON of at most source.MaxText characters with the elements of the policy
// grammar, each of its JSON type, none twice. What the elements say is for Check. It takes time linear in the text. The
// error is a *ParseError.
func Parse(src []byte) (*Document, error) {
	if len(src) > 2*source.MaxText { // no allowed character takes more than two bytes
		return nil, &ParseError{1, 1, fmt.Sprintf("longer than %d characters", source.MaxText), msgSyntax}
	}
	d := &Document{Source: string(src)}
	n, unread := source.Read(d.Source)
	if unread != nil {
		p := source.NewTracker(d.Source).To(unread.At)
		return nil, &ParseError{p.Line, p.Column, unread.Message, msgJSON}
	}
	f := duplicates(&n)
	if f == nil {
		f = d.read(&n)
	}
	if f == nil {
		return d, nil
	}
	t := source.NewTracker(d.Source)
	p := t.To(f.at)
	if f.aws == "" {
		// AWS's reader was seen to stand just after the first character of the value.
		v := t.To(f.value + 1)
		f.aws = fmt.Sprintf(msgPosition, v.Line, v.Column)
	}
	return nil, &ParseError{p.Line, p.Column, f.message, f.aws}
}

// duplicates finds a key that stands twice in an object, or differs from another only in case.
func duplicates(n *source.Node) *fault {
	var seen map[string]string
	if len(n.Members) > 1 {
		seen = make(map[string]string, len(n.Members))
	}
	for i := range n.Members {
		m := &n.Members[i]
		if seen != nil {
			folded := FoldKey(m.Key)
			switch before, ok := seen[folded]; {
			case ok && before == m.Key:
				return atKey(m, "duplicate key %q", m.Key)
			case ok:
				return atKey(m, "keys %q and %q differ only in case", before, m.Key)
			}
			seen[folded] = m.Key
		}
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

func (d *Document) read(n *source.Node) *fault {
	if n.Kind != source.Object {
		return atValue(n, "a policy is a JSON object")
	}
	statements := false
	for i := range n.Members {
		m := &n.Members[i]
		var f *fault
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
			f = atKey(m, "a policy has no element %q", m.Key)
		}
		if f != nil {
			return f
		}
	}
	if !statements {
		return noStatement(n, "no Statement element")
	}
	return nil
}

func (d *Document) readStatements(n *source.Node) *fault {
	list := n.Items
	switch {
	case n.Kind == source.Object:
		list = []source.Node{*n}
	case n.Kind != source.Array:
		return atValue(n, "Statement is neither an object nor a list")
	case len(list) == 0:
		return noStatement(n, "Statement is empty")
	}
	t := source.NewTracker(d.Source)
	d.Statements = make([]Statement, len(list))
	for i := range list {
		if list[i].Kind != source.Object {
			return atValue(&list[i], "a statement is a JSON object")
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

func (s *Statement) read(n *source.Node) *fault {
	for i := range n.Members {
		m := &n.Members[i]
		var f *fault
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
			f = atKey(m, "a statement has no element %q", m.Key)
		}
		if f != nil {
			return f
		}
	}
	return nil
}

func str(m *source.Member) (string, *fault) {
	if m.Value.Kind != source.String {
		return "", atValue(&m.Value, "%s is not a string", m.Key)
	}
	return m.Value.Text, nil
}

// strs reads a value or a list of values of the given kinds; the result is never nil.
func strs(m *source.Member, kinds ...source.Kind) ([]string, *fault) {
	list := m.Value.Items
	if m.Value.Kind != source.Array {
		list = []source.Node{m.Value}
	}
	out := make([]string, len(list))
	for i := range list {
		if !slices.Contains(kinds, list[i].Kind) {
			return nil, atValue(&list[i], "a value of %s has the wrong type", m.Key)
		}
		out[i] = list[i].Text
	}
	return out, nil
}

func readPrincipals(m *source.Member) (*Principals, *fault) {
	switch {
	case m.Value.Kind == source.String && m.Value.Text == "*":
		return &Principals{Everyone: true}, nil
	case m.Value.Kind != source.Object:
		return nil, atValue(&m.Value, `%s is neither "*" nor an object`, m.Key)
	}
	p := &Principals{}
	for i := range m.Value.Members {
		t := &m.Value.Members[i]
		if !slices.Contains(principalTypes, t.Key) {
			return nil, atKey(t, "%s has no key %q", m.Key, t.Key)
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

func readConditions(m *source.Member) ([]Condition, *fault) {
	if m.Value.Kind != source.Object {
		return nil, atValue(&m.Value, "Condition is not an object")
	}
	out := []Condition{}
	for i := range m.Value.Members {
		op := &m.Value.Members[i]
		if op.Value.Kind != source.Object {
			return nil, atValue(&op.Value, "the operator %s is not given an object", op.Key)
		}
		if _, ok := parseOperator(op.Key); !ok && len(op.Value.Members) == 0 {
			// With no key under it the operator would leave no trace in the document.
			return nil, atKey(op, "unknown condition operator %q", op.Key)
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
