package wire

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	var room [96]byte
	w := validator{service: op.Service, op: op.Name}
	if w.fields(room[:0], l, v); len(w.faults) > 0 {
		return w.err()
	}
	return nil
}

// validator walks an input. Its methods' path is where it is, for messages.
type validator struct {
	service string
	op      string
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

func (w *validator) fault(path []byte, value, limit, reason string) {
	if len(w.faults) >= maxFaults {
		return
	}
	w.faults = append(w.faults, fault{
		path:    string(path),
		subject: "Value" + value + " at '" + string(path) + "'",
		limit:   limit,
		reason:  reason,
	})
}

func (w *validator) full() bool { return len(w.faults) >= maxFaults || w.depth > maxDepth }

func (w *validator) fields(path []byte, l *limit, v reflect.Value) {
	for i := range l.fields {
		f := &l.fields[i]
		if f.limit == nil {
			continue
		}
		held, ok := f.held(v)
		if ok && f.kind.leaf() && !f.limit.violates(held) || !ok && !f.required {
			continue // as most are: nobody will ask for the path
		}
		if w.full() {
			return
		}
		at := path
		if len(path) > 0 {
			at = append(path, '.')
		}
		at = append(at, f.name...)
		if ok {
			w.value(at, f.limit, held)
		} else {
			null := " null"
			if w.service == "iam" {
				null = ""
			}
			w.fault(at, null, "Member must not be null", reasonRequired)
		}
	}
}

// value checks what is there: v is no pointer.
func (w *validator) value(path []byte, l *limit, v reflect.Value) {
	w.depth++
	switch l.kind {
	case kindStruct:
		w.fields(path, l, v)
	case kindUnion:
		if m, value, err := l.plan.variantOf(v); err == nil && l.variants[m.name] != nil {
			w.value(append(append(path, '.'), lowerFirst(m.name)...), l.variants[m.name], value)
		}
	case kindList:
		w.leaf(path, l, v)
		w.elements(path, l, v)
	case kindMap:
		w.leaf(path, l, v)
		w.entries(path, l, v)
	default:
		w.leaf(path, l, v)
	}
	w.depth--
}

// leaf checks the limits of a value itself, not of what it holds.
func (w *validator) leaf(path []byte, l *limit, v reflect.Value) {
	s := l.shape
	if !l.violates(v) {
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
		w.fault(path, value, w.enumText(s), reason)
	}
	size, isNumber := measure(l, v)
	if s.pattern > 0 && !tooLongToMatch(s, size) && !matches(s.pattern, v.String()) {
		w.fault(path, value, patternText(s), reasonPattern)
	}
	maxReason, minReason := reasonMaxLength, reasonMinLength
	if isNumber {
		maxReason, minReason = reasonMaxValue, reasonMinValue
	}
	if s.hasMax && size > s.max {
		w.fault(path, value, maxText(s, isNumber), maxReason)
	}
	if s.hasMin && size < s.min {
		w.fault(path, value, minText(s, isNumber), minReason)
	}
}

// violates is the quick answer, without a text.
func (l *limit) violates(v reflect.Value) bool {
	s := l.shape
	if l.kind != kindString {
		size, _ := measure(l, v)
		return !s.fits(size)
	}
	text := v.String()
	// Characters are counted only if their bytes, up to four each, leave a doubt.
	if n := int64(len(text)); s.hasMax && n > s.max || s.hasMin && n < 4*s.min {
		if !s.fits(int64(characters(text))) {
			return true
		}
	}
	return s.pattern > 0 && !matches(s.pattern, text) || len(s.enum) > 0 && !slices.Contains(s.enum, text)
}

// fits tells whether a size is within the bounds.
func (s *shape) fits(size int64) bool { return !(s.hasMax && size > s.max || s.hasMin && size < s.min) }

// tooLongToMatch spares a pattern the values that are refused anyway and are
// long enough for the matching to cost.
func tooLongToMatch(s *shape, size int64) bool { return s.hasMax && size > s.max && size > 1<<16 }

// elements checks a list's members. Those of structures have paths of their own;
// for simple values AWS names the list and says once what every member must be.
func (w *validator) elements(path []byte, l *limit, v reflect.Value) {
	switch l.elem.kind {
	case kindStruct, kindUnion, kindList, kindMap:
		for i := range v.Len() {
			if w.full() {
				return
			}
			if held := v.Index(i); l.elem.kind.present(held) {
				at := strconv.AppendInt(append(path, '.'), int64(i)+1, 10)
				w.value(append(at, ".member"...), l.elem, held)
			}
		}
	default:
		for i := range v.Len() {
			if l.elem.violates(v.Index(i)) {
				w.fault(path, w.listEcho(l, v), "Member must satisfy constraint: ["+w.constraints(l.elem)+"]", reasonListMember)
				return
			}
		}
	}
}

func (w *validator) entries(path []byte, l *limit, v reflect.Value) {
	for _, key := range sortedKeys(v) {
		if w.full() {
			return
		}
		if l.key.violates(key) {
			w.fault(path, "", "Map keys must satisfy constraint: ["+w.constraints(l.key)+"]", reasonListMember)
			return
		}
		value := v.MapIndex(key)
		switch l.elem.kind {
		case kindStruct, kindUnion, kindList, kindMap:
			at := append(append(path, '.'), clip(key.String(), maxEchoedName)...)
			w.value(append(at, ".member"...), l.elem, value)
		default:
			if l.elem.violates(value) {
				w.fault(path, "", "Map value must satisfy constraint: ["+w.constraints(l.elem)+"]", reasonListMember)
				return
			}
		}
	}
}

// measure returns what min and max bound: a number's value, else a length in
// characters, bytes or members.
func measure(l *limit, v reflect.Value) (size int64, isNumber bool) {
	switch l.kind {
	case kindInt:
		return v.Int(), true
	case kindString:
		return int64(characters(v.String())), false
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
	isNumber := l.kind == kindInt
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
	switch l.kind {
	case kindString:
		return clip(v.String(), maxEchoedValue)
	case kindInt:
		return strconv.FormatInt(v.Int(), 10)
	case kindList:
		if l.elem.kind != kindString {
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
