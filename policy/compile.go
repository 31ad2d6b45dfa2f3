package policy

// Compiled is a document made ready for decisions. It is immutable and may be shared by any number of requests.
type Compiled struct {
	denies, allows statements
	keys           []string
}

// CompileOptions say what a document alone does not.
type CompileOptions struct {
	// Principals binds AWS principals, as written in the document, to the unique ids that they had when it was written.
	// A bound principal matches only a caller with that unique id, never one by its ARN.
	Principals map[string]string
}

// statement is a compiled Statement. Elements and conditions that say the same are one in all of a document.
type statement struct {
	index      int // in the document
	actions    *actions
	resources  *resources
	principals *principals
	conditions []*condition
	deny       bool
	sid        string
	start, end Position
}

// statements are those of one effect, in the order of the document.
type statements struct {
	list     []statement
	services services // what all of them may cover together
	filters  []filter // of more than a few, in order
	index    *index   // in place of filters, for many
}

// Compile makes a document ready for decisions. It takes any document that Parse returns, also one that Check refuses:
// what can't be evaluated denies. For a nil document it returns nil, which as a policy denies everything.
func Compile(d *Document, opt CompileOptions) *Compiled {
	if d == nil {
		return nil
	}
	c := &Compiled{}
	c.denies.list = make([]statement, 0, len(d.Statements)-d.allows())
	c.allows.list = make([]statement, 0, d.allows())
	e := newElements(d)
	for i := range d.Statements {
		s := &d.Statements[i]
		out := statement{
			index:      i,
			actions:    e.action(s),
			resources:  e.resource(s),
			principals: e.principal(s, opt.Principals),
			conditions: make([]*condition, len(s.Condition)),
			deny:       s.denies(),
			sid:        s.SID,
			start:      s.Start,
			end:        s.End,
		}
		for j := range s.Condition {
			out.conditions[j] = e.condition(&s.Condition[j])
		}
		if out.deny {
			c.denies.list = append(c.denies.list, out)
		} else {
			c.allows.list = append(c.allows.list, out)
		}
	}
	c.keys = e.keys.keys
	c.denies.prepare()
	c.allows.prepare()
	return c
}

// denies tells whether the statement can only deny, as one does whose effect is neither Allow nor Deny.
func (s *Statement) denies() bool { return s.Effect != "Allow" }

// allows counts the statements that can allow.
func (d *Document) allows() int {
	n := 0
	for i := range d.Statements {
		if !d.Statements[i].denies() {
			n++
		}
	}
	return n
}

// Up to a few statements need no filters: to look at them is no slower. Fewer than many need no index: to go through their
// filters is no slower.
const (
	few  = 4
	many = 48
)

func (s *statements) prepare() {
	for i := range s.list {
		s.services |= s.list[i].actions.services
	}
	if len(s.list) >= many {
		s.index = newIndex(s.list)
	} else if len(s.list) > few {
		for i := range s.list {
			s.filters = append(s.filters, s.list[i].filters(i)...)
		}
	}
}

// ContextKeys lists the condition keys that the document refers to in conditions and variables, each once, as written
// and in order.
func (c *Compiled) ContextKeys() []string {
	if c == nil {
		return nil
	}
	return append([]string(nil), c.keys...)
}
