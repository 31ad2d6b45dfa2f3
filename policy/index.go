package policy

import (
	"cmp"
	"slices"
	"strings"
)

// index finds the statements whose literal beginnings fit a request. Its nodes are in order, first of actions, and for
// each of these of resources; what can't be told by its beginning, such as NotAction, begins with nothing. No statement
// is found by two nodes.
type index struct {
	shared    int      // how many bytes all of the actions begin with
	actions   []node   // of each, the children are resources
	resources []node   // of each, the children are filters
	filters   []filter // for each resource, in the order of the statements
}

// node is a beginning. Among its siblings, the one of which it is the nearest continuation is its parent: whatever
// begins as a node does begins as its parent, too.
type node struct {
	prefix   string
	parent   int32 // among the siblings; -1 if there is none
	from, to int32 // its children
	shared   int32 // how many bytes all of these begin with
}

// entry says that a statement must be looked at for actions and resources that begin so.
type entry struct {
	action, resource string
	filter
}

func newIndex(list []statement) *index {
	var entries []entry
	for i := range list {
		s := &list[i]
		actions, filters := s.actions.prefixes(), s.filters(i)
		resources := s.resources.prefixes()
		if len(actions)*len(resources) > 4*(len(actions)+len(resources)) {
			actions = []string{actions[0][:common(actions[0], actions[len(actions)-1])]} // so that an index is no larger than its document
		}
		for _, a := range actions {
			for j, r := range resources {
				entries = append(entries, entry{a, r, filters[j]})
			}
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.action, b.action), strings.Compare(a.resource, b.resource), cmp.Compare(a.at, b.at))
	})
	x := &index{}
	for i, e := range entries {
		action := i == 0 || e.action != entries[i-1].action
		if action {
			x.actions = append(x.actions, node{prefix: e.action, from: int32(len(x.resources))})
		}
		if action || e.resource != entries[i-1].resource {
			x.resources = append(x.resources, node{prefix: e.resource, from: int32(len(x.filters))})
		}
		x.filters = append(x.filters, e.filter)
		x.resources[len(x.resources)-1].to = int32(len(x.filters))
		x.actions[len(x.actions)-1].to = int32(len(x.resources))
	}
	x.shared = adopt(x.actions)
	for i := range x.actions {
		a := &x.actions[i]
		a.shared = int32(adopt(x.resources[a.from:a.to]))
	}
	return x
}

// adopt gives nodes in order their parents, and tells how many bytes they share.
func adopt(nodes []node) (shared int) {
	for i := range nodes {
		p := int32(i) - 1
		for p >= 0 && !strings.HasPrefix(nodes[i].prefix, nodes[p].prefix) {
			p = nodes[p].parent
		}
		nodes[i].parent = p
	}
	if len(nodes) == 0 {
		return 0
	}
	return common(nodes[0].prefix, nodes[len(nodes)-1].prefix)
}

// common is how many bytes two strings begin with.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// nearest finds the longest beginning of the key among nodes that share some bytes, with fold in whatever case; the others
// are its parents. It is -1 if there is none.
func nearest(nodes []node, shared int, key string, fold bool) int32 {
	switch {
	case len(nodes) == 0 || shared > len(key):
		return -1
	case key[:shared] == nodes[0].prefix[:shared]:
	case !fold || !sameKey(key[:shared], nodes[0].prefix[:shared]):
		return -1
	}
	// What the key has in common with the last node that does not come after it, and with the first that does: all
	// between have as much.
	before, after := shared, shared
	low, high := 0, len(nodes)
	for low < high {
		mid := int(uint(low+high) / 2)
		p, n := nodes[mid].prefix, min(before, after)
		var c byte
		for ; n < len(p) && n < len(key); n++ {
			if c = key[n]; fold {
				c = lower(c)
			}
			if c != p[n] {
				break
			}
		}
		if n == len(p) || n < len(key) && p[n] < c {
			low, before = mid+1, n
		} else {
			high, after = mid, n
		}
	}
	at := int32(low) - 1
	for at >= 0 && len(nodes[at].prefix) > before {
		at = nodes[at].parent
	}
	return at
}

// prefixes are how actions begin that the element can apply to, in lower case, each once. None continues another.
func (a *actions) prefixes() []string {
	if a.not || a.fault != "" {
		return []string{""}
	}
	out := make([]string, len(a.patterns))
	for i := range a.patterns {
		out[i] = FoldKey(a.patterns[i].text[:a.patterns[i].literal])
	}
	shorten(out)
	slices.Sort(out)
	return slices.Compact(out)
}

// prefixes are how resources begin that the element can apply to, for each pattern. None continues another.
func (r *resources) prefixes() []string {
	if r.anything() {
		return []string{""}
	}
	out := make([]string, len(r.patterns))
	for i := range r.patterns {
		out[i] = r.patterns[i].text[:r.patterns[i].literal]
	}
	shorten(out)
	return out
}

// shorten puts in place of what continues another the shortest that it does.
func shorten(list []string) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(list[a], list[b]) })
	for i := 1; i < len(order); i++ {
		if before := list[order[i-1]]; strings.HasPrefix(list[order[i]], before) {
			list[order[i]] = before
		}
	}
}
