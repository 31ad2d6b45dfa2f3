package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends the JSON of an output struct, or of a pointer to it, to
// dst. Absent members are left out; an empty list that is there is written.
// Timestamps are seconds since 1970 with up to three decimals. nil and a nil
// pointer are an empty object.
func AppendJSON(dst []byte, out any) ([]byte, error) { return jsonWriter{}.whole(dst, out) }

// jsonWriter writes JSON by plans.
type jsonWriter struct{ lower bool } // members' names begin in lower case

func (w jsonWriter) whole(dst []byte, out any) ([]byte, error) {
	v := reflect.ValueOf(out)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return append(dst, "{}"...), nil
	}
	p, v, err := structOf(out)
	if err != nil {
		return nil, err
	}
	return w.object(dst, p, v)
}

// AppendJSONError appends an error as awsJson writes it: the code as __type, the
// text as Message, the reason if there is one.
func AppendJSONError(dst []byte, e *Error) []byte {
	dst = append(dst, `{"__type":`...)
	dst = AppendJSONString(dst, e.Code)
	dst = append(dst, `,"Message":`...)
	dst = AppendJSONString(dst, e.Message)
	if e.Reason != "" {
		dst = append(dst, `,"Reason":`...)
		dst = AppendJSONString(dst, e.Reason)
	}
	return append(dst, '}')
}

func (w jsonWriter) object(dst []byte, p *plan, v reflect.Value) ([]byte, error) {
	var err error
	open := byte('{')
	for i := range p.fields {
		f := &p.fields[i]
		held, ok := f.held(v)
		if !ok {
			continue
		}
		dst = w.name(append(dst, open), f.name)
		if dst, err = w.value(dst, f.plan, held); err != nil {
			return nil, err
		}
		open = ','
	}
	if open == '{' {
		dst = append(dst, '{')
	}
	return append(dst, '}'), nil
}

// name begins a member.
func (w jsonWriter) name(dst []byte, name string) []byte {
	dst = append(append(dst, '"'), name...)
	if w.lower {
		dst[len(dst)-len(name)] |= 'a' - 'A' // plans' names begin with a letter
	}
	return append(dst, '"', ':')
}

func (w jsonWriter) value(dst []byte, p *plan, v reflect.Value) ([]byte, error) {
	var err error
	switch p.kind {
	case kindString:
		return AppendJSONString(dst, v.String()), nil
	case kindBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case kindInt:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case kindTime:
		return appendEpoch(dst, moment(v)), nil
	case kindBlob:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"'), nil
	case kindStruct:
		return w.object(dst, p, v)
	case kindUnion:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
		m, value, err := p.variantOf(v)
		if err != nil {
			return nil, err
		}
		dst = w.name(append(dst, '{'), m.name)
		if dst, err = w.value(dst, m.plan, value); err != nil {
			return nil, err
		}
		return append(dst, '}'), nil
	case kindList:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = w.value(dst, p.elem, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	case kindMap:
		dst = append(dst, '{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSONString(dst, key.String())
			dst = append(dst, ':')
			if dst, err = w.value(dst, p.elem, v.MapIndex(key)); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	}
	return dst, nil
}

func appendEpoch(dst []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms%1000 == 0 {
		return strconv.AppendInt(dst, ms/1000, 10)
	}
	return strconv.AppendFloat(dst, float64(ms)/1000, 'f', 3, 64)
}

// AppendJSONString appends s as a JSON string; broken UTF-8 becomes U+FFFD.
func AppendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start, i := 0, plainJSON([]byte(s))
	for i < len(s) {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		switch {
		case c >= utf8.RuneSelf:
			dst = append(dst, "\uFFFD"...)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, '\\', c)
		}
		i += size
		start = i
		i += plainJSON([]byte(s[i:]))
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
