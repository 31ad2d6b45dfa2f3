package mock

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// rules are what a document's schemas ask of who checks by them.
type rules struct {
	modern bool // keywords of JSON Schema 2020-12 that the library's own checks pass over
	// fold is how many times what lies one level deeper may be looked at: schemas
	// that come back to themselves by several ways (the library tries the one of
	// anyOf and oneOf that fits twice) cost that much more on each level.
	fold int
}

// place is a schema and where in the document it is.
type place struct {
	at  string
	ref *openapi3.SchemaRef
}

// settleSchemas makes a document's schemas ready: patterns that Go can't run
// are taken out and named in notes. It fails where a schema is missing, and
// where one is made of itself.
func settleSchemas(spec *openapi3.T) (r rules, notes []string, err error) {
	seen := map[*openapi3.Schema]string{}
	next := roots(spec)
	for len(next) > 0 {
		p := next[len(next)-1]
		next = next[:len(next)-1]
		if p.ref == nil || p.ref.Value == nil {
			return rules{}, nil, fmt.Errorf("the schema at %s is empty", p.at)
		}
		s := p.ref.Value
		if strings.HasPrefix(p.ref.Ref, "#/") {
			p.at = p.ref.Ref
		}
		if _, ok := seen[s]; ok {
			continue
		}
		seen[s] = p.at
		r.modern = r.modern || spec.IsOpenAPI31OrLater() && isModern(s)
		notes = append(notes, settlePatterns(p.at, s)...)
		for _, c := range slices.Concat(composed(s), nested(s)) {
			next = append(next, place{p.at + "/" + c.at, c.ref})
		}
	}
	slices.Sort(notes)
	if at := cyclic(seen, composed); len(at) > 0 {
		return rules{}, nil, fmt.Errorf("the schema at %s is made of itself", seen[at[0]])
	}
	r.fold = fold(cyclic(seen, func(s *openapi3.Schema) []place { return append(composed(s), nested(s)...) }))
	return r, notes, nil
}

// settlePatterns writes a schema's patterns as Go has them.
func settlePatterns(at string, s *openapi3.Schema) (notes []string) {
	if s.Pattern != "" {
		text, err := pattern(s.Pattern)
		if err != nil {
			notes = append(notes, fmt.Sprintf("%s: the pattern %q is not checked: %v", at, clip(s.Pattern), err))
		}
		s.Pattern = text
	}
	for text := range s.PatternProperties {
		if _, err := regexp.Compile(text); err != nil {
			notes = append(notes, fmt.Sprintf("%s: properties that match %q are not checked: %v", at, clip(text), err))
			delete(s.PatternProperties, text)
		}
	}
	return notes
}

// roots are the schemas that requests and answers begin with.
func roots(spec *openapi3.T) (all []place) {
	content := func(at string, c openapi3.Content) {
		for name, m := range c {
			if m != nil && m.Schema != nil {
				all = append(all, place{at + "/" + name, m.Schema})
			}
		}
	}
	parameter := func(at string, p *openapi3.Parameter) {
		if p == nil {
			return
		}
		if p.Schema != nil {
			all = append(all, place{at + "/" + p.Name, p.Schema})
		}
		content(at+"/"+p.Name, p.Content)
	}
	for path, item := range spec.Paths.Map() {
		if item == nil {
			continue
		}
		for method, op := range item.Operations() {
			at := method + " " + path
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				if p != nil {
					parameter(at, p.Value)
				}
			}
			if b := op.RequestBody; b != nil && b.Value != nil {
				content(at, b.Value.Content)
			}
			for key, answer := range op.Responses.Map() {
				if answer == nil || answer.Value == nil {
					continue
				}
				for name, h := range answer.Value.Headers {
					if h != nil && h.Value != nil {
						parameter(at+" "+key+"/"+name, &h.Value.Parameter)
					}
				}
				content(at+" "+key, answer.Value.Content)
			}
		}
	}
	// Whatever can be named by more than one is named the same each time.
	slices.SortFunc(all, func(a, b place) int { return strings.Compare(b.at, a.at) })
	return all
}

// composed are the schemas that a value of s is held against itself.
func composed(s *openapi3.Schema) (list []place) {
	for _, group := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf, {s.Not, s.If, s.Then, s.Else}} {
		for i, ref := range group {
			if ref != nil {
				list = append(list, place{strconv.Itoa(i), ref})
			}
		}
	}
	return append(list, byName(s.DependentSchemas)...)
}

// nested are those that what is within a value of s is held against.
func nested(s *openapi3.Schema) (list []place) {
	for i, ref := range slices.Concat(s.PrefixItems, openapi3.SchemaRefs{s.Items, s.AdditionalProperties.Schema, s.Contains, s.PropertyNames}) {
		if ref != nil {
			list = append(list, place{strconv.Itoa(i), ref})
		}
	}
	return slices.Concat(list, byName(s.Properties), byName(s.PatternProperties))
}

func byName(schemas openapi3.Schemas) (list []place) {
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		list = append(list, place{name, schemas[name]})
	}
	return list
}

// cyclic are the schemas from which a cycle can be reached: what is left once
// all that lead nowhere have been taken away.
func cyclic(seen map[*openapi3.Schema]string, next func(*openapi3.Schema) []place) (left []*openapi3.Schema) {
	open := make(map[*openapi3.Schema]int, len(seen))
	from := make(map[*openapi3.Schema][]*openapi3.Schema, len(seen))
	var done []*openapi3.Schema
	for s := range seen {
		to := next(s)
		open[s] = len(to)
		for _, c := range to {
			from[c.ref.Value] = append(from[c.ref.Value], s)
		}
		if len(to) == 0 {
			done = append(done, s)
		}
	}
	for len(done) > 0 {
		s := done[len(done)-1]
		done = done[:len(done)-1]
		for _, parent := range from[s] {
			if open[parent]--; open[parent] == 0 {
				done = append(done, parent)
			}
		}
		delete(open, s)
	}
	for s := range open {
		left = append(left, s)
	}
	slices.SortFunc(left, func(a, b *openapi3.Schema) int { return strings.Compare(seen[a], seen[b]) })
	return left
}

// fold counts in how many ways, at most, one value of a schema that may contain
// itself is looked at.
func fold(recursive []*openapi3.Schema) int {
	const most = 1 << 10 // beyond which nothing nested is checked at all
	weights := map[*openapi3.Schema]int{}
	for _, s := range recursive {
		weights[s] = 0
	}
	var weigh func(s *openapi3.Schema) int
	weigh = func(s *openapi3.Schema) int {
		w, ok := weights[s]
		if !ok || w > 0 {
			return w // leads to no cycle, or is known
		}
		for _, c := range nested(s) {
			if _, ok := weights[c.ref.Value]; ok {
				w = 1
			}
		}
		for _, c := range composed(s) {
			w += weigh(c.ref.Value)
		}
		for _, group := range []openapi3.SchemaRefs{s.AnyOf, s.OneOf} {
			again := 0
			for _, ref := range group {
				again = max(again, weigh(ref.Value))
			}
			w += again
		}
		weights[s] = max(1, min(w, most))
		return weights[s]
	}
	highest := 1
	for _, s := range recursive {
		highest = max(highest, weigh(s))
	}
	return highest
}

func isModern(s *openapi3.Schema) bool {
	return s.Const != nil || len(s.PrefixItems) > 0 || s.Contains != nil || len(s.PatternProperties) > 0 ||
		len(s.DependentSchemas) > 0 || s.PropertyNames != nil || s.If != nil || len(s.DependentRequired) > 0 ||
		s.UnevaluatedItems.Has != nil || s.UnevaluatedItems.Schema != nil ||
		s.UnevaluatedProperties.Has != nil || s.UnevaluatedProperties.Schema != nil
}

// ecma finds the escapes of ECMA-262 that Go writes otherwise.
var ecma = regexp.MustCompile(`\\\\|\\u\{([0-9A-Fa-f]+)\}|\\u([0-9A-Fa-f]{4})|\\/|\(\?<([A-Za-z]\w*)>`)

// pattern gives a pattern of ECMA-262, which documents are written in, as one of
// Go's. What Go lacks (looking ahead and behind, references back) fails, and
// gives none.
func pattern(text string) (string, error) {
	text = ecma.ReplaceAllStringFunc(text, func(found string) string {
		switch m := ecma.FindStringSubmatch(found); {
		case found == `\\`:
			return found
		case found == `\/`:
			return "/"
		case m[3] != "":
			return "(?P<" + m[3] + ">"
		default:
			return `\x{` + m[1] + m[2] + `}`
		}
	})
	if _, err := regexp.Compile(text); err != nil {
		return "", fmt.Errorf("regular expressions of Go can't say it (%s)", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return text, nil
}
