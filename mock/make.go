package mock

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// The size of made values: how many values there are within one at most, how
// deep what need not be there is, and how deep what must be.
const (
	makeValues   = 5000
	makeOptional = 8
	makeDepth    = 32
	makeLength   = 1 << 16 // of a string, in bytes
	makeItems    = 200     // of a list
)

var errUnmade = errors.New("no value was found that fits its schema")

// make makes a value that fits a schema; the same schema gives the same value.
// It has all members if that can be, and else those that must be there.
func (r rules) make(s *openapi3.Schema) (any, error) {
	for _, optional := range []bool{true, false} {
		m := &maker{rules: r, left: makeValues, optional: optional}
		v := m.value(s, 0)
		if m.fits(s, v) {
			return v, nil
		}
	}
	return nil, errUnmade
}

// maker makes one value and all that is within it.
type maker struct {
	rules    rules
	left     int  // values that may yet be made
	optional bool // make members that need not be there
	open     []*openapi3.Schema
}

func (m *maker) fits(s *openapi3.Schema, v any) bool {
	if m.rules.fold > 1 && looks(v, 1, m.rules.fold) > maxLooks {
		return false // as a request's body would be refused
	}
	return m.rules.visit(s, v, openapi3.VisitAsResponse()) == nil
}

// looks counts how often values within v are looked at, each of them so often.
func looks(v any, each, fold int) int {
	n := each
	below := min(each*fold, maxLooks+1)
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			n = min(n+looks(inner, below, fold), maxLooks+1)
		}
	case []any:
		for _, inner := range v {
			n = min(n+looks(inner, below, fold), maxLooks+1)
		}
	}
	return n
}

// value makes the variant-th value of a schema, counted from zero; where it has
// only one, that.
func (m *maker) value(s *openapi3.Schema, variant int) any {
	if m.left--; m.left < 0 || len(m.open) >= makeDepth {
		return nil
	}
	again := slices.Contains(m.open, s)
	m.open = append(m.open, s)
	defer func() { m.open = m.open[:len(m.open)-1] }()

	if variant == 0 {
		for _, v := range slices.Concat([]any{s.Example}, s.Examples, []any{s.Const, s.Default}) {
			if v != nil && m.fits(s, v) {
				return v
			}
		}
	}
	// Of anyOf and oneOf, each branch is tried until the whole fits; within a value
	// of the same schema those first that hold no others, or it would not end.
	var first any
	for _, plain := range []bool{true, false} {
		for pick, branches := 0, 1; pick < branches; pick++ {
			sh := shape{pick: pick, branches: 1}
			sh.add(s)
			branches = min(sh.branches, m.left)
			kind := sh.kind()
			if again && plain != (kind != openapi3.TypeObject && kind != openapi3.TypeArray) {
				continue
			}
			v := m.shaped(&sh, variant)
			if sh.branches == 1 || m.fits(s, v) {
				return v
			}
			if first == nil {
				first = v
			}
		}
		if !again {
			break
		}
	}
	return first
}

func (m *maker) shaped(sh *shape, variant int) any {
	if len(sh.enum) > 0 {
		if v := sh.enum[variant%len(sh.enum)]; v != nil {
			return v
		}
		return sh.enum[0]
	}
	switch sh.kind() {
	case openapi3.TypeObject:
		return m.object(sh, variant)
	case openapi3.TypeArray:
		return m.array(sh)
	case openapi3.TypeInteger:
		return sh.number(true, variant)
	case openapi3.TypeNumber:
		return sh.number(false, variant)
	case openapi3.TypeBoolean:
		return variant%2 == 0
	case openapi3.TypeNull:
		return nil
	default:
		return sh.text(variant)
	}
}

// spare tells whether a value that need not be there may be made of a schema:
// not within one of its own, and not too deep.
func (m *maker) spare(s *openapi3.Schema) bool {
	return m.optional && m.left > 0 && len(m.open) < makeOptional && !slices.Contains(m.open, s)
}

func (m *maker) object(sh *shape, variant int) map[string]any {
	v := map[string]any{}
	for _, required := range []bool{true, false} {
		for _, name := range slices.Sorted(maps.Keys(sh.properties)) {
			s := together(sh.properties[name])
			switch {
			case sh.required[name] != required, s.WriteOnly, s.Always != nil && !*s.Always:
			case required, m.spare(s) && uint64(len(v)) < sh.maxProps:
				v[name] = m.value(s, variant)
			}
		}
	}
	// What must be there and is not described can be anything.
	for name := range sh.required {
		if _, ok := v[name]; !ok && sh.properties[name] == nil {
			v[name] = m.other(sh, variant)
		}
	}
	if len(v) == 0 && sh.others != nil && sh.maxProps > 0 && m.spare(sh.others) {
		v["key"] = m.other(sh, variant)
	}
	for n := 1; uint64(len(v)) < sh.minProps && n <= makeItems; n++ {
		v[fmt.Sprintf("key%d", n)] = m.other(sh, variant)
	}
	for name, value := range sh.tags {
		v[name] = value
	}
	return v
}

func (m *maker) other(sh *shape, variant int) any {
	if sh.others == nil {
		return "string"
	}
	return m.value(sh.others, variant)
}

func (m *maker) array(sh *shape) []any {
	v := []any{}
	for _, ref := range sh.prefix {
		v = append(v, m.value(ref.Value, 0))
	}
	items := together(sh.items)
	wanted := max(sh.minItems, 1)
	if sh.minItems == 0 && (items != nil && !m.spare(items) || items == nil && len(sh.prefix) > 0) {
		wanted = 0
	}
	wanted = min(wanted, sh.maxItems, makeItems)
	for n := 0; uint64(len(v)) < wanted; n++ {
		if items == nil {
			v = append(v, (&shape{}).text(n))
			continue
		}
		variant := 0
		if sh.unique {
			variant = n
		}
		v = append(v, m.value(items, variant))
	}
	if sh.contains != nil && uint64(len(v)) < sh.maxItems {
		v = append(v, m.value(sh.contains, 0))
	}
	return v
}

// together is one schema of several.
func together(refs openapi3.SchemaRefs) *openapi3.Schema {
	switch len(refs) {
	case 0:
		return nil
	case 1:
		return refs[0].Value
	default:
		return &openapi3.Schema{AllOf: refs}
	}
}

// shape is what a schema and those that it is composed of ask of a value.
type shape struct {
	pick, branches int // which of anyOf and oneOf; how many there are at most

	types      []string // nil: any
	typed      bool
	format     string
	enum       []any
	patterns   []string
	low, high  bound
	multiple   float64
	minLength  uint64
	maxLength  uint64
	items      openapi3.SchemaRefs
	prefix     openapi3.SchemaRefs
	contains   *openapi3.Schema
	unique     bool
	minItems   uint64
	maxItems   uint64
	properties map[string]openapi3.SchemaRefs
	required   map[string]bool
	others     *openapi3.Schema // of properties that are not named
	minProps   uint64
	maxProps   uint64
	tags       map[string]string // values of discriminators
}

type bound struct {
	set, exclusive bool
	value          float64
}

// add takes in a schema's own words and those of what it is composed of.
func (sh *shape) add(s *openapi3.Schema) {
	if sh.properties == nil {
		sh.properties, sh.required, sh.tags = map[string]openapi3.SchemaRefs{}, map[string]bool{}, map[string]string{}
		sh.maxLength, sh.maxItems, sh.maxProps = makeLength, makeItems, makeItems
	}
	if s.Type != nil {
		if own := s.Type.Slice(); !sh.typed {
			sh.types, sh.typed = slices.Clone(own), true
		} else {
			sh.types = slices.DeleteFunc(sh.types, func(t string) bool { return !slices.Contains(own, t) })
		}
	}
	if s.Format != "" {
		sh.format = s.Format
	}
	enum := s.Enum
	if s.Const != nil {
		enum = []any{s.Const}
	}
	if len(enum) > 0 && (len(sh.enum) == 0 || len(enum) < len(sh.enum)) {
		sh.enum = enum
	}
	if s.Pattern != "" {
		sh.patterns = append(sh.patterns, s.Pattern)
	}
	sh.bounds(s)
	sh.minLength = max(sh.minLength, s.MinLength)
	sh.minItems, sh.minProps = max(sh.minItems, s.MinItems), max(sh.minProps, s.MinProps)
	for _, most := range []struct{ to, from *uint64 }{{&sh.maxLength, s.MaxLength}, {&sh.maxItems, s.MaxItems}, {&sh.maxProps, s.MaxProps}} {
		if most.from != nil {
			*most.to = min(*most.to, *most.from)
		}
	}
	sh.unique = sh.unique || s.UniqueItems
	if s.Items != nil {
		sh.items = append(sh.items, s.Items)
	}
	if len(s.PrefixItems) > 0 {
		sh.prefix = s.PrefixItems
	}
	if s.Contains != nil {
		sh.contains = s.Contains.Value
	}
	for name, ref := range s.Properties {
		sh.properties[name] = append(sh.properties[name], ref)
	}
	for _, name := range s.Required {
		sh.required[name] = true
	}
	if s.AdditionalProperties.Schema != nil {
		sh.others = s.AdditionalProperties.Schema.Value
	}
	for _, ref := range s.AllOf {
		sh.add(ref.Value)
	}
	for _, group := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		if len(group) == 0 {
			continue
		}
		sh.branches = max(sh.branches, len(group))
		ref := group[sh.pick%len(group)]
		if d := s.Discriminator; d != nil && d.PropertyName != "" && ref.Ref != "" {
			sh.tags[d.PropertyName] = path.Base(ref.Ref)
			for _, name := range slices.Sorted(maps.Keys(d.Mapping)) {
				if d.Mapping[name].Ref == ref.Ref {
					sh.tags[d.PropertyName] = name
				}
			}
		}
		sh.add(ref.Value)
	}
}

func (sh *shape) bounds(s *openapi3.Schema) {
	low, high := bound{}, bound{}
	if s.Min != nil {
		low = bound{true, s.ExclusiveMin.IsTrue(), *s.Min}
	}
	if s.Max != nil {
		high = bound{true, s.ExclusiveMax.IsTrue(), *s.Max}
	}
	if v := s.ExclusiveMin.Value; v != nil && (!low.set || *v >= low.value) {
		low = bound{true, true, *v}
	}
	if v := s.ExclusiveMax.Value; v != nil && (!high.set || *v <= high.value) {
		high = bound{true, true, *v}
	}
	if low.set && (!sh.low.set || low.value > sh.low.value || low.value == sh.low.value && low.exclusive) {
		sh.low = low
	}
	if high.set && (!sh.high.set || high.value < sh.high.value || high.value == sh.high.value && high.exclusive) {
		sh.high = high
	}
	if s.MultipleOf != nil && *s.MultipleOf > 0 {
		sh.multiple = max(sh.multiple, *s.MultipleOf)
	}
}

// kind is the type that is made: the first that is allowed, or the one that the
// other words are about.
func (sh *shape) kind() string {
	for _, t := range sh.types {
		if t != openapi3.TypeNull {
			return t
		}
	}
	switch {
	case sh.typed:
		return openapi3.TypeNull
	case len(sh.properties)+len(sh.required) > 0 || sh.others != nil || sh.minProps > 0:
		return openapi3.TypeObject
	case len(sh.items)+len(sh.prefix) > 0 || sh.contains != nil:
		return openapi3.TypeArray
	case sh.low.set || sh.high.set || sh.multiple > 0:
		return openapi3.TypeNumber
	default:
		return openapi3.TypeString
	}
}
