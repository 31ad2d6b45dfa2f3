package analyzer

import (
	"sort"

	"iamd/policy/source"
)

// path leads from the document's root to a place. A text that is no JSON has no steps.
func (d *document) path(p place) []PathElement {
	path := make([]PathElement, 0, 4)
	for n := d.node; n != nil && (n.Start < p.start || p.end < n.End); {
		switch n.Kind {
		case source.Array:
			i := last(len(n.Items), func(i int) bool { return n.Items[i].Start <= p.start })
			path = append(path, PathElement{Kind: PathIndex, Index: i})
			n = &n.Items[i]
		case source.Object:
			m := &n.Members[last(len(n.Members), func(i int) bool { return n.Members[i].At <= p.start })]
			if p.end <= m.KeyEnd {
				return append(path, PathElement{Kind: PathKey, Key: m.Key})
			}
			path = append(path, PathElement{Kind: PathValue, Value: m.Key})
			n = &m.Value
		default: // a part of a string
			n = nil
		}
	}
	if p.part != nil {
		path = append(path, *p.part)
	}
	return path
}

// last is the last child of a value that begins at a place or before it. There is one: what holds a place and is no
// string has a child that holds it.
func last(n int, before func(int) bool) int {
	return sort.Search(n, func(i int) bool { return !before(i) }) - 1
}
