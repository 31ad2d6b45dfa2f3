package policy

import (
	"strings"
	"unique"
)

// A condition asks whether the request's value for a key fits any of the policy's values, by the rules of a family of
// operators. Negation, set prefixes and missing keys are the same for all families and are settled here.
type condition struct {
	operator
	name    string // of the operator, as written
	key     string // folded
	written string // the key as written
	values  values
	fault   string
	count   int // of the policy's values
	bytes   int // in them
	// said is the whole of it: conditions that say the same, in whatever document, are answered once for a request, in
	// this slot of the memory.
	said unique.Handle[string]
	slot uint8
}

// values are the policy's under one family of operators.
type values interface {
	// parts lists the variables among them.
	parts() []part
}

// operator is a condition operator taken apart.
type operator struct {
	family   family
	negated  bool
	ifExists bool
	set      setPrefix
}

type setPrefix uint8

const (
	setNone setPrefix = iota
	setAll            // ForAllValues
	setAny            // ForAnyValue
)

type family uint8

const (
	familyString family = iota
	familyStringIgnoreCase
	familyStringLike
	familyNumeric
	familyNumericLess
	familyNumericLessEquals
	familyNumericGreater
	familyNumericGreaterEquals
	familyDate
	familyDateLess
	familyDateLessEquals
	familyDateGreater
	familyDateGreaterEquals
	familyBool
	familyBinary
	familyIP
	familyARN
	familyNull
)

// operators are the names without prefix and suffix.
var operators = map[string]operator{
	"StringEquals":              {family: familyString},
	"StringNotEquals":           {family: familyString, negated: true},
	"StringEqualsIgnoreCase":    {family: familyStringIgnoreCase},
	"StringNotEqualsIgnoreCase": {family: familyStringIgnoreCase, negated: true},
	"StringLike":                {family: familyStringLike},
	"StringNotLike":             {family: familyStringLike, negated: true},
	"NumericEquals":             {family: familyNumeric},
	"NumericNotEquals":          {family: familyNumeric, negated: true},
	"NumericLessThan":           {family: familyNumericLess},
	"NumericLessThanEquals":     {family: familyNumericLessEquals},
	"NumericGreaterThan":        {family: familyNumericGreater},
	"NumericGreaterThanEquals":  {family: familyNumericGreaterEquals},
	"DateEquals":                {family: familyDate},
	"DateNotEquals":             {family: familyDate, negated: true},
	"DateLessThan":              {family: familyDateLess},
	"DateLessThanEquals":        {family: familyDateLessEquals},
	"DateGreaterThan":           {family: familyDateGreater},
	"DateGreaterThanEquals":     {family: familyDateGreaterEquals},
	"Bool":                      {family: familyBool},
	"BinaryEquals":              {family: familyBinary},
	"IpAddress":                 {family: familyIP},
	"NotIpAddress":              {family: familyIP, negated: true},
	"ArnEquals":                 {family: familyARN},
	"ArnLike":                   {family: familyARN},
	"ArnNotEquals":              {family: familyARN, negated: true},
	"ArnNotLike":                {family: familyARN, negated: true},
	"Null":                      {family: familyNull},
}

// parseOperator takes an operator apart; it is false for one that does not exist.
func parseOperator(name string) (operator, bool) {
	set := setNone
	if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		name, set = rest, setAll
	} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		name, set = rest, setAny
	}
	name, ifExists := strings.CutSuffix(name, "IfExists")
	op, ok := operators[name]
	op.set, op.ifExists = set, ifExists
	return op, ok && !(ifExists && op.family == familyNull)
}

func (f family) isDate() bool { return familyDate <= f && f <= familyDateGreaterEquals }

func compileCondition(c *Condition, variables bool) *condition {
	out := &condition{name: c.Operator, key: FoldKey(c.Key), written: c.Key, count: len(c.Values)}
	for _, v := range c.Values {
		out.bytes += len(v)
	}
	op, ok := parseOperator(c.Operator)
	if !ok {
		out.fault = "unknown condition operator " + c.Operator
		return out
	}
	out.operator = op
	switch f := op.family; {
	case f <= familyStringLike:
		out.values = compileStrings(c.Values, f, variables, out.key == tagKeys)
	case f <= familyNumericGreaterEquals:
		out.values = compileNumbers(c.Values, f-familyNumeric)
	case f.isDate():
		out.values = compileDates(c.Values, f-familyDate)
	case f == familyBool:
		out.values = compileBools(c.Values)
	case f == familyBinary:
		out.values = compileBinaries(c.Values)
	case f == familyIP:
		out.values = compilePrefixes(c.Values)
	case f == familyARN:
		out.values = compileARNs(c.Values, op.negated, variables)
	case f == familyNull:
		out.values = compileNull(c.Values)
	}
	return out
}

// eval tells whether the request meets the condition.
func (c *condition) eval(q *query) truth {
	if c.fault != "" {
		return unclear
	}
	values, multi, ok := q.req.Context.get(c.key)
	switch {
	case c.family == familyNull && c.set == setNone:
		return evalNull(c.values.(flags), ok)
	case c.family == familyNull:
		// A test of presence has no values that a set could be made of: it holds for all of them, and for none.
		return truthOf(c.set == setAll)
	}
	switch c.set {
	case setAll:
		if !ok || len(values) == 1 && values[0] == "" {
			return yes // nothing to check; a single empty string counts as nothing
		}
		t := yes
		for _, v := range values {
			if t = t.and(c.one(q, v)); t == no {
				break
			}
		}
		return t
	case setAny:
		if !ok && c.ifExists {
			// Whether IfExists turns the "false" of ForAnyValue for a missing key into "true" is open.
			return unclear
		}
		t := no
		for _, v := range values {
			if t = t.or(c.one(q, v)); t == yes {
				break
			}
		}
		return t
	}
	switch {
	case !ok:
		return truthOf(c.ifExists || c.negated)
	case multi:
		// An operator without a set prefix has no meaning for a multivalued key. That AWS takes it as false is not
		// verified, and a Deny must not fall for it.
		return unclear
	}
	return c.one(q, values[0])
}

// one applies the operator to one value of the request.
func (c *condition) one(q *query, value string) truth {
	if t := c.fits(q, value); !c.negated {
		return t
	} else {
		return t.not()
	}
}

// fits tells whether a value of the request fits any of the policy's; one that can't be read is unclear.
func (c *condition) fits(q *query, value string) truth {
	switch v := c.values.(type) {
	case *texts:
		return v.match(q.req.Context, value)
	case *numbers:
		return v.match(value)
	case *dates:
		t, ok := q.date.from(value, parseDate)
		return v.match(*t, ok)
	case flags:
		return v.match(value)
	case *binaries:
		return v.match(value)
	case *prefixes:
		a, ok := q.address.from(value, parseAddr)
		return v.match(*a, ok)
	case *arns:
		a, ok := q.arn.from(value, cutARN)
		return v.match(q.req.Context, a, ok && a[0] == "arn")
	}
	return unclear
}

// keys adds the keys that the condition refers to, as written.
func (c *condition) keys(to *keyList) {
	to.add(c.written)
	if c.values != nil {
		to.variables(c.values.parts())
	}
}
