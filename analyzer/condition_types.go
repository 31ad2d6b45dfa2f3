package analyzer

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"iamd/catalog"
)

// conditionTypeChecks are those of whether operator, key and values of a condition are of one type.
var conditionTypeChecks = []func(*document){
	keyTypes,
	valueTypes,
	qualifiers,
	redundantNumbers,
}

// eachCondition calls f for every condition whose operator exists.
func (d *document) eachCondition(f func(s *statement, c *condition, op operator)) {
	for i := range d.statement {
		s := &d.statement[i]
		for j := range s.conditions {
			if op, ok := parseOperator(s.conditions[j].operator.key); ok {
				f(s, &s.conditions[j], op)
			}
		}
	}
}

// keyType is the type of a key's values, and whether it has many. AWS does not list the claims of most identity
// providers; of these an audience is known to be one string.
func keyType(key string) (kind string, many, ok bool) {
	kind, ok = catalog.ConditionKeyType(key)
	if !ok && audience(key) {
		return "String", false, true
	}
	kind, many = strings.CutPrefix(kind, "ArrayOf")
	return kind, many, ok
}

func audience(key string) bool { return strings.HasSuffix(strings.ToLower(key), ":aud") }

// familyNames is what AWS calls the operators of a family. In its findings, string and ARN are so written; the others
// follow the first.
var familyNames = map[opFamily]string{
	opString: "string", opNumeric: "numeric", opDate: "date", opBool: "boolean", opBinary: "binary", opIP: "IP address", opARN: "ARN",
}

// typeNames is what AWS calls the type of operator that a type of key needs; the findings have the first three.
var typeNames = map[string]string{
	"String": "String", "ARN": "ARN", "Bool": "Boolean", "Numeric": "Numeric", "Date": "Date", "IPAddress": "IP address",
}

// fit are the families of operators that compare a type of key. An ARN is also a string: StringEquals compares it well,
// and StringLike has a code of its own.
var fit = map[string][]opFamily{
	"String": {opString}, "ARN": {opARN, opString}, "Bool": {opBool}, "Numeric": {opNumeric}, "Date": {opDate}, "IPAddress": {opIP},
}

// keyTypes: an operator that is not made for the key's type.
func keyTypes(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		kind, _, ok := keyType(c.key)
		families, known := fit[kind]
		if !ok || !known || op.family == opNull || op.family == opNumeric && strings.EqualFold(c.key, "aws:EpochTime") {
			return
		}
		code := "TYPE_MISMATCH"
		if kind == "ARN" && op.family == opString && op.like {
			code = "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"
		} else if slices.Contains(families, op.family) {
			return
		}
		d.report(code, []place{c.keyAt}, "allowed", typeNames[kind], "operator", familyNames[op.family], "key", c.key)
	})
}

// valueTypes: values that the operator can't read. Values with variables are not known before a request.
func valueTypes(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		for i := range c.list {
			v := &c.list[i]
			if strings.Contains(v.text, "${") {
				continue
			}
			at := []place{v.place}
			switch op.family {
			case opString:
				if !op.like && wild(v.text) {
					d.report("WILDCARD_WITHOUT_LIKE_OPERATOR", at)
				}
			case opBool, opNull:
				if !strings.EqualFold(v.text, "true") && !strings.EqualFold(v.text, "false") {
					d.report("TYPE_MISMATCH_BOOLEAN", at, "operator", c.operator.key)
				}
			case opNumeric:
				if _, ok := number(v.text); !ok {
					d.report("TYPE_MISMATCH_NUMBER", at, "operator", c.operator.key)
				}
			case opBinary:
				if _, err := base64.StdEncoding.DecodeString(v.text); err != nil {
					d.report("TYPE_MISMATCH_STRING", at, "operator", c.operator.key)
				}
			case opDate:
				switch {
				case epoch(v.text):
					// The time since 1970 is what that key has.
					if !strings.EqualFold(c.key, "aws:EpochTime") {
						d.report("INVALID_DATE_VALUE", at, "date", v.text)
					}
				case !date(v.text):
					d.report("TYPE_MISMATCH_DATE", at)
				}
			case opIP:
				if _, ok := ipRange(v.text); !ok {
					d.report("TYPE_MISMATCH_IP_RANGE", at, "operator", c.operator.key)
				}
			}
		}
	})
}

// number reads an integer or a decimal.
func number(s string) (float64, bool) {
	if strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false // what strconv reads besides: hexadecimal, Inf, NaN
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// epoch tells whether a text is whole seconds, which a year alone looks like too.
func epoch(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// dateLayouts are the forms of ISO 8601 that dates come in; fractions of a second are read with any.
var dateLayouts = []string{
	"2006-01-02", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02T15:04:05Z0700", "2006-01", "20060102T150405Z07:00", "20060102T150405Z0700",
}

func date(s string) bool {
	if len(s) > 10 && (s[10] == ' ' || s[10] == 't') {
		s = s[:10] + "T" + s[11:]
	}
	return slices.ContainsFunc(dateLayouts, func(layout string) bool {
		_, err := time.Parse(layout, s)
		return err == nil
	})
}

// qualifiers: ForAllValues holds when the key is missing, so that an Allow says less than it seems to; unless the
// statement asks for the key.
func qualifiers(d *document) {
	d.eachCondition(func(s *statement, c *condition, op operator) {
		if op.set == "" {
			return
		}
		if op.family == opNull {
			d.report("NULL_WITH_QUALIFIER", []place{c.operator.keyAt})
			return
		}
		_, many, ok := keyType(c.key)
		switch {
		case !ok || many || !s.allow():
		case op.set == "ForAllValues" && !s.needs(c.key):
			d.report("FORALLVALUES_WITH_SINGLE_VALUED_KEY", []place{c.value.place}, "key", c.key)
		case op.set == "ForAnyValue" && audience(c.key):
			d.report("FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", []place{c.value.place}, "key", c.key)
		}
	})
}

// needs tells whether a statement has a Null condition that is false without the key.
func (s *statement) needs(key string) bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool {
		return c.operator.key == "Null" && strings.EqualFold(c.key, key) && len(c.list) == 1 && strings.EqualFold(c.list[0].text, "false")
	})
}

// redundantNumbers: of several bounds one decides.
func redundantNumbers(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		which := ""
		switch {
		case strings.HasPrefix(op.base, "NumericLess"):
			which = "greatest"
		case strings.HasPrefix(op.base, "NumericGreater"):
			which = "least"
		}
		if which == "" || len(c.list) < 2 || slices.ContainsFunc(c.list, func(v value) bool { _, ok := number(v.text); return !ok }) {
			return
		}
		d.report("REDUNDANT_CONDITION_VALUE_NUM", []place{c.value.place}, "operator", c.operator.key, "greatest/least", which, "key", c.key)
	})
}
