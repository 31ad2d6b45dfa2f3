package policy

import "slices"

// keyList gathers condition keys as written, each once, in whatever case.
type keyList struct {
	keys []string
	seen map[string]struct{} // folded, once they are many
}

// manyKeys is where looking through a list of keys is no longer the cheaper way.
const manyKeys = 16

func (l *keyList) add(key string) {
	if len(l.keys) < manyKeys {
		if !slices.ContainsFunc(l.keys, func(k string) bool { return sameKey(k, key) }) {
			l.keys = append(l.keys, key)
		}
		return
	}
	if l.seen == nil {
		l.seen = make(map[string]struct{}, 2*manyKeys)
		for _, k := range l.keys {
			l.seen[FoldKey(k)] = struct{}{}
		}
	}
	folded := FoldKey(key)
	if _, ok := l.seen[folded]; !ok {
		l.seen[folded] = struct{}{}
		l.keys = append(l.keys, key)
	}
}

// variables adds the keys of the variables among parts.
func (l *keyList) variables(parts []part) {
	for i := range parts {
		if parts[i].kind == partVariable {
			l.add(parts[i].written)
		}
	}
}
