package mock

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// node is one step of the paths: what may follow, and what ends here.
type node struct {
	literals map[string]*node
	mixed    []*mixed // segments that are part literal, part parameter
	param    *node    // a segment that is a parameter
	greedy   map[string]*operation
	ends     map[string]*operation // by method
}

type mixed struct {
	text    string
	pattern *regexp.Regexp
	node    *node
}

// template is a path cut up: its segments, and its parameters' names in order.
type template struct {
	segments []string
	names    []string
	greedy   bool // the last parameter takes the rest of the path
}

func cutTemplate(path string, greedy func(name string) bool) (template, error) {
	if !strings.HasPrefix(path, "/") {
		return template{}, fmt.Errorf("path %q must begin with a slash", path)
	}
	t := template{segments: strings.Split(path[1:], "/")}
	for i, s := range t.segments {
		for rest := s; ; {
			before, after, ok := strings.Cut(rest, "{")
			if strings.ContainsAny(before, "}") {
				return template{}, fmt.Errorf("path %q has a brace too many", path)
			}
			if !ok {
				break
			}
			name, more, ok := strings.Cut(after, "}")
			if !ok || name == "" || strings.Contains(name, "{") {
				return template{}, fmt.Errorf("path %q has a parameter without a name or an end", path)
			}
			rest = more
			if short, all := strings.CutSuffix(name, "+"); all || greedy(name) {
				if i != len(t.segments)-1 || s != "{"+name+"}" {
					return template{}, fmt.Errorf("path %q: only the last segment can take the rest of the path", path)
				}
				t.greedy, name = true, short
			}
			if slices.Contains(t.names, name) {
				return template{}, fmt.Errorf("path %q names %q twice", path, name)
			}
			t.names = append(t.names, name)
		}
	}
	return t, nil
}

// add puts an operation at its place. It fails with the one that is there.
func (n *node) add(t template, op *operation) *operation {
	segments := t.segments
	if t.greedy {
		segments = segments[:len(segments)-1]
	}
	for _, s := range segments {
		n = n.child(s)
	}
	ends := &n.ends
	if t.greedy {
		ends = &n.greedy
	}
	if *ends == nil {
		*ends = map[string]*operation{}
	}
	if old := (*ends)[op.method]; old != nil {
		return old
	}
	(*ends)[op.method] = op
	return nil
}

func (n *node) child(segment string) *node {
	switch {
	case !strings.Contains(segment, "{"):
		if text, err := url.PathUnescape(segment); err == nil {
			segment = text
		}
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		if n.literals[segment] == nil {
			n.literals[segment] = &node{}
		}
		return n.literals[segment]
	case segment[0] == '{' && strings.IndexByte(segment, '}') == len(segment)-1:
		if n.param == nil {
			n.param = &node{}
		}
		return n.param
	}
	var text strings.Builder
	text.WriteString("^")
	for rest := segment; ; {
		before, after, ok := strings.Cut(rest, "{")
		text.WriteString(regexp.QuoteMeta(before))
		if !ok {
			break
		}
		text.WriteString("(.+?)")
		_, rest, _ = strings.Cut(after, "}")
	}
	text.WriteString("$")
	for _, m := range n.mixed {
		if m.text == text.String() {
			return m.node
		}
	}
	m := &mixed{text: text.String(), pattern: regexp.MustCompile(text.String()), node: &node{}}
	n.mixed = append(n.mixed, m)
	// The longer text is the more concrete.
	slices.SortStableFunc(n.mixed, func(a, b *mixed) int { return len(b.text) - len(a.text) })
	return m.node
}

// find gives the operation of a method and a path's segments, with the values
// of its parameters. Where there is none, it gives the methods that the path
// has; none of these either: there is no such path.
func (n *node) find(method string, segments []string) (op *operation, values, methods []string) {
	return n.walk(method, segments, nil)
}

// walk tries the concrete before the parameter. Its cost is bounded by the
// templates that resemble one another, not by what a client sends.
func (n *node) walk(method string, segments, values []string) (op *operation, got, methods []string) {
	if len(segments) == 0 {
		if op := n.ends[method]; op != nil {
			return op, values, nil
		}
		return nil, nil, methodsOf(n.ends)
	}
	s, rest := segments[0], segments[1:]
	try := func(next *node, more ...string) bool {
		if next == nil {
			return false
		}
		var has []string
		if op, got, has = next.walk(method, rest, append(values[:len(values):len(values)], more...)); op == nil && methods == nil {
			methods = has
		}
		return op != nil
	}
	if try(n.literals[s]) {
		return op, got, nil
	}
	for _, m := range n.mixed {
		if text := m.pattern.FindStringSubmatch(s); text != nil && try(m.node, text[1:]...) {
			return op, got, nil
		}
	}
	// An empty value can only be the last: "/items/" asks for the item without a name.
	if (s != "" || len(rest) == 0) && try(n.param, s) {
		return op, got, nil
	}
	if op := n.greedy[method]; op != nil {
		return op, append(values[:len(values):len(values)], strings.Join(segments, "/")), nil
	}
	if methods == nil {
		methods = methodsOf(n.greedy)
	}
	return nil, nil, methods
}

func methodsOf(ends map[string]*operation) (methods []string) {
	for m := range ends {
		methods = append(methods, m)
	}
	slices.Sort(methods)
	return methods
}

// segmentsOf cuts an escaped path up and reads each segment, so that an escaped
// slash stays within its own.
func segmentsOf(path string) []string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, s := range segments {
		if text, err := url.PathUnescape(s); err == nil {
			segments[i] = text
		}
	}
	return segments
}
