package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// maxDepth bounds how deep values may nest. AWS's inputs nest four deep.
const maxDepth = 32

// DecodeQuery fills dst, a pointer to op's input struct, from a form by the
// awsQuery protocol. Strings in dst share the form's memory. What does not fit
// is an *Error: an unknown parameter, a list with a gap, a number that is none.
// Action, Version and the parameters of a presigned request (X-Amz-*) are not
// the action's and are passed over.
func DecodeQuery(op Op, f *Form, dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return internal("%T is no pointer to a struct", dst)
	}
	p, v, err := planFor(op, dst)
	if err != nil {
		return err
	}
	d := queryDecoder{}
	return d.fields(p, f.pairs, 0, v)
}

type queryDecoder struct{ depth int }

// ambient tells the parameters that belong to the request, not to the action.
func ambient(key string) bool {
	return key == "Action" || key == "Version" ||
		len(key) > 6 && strings.EqualFold(key[:6], "X-Amz-") && !strings.Contains(key, ".")
}

func unknown(key string) *Error {
	return badRequest(CodeUnknownParameter, "The parameter %s is not recognized", clip(key, maxEchoedName))
}

func malformed(key, what string) *Error {
	return badRequest(CodeMalformedInput, "%s: %s", clip(key, maxEchoedName), what)
}

// group returns the segment that begins at off in the first pair's key, and how
// many pairs from the first share it.
func group(pairs []pair, off int) (segment string, n int) {
	segment, _ = segmentAt(pairs[0].key, off)
	end := off + len(segment)
	for n = 1; n < len(pairs); n++ {
		other := pairs[n].key
		if len(other) < end || other[off:end] != segment || len(other) > end && other[end] != '.' {
			break
		}
	}
	return segment, n
}

// fields fills the struct v from pairs, whose keys are equal before off.
func (d *queryDecoder) fields(p *plan, pairs []pair, off int, v reflect.Value) error {
	for len(pairs) > 0 {
		segment, n := group(pairs, off)
		f := p.field(segment)
		switch {
		case f != nil:
			if err := d.value(f.plan, pairs[:n], off+len(segment), v.Field(f.index)); err != nil {
				return err
			}
		case off == 0 && n == 1 && ambient(pairs[0].key):
		default:
			return unknown(pairs[0].key)
		}
		pairs = pairs[n:]
	}
	return nil
}

// value fills v from pairs. Their keys are equal before end, where each either
// ends or goes on with a dot.
func (d *queryDecoder) value(p *plan, pairs []pair, end int, v reflect.Value) error {
	if d.depth++; d.depth > maxDepth {
		return malformed(pairs[0].key, "nested too deep")
	}
	whole := len(pairs[0].key) == end // the key ends here: it has a value of its own
	switch p.kind {
	case kindStruct, kindUnion, kindList, kindMap:
		if whole && (len(pairs) > 1 || pairs[0].value != "" || p.kind == kindStruct || p.kind == kindUnion) {
			return malformed(pairs[0].key, "Unexpected value where a list, map or structure is expected")
		}
	default:
		if whole && len(pairs) == 1 {
			d.depth--
			return d.scalar(p, &pairs[0], v)
		}
		if segment, _ := segmentAt(pairs[len(pairs)-1].key, end+1); segment == "member" {
			return malformed(pairs[0].key, "Start of list found where not expected")
		}
		return malformed(pairs[0].key, "Start of structure or map found where not expected.")
	}
	var err error
	switch p.kind {
	case kindStruct:
		err = d.fields(p, pairs, end+1, p.target(v))
	case kindUnion:
		err = d.union(p, pairs, end+1, v)
	case kindList:
		err = d.list(p, pairs, end, whole, v)
	default:
		err = d.entries(p, pairs, end, whole, v)
	}
	d.depth--
	return err
}

func (d *queryDecoder) union(p *plan, pairs []pair, off int, v reflect.Value) error {
	segment, n := group(pairs, off)
	m, ok := p.variants()[segment]
	if !ok {
		return unknown(pairs[0].key)
	}
	if n < len(pairs) {
		return malformed(pairs[n].key, "only one member of a union may be given")
	}
	held := reflect.New(m.typ)
	if err := d.value(m.plan, pairs, off+len(segment), held.Elem().FieldByName("Value")); err != nil {
		return err
	}
	v.Set(held)
	return nil
}

// numbered checks that pairs are WORD.1, WORD.2, … after end, and calls each
// with the pairs of every one and where its key goes on.
func numbered(word string, pairs []pair, end int, each func(i int, pairs []pair, end int) error) error {
	segment, n := group(pairs, end+1)
	if segment != word {
		return unknown(pairs[0].key)
	}
	if n < len(pairs) {
		return unknown(pairs[n].key)
	}
	end += 1 + len(word)
	for i := 1; len(pairs) > 0; i++ {
		if len(pairs[0].key) == end {
			return unknown(pairs[0].key)
		}
		segment, n := group(pairs, end+1)
		if !isNumber(segment) || segment[0] == '0' {
			return unknown(pairs[0].key)
		}
		if number, err := strconv.Atoi(segment); err != nil || number != i {
			return malformed(pairs[0].key, "numbers must run from 1 without a gap")
		}
		if err := each(i-1, pairs[:n], end+1+len(segment)); err != nil {
			return err
		}
		pairs = pairs[n:]
	}
	return nil
}

func (d *queryDecoder) list(p *plan, pairs []pair, end int, empty bool, v reflect.Value) error {
	if empty {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
		return nil
	}
	n := 0
	count := func(int, []pair, int) error { n++; return nil }
	if err := numbered("member", pairs, end, count); err != nil {
		return err
	}
	list := reflect.MakeSlice(p.typ, n, n)
	v.Set(list)
	return numbered("member", pairs, end, func(i int, pairs []pair, end int) error {
		return d.value(p.elem, pairs, end, list.Index(i))
	})
}

func (d *queryDecoder) entries(p *plan, pairs []pair, end int, empty bool, v reflect.Value) error {
	m := reflect.MakeMap(p.typ)
	v.Set(m)
	if empty {
		return nil
	}
	return numbered("entry", pairs, end, func(_ int, pairs []pair, end int) error {
		if len(pairs[0].key) == end {
			return malformed(pairs[0].key, "an entry has a key and a value")
		}
		word, n := group(pairs, end+1)
		if word != "key" || n != 1 || len(pairs[0].key) != end+len(".key") {
			return malformed(pairs[0].key, "an entry has a key and a value")
		}
		keyPair := pairs[0]
		key := reflect.New(p.key.typ).Elem()
		key.SetString(pairs[0].value)
		if m.MapIndex(key).IsValid() {
			return malformed(pairs[0].key, "the map has this key already")
		}
		if pairs = pairs[1:]; len(pairs) == 0 {
			return malformed(keyPair.key, "an entry has a key and a value")
		}
		if word, n := group(pairs, end+1); word != "value" || n != len(pairs) {
			return unknown(pairs[len(pairs)-1].key)
		}
		value := reflect.New(p.typ.Elem()).Elem()
		if err := d.value(p.elem, pairs, end+len(".value"), value); err != nil {
			return err
		}
		m.SetMapIndex(key, value)
		return nil
	})
}

// scalar fills v from the value of one parameter. Messages never repeat it: it
// may be a secret.
func (d *queryDecoder) scalar(p *plan, from *pair, v reflect.Value) error {
	switch p.kind {
	case kindString:
		if p.text {
			v.Set(reflect.ValueOf(&from.value))
			return nil
		}
		p.target(v).SetString(from.value)
	case kindBool:
		if from.value != "true" && from.value != "false" {
			return malformed(from.key, "STRING_VALUE cannot be converted to Boolean")
		}
		p.target(v).SetBool(from.value == "true")
	case kindInt:
		n, err := strconv.ParseInt(from.value, 10, p.typ.Bits())
		if err != nil || from.value[0] == '+' {
			return malformed(from.key, "STRING_VALUE cannot be converted to Integer")
		}
		p.target(v).SetInt(n)
	case kindTime:
		t, err := time.Parse(time.RFC3339, from.value)
		if err != nil {
			return malformed(from.key, "STRING_VALUE cannot be converted to Timestamp")
		}
		p.target(v).Set(reflect.ValueOf(t.UTC()))
	case kindBlob:
		b, err := base64.StdEncoding.Strict().DecodeString(from.value)
		if err != nil {
			return malformed(from.key, "STRING_VALUE cannot be converted to Blob")
		}
		v.SetBytes(b)
	}
	return nil
}
