package wire

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	// maxFaults bounds how many violations one answer lists.
	maxFaults = 10
	// maxEchoedValue bounds what an answer repeats of a value, in bytes.
	maxEchoedValue = 2048
)

// Validate holds an input struct, or a pointer to it, against the limits that
// the service's model sets for op: required members, enums, patterns, lengths
// and ranges. The error is AWS's: one ValidationError that lists the violations
// in the model's order, or Organizations' InvalidInputException for the first, or
// Access Analyzer's ValidationException with the members beside the text. IAM never repeats a value; the others do, unless the model calls it sensitive.
// An operation that the models do not know is an InternalFailure.
func Validate(op Op, in any) error {
	i, ok := findOperation(op)
	if !ok {
		return internal("no operation %s:%s", op.Service, op.Name)
	}
	l, v, _, err := limitsOfValue(i, in)
	if err != nil {
		return err
	}
	w := validators.Get().(*validator)
	w.service, w.op, w.path = op.Service, op.Name, w.first[:0]
	if w.fields(l, v); len(w.faults) > 0 {
		return w.err()
	}
	validators.Put(w) // as it was: nothing was found
	return nil
}

// validators are kept, so that an input without faults allocates none.
var validators = sync.Pool{New: func() any { return new(validator) }}

// validator walks an input. path is where it is, for messages.
type validator struct {
	service string
	op      string
	first   [96]byte
	path    []byte
	faults  []fault
	depth   int
}

type fault struct {
	path    string
	subject string // "Value 'x' at 'y'"
	limit   string // "Member must …"
	reason  string // Organizations' word
}

// echoes tells whether messages repeat a value of s.
func (w *validator) echoes(s *shape) bool { return w.service != "iam" && !s.sensitive }

func (w *validator) fault(value, limit, reason string) {
	if len(w.faults) >= maxFaults {
		return
	}
	w.faults = append(w.faults, fault{
		path:    string(w.path),
		subject: "Value" + value + " at '" + string(w.path) + "'",
		limit:   limit,
		reason:  reason,
	})
}

func (w *validator) full() bool { return len(w.faults) >= maxFaults || w.depth > maxDepth }

func (w *validator) fields(l *limit, v reflect.Value) {
	before := len(w.path)
	for i := range l.fields {
		f := &l.fields[i]
		if f.limit == nil || w.full() {
			continue
		}
		if before > 0 {
			w.path = append(w.path, '.')
		}
		w.path = append(w.path, f.name...)
		if held, ok := f.plan.present(v.Field(f.index)); ok {
			w.value(f.limit, held)
		} else if f.required {
			null := " null"
			if w.service == "iam" {
				null = ""
			}
			w.fault(null, "Member must not be null", reasonRequired)
		}
		w.path = w.path[:before]
	}
}

// value checks what is there: v is no pointer.
func (w *validator) value(l *limit, v reflect.Value) {
	w.depth++
	defer func() { w.depth-- }()
	switch l.plan.kind {
	case kindStruct:
		w.fields(l, v)
	case kindUnion:
		if m, value, err := l.plan.variantOf(v); err == nil && l.variants[m.name] != nil {
			before := len(w.path)
			w.path = append(append(w.path, '.'), lowerFirst(m.name)...)
			w.value(l.variants[m.name], value)
			w.path = w.path[:before]
		}
	case kindList:
		w.leaf(l, v)
		w.elements(l, v)
	case kindMap:
		w.leaf(l, v)
		w.entries(l, v)
	default:
		w.leaf(l, v)
	}
}

// leaf checks the limits of a value itself, not of what it holds.
func (w *validator) leaf(l *limit, v reflect.Value) {
	s := l.shape
	if !w.violates(l, v) {
		return
	}
	value := ""
	if w.echoes(s) {
		value = " '" + echo(l, v) + "'"
	}
	if len(s.enum) > 0 && !slices.Contains(s.enum, v.String()) {
		reason := reasonEnum
		// DescribeEffectivePolicy alone has no word of its own for types, but for one.
		if slices.Contains(s.enum, "TAG_POLICY") && (w.op != "DescribeEffectivePolicy" || v.String() == "SERVICE_CONTROL_POLICY") {
			reason = reasonPolicyType
		}
		w.fault(value, w.enumText(s), reason)
	}
	size, isNumber := measure(l, v)
	if s.pattern > 0 && !tooLongToMatch(s, size) && !matches(s.pattern, v.String()) {
		w.fault(value, patternText(s), reasonPattern)
	}
	maxReason, minReason := reasonMaxLength, reasonMinLength
	if isNumber {
		maxReason, minReason = reasonMaxValue, reasonMinValue
	}
	if s.hasMax && size > s.max {
		w.fault(value, maxText(s, isNumber), maxReason)
	}
	if s.hasMin && size < s.min {
		w.fault(value, minText(s, isNumber), minReason)
	}
}

// violates is the quick answer, without a text.
func (w *validator) violates(l *limit, v reflect.Value) bool {
	s := l.shape
	if s.hasMin || s.hasMax {
		if size, _ := measure(l, v); s.hasMax && size > s.max || s.hasMin && size < s.min {
			return true
		}
	}
	if l.plan.kind != kindString {
		return false
	}
	return s.pattern > 0 && !matches(s.pattern, v.String()) ||
		len(s.enum) > 0 && !slices.Contains(s.enum, v.String())
}

// tooLongToMatch spares a pattern the values that are refused anyway and are
// long enough for the matching to cost.
func tooLongToMatch(s *shape, size int64) bool { return s.hasMax && size > s.max && size > 1<<16 }

// elements checks a list's members. Those of structures have paths of their own;
// for simple values AWS names the list and says once what every member must be.
func (w *validator) elements(l *limit, v reflect.Value) {
	switch l.elem.plan.kind {
	case kindStruct, kindUnion, kindList, kindMap:
		before := len(w.path)
		for i := range v.Len() {
			if w.full() {
				return
			}
			if held, ok := l.elem.plan.present(v.Index(i)); ok {
				w.path = strconv.AppendInt(append(w.path, '.'), int64(i)+1, 10)
				w.path = append(w.path, ".member"...)
				w.value(l.elem, held)
				w.path = w.path[:before]
			}
		}
	default:
		for i := range v.Len() {
			if w.violates(l.elem, v.Index(i)) {
				w.fault(w.listEcho(l, v), "Member must satisfy constraint: ["+w.constraints(l.elem)+"]", reasonListMember)
				return
			}
		}
	}
}

func (w *validator) entries(l *limit, v reflect.Value) {
	before := len(w.path)
	for _, key := range sortedKeys(v) {
		if w.full() {
			return
		}
		if w.violates(l.key, key) {
			w.fault("", "Map keys must satisfy constraint: ["+w.constraints(l.key)+"]", reasonListMember)
			return
		}
		value := v.MapIndex(key)
		switch l.elem.plan.kind {
		case kindStruct, kindUnion, kindList, kindMap:
			w.path = append(append(w.path, '.'), clip(key.String(), maxEchoedName)...)
			w.path = append(w.path, ".member"...)
			w.value(l.elem, value)
			w.path = w.path[:before]
		default:
			if w.violates(l.elem, value) {
				w.fault("", "Map value must satisfy constraint: ["+w.constraints(l.elem)+"]", reasonListMember)
				return
			}
		}
	}
}

// measure returns what min and max bound: a number's value, else a length in
// characters, bytes or members.
func measure(l *limit, v reflect.Value) (size int64, isNumber bool) {
	switch l.plan.kind {
	case kindInt:
		return v.Int(), true
	case kindString:
		return int64(utf8.RuneCountInString(v.String())), false
	case kindList, kindMap, kindBlob:
		return int64(v.Len()), false
	}
	return 0, false
}

// enumText: IAM does not list the set, the others do.
func (w *validator) enumText(s *shape) string {
	if w.service == "iam" {
		return "Member must satisfy enum value set"
	}
	return "Member must satisfy enum value set: [" + strings.Join(s.enum, ", ") + "]"
}

func patternText(s *shape) string {
	return "Member must satisfy regular expression pattern: " + patterns[s.pattern-1].aws
}

func maxText(s *shape, isNumber bool) string {
	return "Member must have " + measured(isNumber) + " less than or equal to " + strconv.FormatInt(s.max, 10)
}

func minText(s *shape, isNumber bool) string {
	return "Member must have " + measured(isNumber) + " greater than or equal to " + strconv.FormatInt(s.min, 10)
}

func measured(isNumber bool) string {
	if isNumber {
		return "value"
	}
	return "length"
}

// constraints says all that a list's or map's members must be.
func (w *validator) constraints(l *limit) string {
	s := l.shape
	isNumber := l.plan.kind == kindInt
	var all []string
	if s.hasMax {
		all = append(all, maxText(s, isNumber))
	}
	if s.hasMin {
		all = append(all, minText(s, isNumber))
	}
	if s.pattern > 0 {
		all = append(all, patternText(s))
	}
	if len(s.enum) > 0 {
		all = append(all, w.enumText(s))
	}
	return strings.Join(all, ", ")
}

func (w *validator) listEcho(l *limit, v reflect.Value) string {
	if !w.echoes(l.shape) || !w.echoes(l.elem.shape) {
		return ""
	}
	return " '" + echo(l, v) + "'"
}

// echo is a value as messages repeat it, shortened.
func echo(l *limit, v reflect.Value) string {
	switch l.plan.kind {
	case kindString:
		return clip(v.String(), maxEchoedValue)
	case kindInt:
		return strconv.FormatInt(v.Int(), 10)
	case kindList:
		if l.elem.plan.kind != kindString {
			return "[...]" // members of structures may be sensitive
		}
		var b strings.Builder
		for i := 0; i < v.Len() && b.Len() < maxEchoedValue; i++ {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(v.Index(i).String())
		}
		return "[" + clip(b.String(), maxEchoedValue) + "]"
	}
	return "..."
}
