package analyzer

import "strings"

// variableChecks are those of policy variables (IAM User Guide, "IAM policy elements: Variables and tags").
var variableChecks = []func(*document){variables, misplacedVariables}

// variable is a ${…} in a string: its bytes from start up to end, and what stands between the braces. open is set for one
// without a closing brace, which goes to the end of the string or to the next one.
type variable struct {
	start, end int
	text       string
	open       bool
}

func readVariables(s string) []variable {
	var out []variable
	for at := 0; ; {
		i := strings.Index(s[at:], "${")
		if i < 0 {
			return out
		}
		v := variable{start: at + i}
		rest := s[v.start+2:]
		if next := strings.Index(rest, "${"); next >= 0 {
			rest = rest[:next]
		}
		if end := strings.IndexByte(rest, '}'); end >= 0 {
			v.text, v.end = rest[:end], v.start+2+end+1
		} else {
			v.open, v.end = true, v.start+2+len(rest)
		}
		at = v.end
		out = append(out, v)
	}
}

// literal tells whether the variable is ${*}, ${?} or ${$}, which stand for those characters.
func (v *variable) literal() bool { return v.text == "*" || v.text == "?" || v.text == "$" }

// fault is the code of what is wrong with a variable, or "".
func (v *variable) fault() string {
	if v.open {
		return "MISSING_BRACE_IN_VARIABLE"
	}
	name, fallback, defaulted := strings.Cut(v.text, ",")
	fallback = strings.TrimSpace(fallback)
	switch {
	case strings.TrimSpace(v.text) == "":
		return "EMPTY_VARIABLE"
	case strings.ContainsAny(name, " \t"):
		return "UNSUPPORTED_SPACE_IN_VARIABLE"
	case defaulted && (len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\''):
		return "MISSING_QUOTE_IN_VARIABLE"
	}
	return ""
}

// variables looks at variables where they may stand: in resources and in the values of conditions.
func variables(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		for _, e := range []*element{s.resource, s.notResource} {
			if e != nil {
				for j := range e.list {
					d.variable(&e.list[j], true)
				}
			}
		}
		for j := range s.conditions {
			c := &s.conditions[j]
			op, ok := parseOperator(c.operator.key)
			for k := range c.list {
				d.variable(&c.list[k], !ok || op.family == opString || op.family == opARN)
			}
		}
	}
}

// variable reports what is wrong with the variables of a value, maxNamed of them at most, which stand under an operator
// that takes some or not. In a document of version 2008-10-17 they are plain text; of a version that there is not, nothing is said.
func (d *document) variable(v *value, taken bool) {
	if d.version != nil && d.version.text != version2012 && d.version.text != version2008 {
		return
	}
	n := 0
	for _, x := range readVariables(v.text) {
		code := x.fault()
		switch {
		case !d.variables():
			if code != "" || x.literal() {
				continue
			}
			code = "VARIABLE_UNSUPPORTED_IN_VERSION"
		case !taken:
			code = "INVALID_VARIABLE_FOR_OPERATOR"
		case code == "":
			continue
		}
		if n++; n > maxNamed {
			return // each place is counted from the start of the value
		}
		d.report(code, []place{v.part(x.start, x.end)})
	}
}

// misplacedVariables finds variables in the elements that take none.
func misplacedVariables(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		for _, v := range []*value{s.sid, s.effect} {
			if v != nil {
				d.misplaced(v)
			}
		}
		for _, e := range []*element{s.action, s.notAction} {
			if e != nil {
				for j := range e.list {
					d.misplaced(&e.list[j])
				}
			}
		}
		for _, list := range [][]principal{s.principals, s.notPrincipals} {
			for j := range list {
				for k := range list[j].list {
					d.misplaced(&list[j].list[k])
				}
			}
		}
	}
}

func (d *document) misplaced(v *value) {
	n := 0
	for _, x := range readVariables(v.text) {
		if n++; !x.open && n <= maxNamed {
			d.report("VARIABLE_UNSUPPORTED_IN_ELEMENT", []place{v.part(x.start, x.end)}, "variable", v.text[x.start:x.end])
		}
	}
}
