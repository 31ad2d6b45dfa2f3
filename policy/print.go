package policy

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// Format returns the document as the one JSON text that stands for what it says: the elements in the order of the
// grammar, indented by four spaces as AWS's console does, a list of one value as that value, statements always as a
// list, what IAM takes in no document escaped. Parse reads back the same document, positions and source apart, if the
// text is no longer than it takes. The error names what no JSON text could say: a string that is not UTF-8, a condition
// given twice, "*" next to other principals, no statement.
func (d *Document) Format() ([]byte, error) {
	p := printer{}
	p.document(d)
	if p.err != nil {
		return nil, fmt.Errorf("policy: %w", p.err)
	}
	return append(p.b, '\n'), nil
}

// MarshalJSON is Format, for documents inside other JSON.
func (d *Document) MarshalJSON() ([]byte, error) { return d.Format() }

// printer writes JSON. After the first error, what it writes means nothing.
type printer struct {
	b     []byte
	depth int
	first bool // nothing stands in the innermost object or list yet
	err   error
}

func (p *printer) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// open begins an object or a list, end closes it; item begins a line for what comes next in it.
func (p *printer) open(bracket byte) {
	p.b = append(p.b, bracket)
	p.depth++
	p.first = true
}

func (p *printer) end(bracket byte) {
	p.depth--
	if !p.first {
		p.line()
	}
	p.b = append(p.b, bracket)
	p.first = false
}

func (p *printer) item() {
	if !p.first {
		p.b = append(p.b, ',')
	}
	p.first = false
	p.line()
}

const indentation = "    "

func (p *printer) line() {
	p.b = append(p.b, '\n')
	for range p.depth {
		p.b = append(p.b, indentation...)
	}
}

func (p *printer) key(s string) {
	p.item()
	p.text(s)
	p.b = append(p.b, ": "...)
}

// field writes a member whose value is a string.
func (p *printer) field(key, value string) {
	p.key(key)
	p.text(value)
}

// values writes a list of strings, one alone as itself.
func (p *printer) values(list []string) {
	if len(list) == 1 {
		p.text(list[0])
		return
	}
	p.open('[')
	for _, v := range list {
		p.item()
		p.text(v)
	}
	p.end(']')
}

// text writes a string. All that IAM takes in no document, and what JSON reserves, is escaped.
func (p *printer) text(s string) {
	if !utf8.ValidString(s) {
		p.fail("%q is not UTF-8", s)
		return
	}
	p.b = append(p.b, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			p.b = append(p.b, '\\', byte(c))
		case c == '\n':
			p.b = append(p.b, `\n`...)
		case c == '\r':
			p.b = append(p.b, `\r`...)
		case c == '\t':
			p.b = append(p.b, `\t`...)
		case c > 0xFFFF:
			high, low := utf16.EncodeRune(c)
			p.b = fmt.Appendf(p.b, `\u%04x\u%04x`, high, low)
		case c < ' ' || c > 0xFF:
			p.b = fmt.Appendf(p.b, `\u%04x`, c)
		default:
			p.b = utf8.AppendRune(p.b, c)
		}
	}
	p.b = append(p.b, '"')
}

// document, statement and the rest write the elements that are there.

func (p *printer) document(d *Document) {
	if len(d.Statements) == 0 {
		p.err = errors.New("a document without a statement")
		return
	}
	p.open('{')
	if d.Version != "" {
		p.field("Version", d.Version)
	}
	if d.HasID || d.ID != "" {
		p.field("Id", d.ID)
	}
	p.key("Statement")
	p.open('[')
	for i := range d.Statements {
		p.item()
		p.statement(&d.Statements[i])
	}
	p.end(']')
	p.end('}')
}

func (p *printer) statement(s *Statement) {
	p.open('{')
	if s.HasSID || s.SID != "" {
		p.field("Sid", s.SID)
	}
	if s.Effect != "" {
		p.field("Effect", s.Effect)
	}
	p.principals("Principal", s.Principal)
	p.principals("NotPrincipal", s.NotPrincipal)
	for _, e := range [...]struct {
		key    string
		values []string
	}{{"Action", s.Action}, {"NotAction", s.NotAction}, {"Resource", s.Resource}, {"NotResource", s.NotResource}} {
		if e.values != nil {
			p.key(e.key)
			p.values(e.values)
		}
	}
	if s.Condition != nil {
		p.key("Condition")
		p.conditions(s.Condition)
	}
	p.end('}')
}

// principals writes the types in the order in which they come first.
func (p *printer) principals(key string, el *Principals) {
	if el == nil {
		return
	}
	if el.Everyone {
		if len(el.Named) > 0 {
			p.fail(`%s names "*" next to others`, key)
		}
		p.field(key, "*")
		return
	}
	values := map[string][]string{}
	var order []string
	for _, n := range el.Named {
		if values[n.Type] == nil {
			order = append(order, n.Type)
		}
		values[n.Type] = append(values[n.Type], n.Value)
	}
	p.key(key)
	p.open('{')
	for _, t := range order {
		if !slices.Contains(principalTypes, t) {
			p.fail("%s has no key %q", key, t)
		}
		p.key(t)
		p.values(values[t])
	}
	p.end('}')
}

// conditions writes what stands under one operator together, where the operator comes first.
func (p *printer) conditions(list []Condition) {
	type block struct {
		operator   string
		conditions []*Condition
		keys       map[string]bool // folded
	}
	var blocks []*block
	named := map[string]*block{} // by the operator, folded
	for i := range list {
		c := &list[i]
		b := named[FoldKey(c.Operator)]
		if b == nil {
			b = &block{operator: c.Operator, keys: map[string]bool{}}
			named[FoldKey(c.Operator)] = b
			blocks = append(blocks, b)
		}
		if b.operator != c.Operator {
			p.fail("operators %q and %q differ only in case", b.operator, c.Operator)
		}
		if b.keys[FoldKey(c.Key)] {
			p.fail("%s has %q twice", c.Operator, c.Key)
		}
		b.keys[FoldKey(c.Key)] = true
		b.conditions = append(b.conditions, c)
	}
	p.open('{')
	for _, b := range blocks {
		p.key(b.operator)
		p.open('{')
		for _, c := range b.conditions {
			p.key(c.Key)
			p.values(c.Values)
		}
		p.end('}')
	}
	p.end('}')
}
