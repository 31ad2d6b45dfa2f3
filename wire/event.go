package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"time"
)

// Hidden stands in an event for a value that must not be kept.
const Hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// eventTime is how CloudTrail writes times within parameters and answers.
const eventTime = "Jan 2, 2006, 3:04:05 PM"

// AppendEvent appends what an audit trail may keep of v, an input or output
// struct of op or a pointer to it: a JSON object whose members are named as
// CloudTrail names them (lower camel case), in the model's order. What the model
// calls sensitive, session tokens, one-time codes, and any member that the model
// does not know read Hidden. v is an output if its type is called …Output. An
// event without members, or of an operation that nobody knows, is null.
func AppendEvent(dst []byte, op Op, v any) []byte {
	const null = "null"
	i, ok := findOperation(op)
	if !ok {
		return append(dst, null...)
	}
	if r := reflect.ValueOf(v); !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil() {
		return append(dst, null...)
	}
	l, r, output, err := limitsOfValue(i, v)
	if err != nil {
		return append(dst, null...)
	}
	e := eventWriter{dst: dst, output: output}
	if e.fields(l, r); len(e.dst) == len(dst)+len("{}") {
		return append(dst, null...)
	}
	return e.dst
}

// eventWriter appends to dst as it walks.
type eventWriter struct {
	dst    []byte
	output bool
	depth  int
}

func (e *eventWriter) fields(l *limit, v reflect.Value) {
	e.dst = append(e.dst, '{')
	comma := 1
	for i := range l.fields {
		f := &l.fields[i]
		held, ok := f.held(v)
		if !ok {
			continue
		}
		if !f.ptr && !e.output && held.IsZero() {
			continue // a plain number or bool that nobody has sent
		}
		e.dst = append(e.dst, f.member[comma:]...)
		comma = 0
		switch {
		case f.hidden:
		case f.kind == kindString && e.depth < maxDepth:
			e.dst = AppendJSONString(e.dst, held.String())
		default:
			e.value(f.limit, held)
		}
	}
	e.dst = append(e.dst, '}')
}

// member begins a member of an object.
func (e *eventWriter) member(name string, first *bool) {
	if !*first {
		e.dst = append(e.dst, ',')
	}
	*first = false
	e.dst = append(AppendJSONString(e.dst, name), ':')
}

func (e *eventWriter) hide() { e.dst = append(e.dst, `"`+Hidden+`"`...) }

func (e *eventWriter) value(l *limit, v reflect.Value) {
	if e.depth == maxDepth || l.shape.sensitive {
		e.hide()
		return
	}
	e.depth++
	switch l.kind {
	case kindString:
		e.dst = AppendJSONString(e.dst, v.String())
	case kindBool:
		e.dst = strconv.AppendBool(e.dst, v.Bool())
	case kindInt:
		e.dst = strconv.AppendInt(e.dst, v.Int(), 10)
	case kindTime:
		e.dst = append(e.dst, '"')
		e.dst = appendEventTime(e.dst, moment(v))
		e.dst = append(e.dst, '"')
	case kindBlob:
		e.dst = append(e.dst, '"')
		e.dst = base64.StdEncoding.AppendEncode(e.dst, v.Bytes())
		e.dst = append(e.dst, '"')
	case kindStruct:
		e.fields(l, v)
	case kindUnion:
		e.union(l, v)
	case kindList:
		e.dst = append(e.dst, '[')
		for i := range v.Len() {
			if i > 0 {
				e.dst = append(e.dst, ',')
			}
			e.value(l.elem, v.Index(i))
		}
		e.dst = append(e.dst, ']')
	case kindMap:
		e.mapping(l, v)
	default:
		e.hide()
	}
	e.depth--
}

// appendEventTime appends t as eventTime has it. Written out for the years of four
// digits, since to read a layout costs more than all else.
func appendEventTime(dst []byte, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 1000 || year > 9999 {
		return t.AppendFormat(dst, eventTime)
	}
	hour, minute, second := t.Clock()
	dst = append(dst, month.String()[:3]...)
	dst = strconv.AppendInt(append(dst, ' '), int64(day), 10)
	dst = strconv.AppendInt(append(dst, ',', ' '), int64(year), 10)
	dst = strconv.AppendInt(append(dst, ',', ' '), int64((hour+11)%12+1), 10)
	dst = append(dst, ':', '0'+byte(minute/10), '0'+byte(minute%10), ':', '0'+byte(second/10), '0'+byte(second%10))
	if hour < 12 {
		return append(dst, " AM"...)
	}
	return append(dst, " PM"...)
}

func (e *eventWriter) union(l *limit, v reflect.Value) {
	if v.IsNil() {
		e.dst = append(e.dst, "null"...)
		return
	}
	m, value, err := l.plan.variantOf(v)
	if err != nil || l.variants[m.name] == nil {
		e.hide()
		return
	}
	first := true
	e.dst = append(e.dst, '{')
	e.member(lowerFirst(m.name), &first)
	e.value(l.variants[m.name], value)
	e.dst = append(e.dst, '}')
}

func (e *eventWriter) mapping(l *limit, v reflect.Value) {
	if l.key.shape.sensitive {
		e.hide()
		return
	}
	first := true
	e.dst = append(e.dst, '{')
	for _, key := range sortedKeys(v) {
		e.member(key.String(), &first)
		e.value(l.elem, v.MapIndex(key))
	}
	e.dst = append(e.dst, '}')
}
