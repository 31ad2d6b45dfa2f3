package wire

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// DecodeJSON fills dst, a pointer to an input struct, from a body by the awsJson
// protocol (1.0 and 1.1). Members that dst does not have are passed over, as AWS
// does, null is the same as absent, timestamps are seconds since 1970. Broken
// JSON, a wrong type, a member given twice: SerializationException.
func DecodeJSON(body []byte, dst any) error { return decodeJSON(body, dst, false) }

func decodeJSON(body []byte, dst any, lower bool) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return internal("%T is no pointer to a struct", dst)
	}
	p, v, err := structOf(dst)
	if err != nil {
		return err
	}
	if len(body) > MaxBody {
		return tooLarge()
	}
	if !utf8.Valid(body) || !json.Valid(body) {
		return unreadable("The request body is not valid JSON.")
	}
	d := jsonDecoder{text: string(body), lower: lower}
	d.space()
	if d.next() != '{' {
		return d.mismatch(kindStruct)
	}
	return d.object(p, v)
}

func unreadable(message string) *Error { return badRequest(CodeSerialization, "%s", message) }

// jsonDecoder reads text that is valid JSON: it never meets an end or a
// character that the grammar does not allow.
type jsonDecoder struct {
	text  string
	at    int
	depth int
	lower bool // members' names begin in lower case
}

// member is the name that plans know a member by; "" for one that none can.
func (d *jsonDecoder) member(name string) string {
	switch {
	case !d.lower:
		return name
	case name == "" || name[0] < 'a' || name[0] > 'z':
		return ""
	}
	return upperFirst(name)
}

func (d *jsonDecoder) next() byte { return d.text[d.at] }

func (d *jsonDecoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

// items calls each once a member or element, at its start, until the closing
// bracket, which it takes.
func (d *jsonDecoder) items(closing byte, each func() error) error {
	d.at++
	for d.space(); d.next() != closing; d.space() {
		if d.next() == ',' {
			d.at++
			d.space()
		}
		if err := each(); err != nil {
			return err
		}
	}
	d.at++
	return nil
}

// skipString moves behind a string literal and returns it, quotes included.
func (d *jsonDecoder) skipString() (literal string, escaped bool) {
	start := d.at
	for d.at++; d.next() != '"'; d.at++ {
		if d.next() == '\\' {
			escaped = true
			d.at++
		}
	}
	d.at++
	return d.text[start:d.at], escaped
}

func (d *jsonDecoder) str() string {
	literal, escaped := d.skipString()
	if !escaped {
		return literal[1 : len(literal)-1]
	}
	var s string
	if err := json.Unmarshal([]byte(literal), &s); err != nil {
		return "" // not reached: the body has been found valid
	}
	return s
}

// skip moves behind any value, however deep.
func (d *jsonDecoder) skip() {
	for depth := 0; ; {
		d.space()
		switch d.next() {
		case '{', '[':
			depth++
			d.at++
		case '}', ']':
			depth--
			d.at++
		case ',', ':':
			d.at++
			continue
		case '"':
			d.skipString()
		default:
			d.word()
		}
		if depth == 0 {
			return
		}
	}
}

// word takes a number, true, false or null.
func (d *jsonDecoder) word() string {
	start := d.at
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return d.text[start:d.at]
		}
		d.at++
	}
	return d.text[start:]
}

var kindNames = [...]string{
	kindString: "String", kindBool: "Boolean", kindInt: "Integer", kindTime: "Timestamp",
	kindBlob: "Blob", kindStruct: "Structure", kindList: "List", kindMap: "Map", kindUnion: "Structure",
}

// mismatch names what stands here and what should, as AWS does.
func (d *jsonDecoder) mismatch(want kind) *Error {
	var found string
	switch d.next() {
	case '{':
		return unreadable("Start of structure or map found where not expected.")
	case '[':
		return unreadable("Start of list found where not expected")
	case '"':
		found = "STRING_VALUE"
	case 't':
		found = "TRUE_VALUE"
	case 'f':
		found = "FALSE_VALUE"
	case 'n':
		found = "NULL_VALUE"
	default:
		found = "NUMBER_VALUE"
	}
	return unreadable(found + " cannot be converted to " + kindNames[want])
}

func (d *jsonDecoder) object(p *plan, v reflect.Value) error {
	var few [4]uint64
	seen := few[:]
	if n := (len(p.fields) + 63) / 64; n > len(seen) {
		seen = make([]uint64, n)
	}
	return d.items('}', func() error {
		name := d.str()
		d.colon()
		i, ok := p.byName[d.member(name)]
		if !ok {
			d.skip()
			return nil
		}
		if seen[i/64]&(1<<(i%64)) != 0 {
			return unreadable("The member " + name + " is given more than once.")
		}
		seen[i/64] |= 1 << (i % 64)
		f := &p.fields[i]
		if d.next() == 'n' {
			d.word()
			return nil
		}
		return d.value(f.plan, v.Field(f.index))
	})
}

func (d *jsonDecoder) colon() {
	d.space()
	d.at++ // the colon
	d.space()
}

// value fills v from the value that begins here.
func (d *jsonDecoder) value(p *plan, v reflect.Value) error {
	if d.depth++; d.depth > maxDepth {
		return unreadable("The request body is nested too deep.")
	}
	defer func() { d.depth-- }()
	c := d.next()
	switch p.kind {
	case kindStruct, kindMap, kindUnion:
		if c != '{' {
			return d.mismatch(p.kind)
		}
	case kindList:
		if c != '[' {
			return d.mismatch(p.kind)
		}
	case kindString, kindBlob:
		if c != '"' {
			return d.mismatch(p.kind)
		}
	case kindBool:
		if c != 't' && c != 'f' {
			return d.mismatch(p.kind)
		}
	case kindInt, kindTime:
		if c != '-' && (c < '0' || c > '9') {
			return d.mismatch(p.kind)
		}
	}
	switch p.kind {
	case kindStruct:
		return d.object(p, p.target(v))
	case kindUnion:
		return d.union(p, v)
	case kindList:
		list := reflect.MakeSlice(p.typ, 0, 0)
		zero := reflect.Zero(p.elem.goType())
		if err := d.items(']', func() error {
			if d.next() == 'n' {
				return d.mismatch(p.elem.kind)
			}
			if list.Len() == maxPairs {
				return unreadable("A list has too many members.")
			}
			list = reflect.Append(list, zero)
			return d.value(p.elem, list.Index(list.Len()-1))
		}); err != nil {
			return err
		}
		v.Set(list)
	case kindMap:
		return d.entries(p, v)
	case kindString:
		p.target(v).SetString(d.str())
	case kindBlob:
		b, err := base64.StdEncoding.Strict().DecodeString(d.str())
		if err != nil {
			return unreadable("STRING_VALUE cannot be converted to Blob")
		}
		v.SetBytes(b)
	case kindBool:
		p.target(v).SetBool(d.word() == "true")
	case kindInt:
		n, err := strconv.ParseInt(d.word(), 10, p.typ.Bits())
		if err != nil {
			return unreadable("NUMBER_VALUE cannot be converted to Integer")
		}
		p.target(v).SetInt(n)
	case kindTime:
		t, ok := epoch(d.word())
		if !ok {
			return unreadable("NUMBER_VALUE cannot be converted to Timestamp")
		}
		p.target(v).Set(reflect.ValueOf(t))
	}
	return nil
}

// goType is the type that p is the plan of.
func (p *plan) goType() reflect.Type {
	if p.ptr {
		return reflect.PointerTo(p.typ)
	}
	return p.typ
}

func (d *jsonDecoder) entries(p *plan, v reflect.Value) error {
	m := reflect.MakeMap(p.typ)
	v.Set(m)
	return d.items('}', func() error {
		key := reflect.New(p.key.typ).Elem()
		key.SetString(d.str())
		d.colon()
		if m.MapIndex(key).IsValid() {
			return unreadable("A map has the same key twice.")
		}
		if d.next() == 'n' {
			return d.mismatch(p.elem.kind)
		}
		value := reflect.New(p.typ.Elem()).Elem()
		if err := d.value(p.elem, value); err != nil {
			return err
		}
		m.SetMapIndex(key, value)
		return nil
	})
}

func (d *jsonDecoder) union(p *plan, v reflect.Value) error {
	err := d.items('}', func() error {
		name := d.str()
		d.colon()
		m, ok := p.variants()[d.member(name)]
		if !ok || d.next() == 'n' {
			d.skip()
			return nil
		}
		if !v.IsNil() {
			return unreadable("Only one member of a union may be given.")
		}
		held := reflect.New(m.typ)
		if err := d.value(m.plan, held.Elem().FieldByName("Value")); err != nil {
			return err
		}
		v.Set(held)
		return nil
	})
	if err == nil && v.IsNil() {
		return unreadable("A member of a union must be given.")
	}
	return err
}

// The years 1 to 9999: other times have no written form.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// epoch reads seconds since 1970, to the millisecond.
func epoch(number string) (time.Time, bool) {
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		return time.Unix(n, 0).UTC(), firstSecond <= n && n <= lastSecond
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f < firstSecond || f > lastSecond {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(math.Round(f * 1000))).UTC(), true
}
