package wire

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

type kind uint8

const (
	kindString kind = iota + 1
	kindBool
	kindInt
	kindTime
	kindBlob
	kindStruct
	kindList
	kindMap
	kindUnion
)

// leaf tells the kinds that hold nothing of their own plan.
func (k kind) leaf() bool { return k <= kindBlob }

// plan says how values of one Go type are read and written. It is made once a
// type and shared; nothing in it changes afterwards.
type plan struct {
	kind   kind
	ptr    bool         // the Go type is a pointer to typ
	text   bool         // the Go type is *string
	typ    reflect.Type // without the pointer
	fields []field
	names  []string       // of fields
	byName map[string]int // place in fields
	elem   *plan          // a list's member, a map's value
	key    *plan          // a map's key
}

type field struct {
	slot
	name string // on the wire
	plan *plan

	open, close string // its tags
}

// slot is where a struct has a member and what sort of thing it holds, which is
// enough to see that it holds nothing, as most do.
type slot struct {
	index int
	kind  kind
	ptr   bool
}

// wireNames are the members whose name on the wire is not their field's name.
var wireNames = map[string]string{
	"ListDelegationRequestsOutput.IsTruncated": "isTruncated",
	"PolicyDescriptorType.Arn":                 "arn",
}

// plans caches a *plan by reflect.Type. It holds the program's own types only,
// so that it is bounded by them.
var plans sync.Map

// planOf returns the plan of a type, or an *Error if it holds something that no
// protocol carries.
func planOf(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	p, err := buildPlan(t, map[reflect.Type]*plan{})
	if err != nil {
		return nil, err
	}
	kept, _ := plans.LoadOrStore(t, p)
	return kept.(*plan), nil
}

var (
	textType = reflect.TypeFor[*string]()
	timeType = reflect.TypeFor[time.Time]()
	blobType = reflect.TypeFor[[]byte]()
)

// buildPlan keeps the plans under construction in made, since a type may hold
// itself.
func buildPlan(t reflect.Type, made map[reflect.Type]*plan) (*plan, error) {
	if p := made[t]; p != nil {
		return p, nil
	}
	p := &plan{typ: t, text: t == textType}
	made[t] = p
	if t.Kind() == reflect.Pointer {
		p.ptr = true
		p.typ = t.Elem()
	}
	var err error
	switch {
	case p.typ == timeType:
		p.kind = kindTime
	case p.typ == blobType:
		p.kind = kindBlob
	default:
		switch p.typ.Kind() {
		case reflect.String:
			p.kind = kindString
		case reflect.Bool:
			p.kind = kindBool
		case reflect.Int32, reflect.Int64:
			p.kind = kindInt
		case reflect.Slice:
			p.kind = kindList
			p.elem, err = buildPlan(p.typ.Elem(), made)
		case reflect.Map:
			p.kind = kindMap
			if p.typ.Key().Kind() != reflect.String {
				return nil, internal("no protocol carries %s", t)
			}
			if p.key, err = buildPlan(p.typ.Key(), made); err == nil {
				p.elem, err = buildPlan(p.typ.Elem(), made)
			}
		case reflect.Interface:
			p.kind = kindUnion
		case reflect.Struct:
			p.kind = kindStruct
			err = p.addFields(made)
		default:
			return nil, internal("no protocol carries %s", t)
		}
	}
	if err != nil {
		return nil, err
	}
	// The SDK has pointers to simple values and structures only, and only as
	// members: what is in a list or a map is there.
	if p.ptr && (p.kind == kindList || p.kind == kindMap || p.kind == kindUnion || p.kind == kindBlob) ||
		p.elem != nil && p.elem.ptr || p.key != nil && p.key.ptr {
		return nil, internal("no protocol carries %s", t)
	}
	return p, nil
}

func (p *plan) addFields(made map[reflect.Type]*plan) error {
	p.byName = make(map[string]int, p.typ.NumField())
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		sub, err := buildPlan(f.Type, made)
		if err != nil {
			return err
		}
		name := f.Name
		if other, ok := wireNames[p.typ.Name()+"."+f.Name]; ok {
			name = other
		}
		p.byName[name] = len(p.fields)
		p.names = append(p.names, name)
		p.fields = append(p.fields, field{
			slot: slot{index: i, kind: sub.kind, ptr: sub.ptr}, name: name, plan: sub, open: "<" + name + ">", close: "</" + name + ">",
		})
	}
	return nil
}

// field finds the field of that name, nil if there is none.
func (p *plan) field(name string) *field {
	if len(p.names) > 16 {
		if i, ok := p.byName[name]; ok {
			return &p.fields[i]
		}
		return nil
	}
	// Few, as in most: to look at all is faster.
	if i := slices.Index(p.names, name); i >= 0 {
		return &p.fields[i]
	}
	return nil
}

// held returns what the struct v holds in s, without the pointer, and whether it
// holds anything: nil pointers, lists, maps and unions and empty enums do not.
// Plain numbers and bools always do.
func (s slot) held(v reflect.Value) (reflect.Value, bool) {
	v = v.Field(s.index)
	if s.ptr {
		if v.IsNil() {
			return v, false
		}
		return v.Elem(), true
	}
	return v, s.kind.present(v)
}

// present tells whether v, which is no pointer, holds anything.
func (k kind) present(v reflect.Value) bool {
	switch k {
	case kindList, kindMap, kindBlob, kindUnion:
		return !v.IsNil()
	case kindString:
		return v.Len() > 0
	case kindTime:
		return !v.IsZero()
	}
	return true
}

// moment returns the time that v is.
func moment(v reflect.Value) time.Time {
	t, _ := reflect.TypeAssert[time.Time](v)
	return t.UTC()
}

// target returns the place to fill for v: v itself, or what a new pointer in v
// points to.
func (p *plan) target(v reflect.Value) reflect.Value {
	if !p.ptr {
		return v
	}
	n := reflect.New(p.typ)
	v.Set(n)
	return n.Elem()
}

// unions holds, by the interface's reflect.Type, a map[string]variant.
var unions sync.Map

// variant is one member of a union: a struct with the one field Value.
type variant struct {
	name string
	typ  reflect.Type // the struct
	plan *plan        // of Value
}

// Union makes a union known: I is its interface, members are pointers to the
// structs that implement it, each named after the union, "Member" and the
// member's name and holding a Value, as the AWS SDK makes them. It belongs into
// the start of a program, before the first request; it panics if the members
// are not of that form, as that is a fault of the program.
func Union[I any](members ...I) {
	union := reflect.TypeFor[I]()
	variants := map[string]variant{}
	for _, m := range members {
		t := reflect.TypeOf(m).Elem()
		name, ok := strings.CutPrefix(t.Name(), union.Name()+"Member")
		value, has := t.FieldByName("Value")
		if !ok || !has {
			panic("wire: " + t.String() + " is no member of " + union.String())
		}
		p, err := planOf(value.Type)
		if err != nil || p.ptr {
			panic("wire: no protocol carries " + value.Type.String())
		}
		variants[name] = variant{name: name, typ: t, plan: p}
	}
	unions.Store(union, variants)
}

// variants returns the members of the union that p is of; none if nobody has
// made them known.
func (p *plan) variants() map[string]variant {
	m, ok := unions.Load(p.typ)
	if !ok {
		return nil
	}
	return m.(map[string]variant)
}

// variantOf returns which member a union holds, and its value.
func (p *plan) variantOf(v reflect.Value) (variant, reflect.Value, error) {
	held := v.Elem()
	if held.Kind() == reflect.Pointer && !held.IsNil() {
		held = held.Elem()
		for _, m := range p.variants() {
			if m.typ == held.Type() {
				return m, held.FieldByName("Value"), nil
			}
		}
	}
	return variant{}, v, internal("%s is no known member of %s", held.Type(), p.typ)
}

// structOf returns the plan and the value of the struct that v is or points to.
func structOf(v any) (*plan, reflect.Value, error) {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	if r.Kind() != reflect.Struct {
		return nil, r, internal("%T is no struct", v)
	}
	p, err := planOf(r.Type())
	return p, r, err
}
