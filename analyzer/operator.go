package analyzer

import "strings"

// operator is a condition operator taken apart: "ForAllValues:StringLikeIfExists".
type operator struct {
	set      string   // ForAllValues or ForAnyValue, or "" without a qualifier
	base     string   // StringLike
	family   opFamily // what it compares
	negated  bool
	like     bool // * and ? in its values are wildcards
	ifExists bool
}

// opFamily is what a condition operator compares.
type opFamily uint8

const (
	opString opFamily = iota + 1
	opNumeric
	opDate
	opBool
	opBinary
	opIP
	opARN
	opNull
)

// operators are the operators without qualifier and suffix (IAM User Guide, "Condition operators").
var operators = map[string]operator{
	"StringEquals":              {family: opString},
	"StringNotEquals":           {family: opString, negated: true},
	"StringEqualsIgnoreCase":    {family: opString},
	"StringNotEqualsIgnoreCase": {family: opString, negated: true},
	"StringLike":                {family: opString, like: true},
	"StringNotLike":             {family: opString, like: true, negated: true},
	"NumericEquals":             {family: opNumeric},
	"NumericNotEquals":          {family: opNumeric, negated: true},
	"NumericLessThan":           {family: opNumeric},
	"NumericLessThanEquals":     {family: opNumeric},
	"NumericGreaterThan":        {family: opNumeric},
	"NumericGreaterThanEquals":  {family: opNumeric},
	"DateEquals":                {family: opDate},
	"DateNotEquals":             {family: opDate, negated: true},
	"DateLessThan":              {family: opDate},
	"DateLessThanEquals":        {family: opDate},
	"DateGreaterThan":           {family: opDate},
	"DateGreaterThanEquals":     {family: opDate},
	"Bool":                      {family: opBool},
	"BinaryEquals":              {family: opBinary},
	"IpAddress":                 {family: opIP},
	"NotIpAddress":              {family: opIP, negated: true},
	"ArnEquals":                 {family: opARN, like: true},
	"ArnLike":                   {family: opARN, like: true},
	"ArnNotEquals":              {family: opARN, like: true, negated: true},
	"ArnNotLike":                {family: opARN, like: true, negated: true},
	"Null":                      {family: opNull},
}

// parseOperator takes an operator apart. It is false for one that does not exist; NullIfExists does, for those who
// want to say that it may not.
func parseOperator(name string) (operator, bool) {
	var set string
	for _, q := range [...]string{"ForAllValues", "ForAnyValue"} {
		if rest, ok := strings.CutPrefix(name, q+":"); ok {
			name, set = rest, q
			break
		}
	}
	base, ifExists := strings.CutSuffix(name, "IfExists")
	op, ok := operators[base]
	op.set, op.base, op.ifExists = set, base, ifExists
	return op, ok
}

// needsKey tells whether a condition with the operator is false when the request does not have the key.
func (op *operator) needsKey() bool {
	return !op.ifExists && op.set != "ForAllValues" && (!op.negated || op.set == "ForAnyValue") && op.family != opNull
}
