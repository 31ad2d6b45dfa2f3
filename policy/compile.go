package policy

// Compiled is a document made ready for decisions. It is immutable and may be shared by any number of requests.
type Compiled struct {
	denies, allows []statement
	keys           []string
}

// CompileOptions say what a document alone does not.
type CompileOptions struct {
	// Principals binds AWS principals, as written in the document, to the unique ids that they had when it was written.
	// A bound principal matches only a caller with that unique id, never one by its ARN.
	Principals map[string]string
}

// statement is a compiled Statement.
type statement struct {
	deny       bool
	index      int // in the document
	sid        string
	start, end Position
	actions    actions
	principals principals
	resources  resources
	conditions []condition
}

// Compile makes a document ready for decisions. It takes any document that Parse returns, also one that Check refuses:
// what can't be evaluated denies. For a nil document it returns nil, which as a policy denies everything.
func Compile(d *Document, opt CompileOptions) *Compiled {
	if d == nil {
		return nil
	}
	c := &Compiled{}
	var keys keyList
	for i := range d.Statements {
		s := &d.Statements[i]
		out := statement{
			deny:       s.Effect != "Allow", // an effect that is neither can only deny
			index:      i,
			sid:        s.SID,
			start:      s.Start,
			end:        s.End,
			actions:    compileActions(s),
			principals: compilePrincipals(s, opt.Principals),
			resources:  compileResources(s, d.Variables()),
		}
		for j := range s.Condition {
			out.conditions = append(out.conditions, compileCondition(&s.Condition[j], d.Variables()))
		}
		if out.deny {
			c.denies = append(c.denies, out)
		} else {
			c.allows = append(c.allows, out)
		}
		out.keys(&keys)
	}
	c.keys = keys.keys
	return c
}

// keys adds the condition keys that the statement refers to.
func (s *statement) keys(to *keyList) {
	for i := range s.resources.patterns {
		to.variables(s.resources.patterns[i].parts)
	}
	for i := range s.conditions {
		s.conditions[i].keys(to)
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
