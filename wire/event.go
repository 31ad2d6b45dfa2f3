package wire

import (
	"encoding/base64"
	"reflect"
	"strings"
	"time"
)

// Hidden stands in an event for a value that must not be kept.
const Hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// eventTime is how CloudTrail writes times within parameters and answers.
const eventTime = "Jan 2, 2006, 3:04:05 PM"

// Event returns what an audit trail may keep of v, an input or output struct of
// op or a pointer to it: a tree of maps, slices, strings, numbers and bools for
// json.Marshal, with members named as CloudTrail names them (lower camel case).
// What the model calls sensitive, session tokens, one-time codes, and any member
// that the model does not know read Hidden. v is an output if its type is called
// …Output. An event without members, or of an operation that nobody knows, is
// nil, which is CloudTrail's null.
func Event(op Op, v any) any {
	i, ok := findOperation(op)
	if !ok {
		return nil
	}
	if r := reflect.ValueOf(v); !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil() {
		return nil
	}
	p, r, err := structOf(v)
	if err != nil {
		return nil
	}
	output := strings.HasSuffix(p.typ.Name(), "Output")
	e := eventWriter{output: output}
	tree := e.fields(limitsOf(i, output, p), r)
	if len(tree) == 0 {
		return nil
	}
	return tree
}

type eventWriter struct {
	output bool
	depth  int
}

func (e *eventWriter) fields(l *limit, v reflect.Value) map[string]any {
	tree := map[string]any{}
	for i := range l.fields {
		f := &l.fields[i]
		held, ok := f.plan.present(v.Field(f.index))
		if !ok {
			continue
		}
		if !f.plan.ptr && !e.output && held.IsZero() {
			continue // a plain number or bool that nobody has sent
		}
		if f.limit == nil {
			tree[f.name] = Hidden
			continue
		}
		tree[f.name] = e.value(f.limit, held)
	}
	return tree
}

func (e *eventWriter) value(l *limit, v reflect.Value) any {
	if e.depth++; e.depth > maxDepth {
		return Hidden
	}
	defer func() { e.depth-- }()
	if l.shape.sensitive {
		return Hidden
	}
	switch l.plan.kind {
	case kindString:
		return v.String()
	case kindBool:
		return v.Bool()
	case kindInt:
		return v.Int()
	case kindTime:
		return v.Interface().(time.Time).UTC().Format(eventTime)
	case kindBlob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case kindStruct:
		return e.fields(l, v)
	case kindUnion:
		if v.IsNil() {
			return nil
		}
		m, value, err := l.plan.variantOf(v)
		if err != nil || l.variants[m.name] == nil {
			return Hidden
		}
		return map[string]any{lowerFirst(m.name): e.value(l.variants[m.name], value)}
	case kindList:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = e.value(l.elem, v.Index(i))
		}
		return list
	case kindMap:
		tree := make(map[string]any, v.Len())
		for _, key := range sortedKeys(v) {
			if l.key.shape.sensitive {
				return Hidden
			}
			tree[key.String()] = e.value(l.elem, v.MapIndex(key))
		}
		return tree
	}
	return Hidden
}
